"""A run of the clean-up: the command, its preview, its batches, what is said of it."""

from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import Session, User
from audit.models import AuditLog
from conversations.models import Conversation, Message
from conversations.tests.making import make_conversation, make_exchange
from documents.actions import create as create_document
from documents.models import Document
from jurisprudence.deadlines.tests.making import make_deadline
from jurisprudence.models import CourtCase
from projects.models import Project
from romagent.models import DataExport
from romagent.retention import KINDS, clean, preview
from romagent.tests.retaining import cleanup, days_ago, make_operation, make_upload, policy, storage, store
from uploads.models import Summary
from uploads.summaries.tests.making import made_summary

__all__ = ["storage"]  # fixtures
pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


# The command -------------------------------------------------------------------------------------


def fill(owner: User) -> None:
    """Something of every kind."""
    conversation = make_conversation(owner, archived_at=days_ago(100))
    make_exchange(conversation)
    make_upload(owner, "da-conversa.pdf", conversation=conversation)
    make_exchange(make_conversation(owner, deleted_at=days_ago(30)))
    make_exchange(make_conversation(owner, archived_at=days_ago(200), deleted_at=days_ago(30)))
    project = Project.objects.create(user=owner, name="Excluído")
    make_upload(owner, "do-projeto.pdf", project=project)
    make_deadline(project)
    Project.objects.filter(pk=project.pk).update(deleted_at=days_ago(30))
    make_upload(owner, "excluido.pdf", deleted_at=days_ago(30))
    made_summary(make_upload(owner, "resumido.pdf"))
    Summary.objects.update(deleted_at=days_ago(30))
    make_operation(owner, 50)
    Session.objects.create(session_key="velha", session_data="", expire_date=days_ago(1))
    create_document("Excluído", "<p>Texto.</p>", user=owner)
    Document.objects.update(deleted_at=days_ago(30))
    CourtCase.objects.create(number="0" * 20, created_at=days_ago(100))
    store("sobra.pdf")
    DataExport.objects.create(user=owner, state="done", finished_at=days_ago(8), expires_at=days_ago(1))
    AuditLog.objects.create(action="antiga", created_at=days_ago(4000))


def test_a_dry_run_says_what_the_run_then_removes_and_changes_nothing(owner: User) -> None:
    fill(owner)
    arguments = ("--audit-days", "3000")
    text, said = cleanup("--dry-run", *arguments)
    assert "Seriam removidos" in text
    assert not AuditLog.objects.filter(action__startswith="limpeza").exists()
    assert cleanup("--dry-run", *arguments)[1]["removed"] == said["removed"]
    _, done = cleanup(*arguments)
    assert said["removed"] == done["removed"]
    assert {key for key, found in done["kinds"].items() if found} == {kind.key for kind in KINDS} - {"jobs"}
    assert cleanup(*arguments)[1]["rows"] == 0  # nothing is left for a second run


def test_one_kind_alone(owner: User) -> None:
    fill(owner)
    _, found = cleanup("--only", "sessions")
    assert found["removed"] == {"sessions": 1}
    assert Conversation.objects.count() == 3


@pytest.mark.parametrize("arguments", [["--archived-days", "-1"], ["--archived-days", "x"], ["--only", "tudo"]])
def test_an_argument_that_makes_no_sense_is_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("cleanup", *arguments)


def test_every_batch_is_one_row_in_the_audit_log(owner: User) -> None:
    fill(owner)
    ids = [str(pk) for pk in Conversation.objects.filter(deleted_at=None).values_list("pk", flat=True)]
    cleanup()
    rows = {row.action: row.new_value for row in AuditLog.objects.filter(action__startswith="limpeza.")}
    assert rows["limpeza.archived"] == {
        "removed": {"conversations": 1, "messages": 2, "uploads": 1}, "conversations": ids,
    }  # fmt: skip
    assert rows["limpeza.operations"] == {"removed": {"ai_operations": 1}}
    assert set(rows) == {f"limpeza.{key}" for key in ("archived", "deleted", "summaries", "uploads", "documents", "deadlines", "projects", "court-cases", "operations",
                                                      "sessions", "copies", "orphans")}  # fmt: skip


def test_it_stops_after_a_batch_and_goes_on_the_next_time(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("romagent.retention.BATCH_ROWS", 4)
    for _ in range(6):
        make_exchange(make_conversation(owner, archived_at=days_ago(100)))
    report = clean(policy(), should_stop=lambda: True)
    assert (report.stopped, dict(+report.removed)) == (True, {"conversations": 2, "messages": 4})
    assert Message.objects.count() == 8
    assert clean(policy()).removed["messages"] == 8


def test_a_conversation_larger_than_a_batch_goes_whole(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("romagent.retention.BATCH_ROWS", 2)
    conversation = make_conversation(owner, archived_at=days_ago(100))
    for _ in range(5):
        make_exchange(conversation)
    seen: list[int] = []
    clean(policy(), progress=lambda kind, report: seen.append(Message.objects.count()))
    assert set(seen) == {0}


def test_many_batches_remove_everything_once(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("romagent.retention.BATCH_ROWS", 3)
    moment = days_ago(50)
    for _ in range(10):
        make_operation(owner, 0, created_at=moment)  # all of the same moment: no row between two batches is lost
    for number in range(10):
        Session.objects.create(session_key=f"s{number}", session_data="", expire_date=days_ago(1))
    assert +clean(policy()).removed == {"ai_operations": 10, "sessions": 10}


def test_a_page_counts_no_further_than_its_cap(owner: User) -> None:
    for _ in range(5):
        make_operation(owner, 50)
    assert preview(policy(), "operations", cap=3).removed == {"ai_operations": 3}
    assert preview(policy(), "operations").removed == {"ai_operations": 5}


def test_what_is_left_out_of_the_policy_is_the_settings(settings: Settings) -> None:
    settings.CLEANUP_ARCHIVED_DAYS, settings.CLEANUP_OPERATIONS_DAYS = 11, 12
    found = policy(operations_days=0)
    assert (found.archived_days, found.operations_days, found.audit_days) == (11, 0, None)


def test_the_summary_is_for_people(owner: User) -> None:
    make_exchange(make_conversation(owner, archived_at=days_ago(100)))
    text, _ = cleanup()
    assert "Conversas arquivadas há muito tempo              1 conversa, 2 mensagens" in text
    assert "Total                                            3 linhas em 0," in text


def test_a_file_name_that_another_table_could_have_is_asked_for_by_name(owner: User) -> None:
    names = {store(f"{uuid4()}.pdf") for _ in range(3)}
    assert preview(policy(), "orphans").removed["files"] == len(names)
