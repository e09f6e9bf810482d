"""What the `/_sim/` paths tell, beside what all simulated services take: the counters, and the requests that came."""

from aiohttp import web

from romagent.embedded.serving import control_routes

from .state import Simulation

SIMULATION = web.AppKey("simulation", Simulation)


async def counters(request: web.Request) -> web.Response:
    return web.json_response(request.app[SIMULATION].counters())


async def requests(request: web.Request) -> web.Response:
    path = request.query.get("path", "/v1/messages")
    return web.Response(body=request.app[SIMULATION].requests.as_json(path), content_type="application/json")


CONTROL_ROUTES = (
    *control_routes(lambda request: request.app[SIMULATION]),
    web.get("/_sim/counters", counters),
    web.get("/_sim/requests", requests),
)
