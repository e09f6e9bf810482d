"""What belongs to a project is its members' by their role, and nobody else's: every path, walked by five people.

The conversation and the file were made by somebody who has left the project since: not even she gets in.
"""

from __future__ import annotations

import re

import pytest

from conversations.models import Conversation, Message
from documents.models import Document, DocumentVersion, Proposal
from jurisprudence.models import Deadline
from projects.models import Project, ProjectMember
from tests.matrix import FRAGMENT, OF_OBJECTS, STREAM, Shared
from tests.test_access import same
from tests.walking import nowhere
from uploads.models import Upload

pytestmark = pytest.mark.django_db

# One person's own, in a project or not: a copy of her data, a file that she is sending.
OF_ONE_PERSON = {url.name for url in OF_OBJECTS if url.route.startswith(("meus-dados/", "arquivos/envio/"))}
WALKED = [url for url in OF_OBJECTS if url.name not in OF_ONE_PERSON]


@pytest.fixture
def shared() -> Shared:
    return Shared()


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


def test_the_walk_names_each_person_once(shared: Shared) -> None:
    roles = {
        who: shared.project.role_of(getattr(shared, who))
        for who in ("responsible", "editor", "viewer", "former", "stranger")
    }
    assert roles == {"responsible": "owner", "editor": "editor", "viewer": "viewer", "former": "", "stranger": ""}
    html = shared.browser("responsible").get(f"/projetos/{shared.project.pk}/").content.decode()
    assert len(re.findall(r'class="title" dir="auto">Marta Reis<', html)) == 1
