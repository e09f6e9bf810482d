"""What is checked, and what a check says of it."""

from __future__ import annotations

import datetime
import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from documents.blocks import Block, Table
from documents.types import DocumentType, unaccented
from projects.models import Project

AROUND = 40  # characters shown on each side of what was found
WORD = re.compile(r"[^\W_]+")


class Level(StrEnum):
    """`WRONG` cannot be right, whatever the case; `LOOK` may be meant so."""

    WRONG = "wrong"
    LOOK = "look"


@dataclass(frozen=True)
class Finding:
    """`text` is for the reader; `block` is the place in the list of blocks, from 0, none for the whole of it."""

    level: Level
    text: str
    block: int | None = None
    excerpt: str = ""


@dataclass(frozen=True)
class Paper:
    """A document as the checks read it. `kind` and `project` are none where nobody has said them."""

    title: str
    blocks: Sequence[Block]
    kind: DocumentType | None
    project: Project | None
    today: datetime.date

    @functools.cached_property
    def texts(self) -> list[str]:
        """The words of each block."""
        return [words_of(block) for block in self.blocks]

    @functools.cached_property
    def words(self) -> list[list[str]]:
        """The same as single words."""
        return [split(text) for text in self.texts]

    @functools.cached_property
    def folded(self) -> list[list[str]]:
        """The same words in small letters, without accents."""
        return [[unaccented(word) for word in words] for words in self.words]

    def found(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
        """Every match, with the block it is in."""
        for place, text in enumerate(self.texts):
            for match in pattern.finditer(text):
                yield place, match


def words_of(block: Block) -> str:
    if isinstance(block, Table):
        return "\n".join("\t".join(cell.text for cell in row) for row in block.rows)
    return block.text


def split(text: str) -> list[str]:
    return WORD.findall(unicodedata.normalize("NFC", text))


def tokens(text: str) -> list[str]:
    """ "São Paulo/SP, 1ª" → sao, paulo, sp, 1a."""
    return [unaccented(word) for word in split(text)]


def around(match: re.Match[str]) -> str:
    """What was found and some words on both sides of it."""
    text, start, end = match.string, max(0, match.start() - AROUND), match.end() + AROUND
    said = " ".join(text[start:end].split())
    return f"{'…' if start else ''}{said}{'…' if end < len(text) else ''}"
