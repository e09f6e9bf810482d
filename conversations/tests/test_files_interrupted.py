"""What happens to a reply that reads files when something comes in between: a cut, a stop, a death, a budget."""

import asyncio
import contextlib
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from audit import budgets
from audit.models import AIOperation
from conversations.assistant import answering, shelf, tools
from conversations.models import Conversation, Message
from conversations.reading import Reading
from conversations.tests.filing import PAGES, attached, long_pages
from conversations.tests.making import ask, make_conversation
from tests.running import PATIENCE, SimulatedApi, eventually, take_job, working, write

pytestmark = pytest.mark.usefixtures("committed")
Status = Message.Status
SEARCH = {"kind": "tool_use", "name": "procurar_nos_arquivos", "input": {"consulta": "punho", "arquivos": []}}


@pytest.fixture
def conversation(owner: User) -> Conversation:
    conversation = make_conversation(owner)
    pages = long_pages(300)
    pages[11] = PAGES[1]
    attached(conversation, "autos.pdf", pages)
    return conversation


def types_of(request: dict[str, Any]) -> list[Any]:
    return [
        (m["role"], m["content"] if isinstance(m["content"], str) else [b["type"] for b in m["content"]])
        for m in request["messages"]
    ]


def test_a_cut_in_the_second_round_goes_on_from_there_and_searches_no_second_time(
    conversation: Conversation, api: SimulatedApi, impatient: None
) -> None:
    text = "A assinatura não é da autora, diz o perito, e o contrato é nulo."
    api.script([SEARCH, {"kind": "answer", "text": text, "also": [{"kind": "cut", "after_tokens": 5}]}])
    api.script([{"kind": "answer", "text": text[len("A assinatura não é da") :]}])
    reply = ask(conversation).reply
    write(reply)
    assert (reply.status, reply.content) == (Status.COMPLETE, text)
    *_, said, results, partial, go_on = types_of(api.requests()[-1])
    assert said == ("assistant", ["thinking", "tool_use"])
    assert results == ("user", ["tool_result"])
    assert partial == ("assistant", "A assinatura não é da")
    assert go_on[0] == "user"
    assert len(Reading.of(reply.metadata).steps) == 1


def test_a_reply_whose_writer_died_in_mid_loop_is_taken_up_with_its_notes(
    conversation: Conversation, api: SimulatedApi
) -> None:
    """What was written and noted stays; the tools are called again, and the rest is written on."""
    reply = ask(conversation).reply
    take_job(reply)
    begin = {"kind": "answer", "passages": [["A assinatura não é dela.", "punho"], [" Mais: " + "palavra " * 200]]}
    api.script([SEARCH, {**begin, "tokens_per_second": 40}])

    async def dies_after_a_checkpoint() -> None:
        async with working() as assistant:
            writing = asyncio.create_task(assistant.answer(reply.pk, is_stop=lambda: True))
            drafts = assistant.relay.drafts
            await eventually(lambda: any(draft.reading.places for draft in drafts.values()))
            await assistant.relay.save()
            draft = next(iter(drafts.values()))
            assistant.relay.close(draft)
            for task in assistant.relay._tasks:  # nothing more of this process reaches PostgreSQL
                task.cancel()
            assistant._finish = _nothing  # type: ignore[method-assign]
            writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writing

    asyncio.run(dies_after_a_checkpoint())
    kept = Message.objects.get(pk=reply.pk)
    assert kept.status == Status.STREAMING
    assert [one.page for one in Reading.of(kept.metadata).citations] == [12]
    Message.objects.filter(pk=reply.pk).update(heartbeat_at=timezone.now() - timezone.timedelta(minutes=5))
    api.script([SEARCH, {"kind": "answer", "text": " E é tudo."}])
    write(reply)
    assert reply.status == Status.COMPLETE
    assert reply.content.startswith("A assinatura não é dela.")
    assert reply.content.endswith("E é tudo.")
    reading = Reading.of(reply.metadata)
    assert [(one.page, one.found) for one in reading.citations] == [(12, True)]
    assert reading.places == [(len("A assinatura não é dela."), 1)]
    assert reading.steps == ["Procurando “punho” em 1 arquivo"], "said once, although it was done once more"
    *_, written, go_on, used, results = types_of(api.requests()[-1])
    assert written == ("assistant", kept.content.rstrip())
    assert go_on[0] == "user"
    assert used[1][-1] == "tool_use"
    assert results == ("user", ["tool_result", "text"]), "after what was found, it is asked to go on again"
    assert reply.content == kept.content.rstrip() + " E é tudo.", "in the middle of a sentence"


