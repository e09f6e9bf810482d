"""The pages: choosing a kind, ordering it, following the draft, deciding on proposals."""

import re
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from conftest import signed_in
from conversations.models import Message
from conversations.tests.making import make_conversation, make_exchange
from documents import actions as papers
from documents.drafting import actions, ordering, showing
from documents.drafting.models import Draft, Proposal
from documents.drafting.proposing import paragraphs_read
from documents.drafting.tests.making import begin, draft_of
from documents.html import parse
from documents.models import Document, DocumentTypeVersion
from documents.types import all_types, get
from projects.models import Project, ProjectMember
from uploads.models import Upload

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def project(owner: User) -> Project:
    made: Project = Project.objects.create(
        user=owner, name="Silva x Souza", client="José da Silva", case_number="00012345520248260100"
    )
    return made


def test_every_kind_is_a_link_and_words_narrow_them(as_owner: Client) -> None:
    html = as_owner.get("/documentos/nova/").content.decode()
    for kind in all_types():
        assert f'href="/documentos/nova/?tipo={kind.slug}"' in html
    html = as_owner.get("/documentos/nova/?q=CONTESTACAO").content.decode()
    assert "tipo=contestacao" in html
    assert "tipo=notificacao-extrajudicial" not in html
    assert "Nenhum tipo" in as_owner.get("/documentos/nova/?q=xyzw").content.decode()


def test_the_project_goes_along_and_is_not_asked_for_what_it_knows(as_owner: Client, project: Project) -> None:
    assert (
        f"tipo=contestacao&amp;projeto={project.pk}"
        in as_owner.get(f"/documentos/nova/?projeto={project.pk}").content.decode()
    )
    html = as_owner.get(f"/documentos/nova/?tipo=contestacao&projeto={project.pk}").content.decode()
    asked = re.findall(r'name="fato_(\w+)"', html)
    assert "reu" not in asked
    assert "processo" not in asked
    assert "autor" in asked, "the project does not say who the other party is"
    assert "José da Silva" in html
    assert "0001234-55.2024.8.26.0100" in html


def test_of_too_many_files_the_newest_are_offered_and_that_is_said(
    as_owner: Client, owner: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "FILES_OFFERED", 2)
    page = f"/documentos/nova/?tipo=contestacao&projeto={project.pk}"
    for number in range(3):
        assert "mais novos" not in as_owner.get(page).content.decode()
        Upload.objects.create(
            user=owner, project=project, original_filename=f"f{number}.pdf", file_size=1, file_path="x"
        )
    with CaptureQueriesContext(connection) as asked:
        html = as_owner.get(page).content.decode()
    assert "Estes são os 2 mais novos." in html
    assert ("f0.pdf" in html, "f1.pdf" in html, "f2.pdf" in html) == (False, True, True)
    assert sum('"original_filename"' in query["sql"] for query in asked) == 1


def test_a_document_of_no_part_at_all_is_not_ordered(as_owner: Client) -> None:
    text = "---\nnome: X\narea: civel\ntamanho: {min: 1, ideal: 1, max: 1}\npartes:\n  - {nome: Y, obrigatoria: false}\n---\nZ.\n"
    DocumentTypeVersion.objects.create(slug="contestacao", number=1, text=text)
    page = as_owner.post("/documentos/nova/", {"tipo": "contestacao"})
    assert (page.status_code, Document.objects.count()) == (422, 0)
    assert "Escolha pelo menos uma parte." in page.content.decode()


def test_an_order_becomes_a_draft_with_everything_that_was_said(
    as_owner: Client, owner: User, project: Project
) -> None:
    file = Upload.objects.create(user=owner, project=project, original_filename="laudo.pdf", file_size=1, file_path="x")
    kind = get("contestacao")
    assert kind
    optional = [place for place, part in enumerate(kind.parts) if not part.is_required]
    response = as_owner.post("/documentos/nova/", {
        "tipo": "contestacao", "projeto": project.pk, "fato_autor": "Ana Souza", "fato_inicio_prazo": "2026-11-03",
        "arquivo": [str(file.pk)], "parte": [str(optional[0])], "wishes": "Peça a gratuidade.",
    })  # fmt: skip
    document = Document.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/documentos/{document.pk}/")
    assert (document.title, document.document_type, document.project) == (
        "Contestação – Silva x Souza",
        "contestacao",
        project,
    )
    draft = draft_of(document)
    for words in ("José da Silva", "Ana Souza", "03/11/2026", "Peça a gratuidade.", kind.instructions, str(kind.size)):
        assert words in draft.brief
    names = [part["name"] for part in draft.parts]
    assert names == [part.name for place, part in enumerate(kind.parts) if part.is_required or place == optional[0]]
    assert draft.files == [str(file.pk)]
    assert Message.objects.get(pk=draft.question).metadata["files"] == [{"id": str(file.pk), "name": "laudo.pdf"}]


