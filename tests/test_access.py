"""One door: who is not signed in gets in nowhere, and a stranger cannot tell that an object exists."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from conftest import signed_in
from conversations.models import Conversation, Message
from conversations.tests.making import make_conversation, make_exchange
from documents.models import Document, DocumentVersion
from jurisprudence.models import CaseRequest, CaseVisit, CourtCase, Deadline
from projects.models import Project, ProjectMember
from tests.walking import Things, Url, closed, nowhere, urls
from uploads.models import Summary, Upload

pytestmark = pytest.mark.django_db
ALL = urls()
# The administration's own objects are another matter: there a right is asked for, and who has it not gets 403.
OF_EVERYBODY = {"jurisprudence:precedent"}  # public law
OF_OBJECTS = [
    url for url in ALL if url.names_an_object and not url.name.startswith("admin:") and url.name not in OF_EVERYBODY
]
# What one may see without having signed in: the doors, and what machines ask for.
PUBLIC = {
    "health", "health-database", "account_login", "account_inactive", "account_signup", "account_reset_password",
    "account_reset_password_done", "account_reset_password_from_key", "account_reset_password_from_key_done",
    "mfa_authenticate", "mfa_login_webauthn", "admin:login",
}  # fmt: skip
# Answered as if one had signed out already.
HARMLESS = {"account_logout"}
FRAGMENT = {"hx-request": "true"}
STREAM = {"accept": "text/event-stream"}


def names(found: list[Url]) -> list[str]:
    return [url.name for url in found]


@pytest.fixture
def things(owner: User) -> Things:
    conversation = make_conversation(owner)
    make_exchange(conversation, stop_reason="max_tokens")
    return Things(conversation)


def test_the_walk_finds_what_there_is() -> None:
    assert {"home", "conversations:stream", "account_login", "admin:index", "health"} <= set(names(ALL))
    assert len(OF_OBJECTS) >= 15
    assert set(names(ALL)) >= PUBLIC


# Nobody ------------------------------------------------------------------------------------------

CLOSED = [url for url in ALL if url.name not in PUBLIC | HARMLESS]


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_is_not_signed_in_is_sent_to_the_door(client: Client, things: Things, method: str) -> None:
    for url in CLOSED:
        path = things.path(url)
        response = getattr(client, method)(path)
        if path.endswith("/stream/"):
            assert response.status_code == 401, url
            continue
        assert response.status_code == 302, url
        door = "/admin/login/" if url.name.startswith("admin:") else "/entrar/"
        assert response["Location"].startswith((f"{door}?next=", "/entrar/?next=")), url


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


def test_a_stranger_gets_404_from_what_is_deleted_too(as_stranger: Client, as_staff: Client, things: Things) -> None:
    Conversation.objects.update(deleted_at=timezone.now())
    Upload.objects.update(deleted_at=timezone.now())
    Project.objects.update(deleted_at=timezone.now())
    Document.objects.update(deleted_at=timezone.now())
    Deadline.objects.update(deleted_at=timezone.now())
    for url in OF_OBJECTS:
        for client in (as_stranger, as_staff):
            assert {client.get(things.path(url)).status_code, client.post(things.path(url)).status_code} <= {
                404,
                405,
            }, url
    assert Conversation.objects.get().deleted_at


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


def test_the_administration_is_a_stranger_here_too(as_staff: Client, things: Things) -> None:
    for url in OF_OBJECTS:
        assert {as_staff.get(things.path(url)).status_code, as_staff.post(things.path(url)).status_code} <= {
            404,
            405,
        }, url


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
def test_what_is_everybodys_is_seen_by_who_is_signed_in_and_does_not_exist_elsewhere(
    as_stranger: Client, as_staff: Client, things: Things, name: str
) -> None:
    (url,) = (url for url in ALL if url.name == name)
    for client in (as_stranger, as_staff):
        assert client.get(things.path(url)).status_code == 200
        assert client.get(nowhere(url)).status_code == 404


# The owner ---------------------------------------------------------------------------------------

# Every URL and what it answers to who may use it. A new URL has to be entered here.
ANSWERS: dict[str, tuple[str, int]] = {
    "home": ("get", 302),
    "health": ("get", 200),
    "health-database": ("get", 200),
    "my-usage": ("get", 200),
    "search": ("get", 200),
    "my-data": ("get", 200),
    "my-data-progress": ("get", 200),
    "my-data-prepare": ("post", 303),
    "my-data-cancel": ("post", 303),
    "my-data-download": ("get", 200),
    "account_login": ("get", 302),  # signed in already
    "account_logout": ("get", 200),
    "account_inactive": ("get", 200),
    "account_signup": ("get", 302),
    "account_reauthenticate": ("get", 200),
    "account_change_password": ("get", 200),
    "account_set_password": ("get", 302),  # has one
    "account_reset_password": ("get", 200),
    "account_reset_password_done": ("get", 200),
    "account_reset_password_from_key": ("get", 200),
    "account_reset_password_from_key_done": ("get", 200),
    "mfa_authenticate": ("get", 302),  # signed in already
    "mfa_login_webauthn": ("get", 302),
    "mfa_index": ("get", 200),
    "second_factor_required": ("get", 200),
    "mfa_reauthenticate": ("get", 302),  # has no second factor: the password is asked for
    "mfa_reauthenticate_webauthn": ("get", 302),
    "mfa_activate_totp": ("get", 302),  # first the password, once more
    "mfa_deactivate_totp": ("get", 404),
    "mfa_view_recovery_codes": ("get", 404),
    "mfa_generate_recovery_codes": ("get", 302),
    "mfa_download_recovery_codes": ("get", 404),
    "mfa_add_webauthn": ("get", 302),
    "mfa_edit_webauthn": ("get", 302),
    "mfa_remove_webauthn": ("get", 302),
    "usersessions_list": ("get", 200),
    "end_session": ("post", 404),  # accounts/tests/test_my_sessions.py has one
    "end_other_sessions": ("post", 303),
    "projects:list": ("get", 200),
    "projects:new": ("get", 200),
    "projects:number": ("get", 200),
    "projects:detail": ("get", 200),
    "projects:edit": ("get", 200),
    "projects:close": ("post", 303),
    "projects:reopen": ("post", 303),
    "projects:hold": ("post", 303),
    "projects:delete": ("post", 303),
    "projects:undelete": ("post", 303),
    "projects:add-member": ("post", 303),
    "projects:change-role": ("post", 303),
    "projects:remove-member": ("post", 303),
    "projects:hand-over": ("post", 303),
    "projects:leave": ("post", 303),
    "conversations:list": ("get", 200),
    "conversations:archived": ("get", 200),
    "conversations:search": ("get", 302),
    "conversations:rail": ("get", 200),
    "conversations:detail": ("get", 200),
    "conversations:ask": ("post", 303),
    "conversations:rename": ("post", 303),
    "conversations:pin": ("post", 303),
    "conversations:archive": ("post", 303),
    "conversations:restore": ("post", 303),
    "conversations:move": ("get", 200),
    "conversations:delete": ("post", 303),
    "conversations:undelete": ("post", 303),
    "conversations:export": ("get", 200),
    "conversations:resume": ("post", 303),
    "conversations:stream": ("get", 200),
    "conversations:stop": ("post", 303),
    "conversations:redo": ("post", 303),
    "conversations:continue": ("post", 303),
    "conversations:edit": ("get", 200),
    "uploads:list": ("get", 200),
    "uploads:detail": ("get", 200),
    "uploads:page": ("get", 200),
    "uploads:picture": ("get", 404),  # nobody knows yet what it has; uploads/tests/test_serving.py
    "uploads:text": ("get", 200),
    "uploads:download": ("get", 200),
    "uploads:move": ("get", 200),
    "uploads:delete": ("post", 303),
    "uploads:undelete": ("post", 303),
    "uploads:password": ("post", 303),
    "uploads:stop-reading": ("post", 303),
    "uploads:read-again": ("post", 303),
    "uploads:transcribe": ("post", 303),
    "uploads:no-transcription": ("post", 303),
    "uploads:progress": ("get", 200),
    "uploads:join": ("get", 200),
    "uploads:summarize": ("get", 200),
    "uploads:summarize-project": ("get", 200),
    "uploads:summary": ("get", 200),
    "uploads:summary-export": ("get", 200),
    "uploads:summary-stop": ("post", 303),
    "uploads:summary-continue": ("post", 303),
    "uploads:summary-delete": ("post", 303),
    "uploads:summary-undelete": ("post", 303),
    "jurisprudence:deadlines": ("get", 200),
    "jurisprudence:count": ("get", 200),
    "jurisprudence:deadlines-ics": ("get", 200),
    "jurisprudence:deadline": ("get", 200),
    "jurisprudence:deadline-ics": ("get", 200),
    "jurisprudence:edit-deadline": ("get", 200),
    "jurisprudence:finish-deadline": ("post", 303),
    "jurisprudence:reopen-deadline": ("post", 303),
    "jurisprudence:recount-deadline": ("post", 303),
    "jurisprudence:delete-deadline": ("post", 303),
    "jurisprudence:undelete-deadline": ("post", 303),
    "deadline-suggestions": ("get", 200),
    "jurisprudence:search": ("get", 200),
    "jurisprudence:precedent": ("get", 200),
    "documents:list": ("get", 200),
    "documents:import": ("get", 200),
    "documents:detail": ("get", 200),
    "documents:check": ("get", 200),
    "documents:checklist": ("get", 200),
    "documents:citations": ("get", 200),
    "documents:confirm": ("post", 303),
    "documents:save": ("post", 303),
    "documents:versions": ("get", 200),
    "documents:version": ("get", 200),
    "documents:restore": ("post", 303),
    "documents:compare": ("get", 200),
    "documents:move": ("get", 200),
    "documents:export": ("get", 200),
    "documents:export-comparison": ("get", 200),
    "documents:export-project": ("get", 200),
    "documents:paper": ("post", 303),
    "documents:delete": ("post", 303),
    "documents:undelete": ("post", 303),
    "documents:new": ("get", 200),
    "documents:drafting": ("get", 302),  # the part of a page; asked for as such: documents/drafting/tests/
    "documents:stop-drafting": ("post", 303),
    "documents:continue-drafting": ("post", 303),
    "documents:finish-drafting": ("post", 303),
    "documents:assistant": ("get", 302),
    "documents:proposals": ("post", 303),
    "documents:from-message": ("post", 303),
    "jurisprudence:cases": ("get", 200),
    "jurisprudence:case": ("get", 200),
    "jurisprudence:refresh-case": ("post", 303),
    # What is right for these: uploads/tests/test_sending.py and test_parts.py.
    "uploads:begin": ("post", 422),  # says nothing of a file
    "uploads:sending": ("get", 200),
    "uploads:part": ("post", 422),
    "uploads:chunk": ("post", 422),
    "uploads:finish": ("post", 409),  # is not whole
    "uploads:cancel": ("post", 204),
}
OURS = [url for url in ALL if not url.name.startswith("admin:")]


def test_every_url_is_entered_in_the_table() -> None:
    assert sorted(names(OURS)) == sorted(ANSWERS)


@pytest.mark.parametrize("url", OURS, ids=names(OURS))
def test_every_url_does_what_it_is_for(owner: User, things: Things, url: Url, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    owner.set_password("x")
    owner.save(update_fields=["password"])
    client = signed_in(owner)
    if url.name == "conversations:undelete":
        Conversation.objects.update(deleted_at=timezone.now())
    if url.name == "conversations:resume":
        Message.objects.filter(pk=things.reply.pk).update(superseded_at=timezone.now())
    if url.name == "projects:undelete":
        Project.objects.update(deleted_at=timezone.now())
    if url.name == "uploads:summary-undelete":
        Summary.objects.update(deleted_at=timezone.now())
    if url.name == "documents:undelete":
        Document.objects.update(deleted_at=timezone.now())
    if url.name == "jurisprudence:undelete-deadline":
        Deadline.objects.update(deleted_at=timezone.now())
    if url.name == "uploads:undelete":
        Upload.objects.update(deleted_at=timezone.now())
    method, status = ANSWERS[url.name]
    form = {"content": "Pergunta", "title": "Nome", "versao": str(things.reply.pk), "q": "prazo", "revision": "1"}
    response = closed(getattr(client, method)(things.path(url), form if method == "post" else {}))
    assert response.status_code == status


CHANGES = [url for url in OURS if ANSWERS[url.name][0] == "post"] + [
    url
    for url in OURS
    if url.name
    in {
        "conversations:list",
        "conversations:edit",
        "conversations:move",
        "uploads:move",
        "documents:list",
        "documents:import",
        "documents:move",
        "documents:new",
        "documents:assistant",
        "jurisprudence:count",
        "jurisprudence:cases",
        "projects:new",
        "projects:edit",
        "account_change_password",
        "account_logout",
    }
]


@pytest.mark.parametrize("url", CHANGES, ids=names(CHANGES))
def test_nothing_is_changed_without_the_forms_token(owner: User, things: Things, url: Url) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    before = list(Message.objects.values("id", "status")), list(Conversation.objects.values())
    assert client.post(things.path(url), {"content": "Pergunta", "title": "Nome"}).status_code == 403
    assert (list(Message.objects.values("id", "status")), list(Conversation.objects.values())) == before
    assert client.get("/conversas/").status_code == 200  # still signed in


ONLY_POST = [url for url in OURS if ANSWERS[url.name][0] == "post"]


@pytest.mark.parametrize("url", ONLY_POST, ids=names(ONLY_POST))
def test_looking_changes_nothing(as_owner: Client, things: Things, url: Url) -> None:
    assert as_owner.get(things.path(url)).status_code == 405
    assert as_owner.head(things.path(url)).status_code == 405


ONLY_GET = [
    url for url in OURS
    if url.name in {
        "conversations:archived", "conversations:search", "conversations:rail", "conversations:detail",
        "conversations:export", "conversations:stream", "health", "health-database", "uploads:download",
        "projects:list", "projects:number", "projects:detail",
        "uploads:sending", "uploads:detail", "uploads:page", "uploads:picture", "uploads:text", "uploads:progress",
        "uploads:summary", "uploads:summary-export", "documents:export", "documents:export-comparison",
        "documents:export-project",
        "documents:detail", "documents:check", "documents:checklist", "documents:citations", "documents:versions", "documents:version", "documents:compare",
        "deadline-suggestions",
        "jurisprudence:deadlines", "jurisprudence:deadline", "jurisprudence:deadline-ics", "jurisprudence:deadlines-ics",
        "jurisprudence:search", "jurisprudence:precedent",
        "my-data", "my-data-progress", "my-data-download", "jurisprudence:case",
    }
]  # fmt: skip


@pytest.mark.parametrize("url", ONLY_GET, ids=names(ONLY_GET))
def test_what_is_only_to_be_read_takes_no_form(as_owner: Client, things: Things, url: Url) -> None:
    assert as_owner.post(things.path(url)).status_code == 405


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_no_url_knows_other_methods(as_owner: Client, things: Things, method: str) -> None:
    for url in OURS:
        if url.name.startswith(("conversations:", "uploads:", "projects:", "jurisprudence:", "health", "my-data")):
            assert getattr(as_owner, method)(things.path(url)).status_code == 405, url
