"""Stands in for the processes of the application: `python standin.py ROLE`. Tells the file EVENTS what happens."""

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit


def tell(event: str) -> None:
    with Path(os.environ["EVENTS"]).open("a") as events:
        events.write(event + "\n")


def answers(url: str) -> bool:
    try:
        socket.create_connection((urlsplit(url).hostname, urlsplit(url).port), timeout=1).close()
    except OSError:
        return False
    return True


class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(dict(os.environ)).encode())

    def log_message(self, *_: object) -> None:
        pass


def serve(port: int) -> None:
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Pages).serve_forever()


def web() -> None:
    helper = subprocess.Popen(["sleep", "30"])
    tell(f"helper {helper.pid}")
    serve(int(os.environ["PORT"]))


def worker() -> None:
    """Takes WORKER_TAKES seconds to stop, and then says whether it still had what it needs."""

    def stop(*_: object) -> None:
        time.sleep(float(os.environ.get("WORKER_TAKES", "0")))
        needed = ("DATABASE_URL", "REDIS_URL", "ANTHROPIC_BASE_URL")
        there = all(answers(os.environ[name]) for name in needed if "127.0.0.1" in os.environ.get(name, ""))
        tell("worker done" if there else "worker lost what it needs")
        sys.exit()

    signal.signal(signal.SIGTERM, stop)
    tell("worker started")
    while True:
        time.sleep(60)


def prepare() -> None:
    embedded = "127.0.0.1" in os.environ["DATABASE_URL"]
    tell("prepared" if not embedded or answers(os.environ["DATABASE_URL"]) else "no database")
    time.sleep(float(os.environ.get("PREPARE_TAKES", "0")))
    sys.exit(int(os.environ.get("PREPARE_EXITS", "0")))


def broken() -> None:
    print("isto não funciona", flush=True)
    sys.exit(3)


if __name__ == "__main__":
    role = sys.argv[1]
    if role == "api":
        serve(int(sys.argv[sys.argv.index("--port") + 1]))
    {"web": web, "worker": worker, "prepare": prepare, "broken": broken}[role]()
