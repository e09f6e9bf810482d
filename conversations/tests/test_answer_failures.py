"""What the Messages API can refuse before the first word, and what the person is told."""

import time

import pytest
from pytest_django import Settings

from accounts.models import User
from audit.calls.client import CallFailed
from audit.calls.trying import LONGEST_WAIT, TRIES, waiting_time
from audit.models import AIOperation, AuditLog
from conversations.models import Message
from conversations.rendering import ERRORS, render_message
from conversations.tests.making import QUESTION, ask_something
from tests.running import SimulatedApi, free_port, write

committed = pytest.mark.usefixtures("committed", "impatient")
Status = Message.Status
SECRET_WORDS = "provider text that nobody should read"

# What the API answers, the code kept for the reply, how many calls are made.
REFUSALS = [
    ({"status": 400}, "invalid", 1),
    ({"status": 400, "type": "billing_error"}, "billing", 1),
    ({"status": 401}, "rejected_key", 1),
    ({"status": 402}, "billing", 1),
    ({"status": 403}, "rejected_key", 1),
    ({"status": 404}, "unknown_model", 1),
    ({"status": 413}, "too_large", 1),
    ({"status": 422, "type": "invalid_request_error"}, "invalid", 1),
    ({"status": 409}, "overloaded", TRIES),
    ({"status": 429}, "rate_limited", TRIES),
    ({"status": 429, "retry_after": 0}, "rate_limited", TRIES),
    ({"status": 500}, "overloaded", TRIES),
    ({"status": 503}, "overloaded", TRIES),
    ({"status": 504}, "overloaded", TRIES),
    ({"status": 529}, "overloaded", TRIES),
    ({"status": 529, "x_should_retry": False}, "overloaded", 1),
    ({"status": 400, "x_should_retry": True}, "invalid", TRIES),
]


@committed
@pytest.mark.parametrize(("answer", "code", "calls"), REFUSALS, ids=str)
def test_a_refusal_ends_in_words_with_the_question_kept_and_a_row_for_each_call(
    owner: User, api: SimulatedApi, answer: dict[str, object], code: str, calls: int
) -> None:
    api.script([{"kind": "status", "message": SECRET_WORDS, "times": TRIES + 1, **answer}])
    reply = ask_something(owner)
    write(reply)
    assert (reply.status, reply.content, reply.metadata["error"]) == (Status.FAILED, "", code)
    assert Message.objects.get(pk=reply.reply_to_id).content == QUESTION
    assert len(api.requests()) == calls
    article = render_message(reply)
    assert ERRORS[code] in article
    assert 'role="alert"' in article
    assert SECRET_WORDS not in article
    rows = list(AIOperation.objects.filter(message_id=reply.pk))
    assert len(rows) == calls
    for row in rows:
        assert (row.status, row.error_message.split()[0], row.cost_usd, row.tokens_output) == (
            "failed",
            code,
            None,
            None,
        )
        assert str(answer["status"]) in row.error_message
        assert SECRET_WORDS not in row.error_message
        assert row.metadata["request_id"].startswith("req_")
        assert row.latency_ms is not None
    assert AuditLog.objects.filter(action="resposta.failed", entity_id=reply.pk).count() == 1


@committed
def test_a_moment_of_overload_passes_unnoticed(owner: User, api: SimulatedApi) -> None:
    api.script([{"kind": "status", "status": 529, "times": 2}, {"kind": "status", "status": 500}])
    reply = ask_something(owner)
    write(reply)
    assert reply.status == Status.COMPLETE
    assert "error" not in reply.metadata
    statuses = AIOperation.objects.order_by("created_at").values_list("status", flat=True)
    assert list(statuses) == ["failed", "failed", "failed", "complete"]


@pytest.mark.usefixtures("committed")
def test_the_api_is_given_the_time_it_asks_for(owner: User, api: SimulatedApi) -> None:
    api.script([{"kind": "status", "status": 429, "retry_after_ms": 300}])
    reply = ask_something(owner)
    started = time.monotonic()
    write(reply)
    assert reply.status == Status.COMPLETE
    assert time.monotonic() - started > 0.3


