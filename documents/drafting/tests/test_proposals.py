"""The assistant proposes, a person decides: nothing changes without her, and nothing is changed that she has not seen."""

from uuid import UUID

import pytest

from accounts.models import User
from audit.models import AuditLog
from conversations.assistant.offers import Question, offered
from documents import actions as papers
from documents.drafting import proposal_actions as actions
from documents.drafting.models import Proposal
from documents.drafting.proposing import MOST_PROPOSALS, Sheet, adopted
from documents.drafting.showing import open_proposals
from documents.html import parse
from documents.models import Document
from projects.models import Project, ProjectMember
from romagent.base.ids import new_id

pytestmark = pytest.mark.django_db
TEXT = "<h2>Dos fatos</h2><p>O réu <strong>pagou</strong>.</p><p>O prazo corre.</p><ul><li>um</li><li>dois</li></ul>"
Action, State = Proposal.Action, Proposal.State


@pytest.fixture
def document(owner: User) -> Document:
    return papers.create("Contestação", TEXT, user=owner)


def sheet(document: Document, user: User) -> Sheet:
    question = Question(user.pk, new_id(), new_id(), {"document": str(document.pk)})
    return Sheet.of(Document.objects.get(pk=document.pk), question)


def propose(made: Sheet, number: object, action: object, text: object = "") -> tuple[str, bool]:
    return made.run({"name": "propor_alteracao", "input": {"paragrafo": number, "acao": action, "texto": text}})


def texts(document: Document) -> list[str]:
    document.refresh_from_db()
    return document.text.split("\n")


def test_the_model_sees_the_paragraphs_by_number(document: Document, owner: User) -> None:
    material = sheet(document, owner).material
    assert (
        "<documento>\n[1] ## Dos fatos\n[2] O réu **pagou**.\n[3] O prazo corre.\n[4] - um\n[5] - dois\n</documento>"
        in material
    )


def test_a_proposal_changes_nothing_until_it_is_accepted(document: Document, owner: User) -> None:
    made = sheet(document, owner)
    assert propose(made, 2, "substituir", "O réu **não pagou** nada.") == (
        "Proposta registrada. A pessoa vai decidir.",
        False,
    )
    assert texts(document)[1] == "O réu pagou."
    proposal = Proposal.objects.get()
    assert (proposal.before, proposal.after) == (
        "<p>O réu <strong>pagou</strong>.</p>", "<p>O réu <strong>não pagou</strong> nada.</p>",
    )  # fmt: skip
    assert actions.accept(document, [proposal.pk], user=owner) == (1, 0)
    assert texts(document)[1] == "O réu não pagou nada."
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by) == (State.ACCEPTED, owner)
    newest = document.versions.order_by("-number")[0]
    assert (newest.source, newest.note, document.version) == ("ai", "Proposta aceita", newest.number)
    assert AuditLog.objects.get(action="documento.aceitar-proposta").entity_id == document.pk


def test_all_at_once_are_one_version_and_each_finds_its_paragraph(document: Document, owner: User) -> None:
    made = sheet(document, owner)
    before = document.versions.count()
    propose(made, 0, "inserir_depois", "Antes de tudo.")
    propose(made, 2, "inserir_depois", "Primeiro depois.")
    propose(made, 2, "inserir_depois", "Segundo depois.")
    propose(made, 2, "substituir", "O réu negou.")
    propose(made, 3, "excluir")
    propose(made, 4, "inserir_depois", "- um e meio")
    ids = list(Proposal.objects.values_list("pk", flat=True))
    assert actions.accept(document, ids, user=owner) == (6, 0)
    assert texts(document) == [
        "Antes de tudo.", "I. Dos fatos", "O réu negou.", "Primeiro depois.", "Segundo depois.", "• um", "• um e meio",
        "• dois",
    ]  # fmt: skip
    assert document.versions.count() == before + 1


def test_a_paragraph_that_has_changed_since_is_left_alone(document: Document, owner: User) -> None:
    made = sheet(document, owner)
    propose(made, 2, "substituir", "O réu negou.")
    propose(made, 3, "substituir", "O prazo acabou.")
    papers.save(document, 1, user=owner, content=TEXT.replace("corre", "já correu"))
    ids = list(Proposal.objects.values_list("pk", flat=True))
    assert [one.is_stale for one in open_proposals(Document.objects.get())] == [False, True]
    assert actions.accept(document, ids, user=owner) == (1, 1)
    assert texts(document)[1:3] == ["O réu negou.", "O prazo já correu."]
    assert Proposal.objects.open().get().number == 3
    assert actions.reject(document, ids, user=owner) == 1
    assert AuditLog.objects.filter(action="documento.rejeitar-proposta").count() == 1


