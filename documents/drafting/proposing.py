"""A document on the model's desk: its paragraphs by number, and the tool with which it proposes to change them.

Nothing here changes the document: a proposal is a row that a person accepts or rejects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from conversations.assistant.offers import Question
from documents.blocks import HEADINGS, Block, Kind, Paragraph, Run, Table, numbered
from documents.drafting.models import Proposal
from documents.from_markdown import blocks_of
from documents.html import UNSAYABLE, parse, write
from documents.models import Document

MOST_PROPOSALS = 300  # in one reply
MOST_CHARACTERS = 400_000  # of a document that are sent
LONGEST = 60_000  # characters of one proposal
TOOL = "propor_alteracao"
ACTIONS = {
    "substituir": Proposal.Action.REPLACE,
    "inserir_depois": Proposal.Action.INSERT,
    "excluir": Proposal.Action.DELETE,
}
SCHEMA = {
    "name": TOOL,
    "description": (
        "Propõe uma alteração em um parágrafo do documento, que a pessoa aceita ou rejeita. Uma chamada para cada "
        "parágrafo. O texto é o parágrafo inteiro como deve ficar, no Markdown em que o documento foi mostrado."
    ),
    "input_schema": {
        "type": "object",
        "properties": {
            "paragrafo": {
                "type": "integer",
                "description": "Número do parágrafo, como em [12]. Para inserir no começo do documento, 0.",
            },
            "acao": {"type": "string", "enum": [*ACTIONS]},
            "texto": {"type": "string", "description": "Como o parágrafo fica, ou o que se insere; vazio ao excluir."},
        },
        "required": ["paragrafo", "acao", "texto"],
        "additionalProperties": False,
    },
    "strict": True,
}
INTRODUCTION = (Path(__file__).parent / "sheet.md").read_text(encoding="utf-8").strip()


@dataclass
class Sheet:
    """The document as the model sees it for one reply."""

    document: Document
    question: Question
    blocks: list[Block]
    material: str
    tools: tuple[dict[str, Any], ...] = (SCHEMA,)
    made: int = field(default=0)
    is_text: bool = False

    @classmethod
    def of(cls, document: Document, question: Question) -> Sheet:
        blocks = parse(document.content)
        material = INTRODUCTION.format(title=document.title, text=_numbered(blocks))
        person = User.objects.get(pk=question.person)
        may_change = Document.objects.for_editor(person).filter(pk=document.pk).exists()
        made = Proposal.objects.filter(message=question.reply).count()  # of a writer that died
        return cls(document, question, blocks, material, (SCHEMA,) if may_change else (), made)

    @property
    def document_id(self) -> UUID:
        pk: UUID = self.document.pk
        return pk

    def announcement(self, call: dict[str, Any]) -> str:
        number = call["input"].get("paragrafo")
        if number == 0:
            return "Propondo uma alteração no começo do documento"
        return f"Propondo uma alteração no parágrafo {number}" if isinstance(number, int) else "Propondo uma alteração"

    def run(self, call: dict[str, Any]) -> tuple[str, bool]:
        number, action, text = (call["input"].get(name) for name in ("paragrafo", "acao", "texto"))
        wanted = ACTIONS.get(action) if isinstance(action, str) else None
        if wanted is None or not isinstance(number, int) or isinstance(number, bool) or not isinstance(text, str):
            return "Diga o número do parágrafo, a ação e o texto.", True
        least = 0 if wanted == Proposal.Action.INSERT else 1
        if not least <= number <= len(self.blocks):
            return f"Não há parágrafo {number}: o documento tem {len(self.blocks)}.", True
        if self.made >= MOST_PROPOSALS or len(text) > LONGEST:
            return "São propostas demais, ou o texto é longo demais. Diga na resposta o que ficou por propor.", True
        return self._record(number, wanted, UNSAYABLE.sub("", text))

    def _record(self, number: int, action: Proposal.Action, text: str) -> tuple[str, bool]:
        before = self.blocks[number - 1] if number else None
        is_title = isinstance(before, Paragraph) and before.kind == Kind.TITLE
        after = [] if action == Proposal.Action.DELETE else blocks_of(text, has_title=not is_title)
        if action != Proposal.Action.DELETE and not after:
            return "O texto está vazio. Para tirar o parágrafo, use excluir.", True
        if action == Proposal.Action.REPLACE:
            after = adopted(before, after)
        stored_before = write([before]) if before else ""
        if action == Proposal.Action.REPLACE and write(after) == stored_before:
            return "O parágrafo já é assim.", True
        said = {"document": self.document, "message": self.question.reply, "number": number, "action": action}
        values = {"revision": self.document.revision, "before": stored_before, "after": write(after)}
        if action == Proposal.Action.INSERT:  # the same one again is one
            Proposal.objects.get_or_create(**said, after=values.pop("after"), defaults=values)
        else:  # what is proposed again takes the place of what was
            before_it = Proposal.objects.open().filter(
                document=self.document, message=self.question.reply, number=number
            )
            with transaction.atomic():
                before_it.exclude(action=Proposal.Action.INSERT).delete()
                Proposal.objects.create(**said, **values)
        self.made += 1
        return "Proposta registrada. A pessoa vai decidir.", False


def adopted(before: Block | None, after: Sequence[Block]) -> list[Block]:
    """New words in the place of a paragraph are what that paragraph was, unless they say otherwise."""
    first = after[0] if after else None
    if not isinstance(before, Paragraph) or not isinstance(first, Paragraph):
        return list(after)
    stays = first.kind in (Kind.TEXT, before.kind) or (before.kind == Kind.TITLE and first.kind in HEADINGS)
    return [replace(before, runs=first.runs) if stays else first, *beside(before, after[1:])]


def beside(item: Block | None, after: Sequence[Block]) -> list[Block]:
    """What comes after an item of a list, as items, goes on in that list."""
    if not isinstance(item, Paragraph) or item.kind != Kind.ITEM:
        return list(after)
    return [
        replace(one, level=item.level, marker=item.marker, start=None)
        if isinstance(one, Paragraph) and one.kind == Kind.ITEM
        else one
        for one in after
    ]


# The document as Markdown, a block a line ----------------------------------------------------------


def paragraphs_read(blocks: Sequence[Block]) -> int:
    """How many of the blocks, from the first on, the model is shown."""
    return len(_lines(blocks))


def _lines(blocks: Sequence[Block]) -> list[str]:
    lines, left = list[str](), MOST_CHARACTERS
    for number, (block, label) in enumerate(numbered(blocks), 1):
        line = f"[{number}] {_line(block, label)}"
        left -= len(line)
        if left < 0:
            break
        lines.append(line)
    return lines


def _numbered(blocks: Sequence[Block]) -> str:
    lines = _lines(blocks)
    if len(lines) < len(blocks):
        missing = f"de {len(lines) + 1} a {len(blocks)}"
        lines.append(f"(O documento é longo demais: faltam os parágrafos {missing}. Diga isso.)")
    return "\n".join(lines) or "(O documento está vazio.)"


SIGNS = {Kind.TITLE: "# ", Kind.PART: "## ", Kind.SECTION: "### ", Kind.TOPIC: "#### ", Kind.QUOTE: "> "}


def _line(block: Block, label: str) -> str:
    if isinstance(block, Table):
        rows = (" | ".join(" ".join(cell.text.split()) for cell in row) for row in block.rows)
        return "(tabela)\n" + "\n".join(f"| {row} |" for row in rows)
    sign = SIGNS.get(block.kind, "")
    if block.kind == Kind.ITEM:
        sign = "- " if label == "•" else f"{label} " if label else ""
    return sign + "".join(map(_marked, block.runs))


def _marked(run: Run) -> str:
    sign = "**" if run.bold else ""
    sign += "*" if run.italic else ""
    if not sign or not run.text.strip():
        return run.text
    inner = run.text.strip()
    return run.text.replace(inner, f"{sign}{inner}{sign[::-1]}", 1)
