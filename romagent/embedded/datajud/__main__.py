"""Run the simulated DataJud as a process: `python -m romagent.embedded.datajud --port 8766`."""

import argparse
import asyncio
import os
import signal
import sys

from .server import Settings, running


def main() -> int:
    parser = argparse.ArgumentParser(description="DataJud simulado, para desenvolvimento e testes.")
    parser.add_argument("--host", default="127.0.0.1", help="endereço de loopback (padrão: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, help="porta; 0 escolhe uma livre (padrão)")
    arguments = parser.parse_args()
    try:
        settings = Settings.from_environment(os.environ)
        asyncio.run(_serve(settings, arguments.host, arguments.port))
    except (ValueError, OSError) as error:
        print(f"datajud: {error}", file=sys.stderr)
        return 1
    return 0


async def _serve(settings: Settings, host: str, port: int) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with running(settings, host, port) as url:
        print(f"listening on {url}", flush=True)
        await stopped.wait()


if __name__ == "__main__":
    sys.exit(main())
