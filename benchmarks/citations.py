"""`python -m benchmarks.citations`: how fast the citations of a long text are found and judged.

The floor, in the same run: one scan of the same text by one pattern of words, which is the least that any recogniser does.
No database: what the tables cost is two queries whatever the length. Times are of the processor, the best of five, so
that other programs count little.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings

PAGE = 3_000  # characters of a full page
PLAIN = (
    "O autor sustenta que a dívida está prescrita e que o contrato de locação foi rescindido por culpa da ré. ",
    "A ré alega, em preliminar, a ilegitimidade passiva e, no mérito, a inexistência de dano a ser indenizado. ",
    "Em audiência realizada no dia 10 de março de 2024, foram ouvidas duas testemunhas, arroladas pelas partes. ",
    "O valor pleiteado é de R$ 45.312,90, atualizado até 30/06/2024, acrescido de juros de 1% ao mês. ",
    "Juntaram-se documentos às fls. 186/192, entre eles o laudo pericial e a planilha de cálculos do assistente. ",
)
CITING = (
    "Aplica-se o art. 373, II, do CPC, pois o ônus da prova era da ré. ",
    "Nos termos dos arts. 186 e 927 do Código Civil, quem causa dano deve repará-lo. ",
    "Incide o óbice da Súmula 7 do STJ, como decidiu o AgInt no AREsp 1.834.567/SP, julgado em 14/06/2021. ",
    "A matéria é a do Tema 1.046 da repercussão geral e da Lei nº 8.078/90, art. 6º, VIII. ",
    "Veja-se o processo nº 1234567-03.2025.8.09.0051, em que se aplicou a Súmula 331, IV, do TST. ",
)


def pages(count: int, share: float) -> str:
    """So many full pages; `share` of the sentences cite, the rest have numbers and dates that are no citations."""
    chance = random.Random(count)
    parts, length = [], 0
    while length < count * PAGE:
        part = chance.choice(CITING if chance.random() < share else PLAIN)
        parts.append(part)
        length += len(part)
    return "".join(parts)[: count * PAGE]


def milliseconds(work: Callable[[], object]) -> float:
    spent = []
    for _ in range(5):
        started = time.process_time()
        work()
        spent.append(time.process_time() - started)
    return round(min(spent) * 1000, 1)


def measure(count: int, share: float) -> dict[str, Any]:
    from jurisprudence.citations.finding import find
    from jurisprudence.citations.judging import judge

    text, words = pages(count, share), re.compile(r"[^\W\d_]+")
    citations = find(text)
    return {
        "pages": count,
        "citing_sentences": share,
        "citations": len(citations),
        "floor_ms": milliseconds(lambda: sum(1 for _ in words.finditer(text))),
        "found_ms": milliseconds(lambda: find(text)),
        "judged_ms": milliseconds(lambda: judge(citations)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, nargs="*", default=[1, 100, 1000])
    options = parser.parse_args()
    settings.configure(USE_TZ=True, TIME_ZONE="America/Sao_Paulo")
    django.setup()
    for count in options.pages:
        for share in (0.2, 1.0):
            print(json.dumps(measure(count, share)))


if __name__ == "__main__":
    main()
