"""The clean-up removes what is past its time, and nothing else: what goes, what stays, and what is said of it."""

import json
import os
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Session, User
from audit.models import AIOperation, AIUsageDay, AuditLog
from conversations.models import Conversation, Message
from conversations.tests.making import ask, make_conversation, make_exchange
from documents.actions import create as create_document
from documents.models import Document
from jurisprudence.deadlines.tests.making import make_deadline
from jurisprudence.models import CourtCase
from projects.models import Project, ProjectMember
from romagent.base.retention import Policy
from romagent.models import DataExport
from romagent.retention import KINDS, clean, preview
from uploads.models import FOLDER, Summary, Upload, UploadPage
from uploads.summaries.tests.making import made_summary

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
NOW = timezone.now()


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


def policy(**days: Any) -> Policy:
    return Policy.from_settings(**days)


def cleanup(*arguments: str) -> tuple[str, dict[str, Any]]:
    """What the command prints, and its last line."""
    out = StringIO()
    call_command("cleanup", *arguments, "--json", stdout=out, stderr=StringIO())
    text = out.getvalue()
    found: dict[str, Any] = json.loads(text.strip().splitlines()[-1])
    return text, found


def store(name: str, age: float = 2) -> str:
    """A file in the storage, as old as that in days."""
    stored = default_storage.save(f"{FOLDER}/{name}", ContentFile(b"conteudo"))
    moment = days_ago(age).timestamp()
    os.utime(default_storage.path(stored), (moment, moment))
    return stored


def make_operation(user: User, age: float, **fields: Any) -> AIOperation:
    return AIOperation.objects.create(
        **{"user": user, "operation_type": "answer", "model": "claude-opus-5-5", "status": "complete",
           "tokens_input": 10, "tokens_output": 5, "cost_usd": "0.5", "created_at": days_ago(age), **fields}
    )  # fmt: skip


# Conversations -----------------------------------------------------------------------------------


def test_a_conversation_archived_for_longer_than_the_limit_goes_with_its_messages(owner: User) -> None:
    old = make_conversation(owner, "velha", archived_at=days_ago(90.1))
    make_exchange(old)
    recent = make_conversation(owner, "recente", archived_at=days_ago(89.9))
    make_exchange(recent)
    current = make_conversation(owner, "atual", updated_at=days_ago(900))
    _, found = cleanup()
    assert set(Conversation.objects.values_list("pk", flat=True)) == {recent.pk, current.pk}
    assert Message.objects.count() == 2
    assert found["removed"] == {"conversations": 1, "messages": 2}


@pytest.mark.parametrize(("days", "left"), [("0", 0), ("10", 1), ("30", 2)])
def test_the_age_is_the_one_that_was_asked_for(owner: User, days: str, left: int) -> None:
    make_conversation(owner, archived_at=days_ago(5))
    make_conversation(owner, archived_at=days_ago(20))
    cleanup("--archived-days", days)
    assert Conversation.objects.count() == left


def test_what_was_deleted_goes_when_its_undo_is_over(owner: User) -> None:
    make_exchange(make_conversation(owner, deleted_at=days_ago(8)))
    kept = make_conversation(owner, deleted_at=days_ago(6))
    cleanup()
    assert list(Conversation.objects.all()) == [kept]
    assert not Message.objects.exists()


def test_a_conversation_that_is_being_answered_stays(owner: User) -> None:
    conversation = make_conversation(owner)
    ask(conversation)
    Conversation.objects.update(archived_at=days_ago(200), deleted_at=days_ago(100))
    _, found = cleanup()
    assert Conversation.objects.count() == 1
    assert found["rows"] == 0


def test_versions_and_chains_of_replies_go_together(owner: User) -> None:
    conversation = make_conversation(owner, archived_at=days_ago(100))
    for _ in range(3):
        _, reply = make_exchange(conversation)
    Message.objects.create(
        conversation=conversation, user=owner, role="assistant", reply_to=reply.reply_to, superseded_at=NOW
    )
    cleanup()
    connection.check_constraints()
    assert not Message.objects.exists()


