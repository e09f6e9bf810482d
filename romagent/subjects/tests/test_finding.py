"""A data subject is looked for in everything there is, and the passages are copied for the answer."""

import asyncio
import csv
import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from audit.models import AuditLog
from conversations.models import Message
from conversations.tests.making import ask_something, make_conversation, make_exchange
from romagent import tasks
from romagent.base import chores
from romagent.base.retention import Policy
from romagent.models import SubjectFinding, SubjectRequest, SubjectRun
from romagent.retention import clean
from romagent.subjects import places, work
from romagent.subjects.tests.making import (
    NAME,
    acts,
    confirm,
    do_all,
    media,
    office,
    page,
    places_of,
    register,
    searched,
)
from tests.running import get, serving

__all__ = ["media", "office"]  # fixtures
pytestmark = pytest.mark.usefixtures("committed")


# Find --------------------------------------------------------------------------------------------


def test_she_is_found_everywhere_with_counts_and_never_contents(office: User, as_staff: Client) -> None:
    request = register(as_staff)
    asyncio.run(tasks.serve_subject(run_id=str(SubjectRun.objects.get().pk)))
    assert places_of(request) == {"project": 1, "conversation": 1, "message": 3, "upload": 1, "page": 1}
    by_email = SubjectFinding.objects.get(preserved=True)
    assert (by_email.place, sorted(by_email.terms), by_email.hits) == ("message", ["email", "name"], 2)
    html = page(as_staff, request)
    for words in ["mensagens", "páginas de arquivos", "Dra. Helena Prado", "Rui Matos"]:
        assert words in html
    for contents in ["apelou", "Inventário", "declaro", "CASO", "RG "]:
        assert contents not in html.replace("<h2>O que foi feito", ""), contents
    done = AuditLog.objects.get(action="titular.encontrar")
    assert done.new_value["found"] == {
        "person": 0, "project": 1, "conversation": 1, "message": 3, "upload": 1, "page": 1,
    }  # fmt: skip


def test_no_row_of_the_log_holds_what_identifies_her(office: User, as_staff: Client) -> None:
    request = searched(as_staff)
    as_staff.post(f"/admin/titulares/{request.pk}/copiar/", {"reason": "Resposta ao pedido de acesso"})
    do_all()
    confirm(as_staff, request, [office])
    do_all()
    rows = list(AuditLog.objects.values("action", "old_value", "new_value", "user_agent"))
    assert len(rows) > 6
    for words in ("Márcia", "Tavares", "cliente.com", "123.456", "12345678909"):
        assert words not in str(rows)


def test_a_search_again_forgets_the_last_one(office: User, as_staff: Client) -> None:
    request = searched(as_staff)
    Message.objects.all().update(content="Nada")
    as_staff.post(f"/admin/titulares/{request.pk}/buscar/")
    do_all()
    assert places_of(request) == {"project": 1, "conversation": 1, "upload": 1, "page": 1}


def test_a_search_reads_every_row_once_however_many_there_are(
    owner: User, as_staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "WINDOW", 7)
    conversation = make_conversation(owner)
    Message.objects.bulk_create(
        Message(conversation=conversation, user=owner, role="user", content=f"{n} {NAME}" if n % 3 else "nada")
        for n in range(50)
    )
    request = searched(as_staff)
    assert places_of(request) == {"message": 33}
    assert SubjectRun.objects.get().progress["message"] == [50, 50]


def test_a_reply_that_is_being_written_is_read_too(owner: User, as_staff: Client) -> None:
    reply = ask_something(owner)
    Message.objects.filter(pk=reply.pk).update(status="streaming", content=f"A Sra. {NAME}")
    assert places_of(searched(as_staff)) == {"message": 1}


def test_nobody_is_found_and_that_is_said(owner: User, as_staff: Client) -> None:
    assert "não encontrou o titular" in page(as_staff, searched(as_staff))


def test_the_page_asks_as_much_for_twenty_places_as_for_ten(owner: User, as_staff: Client) -> None:
    def count(request: SubjectRequest) -> int:
        with CaptureQueriesContext(connection) as found:
            page(as_staff, request)
        return len(found)

    for number in range(10):
        make_exchange(make_conversation(owner, f"{NAME} {number}"), NAME)
    request = searched(as_staff)
    page(as_staff, request)
    ten = count(request)
    for number in range(10):
        make_exchange(make_conversation(owner, f"{NAME} {number}"), NAME)
    as_staff.post(f"/admin/titulares/{request.pk}/buscar/")
    do_all()
    assert count(request) == ten <= 20


def test_one_thing_at_a_time_for_a_request(as_staff: Client) -> None:
    request = register(as_staff)
    answer = as_staff.post(f"/admin/titulares/{request.pk}/buscar/", follow=True)
    assert "Já há um trabalho em andamento" in answer.content.decode()
    assert SubjectRun.objects.count() == 1
    register(as_staff)  # another request is another matter
    assert SubjectRun.objects.count() == 2


