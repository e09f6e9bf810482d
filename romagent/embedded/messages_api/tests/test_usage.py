"""What the simulated Messages API counts, its prompt cache, its models and its files."""

from typing import Any

import anthropic
import pytest

from romagent.embedded.messages_api.process import SimulatedApi
from romagent.embedded.messages_api.tests.asking import (
    CITED,
    CITED_SENTENCE,
    CONTRACT,
    EPHEMERAL,
    HAIKU,
    LONG,
    OLD,
    OPUS,
    PLAIN,
    QUESTION,
    SONNET,
    TOOL,
    ask,
    assistant,
    cached,
    citations,
    deltas,
    events,
    refusal,
    upload,
    used,
    user,
)

# Usage and the prompt cache ------------------------------------------------------------------------


def test_a_token_is_counted_for_every_4_characters_begun(client: anthropic.Anthropic) -> None:
    count = client.messages.count_tokens(model=OPUS, system="a" * 9, messages=[user("b" * 8)]).input_tokens
    assert count == 3 + 2 + 3  # system, message, and 3 for the message itself


def test_count_tokens_and_usage_agree(client: anthropic.Anthropic) -> None:
    messages = [user([{"type": "document", "source": PLAIN | {"data": CONTRACT}}, {"type": "text", "text": "a"}])]
    counted = client.messages.count_tokens(model=OPUS, system=LONG, tools=[TOOL], messages=messages).input_tokens
    read, written, fresh = used(client, system=cached(), tools=[TOOL], messages=messages)
    assert (read, written + fresh) == (0, counted)


def test_a_prefix_is_written_once_and_then_read(client: anthropic.Anthropic) -> None:
    _, written, fresh = used(client, system=cached())
    assert written == 2_600
    assert used(client, system=cached()) == (2_600, 0, fresh)
    assert used(client, system=cached(), messages=[user("Outra pergunta")])[:2] == (2_600, 0)


def test_a_top_level_mark_moves_with_the_conversation(client: anthropic.Anthropic) -> None:
    first = used(client, system=LONG, cache_control=EPHEMERAL)
    assert first[0] == first[2] == 0
    history = [user(QUESTION), assistant("Resposta."), user("E os prazos?")]
    read, written, fresh = used(client, system=LONG, cache_control=EPHEMERAL, messages=history)
    assert (read, fresh) == (first[1], 0)
    assert written > 0


@pytest.mark.parametrize(("model", "minimum"), [(HAIKU, 512), (OPUS, 1_024), ("claude-opus-4-7", 2_048), (OLD, 4_096)])
def test_below_the_minimum_of_the_model_nothing_is_cached(
    client: anthropic.Anthropic, model: str, minimum: int
) -> None:
    too_short, enough = cached("a" * (minimum * 4 - 4)), cached("a" * minimum * 4)
    assert used(client, model=model, system=too_short)[:2] == (0, 0)
    assert used(client, model=model, system=enough)[:2] == (0, minimum)


