"""What the clients were told: the other side of the account. Kept in memory, by them alone, never asked of the product.

`certain`: the product has said that it is done. What got no answer may have been done or not, but not half.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# In every question, document and file: whose it is, a person's or, from `SHARED` on, a case's that several people work
# on. Who is shown what is not hers has been shown too much.
SHARED = 1_000
MARK = re.compile(r"marca-\d+-[0-9a-f]{8}")
OWNER = re.compile(rb"marca-(\d+)-")


@dataclass
class Asked:
    """A question, by its form's key."""

    person: int
    key: str
    mark: str
    content: str
    conversation: str = ""  # none: its conversation is begun with it
    certain: bool = False
    reply: str = ""
    stops: int = 0  # that were answered
    others: int = 0  # further answers to it that were accepted
    doubtful: int = 0  # of those, that got no answer
    endings: list[tuple[str, str]] = field(default_factory=list)  # of its reply, as seen: the status and the letters


@dataclass
class Save:
    """A text that was sent to be kept as a version; where the product says that it is."""

    title: str
    content: str
    revision: int  # on which it was written
    certain: bool = False
    version: int = 0
    is_aside: bool = False
    became: int = 0  # the revision


@dataclass
class Paper:
    """A document, with all that was saved in it."""

    person: int
    id: str
    saves: list[Save] = field(default_factory=list)
    revision: int = 1


@dataclass
class Sent:
    """A file."""

    person: int
    name: str
    sha256: str
    size: int
    id: str = ""
    certain: bool = False


@dataclass
class Renaming:
    person: int
    conversation: str
    title: str
    certain: bool = False


@dataclass
class Order:
    """A document that the model was to write part by part, by its form's key."""

    person: int
    key: str
    mark: str
    certain: bool = False
    id: str = ""


@dataclass
class Wanted:
    """A summary of a file."""

    person: int
    file: str
    id: str


@dataclass
class Case:
    """A project that several people work on, with one conversation, and who of them is in it now."""

    number: int
    id: str
    owner: int
    conversation: str
    people: dict[int, dict[str, str]]  # who may be added to it and removed: her id and e-mail
    inside: set[int] = field(default_factory=set)
    unsure: set[int] = field(default_factory=set)  # who was being added or removed when the answer was lost
    changes: int = 0  # that were begun
    is_changing: bool = False
    replies: list[str] = field(default_factory=list)

    def has(self, person: int) -> bool:
        """For sure."""
        return person == self.owner or person in self.inside - self.unsure


@dataclass
class Ledger:
    asked: list[Asked] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    unsure_papers: int = 0  # that may have been made
    sent: list[Sent] = field(default_factory=list)
    renamings: list[Renaming] = field(default_factory=list)
    conversations: dict[str, int] = field(default_factory=dict)  # that were answered as begun: whose
    orders: list[Order] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)
    unsure_summaries: int = 0  # that may have been asked for
    cases: list[Case] = field(default_factory=list)
    wrongs: list[str] = field(default_factory=list)  # what must never be seen, seen
    startle: Callable[[], None] | None = None  # is called once, as soon as something has been promised
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def wrong(self, what: str) -> None:
        if len(self.wrongs) < 50:
            self.wrongs.append(what)

    def promise(self, thing: Any) -> None:
        """The product has just said that this is done."""
        is_new, thing.certain = not thing.certain, True
        startle, self.startle = (self.startle, None) if is_new else (None, self.startle)
        if startle:
            startle()

    def sums(self) -> dict[str, int]:
        """How much has been promised."""
        saves = [save for paper in self.papers for save in paper.saves if save.certain]
        return {
            "questions": sum(one.certain for one in self.asked),
            "versions": len(saves),
            "aside": sum(save.is_aside for save in saves),
            "files": sum(one.certain for one in self.sent),
            "conversations": len(self.conversations),
            "renamings": sum(one.certain for one in self.renamings),
            "shared": sum(one.certain for one in self.asked if one.person >= SHARED),
            "orders": sum(one.certain for one in self.orders),
            "summaries": len(self.wanted),
        }
