"""All documents of a project in one ZIP: what is in it, what becomes of it meanwhile, and what it keeps from others."""

import asyncio
import hashlib
import time
import zipfile
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from audit.models import AuditLog
from conftest import signed_in
from documents import actions, project_files
from documents.exporting import Failed, Renderer, Wanted
from documents.models import Document
from documents.tests.test_exporting import exports
from documents.tests.word import Word
from projects.models import Project

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def project(owner: User) -> Project:
    made = Project.objects.create(user=owner, name="Silva x Souza")
    for number in range(3):
        title = ("Réplica", "RÉPLICA", "LEIA-ME.txt")[number]
        actions.create(title, f"<p>Documento {number}.</p>", user=owner, project=made)
    return made


def zip_of(client: Client, project: Project) -> zipfile.ZipFile:
    response = client.get(f"/projetos/{project.pk}/documentos.zip")
    assert (response.status_code, response["Content-Type"]) == (200, "application/zip")
    return zipfile.ZipFile(BytesIO(asyncio.run(_whole(response.streaming_content))))  # type: ignore[attr-defined]


async def _whole(parts: AsyncIterator[bytes]) -> bytes:
    return b"".join([part async for part in parts])


def test_all_documents_of_a_project_in_one_zip(as_owner: Client, project: Project) -> None:
    archive = zip_of(as_owner, project)
    assert archive.testzip() is None
    names = [name for name in archive.namelist() if name.endswith(".docx")]
    assert names == ["Réplica.docx", "RÉPLICA (2).docx", "LEIA-ME.txt.docx"]
    assert [Word(archive.read(name)).lines() for name in names] == [[f"Documento {n}."] for n in range(3)]
    assert sorted(archive.namelist()) == sorted(names + [name.replace(".docx", ".pdf") for name in names])
    marks = {row["sha256"] for row in exports() if row["format"] == "docx"}
    assert marks == {hashlib.sha256(archive.read(name)).hexdigest() for name in names}
    row = AuditLog.objects.get(action="projeto.exportar-documentos")
    assert (row.entity_id, row.new_value) == (project.pk, {"documents": 3})


def test_a_document_that_cannot_be_written_stops_no_other(
    as_owner: Client, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Renderer.files

    async def failing(self: Renderer, wanted: Wanted) -> list[bytes]:
        if wanted.kind == "pdf" or "1" in wanted.content:
            raise Failed("time")
        return await files(self, wanted)

    monkeypatch.setattr(Renderer, "files", failing)
    archive = zip_of(as_owner, project)
    assert [name for name in archive.namelist() if name.endswith(".docx")] == ["Réplica.docx", "LEIA-ME.txt.docx"]
    assert "- RÉPLICA (2).docx\n" in archive.read("LEIA-ME.txt").decode()


def test_what_is_deleted_while_the_zip_is_written_is_not_in_it(as_owner: Client, project: Project, owner: User) -> None:
    response = as_owner.get(f"/projetos/{project.pk}/documentos.zip")
    gone = Document.objects.for_user(owner).order_by("pk").first()
    assert gone is not None
    actions.delete(gone, user=owner)
    archive = zipfile.ZipFile(BytesIO(asyncio.run(_whole(response.streaming_content))))  # type: ignore[attr-defined]
    assert [name for name in archive.namelist() if name.endswith(".docx")] == ["RÉPLICA.docx", "LEIA-ME.txt.docx"]


def test_what_is_moved_while_the_zip_is_written_is_not_in_it(as_owner: Client, project: Project, owner: User) -> None:
    response = as_owner.get(f"/projetos/{project.pk}/documentos.zip")
    other = Project.objects.create(user=owner, name="Outro caso")
    for document in Document.objects.for_user(owner):
        actions.move(document, other, user=owner)
    archive = zipfile.ZipFile(BytesIO(asyncio.run(_whole(response.streaming_content))))  # type: ignore[attr-defined]
    assert archive.namelist() == ["LEIA-ME.txt"]
    assert exports() == []


def test_slow_readers_keep_nobody_waiting(as_owner: Client, project: Project) -> None:
    """As many as may be written at once have taken their first part and nothing since."""

    def begun() -> AsyncIterator[bytes]:
        response: Any = as_owner.get(f"/projetos/{project.pk}/documentos.zip")
        return response.streaming_content  # type: ignore[no-any-return]

    streams = [begun() for _ in range(project_files.AT_ONCE + 1)]

    async def read() -> bytes:
        *slow, last = streams
        for stream in slow:
            assert await anext(aiter(stream))
        return await asyncio.wait_for(_whole(last), 60)

    assert zipfile.ZipFile(BytesIO(asyncio.run(read()))).testzip() is None


def test_a_project_without_documents_says_so(as_owner: Client, owner: User) -> None:
    empty = Project.objects.create(user=owner, name="Vazio")
    assert zip_of(as_owner, empty).read("LEIA-ME.txt").decode() == "Este projeto não tem documentos.\n"


def test_strangers_and_their_zips(as_stranger: Client, project: Project, stranger: User) -> None:
    assert as_stranger.get(f"/projetos/{project.pk}/documentos.zip").status_code == 404
    assert signed_in(stranger).get("/documentos/").status_code == 200


def test_between_two_documents_nobody_holds_a_connection(
    as_owner: Client, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted by PostgreSQL itself, over a connection that is none of Django's."""
    files, seen = Renderer.files, list[int]()
    parameters = connection.get_connection_params()
    given = {name: parameters[name] for name in ("host", "port", "user", "password", "dbname") if parameters.get(name)}
    with psycopg.connect(**given, autocommit=True) as beside:

        def others() -> int:
            query = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            found: int = beside.execute(query).fetchall()[0][0]
            return found

        async def watched(self: Renderer, wanted: Wanted) -> list[bytes]:
            end = (
                time.monotonic() + 10
            )  # it takes a moment to see that one is closed; one that is held it sees for ever
            while (found := others()) > before and time.monotonic() < end:
                await asyncio.sleep(0.05)
            seen.append(found)
            return await files(self, wanted)

        before = others()  # the test's own
        monkeypatch.setattr(Renderer, "files", watched)
        zip_of(as_owner, project)
    assert len(seen) == 6
    assert max(seen) <= before
