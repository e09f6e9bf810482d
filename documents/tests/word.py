"""Reads a Word file as Word does, numbers included, and knows nothing of how it was written."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import docx
from docx.oxml.ns import qn

COUNTS = {
    "decimal": str,
    "upperRoman": lambda n: _roman(n),
    "lowerRoman": lambda n: _roman(n).lower(),
    # After "z" Word goes on with "aa", "bb" (ECMA-376, 17.18.59).
    "lowerLetter": lambda n: chr(97 + (n - 1) % 26) * ((n - 1) // 26 + 1),
    "upperLetter": lambda n: chr(65 + (n - 1) % 26) * ((n - 1) // 26 + 1),
}


def _roman(number: int) -> str:
    said = ""
    for value, sign in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        said += sign * (number // value)
        number %= value
    return said


class Word:
    """`accepted`: with the changes that are tracked in it; else as it was before them.

    `implied`: a level under which nothing has been counted yet counts as begun, as some programs have it.
    """

    def __init__(self, data: bytes, *, accepted: bool = True, implied: bool = False) -> None:
        self.implied = implied
        self.document = docx.Document(BytesIO(data))
        self.accepted = accepted
        numbering = self.document.part.numbering_part.element
        self.nums = {num.numId: num for num in numbering.num_lst}
        self.abstracts = {one.get(qn("w:abstractNumId")): one for one in numbering.findall(qn("w:abstractNum"))}
        self.counts: dict[str, dict[int, int]] = defaultdict(dict)
        self.begun: set[tuple[int, int]] = set()

    def lines(self) -> list[str]:
        """A paragraph or a row of a table a line, as `documents.blocks.lines` has them."""
        return list(self._blocks(self.document.element.body))

    def _blocks(self, parent: Any) -> Iterator[str]:
        rest = ""  # of paragraphs whose end is gone: they go on in the next one
        for child in parent:
            if child.tag == qn("w:p"):
                words = self.words(child)
                if self._end_is_gone(child):
                    rest += words
                    continue
                yield self.label(child) + rest + words
                rest = ""
            elif child.tag == qn("w:tbl"):
                yield from self._rows(child)
        if rest:
            yield rest

    def _rows(self, table: Any) -> Iterator[str]:
        for row in table.findall(qn("w:tr")):
            properties = row.find(qn("w:trPr"))
            marks = {child.tag for child in properties} if properties is not None else set()
            if qn("w:del" if self.accepted else "w:ins") in marks:
                continue
            yield "\t".join("\n".join(self._blocks(cell)) for cell in row.findall(qn("w:tc")) if not is_below(cell))

    def _end_is_gone(self, paragraph: Any) -> bool:
        mark = paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}/{qn('w:del' if self.accepted else 'w:ins')}")
        return mark is not None

    def words(self, element: Any) -> str:
        said = ""
        for child in element:
            if child.tag in (qn("w:t"), qn("w:delText")):
                said += child.text or ""
            elif child.tag == qn("w:br"):
                said += "\n"
            elif child.tag == qn("w:tab"):
                said += "\t"
            elif child.tag == qn("w:ins" if not self.accepted else "w:del") or child.tag in (qn("w:pPr"), qn("w:rPr")):
                continue
            else:
                assert child.tag in (qn("w:r"), qn("w:ins"), qn("w:del")), child.tag
                said += self.words(child)
        return said

    def label(self, paragraph: Any) -> str:
        """The number with what stands between it and the words; counted as Word counts."""
        found = self._numbering(paragraph)
        if not found:
            return ""
        key, level = found
        num = self.nums[key]
        abstract = str(num.abstractNumId.val)
        counts = self.counts[abstract]
        override = next((one for one in num.lvlOverride_lst if one.ilvl == level), None)
        if override is not None and (key, level) not in self.begun:
            counts[level] = override.startOverride.val - 1
        self.begun.add((key, level))
        counts[level] = counts.get(level, 0) + 1
        if self.implied:
            for upper in range(level):
                counts.setdefault(upper, 1)
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        said = self._level(abstract, level)
        kind = said.find(qn("w:numFmt")).get(qn("w:val"))
        text = said.find(qn("w:lvlText")).get(qn("w:val"))
        if kind == "bullet":
            return f"{text} "
        return re.sub(r"%\d", COUNTS[kind](counts[level]), text) + " "

    def _level(self, abstract: str, level: int) -> Any:
        return next(one for one in self.abstracts[abstract].findall(qn("w:lvl")) if one.get(qn("w:ilvl")) == str(level))

    def _properties(self, paragraph: Any) -> Any:
        """Those before a tracked change of them, where changes are refused."""
        now = paragraph.find(qn("w:pPr"))
        before = now.find(f"{qn('w:pPrChange')}/{qn('w:pPr')}") if now is not None and not self.accepted else None
        return now if before is None else before

    def _numbering(self, paragraph: Any) -> tuple[int, int] | None:
        properties = self._properties(paragraph)
        own = properties.find(qn("w:numPr")) if properties is not None else None
        if own is None:
            key = properties.find(qn("w:pStyle")) if properties is not None else None
            style = next(
                (
                    one
                    for one in self.document.styles.element.style_lst
                    if key is not None and one.styleId == key.get(qn("w:val"))
                ),
                None,
            )
            own = style.find(f"{qn('w:pPr')}/{qn('w:numPr')}") if style is not None else None
        if own is None:
            return None
        num, level = own.find(qn("w:numId")), own.find(qn("w:ilvl"))
        key = int(num.get(qn("w:val")))
        return (key, int(level.get(qn("w:val"))) if level is not None else 0) if key else None


def is_below(cell: Any) -> bool:
    """Whether it only continues the cell above it."""
    merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return merge is not None and merge.get(qn("w:val")) != "restart"
