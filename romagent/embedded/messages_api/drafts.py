"""Parts of a document, and changes proposed to one: made from the question alone, as everything here.

A part says of itself that it is a simulation, leaves a blank where a fact would stand, and names no law.
"""

import re
import zlib
from typing import Any

from .prompt import Prompt

ASKED = re.compile(r"Escreva agora a parte (\d+) de (\d+): (.+)\.\s*\Z")
PARAGRAPH = re.compile(r"^\[(\d+)\] (?![#|(>])(.{40,})$", re.MULTILINE)
OPENING = "Este trecho é simulado: nenhum modelo leu o caso, e nada aqui é orientação jurídica."
SENTENCES = (
    "A parte expõe aqui o que interessa a este ponto, na ordem em que os fatos se deram.",
    "O que se afirma depende do documento de [●  data e espécie do documento], ainda não juntado.",
    "O valor discutido é de [●  valor em reais], sujeito a conferência nos autos.",
    "Nada foi suposto: onde falta um dado, ficou a lacuna para quem vai assinar.",
    "A conclusão deste ponto retoma o que foi dito e prepara o seguinte.",
)
REQUESTS = (
    "a) o acolhimento do que aqui se expôs;\n"
    "b) a intimação de [●  nome de quem deve ser intimado];\n"
    "c) o mais que couber."
)


def part_of(question: str, prompt: Prompt) -> str | None:
    """The part that the question asks for; None when it asks for something else."""
    found = ASKED.search(question)
    if found is None:
        return None
    number, name = int(found[1]), found[3]
    paragraphs = ([_heading(prompt)] if number == 1 else []) + ([] if _has_no_heading(name, prompt) else [f"## {name}"])
    seed = zlib.crc32(name.encode("utf-8", "replace"))
    sentences = [SENTENCES[(seed + step) % len(SENTENCES)] for step in range(3)]
    paragraphs += [OPENING, " ".join(sentences[:2]), sentences[2]]
    if "pedido" in name.lower():
        paragraphs.append(REQUESTS)
    return "\n\n".join(filter(None, paragraphs))


def _heading(prompt: Prompt) -> str:
    found = re.search(r"Título do documento: (.+)\.$", _said(prompt), re.MULTILINE)
    return f"# {found[1]}" if found else ""


def _has_no_heading(name: str, prompt: Prompt) -> bool:
    return bool(re.search(rf"^\d+\. {re.escape(name)}: .*sem título", _said(prompt), re.MULTILINE))


def _said(prompt: Prompt) -> str:
    """By the person: the brief stands before the question, which is not the last word when a part is gone on with."""
    return "\n".join(turn.text for turn in prompt.turns if turn.role == "user")


def changes(tool: dict[str, Any], prompt: Prompt) -> list[dict[str, Any]]:
    """Inputs of a tool that proposes changes to numbered paragraphs: one put in other words, and one new after it."""
    properties = (tool.get("input_schema") or {}).get("properties") or {}
    if not {"paragrafo", "acao", "texto"} <= properties.keys():
        return []
    found = PARAGRAPH.search(prompt.last_user_text)
    if found is None:
        return []
    number, changed = int(found[1]), f"{found[2].rstrip('.')}, como se vê [●  página dos autos]."
    return [
        {"paragrafo": number, "acao": "substituir", "texto": changed},
        {"paragrafo": number, "acao": "inserir_depois", "texto": f"{OPENING} {SENTENCES[3]}"},
    ]
