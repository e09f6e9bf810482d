"""Requests of data subjects: registered, found, copied, anonymised and answered, each step in the log."""

import asyncio
import csv
import io
import threading
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from accounts.models import Session, User
from audit.models import AuditLog
from conftest import signed_in
from conversations.models import Conversation, Message
from conversations.tests.making import ask_something, make_conversation, make_exchange
from projects.models import Project
from romagent import runs, tasks
from romagent.base import chores
from romagent.base.retention import Policy
from romagent.models import DataExport, SubjectFinding, SubjectRequest, SubjectRun
from romagent.retention import clean
from romagent.subjects import places, work
from romagent.subjects.terms import REPLACEMENT
from tests.running import get, serving
from uploads.models import Upload, UploadPage

pytestmark = pytest.mark.usefixtures("committed")
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


# Who may -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "status"), [("user", 403), ("staff", 403), ("admin", 200)])
def test_who_may_serve_subjects(as_staff: Client, role: str, status: int) -> None:
    request = register(as_staff)
    run = SubjectRun.objects.get()
    client = signed_in(User.objects.create_user("x@exemplo.adv.br", role=role))
    for path in ["", "novo/", f"{request.pk}/", f"{request.pk}/andamento/", f"{request.pk}/anonimizar/"]:
        assert client.get(f"/admin/titulares/{path}").status_code == status, path
    if status == 403:
        for path in [
            "novo/", f"{request.pk}/buscar/", f"{request.pk}/copiar/", f"{request.pk}/anonimizar/",
            f"{request.pk}/responder/", f"trabalhos/{run.pk}/parar/",
        ]:  # fmt: skip
            assert client.post(f"/admin/titulares/{path}", FORM).status_code == 403, path
        assert client.get(f"/admin/titulares/trabalhos/{run.pk}/baixar/").status_code == 403
        assert (SubjectRequest.objects.count(), SubjectRun.objects.count()) == (1, 1)
        assert AuditLog.objects.filter(action="acesso.negado").count() == 12


def test_what_is_not_there_is_not_found(as_staff: Client) -> None:
    nowhere = "01890000-0000-7000-8000-000000000000"
    for path in [f"{nowhere}/", f"{nowhere}/andamento/", f"{nowhere}/anonimizar/", f"{nowhere}/pessoas/{nowhere}/"]:
        assert as_staff.get(f"/admin/titulares/{path}").status_code == 404, path
    for path in [f"{nowhere}/buscar/", f"{nowhere}/copiar/", f"trabalhos/{nowhere}/parar/", f"{nowhere}/responder/"]:
        assert as_staff.post(f"/admin/titulares/{path}").status_code == 404, path


# The record --------------------------------------------------------------------------------------


