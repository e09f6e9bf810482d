"""The simulated API as a process of its own, driven from synchronous tests."""

from typing import Any

from romagent.embedded.driven import ROOT as ROOT
from romagent.embedded.driven import SimulatedService


class SimulatedApi(SimulatedService):
    """`with SimulatedApi.start(SIMULATED_FIRST_TOKEN_MS=5) as api:`, with `api.url` as `base_url`.

    `configure` takes `first_token_ms`, `tokens_per_second`, `answer_tokens` (None: natural length), `models={id:
    {"lifecycle": ...}}`, `advance_seconds` (moves the clock) and `files_downloadable`.
    """

    module = "romagent.embedded.messages_api"

    def script(self, faults: list[dict[str, Any]]) -> None:
        """Append faults for the next requests; a misspelt one raises ValueError."""
        self.call("script", faults)

    def counters(self) -> dict[str, Any]:
        counters: dict[str, Any] = self.call("counters")
        return counters

    def requests(self, path: str = "/v1/messages") -> list[dict[str, Any]]:
        """The last bodies sent to this path, oldest first."""
        bodies: list[dict[str, Any]] = self.call(f"requests?path={path}")
        return bodies