def test_a_project_on_hold_keeps_everything_in_it(owner: User) -> None:
    held = Project.objects.create(user=owner, name="Guarda", preservar=True, deleted_at=days_ago(100))
    free = Project.objects.create(user=owner, name="Livre", deleted_at=days_ago(100))
    for project in (held, free):
        make_exchange(make_conversation(owner, project=project, archived_at=days_ago(200)))
        make_exchange(make_conversation(owner, project=project, deleted_at=days_ago(100)))
        Upload.objects.create(user=owner, project=project, original_filename="a.pdf", deleted_at=days_ago(100))
    cleanup()
    assert list(Project.objects.all()) == [held]
    assert set(Conversation.objects.values_list("project", flat=True)) == {held.pk}
    assert (Conversation.objects.count(), Message.objects.count(), Upload.objects.count()) == (2, 4, 1)


def test_the_conversations_of_a_project_that_goes_stay_without_it(owner: User) -> None:
    project = Project.objects.create(user=owner, name="Livre", deleted_at=days_ago(100))
    conversation = make_conversation(owner, project=project)
    cleanup()
    conversation.refresh_from_db()
    assert conversation.project_id is None
    assert not Project.objects.exists()


def test_what_would_show_somebody_what_is_not_hers_goes_with_the_project(owner: User, stranger: User) -> None:
    project = Project.objects.create(user=owner, name="Livre", deleted_at=days_ago(100))
    of_a_former_member = make_conversation(stranger, project=project)
    written_in_by_two = make_conversation(owner, project=project)
    own = make_conversation(owner, project=project)
    for conversation in (of_a_former_member, own):
        make_exchange(conversation)
    question, _ = make_exchange(written_in_by_two)
    Message.objects.filter(pk=question.pk).update(user=stranger)
    _, found = cleanup()
    connection.check_constraints()
    assert list(Conversation.objects.values_list("pk", "project")) == [(own.pk, None)]
    assert set(Message.objects.values_list("conversation", flat=True)) == {own.pk}
    assert found["removed"] == {"projects": 1, "conversations": 2, "messages": 4}


def test_a_members_own_conversation_goes_back_to_her(owner: User, stranger: User) -> None:
    project = Project.objects.create(user=owner, name="Livre", deleted_at=days_ago(100))
    ProjectMember.objects.create(project=project, user=stranger, role="viewer")
    conversation = make_conversation(stranger, project=project)
    make_exchange(conversation)
    cleanup()
    assert list(Conversation.objects.for_user(stranger)) == [conversation]


# Files -------------------------------------------------------------------------------------------


def make_upload(owner: User, name: str, **fields: Any) -> Upload:
    upload: Upload = Upload.objects.create(user=owner, original_filename=name, file_path=store(name), **fields)
    UploadPage.objects.create(upload=upload, number=1, text="texto")
    return upload


def test_a_deleted_file_goes_from_the_table_and_from_the_storage(owner: User) -> None:
    gone = make_upload(owner, "vai.pdf", deleted_at=days_ago(8))
    kept = make_upload(owner, "fica.pdf", deleted_at=days_ago(6))
    _, found = cleanup()
    assert list(Upload.objects.all()) == [kept]
    assert list(UploadPage.objects.values_list("upload", flat=True)) == [kept.pk]
    assert not default_storage.exists(gone.file_path)
    assert default_storage.exists(kept.file_path)
    assert found["removed"] == {"uploads": 1}


def test_the_files_of_a_conversation_go_with_it_unless_a_project_has_them(owner: User) -> None:
    project = Project.objects.create(user=owner, name="Caso")
    conversation = make_conversation(owner, archived_at=days_ago(100))
    alone = make_upload(owner, "da-conversa.pdf", conversation=conversation)
    shared = make_upload(owner, "do-projeto.pdf", conversation=conversation, project=project)
    cleanup()
    shared.refresh_from_db()
    assert shared.conversation_id is None
    assert default_storage.exists(shared.file_path)
    assert not Upload.objects.filter(pk=alone.pk).exists()
    assert not default_storage.exists(alone.file_path)


