"""Word files, made by the tests themselves."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any


def word_file(*paragraphs: str, change: Callable[[Any], None] | None = None) -> bytes:
    """A DOCX with these paragraphs; `change` is given the open document."""
    import docx

    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if change:
        change(document)
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()
