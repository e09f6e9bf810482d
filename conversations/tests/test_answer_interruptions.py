"""What can go wrong after the first word: the partial text is kept, and the answer goes on where it stopped."""

from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from audit.calls.trying import TRIES
from audit.models import AIOperation
from conversations import actions
from conversations.assistant.context import CONTINUE
from conversations.models import Message
from conversations.rendering import ERRORS, STOPS, render_message
from conversations.tests.making import QUESTION, ask_something
from tests.running import SimulatedApi, write

pytestmark = pytest.mark.usefixtures("committed", "impatient")
Status = Message.Status

# What happens after some words, and the code the person is told by.
BREAKS: list[tuple[dict[str, Any], str]] = [
    ({"kind": "error_event", "type": "overloaded_error"}, "overloaded"),
    ({"kind": "error_event", "type": "api_error"}, "overloaded"),
    ({"kind": "error_event", "type": "rate_limit_error"}, "rate_limited"),
    ({"kind": "cut"}, "cut"),
    ({"kind": "end_without_stop"}, "cut"),
    ({"kind": "silence", "seconds": 5}, "silent"),
]


@pytest.fixture
def whole(owner: User, api: SimulatedApi) -> str:
    """What the simulation answers to the question when nothing goes wrong."""
    reply = ask_something(owner)
    write(reply)
    api.reset()
    AIOperation.objects.all().delete()
    return reply.content


@pytest.fixture(autouse=True)
def _short_silence(settings: Settings) -> None:
    settings.ANTHROPIC_READ_TIMEOUT = 1  # long enough for a machine that has other things to do as well


@pytest.mark.parametrize(("fault", "code"), BREAKS, ids=str)
def test_an_answer_that_breaks_off_goes_on_and_says_nothing_twice(
    owner: User, api: SimulatedApi, whole: str, fault: dict[str, Any], code: str
) -> None:
    api.script([fault | {"after_tokens": 20}, fault | {"after_tokens": 30}])
    reply = ask_something(owner)
    write(reply)
    assert reply.status == Status.COMPLETE
    assert reply.content == whole
    rows = list(AIOperation.objects.order_by("created_at"))
    assert [row.status for row in rows] == ["interrupted", "interrupted", "complete"]
    assert all(row.tokens_input and row.ttft_ms is not None for row in rows)


@pytest.mark.parametrize(("fault", "code"), BREAKS, ids=str)
def test_an_answer_that_breaks_off_again_and_again_keeps_its_text_and_can_be_continued(
    owner: User, api: SimulatedApi, whole: str, fault: dict[str, Any], code: str
) -> None:
    api.script([fault | {"after_tokens": 10, "times": TRIES}])
    reply = ask_something(owner)
    write(reply)
    assert (reply.status, reply.metadata["error"]) == (Status.INTERRUPTED, code)
    assert len(reply.content) > 20
    assert whole.startswith(reply.content)
    assert AIOperation.objects.filter(status="interrupted", tokens_input__gt=0).count() == TRIES
    article = render_message(reply)
    assert "Esta é uma resposta simulada" in article
    assert ERRORS[code] in article
    assert "Continuar" in article
    actions.continue_reply(reply, user=owner)
    write(reply)
    assert (reply.status, reply.content) == (Status.COMPLETE, whole)
    assert "error" not in reply.metadata


def test_an_answer_that_broke_off_after_its_last_word_gets_no_other_one(
    owner: User, api: SimulatedApi, whole: str
) -> None:
    """As when its writer is killed between the model's end and ours: nobody knows that all is said, but the model."""
    api.script([{"kind": "end_without_stop"}])
    reply = ask_something(owner)
    write(reply)
    assert (reply.status, reply.content) == (Status.COMPLETE, whole)
    assert "já estava completa" in api.requests()[-1]["messages"][-1]["content"]


def test_the_words_before_the_first_failure_are_kept_when_no_more_come(owner: User, api: SimulatedApi) -> None:
    api.script([{"kind": "cut", "after_tokens": 8}, {"kind": "status", "status": 401}])
    reply = ask_something(owner)
    write(reply)
    assert (reply.status, reply.metadata["error"]) == (Status.INTERRUPTED, "rejected_key")
    assert reply.content


