"""A conversation's title, made after its first answer by the cheapest model."""

from __future__ import annotations

import asyncio
from uuid import UUID

from audit.calls.client import Call, CallFailed
from audit.calls.trying import storable
from conversations.assistant import pen
from conversations.assistant.answering import Assistant
from conversations.assistant.context import MODES

LONGEST = 80  # characters
PATIENCE_SECONDS = 5.0  # titles can wait, answers can't; the page asks for the title for ten
_at_once = asyncio.Semaphore(2)


async def make(assistant: Assistant, conversation_id: UUID, model: str) -> None:
    """Asks for a title; when that fails, or the budget is used up, the beginning of the question serves."""
    await assistant.relay.wait_for_calm(PATIENCE_SECONDS)
    async with _at_once:
        await _make(assistant, conversation_id, model)


async def _make(assistant: Assistant, conversation_id: UUID, model: str) -> None:
    found = await assistant.patiently(pen.title_material, conversation_id)
    if found is None:
        return
    person, material, may_call = found
    if not may_call:
        await assistant.patiently(pen.save_title, conversation_id, tidy(material), None)
        return
    call = Call("title", model)
    request = {
        "model": model,
        "max_tokens": 1000,
        "system": (MODES / "titulo.md").read_text(encoding="utf-8").strip(),
        "messages": [{"role": "user", "content": material}],
        "metadata": {"user_id": str(person)},
    }
    try:
        text = await call.whole(assistant.client, request)
    except CallFailed:
        text = ""
    title = tidy(storable(text)) or tidy(material)
    await assistant.patiently(pen.save_title, conversation_id, title, call)


def tidy(text: str) -> str:
    """One line without quotes or final stop, cut at a word."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    line = line.strip("#*_\"'“”«» ").rstrip(".").strip()
    if len(line) <= LONGEST:
        return line
    return line[:LONGEST].rsplit(" ", 1)[0] + "…"
