"""The `/_sim/` paths, for tests and staff: they are not part of Anthropic's API and need no key."""

import json
from typing import Any

from aiohttp import web

from .state import Simulation

SIMULATION = web.AppKey("simulation", Simulation)


async def script(request: web.Request) -> web.Response:
    """Append faults to the queue: a list, or an object with `faults`."""
    body = await _json(request)
    entries = body.get("faults") if isinstance(body, dict) else body
    if not isinstance(entries, list):
        return _wrong("a list of faults is needed")
    try:
        request.app[SIMULATION].script.add(entries)
    except ValueError as error:
        return _wrong(str(error))
    return web.json_response({"scripted_left": len(request.app[SIMULATION].script)})


async def configure(request: web.Request) -> web.Response:
    try:
        return web.json_response(request.app[SIMULATION].configure(await _json(request)))
    except (ValueError, TypeError, AttributeError) as error:
        return _wrong(str(error))


async def reset(request: web.Request) -> web.Response:
    request.app[SIMULATION].reset()
    return web.json_response({})


async def counters(request: web.Request) -> web.Response:
    return web.json_response(request.app[SIMULATION].counters())


async def requests(request: web.Request) -> web.Response:
    path = request.query.get("path", "/v1/messages")
    return web.Response(body=request.app[SIMULATION].requests.as_json(path), content_type="application/json")


async def _json(request: web.Request) -> Any:
    try:
        return json.loads(await request.read())
    except ValueError as error:
        raise web.HTTPBadRequest(reason="the body is not valid JSON") from error


def _wrong(message: str) -> web.Response:
    return web.json_response({"error": message}, status=400)


CONTROL_ROUTES = (
    web.post("/_sim/script", script),
    web.post("/_sim/configure", configure),
    web.post("/_sim/reset", reset),
    web.get("/_sim/counters", counters),
    web.get("/_sim/requests", requests),
)
