"""What belongs to a project is its members' by their role, and nobody else's: every path, walked by five people.

The conversation and the file were made by somebody who has left the project since: not even she gets in.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from conftest import signed_in
from conversations.models import Conversation, Message
from conversations.tests.making import make_conversation, make_exchange
from documents.models import Document, DocumentVersion, Proposal
from jurisprudence.models import Deadline
from projects.actions import remove_member
from projects.models import Project, ProjectMember
from tests.test_access import ANSWERS, FRAGMENT, OF_OBJECTS, STREAM, names, same
from tests.walking import Things, Url, closed, nowhere
from uploads.models import Summary, Upload

pytestmark = pytest.mark.django_db

# What is read and what is changed follows from how it is asked for; these pages are forms that change.
FORMS = {"conversations:edit", "conversations:move", "uploads:move", "documents:move", "projects:edit"}
READ_BY_ALL = {"projects:leave", "jurisprudence:refresh-case"}  # what a viewer may do
# Who answers for the project decides.
OF_THE_RESPONSIBLE = {
    "projects:hold", "projects:delete", "projects:undelete", "projects:add-member", "projects:change-role",
    "projects:remove-member", "projects:hand-over",
}  # fmt: skip
# One person's own, in a project or not: a copy of her data, a file that she is sending.
OF_ONE_PERSON = {url.name for url in OF_OBJECTS if url.route.startswith(("meus-dados/", "arquivos/envio/"))}
# What answers 404 to everybody here (a picture of a page that is not there) has tests of its own.
WALKED = [url for url in OF_OBJECTS if url.name not in OF_ONE_PERSON and ANSWERS[url.name][1] != 404]
PEOPLE = ("responsible", "editor", "viewer", "former", "stranger")


class Shared(Things):
    """A project with its people; all that is in it was made by the former member."""

    def __init__(self, responsible: User, former: User, stranger: User) -> None:
        conversation = make_conversation(former)
        make_exchange(conversation, stop_reason="max_tokens")
        super().__init__(conversation)
        Project.objects.filter(pk=self.project.pk).update(user=responsible)
        self.project.user = responsible
        self.responsible, self.former, self.stranger = responsible, former, stranger
        ProjectMember.objects.create(project=self.project, user=former)
        Conversation.objects.update(project=self.project)
        Upload.objects.update(project=self.project)
        Document.objects.update(project=self.project)
        remove_member(self.project, former, user=responsible)

    def browser(self, who: str) -> Client:
        return signed_in(getattr(self, who))

    def prepare(self, url: Url) -> None:
        now = timezone.now()
        if url.name.endswith(":undelete"):
            model = {"conversations": Conversation, "uploads": Upload, "projects": Project, "documents": Document}[
                url.name.split(":")[0]
            ]
            model.objects.update(deleted_at=now)  # type: ignore[attr-defined]
        if url.name == "jurisprudence:undelete-deadline":
            Deadline.objects.update(deleted_at=now)
        if url.name == "uploads:summary-undelete":
            Summary.objects.update(deleted_at=now)
        if url.name == "conversations:resume":
            Message.objects.filter(pk=self.reply.pk).update(superseded_at=now)

    @property
    def form(self) -> dict[str, str]:
        return {
            "content": "Pergunta", "title": "Nome", "name": "Nome", "versao": str(self.reply.pk), "role": "editor",
            "email": self.stranger.email, "project": str(self.project.pk), "revision": "1",
        }  # fmt: skip


@pytest.fixture
def shared(owner: User, stranger: User) -> Shared:
    return Shared(owner, User.objects.create_user("lia@exemplo.adv.br", name="Lia Torres"), stranger)


def kind(url: Url) -> str:
    if url.name in OF_THE_RESPONSIBLE:
        return "responsible"
    if url.name in READ_BY_ALL or (ANSWERS[url.name][0] == "get" and url.name not in FORMS):
        return "read"
    return "change"


def expected(url: Url, who: str) -> str:
    """`in`, `403` or `404`."""
    if who in {"former", "stranger"}:
        return "404"
    if url.name == "projects:undelete":
        return "in" if who == "responsible" else "404"  # what is deleted is seen by nobody else
    if (
        url.name
        in {
            "conversations:undelete",
            "uploads:undelete",
            "uploads:summary-undelete",
            "documents:undelete",
            "jurisprudence:undelete-deadline",
        }
        and who == "viewer"
    ):
        return "404"
    allowed = {"read": PEOPLE[:3], "change": PEOPLE[:2], "responsible": PEOPLE[:1]}[kind(url)]
    return "in" if who in allowed else "403"


def outcome(status: int) -> str:
    return str(status) if status in {403, 404} else "in"


def rolled_back(call: Callable[[], int]) -> int:
    with transaction.atomic():
        status = call()
        transaction.set_rollback(True)
    return status


def test_the_walk_has_of_everything() -> None:
    assert {kind(url) for url in WALKED} == {"read", "change", "responsible"}
    assert len(WALKED) >= 35
    assert set(names(WALKED)) >= (FORMS | OF_THE_RESPONSIBLE | READ_BY_ALL)


@pytest.mark.parametrize("url", WALKED, ids=names(WALKED))
def test_the_right_people_get_in_and_others_do_not(shared: Shared, url: Url) -> None:
    shared.prepare(url)
    method = ANSWERS[url.name][0]
    path, found = shared.path(url), {}
    for who in PEOPLE:
        client = shared.browser(who)
        ask = getattr(client, method)
        data = shared.form if method == "post" else {}
        found[who] = outcome(rolled_back(lambda ask=ask, data=data: closed(ask(path, data)).status_code))
    assert found == {who: expected(url, who) for who in PEOPLE}


@pytest.mark.parametrize("who", ["former", "stranger"])
@pytest.mark.parametrize("headers", [{}, FRAGMENT, STREAM], ids=["page", "fragment", "stream"])
def test_who_has_no_part_in_it_cannot_tell_that_it_exists(shared: Shared, who: str, headers: dict[str, str]) -> None:
    client = shared.browser(who)
    for url in OF_OBJECTS:
        for method in ("get", "post"):
            if url.name.startswith("my-data-") and who == "former":
                continue  # her copy is hers
            ask, data = getattr(client, method), shared.form if method == "post" else {}
            there, not_there = ask(shared.path(url), data, headers=headers), ask(nowhere(url), data, headers=headers)
            assert there.status_code in {404, 405}, url
            assert same(there) == same(not_there), url


@pytest.mark.parametrize("headers", [{}, FRAGMENT, STREAM], ids=["page", "fragment", "stream"])
def test_a_viewer_changes_nothing_however_she_asks(shared: Shared, headers: dict[str, str]) -> None:
    def state() -> list[object]:
        return [
            list(m.objects.order_by("pk").values())
            for m in (
                Conversation,
                Message,
                Upload,
                Project,
                ProjectMember,
                Document,
                DocumentVersion,
                Proposal,
                Deadline,
            )
        ]

    client, before = shared.browser("viewer"), state()
    for url in WALKED:
        if url.name == "projects:leave":
            continue
        client.post(shared.path(url), shared.form, headers=headers)
        assert state() == before, url


@pytest.mark.parametrize("who", ["former", "stranger"])
def test_lists_and_searches_show_nothing_of_it(shared: Shared, who: str) -> None:
    client = shared.browser(who)
    for path in [
        "/conversas/", "/conversas/arquivadas/", "/conversas/lateral/", "/conversas/busca/?q=contestar", "/arquivos/",
        "/projetos/", f"/projetos/numero/?numero={shared.project.case_number}", "/meus-dados/", "/documentos/", "/busca/?q=contestação",
        "/prazos/", "/prazos/agenda.ics", "/prazos/contar/", "/prazos/sugestoes/",
        "/projetos/", f"/projetos/numero/?numero={shared.project.case_number}", "/meus-dados/", "/documentos/", "/processos/", "/busca/?q=contestação",
    ]:  # fmt: skip
        html = client.get(path, follow=True).content.decode()
        for secret in [
            "Ação de cobrança",
            "Peticao.pdf",
            "Silva x Souza",
            "Contestação do caso",
            "Réplica do caso",
            str(shared.project.pk),
        ]:
            assert secret not in html, path


@pytest.mark.parametrize("who", ["responsible", "editor", "viewer"])
def test_members_find_it_on_the_projects_page(shared: Shared, who: str) -> None:
    client = shared.browser(who)
    html = client.get(f"/projetos/{shared.project.pk}/").content.decode()
    assert "Ação de cobrança" in html
    assert "Peticao.pdf" in html
    assert "Lia Torres" in html  # who began the conversation
    assert "Réplica do caso" in html
    assert "Réplica do caso" in client.get("/prazos/").content.decode()
    assert ("Nova conversa<span" in html) is (who != "viewer")
    assert ("Adicionar pelo e-mail" in html) is (who == "responsible")
    assert "Ação de cobrança" not in client.get("/conversas/lateral/").content.decode()  # not her own list


def test_a_viewer_reads_a_conversation_without_anything_to_press(shared: Shared) -> None:
    page = f"/conversas/{shared.conversation.pk}/"
    html = shared.browser("viewer").get(page).content.decode()
    assert "Você só lê este projeto" in html
    assert "Lia Torres" in html
    for words in ["Enviar</button>", "Refazer", "Editar a pergunta", "Renomear", "Excluir", 'name="content"']:
        assert words not in html
    assert "Exportar" in html
    assert 'name="content"' in shared.browser("editor").get(page).content.decode()


def test_what_is_one_persons_own_is_closed_to_the_other_members(shared: Shared) -> None:
    for url in OF_OBJECTS:
        if url.name not in OF_ONE_PERSON:
            continue
        for who in ("responsible", "editor", "viewer"):
            client = shared.browser(who)
            statuses = {client.get(shared.path(url)).status_code, client.post(shared.path(url)).status_code}
            assert statuses <= {404, 405}, (url, who)


def test_a_deleted_project_takes_everything_in_it_out_of_sight(shared: Shared) -> None:
    Project.objects.update(deleted_at=timezone.now())
    for url in WALKED:
        if url.name == "projects:undelete":
            continue
        for who in PEOPLE:
            client = shared.browser(who)
            statuses = {client.get(shared.path(url)).status_code, client.post(shared.path(url)).status_code}
            assert statuses <= {404, 405}, (url, who)


def test_the_walk_names_each_person_once(shared: Shared) -> None:
    roles = {who: shared.project.role_of(getattr(shared, who)) for who in PEOPLE}
    assert roles == {"responsible": "owner", "editor": "editor", "viewer": "viewer", "former": "", "stranger": ""}
    html = shared.browser("responsible").get(f"/projetos/{shared.project.pk}/").content.decode()
    assert len(re.findall(r'class="title" dir="auto">Marta Reis<', html)) == 1
