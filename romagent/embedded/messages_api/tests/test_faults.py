"""What goes wrong when a test says so: before the first byte, and in mid-stream."""

import time
from typing import Any

import anthropic
import httpx2
import pytest

from romagent.embedded.messages_api import wire
from romagent.embedded.messages_api.process import SimulatedApi
from romagent.embedded.messages_api.tests.asking import (
    QUESTION,
    arrivals,
    ask,
    assistant,
    body,
    deltas,
    events,
    eventually,
    raw_chunks,
    refusal,
    streamed_text,
    text_of,
    user,
    with_async_client,
)

# Faults before the first byte ----------------------------------------------------------------------

STATUSES = {
    400: (anthropic.BadRequestError, "invalid_request_error"),
    401: (anthropic.AuthenticationError, "authentication_error"),
    402: (anthropic.PaymentRequiredError, "billing_error"),
    403: (anthropic.PermissionDeniedError, "permission_error"),
    404: (anthropic.NotFoundError, "not_found_error"),
    413: (anthropic.ContentTooLargeError, "request_too_large"),
    429: (anthropic.RateLimitError, "rate_limit_error"),
    500: (anthropic.InternalServerError, "api_error"),
    503: (anthropic.ServiceUnavailableError, "api_error"),
    529: (anthropic.OverloadedError, "overloaded_error"),
}


@pytest.mark.parametrize("status", STATUSES)
def test_a_scripted_status_is_the_error_the_sdk_knows(
    api: SimulatedApi, client: anthropic.Anthropic, status: int
) -> None:
    api.script([{"kind": "status", "status": status}])
    kind, name = STATUSES[status]
    error = refusal(client)
    assert isinstance(error, kind)
    assert error.type == name
    assert error.request_id
    assert "retry-after" not in error.response.headers
    assert ask(client).stop_reason == "end_turn"


def test_a_refusal_can_say_when_to_come_back_and_why(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "status", "status": 429, "retry_after": 7, "error_code": "ramp_limit_exceeded"}])
    error = refusal(client)
    assert (error.response.headers["retry-after"], error.error_code) == ("7", "ramp_limit_exceeded")


def test_the_sdk_tries_again_when_told_to(api: SimulatedApi) -> None:
    api.script([{"kind": "status", "status": 529, "retry_after_ms": 20, "times": 2}])
    with anthropic.Anthropic(api_key="simulated", base_url=api.url, max_retries=2) as patient:
        assert ask(patient).stop_reason == "end_turn"
    api.script([{"kind": "status", "status": 529, "x_should_retry": False}])
    with anthropic.Anthropic(api_key="simulated", base_url=api.url, max_retries=2) as patient:
        assert isinstance(refusal(patient), anthropic.OverloadedError)
    assert api.counters()["started"] == 4


def test_a_reset_connection_is_a_connection_error(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    async def use(other: anthropic.AsyncAnthropic) -> None:
        await other.messages.create(**body(), stream=True)

    api.script([{"kind": "reset", "times": 2}])
    with pytest.raises(anthropic.APIConnectionError):
        ask(client)
    with pytest.raises(anthropic.APIConnectionError):
        with_async_client(api, use)
    assert api.counters()["finished"] == 2


def test_a_server_that_hangs_is_a_timeout_and_the_client_leaves(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "hang", "seconds": 30}])
    with pytest.raises(anthropic.APITimeoutError):
        events(client.with_options(timeout=0.2))
    assert eventually(lambda: api.counters()["aborted"] == 1)


def test_a_server_that_hangs_a_while_answers_then(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "hang", "seconds": 0.2}])
    came = arrivals(client)
    assert came[0] >= 0.2
    api.script([{"kind": "hang", "seconds": 0.2, "first_token_ms": 200}])
    assert arrivals(client)[0] >= 0.39  # the wait is not taken off the time to the first token


