"""Saving as the editor asks for it, versions on their pages, and what the pages show to whom."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from conftest import signed_in
from documents import actions
from documents.checking.tasks import check_now
from documents.editing_views import TOO_LARGE, UNKNOWN
from documents.html import LARGEST
from documents.models import Document
from projects.models import Project, ProjectMember

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def document(owner: User) -> Document:
    return actions.create("Contestação", "<p>Um.</p><p>Dois.</p>", user=owner)


def url(document: Document, rest: str = "") -> str:
    return f"/documentos/{document.pk}/{rest}"


def test_a_blank_document_is_made_with_a_name_or_without(as_owner: Client) -> None:
    for title in ("Procuração", ""):
        assert as_owner.post("/documentos/", {"title": title}).status_code == 303
    assert sorted(Document.objects.values_list("title", flat=True)) == [actions.UNTITLED, "Procuração"]


def test_the_script_is_told_the_new_revision_and_when(as_owner: Client, document: Document) -> None:
    form = {"revision": "1", "title": "Outro", "content": "<p>Novo <b>texto</b>.</p>"}
    said = as_owner.post(url(document, "salvar/"), form, headers=SCRIPT).json()
    assert (said["revision"], said["version"]) == (2, 1)
    assert len(said["at"]) == 5
    document.refresh_from_db()
    assert (document.title, document.content) == ("Outro", "<p>Novo <strong>texto</strong>.</p>")
    said = as_owner.post(url(document, "salvar/"), {"revision": "2", "guardar": "1"}, headers=SCRIPT).json()
    assert (said["revision"], said["version"]) == (2, 2)


def test_a_title_alone_leaves_the_text_and_an_empty_text_empties_it(as_owner: Client, document: Document) -> None:
    as_owner.post(url(document, "salvar/"), {"revision": "1", "title": "Só o título"})
    document.refresh_from_db()
    assert (document.title, document.content) == ("Só o título", "<p>Um.</p>\n<p>Dois.</p>")
    as_owner.post(url(document, "salvar/"), {"revision": "2", "content": ""}, headers=SCRIPT)
    document.refresh_from_db()
    assert document.content == ""


def test_who_comes_second_is_told_by_whom_when_and_where_her_text_is(
    as_owner: Client, document: Document, stranger: User
) -> None:
    actions.save(document, 1, user=stranger, content="<p>Do Rui.</p>")
    response = as_owner.post(url(document, "salvar/"), {"revision": "1", "content": "<p>Meu.</p>"}, headers=SCRIPT)
    assert response.status_code == 409
    said = response.json()
    assert f"{stranger} alterou este documento em " in said["words"]
    assert said["revision"] == 2
    shown = as_owner.get(said["compare"]).content.decode()
    assert "Do Rui" in shown
    assert "Meu" in shown
    page = as_owner.post(url(document, "salvar/"), {"revision": "1", "title": "Meu título"}, follow=True)
    assert "está guardado à parte" in page.content.decode()


@pytest.mark.parametrize(
    ("revision", "status"), [("", 422), ("x", 422), ("0", 422), ("-1", 422), ("99999999999999999999", 409)]
)
def test_without_saying_on_what_it_was_written_nothing_is_saved(
    as_owner: Client, document: Document, revision: str, status: int
) -> None:
    form = {"revision": revision, "content": "<p>Novo.</p>"}
    response = as_owner.post(url(document, "salvar/"), form, headers=SCRIPT)
    assert response.status_code == status
    assert status == 409 or response.json() == {"error": UNKNOWN}
    document.refresh_from_db()
    assert document.content == "<p>Um.</p>\n<p>Dois.</p>"
    assert as_owner.post(url(document, "salvar/"), {"title": "x"}).status_code == 303


def test_a_text_that_is_too_large_is_refused_in_words(
    as_owner: Client, document: Document, settings: pytest.FixtureRequest
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * LARGEST  # type: ignore[attr-defined]
    form = {"revision": "1", "content": "x" * (LARGEST + 1)}
    response = as_owner.post(url(document, "salvar/"), form, headers=SCRIPT)
    assert response.status_code == 422
    assert response.json() == {"error": TOO_LARGE}  # the editor goes on with a colon


def test_who_may_only_read_reads_and_loads_no_editor(owner: User, document: Document) -> None:
    project = Project.objects.create(user=owner, name="Silva x Souza")
    viewer = User.objects.create_user("caio@exemplo.adv.br", name="Caio Lemos")
    ProjectMember.objects.create(project=project, user=viewer, role="viewer")
    actions.move(document, project, user=owner)
    html = signed_in(viewer).get(url(document)).content.decode()
    assert "Você só lê este documento" in html
    assert "<p>Um.</p>" in html
    for words in ("js/editor.js", 'role="toolbar"', "Excluir", 'name="title"', "Restaurar"):
        assert words not in html
    assert "Restaurar" not in signed_in(viewer).get(url(document, "versoes/1/")).content.decode()
    assert "js/editor.js" in signed_in(owner).get(url(document)).content.decode()


def test_the_citations_beside_it_are_of_this_text_or_said_to_be_of_an_earlier_one(
    as_owner: Client, owner: User, document: Document
) -> None:
    text = "<p>Nos termos do art. 9.999 do Código Civil.</p>"
    assert "Nenhuma foi reconhecida" in as_owner.get(url(document, "citacoes/")).content.decode()
    check_now(document.pk)
    document = actions.save(document, document.revision, user=owner, content=text)
    stale = as_owner.get(url(document, "citacoes/")).content.decode()
    assert "data-pending" in stale
    assert "O texto mudou" in stale
    check_now(document.pk)
    for path in ("citacoes/", ""):
        html = as_owner.get(url(document, path)).content.decode()
        assert 'data-verdict="formato_invalido" data-words="art. 9.999 do Código Civil"' in html
        assert "data-pending" not in html


def test_one_that_was_saved_before_there_were_checks_is_checked_when_it_is_opened(
    as_owner: Client, owner: User
) -> None:
    document = actions.create("Antiga", "<p>Nos termos do art. 9.999 do Código Civil.</p>", user=owner)
    html = as_owner.get(url(document)).content.decode()
    assert 'data-verdict="formato_invalido"' in html
    assert "data-pending" not in html


def test_the_page_is_not_kept_by_browsers(as_owner: Client, document: Document) -> None:
    assert "no-store" in as_owner.get(url(document))["Cache-Control"]


# Versions ----------------------------------------------------------------------------------------


def several(document: Document, user: User, count: int) -> None:
    for number in range(count):
        now = Document.objects.get(pk=document.pk)
        actions.save(now, now.revision, user=user, content=f"<p>Estado {number}.</p>", is_kept=True)


def test_versions_are_listed_in_pages_without_their_bodies(as_owner: Client, owner: User, document: Document) -> None:
    several(document, owner, 34)
    first = as_owner.get(url(document, "versoes/"))
    html = first.content.decode()
    assert html.count('name="de"') == 30
    assert 'href="?antes=6"' in html
    rest = as_owner.get(url(document, "versoes/?antes=6")).content.decode()
    assert rest.count('name="de"') == 5
    with CaptureQueriesContext(
        connection,
    ) as queries:
        as_owner.get(url(document, "versoes/"))
    assert not any('"document_versions"."content"' in query["sql"] for query in queries.captured_queries)


def test_a_version_is_read_and_restored(as_owner: Client, owner: User, document: Document) -> None:
    several(document, owner, 2)
    html = as_owner.get(url(document, "versoes/1/")).content.decode()
    assert "<p>Um.</p>" in html
    stale = as_owner.post(url(document, "versoes/1/restaurar/"), {"revision": "1"}, follow=True)
    assert "Nada foi restaurado" in stale.content.decode()
    assert as_owner.post(url(document, "versoes/1/restaurar/"), {"revision": "3"}).status_code == 303
    document.refresh_from_db()
    assert (document.content, document.source) == ("<p>Um.</p>\n<p>Dois.</p>", "restore")


def test_two_versions_are_compared_in_words_and_what_stayed_is_folded(
    as_owner: Client, owner: User, document: Document
) -> None:
    same = "".join(f"<p>Igual {number}.</p>" for number in range(9))
    actions.save(document, 1, user=owner, content=f"<p>O prazo é de dez dias.</p>{same}", is_kept=True)
    actions.save(document, 2, user=owner, content=f"<p>O prazo é de vinte dias.</p>{same}", is_kept=True)
    html = as_owner.get(url(document, "comparar/?de=2&para=3")).content.decode()
    assert "Um trecho mudou." in html
    assert "[início do trecho excluído] </span>dez<" in html
    assert "[início do trecho incluído] </span>vinte<" in html
    assert "8 trechos iguais" in html
    assert "dez" in as_owner.get(url(document, "comparar/")).content.decode()  # with the version before
    assert "Nada mudou" in as_owner.get(url(document, "comparar/?de=3&para=atual")).content.decode()


@pytest.mark.parametrize("query", ["?de=99", "?de=x", "?de=1&para=-1", "?para=²", "?de=99999999999"])
def test_a_version_that_is_not_there_is_not_found(as_owner: Client, document: Document, query: str) -> None:
    assert as_owner.get(url(document, f"comparar/{query}")).status_code == 404
    assert as_owner.get(url(document, "versoes/2/")).status_code == 404
    assert as_owner.get(url(document, "versoes/99999999999/")).status_code == 404


def test_a_damaged_version_is_said_to_be_and_harms_nothing(
    as_owner: Client, document: Document, caplog: pytest.LogCaptureFixture
) -> None:
    document.versions.update(sha256="0" * 64)
    for rest in ("versoes/1/", "comparar/?de=1&para=atual"):
        html = as_owner.get(url(document, rest), follow=True).content.decode()
        assert "Esta versão está danificada" in html
    as_owner.post(url(document, "versoes/1/restaurar/"), {"revision": "1"})
    document.refresh_from_db()
    assert document.content == "<p>Um.</p>\n<p>Dois.</p>"
    assert "Um." not in caplog.text


def test_what_was_written_is_text_on_every_page(as_owner: Client, owner: User, document: Document) -> None:
    hostile = "<p>a &lt;script&gt;alert(1)&lt;/script&gt; <img src=x onerror=alert(2)></p>"
    actions.save(document, 1, user=owner, title="<script>alert(3)</script>", content=hostile, is_kept=True)
    for rest in ("", "versoes/", "versoes/2/", "comparar/?de=1", "comparar/?de=2&para=1"):
        html = as_owner.get(url(document, rest)).content.decode()
        assert "<script>alert" not in html, rest
        assert "onerror" not in html, rest
