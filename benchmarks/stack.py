"""The real processes, as in production, on loopback: PostgreSQL, Valkey, the simulated API, web and worker."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Self
from urllib.request import ProxyHandler, Request, build_opener

import psycopg

from romagent.embedded.kept import LOCALHOST, free_port
from romagent.embedded.postgres import EmbeddedPostgres
from romagent.embedded.processes import Child
from romagent.embedded.programs import Programs, Simulated, Web
from romagent.embedded.valkey import EmbeddedValkey

ROOT = Path(__file__).resolve().parents[1]
FIRST_TOKEN_MS, TOKENS_PER_SECOND, ANSWER_TOKENS = 300, 40, 100
LOGS = ROOT / ".data" / "benchmark-logs"  # of the last run
WORKER_READY = "worker pronto"

_opener = build_opener(ProxyHandler({}))


class Api:
    """The simulated API's `/_sim/` paths."""

    def __init__(self, url: str) -> None:
        self.url = url

    def call(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/_sim/{path}", data=data, headers={"content-type": "application/json"})
        with _opener.open(request, timeout=10) as response:
            return json.load(response)

    def timings(self) -> dict[str, dict[str, Any]]:
        """When each marked question came and when each of its tokens was sent; forgets them."""
        found: dict[str, dict[str, Any]] = self.call("timings")
        return found


class Stack:
    """`with Stack() as stack:` everything runs, in a new directory that is removed at the end.

    `webs` and `workers` say how many of each; `application=False` starts none, for `start_web` and `start_worker`.
    """

    def __init__(self, webs: int = 1, workers: int = 1, *, application: bool = True) -> None:
        parent = ROOT / ".data"  # the disk of `make run`: what fsync costs depends on it
        parent.mkdir(mode=0o711, exist_ok=True)
        self.data = Path(tempfile.mkdtemp(prefix="benchmark-", dir=parent))
        self.data.chmod(0o711)
        self.programs = Programs()
        self.children: dict[str, Child] = {}
        self.port = free_port()
        self.ports = [self.port, *(free_port() for _ in range(webs - 1))]
        self.workers = workers
        self.application = application
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        try:
            self._start_servers()
            self._prepare()
            if self.application:
                self._start_application()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # Starting -----------------------------------------------------------------------------------

    def _start_servers(self) -> None:
        postgres = EmbeddedPostgres(self.data / "postgres")
        valkey = EmbeddedValkey(self.data / "valkey")
        self._start("postgres", postgres)
        self._start("valkey", valkey)
        pace = {
            "SIMULATED_FIRST_TOKEN_MS": str(FIRST_TOKEN_MS),
            "SIMULATED_TOKENS_PER_SECOND": str(TOKENS_PER_SECOND),
            "SIMULATED_ANSWER_TOKENS": str(ANSWER_TOKENS),
        }
        argv = [sys.executable, "-m", "benchmarks.simulated"]
        log = self.data / "messages_api.log"
        messages_api = Simulated(argv, free_port(), env=machine() | pace, cwd=ROOT, log=log)
        self._start("messages_api", messages_api)
        self.api = Api(messages_api.url)
        self.postgres_url, self.redis_url = postgres.url, valkey.url
        self.environment = machine() | production(self.port, postgres.url, valkey.url, messages_api.url)

    def _prepare(self) -> None:
        """What a deployment does before it starts: static files and migrations."""
        for command in (["collectstatic", "--noinput"], ["prepare"]):
            self._run(["manage.py", *command])

    def _start_application(self) -> None:
        for number in range(self.workers):
            self.start_worker(numbered("worker", number))
        for number, port in enumerate(self.ports):
            self.start_web(numbered("web", number), port)
        for number in range(self.workers):
            self.wait_for_worker(numbered("worker", number))

    def start_worker(self, name: str = "worker") -> None:
        """Comes back at once; `wait_for_worker` waits until it takes work."""
        self._start(name, Child(self.programs.worker or (), env=self.environment, cwd=ROOT, log=self.log(name)))

    def start_web(self, name: str = "web", port: int = 0) -> None:
        """Comes back when it answers."""
        port = port or self.port
        argv = [*(self.programs.web or ()), "--bind", f"{LOCALHOST}:{port}"]
        web = Web(argv, port, env=self.environment | {"PORT": str(port)}, cwd=ROOT)
        web.log = self.log(name)
        self._start(name, web)

    def wait_for_worker(self, name: str = "worker") -> None:
        deadline = time.monotonic() + 120
        while WORKER_READY not in self.log(name).read_text():
            if time.monotonic() > deadline or not self.children[name].alive():
                raise RuntimeError(f"the worker did not start: {self.children[name].last_lines()}")
            time.sleep(0.02)

    def _start(self, name: str, child: Child) -> None:
        self.children[name] = child
        child.start()

    def log(self, name: str) -> Path:
        return self.data / f"{name}.log"

    def _run(self, arguments: list[str]) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
        return done.stdout

    # Stopping -----------------------------------------------------------------------------------

    def stop(self) -> None:
        for child in reversed(self.children.values()):  # web first, PostgreSQL last
            child.stop()
        postgres = self.children.get("postgres")
        if isinstance(postgres, EmbeddedPostgres):
            postgres.remove()
        self._keep_logs()
        shutil.rmtree(self.data, ignore_errors=True)

    def _keep_logs(self) -> None:
        LOGS.mkdir(exist_ok=True)
        for log in self.data.glob("*.log"):
            shutil.copy(log, LOGS)

    # In between ---------------------------------------------------------------------------------

    def people(self, conversations: int, people: int, mark: str = "") -> list[dict[str, str]]:
        """Conversations of so many people, with their sessions' cookies; with a mark, each with a question."""
        arguments = [str(conversations), str(people), *([mark] if mark else [])]
        lines = self._run(["-m", "benchmarks.people", *arguments]).splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def finish_jobs(self, limit: float = 120.0) -> int:
        """Waits until every job is done, the titles too; how many are left after all."""
        deadline = time.monotonic() + limit
        query = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
        with psycopg.connect(self.postgres_url, autocommit=True) as connection:
            while (left := connection.execute(query).fetchall()[0][0]) and time.monotonic() < deadline:
                time.sleep(0.2)
        return int(left)


def numbered(name: str, number: int) -> str:
    """`web`, `web2`, `web3`…"""
    return f"{name}{number + 1}" if number else name


def machine() -> dict[str, str]:
    """Of our own environment only what says where things are."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV") if name in os.environ}


def production(port: int, postgres: str, redis: str, api: str) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "romagent.settings",
        "DEBUG": "false",
        "HTTPS": "false",
        "SESSION_SECRET": secrets.token_hex(32),
        "DATABASE_URL": postgres,
        "REDIS_URL": redis,
        "ANTHROPIC_BASE_URL": api,
        "ANTHROPIC_API_KEY": "simulada",
        "SIMULATED_API": "true",
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "LOG_LEVEL": "INFO",
        "PYTHONUNBUFFERED": "1",
    }
