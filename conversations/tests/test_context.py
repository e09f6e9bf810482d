"""What of a long history is sent: as much as the window holds, newest first, and what is left out is said."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from pytest_django import Settings

from accounts.models import User
from audit.models import AIModel
from conversations import actions
from conversations.assistant.context import CONTINUE, Prompt, Turn, instructions
from conversations.models import Message
from conversations.rendering import render_message
from conversations.tests.making import ask, ask_something, make_conversation, make_exchange
from tests.running import SimulatedApi, write

Status = Message.Status
SMALL = "claude-sonnet-4-6"


@pytest.fixture
def small_window(settings: Settings) -> Iterator[str]:
    """A model of which we believe that it reads some 2,000 tokens."""
    settings.ANSWER_MAX_TOKENS = 1000
    model = AIModel.objects.filter(pk=SMALL)
    before = model.values("context_tokens").get()
    model.update(context_tokens=3000)
    yield SMALL
    model.update(**before)


def history(user: User, turns: int, size: int, model: str) -> Message:
    """The reply owed to a last question, after `turns` exchanges of `size` characters each."""
    conversation = make_conversation(user, model=model)
    for number in range(turns):
        make_exchange(conversation, f"P{number} " + "x" * (size // 2), f"R{number} " + "y" * (size // 2))
    return ask(conversation, "A última pergunta").reply


@pytest.mark.usefixtures("committed")
def test_a_short_history_is_sent_whole_and_not_measured(owner: User, api: SimulatedApi) -> None:
    reply = history(owner, 3, 100, "claude-opus-5-5")
    write(reply)
    assert len(api.requests()[0]["messages"]) == 7
    assert api.requests("/v1/messages/count_tokens") == []
    assert "left_out" not in reply.metadata
    assert "não foram lidas" not in render_message(reply)


@pytest.mark.usefixtures("committed")
def test_a_long_history_loses_its_oldest_turns_and_says_how_many(
    owner: User, api: SimulatedApi, small_window: str
) -> None:
    reply = history(owner, 10, 2000, small_window)
    write(reply)
    assert reply.status == Status.COMPLETE
    (request,) = api.requests()
    sent = request["messages"]
    left_out = 21 - len(sent)
    assert 0 < left_out < 20
    assert reply.metadata["left_out"] == left_out
    assert f"as {left_out} mensagens mais antigas desta conversa não foram lidas" in render_message(reply)
    assert (sent[0]["role"], sent[-1]["content"]) == ("user", "A última pergunta")
    assert sent[-2]["content"].startswith("R9")


@pytest.mark.usefixtures("committed")
def test_as_much_is_sent_as_fits_by_the_apis_own_count(owner: User, api: SimulatedApi, small_window: str) -> None:
    reply = history(owner, 10, 2000, small_window)
    write(reply)
    (request,) = api.requests()
    turns = [m.content for m in reply.conversation.messages.order_by("id") if m.pk != reply.pk]
    sent = len(request["messages"])

    def tokens(count: int) -> int:
        """Of the last `count` turns and the instructions, as the simulation counts: 4 characters each, 3 a turn."""
        return sum(-(-len(text) // 4) for text in [request["system"], *turns[-count:]]) + 3 * count

    assert tokens(sent) <= 2000 < tokens(sent + 2)
    assert len(api.requests("/v1/messages/count_tokens")) <= 5  # the size is found by halving


@pytest.mark.usefixtures("committed")
def test_the_question_is_never_cut(owner: User, api: SimulatedApi, small_window: str) -> None:
    question = "pergunta " * 1500
    write(ask(make_conversation(owner, model=small_window), question).reply)
    assert api.requests()[0]["messages"] == [{"role": "user", "content": question}]


@pytest.mark.usefixtures("committed")
def test_what_is_left_out_when_continuing_is_said_too(owner: User, api: SimulatedApi, small_window: str) -> None:
    reply = history(owner, 10, 2000, small_window)
    api.script([{"kind": "stop_reason", "stop_reason": "max_tokens", "after_tokens": 40}])
    write(reply)
    actions.continue_reply(reply, user=owner)
    write(reply)
    assert reply.metadata["left_out"] > 0
    last = api.requests()[-1]["messages"]
    assert (last[0]["role"], last[-1]["content"]) == ("user", CONTINUE)


@pytest.mark.usefixtures("committed")
def test_a_count_that_is_refused_is_a_failed_call_like_any_other(
    owner: User, api: SimulatedApi, small_window: str
) -> None:
    api.script([{"kind": "status", "status": 401, "path": "/v1/messages/count_tokens"}])
    reply = history(owner, 10, 2000, small_window)
    write(reply)
    assert (reply.status, reply.metadata["error"]) == (Status.FAILED, "rejected_key")


@pytest.mark.usefixtures("committed")
def test_a_prompt_that_is_too_long_after_all_ends_in_words(owner: User, api: SimulatedApi) -> None:
    api.configure(models={"claude-opus-5-5": {"max_input_tokens": 500}})
    reply = ask_something(owner, "pergunta " * 1000)
    write(reply)
    assert reply.status == Status.FAILED
    assert 'role="alert"' in render_message(reply)


# Without the API ---------------------------------------------------------------------------------


def prompt(*turns: str, mode: str = "juridico") -> Prompt:
    """Turns such as "u:pergunta" and "a:resposta"."""
    roles = {"u": "user", "a": "assistant"}
    made = tuple(Turn(roles[turn[0]], turn[2:]) for turn in turns)
    return Prompt("modelo", mode, UUID(int=1), 10_000, 4_000, made)


def test_leaving_out_begins_with_a_question_and_counts_what_went() -> None:
    whole = prompt("u:1", "a:1", "a:1b", "u:2", "a:2", "u:3")
    for count, left, first in [(0, 0, "1"), (1, 3, "2"), (2, 3, "2"), (3, 3, "2"), (4, 5, "3"), (5, 5, "3")]:
        rest = whole.without_oldest(count)
        assert (rest.left_out, rest.turns[0].role, rest.turns[0].content) == (left, "user", first)
        assert rest.turns[-1].content == "3"


def test_the_bound_on_the_size_is_never_too_small() -> None:
    """A token covers at least one byte: even text of four bytes a character is counted in full."""
    texts = ["ação", "👩🏽‍⚖️" * 50, "x" * 1000]
    for text in texts:
        made = prompt(f"u:{text}")
        assert made.largest_size() >= len(text.encode()) + len(instructions("juridico").encode())


def test_the_answer_is_as_long_as_the_settings_and_the_model_allow(settings: Settings) -> None:
    settings.ANSWER_MAX_TOKENS = 32_000
    assert prompt("u:1").max_tokens == 4_000
    settings.ANSWER_MAX_TOKENS = 1_000
    assert (prompt("u:1").max_tokens, prompt("u:1").room) == (1_000, 9_000)


def test_white_space_that_is_all_there_is_so_far_is_not_continued() -> None:
    assert prompt("u:1").request(" \n ")["messages"] == [{"role": "user", "content": "1"}]


def test_white_space_at_the_end_of_what_is_written_is_not_sent() -> None:
    """The API refuses a turn that ends with it, when it is the last of the assistant's."""
    partial = prompt("u:1").request("O prazo é\n\n")["messages"][1]
    assert partial == {"role": "assistant", "content": "O prazo é"}


def test_the_instructions_of_all_modes_share_their_beginning() -> None:
    """So that the API's cache of prompt prefixes serves them all."""
    common = (instructions("juridico").split("Modo jurídico")[0]).strip()
    assert len(common) > 500
    assert all(instructions(mode).startswith(common) for mode in ["redacao", "pesquisa", "revisao", "resumo"])
