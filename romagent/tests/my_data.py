"""Who asks for a copy of her own data, and how far it is."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditLog
from conversations.tests.making import make_conversation, make_exchange
from romagent import exports, portability, runs
from romagent.models import DataExport
from romagent.tests.exported import make_upload

State = DataExport.State


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    monkeypatch.setattr(portability, "REST_SHARE", 0)
    monkeypatch.setattr(runs, "EVERY", 0.0)
    return tmp_path


@pytest.fixture
def as_other_staff() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("equipe@exemplo.adv.br"))
    return client


def fill(owner: User, count: int = 3) -> None:
    for number in range(count):
        make_exchange(make_conversation(owner, f"Conversa {number}"))
        make_upload(owner, f"{number}.pdf", b"texto")


def asked_by(client: Client) -> DataExport:
    assert client.post("/meus-dados/preparar/")["Location"] == "/meus-dados/"
    found: DataExport = DataExport.objects.latest("created_at")
    return found


def made_for(client: Client) -> DataExport:
    export = asked_by(client)
    exports.perform(export.pk)
    export.refresh_from_db()
    assert export.state == State.DONE
    return export


def page(client: Client) -> str:
    response = client.get("/meus-dados/")
    assert response.status_code == 200
    return str(response.content.decode())


def acts() -> list[str]:
    return list(AuditLog.objects.order_by("created_at", "pk").values_list("action", flat=True))
