"""An office in which a data subject is named everywhere, and the staff that serves her."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditLog
from conversations.tests.making import make_conversation, make_exchange
from projects.models import Project
from romagent import runs
from romagent.models import SubjectFinding, SubjectRequest, SubjectRun
from romagent.subjects import work
from uploads.models import Upload, UploadPage

NAME, CPF, CASE = "Márcia Regina Tavares", "123.456.789-09", "0001234-56.2024.8.26.0100"
FORM = {
    "kind": "access", "requester": "A própria", "contact": "", "received_on": "2026-11-02", "name": NAME,
    "email": "marcia@cliente.com.br", "document": CPF, "case_number": "", "notes": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    monkeypatch.setattr(work, "REST_SHARE", 0)
    monkeypatch.setattr(runs, "EVERY", 0.0)
    return tmp_path


@pytest.fixture
def office(owner: User, stranger: User) -> User:
    """The subject is named in every place, once each in the owner's things, and in a held project of the stranger's."""
    project = Project.objects.create(
        user=owner, name="Inventário", client=NAME, description="Filha: marcia regina tavares"
    )
    conversation = make_conversation(owner, f"Caso {NAME.upper()}", project=project)
    make_exchange(conversation, "Sem nome nenhum", f"A Sra. {NAME}, CPF 12345678909, apelou.")
    upload = Upload.objects.create(user=owner, original_filename=f"RG {NAME}.pdf", project=project)
    UploadPage.objects.create(upload=upload, number=1, text=f"Eu, {NAME}, declaro")
    UploadPage.objects.create(upload=upload, number=2, text="Nada aqui")
    held = Project.objects.create(user=stranger, name="Guardado", preservar=True)
    make_exchange(make_conversation(stranger, "Título", project=held), "P", f"{NAME} e marcia@cliente.com.br")
    make_exchange(make_conversation(stranger, deleted_at=timezone.now()), "P", f"Excluída: {NAME}")
    return owner


def register(client: Client, **changes: str) -> SubjectRequest:
    response = client.post("/admin/titulares/novo/", FORM | changes)
    assert response.status_code == 303, response.content.decode()
    found: SubjectRequest = SubjectRequest.objects.latest("created_at")
    assert response["Location"] == f"/admin/titulares/{found.pk}/"
    return found


def do_all() -> None:
    for run in SubjectRun.objects.filter(state="queued").order_by("created_at"):
        work.perform(run.pk)


def searched(client: Client, **changes: str) -> SubjectRequest:
    request = register(client, **changes)
    do_all()
    return request


def page(client: Client, request: SubjectRequest) -> str:
    response = client.get(f"/admin/titulares/{request.pk}/")
    assert response.status_code == 200
    return str(response.content.decode())


def places_of(request: SubjectRequest, **conditions: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for finding in SubjectFinding.objects.filter(subject_request=request, **conditions):
        found[finding.place] = found.get(finding.place, 0) + 1
    return found


def acts(request: SubjectRequest) -> list[str]:
    rows = AuditLog.objects.filter(entity_id=request.pk).order_by("created_at", "pk")
    return [action for action in rows.values_list("action", flat=True) if action != "titular.consultar"]


def confirm(client: Client, request: SubjectRequest, people: list[User], phrase: str = "", **changes: Any) -> Any:
    choices = {"owners": [str(person.pk) for person in people], "terms": ["name", "email", "document"], **changes}
    path = f"/admin/titulares/{request.pk}/anonimizar/"
    if not phrase:
        html = client.get(path, choices).content.decode()
        phrase = html.partition("escreva <code>")[2].partition("</code>")[0]
    return client.post(path, choices | {"confirmation": phrase})
