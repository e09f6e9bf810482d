"""What a summary is made of, what the model is told, and the shape its answers must have.

Structured outputs: https://docs.anthropic.com/en/docs/build-with-claude/structured-outputs; they exclude citations, so
each line names its file, its page and a few words of it, which are looked up afterwards.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

# In the order they are shown in: the key in answers and results, and what people read.
SECTIONS = {
    "cronologia": "Cronologia",
    "partes": "Partes e participantes",
    "pedidos": "Pedidos e decisões",
    "provas": "Provas",
    "riscos": "Riscos e próximos passos",
    "prazos": "Prazos mencionados",
}
DATED = ("cronologia", "prazos")  # put in the order of their dates

LINE = {
    "type": "object",
    "properties": {
        "texto": {"type": "string"},
        "data": {"type": "string"},
        "arquivo": {"type": "integer"},
        "pagina": {"type": "integer"},
        "trecho": {"type": "string"},
    },
    "required": ["texto", "data", "arquivo", "pagina", "trecho"],
    "additionalProperties": False,
}
READING: dict[str, Any] = {
    "type": "object",
    "properties": {key: {"type": "array", "items": LINE} for key in SECTIONS},
    "required": list(SECTIONS),
    "additionalProperties": False,
}
MERGING: dict[str, Any] = {
    "type": "object",
    "properties": {"grupos": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}},
    "required": ["grupos"],
    "additionalProperties": False,
}


@functools.cache
def instructions(name: str) -> str:
    """The system prompt for `reading` or `merging`; always the same bytes."""
    return (Path(__file__).resolve().parent / f"{name}.md").read_text(encoding="utf-8").strip()
