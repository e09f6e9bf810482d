"""A document as PDF/A-2b (ISO 19005-2), and a PDF/A in parts. Nothing of Django: a child of the web process runs this.

Typst sets the text: a compiler in one wheel that knows PDF/A and knows neither network nor the files around it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from documents import pdf_data
from documents.blocks import Block
from documents.formats import Format
from documents.html import UNSAYABLE
from documents.letterhead import Letterhead

if TYPE_CHECKING:
    import typst

HERE = Path(__file__).resolve().parent
TEMPLATE = HERE / "peca.typ"
STANDARD = "a-2b"
OUR_FONT = "Lato"  # the one that is always there


def render(
    blocks: Sequence[Block], title: str, fmt: Format, head: Letterhead | None = None, *, author: str = ""
) -> bytes:
    """The blocks as PDF/A-2b; `title` and `author` are its properties and stand nowhere in the text."""
    import typst

    fonts = _fonts()
    data = pdf_data.asked(blocks, title, fmt, head or Letterhead(), author, families(fmt))
    made = typst.compile(
        TEMPLATE, root=HERE, font_paths=fonts, sys_inputs={"data": json.dumps(data)}, pdf_standards=[STANDARD],
        timestamp=datetime.now(UTC).replace(microsecond=0),
    )  # fmt: skip
    return made


@cache
def _fonts() -> typst.Fonts:
    """All typefaces there are: looked for once a process."""
    import typst

    found = find_spec("font_lato")
    folders = [Path(place) / "files" for place in (found.submodule_search_locations or [])] if found else []
    return typst.Fonts(include_system_fonts=True, font_paths=[str(folder) for folder in folders])


def families(fmt: Format) -> list[str]:
    return [fmt.font, *fmt.substitutes, OUR_FONT]
