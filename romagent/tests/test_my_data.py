"""My data: the page, the copy that a job makes, and who gets it."""

import asyncio
import io
import threading
import zipfile
from datetime import timedelta
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

from accounts.models import User
from audit.models import AuditLog
from romagent import exports, tasks
from romagent.base.retention import Policy
from romagent.models import DataExport
from romagent.retention import clean
from romagent.tests.exported import make_upload
from romagent.tests.my_data import State, acts, as_other_staff, asked_by, fill, made_for, media, page
from tests.running import Exchange, get, serving

__all__ = ["as_other_staff", "media"]  # fixtures
pytestmark = pytest.mark.usefixtures("committed")


# The page ----------------------------------------------------------------------------------------


def test_the_page_says_what_is_kept_and_is_found_from_every_page(owner: User, as_owner: Client) -> None:
    fill(owner)
    html = page(as_owner)
    for label, count in [("conversas", 3), ("mensagens", 6), ("arquivos", 3), ("projetos", 0)]:
        assert f"<dt>{label}</dt><dd>{count}" in html
    assert "15 B" in html
    assert 'href="/meus-dados/"' in as_owner.get("/conversas/").content.decode()


def test_nothing_of_anybody_else_is_counted(owner: User, as_stranger: Client) -> None:
    fill(owner)
    html = page(as_stranger)
    assert "<dt>conversas</dt><dd>0" in html
    assert "<dt>arquivos</dt><dd>0" in html


def test_the_page_asks_as_much_for_twenty_as_for_ten(owner: User, as_owner: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as found:
            page(as_owner)
        return len(found)

    page(as_owner)
    fill(owner, 10)
    ten = count()
    fill(owner, 10)
    assert count() == ten <= 20


# From asking to downloading ----------------------------------------------------------------------


def test_a_copy_is_asked_for_made_by_a_job_and_offered(owner: User, as_owner: Client) -> None:
    fill(owner)
    export = asked_by(as_owner)
    job = ProcrastinateJob.objects.get()
    assert (job.queue_name, job.args) == ("chores", {"export_id": str(export.pk)})
    assert "Na fila" in page(as_owner)
    asyncio.run(tasks.export_my_data(export_id=str(export.pk)))
    export.refresh_from_db()
    assert export.state == State.DONE
    assert export.progress == {"conversations": [3, 3], "documents": [0, 0], "files": [3, 3]}
    assert abs(export.expires_at - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)
    assert f'href="/meus-dados/{export.pk}/baixar/"' in page(as_owner)
    with default_storage.open(export.file_path) as file, zipfile.ZipFile(file) as archive:
        assert len([name for name in archive.namelist() if name.endswith(".md")]) == 3
    assert default_storage.size(export.file_path) == export.file_size
    assert acts() == ["dados.preparar", "dados.concluir"]
    done = AuditLog.objects.get(action="dados.concluir")
    assert (done.user_id, done.entity_id) == (owner.pk, export.pk)
    assert done.new_value == {"conversations": 3, "documents": 0, "files": 3, "missing": 0}


def downloaded(client: Client, export: DataExport) -> Exchange:
    async def run() -> Exchange:
        async with serving() as application:
            return await get(application, f"/meus-dados/{export.pk}/baixar/", client=client)

    return asyncio.run(run())


def test_the_copy_is_downloaded_whole_and_each_time_is_in_the_log(owner: User, as_owner: Client) -> None:
    fill(owner)
    make_upload(owner, "grande.bin", bytes(2_000_000))
    export = made_for(as_owner)
    exchange = downloaded(as_owner, export)
    assert exchange.status == 200
    assert exchange.headers["content-type"] == "application/zip"
    assert exchange.headers["cache-control"] == "private, no-store"
    assert exchange.headers["content-length"] == str(len(exchange.body)) == str(export.file_size)
    day = timezone.localdate().isoformat()
    assert f'filename="ROM Agent, meus dados, {day}.zip"' in exchange.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(exchange.body)) as archive:
        assert archive.testzip() is None
    downloaded(as_owner, export)
    assert acts().count("dados.baixar") == 2


def test_nobody_else_gets_it(owner: User, as_owner: Client, as_stranger: Client, as_other_staff: Client) -> None:
    export = made_for(as_owner)
    for client in (as_stranger, as_other_staff):
        assert client.get(f"/meus-dados/{export.pk}/baixar/").status_code == 404
        assert client.post(f"/meus-dados/{export.pk}/cancelar/").status_code == 404
        assert str(export.pk) not in page(client)
    assert "dados.baixar" not in acts()


def test_after_seven_days_it_is_given_to_nobody_and_goes(owner: User, as_owner: Client, media: Path) -> None:
    export = made_for(as_owner)
    DataExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = as_owner.get(f"/meus-dados/{export.pk}/baixar/", follow=True)
    assert answer.redirect_chain == [("/meus-dados/", 303)]
    assert "não existe mais" in answer.content.decode()
    assert "venceu" in answer.content.decode()
    assert default_storage.exists(export.file_path)
    clean(Policy.from_settings(), "copies")
    assert not default_storage.exists(export.file_path)
    assert not DataExport.objects.exists()
    assert AuditLog.objects.get(action="limpeza.copies").new_value["removed"] == {"data_exports": 1}


def test_a_file_of_a_copy_is_no_orphan_and_one_without_a_row_is(owner: User, as_owner: Client) -> None:
    export = made_for(as_owner)
    default_storage.save("copias/sobra.zip", ContentFile(b"x"))
    later = timezone.now() + timedelta(days=2)
    policy = Policy.from_settings(now=later)
    clean(policy, "orphans")
    assert default_storage.exists(export.file_path)
    assert not default_storage.exists("copias/sobra.zip")


def test_a_file_that_is_not_in_the_storage_is_said_from_then_on(owner: User, as_owner: Client) -> None:
    export = made_for(as_owner)
    default_storage.delete(export.file_path)

    exchange = downloaded(as_owner, export)
    assert not exchange.whole  # the browser sees that it broke off
    assert "não está mais no servidor" in page(as_owner)


# Limits ------------------------------------------------------------------------------------------


def test_one_at_a_time(owner: User, as_owner: Client, as_stranger: Client) -> None:
    first = asked_by(as_owner)
    assert asked_by(as_owner) == first
    assert ProcrastinateJob.objects.count() == acts().count("dados.preparar") == 1
    assert asked_by(as_stranger) != first
    with pytest.raises(IntegrityError), transaction.atomic():
        DataExport.objects.create(user=owner)


def test_asked_for_twice_at_the_same_moment_it_is_one(owner: User) -> None:
    found: list[Any] = []
    ready = threading.Barrier(4)

    def ask() -> None:
        ready.wait()
        found.append(exports.request_export(user=owner).pk)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == DataExport.objects.count() == ProcrastinateJob.objects.count() == 1


def test_there_are_so_many_a_day(owner: User, as_owner: Client) -> None:
    for _ in range(exports.PER_DAY):
        made_for(as_owner)
    answer = as_owner.post("/meus-dados/preparar/", follow=True)
    assert "nas últimas 24 horas" in answer.content.decode()
    assert DataExport.objects.count() == exports.PER_DAY
    DataExport.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    made_for(as_owner)


def test_what_failed_does_not_count(owner: User, as_owner: Client) -> None:
    DataExport.objects.bulk_create(DataExport(user=owner, state=State.FAILED) for _ in range(5))
    made_for(as_owner)
