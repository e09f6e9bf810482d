"""The numbers that Word makes itself ("Cláusula 5.2", "a)"): not in the text, but what people cite."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from uploads.reading.archive import attribute, local

ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
         (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
MOST = 9  # levels of a list


class Level(NamedTuple):
    start: int
    form: str  # decimal, lowerLetter, ...
    text: str  # "%1.%2)"


class Numbering:
    """The lists of one document, counted along as its paragraphs go by."""

    def __init__(self, numbering: Any, styles: Any) -> None:
        self.levels: dict[str, dict[int, Level]] = {}
        self.lists: dict[str, str] = {}  # list -> its abstract list, which keeps the counters
        self.restarts: dict[tuple[str, int], int] = {}
        self.styles: dict[str, tuple[str, int]] = {}
        self.based_on: dict[str, str] = {}
        self.counters: dict[str, dict[int, int]] = {}
        self.seen: set[tuple[str, int]] = set()
        for element in numbering if numbering is not None else ():
            self._list(element)
        for element in styles if styles is not None else ():
            self._style(element)

    def _list(self, element: Any) -> None:
        if local(element) == "abstractNum":
            levels = {number(attribute(each, "ilvl")): _level(each) for each in element if local(each) == "lvl"}
            self.levels[attribute(element, "abstractNumId")] = levels
        elif local(element) == "num":
            key = attribute(element, "numId")
            for each in element:
                if local(each) == "abstractNumId":
                    self.lists[key] = attribute(each, "val")
                elif local(each) == "lvlOverride" and (start := child(each, "startOverride")) is not None:
                    self.restarts[key, number(attribute(each, "ilvl"))] = number(attribute(start, "val"))

    def _style(self, element: Any) -> None:
        if local(element) != "style":
            return
        key = attribute(element, "styleId")
        if (based := child(element, "basedOn")) is not None:
            self.based_on[key] = attribute(based, "val")
        found = _numbered(child(element, "pPr"))
        if found and found[0]:
            self.styles[key] = found[0], found[1] or 0

    def label(self, properties: Any) -> str:
        """What Word shows before a paragraph with these properties, with a space after it; '' for most paragraphs."""
        if properties is None:
            return ""
        listed, level = _numbered(properties) or (None, None)
        if listed is None and (style := child(properties, "pStyle")) is not None:
            listed, by_style = self._of_style(attribute(style, "val"))
            level = by_style if level is None else level
        levels = self.levels.get(self.lists.get(listed or "0", ""), {})
        return self._next(listed or "", level or 0, levels) if (level or 0) in levels else ""

    def _of_style(self, style: str) -> tuple[str | None, int]:
        for _ in range(MOST):
            if style in self.styles:
                return self.styles[style]
            style = self.based_on.get(style, "")
        return None, 0

    def _next(self, listed: str, level: int, levels: dict[int, Level]) -> str:
        counters = self.counters.setdefault(self.lists[listed], {})
        if (listed, level) in self.restarts and (listed, level) not in self.seen:
            counters[level] = self.restarts[listed, level] - 1
        self.seen.add((listed, level))
        counters[level] = counters.get(level, levels[level].start - 1) + 1
        for deeper in [each for each in counters if each > level]:
            del counters[deeper]

        def shown(match: re.Match[str]) -> str:
            which = int(match[1]) - 1
            of = levels.get(which, levels[level])
            return written(counters.get(which, of.start), of.form)

        if levels[level].form == "bullet":
            return "• "
        text = re.sub(r"%([1-9])", shown, levels[level].text).strip()
        return f"{text} " if text and levels[level].form != "none" else ""


def _level(element: Any) -> Level:
    def value(name: str, default: str) -> str:
        found = child(element, name)
        return default if found is None else attribute(found, "val", default)

    return Level(number(value("start", "1")), value("numFmt", "decimal"), value("lvlText", "%1.")[:100])


def _numbered(properties: Any) -> tuple[str | None, int | None] | None:
    found = child(properties, "numPr") if properties is not None else None
    if found is None:
        return None
    listed, level = child(found, "numId"), child(found, "ilvl")
    return (
        None if listed is None else attribute(listed, "val"),
        None if level is None else number(attribute(level, "val")),
    )


def child(element: Any, name: str) -> Any:
    return next((each for each in element if local(each) == name), None)


def number(text: str) -> int:
    return int(text) if re.fullmatch(r"-?[0-9]{1,6}", text) else 0


def written(count: int, form: str) -> str:
    """The count as Word writes it in this format; what is not known here, in plain figures."""
    if form in {"lowerLetter", "upperLetter"} and count > 0:
        letters = chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, MOST)
        return letters if form == "lowerLetter" else letters.upper()
    if form in {"lowerRoman", "upperRoman"} and 0 < count < 4000:
        text = ""
        for worth, sign in ROMAN:
            text += sign * (count // worth)
            count %= worth
        return text if form == "lowerRoman" else text.upper()
    if form == "decimalZero":
        return f"{count:02}"
    return f"{count}º" if form in {"ordinal", "ordinalText"} else str(count)