@pytest.mark.usefixtures("committed")
def test_an_hour_is_not_slept_but_told(owner: User, api: SimulatedApi) -> None:
    api.script([{"kind": "status", "status": 429, "retry_after": 3600, "times": 9}])
    reply = ask_something(owner)
    started = time.monotonic()
    write(reply)
    assert time.monotonic() - started < 60
    assert (reply.status, reply.metadata["error"], len(api.requests())) == (Status.FAILED, "rate_limited", 1)


@committed
def test_a_connection_that_is_reset_before_the_first_byte_is_tried_again(owner: User, api: SimulatedApi) -> None:
    api.script([{"kind": "reset", "times": TRIES - 1}])
    reply = ask_something(owner)
    write(reply)
    assert reply.status == Status.COMPLETE
    assert AIOperation.objects.filter(status="failed").count() == TRIES - 1


@committed
def test_a_service_that_resets_every_connection_is_said_to_be_out_of_reach(owner: User, api: SimulatedApi) -> None:
    api.script([{"kind": "reset", "times": TRIES}])
    reply = ask_something(owner)
    write(reply)
    assert (reply.status, reply.metadata["error"]) == (Status.FAILED, "unreachable")


@committed
def test_a_service_that_is_not_there_is_said_to_be_out_of_reach(
    owner: User, api: SimulatedApi, settings: Settings
) -> None:
    settings.ANTHROPIC_BASE_URL = f"http://127.0.0.1:{free_port()}"
    reply = ask_something(owner)
    write(reply)
    assert (reply.status, reply.metadata["error"]) == (Status.FAILED, "unreachable")
    assert AIOperation.objects.filter(status="failed", tokens_input=None, cost_usd=None).count() == TRIES


@committed
def test_silence_before_the_first_byte_is_a_failure_too(owner: User, api: SimulatedApi, settings: Settings) -> None:
    settings.ANTHROPIC_READ_TIMEOUT = 0.15
    api.script([{"kind": "hang", "seconds": 5, "times": TRIES}])
    reply = ask_something(owner)
    write(reply)
    assert (reply.status, reply.metadata["error"]) == (Status.FAILED, "silent")


@committed
def test_a_reply_that_failed_can_be_asked_for_again_and_no_longer_says_that_it_failed(
    owner: User, api: SimulatedApi
) -> None:
    from conversations.actions import continue_reply

    api.script([{"kind": "status", "status": 401}])
    reply = ask_something(owner)
    write(reply)
    continue_reply(reply, user=owner)
    write(reply)
    assert reply.status == Status.COMPLETE
    assert "error" not in reply.metadata
    assert "alert" not in render_message(reply)


# How long to wait --------------------------------------------------------------------------------


def test_what_does_not_help_is_not_tried_again() -> None:
    assert waiting_time(CallFailed("rejected_key", retryable=False), 1) is None
    assert waiting_time(CallFailed("rejected_key", retryable=False, retry_after=1), 1) is None


def test_the_pauses_double_and_vary_a_little() -> None:
    failure = CallFailed("overloaded", retryable=True)
    for failures, most in [(1, 0.5), (2, 1.0), (3, 2.0)]:
        waits = {waiting_time(failure, failures) for _ in range(50)}
        assert len(waits) > 1
        assert all(most * 0.75 <= wait <= most for wait in waits if wait is not None)
    assert waiting_time(failure, TRIES) is None


def test_what_the_api_asks_for_is_waited_as_long_as_a_person_would() -> None:
    asked = [0.0, 0.3, LONGEST_WAIT, LONGEST_WAIT + 1, 3600.0]
    waits = [waiting_time(CallFailed("rate_limited", retryable=True, retry_after=seconds), 1) for seconds in asked]
    assert waits == [0.0, 0.3, LONGEST_WAIT, None, None]


def test_every_error_has_its_words_in_portuguese() -> None:
    from audit.calls.client import BY_TYPE

    codes = {code for code, _ in BY_TYPE.values()} | {"silent", "unreachable", "cut", "budget", "internal"}
    assert codes == ERRORS.keys()
