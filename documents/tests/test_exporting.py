"""Documents given out as files: exactly the text on the screen, on the office's paper, each with its row in the log."""

import asyncio
import hashlib
import json
import time
import zipfile
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import docx
import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from audit.models import AuditLog
from documents import actions, export_views, exporting
from documents.drafting.models import Draft
from documents.exporting import Failed, Renderer, Wanted, files_of
from documents.formats import OFFICE
from documents.letterhead import Letterhead
from documents.models import Document, fingerprint
from documents.tests.word import Word
from projects.models import Project, ProjectMember

pytestmark = pytest.mark.usefixtures("committed")
TEXT = "<h2>Dos fatos</h2><p>O autor alega.</p><p>Assina [●  nome do advogado].</p>"


@pytest.fixture
def document(owner: User) -> Document:
    return actions.create("Contestação: Silva / Souza", TEXT, user=owner)


def path(document: Document, query: str = "?formato=docx") -> str:
    return f"/documentos/{document.pk}/exportar/{query}"


def exports() -> list[dict[str, Any]]:
    return [row.new_value or {} for row in AuditLog.objects.filter(action="documento.exportar").order_by("pk")]


def opened(data: bytes) -> Any:
    return docx.Document(BytesIO(data))


# One document ------------------------------------------------------------------------------------


def test_a_word_file_says_the_text_and_the_log_says_which_file(as_owner: Client, document: Document) -> None:
    response = as_owner.get(path(document))
    assert response.status_code == 200
    assert Word(response.content).lines() == ["I. Dos fatos", "O autor alega.", "Assina [●  nome do advogado]."]
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''Contesta%C3%A7%C3%A3o%20Silva")
    assert response["Cache-Control"] == "private, no-store"
    assert (opened(response.content).core_properties.author, exports()) == (
        "Dra. Helena Prado",
        [{
            "format": "docx", "sha256": hashlib.sha256(response.content).hexdigest(), "revision": 1,
            "text_sha256": document.sha256, "reviewed": False,
        }],
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "begin"), [("pdf", b"%PDF-1.7"), ("md", b"## I"), ("txt", b"I. Dos fatos\n")])
def test_the_other_formats_come_from_the_same_text(
    as_owner: Client, document: Document, kind: str, begin: bytes
) -> None:
    response = as_owner.get(path(document, f"?formato={kind}"))
    assert (response.status_code, response.content[: len(begin)]) == (200, begin)
    assert response["Content-Type"] == exporting.KINDS[kind].mime_type
    assert [row["format"] for row in exports()] == [kind]


def test_whether_somebody_had_read_this_very_text_is_shown_and_kept(
    as_owner: Client, document: Document, owner: User
) -> None:
    assert "Ninguém declarou ainda" in as_owner.get(path(document, "")).content.decode()
    actions.confirm_review(document, document.sha256, user=owner)
    assert "Conferido por <bdi>Dra. Helena Prado</bdi>" in as_owner.get(path(document, "")).content.decode()
    as_owner.get(path(document))
    document = actions.save(document, 1, user=owner, content="<p>Outro texto.</p>")
    assert "Ninguém declarou ainda" in as_owner.get(path(document, "")).content.decode()
    as_owner.get(path(document))
    assert [row["reviewed"] for row in exports()] == [True, False]


def test_without_a_format_one_chooses_and_sees_what_is_still_missing(as_owner: Client, document: Document) -> None:
    page = as_owner.get(path(document, "")).content.decode()
    assert "1 lacuna por preencher" in page
    assert "nome do advogado" in page
    assert as_owner.get(path(document, "?formato=exe")).status_code == 200
    assert exports() == []


def test_a_document_whose_draft_has_not_come_to_its_end_is_said_to_be_one(as_owner: Client, document: Document) -> None:
    said = "não chegou ao fim"
    assert said not in as_owner.get(path(document, "")).content.decode()
    draft = Draft.objects.create(document=document, brief="", parts=[{"name": "Fatos", "about": ""}])
    for state in ("writing", "stopped", "failed", "done"):
        Draft.objects.filter(pk=draft.pk).update(state=state)
        assert (said in as_owner.get(path(document, "")).content.decode()) == (state != "done")


@pytest.mark.parametrize("text", ["[●" * 60_000, "[●" + " " * 120_000], ids=["begun", "blanks"])
def test_no_text_keeps_the_page_busy(as_owner: Client, owner: User, text: str) -> None:
    """A moment; a pattern that goes back again and again would take a minute."""
    hostile = actions.create("Hostil", f"<p>{text}</p>", user=owner)
    began = time.process_time()
    page = as_owner.get(path(hostile, "")).content.decode()
    assert time.process_time() - began < 10
    assert ("e mais 59900" in page) == (text.count("[●") > 1)


