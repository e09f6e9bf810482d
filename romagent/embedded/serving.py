"""What the simulated services share: they listen on loopback only, say where, and end when they are told to.

For tests and for who tries the product by hand each has control paths (`/_sim/`), which are no part of what is
simulated and ask for no key.
"""

import argparse
import asyncio
import ipaddress
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

from aiohttp import web

Running = Callable[[str, int], AbstractAsyncContextManager[str]]  # host and port; gives the base URL


def main(name: str, description: str, running: Running) -> int:
    """Serve as a process, until SIGTERM or SIGINT; the exit status. What `running` raises as ValueError is said."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--host", default="127.0.0.1", help="endereço de loopback (padrão: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, help="porta; 0 escolhe uma livre (padrão)")
    arguments = parser.parse_args()
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_until_stopped(running, arguments.host, arguments.port))
    except (ValueError, OSError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    return 0


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # not on every platform; the standard loop only costs more CPU
        return None
    return uvloop.new_event_loop


async def _until_stopped(running: Running, host: str, port: int) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with running(host, port) as url:
        print(f"listening on {url}", flush=True)
        await stopped.wait()


@asynccontextmanager
async def listening(app: web.Application, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve until the block is left; gives the base URL. Raises ValueError when the host is not loopback."""
    if host != "localhost" and not _is_loopback(host):
        raise ValueError(f"a simulated service listens on loopback only, not on {host}")
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=1024).start()
        address = runner.addresses[0]
        shown = f"[{address[0]}]" if ":" in address[0] else address[0]
        yield f"http://{shown}:{address[1]}"
    finally:
        await runner.cleanup()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# Control -------------------------------------------------------------------------------------------


class Script(Protocol):
    def add(self, entries: list[Any], /) -> None: ...

    def __len__(self) -> int: ...


class Controlled(Protocol):
    """What a simulation lets itself be told; each raises ValueError that says what is wrong."""

    @property
    def script(self) -> Script: ...

    def configure(self, values: dict[str, Any], /) -> Any: ...

    def reset(self) -> None: ...


def control_routes(simulation_of: Callable[[web.Request], Controlled]) -> Sequence[web.RouteDef]:
    async def script(request: web.Request) -> web.Response:
        """Append faults to the queue."""
        return await _answered(request, lambda body: _scripted(simulation_of(request), body))

    async def configure(request: web.Request) -> web.Response:
        return await _answered(request, simulation_of(request).configure)

    async def reset(request: web.Request) -> web.Response:
        return await _answered(request, lambda body: simulation_of(request).reset())

    return (
        web.post("/_sim/script", script),
        web.post("/_sim/configure", configure),
        web.post("/_sim/reset", reset),
    )


def _scripted(simulation: Controlled, entries: Any) -> dict[str, int]:
    if not isinstance(entries, list):
        raise ValueError("a list of faults is needed")
    simulation.script.add(entries)
    return {"scripted_left": len(simulation.script)}


async def _answered(request: web.Request, change: Callable[[Any], Any]) -> web.Response:
    try:
        answer = change(json.loads(await request.read() or b"{}"))
    except (ValueError, TypeError, AttributeError) as error:
        return web.json_response({"error": str(error)}, status=400)
    return web.json_response(answer if answer is not None else {})
