"""Requests of data subjects: registered, found, copied, anonymised and answered, each step in the log."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from audit.models import AuditLog
from conftest import signed_in
from romagent.models import SubjectRequest, SubjectRun
from romagent.subjects.tests.making import FORM, acts, media, page, register

__all__ = ["media"]  # fixtures
pytestmark = pytest.mark.usefixtures("committed")


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
