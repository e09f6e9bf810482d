"""The simulated DataJud as a process of its own, driven from synchronous tests."""

from typing import Any, Self

from romagent.embedded.driven import SimulatedService

from .server import KEY


class SimulatedDataJud(SimulatedService):
    """`with SimulatedDataJud.start() as datajud:`, with `datajud.url` as `DATAJUD_URL` and `datajud.key` as the key.

    `configure` takes `more` (movements of every process), `seconds` (an answer takes) and `key` (that is accepted).
    """

    module = "romagent.embedded.datajud"
    key = KEY

    @classmethod
    def start(cls, port: int = 0, seconds: float = 0.001, **variables: Any) -> Self:
        return super().start(port, SIMULATED_DATAJUD_SECONDS=seconds, **variables)

    def script(self, *faults: dict[str, Any]) -> None:
        """Append faults for the next questions; a misspelt one raises ValueError."""
        self.call("script", list(faults))

    def requests(self) -> list[dict[str, Any]]:
        """The last questions, oldest first: `alias`, `body`, `headers`."""
        found: list[dict[str, Any]] = self.call("requests")["requests"]
        return found

    def most_open(self) -> int:
        """How many questions were open at once, at most."""
        return int(self.call("requests")["most_open"])
