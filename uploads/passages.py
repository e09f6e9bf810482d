"""Where a quoted passage stands in the text of a page: word for word, whatever the lines of either look like.

The same are: any white space; a word broken at a line's end, with its hyphen or without; straight and typographic
quotation marks; short and long dashes; a letter with its accent in one character or in two; ligatures. Accents,
capitals, digits and every other sign have to be as they are on the page, and neither end may cut a word or a number.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONGEST_IN_LINK = 600  # characters of a passage in an address
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
BROKEN = "\u0002\u00ad\ufffe"  # what stands for a hyphen that only the line's end has made
NOTHING = "\u200b\u200c\u200d\u2060\ufeff"
MARKS = "\u0300-\u036f"
SAME = {
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2039\u203a\u00b4`", "'"),
    **dict.fromkeys(DASHES, "-"),
    "\u2026": "...", "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl",
}  # fmt: skip
LETTER = r"[^\W\d_]"
ANY_DASH = f"[{re.escape(DASHES)}]"
LINE_END = r"[^\S\n\r]*+[\n\r]\s*+"  # in one way only: what is possessive is not tried again in every other
TOKEN = re.compile(
    rf"(?P<nothing>[{NOTHING}]+)"
    rf"|(?P<broken>[{BROKEN}]\s*|(?<={LETTER}|[{MARKS}]){ANY_DASH}{LINE_END}(?={LETTER}))"
    rf"|(?P<joined>(?<={LETTER}|[{MARKS}]){ANY_DASH}(?={LETTER}))"
    rf"|(?P<dash>{ANY_DASH})(?:{LINE_END}(?=\d))?"
    r"|(?P<space>\s+)"
    rf"|(?P<accented>[^{MARKS}][{MARKS}]+)"
    r"|(?P<one>.)",
    re.DOTALL,
)


@dataclass(frozen=True)
class _Plain:
    """A text in which what is the same looks the same, and where each of its characters comes from.

    `joints` says for each character how it is joined to the one before: `|` not at all, `-` by a hyphen,
    `~` by one that a line's end may have made. Hyphens inside words are only there.
    """

    text: str
    joints: str
    spans: list[tuple[int, int]]


def find(text: str, quoted: str) -> tuple[int, int] | None:
    """The first and the last but one index of `quoted` in `text`; None when it is not there word for word."""
    wanted = _plain(quoted.strip())
    if not any(character.isalnum() for character in wanted.text):
        return None
    page = _plain(text)
    at = page.text.find(wanted.text)
    while at >= 0:
        end = at + len(wanted.text)
        if _whole_words(page.text, page.joints, at, end) and _same_joints(page.joints[at + 1 : end], wanted.joints[1:]):
            return page.spans[at][0], page.spans[end - 1][1]
        at = page.text.find(wanted.text, at + 1)
    return None


def shortened(quoted: str, most: int = LONGEST_IN_LINK) -> str:
    """The beginning of a passage, cut where a word ends: still to be found on its page."""
    if len(quoted) <= most:
        return quoted
    whole = re.match(r"(?s)(.*\S)\s", quoted[: most + 1])
    return whole[1] if whole else quoted[:most]


def _plain(text: str) -> _Plain:
    characters, joints, spans = [], [], []
    joint = "|"
    for found in TOKEN.finditer(text):
        kind = found.lastgroup
        if kind == "nothing":
            continue
        if kind in ("broken", "joined"):
            joint = "~" if kind == "broken" else "-"
            continue
        same = _same(kind, found.group())
        for index, character in enumerate(same):
            characters.append(character)
            joints.append("|" if index else joint)
            spans.append(found.span())
        joint = "|"
    return _Plain("".join(characters), "".join(joints), spans)


def _same(kind: str | None, found: str) -> str:
    if kind == "space":
        return " "
    if kind == "dash":
        return "-"
    if kind == "accented":
        return unicodedata.normalize("NFC", found)
    return SAME.get(found) or unicodedata.normalize("NFC", found)


def _same_joints(here: str, wanted: str) -> bool:
    """A hyphen is one on either side, or none on either side; one at a line's end may be either."""
    return here == wanted or all(a == b or "~" in (a, b) for a, b in zip(here, wanted, strict=True))


def _whole_words(text: str, joints: str, start: int, end: int) -> bool:
    return not any(
        0 < border < len(text) and _inside(text[max(border - 2, 0) : border], text[border : border + 2], joints[border])
        for border in (start, end)
    )


def _inside(before: str, after: str, joint: str) -> bool:
    """Whether a border would cut a word or a number, as between 1 and .000."""
    if joint == "~" or (before[-1].isalpha() and after[0].isalpha() and joint == "|"):
        return True
    digits = (before[-1].isdigit(), after[0].isdigit())
    if all(digits):
        return True
    return (digits[0] and after[0] in ".," and after[1:].isdigit()) or (
        digits[1] and before[-1] in ".," and before[:-1].isdigit()
    )
