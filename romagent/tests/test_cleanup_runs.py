"""Clean-ups that are asked for: the staff's page, the job in the worker, the night, and two at once."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from accounts.models import Session, User
from audit.models import AIOperation, AuditLog
from conftest import signed_in
from conversations.models import Message
from conversations.tests.making import make_conversation, make_exchange
from romagent import cleanup, tasks
from romagent.base import chores
from romagent.base.retention import Policy
from romagent.models import CleanupRun
from romagent.retention import LOCK, clean

ROOT = Path(__file__).resolve().parents[2]
State = CleanupRun.State


@pytest.fixture(autouse=True)
def _media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def make_operations(owner: User, count: int) -> None:
    old = timezone.now() - timedelta(days=50)
    AIOperation.objects.bulk_create(
        AIOperation(user=owner, operation_type="answer", model="m", status="complete", created_at=old)
        for _ in range(count)
    )


# The staff's page --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_page_shows_what_would_go_and_asks_for_a_run(as_staff: Client, staff: User, owner: User) -> None:
    make_exchange(make_conversation(owner, archived_at=timezone.now() - timedelta(days=100)))
    page = as_staff.get("/admin/limpeza/").content.decode()
    assert "1 conversa, 2 mensagens" in page
    assert as_staff.post("/admin/limpeza/", {"only": "archived"})["Location"] == "/admin/limpeza/"
    run = CleanupRun.objects.get()
    assert (run.state, run.only, run.user) == (State.QUEUED, "archived", staff)
    assert ProcrastinateJob.objects.get().args == {"run_id": str(run.pk)}
    row = AuditLog.objects.get()
    assert (row.action, row.user, row.entity_id, row.new_value) == (
        "limpeza.pedir",
        staff,
        run.pk,
        {"only": "archived"},
    )
    cleanup.perform(run.pk)
    run.refresh_from_db()
    assert (run.state, run.removed) == (State.DONE, {"conversations": 1, "messages": 2})
    assert not Message.objects.exists()
    assert AuditLog.objects.get(action="limpeza.archived").user == staff
    assert "concluída" in as_staff.get("/admin/limpeza/").content.decode()


@pytest.mark.django_db
def test_a_second_request_joins_the_first(as_staff: Client) -> None:
    as_staff.post("/admin/limpeza/")
    as_staff.post("/admin/limpeza/")
    assert CleanupRun.objects.count() == ProcrastinateJob.objects.count() == 1


@pytest.mark.django_db
def test_a_kind_that_does_not_exist_is_refused(as_staff: Client) -> None:
    assert "não existe" in as_staff.post("/admin/limpeza/", {"only": "tudo"}, follow=True).content.decode()
    assert not CleanupRun.objects.exists()


@pytest.mark.django_db
def test_a_run_that_waits_is_stopped_and_never_begins(as_staff: Client, owner: User) -> None:
    make_operations(owner, 1)
    as_staff.post("/admin/limpeza/")
    run = CleanupRun.objects.get()
    as_staff.post(f"/admin/limpeza/{run.pk}/parar/")
    as_staff.post(f"/admin/limpeza/{run.pk}/parar/")  # stopping twice is stopping once
    cleanup.perform(run.pk)
    run.refresh_from_db()
    assert run.state == State.STOPPED
    assert AIOperation.objects.count() == 1
    assert AuditLog.objects.filter(action="limpeza.parar").count() == 1


@pytest.mark.django_db
def test_a_run_under_way_stops_after_its_batch(as_staff: Client, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("romagent.retention.BATCH_ROWS", 2)
    make_operations(owner, 10)
    as_staff.post("/admin/limpeza/", {"only": "operations"})
    run = CleanupRun.objects.get()
    note = cleanup._noting

    def noting_and_stopping(run: CleanupRun) -> Any:
        inner = note(run)

        def say(*args: Any) -> None:
            inner(*args)
            as_staff.post(f"/admin/limpeza/{run.pk}/parar/")

        return say

    monkeypatch.setattr(cleanup, "_noting", noting_and_stopping)
    cleanup.perform(run.pk)
    run.refresh_from_db()
    assert (run.state, run.removed, AIOperation.objects.count()) == (State.STOPPED, {"ai_operations": 2}, 8)


@pytest.mark.django_db
def test_a_run_whose_worker_died_makes_room_for_another(staff: User) -> None:
    dead = CleanupRun.objects.create(state=State.RUNNING, heartbeat_at=timezone.now() - timedelta(minutes=3))
    run = cleanup.request_run(user=staff)
    dead.refresh_from_db()
    assert (dead.state, run.state) == (State.FAILED, State.QUEUED)
    assert run.pk != dead.pk


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/admin/limpeza/", "/admin/banco/"])
@pytest.mark.parametrize(("role", "status"), [("user", 403), ("staff", 403), ("admin", 200)])
def test_who_may_see_the_pages(path: str, role: str, status: int) -> None:
    client = signed_in(User.objects.create_user("x@exemplo.adv.br", role=role))
    expected = 200 if (path, role) == ("/admin/banco/", "staff") else status
    assert client.get(path).status_code == expected
    assert AuditLog.objects.filter(action="acesso.negado").count() == (expected == 403)


@pytest.mark.django_db
def test_who_may_not_clean_up_cannot_by_sending_the_form(owner: User) -> None:
    client = signed_in(User.objects.create_user("x@exemplo.adv.br", role="staff"))
    assert client.post("/admin/limpeza/").status_code == 403
    assert not CleanupRun.objects.exists()


# Jobs --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("committed")
def test_the_job_cleans_in_the_thread_for_long_work(owner: User) -> None:
    make_operations(owner, 3)
    run = cleanup.request_run(only="operations")
    asyncio.run(tasks.clean_up(run_id=str(run.pk)))
    run.refresh_from_db()
    assert (run.state, run.removed) == (State.DONE, {"ai_operations": 3})


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("wanted", [True, False])
def test_the_night_asks_for_a_run_where_the_office_wants_it(settings: Settings, wanted: bool) -> None:
    settings.CLEANUP_NIGHTLY = wanted
    asyncio.run(tasks.nightly_cleanup(timestamp=0))
    assert CleanupRun.objects.count() == wanted
    assert AuditLog.objects.count() == 0  # nobody asked; each batch will have its row


def test_the_night_is_half_past_three_in_brasilia() -> None:
    from procrastinate.contrib.django import app

    periodic = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic["romagent.nightly_cleanup"] == "30 6 * * *"


@pytest.mark.usefixtures("committed")
def test_a_worker_that_is_told_to_stop_ends_the_run_after_its_batch(owner: User) -> None:
    make_operations(owner, 3)
    run = cleanup.request_run(only="operations")
    chores.stopping.set()
    try:
        cleanup.perform(run.pk)
    finally:
        chores.stopping.clear()
    run.refresh_from_db()
    assert run.state == State.STOPPED


# Two at once, readers, and processes that die --------------------------------------------------


@pytest.fixture
def other() -> Iterator[psycopg.Connection[Any]]:
    """Another connection to the test's database."""
    parameters = connection.get_connection_params()
    for key in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(key, None)
    with psycopg.connect(**parameters, autocommit=True) as found:
        yield found