def test_a_file_that_no_row_knows_goes_after_a_day(owner: User, storage: Path) -> None:
    known = make_upload(owner, "conhecido.pdf").file_path
    old, young = store("sobra.pdf", age=1.1), store("chegando.pdf", age=0.5)
    elsewhere = default_storage.save("outra-pasta/nao-e-nossa.txt", ContentFile(b"x"))
    _, found = cleanup()
    assert [default_storage.exists(name) for name in (known, old, young, elsewhere)] == [True, False, True, True]
    assert found["removed"] == {"files": 1}


def test_a_storage_in_which_nothing_was_ever_kept_has_no_orphans() -> None:
    assert cleanup("--only", "orphans")[1]["rows"] == 0


def test_a_storage_that_fails_stops_nothing(owner: User, storage: Path) -> None:
    upload = make_upload(owner, "preso.pdf", deleted_at=days_ago(8))
    Path(default_storage.path(upload.file_path)).unlink()
    Path(default_storage.path(upload.file_path)).mkdir()  # cannot be deleted as a file
    (Path(default_storage.path(upload.file_path)) / "x").write_text("x")
    make_upload(owner, "outro.pdf", deleted_at=days_ago(8))
    cleanup("--only", "uploads")
    assert not Upload.objects.exists()


# Calls, sessions, jobs, audit --------------------------------------------------------------------


def test_old_calls_go_and_their_sums_by_day_stay(owner: User) -> None:
    make_operation(owner, 31)
    make_operation(owner, 40, cost_usd=None)
    kept = make_operation(owner, 29)
    before = list(AIUsageDay.objects.order_by("day").values("day", "calls", "cost_usd", "unpriced"))
    _, found = cleanup()
    assert list(AIOperation.objects.all()) == [kept]
    assert list(AIUsageDay.objects.order_by("day").values("day", "calls", "cost_usd", "unpriced")) == before
    assert (len(before), found["removed"]) == (3, {"ai_operations": 2})


def test_calls_that_are_not_added_up_are_not_removed(owner: User) -> None:
    make_operation(owner, 40)
    AIUsageDay.objects.all().delete()
    text, found = cleanup()
    assert AIOperation.objects.count() == 1
    assert "não estão somadas por dia" in text
    assert found["refused"].keys() == {"operations"}


def test_expired_sessions_go(owner: User) -> None:
    Session.objects.create(session_key="velha", session_data="", expire_date=days_ago(0.1))
    Session.objects.create(session_key="viva", session_data="", expire_date=NOW + timedelta(days=1))
    _, found = cleanup()
    assert list(Session.objects.values_list("pk", flat=True)) == ["viva"]
    assert found["removed"] == {"sessions": 1}


def test_the_audit_log_stays_unless_the_office_says_how_long(owner: User) -> None:
    AuditLog.objects.create(action="antiga", created_at=days_ago(4000))
    AuditLog.objects.create(action="nova", created_at=days_ago(10))
    cleanup()
    assert AuditLog.objects.filter(action="antiga").exists()
    _, found = cleanup("--audit-days", "3650")
    assert found["removed"] == {"audit_log": 1}
    assert not AuditLog.objects.filter(action="antiga").exists()
    assert AuditLog.objects.filter(action="nova").exists()


def test_jobs_that_ended_long_ago_go(owner: User) -> None:
    def job(status: str, age: float) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) VALUES ('q', 't', '{}', 'todo')"
                " RETURNING id"
            )
            (pk,) = cursor.fetchone()
            cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [status, pk])
            cursor.execute("UPDATE procrastinate_events SET at = %s WHERE job_id = %s", [days_ago(age), pk])
        return int(pk)

    job("failed", 8)
    job("aborted", 30)
    kept = {job("failed", 6), job("todo", 30)}
    _, found = cleanup()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM procrastinate_jobs")
        assert {row[0] for row in cursor.fetchall()} == kept
    assert found["removed"] == {"procrastinate_jobs": 2}


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