def test_everything_may_be_left_open(as_owner: Client, settings: Settings) -> None:
    settings.MESSAGES_PER_MINUTE = 1000
    for kind in all_types():
        assert as_owner.get(f"/documentos/nova/?tipo={kind.slug}").status_code == 200
        assert as_owner.post("/documentos/nova/", {"tipo": kind.slug}).status_code == 303, kind.slug
    for kind in all_types():
        brief = Draft.objects.get(document__document_type=kind.slug).brief
        for fact in kind.facts:
            left = (
                "Não informado: deixe a lacuna." if fact.is_required else "Não informado, e opcional: deixe a lacuna só"
            )
            assert f"- {fact.question} {left}" in brief, (kind.slug, fact.key)


def test_what_is_wrong_is_said_and_what_was_written_stays(as_owner: Client) -> None:
    response = as_owner.post("/documentos/nova/", {
        "tipo": "contestacao", "fato_inicio_prazo": "31/02/2026", "fato_autor": "Ana Souza", "title": "Minha peça",
    })  # fmt: skip
    html = response.content.decode()
    assert response.status_code == 422
    assert "Escreva a data como dia/mês/ano." in html
    assert 'value="Ana Souza"' in html
    assert 'value="Minha peça"' in html
    assert not Document.objects.exists()