def test_what_a_writer_had_read_that_died_before_it_said_anything_counts_for_nothing(
    conversation: Conversation, api: SimulatedApi
) -> None:
    reply = ask(conversation).reply
    lost = Reading(steps=["Lendo autos.pdf, página 200"])
    lost.covered(conversation.uploads.get().pk, "autos.pdf", 300).read.append(200)
    Message.objects.filter(pk=reply.pk).update(
        status=Status.STREAMING,
        attempts=1,
        heartbeat_at=timezone.now() - timezone.timedelta(minutes=5),
        metadata=reply.metadata | {"reading": lost.kept()},
    )
    api.script([SEARCH, {"kind": "answer", "text": "Não é dela."}])
    write(reply)
    reading = Reading.of(reply.metadata)
    assert reading.steps == ["Procurando “punho” em 1 arquivo"]
    assert [one.read for one in reading.files] == [[12]]


def test_a_continued_reply_that_adds_words_before_its_tool_begins_a_paragraph_after_it(
    conversation: Conversation, api: SimulatedApi, impatient: None
) -> None:
    cut = {"kind": "answer", "text": "A assinatura não é da autora.", "also": [{"kind": "cut", "after_tokens": 4}]}
    api.script([cut, {**SEARCH, "text": " da autora. Vou procurar."}, {"kind": "answer", "text": "Achei."}])
    reply = ask(conversation).reply
    write(reply)
    assert reply.content == "A assinatura não é da autora. Vou procurar.\n\nAchei."
    *_, written, _, used, results = types_of(api.requests()[-1])
    assert written == ("assistant", "A assinatura não é"), "the one before knows what its words followed"
    assert used[1][-2:] == ["text", "tool_use"]
    assert results == ("user", ["tool_result"])


def test_what_was_written_before_a_new_beginning_is_known_to_the_rounds_after_it(
    conversation: Conversation, api: SimulatedApi
) -> None:
    """A reply that is written on calls a tool: the round after it must not begin the answer anew."""
    reply = ask(conversation).reply
    Message.objects.filter(pk=reply.pk).update(content="O perito examinou o contrato.")
    api.script([SEARCH, {"kind": "answer", "text": "A assinatura é falsa."}])
    write(reply)
    written, go_on, said, results = types_of(api.requests()[-1])[1:]
    assert written == ("assistant", "O perito examinou o contrato.")
    assert go_on[0] == "user"
    assert said == ("assistant", ["thinking", "tool_use"])
    assert results == ("user", ["tool_result"])
    assert reply.content == "O perito examinou o contrato.\n\nA assinatura é falsa."


def test_a_model_that_says_its_last_words_once_more_after_a_tool_is_heard_once(
    conversation: Conversation, api: SimulatedApi
) -> None:
    reply = ask(conversation).reply
    Message.objects.filter(pk=reply.pk).update(content="O perito examinou o contrato.")
    api.script([SEARCH, {"kind": "answer", "text": "O perito examinou o contrato. A assinatura é falsa."}])
    write(reply)
    assert " ".join(reply.content.split()) == "O perito examinou o contrato. A assinatura é falsa."


async def _nothing(*_: Any) -> None:
    pass


