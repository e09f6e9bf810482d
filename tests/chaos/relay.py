"""The network between the product and its servers, as a process: `python -m tests.chaos.relay name=port:port …`.

Each door listens on the first port and hands everything on to the second. Commands come on standard input, a line each:
`name open`, `name cut` (every connection is reset, new ones are refused), `name hole` (connections are accepted and
nothing passes), `name delay 0.2` (each piece takes so many seconds more), `name reset` (every connection, once), `name
swallow` (packets to the server vanish until `open`: not even their arrival is acknowledged), `name lose` (they vanish
for ever, on the connections of now: as when the machine behind them is another one from now on, or a router has
forgotten them; new connections pass).
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import socket
import struct
import sys
from pathlib import Path
from typing import Any

from romagent.embedded.kept import LOCALHOST
from romagent.embedded.processes import Child

PIECE = 65_536  # bytes
AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: a close is a reset, as when a machine has vanished and comes back
# Linux: a filter on a socket that lets nothing in, before TCP has seen it (socket(7), linux/filter.h). Anybody may.
SO_ATTACH_FILTER, SO_DETACH_FILTER = 26, 27
NOTHING = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # BPF_RET | BPF_K, 0 bytes
NOTHING_PASSES = struct.pack("HP", 1, ctypes.addressof(NOTHING))


class Door:
    """One server's door; how it is now is true for the connections of before, too."""

    def __init__(self, port: int, behind: int) -> None:
        self.port = port
        self.behind = behind
        self.pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self.lost: list[asyncio.StreamWriter] = []  # kept open: their end would be told
        self.passing = asyncio.Event()
        self.passing.set()
        self.delay = 0.0
        self.swallows = False
        self.server: asyncio.Server | None = None

    async def open(self) -> None:
        self.delay = 0.0
        self.passing.set()
        self.swallows = False
        for front, _ in self.pairs:
            deafen(front, False)
        if self.server is None:
            self.server = await asyncio.start_server(self.welcome, LOCALHOST, self.port, backlog=512)

    async def cut(self) -> None:
        if self.server is not None:
            self.server.close()
            self.server = None
        await self.reset()

    async def hole(self) -> None:
        self.passing.clear()

    async def reset(self) -> None:
        for pair in list(self.pairs):
            self.part(pair)

    async def swallow(self) -> None:
        self.swallows = True
        for front, _ in self.pairs:
            deafen(front, True)

    async def lose(self) -> None:
        for pair in list(self.pairs):
            deafen(pair[0], True)
            self.lost.append(pair[0])
            self.part(pair)

    async def welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.passing.wait()
        try:
            there, thence = await asyncio.open_connection(LOCALHOST, self.behind)
        except OSError:
            slam(writer)
            return
        pair = (writer, thence)
        self.pairs.add(pair)
        if self.swallows:
            deafen(writer, True)
        await asyncio.gather(self.hand_on(reader, thence, pair), self.hand_on(there, writer, pair))

    async def hand_on(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, pair: tuple[asyncio.StreamWriter, ...]
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(PIECE):
                if self.delay:
                    await asyncio.sleep(self.delay)
                await self.passing.wait()
                target.write(data)
                await target.drain()
        self.part(pair)

    def part(self, pair: Any) -> None:
        self.pairs.discard(pair)
        for end in pair:
            if end not in self.lost:
                slam(end)


def deafen(writer: asyncio.StreamWriter, is_deaf: bool) -> None:
    sock = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):  # it has ended, or was not deaf
        if is_deaf:
            sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, NOTHING_PASSES)
        else:
            sock.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)


def slam(writer: asyncio.StreamWriter) -> None:
    if not writer.transport.is_closing():
        sock = writer.get_extra_info("socket")
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        writer.transport.abort()


COMMANDS = {name: getattr(Door, name) for name in ("open", "cut", "hole", "reset", "swallow", "lose")}


async def obey(doors: dict[str, Door], line: str) -> None:
    name, command, *rest = line.split()
    if command == "delay":
        doors[name].delay = float(rest[0])
    else:
        await COMMANDS[command](doors[name])
    print(line, end="", flush=True)


async def serve(arguments: list[str]) -> None:
    doors = {}
    for argument in arguments:
        name, _, ports = argument.partition("=")
        front, _, behind = ports.partition(":")
        doors[name] = Door(int(front), int(behind))
        await doors[name].open()
    print("aberto", flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        await obey(doors, line.decode())


class Network(Child):
    """The process, for who breaks it."""

    def __init__(self, doors: dict[str, tuple[int, int]], **options: Any) -> None:
        ports = [f"{name}={front}:{behind}" for name, (front, behind) in doors.items()]
        super().__init__([sys.executable, "-m", "tests.chaos.relay", *ports], **options)

    def _spawn(self, argv: Any, stdin: int = -1) -> Any:
        return super()._spawn(argv, stdin)

    def ready(self) -> bool:
        return "aberto" in self.last_lines(10_000)

    def kill(self) -> None:
        super().kill()
        if self._process and self._process.stdin:
            self._process.stdin.close()

    def tell(self, name: str, command: str) -> None:
        """Comes back at once; a line of the log says when it is done."""
        assert self._process
        assert self._process.stdin
        self._process.stdin.write(f"{name} {command}\n".encode())
        self._process.stdin.flush()


if __name__ == "__main__":
    assert Path("manage.py").exists()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(sys.argv[1:]))
