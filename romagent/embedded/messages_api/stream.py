"""Sends a timeline: an absolute schedule, one timer and one write for each token."""

import asyncio
import socket
import struct
from collections.abc import Iterator

from aiohttp import web

from .wire import Frame, Timeline, chunk

SENT = web.RequestKey("sent", bool)  # all that the server meant to send is out
MOST_UNSENT = 262_144  # bytes waiting for a slow reader before the schedule waits too
MOST_AT_ONCE = 16_384  # bytes of one write when several frames are due; other streams get their turn between
SLOW_READER_SECONDS = 0.05


class Pacer:
    """Writes frames at their moments by timer callbacks: cheaper than a coroutine asleep at each token."""

    def __init__(self, transport: asyncio.Transport, begun: float, frames: Iterator[Frame]) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._begun = begun
        self._frames = frames
        self._next = next(frames, None)
        self._timer: asyncio.TimerHandle | None = None
        self._done: asyncio.Future[None] = self._loop.create_future()

    async def run(self) -> None:
        """Returns when all is written. Cancelled when the client leaves, which also ends the timer."""
        if self._next is None:
            return
        self._timer = self._loop.call_at(self._begun + self._next.due, self._write)
        try:
            await self._done
        finally:
            self._timer.cancel()

    def _write(self) -> None:
        frame = self._next
        if frame is None or self._transport.is_closing():
            return  # run() is cancelled as soon as the loop says that the connection is lost
        if self._transport.get_write_buffer_size() > MOST_UNSENT:
            self._timer = self._loop.call_later(SLOW_READER_SECONDS, self._write)
            return
        data = chunk(frame.data)
        now = self._loop.time() - self._begun
        while (frame := next(self._frames, None)) and frame.due <= now and len(data) < MOST_AT_ONCE:
            data += chunk(frame.data)
        self._next = frame
        self._transport.write(data)
        if frame is not None:
            self._timer = self._loop.call_at(self._begun + frame.due, self._write)
        elif not self._done.done():
            self._done.set_result(None)


async def send(request: web.Request, line: Timeline, begun: float, request_id: str) -> web.StreamResponse:
    """Stream the timeline as server-sent events. `begun`: loop time at which the request came."""
    headers = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
    response = web.StreamResponse(headers=headers | {"request-id": request_id})
    response.enable_chunked_encoding()
    await response.prepare(request)
    frames = iter(line.frames)
    await response.write(next(frames).data)  # aiohttp sends its headers with it; what follows bypasses aiohttp
    transport = request.transport
    if transport is None:
        raise ConnectionResetError("the client has left")
    await Pacer(transport, begun, frames).run()
    if line.lingers:  # otherwise no pause here: the client may leave the moment it has read `message_stop`
        await until(begun + line.ends_at)
    if line.cut:
        await cut(request)
    request[SENT] = True
    await response.write_eof()
    return response


async def until(moment: float) -> None:
    """Sleep until a moment of the loop's clock."""
    await asyncio.sleep(max(0.0, moment - asyncio.get_running_loop().time()))


async def cut(request: web.Request) -> None:
    """Drop the connection once what was written has left. Never returns: the loss cancels the handler."""
    request[SENT] = True
    await asyncio.sleep(0.01)  # abort() throws away what the loop has not yet handed to the system
    await _drop(request)


async def reset(request: web.Request) -> None:
    """Answer with a TCP reset and no byte. Never returns."""
    request[SENT] = True
    sock = request.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    await _drop(request)


async def _drop(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
    await asyncio.Event().wait()
