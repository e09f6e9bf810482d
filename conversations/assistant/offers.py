"""What other apps put before the model with a question, and the tools they offer it. It knows none of them.

A question says in its metadata what it is about; who knows that kind of thing registers a `Provider` when it starts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

Block = dict[str, Any]


class Offer(Protocol):
    """Something put on the desk for one reply. All of it is done where the database may be used."""

    material: str  # stands before the question, for this reply only
    tools: tuple[Block, ...]
    is_text: bool  # what the reply says goes into a document as it is: nothing beside that may be said in it

    @property
    def document_id(self) -> UUID | None:
        """The document that the reply's calls to the model are for, as `ai_operations` say it; None for none."""

    def announcement(self, call: Block) -> str:
        """What the person is shown before a call is done."""

    def run(self, call: Block) -> tuple[str, bool]:
        """What the call gives, in words for the model, and whether it has failed."""


@runtime_checkable
class Slow(Protocol):
    """An offer whose calls need something from elsewhere, which is waited for before they are done."""

    async def fetch(self, call: Block, database: Callable[..., Awaitable[Any]]) -> None:
        """Waits for it on the event loop, without a database connection; `database` runs what needs one."""


@dataclass(frozen=True)
class Question:
    """The question of a reply that is about to be written."""

    person: UUID
    conversation: UUID
    reply: UUID
    about: dict[str, Any]  # its metadata


Provider = Callable[[Question], Offer | None]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    if provider not in _providers:
        _providers.append(provider)


def offered(question: Question) -> tuple[Offer, ...]:
    """What is offered for this question; without a query for a question that is about nothing."""
    if not question.about.keys() - {"files"}:
        return ()
    found = (provider(question) for provider in _providers)
    return tuple(offer for offer in found if offer)
