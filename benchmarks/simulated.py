"""The simulated Messages API as a process, with a clock: `python -m benchmarks.simulated --port 8765`.

The same server as ever. On top, it notes when a question came and when each of its tokens was sent, by
`time.monotonic()`, which all processes of one machine share. `GET /_sim/timings` gives the notes and forgets them.
"""

import contextvars
import re
import runpy
import time
from typing import Any

from aiohttp import web

from romagent.embedded.messages_api import server, stream

MARK = re.compile(rb"marca-[a-z0-9]+-[0-9]+")  # the word in a question by which the client knows it again
TOKEN = b'"type":"text_delta"'

timings: dict[str, dict[str, Any]] = {}
_sent: contextvars.ContextVar[list[float] | None] = contextvars.ContextVar("sent", default=None)
_make_app, _send = server.make_app, stream.send


class ClockedTransport:
    """A transport that notes the moment of each token that passes."""

    def __init__(self, transport: Any, sent: list[float]) -> None:
        self._transport = transport
        self._sent = sent
        self.is_closing = transport.is_closing
        self.get_write_buffer_size = transport.get_write_buffer_size

    def write(self, data: bytes) -> None:
        self._sent.extend([time.monotonic()] * data.count(TOKEN))
        self._transport.write(data)


class ClockedPacer(stream.Pacer):
    def __init__(self, transport: Any, *args: Any) -> None:
        sent = _sent.get()
        super().__init__(transport if sent is None else ClockedTransport(transport, sent), *args)


async def clocked_send(request: web.Request, line: Any, begun: float, *args: Any) -> web.StreamResponse:
    found = MARK.search(await request.read())
    mark = found[0].decode() if found else ""
    if mark and mark not in timings:  # a later request with the same mark asks for the conversation's title
        timings[mark] = {"begun": begun, "sent": []}
        _sent.set(timings[mark]["sent"])
    return await _send(request, line, begun, *args)


async def give_timings(request: web.Request) -> web.Response:
    answer = web.json_response(timings)
    timings.clear()
    return answer


def make_app(*args: Any) -> web.Application:
    app = _make_app(*args)
    app.router.add_get("/_sim/timings", give_timings)
    return app


if __name__ == "__main__":
    server.make_app, stream.send, stream.Pacer = make_app, clocked_send, ClockedPacer  # type: ignore[assignment, misc]
    runpy.run_module("romagent.embedded.messages_api", run_name="__main__")
