"""The clean-up removes what is past its time, and nothing else: what goes, what stays, and what is said of it."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from accounts.models import Session, User
from audit.models import AIOperation, AIUsageDay, AuditLog
from conversations.models import Conversation, Message
from conversations.tests.making import ask, make_conversation, make_exchange
from projects.models import Project, ProjectMember
from romagent.tests.retaining import NOW, cleanup, days_ago, make_operation, make_upload, storage, store
from uploads.models import Upload, UploadPage

__all__ = ["storage"]  # fixtures
pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


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


# Files --------------------------------------------------------------------------------------------


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
