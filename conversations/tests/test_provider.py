"""Claude by Anthropic or on Amazon Bedrock: the real clients of the SDK, at the wire."""

import asyncio
import logging
import os
from collections.abc import Iterator

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from accounts.models import User
from audit.calls import provider
from audit.models import AIOperation
from conversations.assistant.context import Prompt, Turn, fitted
from conversations.tests.making import ask, make_conversation
from romagent import worker
from tests.bedrock import Bedrock
from tests.running import SimulatedApi, write

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def bedrock(api: SimulatedApi, settings: Settings) -> Iterator[Bedrock]:
    """The office has chosen Bedrock, and pays with its API key."""
    with Bedrock(api.url) as found:
        settings.ANTHROPIC_PROVIDER, settings.AWS_REGION = "bedrock", "sa-east-1"
        settings.BEDROCK_TOKEN = "chave-do-bedrock"
        settings.ANTHROPIC_BASE_URL = found.url
        yield found


def signed(settings: Settings) -> None:
    settings.BEDROCK_TOKEN = ""
    settings.AWS_ACCESS_KEY_ID, settings.AWS_SECRET_ACCESS_KEY = "AKIAEXEMPLO", "segredo"


def test_an_answer_comes_from_bedrock_under_its_own_name_and_is_priced_under_ours(
    owner: User, bedrock: Bedrock
) -> None:
    reply = ask(make_conversation(owner, model="claude-opus-5-5")).reply
    write(reply)
    assert reply.status == "complete", reply.metadata
    assert reply.content
    assert {(asked.path, asked.model) for asked in bedrock.requests} == {
        ("/anthropic/v1/messages", "anthropic.claude-opus-5-5")
    }
    assert {asked.authorization for asked in bedrock.requests} == {"Bearer chave-do-bedrock"}
    operation = AIOperation.objects.get(operation_type="answer")
    assert operation.model == "claude-opus-5-5"
    assert operation.cost_usd
    assert (operation.metadata["provider"], operation.metadata["region"]) == ("bedrock", "sa-east-1")


def test_aws_keys_sign_each_request(owner: User, bedrock: Bedrock, settings: Settings) -> None:
    signed(settings)
    reply = ask(make_conversation(owner)).reply
    write(reply)
    assert reply.status == "complete", reply.metadata
    (asked,) = bedrock.requests
    assert asked.authorization.startswith("AWS4-HMAC-SHA256 Credential=AKIAEXEMPLO/")
    assert "/sa-east-1/bedrock-mantle/aws4_request" in asked.authorization
    assert "segredo" not in asked.authorization


def test_a_title_and_a_count_ask_bedrock_too(bedrock: Bedrock, settings: Settings) -> None:
    long = Turn("user", "palavra " * 40_000)
    prompt = Prompt("claude-haiku-4-5", "juridico", User().pk, 200_000, 8_000, (long, Turn("user", "E agora?")))

    async def run() -> None:
        async with provider.make_client() as client:
            await worker.greet(client)
            await fitted(prompt, client)

    asyncio.run(run())
    assert {(asked.path, asked.model) for asked in bedrock.requests} == {
        ("/anthropic/v1/messages/count_tokens", "anthropic.claude-haiku-5-5"),
        ("/anthropic/v1/messages/count_tokens", "anthropic.claude-haiku-4-5"),
    }


def test_a_prefix_of_an_inference_profile_is_put_before_the_name_and_taken_off(settings: Settings) -> None:
    settings.ANTHROPIC_PROVIDER, settings.BEDROCK_MODEL_PREFIX = "bedrock", "us.anthropic."
    assert provider.name_there("claude-opus-5-5") == "us.anthropic.claude-opus-5-5"
    for name in ("us.anthropic.claude-opus-5-5", "anthropic.claude-opus-5-5", "claude-opus-5-5"):
        assert provider.name_here(name) == "claude-opus-5-5"


def test_with_anthropic_nothing_is_renamed_and_the_row_says_so(
    owner: User, api: SimulatedApi, settings: Settings
) -> None:
    reply = ask(make_conversation(owner)).reply
    write(reply)
    operation = AIOperation.objects.get()
    assert operation.metadata["provider"] == "anthropic"
    assert "region" not in operation.metadata
    assert provider.name_there("claude-opus-5-5") == provider.name_here("claude-opus-5-5") == "claude-opus-5-5"
    assert provider.in_words() == "Claude pela API da Anthropic"
    settings.SIMULATED_API = True
    assert provider.in_words() == "Respostas simuladas"


def test_the_worker_says_where_claude_runs_when_it_does_not_answer(
    bedrock: Bedrock, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ANTHROPIC_BASE_URL = "http://127.0.0.1:9/anthropic"

    async def run() -> None:
        async with provider.make_client() as client:
            await worker.greet(client)

    with caplog.at_level(logging.WARNING):
        asyncio.run(run())
    assert "Claude pelo Amazon Bedrock, região sa-east-1 não respondeu ao primeiro contato" in caplog.text


def test_without_any_credential_the_worker_does_not_start_and_says_what_is_missing(
    bedrock: Bedrock, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/none")
    settings.BEDROCK_TOKEN = ""
    with pytest.raises(ImproperlyConfigured, match="AWS_BEARER_TOKEN_BEDROCK"):
        provider.make_client()


def test_keys_that_bedrock_refuses_are_a_refused_key(owner: User, bedrock: Bedrock, api: SimulatedApi) -> None:
    api.script([{"kind": "status", "status": 403, "message": "no"}])
    reply = ask(make_conversation(owner)).reply
    write(reply)
    assert (reply.status, reply.metadata["error"]) == ("failed", "rejected_key")
