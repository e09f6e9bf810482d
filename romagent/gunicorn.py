"""gunicorn's settings, in production and under `make run`: `gunicorn -c python:romagent.gunicorn romagent.asgi`."""

import asyncio
import os
import signal
from typing import Any

from gunicorn import glogging

from romagent.base.logs import logging_config

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
worker_class = "asgi"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
timeout = 60  # seconds without a heartbeat of the event loop
graceful_timeout = int(os.environ.get("SHUTDOWN_GRACE_SECONDS", "20"))
keepalive = 30  # seconds; longer than the pause between two clicks
loglevel = "warning"
control_socket_disable = True  # it would be the same path for every instance of a user
proc_name = "romagent-web"
logconfig_dict = logging_config(
    as_json=os.environ.get("LOG_FORMAT") == "json",
    level="INFO",
    loggers={
        "gunicorn.error": {"level": "WARNING", "handlers": ["console"], "propagate": False},
        "environ": {"level": "WARNING"},  # a missing `.env` is as it should be in production
    },
)


class Logger(glogging.Logger):
    """gunicorn's own, without a line for each request: configured as above it would make one, and show it nowhere.

    Ours says what it would: `romagent.base.middleware.request_log`.
    """

    access_log_enabled = False


logger_class = Logger


def post_worker_init(worker: Any) -> None:
    """A redeploy: end the streams at once (their readers go on elsewhere), then leave without waiting for idle ones."""
    tasks: set[asyncio.Task[None]] = set()

    def terminate() -> None:
        worker.handle_exit_signal()
        tasks.add(worker.loop.create_task(_leave(worker)))

    worker.loop.add_signal_handler(signal.SIGTERM, terminate)


async def _leave(worker: Any) -> None:
    from romagent.asgi import application

    await application.drain()
    worker.handle_quit_signal()  # what is still connected is idle