def test_a_search_is_stopped_and_says_so(office: User, as_staff: Client) -> None:
    request = register(as_staff)
    run = SubjectRun.objects.get()
    as_staff.post(f"/admin/titulares/trabalhos/{run.pk}/parar/")
    as_staff.post(f"/admin/titulares/trabalhos/{run.pk}/parar/")
    do_all()
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert acts(request).count("titular.parar") == 1
    assert "Ainda não se buscou até o fim" in page(as_staff, request)


def test_a_worker_that_is_told_to_stop_gives_the_search_back(office: User, as_staff: Client) -> None:
    register(as_staff)
    run = SubjectRun.objects.get()
    chores.stopping.set()
    try:
        work.perform(run.pk)
    finally:
        chores.stopping.clear()
    run.refresh_from_db()
    assert run.state == "queued"
    assert ProcrastinateJob.objects.count() == 2
    work.perform(run.pk)
    assert SubjectFinding.objects.count() == 7


def test_what_goes_wrong_is_said_and_in_the_log(
    office: User, as_staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*args: Any) -> None:
        raise RuntimeError("segredo")

    request = register(as_staff)
    monkeypatch.setattr(work, "patterns_of", failing)
    with pytest.raises(RuntimeError):
        do_all()
    html = page(as_staff, request)
    assert "Algo falhou do nosso lado" in html
    assert "segredo" not in html
    assert acts(request)[-1] == "titular.falhar"


# Copy --------------------------------------------------------------------------------------------


def copied(client: Client, request: SubjectRequest) -> SubjectRun:
    client.post(f"/admin/titulares/{request.pk}/copiar/", {"reason": "Resposta ao pedido de acesso"})
    do_all()
    run: SubjectRun = SubjectRun.objects.get(kind="export")
    assert run.state == "done"
    return run


def test_the_passages_are_copied_for_the_answer(office: User, as_staff: Client) -> None:
    long = "x " * 2_000
    make_exchange(make_conversation(office), f"{long}{NAME} {long} e só")
    request = searched(as_staff)
    run = copied(as_staff, request)
    with default_storage.open(run.file_path) as file, zipfile.ZipFile(file) as archive:
        text = archive.read("passagens.txt").decode()
        rows = list(csv.DictReader(io.StringIO(archive.read("ocorrencias.csv").decode("utf-8-sig")), delimiter=";"))
        assert "02/11/2026" in archive.read("LEIA-ME.txt").decode()
    assert f"A Sra. {NAME}, CPF 12345678909, apelou." in text
    assert "Nada aqui" not in text
    assert "Sem nome nenhum" not in text
    assert max(len(line) for line in text.splitlines()) < 800
    assert len(rows) == 8
    assert {row["onde"] for row in rows} == {
        "projetos", "títulos de conversas", "mensagens", "nomes de arquivos", "páginas de arquivos",
    }  # fmt: skip
    assert [row["de quem"] for row in rows if row["em projeto a preservar"] == "sim"] == ["Rui Matos"]
    asked = AuditLog.objects.get(action="titular.exportar")
    assert asked.new_value == {"run": str(run.pk), "reason": "Resposta ao pedido de acesso"}
    assert acts(request)[-1] == "titular.copia-pronta"


def test_a_copy_needs_a_reason(office: User, as_staff: Client) -> None:
    request = searched(as_staff)
    response = as_staff.post(f"/admin/titulares/{request.pk}/copiar/", {"reason": "porque"})
    assert response.status_code == 422
    assert "10 caracteres" in response.content.decode()
    assert not SubjectRun.objects.filter(kind="export").exists()


def test_a_copy_is_downloaded_each_time_with_a_row_and_gone_after_seven_days(office: User, as_staff: Client) -> None:
    request = searched(as_staff)
    run = copied(as_staff, request)
    path = f"/admin/titulares/trabalhos/{run.pk}/baixar/"
    assert path in page(as_staff, request)

    async def fetch() -> bytes:
        async with serving() as application:
            return (await get(application, path, client=as_staff)).body

    with zipfile.ZipFile(io.BytesIO(asyncio.run(fetch()))) as archive:
        assert archive.testzip() is None
    assert acts(request)[-1] == "titular.baixar"
    SubjectRun.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "não existe mais" in as_staff.get(path, follow=True).content.decode()
    clean(Policy.from_settings(), "copies")
    assert not default_storage.exists(run.file_path)
    run.refresh_from_db()
    assert (run.state, run.file_path) == ("expired", "")  # that it was made stays on record
    assert clean(Policy.from_settings(), "copies").rows == 0
