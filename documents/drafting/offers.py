"""What the model is given with a question about a document: a draft's brief, or the text and a way to change it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import User
from conversations.assistant.offers import Offer, Question
from documents.drafting.models import Draft
from documents.models import Document

Block = dict[str, Any]


@dataclass
class Brief:
    """The brief, and no tool: a part of a draft is the reply itself."""

    document_id: UUID
    material: str
    tools: tuple[Block, ...] = ()
    is_text: bool = True

    def announcement(self, call: Block) -> str:
        return ""

    def run(self, call: Block) -> tuple[str, bool]:
        return "Esta ferramenta não existe.", True


def provide(question: Question) -> Offer | None:
    """What she who asks may see of it at this moment; a question about anything else gets nothing."""
    if draft := question.about.get("draft"):
        found = Draft.objects.filter(document__in=_seen(question), pk=draft).values_list("document_id", "brief").first()
        return Brief(*found) if found else None
    if document := question.about.get("document"):
        from documents.drafting.proposing import Sheet

        seen = _seen(question).filter(pk=document).first()
        return Sheet.of(seen, question) if seen else None
    return None


def _seen(question: Question) -> Any:
    person = User.objects.filter(pk=question.person, is_active=True).first()
    return Document.objects.for_user(person) if person else Document.objects.none()