@pytest.mark.parametrize("most", ["0", "x", "-1", "501", "nan", "inf"])
def test_a_size_that_cannot_be_is_said(as_owner: Client, document: Document, most: str) -> None:
    response = as_owner.get(path(document, f"?formato=pdf&maximo={most}"))
    page = response.content.decode()
    assert (response.status_code, "0,5 a 500 MB" in page) == (422, True)
    assert f'value="{most}"' in page
    assert '<option value="pdf" selected>' in page


def test_who_only_reads_may_take_it_and_strangers_may_not(
    document: Document, owner: User, stranger: User, as_stranger: Client
) -> None:
    assert as_stranger.get(path(document)).status_code == 404
    project = Project.objects.create(user=owner, name="Silva x Souza")
    actions.move(document, project, user=owner)
    ProjectMember.objects.create(project=project, user=stranger, role="viewer")
    assert as_stranger.get(path(document)).status_code == 200
    assert as_stranger.post(f"/documentos/{document.pk}/papel/", {"modelo": "abnt"}).status_code == 403
    assert [row.user_id for row in AuditLog.objects.filter(action="documento.exportar")] == [stranger.pk]


def test_no_connection_is_held_while_it_is_written(
    as_owner: Client, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []

    async def watched(wanted: Wanted) -> list[bytes]:
        held.append(connection.connection is not None)
        return await files_of(wanted)

    monkeypatch.setattr(exporting, "files_of", watched)
    assert as_owner.get(path(document)).status_code == 200
    assert held == [False]


@pytest.mark.parametrize("code", ["time", "memory", "died", "ValueError"])
def test_what_cannot_be_written_is_said_and_no_row_says_it_was(
    as_owner: Client, document: Document, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(wanted: Wanted) -> list[bytes]:
        raise Failed(code)

    monkeypatch.setattr(exporting, "files_of", failing)
    response = as_owner.get(path(document))
    assert (response.status_code, 'role="alert"' in response.content.decode()) == (503, True)
    assert "ValueError" not in response.content.decode()
    assert exports() == []


def test_a_pdf_in_parts_is_a_zip_of_them(as_owner: Client, document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    async def two(wanted: Wanted) -> list[bytes]:
        assert (wanted.kind, wanted.most_mb) == ("pdf", 1.5)
        return [b"%PDF-1", b"%PDF-2"]

    monkeypatch.setattr(exporting, "files_of", two)
    response = as_owner.get(path(document, "?formato=pdf&maximo=1,5"))
    with zipfile.ZipFile(BytesIO(response.content)) as archive:
        assert archive.namelist() == [f"Contestação Silva Souza (parte {n} de 2).pdf" for n in (1, 2)]
    assert exports()[0]["sha256"] == [hashlib.sha256(data).hexdigest() for data in (b"%PDF-1", b"%PDF-2")]


def test_too_many_in_a_minute_are_too_many(
    as_owner: Client, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_views, "EXPORTS_PER_MINUTE", 1)
    assert [as_owner.get(path(document)).status_code for _ in range(2)] == [200, 429]


# The child ---------------------------------------------------------------------------------------


def wanted(content: str = TEXT, kind: str = "docx", **more: Any) -> Wanted:
    return Wanted(kind, "Título", content, OFFICE, **more)


def test_one_child_writes_many_files_and_survives_what_it_does_not_know() -> None:
    async def some() -> list[list[bytes]]:
        async with Renderer() as renderer:
            first = await renderer.files(wanted())
            process = renderer.process
            with pytest.raises(Failed, match="KeyError"):
                await renderer.files(wanted(kind="no such"))
            second = await renderer.files(wanted("<p>Dois.</p>"))
            assert renderer.process is process
        assert process is not None
        assert process.returncode is not None
        return [first, second]

    first, second = asyncio.run(some())
    assert (Word(first[0]).lines()[0], Word(second[0]).lines()) == ("I. Dos fatos", ["Dois."])


def test_a_child_that_says_nothing_is_ended_and_another_one_takes_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    command = exporting.COMMAND

    async def twice() -> bytes:
        async with Renderer(seconds=0.5) as renderer:
            monkeypatch.setattr(exporting, "COMMAND", ["/bin/sleep", "60"])
            began = time.monotonic()
            with pytest.raises(Failed, match="time"):
                await renderer.files(wanted())
            assert time.monotonic() - began < 10
            monkeypatch.setattr(exporting, "COMMAND", command)
            renderer.seconds = 60
            return (await renderer.files(wanted()))[0]

    assert Word(asyncio.run(twice())).lines()[0] == "I. Dos fatos"


@pytest.mark.parametrize("program", [["/bin/true"], ["/bin/echo", "not json"], ["/bin/echo", '{"sizes": [9]}']])
def test_a_child_that_breaks_off_is_a_failure(program: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "COMMAND", program)
    with pytest.raises(Failed, match="died"):
        asyncio.run(files_of(wanted("<p>x</p>" * 50_000)))


def test_who_gives_up_leaves_no_child_behind() -> None:
    async def given_up() -> int | None:
        renderer = Renderer()
        task = asyncio.create_task(_within(renderer))
        while renderer.process is None:
            await asyncio.sleep(0.01)
        process = renderer.process
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return process.returncode

    assert asyncio.run(given_up()) == -9


async def _within(renderer: Renderer) -> None:
    async with renderer:
        await renderer.files(wanted("<p>x</p>" * 100_000))


def test_the_letterhead_goes_to_the_child_and_back_as_it_is() -> None:
    head = Letterhead(b"\x89PNG\x00", ("a", "b"), ("c",), ())
    assert Letterhead.from_json(json.loads(json.dumps(head.as_json()))) == head
    assert Letterhead.from_json(Letterhead().as_json()) == Letterhead()


def test_a_child_that_comes_to_its_end_after_other_files_costs_none(caplog: pytest.LogCaptureFixture) -> None:
    async def two() -> list[bytes]:
        async with Renderer() as renderer:
            first = await renderer.files(wanted())
            assert renderer.process is not None
            renderer.process.kill()
            return first + await renderer.files(wanted("<p>Dois.</p>"))

    first, second = asyncio.run(two())
    assert (Word(first).lines()[0], Word(second).lines()) == ("I. Dos fatos", ["Dois."])
    assert "could not be written as docx: died" in caplog.text


def test_a_child_without_work_leaves_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "IDLE", 0.1)

    async def two() -> list[bytes]:
        async with Renderer() as renderer:
            first = await renderer.files(wanted())
            process = renderer.process
            assert process is not None
            assert await asyncio.wait_for(process.wait(), 10) == -9
            return first + await renderer.files(wanted("<p>Dois.</p>"))

    assert Word(asyncio.run(two())[1]).lines() == ["Dois."]


# What has changed --------------------------------------------------------------------------------


def compare(client: Client, document: Document, query: str = "") -> Any:
    return client.get(f"/documentos/{document.pk}/comparar/exportar/{query}")


def test_what_changed_since_the_version_before(as_owner: Client, document: Document, owner: User) -> None:
    actions.save(document, 1, user=owner, content="<p>O réu alega.</p>", is_kept=True)
    actions.save(document, 2, user=owner, content="<p>O réu nega.</p>")
    said = Word(compare(as_owner, document).content)
    before = Word(compare(as_owner, document).content, accepted=False)
    assert (said.lines(), before.lines()) == (["O réu nega."], ["O réu alega."])
    old = Word(compare(as_owner, document, "?de=1&para=2").content, accepted=False)
    assert old.lines()[-1] == "Assina [●  nome do advogado]."
    assert [(row["format"], row["from"], row["to"]) for row in exports()] == [
        ("comparison", 2, None), ("comparison", 2, None), ("comparison", 1, 2),
    ]  # fmt: skip


def test_the_log_says_whether_the_text_that_was_given_out_was_the_one_that_was_read(
    as_owner: Client, document: Document, owner: User
) -> None:
    actions.confirm_review(document, document.sha256, user=owner)
    document.versions.create(
        number=2, title=document.title, content="<p>Outro.</p>", sha256="0" * 64, source="edit", author=owner
    )
    document.versions.filter(number=2).update(sha256=fingerprint(document.title, "<p>Outro.</p>"))
    for query in ("?de=2&para=1", "?de=1&para=2", "?de=2"):
        assert compare(as_owner, document, query).status_code == 200
    assert [row["reviewed"] for row in exports()] == [True, False, True]
    assert exports()[1]["text_sha256"] == fingerprint(document.title, "<p>Outro.</p>")


def test_nothing_comes_before_the_first_version(as_owner: Client, document: Document, owner: User) -> None:
    actions.save(document, 1, user=owner, content="<p>Agora outro.</p>", is_kept=True)
    data = compare(as_owner, document, "?para=1").content
    assert Word(data).lines() == Word(data, accepted=False).lines() == [
        "I. Dos fatos", "O autor alega.", "Assina [●  nome do advogado].",
    ]  # fmt: skip


def test_a_comparison_is_called_one_however_long_the_title(as_owner: Client, owner: User) -> None:
    long = actions.create("Contestação " * 20, TEXT, user=owner)
    assert unquote(compare(as_owner, long)["Content-Disposition"]).endswith(" (comparação 0-atual).docx")


@pytest.mark.parametrize("query", ["?de=9", "?para=9", "?de=x", "?de=-1", "?para=99999999999"])
def test_versions_that_are_not_there(as_owner: Client, document: Document, query: str) -> None:
    assert compare(as_owner, document, query).status_code == 404


def test_a_document_with_one_version_has_not_changed(as_owner: Client, document: Document) -> None:
    data = compare(as_owner, document).content
    assert Word(data).lines() == Word(data, accepted=False).lines()
