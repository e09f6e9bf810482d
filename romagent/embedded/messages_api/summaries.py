"""Structured answers about pages: lines that stand on the pages that were sent, and groups of lines that are the same.

Asked for by the names in a schema, so that a demonstration shows real lines with real pages. No schema but these two
is met here; for others `schema.value_for` gives the plainest value.
"""

import re
from typing import Any

PAGE = re.compile(r'<pagina arquivo="(\d+)" numero="(\d+)">\n(.*?)\n</pagina>', re.DOTALL)
END = re.compile(r"(?<=[.!?;])\s+(?=[A-ZÀ-Ý])")  # of a sentence
DATE = re.compile(r"(?<![\d.])(\d{1,2})[/.](\d{1,2})[/.]((?:19|20)\d{2})(?![\d.])")
LISTED = re.compile(r"^(\d+) \| (.*)$", re.MULTILINE)
# What a sentence has to speak of to be a line of a section.
ABOUT = {
    "cronologia": DATE,
    "partes": re.compile(r"\b(autor|autora|ré|réu|requerente|requerid.|advogad.|perit.|juíza?|testemunha)\b", re.I),
    "pedidos": re.compile(r"\b(requer|pede|pedidos?|defiro|indefiro|julgo|sentença|decisão|tutela|condena)", re.I),
    "provas": re.compile(r"\b(laudo|perícia|contrato|documento|recibo|nota fiscal|testemunha|depoimento|prova)", re.I),
    "riscos": re.compile(r"\b(risco|multa|prescri|decad|sucumb|contradi|falta|recurso|impugna)", re.I),
    "prazos": re.compile(r"\b(prazo|dias úteis|no prazo|até o dia|intima)", re.I),
}
MOST_LINES = 4  # of a section, in one answer
PASSAGE_WORDS = 9
SHORTEST, LONGEST = 20, 400  # letters of a sentence

Sentence = tuple[int, int, str]  # file, page, words


def structured(schema: dict[str, Any], text: str) -> dict[str, Any] | None:
    """The answer to a request for a summary or for an order of lines; None when it is about something else."""
    names = (schema.get("properties") or {}).keys()
    if names and names <= ABOUT.keys():
        sentences = _sentences(text)
        return {name: [_line(*found) for found in _chosen(name, sentences)] for name in names}
    if names == {"grupos"}:
        return {"grupos": _groups(text)}
    return None


def _sentences(text: str) -> list[Sentence]:
    return [
        (int(file), int(page), sentence)
        for file, page, words in PAGE.findall(text)
        for sentence in END.split(" ".join(words.split()))
        if SHORTEST <= len(sentence) <= LONGEST
    ]


def _chosen(section: str, sentences: list[Sentence]) -> list[Sentence]:
    """Some that speak of it, from all over the pages and not only from their beginning."""
    found = [sentence for sentence in sentences if ABOUT[section].search(sentence[2])]
    step = max(1, len(found) // MOST_LINES)
    return found[::step][:MOST_LINES]


def _line(file: int, page: int, words: str) -> dict[str, Any]:
    date = DATE.search(words)
    plain = re.sub(r"[“”«»\"]", "", words)
    passage = " ".join(words.split()[:PASSAGE_WORDS]).rstrip(".;!?")
    return {
        "texto": plain,
        "data": f"{date[3]}-{int(date[2]):02}-{int(date[1]):02}" if date else "",
        "arquivo": file,
        "pagina": page,
        "trecho": passage,
    }


def _groups(text: str) -> list[list[int]]:
    """Lines of the same words are one, whatever their page."""
    found: dict[str, list[int]] = {}
    for number, rest in LISTED.findall(text):
        found.setdefault(rest.rpartition(" | ")[2], []).append(int(number))
    return list(found.values())
