"""A browser without eyes, for tests of running processes: cookies, forms, and following a reply as the page does."""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from typing import Any, Self
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest

HOST = "127.0.0.1"
PATIENCE = 180.0  # seconds; a busy machine is no failure, only what never happens is
EVENT_STREAM = "text/event-stream"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
REPLY = re.compile(r'<article id="mensagem-([0-9a-f-]{36})"[^>]*data-role="assistant"')
CONVERSATION = re.compile(r"/conversas/([0-9a-f-]{36})/")
# What can go wrong with a connection; ValueError and AttributeError: it was closed while it was read.
LOST = (OSError, http.client.HTTPException, ValueError, AttributeError)


def letters(text: str) -> str:
    """Letters and digits only, of HTML or of Markdown: what a reader has read, whatever its clothes."""
    return re.sub(r"[\W_]+", "", unescape(re.sub(r"<[^>]*>", "", text)))


def wait_until(met: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """What `met` gives as soon as that is true; fails with `what` when it never is."""
    deadline = time.monotonic() + seconds
    while not (found := met()):
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.05)
    return found


@dataclass(frozen=True)
class Question:
    """A question that the server has accepted."""

    conversation: str
    content: str
    reply: str


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def kind(self) -> str:
        return self.headers.get_content_type()


@dataclass
class Event:
    name: str = "message"
    data: str = ""
    id: str = ""
    at: float = field(default_factory=time.monotonic)


class Visitor:
    """One browser of one person."""

    def __init__(self, port: int, asked: list[Question]) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self._asked = asked
        self._token = ""
        self._readers: list[Reader] = []

    # Requests -----------------------------------------------------------------------------------

    def open(
        self, method: str, path: str, *, data: dict[str, str] | None = None, headers: dict[str, str] | None = None,
        body: bytes | None = None, timeout: float = PATIENCE,
    ) -> tuple[http.client.HTTPConnection, socket.socket, http.client.HTTPResponse]:  # fmt: skip
        """A request on a connection of its own, and its answer as far as the headers."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=timeout)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Accept": "text/html", "Cookie": cookies} | (headers or {})
        if data is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(data).encode()
        try:
            connection.connect()
            sock = connection.sock
            connection.request(method, path, body=body, headers=sent)
            response = connection.getresponse()
        except BaseException:
            connection.close()
            raise
        for line in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return connection, sock, response

    def request(self, method: str, path: str, **options: Any) -> Answer:
        started = time.monotonic()
        connection, _, response = self.open(method, path, **options)
        try:
            body = response.read()
        finally:
            response.close()
            connection.close()
        return Answer(response.status, response.headers, body, time.monotonic() - started)

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, data: dict[str, str] | None = None, *, headers: dict[str, str] | None = None) -> Answer:
        """A form of the site's, with its token."""
        return self.request("POST", path, data=(data or {}) | {"csrfmiddlewaretoken": self.token()}, headers=headers)

    def token(self) -> str:
        if not self._token:
            self._token = self._token_of(self.get("/conversas/"))
        return self._token

    @staticmethod
    def _token_of(page: Answer) -> str:
        found = TOKEN.search(page.text)
        assert found, f"no form on the page ({page.status})"
        return found[1]

    # What people do -----------------------------------------------------------------------------

    def sign_in(self, email: str, password: str, to: str = "/conversas/") -> Answer:
        path = f"/entrar/?{urlencode({'next': to})}"
        data = {"login": email, "password": password, "next": to, "remember": "on"}
        answer = self.request("POST", path, data=data | {"csrfmiddlewaretoken": self._token_of(self.get(path))})
        assert answer.status == 302, f"not signed in: {answer.status}"
        assert answer.location == to
        return answer

    def start(self, question: str = "") -> str:
        """A new conversation, by the start page's form; its id."""
        answer = self.post("/conversas/", {"content": question, "submission_key": str(uuid4())})
        assert answer.status == 303, f"{answer.status}: {answer.text[:300]}"
        found = CONVERSATION.search(answer.location)
        assert found, answer.location
        if question:
            self._asked.append(Question(found[1], question, self.last_reply(found[1])))
        return found[1]

    def send(self, name: str, content: bytes, **fields: str) -> str:
        """Sends a file as a page's code does; its id."""
        border = uuid4().hex
        parts = [
            f'--{border}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
            for field, value in (fields | {"csrfmiddlewaretoken": self.token()}).items()
        ]
        parts.append(f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode())
        body = b"".join([*parts, content, f"\r\n--{border}--\r\n".encode()])
        headers = {"Content-Type": f"multipart/form-data; boundary={border}", "HX-Request": "true"}
        answer = self.request("POST", "/arquivos/", body=body, headers=headers)
        assert answer.status == 200, f"{answer.status}: {answer.text[:300]}"
        return str(json.loads(answer.body)["id"])

    def last_reply(self, conversation: str) -> str:
        found = REPLY.findall(self.get(f"/conversas/{conversation}/").text)
        assert found, "the conversation has no reply"
        return found[-1]

    def ask(self, question: str, conversation: str = "", *, reconnects: bool = True) -> Reader:
        """Asks as the page does, in a new conversation unless one is given; reads the answer to its own POST."""
        conversation = conversation or self.start()
        data = {"content": question, "submission_key": str(uuid4()), "csrfmiddlewaretoken": self.token()}
        opened = self.open("POST", f"/conversas/{conversation}/mensagens/", data=data, headers={"Accept": EVENT_STREAM})
        assert opened[2].status == 200, f"{opened[2].status}: {opened[2].read()[:300]!r}"
        reader = Reader(self, "", opened, reconnects=reconnects)
        self._readers.append(reader)
        reader.wait(lambda: reader.reply, "the question is accepted")
        self._asked.append(Question(conversation, question, reader.reply))
        return reader

    def follow(self, reply: str, *, reconnects: bool = True, last_id: str = "") -> Reader:
        """Opens the stream of a reply, as a page that has just been loaded."""
        reader = Reader(self, reply, None, reconnects=reconnects, last_id=last_id)
        self._readers.append(reader)
        return reader

    def close(self) -> None:
        """Closes the browser: all that it was reading."""
        for reader in self._readers:
            reader.close()
        self._readers.clear()