def test_a_continuation_is_asked_for_with_what_is_written_and_ends_with_a_question(
    owner: User, api: SimulatedApi
) -> None:
    api.script([{"kind": "cut", "after_tokens": 12}])
    write(ask_something(owner))
    first, second = api.requests()
    assert second["messages"][:-2] == first["messages"]
    partial, please = second["messages"][-2:]
    assert partial["role"] == "assistant"
    assert partial["content"] == partial["content"].rstrip()
    assert please == {"role": "user", "content": CONTINUE}
    assert second["system"] == first["system"]


def test_a_model_that_repeats_the_end_of_what_it_wrote_is_not_printed_twice(owner: User, api: SimulatedApi) -> None:
    beginning = "O prazo para contestar é de quinze dias úteis, contados da juntada"
    api.script(
        [
            {"kind": "answer", "text": beginning, "also": [{"kind": "end_without_stop"}]},
            {"kind": "answer", "text": " dias úteis, contados da juntada do mandado aos autos."},
        ]
    )
    reply = ask_something(owner)
    write(reply)
    assert reply.content == f"{beginning} do mandado aos autos."


def test_a_model_that_starts_anew_loses_none_of_its_words(owner: User, api: SimulatedApi) -> None:
    """Only a repetition of the end is left out; anything else may be meant."""
    api.script(
        [
            {"kind": "answer", "text": "Primeiro trecho.", "also": [{"kind": "end_without_stop"}]},
            {"kind": "answer", "text": " Segundo trecho, outro."},
        ]
    )
    reply = ask_something(owner)
    write(reply)
    assert reply.content == "Primeiro trecho. Segundo trecho, outro."


# Ends that are not failures ----------------------------------------------------------------------


def test_a_refusal_of_the_models_own_keeps_its_words_and_is_said_plainly(owner: User, api: SimulatedApi) -> None:
    api.script([{"kind": "stop_reason", "stop_reason": "refusal", "after_tokens": 9, "category": "general_harms"}])
    reply = ask_something(owner)
    write(reply)
    assert (reply.status, reply.stop_reason) == (Status.COMPLETE, "refusal")
    assert reply.content
    article = render_message(reply)
    assert STOPS["refusal"] in article
    assert "Continuar" not in article


def test_a_refusal_without_a_word_is_said_plainly(owner: User, api: SimulatedApi) -> None:
    api.script([{"kind": "stop_reason", "stop_reason": "refusal", "after_tokens": 0}])
    reply = ask_something(owner)
    write(reply)
    assert (reply.status, reply.content) == (Status.COMPLETE, "")
    assert "recusou-se a responder" in render_message(reply)


def test_an_answer_that_is_too_long_is_cut_says_so_and_goes_on(
    owner: User, api: SimulatedApi, whole: str, settings: Settings
) -> None:
    settings.ANSWER_MAX_TOKENS = 110
    reply = ask_something(owner)
    write(reply)
    assert (reply.status, reply.stop_reason) == (Status.COMPLETE, "max_tokens")
    assert whole.startswith(reply.content)
    assert STOPS["max_tokens"] in render_message(reply)
    parts = 1
    while reply.stop_reason == "max_tokens":
        actions.continue_reply(reply, user=owner)
        write(reply)
        parts += 1
    assert parts >= 2
    assert (reply.content, reply.stop_reason) == (whole, "end_turn")


def test_a_reply_counts_the_tokens_of_all_its_calls(owner: User, api: SimulatedApi) -> None:
    api.script([{"kind": "cut", "after_tokens": 20}])
    reply = ask_something(owner)
    write(reply)
    rows = AIOperation.objects.all()
    assert reply.tokens_input == sum(row.tokens_input for row in rows)
    assert reply.tokens_output == sum(row.tokens_output for row in rows)


def test_a_window_that_is_full_is_said_plainly(owner: User, api: SimulatedApi) -> None:
    api.script([{"kind": "stop_reason", "stop_reason": "model_context_window_exceeded", "after_tokens": 15}])
    reply = ask_something(owner)
    write(reply)
    assert reply.status == Status.COMPLETE
    assert STOPS["model_context_window_exceeded"] in render_message(reply)


def test_whatever_happens_the_question_stays_as_it_was_asked(owner: User, api: SimulatedApi) -> None:
    api.script([{"kind": "cut", "after_tokens": 3, "times": TRIES}])
    reply = ask_something(owner)
    write(reply)
    question = Message.objects.get(pk=reply.reply_to_id)
    assert (question.content, question.status) == (QUESTION, Status.COMPLETE)