def test_a_fault_waits_for_its_text_its_turn_and_its_kind_of_request(
    api: SimulatedApi, client: anthropic.Anthropic
) -> None:
    api.script(
        [
            {"kind": "status", "status": 500, "match": "prescrição"},
            {"kind": "status", "status": 529, "for": "title"},
            {"kind": "status", "status": 429, "times": 2},
        ]
    )
    title = {"system": "Dê um título.", "max_tokens": 50}
    statuses = [refusal(client).status_code, refusal(client).status_code]
    assert statuses == [429, 429]
    assert refusal(client, **title).status_code == 529
    assert refusal(client, messages=[user("E a prescrição?")]).status_code == 500
    assert api.counters()["scripted_left"] == 0
    assert ask(client).stop_reason == "end_turn"


def test_a_fault_can_be_for_another_path(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "status", "status": 503, "path": "/v1/models"}])
    assert ask(client).stop_reason == "end_turn"
    with pytest.raises(anthropic.ServiceUnavailableError):
        client.models.list()
    assert client.models.list().data


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": "explode"},
        {"kind": "cut"},
        {"kind": "cut", "after_tokens": "3"},
        {"kind": "status", "status": 200},
        {"kind": "status", "status": 500, "retry": 3},
        {"kind": "stop_reason", "stop_reason": "tired"},
        {"kind": "cut", "after_tokens": 1, "path": "/v1/models"},
        {"kind": "slow", "tokens_per_second": 0},
        {"kind": "answer", "text": "a", "also": [{"kind": "explode"}]},
    ],
)
def test_a_misspelt_fault_is_refused(api: SimulatedApi, entry: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        api.script([entry])
    assert api.counters()["scripted_left"] == 0


# Faults in mid-stream ------------------------------------------------------------------------------


def broken(client: anthropic.Anthropic, error: type[Exception]) -> tuple[list[Any], Any]:
    """What came before the error, and the error."""
    came: list[Any] = []
    with pytest.raises(error) as caught:
        came.extend(client.messages.create(**body(), stream=True))
    return came, caught.value


async def broken_async(client: anthropic.AsyncAnthropic, error: type[Exception]) -> list[Any]:
    came: list[Any] = []

    async def read() -> None:
        async for event in await client.messages.create(**body(), stream=True):
            came.append(event)  # noqa: PERF401  # what came before the error is what matters

    with pytest.raises(error):
        await read()
    return came


def test_an_error_event_is_a_plain_status_error_with_status_200(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script(
        [{"kind": "error_event", "after_tokens": 6}, {"kind": "error_event", "after_tokens": 0, "type": "api_error"}]
    )
    came, error = broken(client, anthropic.APIStatusError)
    assert len(deltas(came)) == 6
    assert (type(error), error.status_code, error.type) == (anthropic.APIStatusError, 200, "overloaded_error")
    came, error = broken(client, anthropic.APIStatusError)
    assert (deltas(came), error.type) == ([], "api_error")


def test_a_cut_connection_keeps_the_tokens_before_it(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "cut", "after_tokens": 9, "times": 2}])
    came, _ = broken(client, httpx2.RemoteProtocolError)
    assert len(deltas(came)) == 9
    came = with_async_client(api, lambda other: broken_async(other, httpx2.ReadError))
    assert len(deltas(came)) == 9
    assert api.counters()["finished"] == 2


def test_silence_in_mid_stream_is_a_read_timeout(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "silence", "after_tokens": 4, "seconds": 30, "times": 2}])
    timeout = httpx2.Timeout(5, read=0.2)
    came, _ = broken(client.with_options(timeout=timeout), httpx2.ReadTimeout)
    assert len(deltas(came)) == 4
    came = with_async_client(api, lambda other: broken_async(other.with_options(timeout=timeout), httpx2.ReadTimeout))
    assert len(deltas(came)) == 4
    assert eventually(lambda: api.counters()["aborted"] == 2)


