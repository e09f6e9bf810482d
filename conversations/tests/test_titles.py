"""A conversation is given its title after its first answer, by the cheapest model, and never against its owner."""

import asyncio
import time

import httpx2
import pytest
from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient

from accounts.models import User
from audit.calls.client import Call, CallFailed
from audit.models import AIOperation, AuditLog
from conversations import actions
from conversations.assistant.titles import LONGEST, make, tidy
from conversations.models import Conversation
from conversations.relay import CALM_DRAFTS, Draft
from conversations.tests.making import make_conversation, make_exchange
from romagent.base.ids import new_id
from tests.running import PATIENCE, SimulatedApi, relaying, some_threads, working

MODEL = "claude-haiku-5-5"
committed = pytest.mark.usefixtures("committed")


@pytest.fixture
def untitled(owner: User) -> Conversation:
    conversation = make_conversation(owner, Conversation.UNTITLED)
    make_exchange(conversation, "Quais documentos faltam para a ação de despejo?", "Faltam **três** documentos.")
    return conversation


def give_title(conversation: Conversation) -> None:
    async def run() -> None:
        async with working() as assistant, asyncio.timeout(PATIENCE):
            await make(assistant, conversation.pk, MODEL)

    asyncio.run(run())
    conversation.refresh_from_db()


@committed
def test_the_title_is_the_models_on_one_line_without_decoration(untitled: Conversation, api: SimulatedApi) -> None:
    api.script([{"kind": "answer", "text": '## "Documentos para a ação de despejo."\n\nE mais nada.'}])
    give_title(untitled)
    assert untitled.title == "Documentos para a ação de despejo"
    assert untitled.metadata == {"titled": "assistant"}


@committed
def test_the_model_is_shown_the_first_question_and_answer_and_no_more(
    untitled: Conversation, api: SimulatedApi
) -> None:
    make_exchange(untitled, "Segunda pergunta", "Segunda resposta")
    give_title(untitled)
    (request,) = api.requests()
    assert request["model"] == MODEL
    assert "título curto" in request["system"]
    (turn,) = request["messages"]
    assert "Quais documentos faltam" in turn["content"]
    assert "três" in turn["content"]
    assert "Segunda" not in turn["content"]


@committed
def test_the_call_and_the_change_have_their_rows(untitled: Conversation, owner: User, api: SimulatedApi) -> None:
    give_title(untitled)
    operation = AIOperation.objects.get(operation_type="title")
    assert (operation.user, operation.conversation_id, operation.status) == (owner, untitled.pk, "complete")
    assert operation.cost_usd is not None
    assert AuditLog.objects.filter(action="conversa.titulo", entity_id=untitled.pk, user=owner).count() == 1


@committed
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 529},
        {"kind": "status", "status": 401},
        {"kind": "cut", "after_tokens": 1},
        {"kind": "answer", "text": " \n"},
    ],
    ids=str,
)
def test_when_that_fails_the_question_itself_serves(
    untitled: Conversation, api: SimulatedApi, fault: dict[str, object]
) -> None:
    api.script([fault])
    give_title(untitled)
    assert untitled.title == "Quais documentos faltam para a ação de despejo?"
    assert AIOperation.objects.filter(operation_type="title").count() == 1


@committed
def test_a_person_who_has_named_it_meanwhile_keeps_her_name(
    untitled: Conversation, owner: User, api: SimulatedApi
) -> None:
    api.configure(first_token_ms=300)

    async def run() -> None:
        async with working() as assistant, asyncio.timeout(PATIENCE):
            making = asyncio.create_task(make(assistant, untitled.pk, MODEL))
            await asyncio.sleep(0.1)
            await assistant.threads.run(lambda: actions.rename(untitled, "Meu nome", user=owner))
            await making

    asyncio.run(run())
    untitled.refresh_from_db()
    assert untitled.title == "Meu nome"
    assert AIOperation.objects.filter(operation_type="title").count() == 1


@committed
def test_a_conversation_with_a_title_is_not_asked_about(owner: User, api: SimulatedApi) -> None:
    conversation = make_conversation(owner, "Ação de cobrança")
    make_exchange(conversation)
    give_title(conversation)
    assert conversation.title == "Ação de cobrança"
    assert api.requests() == []


@committed
def test_a_person_may_call_a_conversation_what_an_untitled_one_is_called(
    untitled: Conversation, owner: User, api: SimulatedApi
) -> None:
    actions.rename(untitled, Conversation.UNTITLED, user=owner)
    give_title(untitled)
    assert untitled.title == Conversation.UNTITLED
    assert api.requests() == []


@committed
def test_a_deleted_conversation_is_not_asked_about(untitled: Conversation, owner: User, api: SimulatedApi) -> None:
    actions.delete(untitled, user=owner)
    give_title(untitled)
    assert api.requests() == []


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Prazo para contestar", "Prazo para contestar"),
        ("\n\n  **Prazo para contestar.**  \nOutra linha", "Prazo para contestar"),
        ("# «Ação de despejo»", "Ação de despejo"),
        ("", ""),
        (" \n ", ""),
        ("***", ""),
        ("palavra " * 20, ("palavra " * 10)[:-1] + "…"),
        ("x" * 100, "x" * LONGEST + "…"),
    ],
)
def test_a_title_is_one_line_cut_at_a_word(text: str, title: str) -> None:
    assert tidy(text) == title


def test_a_title_waits_while_many_answers_are_being_written_but_not_for_ever() -> None:
    async def waited(drafts: int, seconds: float, closing: bool) -> float:
        async with some_threads(1) as threads, relaying(threads) as relay:
            opened = [Draft(new_id(), 1, "") for _ in range(drafts)]
            for draft in opened:
                relay.open(draft)
            began = time.monotonic()
            waiting = asyncio.create_task(relay.wait_for_calm(seconds))
            await asyncio.sleep(0)
            if closing:
                relay.close(opened[0])
            await waiting
            for draft in opened:
                relay.close(draft)
            return time.monotonic() - began

    assert asyncio.run(waited(CALM_DRAFTS, 20, closing=False)) < 10
    assert asyncio.run(waited(CALM_DRAFTS + 1, 0.6, closing=False)) >= 0.6
    assert asyncio.run(waited(CALM_DRAFTS + 1, 20, closing=True)) < 10


@pytest.mark.parametrize("body", ["<html>504</html>", "{}", "[]", '{"model": null, "usage": null}'])
def test_a_success_that_is_no_message_is_a_failed_call(body: str) -> None:
    """As a proxy between us and the API may give it."""

    async def run() -> None:
        transport = httpx2.MockTransport(lambda _: httpx2.Response(200, text=body))
        async with AsyncAnthropic(
            api_key="x", http_client=DefaultAsyncHttpxClient(transport=transport), open_telemetry=False
        ) as client:
            call = Call("title", MODEL)
            with pytest.raises(CallFailed):
                await call.whole(client, {"model": MODEL, "max_tokens": 10, "messages": []})
            assert (call.status, call.error, call.model) == ("failed", "cut", MODEL)

    asyncio.run(run())
