"""A file of 1 GB through the server, in parts, four at a time as a browser sends them: what the web process takes.

The floor is measured in the same run: the same bytes from one file to another on the same disk.
`python -m benchmarks.uploading [--megabytes 1024]`
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.stack import Stack
from benchmarks.watch import MEGABYTE, find_processes, forget_peak, peak, wait_for_silence
from tests.client import HOST, Visitor

LANES = 4  # as static/js/multipart.js
FORM = "application/x-www-form-urlencoded"


class Here(Stack):
    """Keeps its files in its own directory, which is removed at the end."""

    def _prepare(self) -> None:
        self.environment["MEDIA_ROOT"] = str(self.data / "media")
        super()._prepare()


class Browser:
    """What the page's script says, and the bytes."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        visitor = Visitor(stack.port, [])
        name, _, value = stack.people(1, 1)[0]["cookie"].partition("=")
        visitor.cookies[name] = value
        token = visitor.token()
        cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
        self.headers = {"HX-Request": "true", "X-CSRFToken": token, "Cookie": cookies}

    def post(self, path: str, body: bytes, kind: str) -> Any:
        connection = http.client.HTTPConnection(HOST, self.stack.port, timeout=120)
        try:
            connection.request("POST", path, body, self.headers | {"Content-Type": kind})
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        if answer.status not in (200, 201, 204):
            raise RuntimeError(f"{path}: {answer.status} {said[:200]!r}")
        return json.loads(said) if said else None

    def ask(self, path: str, **fields: object) -> Any:
        return self.post(path, urlencode(fields).encode(), FORM)

    def send(self, size: int, part: bytes) -> str:
        plan = self.ask("/arquivos/envio/", name="Autos.pdf", size=size)

        def one(number: int) -> None:
            where = self.ask(plan["part"], part=number)
            left = min(plan["partSize"], size - (number - 1) * plan["partSize"])
            self.post(where["url"], part[:left], "application/octet-stream")

        with ThreadPoolExecutor(LANES) as lanes:
            list(lanes.map(one, range(1, plan["parts"] + 1)))
        began = time.monotonic()
        self.ask(plan["finish"])
        return f"{(time.monotonic() - began) * 1000:.0f}"


def floor(directory: Path, size: int, part: bytes) -> float:
    """Seconds for writing as many bytes, each part made to last."""
    began = time.monotonic()
    with (directory / "floor").open("wb", buffering=0) as file:
        for _ in range(size // len(part)):
            file.write(part)
            os.fsync(file.fileno())
    (directory / "floor").unlink()
    return time.monotonic() - began


def measure(megabytes: int) -> dict[str, Any]:
    size, part = megabytes * 1024**2, os.urandom(8 * 1024**2)
    with Here() as stack:
        web = find_processes(stack)["web"]
        browser = Browser(stack)
        browser.send(len(part) * 2, part)  # what is loaded at the first sending is no growth
        wait_for_silence()
        forget_peak(web.pid)
        before = web.memory_info().rss / MEGABYTE
        began = time.monotonic()
        finishing = browser.send(size, part)
        seconds = time.monotonic() - began
        return {
            "megabytes": megabytes,
            "seconds": round(seconds, 1),
            "floor_seconds": round(floor(stack.data, size, part), 1),
            "finish_ms": finishing,
            "web_before_mb": round(before),
            "web_peak_mb": round(peak(web.pid)),
            "web_grew_mb": round(peak(web.pid) - before),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1024)
    print(json.dumps(measure(parser.parse_args().megabytes), indent=2))


if __name__ == "__main__":
    main()
