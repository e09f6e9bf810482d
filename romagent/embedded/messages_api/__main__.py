"""Run the simulated API as a process: `python -m romagent.embedded.messages_api --port 8765`."""

import os
import sys
from contextlib import AbstractAsyncContextManager

from romagent.embedded.serving import main

from .server import running
from .settings import Settings


def _running(host: str, port: int) -> AbstractAsyncContextManager[str]:
    return running(Settings.from_environment(os.environ), host, port)


if __name__ == "__main__":
    sys.exit(main("messages_api", "API de mensagens simulada, para desenvolvimento e testes.", _running))
