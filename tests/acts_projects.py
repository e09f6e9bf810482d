"""What a person can do to projects, and to what is moved into them: the part of `tests/acts.py` that is about them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from conversations import actions as talk
from projects import actions as cases
from projects.models import Project
from tests.scene import Act, Scene, call, url
from uploads import actions as files


def deleted(scene: Scene) -> None:
    Project.objects.update(deleted_at=timezone.now())


def held(scene: Scene) -> None:
    Project.objects.update(preservar=True)
    scene.project.preservar = True


def closed(scene: Scene) -> None:
    Project.objects.update(status="closed")


def of_editor(scene: Scene) -> dict[str, Any]:
    return {"pk": scene.project.pk, "person": scene.editor.pk}


URLS: dict[str, Act] = {
    "projects:new": url("projeto.criar", "newest_project", name="Souza x Silva"),
    "projects:edit": url("projeto.alterar", "project", name="Outro nome"),
    "projects:close": url("projeto.encerrar", "project"),
    "projects:reopen": url("projeto.reabrir", "project", before=(closed,)),
    "projects:hold": url("projeto.preservar", "project", preservar="1"),
    "projects:hold again": url("projeto.liberar", "project", before=(held,)),
    "projects:delete": url("projeto.excluir", "project"),
    "projects:undelete": url("projeto.desfazer-exclusao", "project", before=(deleted,)),
    "projects:add-member": url("projeto.adicionar-pessoa", "project", email="rui@exemplo.adv.br", role="viewer"),
    "projects:change-role": url("projeto.alterar-papel", "project", at=of_editor, role="viewer"),
    "projects:remove-member": url("projeto.remover-pessoa", "project", at=of_editor),
    "projects:hand-over": url("projeto.passar-responsabilidade", "project", at=of_editor),
    "projects:leave": url("projeto.sair", "project", by="viewer"),
    "conversations:move": url("conversa.mover", "conversation", form=lambda s, c: {"project": s.project.pk}),
    "uploads:move": url("arquivo.mover", "upload", form=lambda s, c: {"project": s.project.pk}),
}

FUNCTIONS: dict[str, Act] = {
    "projects.create": call("projeto.criar", "newest_project", lambda s: cases.create(Project(name="X"), user=s.owner)),
    "projects.change": call("projeto.alterar", "project", lambda s: cases.change(s.project, ["name"], user=s.owner)),
    "projects.close": call("projeto.encerrar", "project", lambda s: cases.close(s.project, user=s.owner)),
    "projects.reopen": call("projeto.reabrir", "project", lambda s: cases.reopen(s.project, user=s.owner)),
    "projects.hold": call("projeto.preservar", "project", lambda s: cases.hold(s.project, user=s.owner)),
    "projects.release": call(
        "projeto.liberar", "project", lambda s: cases.release(s.project, user=s.owner), before=(held,)
    ),
    "projects.delete": call("projeto.excluir", "project", lambda s: cases.delete(s.project, user=s.owner)),
    "projects.undelete": call(
        "projeto.desfazer-exclusao", "project", lambda s: cases.undelete(s.project, user=s.owner), before=(deleted,)
    ),
    "projects.add_member": call(
        "projeto.adicionar-pessoa", "project", lambda s: cases.add_member(s.project, s.stranger, "editor", user=s.owner)
    ),
    "projects.change_role": call(
        "projeto.alterar-papel", "project", lambda s: cases.change_role(s.project, s.viewer, "editor", user=s.owner)
    ),
    "projects.remove_member": call(
        "projeto.remover-pessoa", "project", lambda s: cases.remove_member(s.project, s.viewer, user=s.owner)
    ),
    "projects.hand_over": call(
        "projeto.passar-responsabilidade", "project", lambda s: cases.hand_over(s.project, s.viewer, user=s.owner)
    ),
    "conversations.move": call(
        "conversa.mover", "conversation", lambda s: talk.move(s.conversation, s.project, user=s.owner)
    ),
    "uploads.move": call("arquivo.mover", "upload", lambda s: files.move(s.upload, s.project, user=s.owner)),
}

NO_ACTS = {"projects.touch": "goes with an act that has its own row"}
