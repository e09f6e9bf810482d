"""The assistant writes a reply: the real client, threads and relay against the simulated Messages API."""

import json
from decimal import Decimal

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from audit.models import AIModel, AIOperation, AuditLog
from conversations.assistant.context import instructions
from conversations.models import Conversation, Message
from conversations.tests.making import MODEL, ask, ask_something, make_conversation, make_exchange
from tests.running import SimulatedApi, write

pytestmark = pytest.mark.usefixtures("committed")
Status = Message.Status


def test_a_reply_is_written_whole_with_what_it_used(owner: User, api: SimulatedApi) -> None:
    reply = ask_something(owner)
    write(reply)
    assert (reply.status, reply.stop_reason) == (Status.COMPLETE, "end_turn")
    assert "Esta é uma resposta simulada" in reply.content
    assert reply.content.endswith("faça a mesma pergunta outra vez.")
    operation = AIOperation.objects.get()
    assert (reply.tokens_input, reply.tokens_output) == (operation.tokens_input, operation.tokens_output)
    assert reply.latency_ms is not None
    assert reply.metadata == {"mode": "juridico"}


def test_the_call_has_its_row_with_tokens_cost_and_time_to_the_first_token(owner: User, api: SimulatedApi) -> None:
    api.configure(first_token_ms=60, answer_tokens=50)
    reply = ask_something(owner)
    write(reply)
    operation = AIOperation.objects.get()
    assert (operation.user, operation.conversation_id, operation.message_id) == (owner, reply.conversation_id, reply.pk)
    assert (operation.operation_type, operation.model, operation.status) == ("answer", MODEL, "complete")
    assert operation.tokens_output == 50 + 16  # the simulation thinks for 16 tokens
    assert operation.tokens_input
    assert operation.cost_usd == (operation.tokens_input * 4 + operation.tokens_output * 20) / Decimal(1_000_000)
    assert 60 <= operation.ttft_ms <= operation.latency_ms
    assert operation.error_message == ""
    assert operation.metadata["request_id"].startswith("req_")


def test_what_comes_from_the_cache_costs_what_the_cache_costs(owner: User, api: SimulatedApi) -> None:
    question = "Leia este contrato: " + "cláusula " * 3000
    first = ask_something(owner, question)
    write(first)
    again = ask_something(owner, question)
    write(again)
    written, read = AIOperation.objects.order_by("created_at")
    assert written.cache_write_tokens > 6000
    assert (written.cache_read_tokens, read.cache_read_tokens) == (0, written.cache_write_tokens)
    cost = (read.tokens_input * 4 + read.cache_read_tokens * Decimal("0.20") + read.tokens_output * 20) / 1_000_000
    assert read.cost_usd == round(cost, 6)
    assert again.tokens_input == read.tokens_input + read.cache_read_tokens  # what the person is told: the whole prompt


def test_the_end_the_audit_row_and_the_title_to_be_made_are_there_together(owner: User, api: SimulatedApi) -> None:
    reply = ask_something(owner)
    write(reply)
    row = AuditLog.objects.get(action="resposta.complete")
    assert (row.user, row.entity_type, row.entity_id) == (owner, "messages", reply.pk)
    assert ProcrastinateJob.objects.get(task_name="conversations.make_title").args == {
        "conversation_id": str(reply.conversation_id)
    }


def test_a_conversation_with_a_title_gets_no_other(owner: User, api: SimulatedApi) -> None:
    reply = ask(make_conversation(owner, "Ação de despejo")).reply
    write(reply)
    assert not ProcrastinateJob.objects.filter(task_name="conversations.make_title").exists()


@pytest.mark.parametrize("mode", Conversation.Mode.values)
def test_each_mode_is_asked_in_its_own_words(owner: User, api: SimulatedApi, mode: str) -> None:
    write(ask(make_conversation(owner, mode=mode)).reply)
    (request,) = api.requests()
    assert request["system"] == instructions(mode)
    others = {instructions(other) for other in Conversation.Mode.values if other != mode}
    assert request["system"] not in others


def test_every_model_on_offer_accepts_what_is_sent(owner: User, api: SimulatedApi) -> None:
    api.configure(answer_tokens=5)
    models = list(AIModel.objects.filter(offered=True).values_list("pk", flat=True))
    replies = [ask(make_conversation(owner, model=model)).reply for model in models]
    write(*replies)
    assert [reply.status for reply in replies] == [Status.COMPLETE] * len(models)
    assert [request["model"] for request in api.requests()] == models
    assert not AIOperation.objects.filter(cost_usd=None).exists()


