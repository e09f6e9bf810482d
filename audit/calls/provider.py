"""Who runs Claude for this office: Anthropic itself, or Amazon Bedrock in a region of the office's choice.

Both speak the Messages API. Bedrock has its own keys and names of models; everything else of the product knows only
the names of the catalogue. https://docs.anthropic.com/en/api/claude-on-amazon-bedrock
"""

from __future__ import annotations

from typing import Any

import httpx2
from anthropic import AsyncAnthropic, AsyncAnthropicBedrockMantle, DefaultAioHttpClient
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

Client = AsyncAnthropic | AsyncAnthropicBedrockMantle
CONNECTIONS = 1000
NO_CREDENTIALS = (
    "Sem credencial para o Amazon Bedrock: defina AWS_BEARER_TOKEN_BEDROCK, ou AWS_ACCESS_KEY_ID e "
    "AWS_SECRET_ACCESS_KEY."
)


def is_bedrock() -> bool:
    return bool(settings.ANTHROPIC_PROVIDER == "bedrock")


def make_client() -> Client:
    """One client for the process and its loop. Retries are ours: the SDK obeys any `retry-after`, also an hour."""
    timeout = httpx2.Timeout(30.0, connect=5.0, read=settings.ANTHROPIC_READ_TIMEOUT)
    limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=100)
    options: dict[str, Any] = {
        "base_url": settings.ANTHROPIC_BASE_URL,
        "timeout": timeout,
        "max_retries": 0,
        "open_telemetry": False,
    }
    if is_bedrock():
        options |= _bedrock_keys() | {"aws_region": settings.AWS_REGION}
        return AsyncAnthropicBedrockMantle(**options, http_client=DefaultAioHttpClient(timeout=timeout, limits=limits))
    options["api_key"] = settings.ANTHROPIC_API_KEY
    return AsyncAnthropic(**options, http_client=DefaultAioHttpClient(timeout=timeout, limits=limits))


def _bedrock_keys() -> dict[str, str | None]:
    """Bedrock's own key, or the AWS credentials that each request is signed with. Refuses when there is neither."""
    if settings.BEDROCK_TOKEN:
        return {"api_key": settings.BEDROCK_TOKEN}
    if settings.AWS_ACCESS_KEY_ID and settings.AWS_SECRET_ACCESS_KEY:
        return {"aws_access_key": settings.AWS_ACCESS_KEY_ID, "aws_secret_key": settings.AWS_SECRET_ACCESS_KEY}
    import boto3

    if boto3.Session().get_credentials() is None:  # a profile, or the machine's own role
        raise ImproperlyConfigured(NO_CREDENTIALS)
    return {}


def name_there(model: str) -> str:
    """What the provider calls a model of the catalogue's."""
    return f"{settings.BEDROCK_MODEL_PREFIX}{model}" if is_bedrock() else model


def name_here(model: str) -> str:
    """The catalogue's name of a model of the provider's: prices are found by it."""
    return model.removeprefix(settings.BEDROCK_MODEL_PREFIX).removeprefix("anthropic.") if is_bedrock() else model


def provenance() -> dict[str, str]:
    """Where a call was answered, for its `ai_operations` row."""
    if is_bedrock():
        return {"provider": "bedrock", "region": settings.AWS_REGION}
    return {"provider": "anthropic"}


def in_words() -> str:
    """For the process's report at its start."""
    if is_bedrock():
        return f"Claude pelo Amazon Bedrock, região {settings.AWS_REGION}"
    return "Respostas simuladas" if settings.SIMULATED_API else "Claude pela API da Anthropic"
