"""One door: who is not signed in gets in nowhere, and a stranger cannot tell that an object exists.

What each URL answers whom is a table (`access_matrix.md`); here is what no status says.
"""

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from conversations.models import Conversation, Message
from conversations.tests.making import make_conversation, make_exchange
from documents.models import Document, DocumentVersion
from jurisprudence.models import CaseRequest, CaseVisit, CourtCase, Deadline
from projects.models import Project, ProjectMember
from tests.matrix import ALL, FRAGMENT, HARMLESS, OF_EVERYBODY, OF_OBJECTS, PUBLIC, STREAM
from tests.walking import Things, nowhere
from uploads.models import Summary, Upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def things(owner: User) -> Things:
    conversation = make_conversation(owner)
    make_exchange(conversation, stop_reason="max_tokens")
    return Things(conversation)


def test_the_walk_finds_what_there_is() -> None:
    assert {"home", "conversations:stream", "account_login", "admin:index", "health"} <= {url.name for url in ALL}
    assert len(OF_OBJECTS) >= 15
    assert {url.name for url in ALL} >= PUBLIC


# Nobody ------------------------------------------------------------------------------------------

CLOSED = [url for url in ALL if url.name not in PUBLIC | HARMLESS]


@pytest.mark.parametrize("headers", [FRAGMENT, STREAM], ids=["fragment", "stream"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_code_that_is_not_signed_in_gets_words_and_no_page(
    client: Client, things: Things, method: str, headers: dict[str, str]
) -> None:
    for url in CLOSED:
        response = getattr(client, method)(things.path(url), headers=headers)
        assert response.status_code == 401, url
        assert "Sua sessão terminou. Entre de novo." in response.json()["error"]
        assert "Location" not in response


@pytest.mark.parametrize("name", sorted(PUBLIC - {"admin:login"}))
def test_what_is_public_shows_nothing_of_anybody(client: Client, things: Things, name: str) -> None:
    (url,) = (url for url in ALL if url.name == name)
    html = client.get(things.path(url)).content.decode()
    for secret in ["Dra. Helena", "helena@", "Ação de cobrança", str(things.conversation.pk)]:
        assert secret not in html


# A stranger --------------------------------------------------------------------------------------


def same(response: HttpResponse) -> tuple[int, str]:
    """What of an answer may not differ between what exists and what does not."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return response.status_code, re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-7?[0-9a-f-]{23,}", "", text)


@pytest.mark.parametrize("headers", [{}, FRAGMENT, STREAM], ids=["page", "fragment", "stream"])
def test_a_stranger_gets_404_from_every_path_of_a_conversation(
    as_stranger: Client, things: Things, headers: dict[str, str]
) -> None:
    form = {"content": "Pergunta", "title": "Nome", "versao": str(things.reply.pk), "revision": "1"}
    for url in OF_OBJECTS:
        statuses = set()
        for method, data in [("get", {}), ("post", form)]:
            ask = getattr(as_stranger, method)
            there, not_there = ask(things.path(url), data, headers=headers), ask(nowhere(url), data, headers=headers)
            assert same(there) == same(not_there), url
            statuses.add(there.status_code)
        assert statuses in ({404}, {404, 405}), url


def test_a_stranger_changes_nothing(as_stranger: Client, things: Things) -> None:
    def state() -> list[object]:
        rows = (
            Conversation,
            Message,
            Upload,
            Project,
            ProjectMember,
            Summary,
            Document,
            DocumentVersion,
            Deadline,
            CourtCase,
            CaseRequest,
            CaseVisit,
        )
        return [list(model.objects.order_by("pk").values()) for model in rows]

    before = state()
    form = {"content": "Pergunta", "title": "Nome", "versao": str(things.reply.pk), "revision": "1"}
    for url in OF_OBJECTS:
        as_stranger.post(things.path(url), form)
        assert state() == before, url


def test_a_strangers_lists_and_search_show_nothing_of_it(as_stranger: Client, things: Things) -> None:
    for path in [
        "/arquivos/",
        "/documentos/",
        "/prazos/",
        "/prazos/?situacao=cumpridos",
        "/prazos/agenda.ics",
        "/prazos/contar/",
        "/prazos/sugestoes/",
        "/processos/",
        "/busca/?q=contestação",
        "/projetos/",
        "/projetos/?situacao=encerrados",
        "/conversas/",
        "/conversas/arquivadas/",
        "/busca/?q=contestar",
        "/conversas/lateral/",
    ]:
        html = as_stranger.get(path).content.decode()
        assert "Ação de cobrança" not in html
        assert "Peticao.pdf" not in html
        assert "Silva x Souza" not in html
        assert "Contestação do caso" not in html
        assert "Réplica do caso" not in html
        assert str(things.case) not in html


@pytest.mark.parametrize("name", sorted(OF_EVERYBODY))
def test_what_is_everybodys_does_not_exist_under_another_id(as_stranger: Client, as_staff: Client, name: str) -> None:
    (url,) = (url for url in ALL if url.name == name)
    for client in (as_stranger, as_staff):
        assert client.get(nowhere(url)).status_code == 404
