"""The HTTP side: one route of the API, the control paths (`/_sim/`), and every way of going wrong."""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from romagent.embedded.serving import control_routes, listening

from .courts import KNOWN, alias_of
from .faults import Script
from .records import records_of

KEY = "simulada"
SHARDS = 7
MOST_REQUESTS = 200
HTML = "<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body><h1>504 Gateway Time-out</h1></body></html>"
UNAUTHORIZED = "unable to authenticate with provided credentials and anonymous access is not allowed for this request"
Body = dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """`key`: the one that is accepted; `seconds`: how long every answer takes (the real one: 10 to 40)."""

    key: str = KEY
    seconds: float = 0.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        try:
            return cls(seconds=float(environment.get("SIMULATED_DATAJUD_SECONDS") or 1.5))
        except ValueError as error:
            raise ValueError("SIMULATED_DATAJUD_SECONDS must be a number") from error


class Simulation:
    """All that it remembers, bounded."""

    def __init__(self, settings: Settings) -> None:
        self.given = settings
        self.reset()

    def reset(self) -> None:
        self.script, self.more, self.seconds, self.key = Script(), 0, self.given.seconds, self.given.key
        self.requests: deque[Body] = deque(maxlen=MOST_REQUESTS)
        self.open = self.most_open = 0

    def configure(self, values: Body) -> None:
        """`more` movements of every process, `seconds` an answer takes, the `key` that is accepted."""
        if unknown := values.keys() - {"more", "seconds", "key"}:
            raise ValueError(f"unknown setting: {', '.join(sorted(unknown))}")
        self.more = int(values.get("more", self.more))
        self.seconds = float(values.get("seconds", self.seconds))
        self.key = str(values.get("key", self.key))


SIMULATION = web.AppKey("simulation", Simulation)


def make_app(settings: Settings) -> web.Application:
    app = web.Application(client_max_size=1024 * 1024)
    app[SIMULATION] = Simulation(settings)
    app.add_routes(
        [
            web.post("/{alias}/_search", search),
            *control_routes(lambda request: request.app[SIMULATION]),
            web.get("/_sim/requests", requests),
        ]
    )
    return app


def running(settings: Settings, host: str = "127.0.0.1", port: int = 0) -> AbstractAsyncContextManager[str]:
    """Serve until the block is left; gives the base URL. Raises ValueError when the host is not loopback."""
    return listening(make_app(settings), host, port)


# The API -------------------------------------------------------------------------------------------


async def search(request: web.Request) -> web.StreamResponse:
    simulation, alias = request.app[SIMULATION], request.match_info["alias"]
    try:
        question = json.loads(await request.read())
        number = str(question["query"]["match"]["numeroProcesso"])
    except (ValueError, KeyError, TypeError):
        return _error(400, "parsing_exception", "the question is not a match by numeroProcesso")
    simulation.requests.append({"alias": alias, "body": question, "headers": dict(request.headers)})
    simulation.open += 1
    simulation.most_open = max(simulation.most_open, simulation.open)
    try:
        return await _answer(request, simulation, alias, question, number)
    finally:
        simulation.open -= 1


async def _answer(
    request: web.Request, simulation: Simulation, alias: str, question: Body, number: str
) -> web.StreamResponse:
    if request.headers.get("Authorization") != f"APIKey {simulation.key}":
        return _error(401, "security_exception", UNAUTHORIZED)
    if "*" in alias:
        return web.Response(status=504, text=HTML, content_type="text/html")
    if alias not in KNOWN:
        return _error(404, "index_not_found_exception", f"no such index [{alias}]")
    await asyncio.sleep(simulation.seconds)
    hits = records_of(number, datetime.now(UTC), simulation.more) if alias_of(number) == alias else []
    if fault := simulation.script.take(number):
        return await _faulty(request, fault, hits)
    return web.json_response(_found(_page(question, hits)))


def _page(question: Body, hits: list[Body]) -> list[Body]:
    """`size` hits after `search_after`, by the time of `sort`."""
    order = question.get("sort")
    if order:
        hits = sorted(hits, key=lambda hit: str(hit["_source"].get("@timestamp")))
        stamps = [int(datetime.fromisoformat(hit["_source"]["@timestamp"]).timestamp() * 1000) for hit in hits]
        hits = [hit | {"_score": None, "sort": [stamp]} for hit, stamp in zip(hits, stamps, strict=True)]
        after = (question.get("search_after") or [None])[0]
        hits = [hit for hit in hits if after is None or hit["sort"][0] > after]
    return hits[: int(question.get("size", 10))]


def _found(hits: list[Body], *, failed: int = 0, timed_out: bool = False) -> Body:
    shards: Body = {"total": SHARDS, "successful": SHARDS - failed, "skipped": 0, "failed": failed}
    if failed:
        reason = {"type": "es_rejected_execution_exception", "reason": "rejected execution (queue capacity exceeded)"}
        shards["failures"] = [{"shard": 2, "index": "api_publica", "node": "n1", "reason": reason}]
    score = hits[0]["_score"] if hits else None
    return {
        "took": 41,
        "timed_out": timed_out,
        "_shards": shards,
        "hits": {"total": {"value": len(hits), "relation": "eq"}, "max_score": score, "hits": hits},
    }


def _error(status: int, kind: str, reason: str) -> web.Response:
    cause = {"type": kind, "reason": reason}
    return web.json_response({"error": {"root_cause": [cause]} | cause, "status": status}, status=status)


async def _faulty(request: web.Request, fault: Body, hits: list[Body]) -> web.StreamResponse:
    kind, body = fault["kind"], json.dumps(_found(hits)).encode()
    if kind == "status":
        return _refusal(int(fault["status"]))
    if kind == "hang":
        await asyncio.sleep(float(fault["seconds"]))
        return web.json_response(_found(hits))
    if kind in ("reset", "cut"):
        return await _broken(request, body if kind == "cut" else b"")
    answers: dict[str, Any] = {
        "partial": _found(hits if fault.get("with_hits") else [], failed=fault.get("failed", 3)),
        "timed_out": _found([], timed_out=True),
        "total_without_hits": _without_hits(),
        "answer": fault.get("body"),
    }
    if kind in answers:
        return web.json_response(answers[kind])
    if kind == "large":
        return web.Response(body=b" " * (int(fault["megabytes"]) * 1024 * 1024), content_type="application/json")
    html = kind == "html"
    return web.Response(text=HTML if html else fault["body"], content_type="text/html" if html else "application/json")


def _without_hits() -> Body:
    answer = _found([])
    answer["hits"] = {"total": {"value": 1, "relation": "eq"}, "max_score": None}
    return answer


def _refusal(status: int) -> web.Response:
    if status == 429:
        return _error(429, "search_phase_execution_exception", "all shards failed")
    if status in (401, 403):
        return _error(status, "security_exception", UNAUTHORIZED)
    elsewhere = {"Location": "/api_publica_tjsp/_search"} if 300 <= status < 400 else None
    return web.Response(status=status, text=HTML, content_type="text/html", headers=elsewhere)


async def _broken(request: web.Request, body: bytes) -> web.StreamResponse:
    """Half of the body, or nothing of the answer, and then the connection is gone."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    if body:
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.abort() if not body else request.transport.close()
    return response


async def requests(request: web.Request) -> web.Response:
    """A control path of its own: what was asked, and how many questions were open at once."""
    simulation = request.app[SIMULATION]
    return web.json_response({"requests": list(simulation.requests), "most_open": simulation.most_open})
