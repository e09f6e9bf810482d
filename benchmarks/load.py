"""The client: as cheap as can be, since it shares the cores. It keeps what came and when; reading comes afterwards."""

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from benchmarks.stack import ANSWER_TOKENS

CSRF = "benchmark0benchmark0benchmark000"  # a secret of Django's form: cookie and header hold the same
LIMIT_SECONDS = 180.0
NUMBERED = re.compile(rb"[a-z]x(\d{3})")
WORDS = ["prazo", "recurso", "contrato", "cliente", "acordo", "pedido", "laudo", "termo", "lista", "rol"]
# The answer's Markdown: a paragraph, a title, a list, a paragraph. Each `@` becomes a word with its token's number.
SHAPE = "@ " * 29 + "\n\n## " + "@ " * 5 + "\n" + ("\n- **@.** " + "@ " * 14) * 3 + "\n\n" + "@ " * 17


def numbered_answer() -> str:
    """An answer of exactly 100 tokens; nearly every one carries its number (`prazox007`), list marks do not."""
    tokens = re.findall(r"\s*\S+", SHAPE)
    assert len(tokens) == ANSWER_TOKENS
    numbered = enumerate(tokens, 1)
    return "".join(token.replace("@", f"{WORDS[number % 10]}x{number:03}") for number, token in numbered)


ANSWER = numbered_answer()
NUMBERS = [int(number) for number in NUMBERED.findall(ANSWER.encode())]


Part = tuple[float, bytes]  # when, and what


class Exchange(asyncio.Protocol):
    """One request on a connection of its own, and its answer as it came."""

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.tail = b""
        self.parts: list[Part] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(self.request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.parts.append((time.monotonic(), data))
        self.tail = (self.tail + data)[-7:]
        refused = len(self.parts) == 1 and not data.startswith(b"HTTP/1.1 200")
        if refused or self.tail == b"\r\n0\r\n\r\n":
            self.transport.close()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


@dataclass
class Answer:
    """What one reader got."""

    mark: str
    asked: float
    accepted: float = 0.0  # when the first event was there
    seen: dict[int, float] = field(default_factory=dict, repr=False)  # token number: when
    events: int = 0
    whole: bool = False

    @property
    def first(self) -> float | None:
        return self.seen.get(1)

    @classmethod
    def of(cls, mark: str, asked: float, parts: list[Part], times: int = 1) -> "Answer":
        """Figures out of bytes. A token counts as seen when the text up to it was there, in whatever event.

        `times`: how often the numbered answer is repeated in a long one.
        """
        answer, end = cls(mark, asked), b""
        for moment, event in events(parts):
            answer.events += 1
            answer.accepted = answer.accepted or moment
            highest = max(map(int, NUMBERED.findall(event)), default=0)
            for number in range(len(answer.seen) + 1, highest + 1):
                answer.seen[number] = moment
            if b"event: end\n" in event:
                end = event
        numbers = [int(number) for number in NUMBERED.findall(end)]
        answer.whole = numbers == NUMBERS * times and b'data-status="complete"' in end
        return answer


def events(parts: list[Part]) -> Iterator[Part]:
    """Each server-sent event, with the moment at which it was complete."""
    text = b""
    for moment, data in unchunked(parts):
        text += data
        *complete, text = text.split(b"\n\n")
        for event in complete:
            yield moment, event


def unchunked(parts: list[Part]) -> Iterator[Part]:
    """The body's bytes without HTTP's head and chunk sizes; nothing of an answer that was not a stream."""
    raw, in_body = b"", False
    for moment, data in parts:
        raw += data
        if not in_body:
            head, in_body, raw = cut(raw)
            if in_body and not head.startswith(b"HTTP/1.1 200"):
                return
        while in_body and b"\r\n" in raw:
            size, _, rest = raw.partition(b"\r\n")
            length = int(size, 16)
            if len(rest) < length + 2:
                break
            raw = rest[length + 2 :]
            if length:
                yield moment, rest[:length]


def cut(raw: bytes) -> tuple[bytes, bool, bytes]:
    """The head, whether it is complete, and what follows; all of it stays when it is not."""
    head, mark, rest = raw.partition(b"\r\n\r\n")
    return (head, True, rest) if mark else (b"", False, raw)


def marks_of(name: str, count: int) -> list[str]:
    """Words by which questions are known again, see benchmarks/simulated.py."""
    return [f"marca-{name}-{number}" for number in range(count)]


def question(mark: str) -> str:
    return f"{mark}: quais documentos faltam para instruir o pedido de tutela, e em que ordem devo juntá-los?"


def post(port: int, who: dict[str, str], mark: str) -> bytes:
    """The request of the page's own script."""
    form = {"content": question(mark), "mode": "", "model": "", "submission_key": str(uuid4())}
    body = urlencode(form).encode()
    lines = [
        f"POST /conversas/{who['conversation']}/mensagens/ HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Accept: text/event-stream",
        f"Cookie: {who['cookie']}; csrftoken={CSRF}",
        f"X-CSRFToken: {CSRF}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def get(port: int, who: dict[str, str]) -> bytes:
    lines = [
        f"GET /mensagens/{who['reply']}/stream/ HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Accept: text/event-stream",
        f"Cookie: {who['cookie']}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


async def exchange(port: int, request: bytes) -> tuple[float, list[Part]]:
    """When it was asked, and everything that came back."""
    asked = time.monotonic()
    loop = asyncio.get_running_loop()
    _, protocol = await loop.create_connection(lambda: Exchange(request), "127.0.0.1", port)
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            await protocol.done
    except TimeoutError:
        protocol.transport.close()
    return asked, protocol.parts


def moments(count: int, seconds: float = 1.0) -> list[float]:
    """When each of `count` people asks: independently of each other, the same in every run."""
    generator = random.Random(count)
    return sorted(generator.uniform(0.0, seconds) for _ in range(count))


async def arriving(jobs: list[Callable[[], Awaitable[Any]]], seconds: float = 1.0) -> list[Any]:
    """Starts each job at its moment and waits for all; what they give."""
    loop = asyncio.get_running_loop()
    begun = loop.time() + 0.05

    async def one(job: Callable[[], Awaitable[Any]], moment: float) -> Any:
        await asyncio.sleep(begun + moment - loop.time())
        return await job()

    planned = zip(jobs, moments(len(jobs), seconds), strict=True)
    return await asyncio.gather(*(one(job, moment) for job, moment in planned))


async def ask_all(port: int, people: list[dict[str, str]], name: str) -> list[Answer]:
    """One question from each, all within a second."""
    marks = marks_of(name, len(people))
    requests = [post(port, who, mark) for who, mark in zip(people, marks, strict=True)]
    found = await arriving([lambda request=request: exchange(port, request) for request in requests])
    return [Answer.of(mark, *what) for mark, what in zip(marks, found, strict=True)]
