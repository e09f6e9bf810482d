"""A person's browser, as far as the load needs one: requests on connections of their own, and streams."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from tests.chaos.ledger import OWNER, Ledger

CSRF = "chaos0chaos0chaos0chaos0chaos000"  # a secret of Django's form: cookie and header hold the same
LIMIT_SECONDS = 25.0  # of one request; afterwards nobody knows
TITLE = re.compile("<title>(.*)</title>")
LOST = (aiohttp.ClientError, OSError, asyncio.TimeoutError)


class Unanswered(Exception):
    """It may have been done or not."""


@dataclass
class Answer:
    status: int
    headers: Any
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


class Door(Protocol):
    """Where the web processes are, and how one gets there."""

    ports: list[int]
    ledger: Ledger
    session: aiohttp.ClientSession


class Browser:
    """Of one person, signed in; what she is shown and is not hers goes into the ledger."""

    def __init__(self, number: int, cookie: str, office: Door, chance: random.Random) -> None:
        self.number = number
        self.cookie = f"{cookie}; csrftoken={CSRF}"
        self.office = office
        self.ledger = office.ledger
        self.chance = chance
        self.may_see = {number}  # whose marks: also of the cases that she is in

    def _headers(self, more: dict[str, str] | None) -> dict[str, str]:
        return {"Cookie": self.cookie, "X-CSRFToken": CSRF, "Accept": "text/html"} | (more or {})

    async def open(self, method: str, path: str, **options: Any) -> aiohttp.ClientResponse:
        """By any web process; by another one when nobody listens there, as a host's router does."""
        options["headers"] = self._headers(options.pop("headers", None))
        ports = self.chance.sample(self.office.ports, len(self.office.ports))
        for port in ports:
            try:
                return await self.office.session.request(
                    method, f"http://127.0.0.1:{port}{path}", allow_redirects=False, **options
                )
            except aiohttp.ClientConnectorError:
                continue
        raise Unanswered

    async def request(self, method: str, path: str, **options: Any) -> Answer:
        """The whole answer. Raises `Unanswered` also for a 5xx: that says nothing of what was done."""
        may_see = set(self.may_see)
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                response = await self.open(method, path, **options)
                async with response:
                    answer = Answer(response.status, response.headers, await response.read())
        except LOST as error:
            raise Unanswered from error
        self.check(method, path, answer, may_see)
        if answer.status >= 500:
            self.ledger.count(f"{answer.status}")
            raise Unanswered
        return answer

    async def patiently(self, method: str, path: str, **options: Any) -> Answer:
        for _ in range(4):
            try:
                return await self.request(method, path, **{"headers": {"HX-Request": "true"}} | options)
            except Unanswered:
                await asyncio.sleep(self.chance.uniform(0.3, 2))
        raise Unanswered

    def check(self, method: str, path: str, answer: Answer, may_see: set[int]) -> None:
        self.check_own(path, answer.body, may_see)
        if answer.status == 401 or answer.headers.get("Location", "").startswith("/entrar/"):
            self.ledger.wrong(f"person {self.number} was signed out at {path}")
        if answer.status in (400, 403, 500):  # an outage is a 503
            title = TITLE.search(answer.text)
            self.ledger.wrong(f"{answer.status} for {method} {path}: {title[1] if title else answer.text[:200]}")

    def check_own(self, path: str, body: bytes, may_see: set[int]) -> None:
        """`may_see`: at the beginning, when the product looked whether she may."""
        for owner in {int(found) for found in OWNER.findall(body)}:
            if owner not in may_see | self.may_see:
                self.ledger.wrong(f"person {self.number} was shown something of {owner} at {path}")

    async def post(self, path: str, data: dict[str, str], **headers: str) -> Answer:
        return await self.request("POST", path, data=data, headers=headers)


async def events(response: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, str, str]]:
    """Server-sent events: name, data, id."""
    name, lines, event_id = "message", list[str](), ""
    buffer = b""
    async for piece in response.content.iter_any():
        *whole, buffer = (buffer + piece).split(b"\n")
        for line in whole:
            field_name, _, value = line.decode().partition(":")
            value = value.removeprefix(" ")
            if not line:
                if lines:
                    yield name, "\n".join(lines), event_id
                name, lines, event_id = "message", [], ""
            elif field_name == "event":
                name = value
            elif field_name == "data":
                lines.append(value)
            elif field_name == "id":
                event_id = value
