"""HTML that is built to keep its reader busy: a few megabytes of tags within tags take hours to be understood."""

from __future__ import annotations

import re

TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
MOST_TANGLED = 20_000_000  # tags times how deep they stand: half a second; 10,000 rows of a table have a million
LOOKS = {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
ENDLESS = {"br", "hr", "img", "input", "col", "wbr", "link", "meta", "area", "base", "embed", "source", "track"}
OPEN_ENDED = {"p", "li", "td", "th", "tr", "thead", "tbody", "tfoot", "dt", "dd", "option"}  # the next one ends them
NEVER_DEEP = ENDLESS | OPEN_ENDED
DEAR = 25  # what is read for a table within a table, and for a look that goes on in the next paragraph


def is_tangled(html: str) -> bool:
    """Whether it is built so that reading it would take far longer than its size says."""
    depth = looks = tables = work = 0
    for found in TAG.finditer(html):
        step, tag = -1 if found[1] else 1, found[2].lower()
        if tag in LOOKS:
            looks = max(0, looks + step)
        if tag == "table":
            tables = max(0, tables + step)
        if tag not in NEVER_DEEP:
            depth = max(0, depth + step)
        work += depth + DEAR * (max(0, tables - 1) + (0 if tag in LOOKS else looks))
        if work > MOST_TANGLED:
            return True
    return False