def test_a_prefix_expires_after_its_time_and_a_read_renews_it(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    used(client, system=cached())
    for _ in range(2):
        api.configure(advance_seconds=250)
        assert used(client, system=cached())[:2] == (2_600, 0)
    api.configure(advance_seconds=301)
    assert used(client, system=cached())[:2] == (0, 2_600)


def test_a_prefix_read_from_a_later_mark_is_renewed_too(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    used(client, system=cached())
    longer = [{"type": "text", "text": LONG}, {"type": "text", "text": "b", "cache_control": EPHEMERAL}]
    api.configure(advance_seconds=250)
    assert used(client, system=longer)[0] == 2_600
    api.configure(advance_seconds=250)
    assert used(client, system=cached())[0] == 2_600


def test_an_hour_is_counted_apart_and_lasts_an_hour(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    split = ask(client, system=cached(ttl="1h")).usage.cache_creation
    assert (split.ephemeral_1h_input_tokens, split.ephemeral_5m_input_tokens) == (2_600, 0)
    api.configure(advance_seconds=3_500)
    assert used(client, system=cached(ttl="1h"))[0] == 2_600


def test_changing_model_tools_or_system_rebuilds_the_prefix(client: anthropic.Anthropic) -> None:
    used(client, system=cached())
    for changes in ({"model": SONNET}, {"tools": [TOOL]}, {"system": cached("x" + LONG)}):
        assert used(client, **({"system": cached()} | changes))[0] == 0


def test_a_mark_looks_back_at_most_20_blocks(client: anthropic.Anthropic) -> None:
    def grown(blocks: int) -> list[dict[str, Any]]:
        texts = [{"type": "text", "text": f"{LONG if number == 0 else number}"} for number in range(blocks)]
        return [user([*texts[:-1], texts[-1] | {"cache_control": EPHEMERAL}])]

    used(client, messages=grown(1))
    assert used(client, messages=grown(20))[0] > 2_600
    assert used(client, messages=grown(45))[0] == 0


def test_max_tokens_0_only_fills_the_cache(client: anthropic.Anthropic) -> None:
    message = ask(client, system=cached(), max_tokens=0)
    assert (message.content, message.usage.output_tokens) == ([], 0)
    assert used(client, system=cached())[0] == 2_600


def test_usage_at_the_end_of_a_stream_is_cumulative(client: anthropic.Anthropic) -> None:
    stream = events(client, system=cached())
    start, end = stream[0].message.usage, stream[-2].usage
    assert (end.input_tokens, end.cache_creation_input_tokens) == (start.input_tokens, 2_600)
    assert end.output_tokens == len(deltas(stream)) + end.output_tokens_details.thinking_tokens


def test_diagnostics_say_why_the_cache_was_missed(client: anthropic.Anthropic) -> None:
    first = ask(client, system=LONG, diagnostics={"previous_message_id": None})
    assert first.diagnostics is None

    def reason(previous: str, **changes: Any) -> str | None:
        found = ask(client, **({"system": LONG} | changes), diagnostics={"previous_message_id": previous}).diagnostics
        return found.cache_miss_reason.type if found else None

    assert reason(first.id, messages=[user(QUESTION), assistant("a"), user("b")]) is None
    assert reason(first.id, model=SONNET) == "model_changed"
    assert reason(first.id, system="x") == "system_changed"
    assert reason(first.id, tools=[TOOL]) == "tools_changed"
    assert reason(first.id, messages=[user("outra")]) == "messages_changed"
    assert reason("msg_nenhum") == "previous_message_not_found"


# Models and files ----------------------------------------------------------------------------------


def test_models_are_listed_newest_first_and_retired_ones_only_on_request(client: anthropic.Anthropic) -> None:
    shown = list(client.models.list())
    assert [model.created_at for model in shown] == sorted((m.created_at for m in shown), reverse=True)
    assert {model.lifecycle for model in shown} == {"active", "deprecated"}
    assert {model.lifecycle for model in client.models.list(lifecycle=["retired"])} == {"retired"}


def test_models_come_in_pages(client: anthropic.Anthropic) -> None:
    page = client.models.list(limit=4)
    assert (len(page.data), page.has_more, page.first_id) == (4, True, page.data[0].id)
    assert [model.id for model in page] == [model.id for model in client.models.list(limit=1_000)]
    before = client.models.list(limit=2, before_id=page.data[3].id)
    assert [model.id for model in before.data] == [model.id for model in page.data[1:3]]


def test_a_model_says_what_it_accepts(client: anthropic.Anthropic) -> None:
    model = client.models.retrieve(HAIKU)
    assert (model.max_input_tokens, model.max_tokens, model.line) == (1_000_000, 128_000, "haiku")
    types = model.capabilities.thinking.types
    assert types.adaptive.supported
    assert types.disabled.supported
    assert not types.enabled.supported
    assert model.capabilities.effort.max.supported
    assert model.capabilities.citations.supported
    assert not client.models.retrieve(OLD).capabilities.effort.supported
    with pytest.raises(anthropic.NotFoundError):
        client.models.retrieve("claude-2.1")


def test_a_test_can_retire_a_model(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.configure(models={OPUS: {"lifecycle": "deprecated", "retires_at": "2027-01-01T00:00:00Z"}})
    assert client.models.retrieve(OPUS).retires_at.year == 2027
    api.configure(models={OPUS: {"lifecycle": "retired"}})
    assert isinstance(refusal(client), anthropic.NotFoundError)


def test_a_file_is_kept_listed_and_deleted(client: anthropic.Anthropic) -> None:
    first, second = upload(client), upload(client, expires_in_seconds=3_600)
    assert (first.filename, first.mime_type, first.expires_at) == ("petição.txt", "text/plain", None)
    assert first.size_bytes == len(CONTRACT.encode())
    assert (second.expires_at - second.created_at).total_seconds() == pytest.approx(3_600)
    assert [file.id for file in client.files.list(limit=1)] == [second.id, first.id]
    assert [file.id for file in client.files.list(ids=[first.id, "file_x"])] == [first.id]
    assert client.files.retrieve_metadata(first.id).id == first.id
    assert client.files.delete(first.id).type == "file_deleted"
    with pytest.raises(anthropic.NotFoundError):
        client.files.retrieve_metadata(first.id)


def test_a_file_can_be_a_document(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    file = upload(client, expires_in_seconds=3_600)
    document = {"type": "document", "source": {"type": "file", "file_id": file.id}} | CITED
    (found,) = citations(client, document)
    assert (found.type, found.file_id, found.cited_text) == ("char_location", file.id, CITED_SENTENCE)
    api.configure(advance_seconds=3_601)
    error = refusal(client, messages=[user([document, {"type": "text", "text": "a"}])])
    assert (error.status_code, error.error_code) == (404, "file_expired")


def test_an_uploaded_file_cannot_be_downloaded_unless_configured(
    api: SimulatedApi, client: anthropic.Anthropic
) -> None:
    file = upload(client)
    assert file.downloadable is False
    with pytest.raises(anthropic.BadRequestError) as caught:
        client.files.download(file.id)
    assert caught.value.error_code == "file_not_downloadable"
    api.configure(files_downloadable=True)
    assert client.files.download(file.id).read() == CONTRACT.encode()


def test_a_file_over_32_mb_is_413(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.ContentTooLargeError):
        upload(client, b"a" * (32 * 1024 * 1024 + 1))


@pytest.mark.parametrize("seconds", [3_599, 7_776_001])
def test_an_expiry_outside_its_limits_is_400(client: anthropic.Anthropic, seconds: int) -> None:
    with pytest.raises(anthropic.BadRequestError):
        upload(client, expires_in_seconds=seconds)
