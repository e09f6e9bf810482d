"""The two requests a summary makes: read these pages, and order these lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from uploads.summaries.sections import MERGING, READING, SECTIONS, instructions

MOST_ANSWER_TOKENS = 32_000
MARK = re.compile(r"<(?=/?\s*pagina)", re.IGNORECASE)  # what in a page's own text would look like our marks
QUESTION = "Resuma as páginas acima nas seis seções."


@dataclass(frozen=True)
class Leaf:
    """One page, or a piece of a very long one, as it is sent. `file` is the file's number within the summary."""

    file: int
    upload: str
    number: int
    text: str
    start: int = 0  # of the piece, in characters of the page
    whole: bool = True


@dataclass(frozen=True)
class Model:
    """The model a summary is made with."""

    id: str
    context_tokens: int
    max_output_tokens: int

    @property
    def max_tokens(self) -> int:
        return min(MOST_ANSWER_TOKENS, self.max_output_tokens)


def reading(leaves: Sequence[Leaf], model: Model, person: UUID) -> dict[str, Any]:
    """Asks what the pages say; a file's text is data, and its marks are taken from it."""
    pages = [
        f'<pagina arquivo="{leaf.file}" numero="{leaf.number}">\n{MARK.sub("‹", leaf.text)}\n</pagina>'
        for leaf in leaves
    ]
    return _request("reading", READING, "\n".join([*pages, "", QUESTION]), model, person)


def merging(section: str, lines: Sequence[dict[str, Any]], model: Model, person: UUID) -> dict[str, Any]:
    """Asks which lines of a section say the same, and for their order."""
    listed = "\n".join(merging_line(number, line) for number, line in enumerate(lines))
    text = f"Seção: {SECTIONS[section]}\n\n{listed}\n\nDevolva os grupos."
    return _request("merging", MERGING, text, model, person)


def merging_line(number: int, line: dict[str, Any]) -> str:
    page = line["sources"][0]["page"]
    return f"{number} | p. {page} | {line['date'] or 'sem data'} | {line['text']}"


def _request(name: str, schema: dict[str, Any], text: str, model: Model, person: UUID) -> dict[str, Any]:
    return {
        "model": model.id,
        "max_tokens": model.max_tokens,
        "system": instructions(name),
        "messages": [{"role": "user", "content": text}],
        "output_config": {"format": {"type": "json_schema", "schema": schema}},
        "metadata": {"user_id": str(person)},
    }
