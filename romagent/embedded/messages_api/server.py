"""The HTTP side: routes, headers, counters, and the life of one request."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import uuid4

from aiohttp import web

from romagent.embedded.serving import listening

from . import files, rules, stream
from .answers import is_title_request
from .compose import build_reply
from .control import CONTROL_ROUTES, SIMULATION
from .errors import ApiError
from .faults import Effects
from .prompt import read_prompt
from .settings import Settings
from .state import Simulation
from .stream import SENT
from .usage import pieces_of
from .wire import timeline

API_VERSION = "2026-10-21"
MOST_BODY_BYTES = 32 * 1024 * 1024
REQUEST_ID = web.RequestKey("request_id", str)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_app(settings: Settings) -> web.Application:
    middlewares = [_counted, _speaking_as_the_api, _admitted]
    app = web.Application(client_max_size=MOST_BODY_BYTES, middlewares=middlewares)
    app[SIMULATION] = Simulation(settings)
    app.add_routes(
        [
            web.post("/v1/messages", messages),
            web.post("/v1/messages/count_tokens", count_tokens),
            web.get("/v1/models", list_models),
            web.get("/v1/models/{id}", get_model),
            web.post("/v1/files", upload_file),
            web.get("/v1/files", list_files),
            web.get("/v1/files/{id}", get_file),
            web.get("/v1/files/{id}/content", get_file_content),
            web.delete("/v1/files/{id}", delete_file),
            *CONTROL_ROUTES,
        ]
    )
    return app


def running(settings: Settings, host: str = "127.0.0.1", port: int = 0) -> AbstractAsyncContextManager[str]:
    """Serve until the block is left; gives the base URL. Raises ValueError when the host is not loopback."""
    return listening(make_app(settings), host, port)


# Around every request ------------------------------------------------------------------------------


@web.middleware
async def _counted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count the request. A client that leaves cancels the handler (aiohttp's `handler_cancellation`)."""
    if request.path.startswith("/_sim/"):
        return await handler(request)
    count = request.app[SIMULATION].count(_route(request))
    count.started += 1
    whole = False
    try:
        response = await handler(request)
        whole = True
    except ConnectionError:  # a write met a connection that had just gone
        response = web.Response()
    finally:
        count.end(whole=whole or request.get(SENT, False))
    return response


def _route(request: web.Request) -> str:
    """The route's own path: ids would make the counters grow without bound."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "other"


@web.middleware
async def _speaking_as_the_api(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every answer carries a request id, and every refusal has the API's shape."""
    request_id = request[REQUEST_ID] = f"req_{uuid4().hex[:24]}"
    try:
        response = await handler(request)
    except ApiError as error:
        return _refusal(error, request_id)
    except web.HTTPRequestEntityTooLarge:
        return _refusal(ApiError("Request exceeds the maximum size", status=413), request_id)
    except RecursionError:
        return _refusal(ApiError("The request body is nested too deeply"), request_id)
    except web.HTTPException as error:
        return _refusal(ApiError(error.reason, status=error.status), request_id)
    if not response.prepared:
        response.headers["request-id"] = request_id
    return response


def _refusal(error: ApiError, request_id: str) -> web.Response:
    headers = {"request-id": request_id} | error.headers
    return web.json_response(error.body(request_id), status=error.status, headers=headers)


