"""What the model has answered: read strictly, and each line looked up on the page it names."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from audit.calls.trying import storable
from uploads.passages import find
from uploads.summaries.prompts import Leaf
from uploads.summaries.sections import SECTIONS

QUOTED = re.compile(r"[“\"«]([^“”\"«»]{3,})[”\"»]")
DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
TYPES = {"texto": str, "data": str, "trecho": str, "arquivo": int, "pagina": int}
Line = dict[str, Any]


class Unusable(Exception):
    """An answer that is not of the shape that was asked for."""


def lines_in(text: str, leaves: Sequence[Leaf]) -> dict[str, list[Line]]:
    """The answer's lines by section, with the files they are of; slow (each is looked for on its page).

    A line that names a page that was not sent, whose passage is not on that page, or that has words in quotes which
    are not there, is kept and marked as not checked.
    """
    given = _object(text)
    pages: dict[tuple[int, int], list[Leaf]] = {}
    for leaf in leaves:
        pages.setdefault((leaf.file, leaf.number), []).append(leaf)
    return {key: [_line(item, pages) for item in _items(given, key)] for key in SECTIONS}


def groups_in(text: str, count: int) -> list[list[int]]:
    """The order of `count` lines: each in exactly one group. What the answer left out follows in its old order."""
    given = _object(text).get("grupos")
    if not isinstance(given, list) or not all(isinstance(group, list) for group in given):
        raise Unusable("grupos")
    left = dict.fromkeys(range(count))
    groups = []
    for group in given:
        fresh = []
        for number in group:
            if type(number) is int and number in left:
                del left[number]
                fresh.append(number)
        if fresh:
            groups.append(fresh)
    return [*groups, *([number] for number in left)]


def _object(text: str) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unusable("json") from error
    if not isinstance(given, dict):
        raise Unusable("object")
    return given


def _items(given: dict[str, Any], key: str) -> list[dict[str, Any]]:
    items = given.get(key)
    if not isinstance(items, list):
        raise Unusable(key)
    for item in items:
        if not isinstance(item, dict) or any(type(item.get(name)) is not kind for name, kind in TYPES.items()):
            raise Unusable(f"{key} line")
    return [item for item in items if item["texto"].strip()]


def _line(item: dict[str, Any], pages: dict[tuple[int, int], list[Leaf]]) -> Line:
    text, passage, date = (_tidy(item[name]) for name in ("texto", "trecho", "data"))
    sent = pages.get((item["arquivo"], item["pagina"]), [])
    checked = bool(sent) and _stands(passage, sent) and all(_stands(words, sent) for words in QUOTED.findall(text))
    source = {
        "upload": sent[0].upload if sent else None,  # None: there was no such page
        "page": item["pagina"],
        "passage": passage if sent and _stands(passage, sent) else "",
    }
    return {"text": text, "date": date if DATE.fullmatch(date) else "", "checked": checked, "sources": [source]}


def _stands(words: str, leaves: list[Leaf]) -> bool:
    """Word for word; letter for letter is looked for first, since that is a thousand times as fast."""
    if not any(character.isalnum() for character in words):
        return False
    exact = re.compile(rf"(?<![\w.,-]){re.escape(words)}(?![\w.,-])")
    return any(exact.search(leaf.text) for leaf in leaves) or any(find(leaf.text, words) for leaf in leaves)


def _tidy(text: str) -> str:
    """On one line, and without what PostgreSQL cannot hold."""
    return " ".join(storable(text).split())