class Reader:
    """Follows one reply in a thread of its own, as static/js/stream.js and reply.js do, also across connections."""

    def __init__(
        self, visitor: Visitor, reply: str, opened: Any = None, *, reconnects: bool = True, last_id: str = ""
    ) -> None:
        self.visitor = visitor
        self.reply = reply
        self.reconnects = reconnects
        self.last_id = last_id
        self.events: list[Event] = []
        self.connections = 1 if opened else 0
        self.resumed_after: list[str] = []  # the Last-Event-ID of each connection after the first
        self.refused: Answer | None = None
        self.article = ""  # the message as it stands at the end
        self.growth: list[str] = []  # the letters shown after each event
        self.over = False
        self._settled = self._open = ""
        self._opened = opened
        self._socket: socket.socket | None = opened[1] if opened else None
        self._leaving = threading.Event()
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def shown(self) -> str:
        """The letters on the page."""
        return letters(self._settled + self._open)

    def wait(self, met: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Self:
        deadline = time.monotonic() + seconds
        with self._news:
            while not met():
                left = deadline - time.monotonic()
                if left <= 0 or (self.over and not met()):
                    why = "the reader has stopped" if self.over else f"not within {seconds:.0f} s"
                    pytest.fail(f"{why}: {what} (connections: {self.connections}, events: {len(self.events)})")
                self._news.wait(min(left, 1.0))
        return self

    def wait_for_letters(self, count: int) -> Self:
        return self.wait(lambda: len(self.shown) >= count, f"{count} letters shown")

    def wait_for_end(self) -> Self:
        return self.wait(lambda: self.article, "the end of the reply")

    def close(self) -> None:
        """Leaves the page."""
        self._leaving.set()
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE)

    # The thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._leaving.is_set() and not self.article and not self.refused:
                with suppress(*LOST):
                    self._one_connection()
                if not self.reconnects:
                    break
                self._leaving.wait(0 if self.article else 0.3)
        finally:
            with self._news:
                self.over = True
                self._news.notify_all()

    def _one_connection(self) -> None:
        connection, self._socket, response = self._opened or self._connect()
        self._opened = None
        try:
            if response.status >= 500:
                return
            if response.headers.get_content_type() != EVENT_STREAM:
                self.refused = Answer(response.status, response.headers, response.read(), 0.0)
                return
            for event in events_of(response):
                self._take(event)
        finally:
            response.close()
            connection.close()

    def _connect(self) -> tuple[http.client.HTTPConnection, socket.socket, http.client.HTTPResponse]:
        headers = {"Accept": EVENT_STREAM} | ({"Last-Event-ID": self.last_id} if self.last_id else {})
        opened = self.visitor.open("GET", f"/mensagens/{self.reply}/stream/", headers=headers)
        if self.connections:
            self.resumed_after.append(self.last_id)
        self.connections += 1
        return opened

    def _take(self, event: Event) -> None:
        with self._news:
            self.events.append(event)
            self.last_id = event.id or self.last_id
            if event.name == "messages":
                self.reply = REPLY.findall(event.data)[-1]
            elif event.name == "reset":
                self._settled, self._open = event.data, ""
            elif event.name == "block":
                self._settled, self._open = self._settled + event.data, ""
            elif event.name == "open":
                self._open = event.data
            elif event.name == "end":
                self.article = event.data
            self.growth.append(self.shown)
            self._news.notify_all()


def events_of(response: http.client.HTTPResponse) -> Iterator[Event]:
    """Server-sent events as they come. https://html.spec.whatwg.org/multipage/server-sent-events.html"""
    event, lines = Event(), []
    while line := response.readline():
        text = line.decode().rstrip("\r\n")
        name, _, value = text.partition(":")
        value = value.removeprefix(" ")
        if not text:
            if lines:
                event.data = "\n".join(lines)
                event.at = time.monotonic()
                yield event
            event, lines = Event(), []
        elif name == "event":
            event.name = value
        elif name == "data":
            lines.append(value)
        elif name == "id":
            event.id = value


def path_of(location: str) -> str:
    return urlsplit(location).path