def test_a_model_without_a_price_is_used_and_its_cost_is_not_made_up(owner: User, api: SimulatedApi) -> None:
    reply = ask(make_conversation(owner, model="claude-opus-4-7")).reply
    write(reply)
    operation = AIOperation.objects.get()
    assert (reply.status, operation.cost_usd) == (Status.COMPLETE, None)
    assert operation.tokens_output > 0


def test_the_model_sees_the_thread_as_it_is_now_in_order(owner: User, api: SimulatedApi) -> None:
    conversation = make_conversation(owner)
    make_exchange(conversation, "Primeira pergunta", "Primeira resposta")
    question, old = make_exchange(conversation, "Segunda pergunta", "Resposta antiga")
    Message.objects.filter(pk=old.pk).update(superseded_at=old.created_at)
    Message.objects.create(
        conversation=conversation, user=owner, role=Message.Role.ASSISTANT, content="Resposta nova", reply_to=question
    )
    write(ask(conversation, "Terceira pergunta").reply)
    (request,) = api.requests()
    assert [(turn["role"], turn["content"]) for turn in request["messages"]] == [
        ("user", "Primeira pergunta"),
        ("assistant", "Primeira resposta"),
        ("user", "Segunda pergunta"),
        ("assistant", "Resposta nova"),
        ("user", "Terceira pergunta"),
    ]


def test_nothing_is_sent_that_names_the_person(owner: User, api: SimulatedApi) -> None:
    write(ask_something(owner))
    (request,) = api.requests()
    sent = json.dumps(request, ensure_ascii=False)
    assert request["metadata"] == {"user_id": str(owner.pk)}
    assert owner.email not in sent
    assert owner.name not in sent


def test_nothing_is_sent_that_current_models_refuse(owner: User, api: SimulatedApi) -> None:
    write(ask_something(owner))
    (request,) = api.requests()
    assert request.keys() == {"model", "max_tokens", "system", "messages", "cache_control", "metadata", "stream"}
    assert request["messages"][-1]["role"] == "user"


@pytest.mark.parametrize("nothing", ["", " \n ", "\n\n"])
def test_an_answer_without_a_word_does_not_spoil_the_conversation(owner: User, api: SimulatedApi, nothing: str) -> None:
    """The API refuses a turn of white space only, so such a reply must not be sent along."""
    conversation = make_conversation(owner)
    api.script([{"kind": "answer", "text": nothing}])
    write(ask(conversation, "Primeira").reply)
    reply = ask(conversation, "Segunda").reply
    write(reply)
    assert reply.status == Status.COMPLETE


def test_the_question_after_a_failed_one_is_answered(owner: User, api: SimulatedApi) -> None:
    conversation = make_conversation(owner)
    api.script([{"kind": "status", "status": 401}])
    write(ask(conversation, "Primeira").reply)
    reply = ask(conversation, "Segunda").reply
    write(reply)
    assert reply.status == Status.COMPLETE
    assert [turn["content"] for turn in api.requests()[-1]["messages"]] == ["Primeira", "Segunda"]


def test_characters_that_postgresql_cannot_hold_are_left_out_and_all_others_kept(
    owner: User, api: SimulatedApi
) -> None:
    text = "Início\x00 do\u202e texto 👩🏽‍⚖️ com\ttudo\x07 e ação\u200b."
    api.script([{"kind": "answer", "text": text}])
    reply = ask_something(owner)
    write(reply)
    assert reply.content == text.replace("\x00", "")


def test_events_of_a_later_version_of_the_api_are_passed_over(owner: User, api: SimulatedApi) -> None:
    api.script(
        [
            {
                "kind": "unknown_event",
                "after_tokens": 2,
                "also": [{"kind": "unknown_delta", "after_tokens": 4}, {"kind": "split_utf8"}, {"kind": "ping"}],
            }
        ]
    )
    reply = ask_something(owner)
    write(reply)
    assert reply.status == Status.COMPLETE
    assert reply.content.startswith("## Qual o prazo para contestar")
    assert "orientação jurídica" in reply.content


def test_a_reply_that_has_ended_is_not_written_again(owner: User, api: SimulatedApi) -> None:
    reply = ask_something(owner)
    write(reply)
    before = reply.content
    write(reply)
    assert reply.content == before
    assert len(api.requests()) == 1
