"""Texts judged by what the tests say was found."""

from datetime import date

from jurisprudence.citations.finding import find
from jurisprudence.citations.judging import VERSION, Judged, judge
from jurisprudence.citations.looking_up import Looked
from jurisprudence.precedents.known import Entry, Key

TODAY = date(2026, 11, 29)
READ = date(2026, 8, 1)
TEXT = "A pretensão de simples reexame de prova não enseja recurso especial."


def entry(key: Key, text: str = TEXT, status: str = "em vigor", note: str = "") -> Entry:
    return Entry(key, "", text, status, note, "página do tribunal", "https://exemplo.jus.br/", READ)


def table(*entries: Entry, **highest: int) -> Looked:
    """As if these had been found; `STJ=676` is the last súmula of that court."""
    return Looked(
        {each.key: each for each in entries},
        {("sumula", court, ""): (number, READ) for court, number in highest.items()},
        asked=True,
    )


SEVEN = entry(Key("sumula", "STJ", "", 7))


def judged(text: str, looked: Looked | None = None) -> list[Judged]:
    return judge(find(text), looked or Looked(), today=TODAY)


def only(text: str, looked: Looked | None = None) -> Judged:
    (one,) = judged(text, looked)
    assert one.reason.endswith((".", "?"))
    assert one.version == VERSION
    return one
