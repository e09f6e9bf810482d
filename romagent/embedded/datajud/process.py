"""The simulated DataJud as a process of its own: started, scripted and stopped from synchronous tests."""

import json
import os
import subprocess
import sys
import threading
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from romagent.embedded.messages_api.process import ROOT, START_SECONDS, STOP_SECONDS

from .server import KEY

# A proxy in the environment must not get to see loopback calls.
_opener = build_opener(ProxyHandler({}))


class SimulatedDataJud:
    """`with SimulatedDataJud.start() as datajud:`, with `datajud.url` as `DATAJUD_URL` and `datajud.key` as the key."""

    key = KEY

    def __init__(self, process: "subprocess.Popen[str]", url: str) -> None:
        self._process = process
        self.url = url

    @classmethod
    def start(cls, port: int = 0, seconds: float = 0.001) -> Self:
        """Start it and wait until it listens. Raises RuntimeError when it does not."""
        environment = os.environ | {"SIMULATED_DATAJUD_SECONDS": str(seconds)}
        command = [sys.executable, "-m", "romagent.embedded.datajud", "--port", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        too_late = threading.Timer(START_SECONDS, process.kill)
        too_late.start()
        line = process.stdout.readline()
        too_late.cancel()
        process.stdout.close()
        if not line.startswith("listening on "):
            process.wait()
            raise RuntimeError(f"the simulated DataJud did not start (exit status {process.returncode})")
        return cls(process, line.removeprefix("listening on ").strip())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def script(self, *faults: dict[str, Any]) -> None:
        """Append faults for the next questions; a misspelt one raises ValueError."""
        self._call("script", list(faults))

    def configure(self, **values: Any) -> None:
        """`more` movements of every process, `seconds` an answer takes, the `key` that is accepted."""
        self._call("configure", values)

    def reset(self) -> None:
        self._call("reset", {})

    def requests(self) -> list[dict[str, Any]]:
        """The last questions, oldest first: `alias`, `body`, `headers`."""
        found: list[dict[str, Any]] = self._call("requests")["requests"]
        return found

    def most_open(self) -> int:
        """How many questions were open at once, at most."""
        return int(self._call("requests")["most_open"])

    def _call(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/_sim/{path}", data=data, headers={"content-type": "application/json"})  # noqa: S310 - loopback
        try:
            with _opener.open(request, timeout=5) as response:
                return json.load(response)
        except HTTPError as error:
            raise ValueError(json.load(error).get("error")) from error