@web.middleware
async def _admitted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Key and version first; then, for every path but /v1/messages, what the script holds for it."""
    if request.path.startswith("/_sim/"):
        return await handler(request)
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise ApiError("Authorization: Bearer is required", status=401)
    version = request.headers.get("anthropic-version")
    if version != API_VERSION:
        raise ApiError(f"anthropic-version: {version!r} is not a valid version")
    if (path := _route(request)) != "/v1/messages":
        await _meet_early_faults(request, request.app[SIMULATION].script.take(path))
    return await handler(request)


async def _meet_early_faults(request: web.Request, effects: Effects) -> None:
    """What is scripted to happen before the first byte: silence, a reset connection, a refusal."""
    if hang := effects.find("hang"):
        await asyncio.sleep(hang.get("seconds"))
    if effects.find("reset"):
        await stream.reset(request)
    if status := effects.find("status"):
        names = ("retry_after", "retry_after_ms", "x_should_retry")
        given = {name.replace("_", "-"): status.get(name) for name in names}
        raise ApiError(
            status.get("message", "Falha simulada, pedida pelo roteiro do teste."),
            status=status.get("status"),
            type=status.get("type"),
            error_code=status.get("error_code"),
            headers={name: str(value).lower() for name, value in given.items() if value is not None},
        )


# Messages ------------------------------------------------------------------------------------------


async def messages(request: web.Request) -> web.StreamResponse:
    begun = asyncio.get_running_loop().time()
    simulation, request_id = request.app[SIMULATION], request[REQUEST_ID]
    body = await _json(request)
    model = rules.check(body, simulation.models, simulation.paused)
    prompt = read_prompt(body, simulation.files.get)
    pieces = pieces_of(prompt)
    if (length := sum(piece.tokens for piece in pieces)) > model.max_input_tokens:
        raise ApiError(f"prompt is too long: {length} tokens > {model.max_input_tokens} maximum")
    effects = simulation.script.take("/v1/messages", prompt.last_user_text, is_title_request(prompt))
    await _meet_early_faults(request, effects)
    if effects.find("hang"):
        begun = asyncio.get_running_loop().time()

    owner = f"{request.headers['authorization']}\0{model.id}"
    usage = simulation.cache.use(owner, pieces, model.cache_minimum, simulation.now())
    pace = effects.paced(simulation.settings)
    reply = build_reply(prompt, model, usage, effects, pace.answer_tokens)
    reply.diagnostics = simulation.diagnoses.compare(prompt, reply.id, length)
    if reply.stop_reason == "pause_turn":
        simulation.remember_paused(reply.text)
    line = timeline(reply, pace, effects, request_id)
    if body.get("stream"):
        return await stream.send(request, line, begun, request_id)
    await stream.until(begun + line.ends_at)
    if line.error:
        raise line.error
    if line.cut:
        await stream.cut(request)
    return web.json_response(reply.public())


async def count_tokens(request: web.Request) -> web.Response:
    simulation = request.app[SIMULATION]
    body = await _json(request)
    rules.check(body, simulation.models, simulation.paused, counting=True)
    prompt = read_prompt(body, simulation.files.get)
    return web.json_response({"input_tokens": sum(piece.tokens for piece in pieces_of(prompt))})


async def _json(request: web.Request) -> dict[str, Any]:
    """The body, remembered for `/_sim/requests` before anything can refuse it."""
    raw = await request.read()
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise ApiError(f"The request body is not valid JSON: {error}") from error
    request.app[SIMULATION].requests.add(_route(request), raw)
    return body  # type: ignore[no-any-return]  # check_shape refuses what is not an object


# Models and files ----------------------------------------------------------------------------------


async def list_models(request: web.Request) -> web.Response:
    query = request.query
    stages = query.getall("lifecycle[]", []) or ["active", "deprecated"]
    limit = query.get("limit", "20")
    if not limit.isdigit() or not 1 <= int(limit) <= 1_000:
        raise ApiError("limit: must be from 1 to 1000")
    models = [model for model in request.app[SIMULATION].models.values() if model.lifecycle in stages]
    ids = [model.id for model in models]
    if (after := query.get("after_id")) in ids:
        models = models[ids.index(after) + 1 :]
    elif (before := query.get("before_id")) in ids:
        models = models[max(0, ids.index(before) - int(limit)) : ids.index(before)]
    page = models[: int(limit)]
    return web.json_response(
        {
            "data": [model.public() for model in page],
            "has_more": len(models) > len(page),
            "first_id": page[0].id if page else None,
            "last_id": page[-1].id if page else None,
        }
    )


async def get_model(request: web.Request) -> web.Response:
    model = request.app[SIMULATION].models.get(request.match_info["id"])
    if model is None:
        raise ApiError(f"model: {request.match_info['id']}", status=404)
    return web.json_response(model.public())


async def upload_file(request: web.Request) -> web.Response:
    return web.json_response(await files.receive(request, request.app[SIMULATION].files))


async def list_files(request: web.Request) -> web.Response:
    return web.json_response(files.listed(request.query, request.app[SIMULATION].files))


async def get_file(request: web.Request) -> web.Response:
    return web.json_response(request.app[SIMULATION].files.metadata(request.match_info["id"]))


async def get_file_content(request: web.Request) -> web.Response:
    file = request.app[SIMULATION].files.download(request.match_info["id"])
    return web.Response(body=file.data, content_type=file.mime_type)


async def delete_file(request: web.Request) -> web.Response:
    return web.json_response(request.app[SIMULATION].files.delete(request.match_info["id"]))
