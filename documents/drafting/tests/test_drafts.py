"""A document is written part by part: no part twice, none lost, whatever happens in between."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from audit.models import AIOperation, AuditLog
from conversations import actions as talk
from conversations.models import Conversation, Message
from conversations.tests.making import ask, make_conversation
from documents import actions as papers
from documents.drafting import actions, stranded
from documents.drafting.models import Draft
from documents.drafting.tests.making import PARTS, begin, draft_of, jobs, order, waiting, write_part
from documents.models import Document
from projects.models import Project, ProjectMember
from romagent.base.ids import new_id
from tests.running import SimulatedApi, write

pytestmark = pytest.mark.usefixtures("committed")
State = Draft.State


TEXTS = (
    "# Contestação\n\nAo juízo.",
    "## I – DOS FATOS\n\nEm [●  data], nada.",
    "## Dos pedidos\n\na) a improcedência;",
)


def says(api: SimulatedApi, *texts: str) -> None:
    """What the model answers, in this order."""
    api.script([{"kind": "answer", "text": text} for text in texts])


def test_a_draft_begins_with_its_conversation_its_question_and_the_job_all_at_once(owner: User) -> None:
    document = begin(owner)
    reply = waiting(document)
    assert reply
    assert document.conversation
    assert (document.conversation.title, document.conversation.mode) == ("Contestação de Silva", "redacao")
    assert ProcrastinateJob.objects.filter(task_name="conversations.answer").count() == 1
    question = Message.objects.get(pk=draft_of(document).question)
    assert question.content == (
        "Redija: Contestação.\n\nSeja breve.\n\n- Qual o prazo? 15 dias\n\nEscreva agora a parte 1 de 3: Endereçamento."
    )
    rows = {"conversa.criar", "documento.criar", "mensagem.enviar", "documento.redigir"}
    assert rows <= set(AuditLog.objects.values_list("action", flat=True))


def test_the_model_is_told_everything_with_every_part(owner: User, api: SimulatedApi) -> None:
    document = begin(owner)
    for _ in PARTS:
        write_part(document)
    assert len(api.requests()) == 3
    for number, request in enumerate(api.requests(), 1):
        material, question = request["messages"][-1]["content"]
        for words in ("Impugne cada fato.", "2. Dos fatos: só o que está provado", "- Qual o prazo? 15 dias", "[●  "):
            assert words in material["text"]
        assert "- Quem é o réu? Não informado: deixe a lacuna." in material["text"]
        assert f"parte {number} de 3" in question["text"]
        assert "\n\nModo redação." in request["system"]


def test_what_a_part_costs_is_the_documents(owner: User, api: SimulatedApi) -> None:
    document = begin(owner)
    write_part(document)
    write(ask(make_conversation(owner)).reply)
    found = AIOperation.objects.filter(operation_type="answer").order_by("created_at")
    assert list(found.values_list("document_id", flat=True)) == [document.pk, None]


def test_each_part_goes_into_the_document_and_the_next_is_asked_for(owner: User, api: SimulatedApi) -> None:
    says(api, *TEXTS)
    document = begin(owner)
    write_part(document)
    assert (document.content, document.source, document.revision) == (
        "<h1>Contestação</h1>\n<p>Ao juízo.</p>", "ai", 2,
    )  # fmt: skip
    draft = draft_of(document)
    reply = waiting(document)
    assert reply
    assert (draft.part, reply.reply_to_id) == (1, draft.question)
    write_part(document)
    write_part(document)
    draft = draft_of(document)
    assert (draft.state, draft.part, draft.question, waiting(document)) == (State.DONE, 3, None, None)
    assert (
        document.text
        == "Contestação\nAo juízo.\nI. DOS FATOS\nEm [●  data], nada.\nII. Dos pedidos\na) a improcedência;"
    )
    notes = list(document.versions.order_by("number").values_list("note", flat=True))
    assert notes[-3:] == ["Parte 1 de 3: Endereçamento", "Parte 2 de 3: Dos fatos", "Parte 3 de 3: Dos pedidos"]
    assert AuditLog.objects.filter(action="documento.concluir-redacao").count() == 1


def test_being_carried_on_twice_puts_no_part_there_twice(owner: User, api: SimulatedApi) -> None:
    says(api, *TEXTS)
    document = begin(owner)
    write_part(document)
    for _ in range(3):
        actions.carry_on(document.pk)
    document.refresh_from_db()
    assert document.text.count("Ao juízo.") == 1
    assert draft_of(document).part == 1
    assert Message.objects.filter(conversation=document.conversation_id).count() == 4


def test_a_part_that_was_cut_is_written_on_before_the_next(owner: User, api: SimulatedApi) -> None:
    document = begin(owner)
    api.script([{"kind": "stop_reason", "stop_reason": "max_tokens", "after_tokens": 20}])
    reply = waiting(document)
    assert reply
    write(reply)
    assert (reply.status, reply.stop_reason) == ("complete", "max_tokens")
    cut = reply.content
    jobs()
    document.refresh_from_db()
    assert (document.content, draft_of(document).part) == ("", 0)
    assert waiting(document) == reply
    write_part(document)
    reply.refresh_from_db()
    assert reply.content.startswith(cut)
    assert len(reply.content) > len(cut)
    assert draft_of(document).part == 1
    assert document.text.count("Este trecho é simulado") == 1


def test_stopping_keeps_what_stands_and_going_on_writes_that_part_on(owner: User, api: SimulatedApi) -> None:
    says(api, *TEXTS)
    document = begin(owner)
    write_part(document)
    actions.stop(document, user=owner)
    assert (draft_of(document).state, waiting(document)) == (State.STOPPED, None)
    assert jobs() == 1
    assert draft_of(document).state == State.STOPPED
    actions.stop(document, user=owner)
    assert AuditLog.objects.filter(action="documento.parar-redacao").count() == 1
    actions.go_on(document, user=owner)
    write_part(document)
    write_part(document)
    assert draft_of(document).state == State.DONE
    assert document.text.startswith("Contestação\nAo juízo.\nI. DOS FATOS")


def test_deleting_a_document_that_is_being_written_stops_it_and_taking_it_back_lets_it_go_on(
    owner: User, api: SimulatedApi
) -> None:
    says(api, *TEXTS)
    document = begin(owner)
    write_part(document)
    reply = waiting(document)
    assert reply
    papers.delete(document, user=owner)
    reply.refresh_from_db()
    assert (draft_of(document).state, reply.status) == (State.STOPPED, Message.Status.STOPPED)
    jobs()
    assert waiting(document) is None, "nothing of what is deleted is paid for"
    papers.undelete(document, user=owner)
    actions.go_on(document, user=owner)
    write_part(document)
    write_part(document)
    assert draft_of(document).state == State.DONE


def test_stopping_in_the_conversation_stops_the_draft(owner: User, api: SimulatedApi) -> None:
    document = begin(owner)
    reply = waiting(document)
    assert reply
    talk.stop(reply, user=owner)
    jobs()
    assert draft_of(document).state == State.STOPPED


def test_a_failure_is_said_and_going_on_asks_again(owner: User, api: SimulatedApi) -> None:
    document = begin(owner)
    api.script([{"kind": "status", "status": 401}])
    write_part(document)
    draft = draft_of(document)
    assert (draft.state, draft.reason, draft.part) == (State.FAILED, "rejected_key", 0)
    actions.go_on(document, user=owner)
    write_part(document)
    draft = draft_of(document)
    assert (draft.state, draft.reason, draft.part) == (State.WRITING, "", 1)


def test_a_refusal_does_not_become_a_part(owner: User, api: SimulatedApi) -> None:
    document = begin(owner)
    api.script([{"kind": "stop_reason", "stop_reason": "refusal", "after_tokens": 5}])
    write_part(document)
    assert (draft_of(document).state, draft_of(document).reason) == (State.FAILED, "refusal")
    assert document.content == ""
    actions.go_on(document, user=owner)
    write_part(document)
    assert draft_of(document).part == 1


def test_a_part_that_came_empty_can_be_asked_for_again(owner: User, api: SimulatedApi) -> None:
    document = begin(owner)
    says(api, " ")
    write_part(document)
    assert (draft_of(document).state, draft_of(document).reason) == (State.FAILED, "empty")
    actions.go_on(document, user=owner)
    write_part(document)
    assert (draft_of(document).state, draft_of(document).part) == (State.WRITING, 1)


def test_an_optional_part_that_does_not_fit_the_case_is_passed_over(owner: User, api: SimulatedApi) -> None:
    parts = [{"name": "Preliminares", "is_required": False}, {"name": "Mérito", "is_required": True}]
    says(api, "(Não se aplica.)", "Não se aplica")
    document = begin(owner, order=order(parts=parts))
    write_part(document)
    assert (draft_of(document).part, document.content) == (1, "")
    write_part(document)
    assert document.text == "Não se aplica", "a required part says what it says"


@pytest.mark.parametrize(
    ("text", "steps", "kept"),
    [
        ("Vou procurar nos autos.\n\n## Dos fatos\n\nTexto.", ["Procurando"], "I. Dos fatos\nTexto."),
        ("Vou procurar nos autos.\n\n## Dos fatos", [], "Vou procurar nos autos.\nI. Dos fatos"),
        (f"{'Longo. ' * 60}\n\n## Dos fatos", ["Procurando"], f"{('Longo. ' * 60).rstrip()}\nI. Dos fatos"),
        ("Sem título nenhum.", ["Procurando"], "Sem título nenhum."),
        ("Ao juízo da 2ª Vara Cível.\n\n# Contestação", ["Procurando"], "Ao juízo da 2ª Vara Cível.\nContestação"),
        ("Vou ler.\n\nAo juízo.\n\n# Contestação", ["Lendo"], "Ao juízo.\nContestação"),
    ],
)
def test_what_is_said_before_looking_into_files_is_no_part_of_the_document(
    owner: User, text: str, steps: list[str], kept: str
) -> None:
    document = begin(owner)
    found = {"status": "complete", "content": text, "metadata": {"reading": {"steps": steps}}}
    Message.objects.filter(conversation=document.conversation_id, role="assistant").update(**found)
    actions.carry_on(document.pk)
    document.refresh_from_db()
    assert document.text == kept


def test_what_a_person_writes_meanwhile_stays_above_the_part(owner: User, api: SimulatedApi) -> None:
    says(api, *TEXTS)
    document = begin(owner)
    write_part(document)
    papers.save(document, 2, user=owner, content="<h1>Contestação</h1><p>Escrito por mim.</p>")
    write_part(document)
    assert document.text == "Contestação\nEscrito por mim.\nI. DOS FATOS\nEm [●  data], nada."


def test_another_question_in_the_conversation_only_delays_the_draft(owner: User, api: SimulatedApi) -> None:
    says(api, TEXTS[0], "Sim.", *TEXTS[1:])
    document = begin(owner)
    reply = waiting(document)
    assert reply
    assert document.conversation
    write(reply)
    other = ask(document.conversation, "E o prazo?").reply  # before the draft was carried on
    jobs()
    document.refresh_from_db()
    assert (draft_of(document).part, draft_of(document).question) == (1, None)
    write(other)
    jobs()
    write_part(document)
    write_part(document)
    assert draft_of(document).state == State.DONE
    assert "Sim." not in document.text


def test_a_draft_whose_job_is_lost_is_taken_up(owner: User, api: SimulatedApi) -> None:
    says(api, *TEXTS)
    document = begin(owner)
    reply = waiting(document)
    assert reply
    assert stranded.take_up() == 0, "begun just now"
    write(reply)
    ProcrastinateJob.objects.filter(task_name="documents.carry_on")._raw_delete("default")
    Draft.objects.update(updated_at="2026-01-01T00:00:00Z")
    assert stranded.take_up() == 1
    jobs()
    assert draft_of(document).part == 1
    Draft.objects.update(updated_at="2026-01-01T00:00:00Z")
    assert stranded.take_up() == 0, "its next part is being written"


def test_who_may_no_longer_change_the_document_gets_no_further_part(
    owner: User, stranger: User, api: SimulatedApi
) -> None:
    project = Project.objects.create(user=owner, name="Silva x Souza")
    member = ProjectMember.objects.create(project=project, user=stranger, role="editor")
    document = begin(stranger, project=project)
    reply = waiting(document)
    assert reply
    write(reply)
    member.delete()
    jobs()
    assert draft_of(document).state == State.STOPPED
    assert waiting(document) is None


def test_a_draft_that_is_moved_takes_its_conversation_along_and_goes_on(owner: User, api: SimulatedApi) -> None:
    says(api, *TEXTS)
    document = begin(owner)
    write_part(document)
    project = Project.objects.create(user=owner, name="Silva x Souza")
    papers.move(document, project, user=owner)
    document.refresh_from_db()
    assert document.conversation
    assert (document.project, document.conversation.project) == (project, project)
    write_part(document)
    write_part(document)
    assert draft_of(document).state == State.DONE


def test_a_conversation_that_is_not_the_documents_is_only_left_where_it_is(owner: User) -> None:
    conversation = make_conversation(owner, "Prazo")
    document = papers.create("Contestação", "<p>x</p>", user=owner, conversation=conversation)
    papers.move(document, Project.objects.create(user=owner, name="Silva x Souza"), user=owner)
    conversation.refresh_from_db()
    assert (document.conversation, conversation.project) == (None, None)


def test_a_colleague_does_not_go_on_in_a_conversation_that_is_no_longer_hers_to_see(
    owner: User, stranger: User, api: SimulatedApi
) -> None:
    project = Project.objects.create(user=owner, name="Silva x Souza")
    ProjectMember.objects.create(project=project, user=stranger, role="editor")
    document = begin(owner, project=project)
    actions.stop(document, user=owner)
    assert document.conversation
    talk.move(document.conversation, None, user=owner)
    actions.go_on(document, user=stranger)
    draft = draft_of(document)
    assert (draft.state, draft.reason, waiting(document)) == (State.FAILED, "apart", None)
    assert not Message.objects.filter(conversation=document.conversation, user=stranger).exists()


def test_a_draft_does_not_go_on_in_a_conversation_that_was_deleted(owner: User, api: SimulatedApi) -> None:
    document = begin(owner)
    assert document.conversation
    talk.delete(document.conversation, user=owner)
    jobs()
    actions.go_on(document, user=owner)
    assert (draft_of(document).reason, waiting(document)) == ("apart", None)


def test_a_deleted_document_is_not_written_on(owner: User, api: SimulatedApi) -> None:
    document = begin(owner)
    reply = waiting(document)
    assert reply
    papers.delete(document, user=owner)
    write(reply)
    jobs()
    assert (draft_of(document).part, waiting(document)) == (0, None)


def test_the_same_form_twice_is_one_document(owner: User) -> None:
    key = new_id()
    assert begin(owner, key=key) == begin(owner, key=key)
    assert (Document.objects.count(), Conversation.objects.count(), Draft.objects.count()) == (1, 1, 1)


def test_the_end_of_a_reply_elsewhere_asks_for_nothing(owner: User, api: SimulatedApi) -> None:
    reply = ask(make_conversation(owner)).reply
    write(reply)
    assert not ProcrastinateJob.objects.filter(task_name="documents.carry_on").exists()


def test_a_reply_becomes_a_document_of_the_same_conversation(owner: User, api: SimulatedApi) -> None:
    api.script([{"kind": "answer", "text": "## Resposta\n\nÉ de **quinze** dias."}])
    reply = ask(make_conversation(owner, "Prazo")).reply
    write(reply)
    document = actions.from_message(reply, user=owner)
    assert (document.title, document.source) == ("Prazo", "ai")
    assert document.content == "<h2>Resposta</h2>\n<p>É de <strong>quinze</strong> dias.</p>"
    assert document.conversation_id == reply.conversation_id