def test_stopping_in_the_middle_of_a_tool_keeps_what_was_written(
    conversation: Conversation, api: SimulatedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = ask(conversation).reply
    take_job(reply)
    api.script([{**SEARCH, "text": "Vou procurar."}])
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def stopped() -> None:
        async with working() as assistant:
            patiently = assistant.patiently

            async def waiting(call: Any, *args: Any, **options: Any) -> Any:
                if call is tools.run:
                    inside.set()
                    await go_on.wait()
                return await patiently(call, *args, **options)

            monkeypatch.setattr(assistant, "patiently", waiting)
            writing = asyncio.create_task(assistant.answer(reply.pk, is_stop=lambda: True))
            async with asyncio.timeout(PATIENCE):
                await inside.wait()
            writing.cancel()
            await writing

    asyncio.run(stopped())
    reply.refresh_from_db()
    assert (reply.status, reply.content) == (Status.STOPPED, "Vou procurar.")
    assert Reading.of(reply.metadata).steps == ["Procurando “punho” em 1 arquivo"]
    assert len(api.requests()) == 1


def test_a_worker_that_leaves_in_mid_loop_hands_the_notes_on(conversation: Conversation, api: SimulatedApi) -> None:
    reply = ask(conversation).reply
    take_job(reply)
    begin = {"kind": "answer", "passages": [["A assinatura não é dela.", "punho"], [" Mais: " + "palavra " * 200]]}
    api.script([SEARCH, {**begin, "tokens_per_second": 40}])

    async def leaves() -> None:
        async with working() as assistant:
            writing = asyncio.create_task(assistant.answer(reply.pk, is_stop=lambda: False))
            drafts = assistant.relay.drafts
            await eventually(lambda: any(draft.reading.places for draft in drafts.values()))
            writing.cancel()
            await writing

    asyncio.run(leaves())
    kept = Message.objects.get(pk=reply.pk)
    assert kept.status == Status.QUEUED
    assert [one.page for one in Reading.of(kept.metadata).citations] == [12]


def test_a_budget_that_is_used_up_in_mid_loop_ends_it_in_words(
    conversation: Conversation, api: SimulatedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "refusal", lambda person: "acabou")
    api.script([{**SEARCH, "text": "Vou procurar."}])
    reply = ask(conversation).reply
    write(reply)
    assert (reply.status, reply.content, reply.metadata["error"]) == (Status.INTERRUPTED, "Vou procurar.", "budget")
    assert len(api.requests()) == 1
    assert AIOperation.objects.filter(message_id=reply.pk).count() == 1


def test_a_paused_turn_goes_on_unchanged(conversation: Conversation, api: SimulatedApi) -> None:
    api.script(
        [{"kind": "answer", "text": "Uma parte", "also": [{"kind": "stop_reason", "stop_reason": "pause_turn"}]}]
    )
    api.script([{"kind": "answer", "text": " e o resto."}])
    reply = ask(conversation).reply
    write(reply)
    assert (reply.status, reply.content) == (Status.COMPLETE, "Uma parte e o resto.")
    assert types_of(api.requests()[-1])[-1][0] == "assistant"


def test_a_call_that_was_cut_by_the_length_is_not_done(conversation: Conversation, api: SimulatedApi) -> None:
    cut = {"kind": "stop_reason", "stop_reason": "max_tokens", "after_tokens": 3}
    api.script([{**SEARCH, "text": "Vou ver.", "also": [cut]}])
    reply = ask(conversation).reply
    write(reply)
    assert (reply.status, reply.stop_reason) == (Status.COMPLETE, "max_tokens")
    assert not Reading.of(reply.metadata).steps


def test_another_writer_ends_the_loop_between_two_tools(
    conversation: Conversation, api: SimulatedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, looks = shelf.files, []

    def lost(*args: Any) -> Any:
        looks.append(1)
        if len(looks) == 2:
            Message.objects.filter(pk=reply.pk).update(attempts=99)
        return files(*args)

    monkeypatch.setattr(answering.shelf, "files", lost)
    api.script([SEARCH, {"kind": "answer", "text": "Do que perdeu a vez."}])
    reply = ask(conversation).reply
    write(reply)
    assert reply.content != "Do que perdeu a vez."