def test_paragraphs_that_moved_are_found_and_of_equal_ones_the_nearest(document: Document, owner: User) -> None:
    papers.save(document, 1, user=owner, content="<p>Igual.</p><p>x</p><p>Igual.</p>")
    propose(sheet(document, owner), 3, "substituir", "Outro.")
    papers.save(document, 2, user=owner, content="<p>Novo.</p><p>Igual.</p><p>x</p><p>Igual.</p>")
    actions.accept(document, [Proposal.objects.get().pk], user=owner)
    assert texts(document) == ["Novo.", "Igual.", "x", "Outro."]


def test_what_is_decided_is_not_decided_again(document: Document, owner: User) -> None:
    propose(sheet(document, owner), 3, "excluir")
    pk = Proposal.objects.get().pk
    assert actions.reject(document, [pk], user=owner) == 1
    assert actions.accept(document, [pk], user=owner) == (0, 0)
    assert "O prazo corre." in texts(document)


def test_a_reply_written_again_proposes_each_thing_once(document: Document, owner: User) -> None:
    made = sheet(document, owner)
    for text in ("Um.", "Dois."):
        propose(made, 2, "substituir", text)
        propose(made, 3, "inserir_depois", "Mais.")
    assert [(one.number, one.action, one.after) for one in Proposal.objects.order_by("number")] == [
        (2, "replace", "<p>Dois.</p>"), (3, "insert", "<p>Mais.</p>"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "action", "text"),
    [
        (0, "substituir", "x"), (99, "excluir", ""), (-1, "inserir_depois", "x"), (True, "excluir", ""),
        ("2", "excluir", ""), (2, "apagar", ""), (2, "substituir", ""), (2, "substituir", None), (2, ["excluir"], "x"),
        (3, "substituir", "O prazo corre."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_words(
    document: Document, owner: User, number: object, action: object, text: object
) -> None:
    words, is_error = propose(sheet(document, owner), number, action, text)
    assert (is_error, Proposal.objects.exists()) == (True, False)
    assert words


def test_a_reply_cannot_propose_without_end(document: Document, owner: User) -> None:
    made = sheet(document, owner)
    made.made = MOST_PROPOSALS
    assert propose(made, 2, "excluir")[1]


def test_new_words_stay_what_the_paragraph_was() -> None:
    (heading, item) = parse('<h2>Dos fatos</h2><ol type="a" start="3"><li>x</li></ol>')
    new = parse("<p>Outro</p>")
    assert [(one.kind, one.text) for one in adopted(heading, new)] == [("part", "Outro")]  # type: ignore[union-attr]
    assert adopted(item, new)[0].marker == "a"  # type: ignore[union-attr]


def test_items_that_take_the_place_of_one_stay_on_its_level(document: Document, owner: User) -> None:
    text = '<ol type="a"><li>um<ol type="i"><li>dentro</li></ol></li><li>dois</li></ol>'
    papers.save(document, 1, user=owner, content=text)
    propose(sheet(document, owner), 2, "substituir", "- dentro\n- mais")
    actions.accept(document, [Proposal.objects.get().pk], user=owner)
    assert texts(document) == ["a) um", "i) dentro", "ii) mais", "b) dois"]


def test_who_only_reads_is_offered_no_tool(owner: User, stranger: User) -> None:
    project = Project.objects.create(user=owner, name="Silva x Souza")
    ProjectMember.objects.create(project=project, user=stranger, role="viewer")
    document = papers.create("Contestação", TEXT, user=owner, project=project)
    assert sheet(document, stranger).tools == ()
    assert len(sheet(document, owner).tools) == 1


def test_who_may_not_see_the_document_is_offered_nothing(document: Document, stranger: User) -> None:
    question = Question(stranger.pk, new_id(), new_id(), {"document": str(document.pk)})
    assert offered(question) == ()
    gone = Question(UUID(int=1), new_id(), new_id(), {"document": str(document.pk)})
    assert offered(gone) == ()


def test_a_question_about_nothing_asks_nothing(owner: User, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert offered(Question(owner.pk, new_id(), new_id(), {"files": []})) == ()


def test_a_proposal_is_shown_as_what_goes_and_what_comes(document: Document, owner: User) -> None:
    made = sheet(document, owner)
    propose(made, 2, "substituir", "O réu negou.")
    propose(made, 3, "inserir_depois", "Novo.")
    propose(made, 4, "excluir")
    shown = [(one.title, [tuple(piece) for piece in one.pieces]) for one in open_proposals(document)]
    assert shown == [
        ("Mudar o parágrafo 2", [("same", "O réu "), ("removed", "pagou"), ("added", "negou"), ("same", ".")]),
        ("Inserir depois do parágrafo 3", [("added", "Novo.")]),
        ("Excluir o parágrafo 4", [("removed", "um")]),
    ]
