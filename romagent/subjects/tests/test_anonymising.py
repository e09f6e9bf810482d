"""A data subject is replaced where that may be, and a person of the system is forgotten while her work stays."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Session, User
from audit.models import AuditLog
from conftest import signed_in
from conversations.models import Conversation, Message
from conversations.tests.making import ask_something, make_conversation, make_exchange
from projects.models import Project
from romagent import runs
from romagent.base.retention import Policy
from romagent.models import DataExport, SubjectRequest, SubjectRun
from romagent.retention import clean
from romagent.subjects import work
from romagent.subjects.terms import REPLACEMENT
from romagent.subjects.tests.making import NAME, acts, confirm, do_all, media, office, page, places_of, searched
from uploads.models import Upload, UploadPage

__all__ = ["media", "office"]  # fixtures
pytestmark = pytest.mark.usefixtures("committed")


# Replace ------------------------------------------------------------------------------------------


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


def test_what_is_kept_beside_a_text_names_her_no_more_though_the_text_never_did(owner: User, as_staff: Client) -> None:
    """The name of a file that came with a question, a passage that an answer rests on, a volume, an old system's field."""
    named, half = {"id": "1", "name": f"RG {NAME}.pdf"}, NAME.replace(" ", "\n", 1)
    question, reply = make_exchange(make_conversation(owner), "Veja o anexo.", "Pronto.")
    Message.objects.filter(pk=question.pk).update(metadata={"files": [named]})
    cited = {"number": 1, "file": "1", "name": "a.pdf", "page": 1, "quote": f"Eu, {half}, declaro"}
    Message.objects.filter(pk=reply.pk).update(metadata={"reading": {"citations": [cited]}, "left_out": 2})
    Upload.objects.create(user=owner, original_filename="Autos.pdf", metadata={"volumes": [named]})
    Project.objects.create(user=owner, name="Antigo", metadata={"legacy": {"cliente": NAME}})
    request = searched(as_staff)
    assert places_of(request) == {"message": 2, "upload": 1, "project": 1}
    assert confirm(as_staff, request, [owner]).status_code == 303
    do_all()
    kept = [Message.objects.get(pk=question.pk).metadata, Message.objects.get(pk=reply.pk).metadata]
    assert kept[0] == {"files": [{"id": "1", "name": f"RG {REPLACEMENT}.pdf"}]}
    assert (kept[1]["reading"]["citations"][0]["quote"], kept[1]["left_out"]) == (f"Eu, {REPLACEMENT}, declaro", 2)
    assert Message.objects.get(pk=reply.pk).content == "Pronto."
    assert places_of(searched(as_staff)) == {}


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
