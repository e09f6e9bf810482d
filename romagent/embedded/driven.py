"""A simulated service as a process of its own: started, scripted and stopped from synchronous tests."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0  # only what never comes is waited for that long
STOP_SECONDS = 15.0

# A proxy in the environment must not get to see loopback calls.
_opener = build_opener(ProxyHandler({}))


class SimulatedService:
    """What `serving.main` runs, driven from outside; `module` is the package. Its scripts and settings are its own."""

    module: ClassVar[str]

    def __init__(self, process: "subprocess.Popen[str]", url: str) -> None:
        self._process = process
        self.url = url

    @classmethod
    def start(cls, port: int = 0, **variables: Any) -> Self:
        """Start it and wait until it listens. Raises RuntimeError when it does not."""
        environment = os.environ | {name: str(value) for name, value in variables.items()}
        command = [sys.executable, "-m", cls.module, "--port", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        too_late = threading.Timer(START_SECONDS, process.kill)
        too_late.start()
        line = process.stdout.readline()
        too_late.cancel()
        process.stdout.close()
        if not line.startswith("listening on "):
            process.wait()
            raise RuntimeError(f"{cls.module} did not start (exit status {process.returncode})")
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
        return self.wait()

    def wait(self) -> int:
        """Until it has ended, killed when it takes too long; gives the exit status."""
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.wait()

    def kill(self) -> None:
        """End it as a crash would."""
        self._process.kill()
        self._process.wait()

    def configure(self, **values: Any) -> None:
        """Change its settings while it runs; a misspelt one raises ValueError."""
        self.call("configure", values)

    def reset(self) -> None:
        """As after a start: scripts, requests and every configured change are forgotten."""
        self.call("reset", {})

    def call(self, path: str, body: Any = None) -> Any:
        """What the control path answers. Raises ValueError with its words when it refuses."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        request = Request(f"{self.url}/_sim/{path}", data=data, headers=headers)  # noqa: S310  # always http and loopback
        try:
            with _opener.open(request, timeout=5) as response:
                return json.load(response)
        except HTTPError as error:
            raise ValueError(json.load(error).get("error")) from error