def test_a_request_is_kept_with_its_term_and_looked_for_at_once(as_staff: Client, staff: User) -> None:
    request = register(as_staff)
    assert (request.received_on, request.due_on) == (date(2026, 11, 2), date(2026, 11, 17))
    assert request.user == staff
    run = SubjectRun.objects.get()
    assert (run.kind, run.state) == ("find", "queued")
    job = ProcrastinateJob.objects.get()
    assert (job.queue_name, job.args) == ("chores", {"run_id": str(run.pk)})
    assert acts(request) == ["titular.registrar", "titular.buscar"]
    html = as_staff.get("/admin/titulares/").content.decode()
    assert "17/11/2026" in html
    assert "A própria" in html


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "", "email": "", "document": ""}, "ao menos uma identificação"),
        ({"name": "Ana"}, "pelo menos 5 letras"),
        ({"document": "123"}, "11 algarismos"),
        ({"case_number": "0001234-56.2024"}, "20 algarismos"),
        ({"email": "não é"}, "endereço de email válido"),
        ({"received_on": "2999-01-01"}, "no futuro"),
        ({"requester": ""}, "obrigatório"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_in_words(
    as_staff: Client, changes: dict[str, str], words: str
) -> None:
    response = as_staff.post("/admin/titulares/novo/", FORM | changes)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not SubjectRequest.objects.exists()


def test_the_database_too_wants_somebody_named(staff: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        SubjectRequest.objects.create(requester="x", received_on=date.today(), due_on=date.today())


def test_open_requests_come_first_and_late_ones_are_marked(as_staff: Client) -> None:
    first = register(as_staff, requester="Primeira", received_on="2020-01-02")
    register(as_staff, requester="Segunda", received_on=timezone.localdate().isoformat())
    register(as_staff, requester="Terceira", received_on="2020-01-01")
    as_staff.post(f"/admin/titulares/{first.pk}/responder/", {"state": "answered", "text": "Feito."})
    html = as_staff.get("/admin/titulares/").content.decode()
    assert html.index("Terceira") < html.index("Segunda") < html.index("Primeira")
    assert html.count("vencido") == 1


def test_an_answer_is_noted_and_can_be_noted_again(as_staff: Client) -> None:
    request = register(as_staff)
    assert as_staff.post(f"/admin/titulares/{request.pk}/responder/", {"state": "open", "text": "x"}).status_code == 422
    for state, text in [("answered", "Enviada a cópia."), ("refused", "Não era o titular.")]:
        as_staff.post(f"/admin/titulares/{request.pk}/responder/", {"state": state, "text": text})
    request.refresh_from_db()
    assert (request.state, request.answer) == ("refused", "Não era o titular.")
    assert acts(request)[-2:] == ["titular.responder"] * 2
    row = AuditLog.objects.filter(action="titular.responder").latest("created_at")
    assert (row.old_value, row.new_value) == ({"state": "answered"}, {"state": "refused"})
    assert "Não era o titular." in page(as_staff, request)


def test_who_opens_a_request_is_in_the_log_and_who_follows_it_is_not_again(as_staff: Client) -> None:
    request = register(as_staff)
    page(as_staff, request)
    as_staff.get(f"/admin/titulares/{request.pk}/andamento/")
    assert AuditLog.objects.filter(action="titular.consultar", entity_id=request.pk).count() == 1


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


# Replace -----------------------------------------------------------------------------------------


def confirm(client: Client, request: SubjectRequest, people: list[User], phrase: str = "", **changes: Any) -> Any:
    choices = {"owners": [str(person.pk) for person in people], "terms": ["name", "email", "document"], **changes}
    path = f"/admin/titulares/{request.pk}/anonimizar/"
    if not phrase:
        html = client.get(path, choices).content.decode()
        phrase = html.partition("escreva <code>")[2].partition("</code>")[0]
    return client.post(path, choices | {"confirmation": phrase})


def test_the_preview_counts_and_changes_nothing(office: User, stranger: User, as_staff: Client) -> None:
    request = searched(as_staff)
    before = list(Message.objects.order_by("pk").values())
    path = f"/admin/titulares/{request.pk}/anonimizar/"
    choices = {"owners": [str(office.pk), str(stranger.pk)], "terms": ["name"]}
    html = as_staff.get(path, choices).content.decode()
    assert "<code>ANONIMIZAR 6</code>" in html
    assert "1 registro de projetos a preservar fica como está" in html
    assert "os arquivos em si continuam" in html
    assert list(Message.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("phrase", ["ANONIMIZAR 99", "sim", "anonimizar 5"])
def test_without_the_typed_number_nothing_happens(office: User, as_staff: Client, phrase: str) -> None:
    request = searched(as_staff)
    response = confirm(as_staff, request, [office], phrase)
    assert response.status_code == 422
    assert "escreva exatamente: ANONIMIZAR 5" in response.content.decode()
    assert not SubjectRun.objects.filter(kind="anonymise").exists()


def test_a_choice_that_was_not_offered_is_refused(office: User, staff: User, as_staff: Client) -> None:
    request = searched(as_staff)
    for changes in ({"owners": [str(staff.pk)]}, {"owners": []}, {"terms": ["case_number"]}, {"terms": []}):
        assert confirm(as_staff, request, [office], "ANONIMIZAR 5", **changes).status_code == 422
    assert not SubjectRun.objects.filter(kind="anonymise").exists()


def test_she_is_replaced_in_the_things_of_who_was_chosen(office: User, stranger: User, as_staff: Client) -> None:
    request = searched(as_staff)
    assert confirm(as_staff, request, [office]).status_code == 303
    do_all()
    project = Project.objects.get(name="Inventário")
    assert (project.client, project.description) == (REPLACEMENT, f"Filha: {REPLACEMENT}")
    assert Conversation.objects.get(user=office).title == f"Caso {REPLACEMENT}"
    reply = Message.objects.get(user=office, role="assistant")
    assert reply.content == f"A Sra. {REPLACEMENT}, CPF {REPLACEMENT}, apelou."
    assert Upload.objects.get().original_filename == f"RG {REPLACEMENT}.pdf"
    assert UploadPage.objects.get(number=1).text == f"Eu, {REPLACEMENT}, declaro"
    assert Message.objects.filter(user=stranger, content__contains=NAME).count() == 2
    assert not Message.objects.filter(search="marcia", user=office).exists()  # nor does the search know her
    changed = AuditLog.objects.filter(action="titular.anonimizar")
    assert sorted(key for row in changed for key in row.new_value if key != "run") == [
        "conversations", "messages", "projects", "upload_pages", "uploads",
    ]  # fmt: skip
    assert str(reply.pk) in str([row.new_value for row in changed])
    assert acts(request)[2] == "titular.encontrar"
    assert "titular.pedir-anonimizacao" in acts(request)


def test_what_has_to_be_preserved_is_left_and_said(office: User, stranger: User, as_staff: Client) -> None:
    request = searched(as_staff)
    confirm(as_staff, request, [stranger])
    do_all()
    held = Message.objects.get(conversation__project__preservar=True, role="assistant")
    assert held.content == f"{NAME} e marcia@cliente.com.br"
    assert Message.objects.filter(user=stranger, content=f"Excluída: {REPLACEMENT}").exists()


def test_what_is_to_be_preserved_only_since_the_search_is_left_too(office: User, as_staff: Client) -> None:
    request = searched(as_staff)
    confirm(as_staff, request, [office])
    Project.objects.update(preservar=True)
    do_all()
    assert Conversation.objects.get(user=office).title == f"Caso {NAME.upper()}"
    assert SubjectRun.objects.get(kind="anonymise").counts == {
        "preserved": 5, "project": 0, "conversation": 0, "message": 0, "upload": 0, "page": 0,
    }  # fmt: skip
    assert "5 deixados, a preservar" in page(as_staff, request)
    assert not AuditLog.objects.filter(action="titular.anonimizar").exists()


def test_only_the_chosen_terms_are_replaced(office: User, as_staff: Client) -> None:
    request = searched(as_staff)
    confirm(as_staff, request, [office], terms=["document"])
    do_all()
    assert Message.objects.get(user=office, role="assistant").content == f"A Sra. {NAME}, CPF {REPLACEMENT}, apelou."


def test_a_reply_that_is_being_written_is_left_for_the_next_time(owner: User, as_staff: Client) -> None:
    reply = ask_something(owner)
    row = Message.objects.filter(pk=reply.pk)
    row.update(status="streaming", content=NAME)
    request = searched(as_staff)
    confirm(as_staff, request, [owner])
    do_all()
    assert row.get().content == NAME
    assert "1 ainda sendo escritos" in page(as_staff, request)
    row.update(status="complete")
    confirm(as_staff, request, [owner])
    do_all()
    assert row.get().content == REPLACEMENT


def test_it_stops_after_a_batch_and_goes_on_the_next_time(
    owner: User, as_staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "AT_ONCE", 4)
    conversation = make_conversation(owner)
    Message.objects.bulk_create(
        Message(conversation=conversation, user=owner, role="user", content=NAME) for _ in range(10)
    )
    request = searched(as_staff)
    confirm(as_staff, request, [owner])
    run = SubjectRun.objects.get(kind="anonymise")
    note = runs.Pen.note

    def noting_and_stopping(self: runs.Pen, progress: Any) -> None:
        as_staff.post(f"/admin/titulares/trabalhos/{run.pk}/parar/")
        note(self, progress)

    with monkeypatch.context() as patched:
        patched.setattr(runs.Pen, "note", noting_and_stopping)
        do_all()
    assert Message.objects.filter(content=REPLACEMENT).count() == 4
    confirm(as_staff, request, [owner])
    do_all()
    assert Message.objects.filter(content=REPLACEMENT).count() == 10
    changed = [row.new_value["messages"] for row in AuditLog.objects.filter(action="titular.anonimizar")]
    assert sorted(pk for ids in changed for pk in ids) == sorted(str(m.pk) for m in Message.objects.all())


def test_a_change_made_meanwhile_is_not_lost(owner: User, as_staff: Client) -> None:
    """Somebody edits the row while the batch waits for her lock."""
    project = Project.objects.create(user=owner, name="Caso", description=f"{NAME} antes")
    request = searched(as_staff)
    confirm(as_staff, request, [owner])
    held, go = threading.Event(), threading.Event()

    def edit() -> None:
        with transaction.atomic():
            Project.objects.filter(pk=project.pk).update(description=f"{NAME} depois")
            held.set()
            go.wait(10)
        connection.close()

    other = threading.Thread(target=edit)
    other.start()
    held.wait(10)
    threading.Timer(0.3, go.set).start()
    do_all()
    other.join()
    project.refresh_from_db()
    assert project.description == f"{REPLACEMENT} depois"


def test_a_replacement_never_grows_over_what_a_column_holds(owner: User, as_staff: Client) -> None:
    make_conversation(owner, ("Lima Sá " * 60)[:490] + " Lima Sá")
    request = searched(as_staff, name="Lima Sá", email="", document="")
    confirm(as_staff, request, [owner], terms=["name"])
    do_all()
    title = Conversation.objects.get().title
    assert len(title) == 500
    assert "Lima" not in title


# A person of the system --------------------------------------------------------------------------


@pytest.fixture
def leaver(owner: User, as_owner: Client) -> User:
    """A lawyer who is herself the subject, signed in, with conversations, one of them in a held project."""
    owner.name, owner.oab, owner.role = NAME, "SP123456", "staff"
    owner.save()
    held = Project.objects.create(user=owner, name="Guardado", preservar=True)
    make_exchange(make_conversation(owner, "Guardada", project=held))
    make_exchange(make_conversation(owner, "Comum"))
    ask_something(owner)
    name = default_storage.save("copias/dela.zip", ContentFile(b"x"))
    later = timezone.now() + timedelta(days=3)
    DataExport.objects.create(user=owner, state="done", file_path=name, expires_at=later)
    assert as_owner.get("/conversas/").status_code == 200
    return owner


def leave(client: Client, request: SubjectRequest, person: User, **form: str) -> Any:
    values = {"conversations": "keep", "email": person.email, **form}
    return client.post(f"/admin/titulares/{request.pk}/pessoas/{person.pk}/", values)


def test_a_person_of_the_system_is_forgotten_and_her_work_stays(
    leaver: User, as_owner: Client, as_staff: Client
) -> None:
    request = searched(as_staff)
    assert f"anonimizar a conta {leaver.email}" in page(as_staff, request)
    assert leave(as_staff, request, leaver).status_code == 303
    leaver.refresh_from_db()
    assert (leaver.name, leaver.oab, leaver.role, leaver.is_active) == ("Pessoa anonimizada", "", "user", False)
    assert leaver.email == f"anonimizado-{leaver.pk.hex}@anonimizado.invalid"
    assert not leaver.has_usable_password()
    assert as_owner.get("/conversas/")["Location"].startswith("/entrar/")
    assert Conversation.objects.filter(user=leaver, deleted_at=None).count() == 3
    row = AuditLog.objects.get(action="titular.anonimizar-pessoa")
    assert row.new_value == {"person": str(leaver.pk), "conversations_deleted": 0}
    clean(Policy.from_settings(), "copies")
    assert not default_storage.exists("copias/dela.zip")


def test_her_conversations_are_deleted_when_that_is_chosen_but_held_ones(leaver: User, as_staff: Client) -> None:
    request = searched(as_staff)
    loose = Upload.objects.create(user=leaver, original_filename="x.pdf")
    leave(as_staff, request, leaver, conversations="delete")
    assert [c.title for c in Conversation.objects.filter(user=leaver, deleted_at=None)] == ["Guardada"]
    assert not Message.objects.unfinished().exists()
    loose.refresh_from_db()
    assert loose.deleted_at
    assert AuditLog.objects.get(action="titular.anonimizar-pessoa").new_value["conversations_deleted"] == 2


@pytest.mark.parametrize("form", [{"email": "outra@exemplo.adv.br"}, {"conversations": ""}, {"conversations": "x"}])
def test_without_her_e_mail_and_a_choice_nothing_happens(leaver: User, as_staff: Client, form: dict[str, str]) -> None:
    request = searched(as_staff)
    assert leave(as_staff, request, leaver, **form).status_code == 422
    leaver.refresh_from_db()
    assert leaver.is_active


def test_only_who_was_found_can_be_forgotten(leaver: User, stranger: User, as_staff: Client) -> None:
    assert leave(as_staff, searched(as_staff), stranger).status_code == 404


def test_nobody_forgets_herself_nor_who_has_more_rights(staff: User, as_staff: Client) -> None:
    request = searched(as_staff, name="", document="", email=staff.email)
    answer = as_staff.post(
        f"/admin/titulares/{request.pk}/pessoas/{staff.pk}/",
        {"conversations": "keep", "email": staff.email},
        follow=True,
    )
    assert "a própria conta" in answer.content.decode()
    admin = signed_in(User.objects.create_user("x@exemplo.adv.br", role="admin"))
    assert leave(admin, request, staff).status_code == 303
    staff.refresh_from_db()
    assert staff.is_active
    assert Session.objects.exists()


def test_the_last_account_of_the_administration_stays(leaver: User, staff: User, as_staff: Client) -> None:
    User.objects.filter(pk=leaver.pk).update(role="admin")
    User.objects.filter(pk=staff.pk).update(role="staff")
    request = searched(as_staff)
    answer = as_staff.post(
        f"/admin/titulares/{request.pk}/pessoas/{leaver.pk}/",
        {"conversations": "keep", "email": leaver.email},
        follow=True,
    )
    assert "última conta ativa da administração" in answer.content.decode()
    leaver.refresh_from_db()
    assert leaver.is_active
