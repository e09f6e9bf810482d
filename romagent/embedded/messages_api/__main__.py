"""Run the simulated API as a process: `python -m romagent.embedded.messages_api --port 8765`."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable

from .server import running
from .settings import Settings


def main() -> int:
    parser = argparse.ArgumentParser(description="API de mensagens simulada, para desenvolvimento e testes.")
    parser.add_argument("--host", default="127.0.0.1", help="endereço de loopback (padrão: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, help="porta; 0 escolhe uma livre (padrão)")
    arguments = parser.parse_args()
    try:
        settings = Settings.from_environment(os.environ)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(settings, arguments.host, arguments.port))
    except (ValueError, OSError) as error:
        print(f"messages_api: {error}", file=sys.stderr)
        return 1
    return 0


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # not on every platform; the standard loop only costs more CPU
        return None
    return uvloop.new_event_loop


async def _serve(settings: Settings, host: str, port: int) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with running(settings, host, port) as url:
        print(f"listening on {url}", flush=True)
        await stopped.wait()


if __name__ == "__main__":
    sys.exit(main())
