"""The simulated API as a process of its own: started, scripted and stopped from synchronous tests."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 60.0  # a machine that is busy with other things is slow to start a Python
STOP_SECONDS = 5.0

# A proxy in the environment must not get to see loopback calls.
_opener = build_opener(ProxyHandler({}))


class SimulatedApi:
    """`with SimulatedApi.start(SIMULATED_FIRST_TOKEN_MS=5) as api:`, with `api.url` as `base_url`."""

    def __init__(self, process: "subprocess.Popen[str]", url: str) -> None:
        self._process = process
        self.url = url

    @classmethod
    def start(cls, port: int = 0, **variables: Any) -> Self:
        """Start it and wait until it listens. Raises RuntimeError when it does not."""
        given = {name: str(value) for name, value in variables.items()}
        environment = os.environ | given
        command = [sys.executable, "-m", "romagent.embedded.messages_api", "--port", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        too_late = threading.Timer(START_SECONDS, process.kill)
        too_late.start()
        line = process.stdout.readline()
        too_late.cancel()
        process.stdout.close()
        if not line.startswith("listening on "):
            process.wait()
            raise RuntimeError(f"the simulated API did not start (exit status {process.returncode})")
        return cls(process, line.removeprefix("listening on ").strip())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> int:
        """End it as a supervisor would (SIGTERM); gives the exit status."""
        self._process.terminate()
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.wait()

    def kill(self) -> None:
        """End it as a crash would."""
        self._process.kill()
        self._process.wait()

    def script(self, faults: list[dict[str, Any]]) -> None:
        """Append faults for the next requests; a misspelt one raises ValueError."""
        self._call("/_sim/script", faults)

    def configure(self, **values: Any) -> None:
        """Change `first_token_ms`, `tokens_per_second`, `answer_tokens` (None: natural length), and the rest.

        `models={id: {"lifecycle": ...}}`, `advance_seconds` (moves the clock), `files_downloadable`.
        """
        self._call("/_sim/configure", values)

    def reset(self) -> None:
        """Forget scripts, counters, requests, files, cached prefixes and every configured change."""
        self._call("/_sim/reset", {})

    def counters(self) -> dict[str, Any]:
        counters: dict[str, Any] = self._call("/_sim/counters")
        return counters

    def requests(self, path: str = "/v1/messages") -> list[dict[str, Any]]:
        """The last bodies sent to this path, oldest first."""
        bodies: list[dict[str, Any]] = self._call(f"/_sim/requests?path={path}")
        return bodies

    def _call(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        request = Request(self.url + path, data=data, headers=headers)  # noqa: S310  # always http and loopback
        try:
            with _opener.open(request, timeout=5) as response:
                return json.load(response)
        except HTTPError as error:
            raise ValueError(json.load(error).get("error")) from error
