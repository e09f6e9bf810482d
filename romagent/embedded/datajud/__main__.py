"""Run the simulated DataJud as a process: `python -m romagent.embedded.datajud --port 8766`."""

import os
import sys
from contextlib import AbstractAsyncContextManager

from romagent.embedded.serving import main

from .server import Settings, running


def _running(host: str, port: int) -> AbstractAsyncContextManager[str]:
    return running(Settings.from_environment(os.environ), host, port)


if __name__ == "__main__":
    sys.exit(main("datajud", "DataJud simulado, para desenvolvimento e testes.", _running))
