"""What the clients were told: the other side of the account. Kept in memory, by them alone, never asked of the product.

`certain`: the product has said that it is done. What got no answer may have been done or not, but not half.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# In every question, document and file: whose it is. Who is shown somebody else's has been shown too much.
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
class Ledger:
    asked: list[Asked] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    unsure_papers: int = 0  # that may have been made
    sent: list[Sent] = field(default_factory=list)
    renamings: list[Renaming] = field(default_factory=list)
    conversations: dict[str, int] = field(default_factory=dict)  # that were answered as begun: whose
    wrongs: list[str] = field(default_factory=list)  # what must never be seen, seen
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def wrong(self, what: str) -> None:
        if len(self.wrongs) < 50:
            self.wrongs.append(what)

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
        }