def test_after_a_silence_the_stream_goes_on_or_ends(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script(
        [
            {"kind": "silence", "after_tokens": 4, "seconds": 0.2},
            {"kind": "silence", "after_tokens": 4, "seconds": 0.2, "then": "end"},
            {"kind": "silence", "after_tokens": 4, "seconds": 0.2, "then": "cut"},
        ]
    )
    begun = time.monotonic()
    assert events(client)[-1].type == "message_stop"
    assert time.monotonic() - begun >= 0.2
    for ends in (lambda: events(client), lambda: broken(client, httpx2.RemoteProtocolError)[0]):
        begun = time.monotonic()
        assert len(deltas(ends())) == 4
        assert time.monotonic() - begun >= 0.2


def test_an_end_without_message_stop_raises_nothing(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "end_without_stop"}, {"kind": "end_without_stop", "after_tokens": 3}])
    whole, short = events(client), events(client)
    assert {"message_stop", "message_delta"}.isdisjoint(event.type for event in whole + short)
    assert len(deltas(whole)) > 50
    assert len(deltas(short)) == 3


def test_unknown_events_and_deltas_pass_through(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "unknown_event", "after_tokens": 2, "also": [{"kind": "unknown_delta", "after_tokens": 5}]}])
    stream = events(client)
    assert [event.type for event in stream].count("future_event") == 1
    (future,) = deltas(stream, "future_delta")
    assert getattr(future, "text", None) is None
    assert streamed_text(stream) == text_of(ask(client))


def test_a_ping_can_come_anywhere(api: SimulatedApi) -> None:
    api.script([{"kind": "ping", "after_tokens": 8}])
    assert raw_chunks(api).count(wire.PING) == 2


def test_a_letter_can_be_cut_between_two_chunks(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    whole = text_of(ask(client))
    api.script([{"kind": "split_utf8", "times": 3}])
    halves = [chunk for chunk in raw_chunks(api) if not chunk.endswith(b"\n\n")]
    with pytest.raises(UnicodeDecodeError):
        halves[0].decode()

    async def use(other: anthropic.AsyncAnthropic) -> list[Any]:
        return [event async for event in await other.messages.create(**body(), stream=True)]

    assert streamed_text(events(client)) == whole
    assert streamed_text(with_async_client(api, use)) == whole


@pytest.mark.parametrize(
    "reason", ["end_turn", "max_tokens", "stop_sequence", "pause_turn", "refusal", "model_context_window_exceeded"]
)
def test_any_stop_reason_can_be_scripted(api: SimulatedApi, client: anthropic.Anthropic, reason: str) -> None:
    api.script([{"kind": "stop_reason", "stop_reason": reason, "after_tokens": 5, "times": 2}])
    stream = events(client)
    assert (stream[-2].delta.stop_reason, len(deltas(stream))) == (reason, 5)
    assert stream[-1].type == "message_stop"
    assert ask(client).stop_reason == reason


def test_a_refusal_names_its_category(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    fault = {"kind": "stop_reason", "stop_reason": "refusal", "after_tokens": 0, "category": "bio", "explanation": "x"}
    api.script([fault])
    details = events(client)[-2].delta.stop_details
    assert (details.type, details.category, details.explanation) == ("refusal", "bio", "x")


def test_a_paused_turn_sent_back_unchanged_goes_on(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    whole = text_of(ask(client))
    api.script([{"kind": "stop_reason", "stop_reason": "pause_turn", "after_tokens": 20}])
    paused = ask(client)
    content = [block.to_dict() for block in paused.content]
    rest = ask(client, messages=[user(QUESTION), assistant(content)])
    assert text_of(paused) + text_of(rest) == whole


def test_faults_reach_a_message_without_stream_too(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "error_event", "after_tokens": 3}, {"kind": "cut", "after_tokens": 3}])
    assert isinstance(refusal(client), anthropic.OverloadedError)
    with pytest.raises(anthropic.APIConnectionError):
        ask(client)
