"""What a person can do to deadlines: the part of `tests/acts.py` that is about them."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.utils import timezone

from jurisprudence.deadlines import actions as deadlines
from jurisprudence.deadlines.kept import answer
from jurisprudence.deadlines.tests.making import make_holiday, make_question
from jurisprudence.models import Deadline
from tests.scene import Act, Scene, call, url


def deleted(scene: Scene) -> None:
    Deadline.objects.update(deleted_at=timezone.now())


def done(scene: Scene) -> None:
    Deadline.objects.update(done_at=timezone.now(), done_by=scene.owner)


def typed(scene: Scene, client: Client) -> dict[str, Any]:
    return {
        "evento": "intimacao", "dia": "2026-08-03", "quantidade": "5", "unidade": "uteis", "regime": "civel",
        "titulo": "Embargos", "projeto": str(scene.project.pk),
    }  # fmt: skip


def corrected(scene: Scene, client: Client) -> dict[str, Any]:
    seen = scene.deadline.updated_at.isoformat()
    return typed(scene, client) | {"titulo": "Outro título", "responsavel": "", "visto": seen}


URLS: dict[str, Act] = {
    "jurisprudence:count": url("prazo.criar", "newest_deadline", form=typed),
    "jurisprudence:deadline-ics": url("prazo.exportar", "deadline", method="get"),
    "jurisprudence:deadlines-ics": url("prazo.exportar", "deadline", method="get"),
    "jurisprudence:edit-deadline": url("prazo.corrigir", "deadline", form=corrected),
    "jurisprudence:finish-deadline": url("prazo.cumprir", "deadline"),
    "jurisprudence:reopen-deadline": url("prazo.reabrir", "deadline", before=(done,)),
    "jurisprudence:recount-deadline": url("prazo.recontar", "deadline"),
    "jurisprudence:delete-deadline": url("prazo.excluir", "deadline"),
    "jurisprudence:undelete-deadline": url("prazo.desfazer-exclusao", "deadline", before=(deleted,)),
}

FUNCTIONS: dict[str, Act] = {
    "jurisprudence.deadlines.create": call(
        "prazo.criar", "newest_deadline",
        lambda s: deadlines.create(answer(make_question()), "X", project=s.project, user=s.owner),
    ),
    "jurisprudence.deadlines.change": call(
        "prazo.corrigir", "deadline",
        lambda s: deadlines.change(
            s.deadline, seen=s.deadline.updated_at, title="Y", note="", responsible=None, answer=None, user=s.owner
        ),
    ),
    "jurisprudence.deadlines.recount": call(
        "prazo.recontar", "deadline", lambda s: deadlines.recount(s.deadline, answer(make_question()), user=s.owner)
    ),
    "jurisprudence.deadlines.finish": call("prazo.cumprir", "deadline", lambda s: deadlines.finish(s.deadline, user=s.owner)),
    "jurisprudence.deadlines.reopen": call(
        "prazo.reabrir", "deadline", lambda s: deadlines.reopen(s.deadline, user=s.owner), before=(done,)
    ),
    "jurisprudence.deadlines.delete": call("prazo.excluir", "deadline", lambda s: deadlines.delete(s.deadline, user=s.owner)),
    "jurisprudence.deadlines.undelete": call(
        "prazo.desfazer-exclusao", "deadline", lambda s: deadlines.undelete(s.deadline, user=s.owner), before=(deleted,)
    ),
    "jurisprudence.deadlines.note_export": call(
        "prazo.exportar", "deadline", lambda s: deadlines.note_export([s.deadline], user=s.owner)
    ),
}  # fmt: skip

# The administration's form, as `tests.acts.Forms` takes it.
HOLIDAY: dict[str, Any] = {
    "make": lambda s: make_holiday("2026-07-26"),
    "add": {"date": "27/07/2026", "scope": "city", "uf": "GO", "city": "Goiânia", "name": "Local", "source": "Lei 2"},
    "change": {"removed": "on"},
}
