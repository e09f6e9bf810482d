"""Checked citations in the flat form in which they are kept beside a text, and shown again without the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from jurisprudence.citations.finding import find
from jurisprudence.citations.judging import VERSION as VERSION
from jurisprudence.citations.judging import Judged, judge
from jurisprudence.citations.looking_up import case_numbers, look_up
from jurisprudence.datajud.citing import kept as known_cases

LONGEST = 2_000  # characters of a text that is shown beside another one


@dataclass(frozen=True)
class Checked:
    """One citation with its verdict. `start`, `end`: characters of the text; `text` is what stands there.

    `date`: as of when the source was read (ISO), "" when none was. `entry`: the id of the precedent's page, if it has
    one. `quoted` and `stored` are filled when they differ.
    """

    start: int
    end: int
    text: str
    kind: str
    verdict: str
    normalized: str = ""
    reason: str = ""
    source: str = ""
    date: str = ""
    entry: str = ""
    warning: bool = False
    quoted: str = ""
    stored: str = ""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """From JSON; what a newer release has written beside it is passed over."""
        return cls(**{each.name: kept[each.name] for each in fields(cls) if each.name in kept})

    def kept(self) -> dict[str, Any]:
        """As JSON, without what is empty."""
        return {name: value for name, value in asdict(self).items() if value or name == "start"}


@dataclass(frozen=True)
class Found:
    """What a text cites, in its order; `left_out` more are not checked."""

    items: tuple[Checked, ...]
    left_out: int = 0
    version: int = VERSION


def check(text: str, *, most: int) -> Found:
    """Finds and judges what the text cites, by what is in our tables (three queries at most); no court is asked."""
    found = find(text)
    looked = look_up(found[:most])
    if numbers := case_numbers(found[:most]):
        looked = replace(looked, cases=known_cases(numbers))
    return Found(tuple(map(flat, judge(found[:most], looked))), max(0, len(found) - most))


def flat(one: Judged) -> Checked:
    cited = one.citation
    return Checked(
        cited.start, cited.end, cited.text, str(cited.kind), str(one.verdict), cited.normalized, one.reason, one.source,
        one.as_of.isoformat() if one.as_of else "", str(one.entry.id) if one.entry and one.entry.id else "",
        one.warning, one.quoted[:LONGEST], one.stored[:LONGEST],
    )  # fmt: skip
