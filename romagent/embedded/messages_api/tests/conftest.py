"""The simulated Messages API as a process of its own, and the SDK's client of it."""

from collections.abc import Iterator

import anthropic
import pytest

from romagent.embedded.messages_api.process import SimulatedApi


@pytest.fixture(scope="session")
def process() -> Iterator[SimulatedApi]:
    with SimulatedApi.start(SIMULATED_FIRST_TOKEN_MS=5, SIMULATED_TOKENS_PER_SECOND=20_000) as api:
        yield api


@pytest.fixture
def api(process: SimulatedApi) -> SimulatedApi:
    process.reset()
    return process


@pytest.fixture(scope="session")
def sdk(process: SimulatedApi) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(api_key="simulated", base_url=process.url, max_retries=0) as sdk:
        yield sdk


@pytest.fixture
def client(api: SimulatedApi, sdk: anthropic.Anthropic) -> anthropic.Anthropic:
    """One SDK client for all tests, since making one costs more than most tests; `api` clears what came before."""
    return sdk