@pytest.mark.usefixtures("committed")
def test_two_clean_ups_never_overlap(owner: User, other: psycopg.Connection[Any]) -> None:
    make_operations(owner, 1)
    other.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    with pytest.raises(CommandError, match="já está em andamento"):
        call_command("cleanup")
    run = cleanup.request_run()
    cleanup.perform(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error) == (State.FAILED, "outra limpeza já está em andamento")
    other.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    call_command("cleanup")
    assert not AIOperation.objects.exists()


@pytest.mark.usefixtures("committed")
def test_readers_never_wait_for_a_batch(owner: User, other: psycopg.Connection[Any]) -> None:
    make_exchange(make_conversation(owner, archived_at=timezone.now() - timedelta(days=100)))
    make_operations(owner, 5)
    Session.objects.create(session_key="x", session_data="", expire_date=timezone.now() - timedelta(days=1))
    from romagent.retention import KINDS

    other.execute("SET lock_timeout = '200ms'")
    with transaction.atomic():
        for kind in KINDS:
            kind.remove(Policy.from_settings(audit_days=1), 100, None)
        locks = other.execute(
            "SELECT DISTINCT mode FROM pg_locks WHERE locktype = 'relation' AND pid <> pg_backend_pid() "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ).fetchall()
        for table in ("messages", "conversations", "ai_operations", "sessions", "uploads", "audit_log"):
            other.execute(f"SELECT count(*) FROM {table}")
        other.execute("INSERT INTO sessions (sid, sess, expire) VALUES ('y', '', now())")
    assert not {mode for (mode,) in locks} & {"AccessExclusiveLock", "ExclusiveLock", "ShareLock"}


def environment() -> dict[str, str]:
    name = connection.settings_dict["NAME"]
    base = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    return os.environ | {"DATABASE_URL": f"{base}/{name}", "MEDIA_ROOT": settings.MEDIA_ROOT}


def start_command(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "cleanup", "--json", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_until_some_are_gone(total: int) -> None:
    deadline = time.monotonic() + 30
    while AIOperation.objects.count() in (0, total):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.processes
@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["told to stop", "killed"])
def test_a_clean_up_that_ends_half_way_is_finished_by_the_next(owner: User, number: int) -> None:
    total = 60_000
    make_operations(owner, total)
    process = start_command("--only", "operations")
    wait_until_some_are_gone(total)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    left = AIOperation.objects.count()
    assert 0 < left < total, err
    if number == signal.SIGTERM:
        assert process.returncode == 130
        assert "até a interrupção" in out
        assert '"stopped": true' in out
    counted = sum(row.new_value["removed"]["ai_operations"] for row in AuditLog.objects.all())
    assert counted == total - left  # what is gone is in the log, to the row
    second = start_command("--only", "operations")
    second.communicate(timeout=60)
    assert (second.returncode, AIOperation.objects.count()) == (0, 0)


@pytest.mark.usefixtures("committed")
def test_rows_that_somebody_holds_are_left_for_the_next_time(owner: User, other: psycopg.Connection[Any]) -> None:
    make_operations(owner, 3)
    held = AIOperation.objects.order_by("pk").first()
    assert held is not None
    release = threading.Event()
    with other.transaction():
        other.execute("SELECT 1 FROM ai_operations WHERE id = %s FOR UPDATE", [held.pk])
        clean(Policy.from_settings(), "operations")
        release.set()
    assert list(AIOperation.objects.values_list("pk", flat=True)) == [held.pk]
    clean(Policy.from_settings(), "operations")
    assert not AIOperation.objects.exists()
