"""Pages that look to PostgreSQL as those of case files do: few words that are everywhere, very many that are rare."""

from __future__ import annotations

import random
from collections.abc import Iterator

EVERYWHERE = """de a o que e do da em um para com não uma os no se na por mais as dos como mas ao ele das à seu sua ou
quando muito nos já também só pelo pela até isso entre depois sem mesmo aos seus quem nas esse eles essa num nem suas às"""
OF_THE_LAW = """autor ré réu autora processo artigo lei prazo juízo decisão sentença recurso ação contrato direito pedido
prova tribunal justiça código civil penal parte partes advogado requerente requerido citação intimação contestação réplica
audiência testemunha perito laudo documento folhas autos petição inicial tutela urgência liminar mérito procedente
improcedente custas honorários sucumbência valor causa danos morais materiais indenização responsabilidade culpa dolo nexo
causal obrigação dívida cobrança execução penhora bens imóvel posse propriedade usucapião locação despejo aluguel herança
inventário alimentos guarda divórcio trabalho empregado empregador verba rescisão salário jornada horas extras consumidor
fornecedor produto serviço banco juros multa correção monetária súmula jurisprudência acórdão relator câmara turma"""
STARTS = [
    "b",
    "c",
    "d",
    "f",
    "g",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "br",
    "cr",
    "dr",
    "fr",
    "gr",
    "pr",
    "tr",
    "ch",
    "lh",
    "nh",
    "qu",
]
VOWELS = ["a", "e", "i", "o", "u", "ã", "é", "í", "ó", "ú", "ão", "õe", "ei", "ou"]
ENDS = ["r", "s", "l", "m", "ção", "dor", "mento", "dade", "nte", "ria", "vel", "ico", "al", "oso"]
RARE_WORDS = 60_000
PASSAGES = 300_000  # of three to seven words, of which pages are put together


class Pages:
    """`page(rng, least, most)`: a text of so many characters; the n-th most frequent word is n times as rare."""

    def __init__(self, seed: int = 1) -> None:
        rng = random.Random(seed)
        words = [*EVERYWHERE.split(), *OF_THE_LAW.split(), *_made_up(rng)]
        total, weights = 0.0, []
        for place in range(len(words)):
            total += 1 / (place + 3)
            weights.append(total)
        drawn = rng.choices(words, cum_weights=weights, k=PASSAGES * 7)
        self._passages = [_passage(rng, drawn[n * 7 : n * 7 + rng.randint(3, 7)]) for n in range(PASSAGES)]

    def page(self, rng: random.Random, least: int, most: int) -> str:
        size, parts = rng.randint(least, most), list[str]()
        for passage in rng.choices(self._passages, k=size // 20):
            parts.append(passage)
            size -= len(passage)
            if size <= 0:
                break
        return "".join(parts)


def _made_up(rng: random.Random) -> Iterator[str]:
    seen = set[str]()
    while len(seen) < RARE_WORDS:
        word = "".join(rng.choice(STARTS) + rng.choice(VOWELS) for _ in range(rng.randint(1, 4)))
        word += rng.choice(ENDS) if rng.random() < 0.6 else ""
        if word not in seen:
            seen.add(word)
            yield word


def _passage(rng: random.Random, words: list[str]) -> str:
    text, chance = " ".join(words), rng.random()
    if chance < 0.06:
        text += f", art. {rng.randint(1, 2000)}"
    elif chance < 0.09:
        text += f", R$ {rng.randint(1, 999)}.{rng.randint(100, 999)},{rng.randint(10, 99)}"
    elif chance < 0.13:
        text += f" de {rng.randint(1990, 2026)}"
    return text + rng.choice([" ", " ", " ", ", ", ". ", ";\n"])


def case_number(rng: random.Random) -> str:
    year, place = rng.randint(2005, 2026), rng.randint(1, 700)
    return f"{rng.randint(1, 9_999_999):07}-{rng.randint(1, 97):02}.{year}.8.26.{place:04}"
