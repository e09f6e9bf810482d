"""The rules against what courts have really published. Read from beside the project, never part of it."""

import csv
import json
import re
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from jurisprudence.citations import laws
from jurisprudence.citations.comparing import says
from jurisprudence.citations.finding import find
from jurisprudence.citations.judging import Verdict, judge
from jurisprudence.citations.looking_up import Looked
from jurisprudence.citations.naming import facts
from jurisprudence.precedents.known import Entry, Key

ROOT = Path(__file__).resolve().parents[3]


def beside(name: str) -> Path | None:
    return next(filter(Path.exists, (parent / "shared/data" / name for parent in ROOT.parents)), None)


STATUTES, SUMULAS = beside("statutes_last_article.csv"), beside("sumulas.jsonl")
statutes = pytest.mark.skipif(
    STATUTES is None, reason="the table of statutes is not here: last articles are not compared"
)
sumulas = pytest.mark.skipif(SUMULAS is None, reason="the list of súmulas is not here: real texts are not compared")


def statute_rows() -> list[dict[str, str]]:
    assert STATUTES is not None
    rows = list(csv.DictReader(STATUTES.read_text(encoding="utf-8").splitlines()))
    assert len(rows) > 40
    return rows


@statutes
def test_our_last_articles_are_those_of_the_table() -> None:
    for row in statute_rows():
        (citation,) = find(f"art. 1º, caput, da {row['law_number']}") if "/" in row["law_number"] else find(row["name"])
        law = citation.law and facts(citation.law)
        if row["statute"] in ("CF", "ADCT"):
            law = laws.known(row["statute"])
        assert law is not None, row["name"]
        assert law.last == int(row["last_article"]), row["name"]


@statutes
def test_every_name_and_abbreviation_of_the_table_is_read_as_that_law() -> None:
    for row in statute_rows():
        for name in [row["name"].split(" (")[0], *row["aliases"].split(";")]:
            (citation,) = find(f"Nos termos do art. 2º, § 1º, da {name}, decido.")
            law = facts(citation.law) if citation.law else None
            assert law is not None, name
            assert law.last == int(row["last_article"]), name


def read() -> list[dict[str, Any]]:
    assert SUMULAS is not None
    return [json.loads(line) for line in SUMULAS.read_text(encoding="utf-8").splitlines()]


def looked(rows: list[dict[str, Any]]) -> Looked:
    entries, highest, day = {}, {}, date(2026, 8, 1)
    for row in rows:
        key = Key("sumula_vinculante" if row["binding"] else "sumula", row["court"], "", row["number"])
        entries[key] = Entry(
            key, row["title"] or "", row["text"] or "", row["status"], row["note"] or "", row["source"], "", day
        )
        highest[key[:3]] = max(highest.get(key[:3], (0, day)), (key.number, day))
    return Looked(entries, highest, asked=True)


def named(row: dict[str, Any]) -> str:
    return f"Súmula Vinculante {row['number']}" if row["binding"] else f"Súmula {row['number']} do {row['court']}"


# Where a citation surely begins, by the plainest of patterns; what the recogniser is measured by in texts that courts wrote.
PLAINLY = (
    r"\b[Aa](?:rts?\.|rtigos?)\s*\d", r"\b(?:OJs?|Orientaç(?:ão|ões) Jurisprudencia(?:l|is))\s*(?:n[ºo°.]{0,2}s?\.?\s*)?\d",
    r"\b(?:Leis?|Lei Complementar|Decreto-[Ll]ei|Decreto|Medida Provisória|EC|LC)\s*(?:n[ºo°.]{0,2}s?\.?\s*)?\d",
    r"\b[Ss]úmulas?\s*(?:n[ºo°.]{0,2}s?\.?\s*)?\d", r"\b(?:RE|REsp|HC|ADI|RR|ARE|RMS)[ -](?:n[º.]*\s*)?\d", r"Constituição Federal|\bCF/\d",
    r"\b(?:CLT|CPC|CDC|CTN|CPP|Código (?:Civil|Penal|Tributário))\b",
)  # fmt: skip


@sumulas
def test_in_what_courts_have_written_no_plain_citation_is_passed_over() -> None:
    texts = [f"{row['title'] or ''}\n{row['text'] or ''}" for row in read()]
    count, missed = 0, []
    for text in texts:
        places = [(found.start, found.end) for found in find(text)]
        for match in re.finditer("|".join(PLAINLY), text):
            count += 1
            if not any(start <= match.start() < end for start, end in places):
                missed.append(text[max(0, match.start() - 30) : match.end() + 30])
    assert count > 1_000
    assert len(missed) <= 0.01 * count, missed


@sumulas
def test_every_published_sumula_is_confirmed_with_its_own_words() -> None:
    rows = read()
    known = looked(rows)
    for row in rows:
        text = f"Dispõe a {named(row)}: “{' '.join((row['text'] or '').split()).replace('“', '').replace('”', '').replace(chr(34), '')}”."
        (one,) = [each for each in judge(find(text), known) if each.citation.start < 20]
        assert one.verdict is Verdict.CONFIRMED, (text, one)
        assert one.warning == (row["status"] != "em vigor")


@sumulas
def test_the_words_of_another_sumula_are_divergent() -> None:
    rows = [row for row in read() if len(row["text"] or "") > 40]
    known = looked(rows)
    for row, other in pairwise(rows):
        if says(row["text"], other["text"], title=row["title"] or ""):
            continue  # one repeats the other
        quoted = " ".join(other["text"].split()).replace("“", "").replace("”", "").replace('"', "")
        first = judge(find(f"Dispõe a {named(row)}: “{quoted}”."), known)[0]
        assert first.verdict is Verdict.DIVERGENT, (row, other)


@sumulas
def test_without_one_not_in_it_the_words_differ() -> None:
    """What matters most in a rule is one small word."""
    changed = [row["text"] for row in read() if row["text"] and row["text"].count(" não ") == 1]
    assert len(changed) > 300
    for text in changed:
        assert says(text, text.replace("ê", "e").upper())
        assert not says(text, text.replace(" não ", " "))
