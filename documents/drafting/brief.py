"""What the model is told when it writes a document part by part.

The brief comes with every part, so that it is there however long the draft has become; what the person sees in the
conversation is short.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RULES = (Path(__file__).parent / "rules.md").read_text(encoding="utf-8").strip()


@dataclass(frozen=True)
class Order:
    """What was ordered: a kind of document, its parts in order, and what the person said about it."""

    slug: str
    name: str  # of the kind: "Contestação"
    title: str  # of this document
    parts: list[dict[str, Any]]  # {"name": …, "about": …}
    instructions: str = ""  # of the kind, to the model
    facts: Sequence[tuple[str, str]] = field(default_factory=tuple)  # what was asked, and what she said
    wishes: str = ""
    optional: frozenset[str] = frozenset()  # of what was asked, without which the document may be whole

    @property
    def brief(self) -> str:
        listed = "\n".join(f"{number}. {_of(part)}" for number, part in enumerate(self.parts, 1))
        said = [
            f"# A peça\n\n{self.name}. Título do documento: {self.title}.\n\nPartes, nesta ordem:\n\n{listed}",
            f"# Orientações para esta peça\n\n{self.instructions.strip()}" if self.instructions.strip() else "",
            f"# Informado por quem pediu\n\n{_facts(self.facts, self.optional)}" if self.facts else "",
            f"# O que foi pedido\n\n{self.wishes.strip()}" if self.wishes.strip() else "",
            RULES,
        ]
        return "\n\n".join(filter(None, said))


def _of(part: dict[str, Any]) -> str:
    about = str(part.get("about") or "").strip()
    return f"{part['name']}: {about}" if about else str(part["name"])


OPEN = "Não informado: deixe a lacuna."
OPEN_AND_OPTIONAL = "Não informado, e opcional: deixe a lacuna só onde a peça não puder passar sem isso."


def _facts(facts: Sequence[tuple[str, str]], optional: frozenset[str]) -> str:
    """What was left open is a blank in the text, and the model is told so; what may be missing is not to become one."""
    left = {asked: OPEN_AND_OPTIONAL if asked in optional else OPEN for asked, _ in facts}
    return "\n".join(f"- {asked} {said.strip() or left[asked]}" for asked, said in facts)


def first_words(order: Order) -> str:
    said = [f"Redija: {order.name}.", order.wishes.strip()]
    given = [(asked, words.strip()) for asked, words in order.facts if words.strip()]
    if given:
        said.append("\n".join(f"- {asked} {words}" for asked, words in given))
    return "\n\n".join(filter(None, [*said, part_words(order.parts, 0)]))


def part_words(parts: Sequence[dict[str, Any]], place: int) -> str:
    return f"Escreva agora a parte {place + 1} de {len(parts)}: {parts[place]['name']}."
