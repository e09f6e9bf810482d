"""What the types quote of the law is there: no article beyond its statute's last one, no *súmula* that is cancelled.

Whether an article *says* what a type makes of it is for a lawyer to read; what can be counted is counted here. The
tables are not part of the product: where they are not there, these tests are skipped, and say so.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from documents import types

HERE = Path(__file__).resolve()
DATA = next(filter(Path.exists, (parent / "shared/data" for parent in HERE.parents)), None)
needs_data = pytest.mark.skipif(DATA is None, reason="shared/data is not there: no quoted article has been checked")
SHIPPED = sorted(types.shipped())

# An article's number: up to 999, or with a point for the thousands; perhaps with a letter.
NUMBER = re.compile(r"(?<![\w./])(\d\.\d{3}|\d{1,3})(?:-[A-Z]+)?(?:º|\b)(?![/%])")
LIST = (
    r"arts?\. (?:caput|parágrafo único|§§?|\d\.\d{3}|\d{1,3}|-[A-Z]+\b|[IVXL]+\b|\*[a-z]\*|º|, (?:e |ou )?| e | a | ou |"
    r"(?: (?=\d|§|[IVXL]+\b)))+"
)
HIGHEST_PARAGRAPH = 25  # no article of a statute here has more


@dataclass(frozen=True)
class Statute:
    name: str
    last: int
    gone: frozenset[int]  # not in the source any more: revoked
    said: str  # a pattern for how the types call it


def statutes() -> list[Statute]:
    assert DATA is not None
    with (DATA / "statutes_last_article.csv").open(encoding="utf-8", newline="") as table:
        return [_statute(row) for row in csv.DictReader(table)]


def _statute(row: dict[str, str]) -> Statute:
    names = {row["name"], row["law_number"], *row["aliases"].split(";")} - {""}
    if row["statute"] == "CF":
        names |= {"Constituição"}
    if row["statute"] == "EAOAB":
        names |= {"Lei 8.906/1994"}
    said = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    gone = frozenset(map(int, row["numbers_not_found_in_source"].split()))
    return Statute(row["statute"], int(row["last_article"]), gone, rf"(?<![\w/])(?:{said})(?![\w/])")


def quoted(text: str, statute: Statute) -> Iterator[int]:
    """The articles that a text says are of this statute: "CPC, arts. 9º e 300", "arts. 9º e 300 do CPC"."""
    before = rf"{statute.said}(?:, com o [^,.;]*)?, (?P<after_it>{LIST})"
    after = rf"(?P<before_it>{LIST})(?:,? ?(?:caput|parágrafo único))?,? d[oae] {statute.said}"
    for match in re.finditer(rf"{before}|{after}", text):
        yield from numbers(match["after_it"] or match["before_it"])


def bare(text: str) -> Iterator[int]:
    """Every article, of whatever statute."""
    for match in re.finditer(LIST, text):
        yield from numbers(match[0])


def numbers(listed: str) -> Iterator[int]:
    """Of "arts. 14, § 4º, e 1.022" 14 and 1022: what follows a § is a paragraph, as long as it is small enough."""
    is_paragraph = False
    for match in re.finditer(rf"§|{NUMBER.pattern}", listed):
        if match[0] == "§":
            is_paragraph = True
            continue
        number = int(match[1].replace(".", ""))
        if is_paragraph and number <= HIGHEST_PARAGRAPH:
            continue
        is_paragraph = False
        yield number


def beyond(text: str, statute: Statute) -> list[int]:
    return [number for number in quoted(text, statute) if number > statute.last or number in statute.gone]


# The reader --------------------------------------------------------------------------------------

CODE = Statute("CPC", 1072, frozenset({600}), r"(?<![\w/])(?:CPC)(?![\w/])")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("segundo o art. 319 do CPC: confira", [319]),
        ("(CPC, arts. 9º, parágrafo único, I, e 300, § 2º)", [9, 300]),
        ("(CPC, art. 1.035-A, §§ 1º a 3º)", [1035]),
        ("CPC, arts. 102, I, *l*, 103-A, § 3º, e 1.105", [102, 103, 1105]),
        ("arts. 525, § 15, e 535, § 8º, do CPC", [525, 535]),
        ("o art. 82, § 3º, da Lei 15.109/2025", []),
        ("art. 50 do Código Civil e art. 133 do CPC", [133]),
        ("o CPC de 2015 em 30 dias, 10% e 15.109/2025", []),
    ],
)
def test_articles_are_read_as_a_lawyer_reads_them(text: str, found: list[int]) -> None:
    assert list(quoted(text, CODE)) == found


@pytest.mark.parametrize(
    "text", ["CPC, art. 1.073", "arts. 300 e 1.100 do CPC", "CPC, arts. 12, § 2º, e 1.080", "CPC, art. 600"]
)
def test_an_article_that_is_not_there_is_found(text: str) -> None:
    assert beyond(text, CODE)


# The types ---------------------------------------------------------------------------------------


def words(slug: str) -> str:
    kind = types.shipped()[slug]
    asked = [f"{fact.question} {' '.join(fact.choices)}" for fact in kind.facts]
    return "\n".join([kind.instructions, *asked]).replace("*caput*", "caput")


@needs_data
def test_no_article_is_beyond_the_last_of_its_statute() -> None:
    wrong, seen = [], 0
    for slug in SHIPPED:
        text = words(slug)
        for statute in statutes():
            seen += len(list(quoted(text, statute)))
            wrong += [f"{slug}: {statute.name} {number}" for number in beyond(text, statute)]
    assert wrong == []
    assert seen > 180, "the articles are not being read any more"


@needs_data
@pytest.mark.parametrize("slug", SHIPPED)
def test_an_article_without_its_statute_fits_one_that_the_type_names(slug: str) -> None:
    """ "(art. 2.100)" fits no statute; of those that a type names, or of all, the longest is the measure."""
    text = words(slug)
    named = [statute for statute in statutes() if re.search(statute.said, text)]
    longest = max(statute.last for statute in named or statutes())
    assert [number for number in bare(text) if number > longest] == []


SUMULA = re.compile(r"Súmulas? (?P<list>\d+(?:(?:, | e )\d+)*)(?:(?:, [IVX]+)?,? d[oa] (?P<court>STF|STJ|TST))?")


def sumulas(text: str) -> Iterator[tuple[str, int]]:
    """("STJ", 7) and so on; where the court is not said it is the one that the text named last, or does next."""
    last = ""
    for match in SUMULA.finditer(text):
        later = re.search(r"Súmulas? [\d ,e]+ d[oa] (STF|STJ|TST)", text[match.end() :])
        last = match["court"] or last or (later[1] if later else "")
        yield from ((last, int(number)) for number in re.findall(r"\d+", match["list"]))


def test_sumulas_are_read_with_their_court() -> None:
    text = "(Súmulas 18 e 48 do TST), (Súmula 284 do STF) e (Súmula 283), Súmula Vinculante 26"
    assert list(sumulas(text)) == [("TST", 18), ("TST", 48), ("STF", 284), ("STF", 283)]


@needs_data
def test_no_sumula_is_cancelled_or_unknown() -> None:
    assert DATA is not None
    rows = [json.loads(line) for line in (DATA / "sumulas.jsonl").read_text(encoding="utf-8").splitlines()]
    alive = {(row["court"], row["number"]) for row in rows if not row["binding"] and not row["cancelled"]}
    said = [(slug, *one) for slug in SHIPPED for one in sumulas(words(slug))]
    assert [one for one in said if one[1:] not in alive] == []
    assert len(said) > 50, "the súmulas are not being read any more"