def test_an_order_that_comes_too_soon_stays_in_its_form(as_owner: Client, settings: Settings) -> None:
    settings.MESSAGES_PER_MINUTE = 1
    form = {"tipo": "contestacao", "fato_autor": "Ana Souza", "wishes": "Peça a gratuidade."}
    answers = [as_owner.post("/documentos/nova/", form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 429]
    html = answers[1].content.decode()
    for words in ("Muitas mensagens em um minuto.", 'value="Ana Souza"', "Peça a gratuidade."):
        assert words in html


def test_an_order_needs_a_kind_a_known_model_and_a_project_one_may_change(
    as_owner: Client, owner: User, stranger: User, project: Project
) -> None:
    assert as_owner.get("/documentos/nova/?tipo=nenhum").status_code == 404
    assert as_owner.post("/documentos/nova/", {"tipo": "contestacao", "model": "x"}).status_code == 422
    other = signed_in(stranger)
    path = f"/documentos/nova/?tipo=contestacao&projeto={project.pk}"
    assert other.get(path).status_code == 404
    ProjectMember.objects.create(project=project, user=stranger, role="viewer")
    assert other.get(path).status_code == 403
    assert as_owner.get("/documentos/nova/?projeto=x").status_code == 404


def test_somebody_elses_file_cannot_be_used(as_owner: Client, stranger: User) -> None:
    file = Upload.objects.create(user=stranger, original_filename="segredo.pdf", file_size=1, file_path="x")
    response = as_owner.post("/documentos/nova/", {"tipo": "contestacao", "arquivo": [str(file.pk)]})
    assert response.status_code == 422
    assert "segredo" not in response.content.decode()


def test_the_document_says_how_far_its_draft_has_come(as_owner: Client, owner: User) -> None:
    document = begin(owner)
    path = f"/documentos/{document.pk}/"
    html = as_owner.get(path).content.decode()
    assert "Na fila a parte 1 de 3: Endereçamento." in html
    assert "Parar a redação" in html
    assert "data-stream" in html
    assert "O que mudar" not in html, "nothing is asked for while it is written"
    response = as_owner.post(f"{path}redacao/parar/")
    assert (response.status_code, response["Location"]) == (303, f"{path}#redacao")
    html = as_owner.get(f"{path}redacao/", headers=FRAGMENT).content.decode()
    assert "A redação parou na parte 1 de 3: Endereçamento." in html
    assert "Continuar a redação" in html
    html = as_owner.post(f"{path}redacao/continuar/", headers=FRAGMENT).content.decode()
    assert "Na fila a parte 1 de 3" in html


def test_a_draft_that_stands_still_is_ended_as_it_is(as_owner: Client, owner: User) -> None:
    document = begin(owner)
    path = f"/documentos/{document.pk}/redacao/"
    as_owner.post(f"{path}encerrar/")
    assert draft_of(document).state == "writing", "it is being written"
    actions.stop(document, user=owner)
    html = as_owner.post(f"{path}encerrar/", headers=FRAGMENT).content.decode()
    assert "A redação terminou: 0 de 3 partes." in html
    Draft.objects.update(updated_at=timezone.now() - timedelta(days=2))
    assert "A redação terminou" not in as_owner.get(f"/documentos/{document.pk}/").content.decode()


def test_why_a_draft_stopped_is_said(as_owner: Client, owner: User) -> None:
    document = begin(owner)
    Draft.objects.update(state="failed", reason="overloaded", question=None)
    html = as_owner.get(f"/documentos/{document.pk}/").content.decode()
    assert "sobrecarregado" in html
    Draft.objects.update(reason="something new")
    assert "Algo falhou do nosso lado" in as_owner.get(f"/documentos/{document.pk}/").content.decode()


def test_a_viewer_sees_the_draft_and_can_do_nothing(owner: User, stranger: User, project: Project) -> None:
    ProjectMember.objects.create(project=project, user=stranger, role="viewer")
    document = begin(owner, project=project)
    html = signed_in(stranger).get(f"/documentos/{document.pk}/").content.decode()
    assert "parte 1 de 3" in html
    for words in ("Parar a redação", "O que mudar"):
        assert words not in html


@pytest.fixture
def document(owner: User) -> Document:
    made = papers.create("Contestação", "<p>O réu pagou.</p><p>O prazo corre.</p>", user=owner)
    for number, before, after in [(1, "O réu pagou.", "O réu <negou>."), (2, "O prazo corre.", "Fim.")]:
        Proposal.objects.create(
            document=made, revision=1, number=number, action="replace", before=f"<p>{before}</p>",
            after=f"<p>{after.replace('<', '&lt;').replace('>', '&gt;')}</p>",
        )  # fmt: skip
    return made


def test_proposals_are_shown_word_by_word_and_decided(as_owner: Client, document: Document) -> None:
    path = f"/documentos/{document.pk}/"
    html = as_owner.get(path).content.decode()
    assert "Mudar o parágrafo 1" in html
    assert "&lt;negou&gt;" in html
    assert "<negou>" not in html
    assert "Aceitar todas" in html
    first, second = Proposal.objects.order_by("pk")
    response = as_owner.post(f"{path}propostas/", {"aceitar": first.pk, "proposta": [first.pk, second.pk]})
    assert (response.status_code, response["Location"]) == (303, f"{path}#assistente")
    document.refresh_from_db()
    assert document.text == "O réu <negou>.\nO prazo corre."
    html = as_owner.post(f"{path}propostas/", {"rejeitar": second.pk}, headers=FRAGMENT).content.decode()
    assert "Mudar o parágrafo" not in html
    assert set(Proposal.objects.values_list("state", flat=True)) == {"accepted", "rejected"}


def test_all_that_are_seen_are_accepted_at_once(as_owner: Client, document: Document) -> None:
    seen = Proposal.objects.order_by("pk")[0].pk
    form = {"todas": "aceitar", "proposta": [str(seen), "x", "²", "99999999999999999999"]}
    assert as_owner.post(f"/documentos/{document.pk}/propostas/", form).status_code == 303
    assert Proposal.objects.open().count() == 1, "the other one was not on the page"


def test_what_cannot_be_applied_any_more_is_said(as_owner: Client, owner: User, document: Document) -> None:
    papers.save(document, 1, user=owner, content="<p>Outro.</p><p>O prazo corre.</p>")
    path = f"/documentos/{document.pk}/"
    assert "ela não pode mais ser aplicada" in as_owner.get(path).content.decode()
    first = Proposal.objects.order_by("pk")[0].pk
    page = as_owner.post(f"{path}propostas/", {"aceitar": first}, follow=True).content.decode()
    assert "Uma proposta não foi aplicada" in page
    panel = as_owner.post(f"{path}propostas/", {"aceitar": first}, headers=FRAGMENT).content.decode()
    assert "Uma proposta não foi aplicada" in panel, "the panel says it itself"
    assert "Uma proposta não foi aplicada" not in as_owner.get("/documentos/").content.decode()


def test_that_there_are_more_proposals_than_are_shown_is_said(as_owner: Client, document: Document) -> None:
    panel = f"/documentos/{document.pk}/assistente/"
    with patch.object(showing, "MOST_SHOWN", 2):
        assert "Estas são as primeiras" not in as_owner.get(panel, headers=FRAGMENT).content.decode()
    with patch.object(showing, "MOST_SHOWN", 1):
        html = as_owner.get(panel, headers=FRAGMENT).content.decode()
    assert "Estas são as primeiras 1" in html
    assert "Mudar o parágrafo 2" not in html


def test_how_much_of_a_long_document_the_assistant_reads_is_said_beside_it(as_owner: Client, owner: User) -> None:
    """As much as it is sent: `documents/drafting/proposing.py`."""
    paragraph = f"<p>{'palavra ' * 500}</p>"
    for count, read in ((99, None), (101, 99)):
        made = papers.create("Longa", paragraph * count, user=owner)
        html = as_owner.get(f"/documentos/{made.pk}/").content.decode()
        shown = f"o assistente lê só os primeiros {read} parágrafos, dos {count}" in html
        assert shown == (read is not None)
        assert paragraphs_read(parse(made.content)) == (read or count)


def test_proposals_of_another_document_are_not_touched(as_owner: Client, owner: User, document: Document) -> None:
    other = papers.create("Outro", "<p>O réu pagou.</p>", user=owner)
    pk = Proposal.objects.order_by("pk")[0].pk
    as_owner.post(f"/documentos/{other.pk}/propostas/", {"aceitar": pk})
    other.refresh_from_db()
    assert (other.text, Proposal.objects.open().count()) == ("O réu pagou.", 2)


def test_a_question_beside_the_document(as_owner: Client, document: Document) -> None:
    path = f"/documentos/{document.pk}/assistente/"
    response = as_owner.post(path, {"content": "Deixe mais curto."}, headers=FRAGMENT)
    html = response.content.decode()
    assert "Deixe mais curto." in html
    assert "data-stream" in html
    busy = as_owner.post(path, {"content": "E mais."}, headers=FRAGMENT)
    assert busy.status_code == 409
    assert "Aguarde" in busy.json()["error"]
    empty = as_owner.post(path, {"content": " "})
    assert empty.status_code == 422
    assert "Escreva a pergunta" in empty.content.decode()


def test_a_question_beyond_the_budget_or_the_pace_is_refused_and_kept(
    as_owner: Client, document: Document, settings: Settings
) -> None:
    settings.MESSAGES_PER_MINUTE = 1
    path = f"/documentos/{document.pk}/assistente/"
    as_owner.post(path, {"content": "Um."})
    assert as_owner.post(path, {"content": "Dois."}).status_code == 429


def test_another_project_is_chosen_without_losing_what_was_written(
    as_owner: Client, stranger: User, project: Project
) -> None:
    form = {
        "tipo": "contestacao", "projeto": "", "outro": str(project.pk), "trocar": "1", "wishes": "Seja breve, por favor.",
        "title": "Defesa de José",
    }  # fmt: skip
    response = as_owner.post("/documentos/nova/", form)
    page = response.content.decode()
    assert response.status_code == 200
    assert "Seja breve, por favor." in page
    assert 'value="Defesa de José"' in page
    assert f'name="projeto" value="{project.pk}"' in page
    assert "O projeto já diz" in page
    assert not Document.objects.exists()
    form["outro"] = ""
    assert 'name="projeto"' not in as_owner.post("/documentos/nova/", form).content.decode()
    form["outro"] = str(project.pk)
    assert signed_in(stranger).post("/documentos/nova/", form).status_code == 404


def test_a_reply_becomes_a_document_by_its_button(as_owner: Client, owner: User) -> None:
    conversation = make_conversation(owner)
    _, reply = make_exchange(conversation)
    page = as_owner.get(f"/conversas/{conversation.pk}/").content.decode()
    assert f'formaction="/mensagens/{reply.pk}/documento/"' in page
    response = as_owner.post(f"/mensagens/{reply.pk}/documento/")
    document = Document.objects.get()
    assert response["Location"] == f"/documentos/{document.pk}/"
    assert document.content == "<p>O prazo é de <strong>quinze dias</strong> úteis.</p>"


def test_the_button_pressed_twice_makes_one_document_until_that_is_changed(as_owner: Client, owner: User) -> None:
    _, reply = make_exchange(make_conversation(owner))
    path = f"/mensagens/{reply.pk}/documento/"
    first, second = (as_owner.post(path)["Location"] for _ in range(2))
    assert first == second
    document = Document.objects.get()
    papers.save(document, 1, user=owner, content="<p>Mudado.</p>")
    assert as_owner.post(path)["Location"] != first
    made = Document.objects.exclude(pk=document.pk).get()
    papers.delete(made, user=owner)
    as_owner.post(path)
    assert Document.objects.filter(deleted_at=None).count() == 2


def test_what_another_person_has_made_of_the_same_answer_is_hers(owner: User, stranger: User) -> None:
    project = Project.objects.create(user=owner, name="Caso")
    ProjectMember.objects.create(project=project, user=stranger, role="editor")
    _, reply = make_exchange(make_conversation(owner, project=project))
    assert actions.from_message(reply, user=owner) != actions.from_message(reply, user=stranger)


def test_a_reply_without_text_becomes_none(as_owner: Client, owner: User) -> None:
    _, reply = make_exchange(make_conversation(owner), answer="", status="failed")
    as_owner.post(f"/mensagens/{reply.pk}/documento/")
    assert not Document.objects.exists()


def test_going_on_is_refused_without_budget(as_owner: Client, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    document = begin(owner)
    actions.stop(document, user=owner)
    monkeypatch.setattr("audit.budgets.refusal", lambda person: "Acabou o orçamento.")
    response = as_owner.post(f"/documentos/{document.pk}/redacao/continuar/", headers=FRAGMENT)
    assert (response.status_code, response.json()["error"]) == (429, "Acabou o orçamento.")
    assert draft_of(document).state == "stopped"
