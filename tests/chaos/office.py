"""Everything that runs: two web and two worker processes, PostgreSQL, Valkey, the simulated API, and a network between.

A keeper does what a host's supervisor does and nothing else: what has died is started again.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg
import psycopg.rows
import redis

from romagent.embedded.kept import LOCALHOST, free_port
from romagent.embedded.postgres import EmbeddedPostgres
from romagent.embedded.processes import Child
from romagent.embedded.programs import Programs, Simulated, Web
from romagent.embedded.valkey import EmbeddedValkey
from tests.chaos.ledger import Case
from tests.chaos.relay import Network
from tests.client import wait_until
from tests.stack import ROOT, Stack, Worker

LEASE_SECONDS, GRACE_SECONDS = 3, 2
LOOK_SECONDS = 0.4  # how often the keeper looks
TOKENS, TOKENS_PER_SECOND, FIRST_TOKEN_MS = 140, 40, 150
SLOW_START = 120.0  # seconds
KEPT = ROOT / "artefacts" / "chaos"
POLITE = ("nice", "-n", "5")  # others are tested on this machine at the same time

# What is written to replies and summaries, by whom, as PostgreSQL sees it: each line is one change of one of them. And
# which acts were told as done before they were on disk: every act has an audit row.
WATCH = r"""
CREATE SCHEMA chaos;
CREATE TABLE chaos.writes (
    number bigserial PRIMARY KEY, reply uuid, attempt int, before_attempt int, status text, before_status text,
    silence interval, shrinks boolean, grows boolean, application text, at timestamptz DEFAULT clock_timestamp()
);
CREATE FUNCTION chaos.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos.writes (reply, attempt, before_attempt, status, before_status, silence, shrinks, grows, application)
    VALUES (NEW.id, NEW.attempts, OLD.attempts, NEW.status, OLD.status,
        clock_timestamp() - coalesce(OLD.heartbeat_at, OLD.created_at),
        NOT starts_with(NEW.content, rtrim(OLD.content, E' \n\t\r')), NEW.content <> OLD.content,
        current_setting('application_name'));
    RETURN NULL;
END $$;
CREATE TRIGGER chaos_note AFTER UPDATE ON messages FOR EACH ROW WHEN (NEW.role = 'assistant' AND (
    NEW.content <> OLD.content OR NEW.status <> OLD.status OR NEW.attempts <> OLD.attempts
)) EXECUTE FUNCTION chaos.note();
CREATE FUNCTION chaos.note_summary() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos.writes (reply, attempt, before_attempt, status, before_status, silence, shrinks, grows, application)
    VALUES (NEW.id, NEW.attempts, OLD.attempts, NEW.status, OLD.status,
        clock_timestamp() - coalesce(OLD.heartbeat_at, OLD.created_at), NEW.parts_done < OLD.parts_done,
        NEW.result <> OLD.result OR NEW.parts_done <> OLD.parts_done, current_setting('application_name'));
    RETURN NULL;
END $$;
CREATE TRIGGER chaos_note AFTER UPDATE ON summaries FOR EACH ROW WHEN (
    NEW.result <> OLD.result OR NEW.parts_done <> OLD.parts_done OR NEW.status <> OLD.status
    OR NEW.attempts <> OLD.attempts
) EXECUTE FUNCTION chaos.note_summary();
CREATE TABLE chaos.hasty (application text, action text);
CREATE FUNCTION chaos.note_haste() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos.hasty VALUES (current_setting('application_name'), NEW.action);
    RETURN NULL;
END $$;
CREATE TRIGGER chaos_haste AFTER INSERT ON audit_log FOR EACH ROW
    WHEN (current_setting('synchronous_commit') <> 'on') EXECUTE FUNCTION chaos.note_haste();
"""


class Office:
    def __init__(self, directory: Path, say: Callable[[str], None]) -> None:
        self.directory = directory
        self.say = say
        self.postgres = EmbeddedPostgres(directory / "postgres", fsync=False)
        # What nobody waits for stays in PostgreSQL's memory for long: a kill takes it along.
        self.postgres.settings |= {"wal_writer_delay": "10s"}
        self.valkey = EmbeddedValkey(directory / "valkey")
        self.doors = {name: free_port() for name in ("postgres", "valkey", "api")}
        self.secret = secrets.token_hex(32)
        self.journal = directory / "journal.jsonl"
        self.runs: dict[str, int] = {}  # of each process of the product: which start this is
        self.kept: dict[str, Child] = {}
        self.leaving = threading.Event()
        self.restarts: dict[str, int] = {}
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    # Starting and stopping ----------------------------------------------------------------------

    def start(self) -> None:
        self.postgres.start()
        self.valkey.start()
        argv = [*POLITE, sys.executable, "-m", "tests.chaos.api"]
        pace = {
            "SIMULATED_FIRST_TOKEN_MS": str(FIRST_TOKEN_MS),
            "SIMULATED_TOKENS_PER_SECOND": str(TOKENS_PER_SECOND),
            "SIMULATED_ANSWER_TOKENS": str(TOKENS),
            "CHAOS_JOURNAL": str(self.journal),
        }
        env = machine() | pace
        self.api = Simulated(argv, free_port(), env=env, cwd=ROOT, log=self.log("api"))
        self.api.start()
        servers = {"postgres": self.postgres.port, "valkey": self.valkey.port, "api": self.api.port}
        doors = {name: (front, servers[name]) for name, front in self.doors.items()}
        self.network = Network(doors, env=machine(), cwd=ROOT, log=self.log("network"))
        self.network.start()
        self._prepare()
        self.webs = [self._web(f"web-{number}") for number in (1, 2)]
        self.workers = [self._worker(f"worker-{number}") for number in (1, 2)]
        self.kept = {"postgres": self.postgres, "valkey": self.valkey, "api": self.api}
        self.kept |= {f"web-{number}": child for number, child in enumerate(self.webs, 1)}
        self.kept |= {f"worker-{number}": child for number, child in enumerate(self.workers, 1)}
        for name, child in self.kept.items():
            if isinstance(child, Web | Worker):
                self._launch(name, child)
        self.wait_until_ready()
        self._keeper.start()

    def _prepare(self) -> None:
        deployment = Stack.__new__(Stack)  # its way of collecting static files: once for all that run on this tree
        deployment.root = ROOT
        deployment.environment = self.environment  # type: ignore[method-assign]
        deployment._collect_static()
        deployment.run("manage.py", "prepare")
        self.execute(WATCH)

    def wait_until_ready(self) -> None:
        for child in self.kept.values():
            wait_until(child.ready, f"{child.argv} is ready", SLOW_START)

    def stop(self) -> None:
        self.leaving.set()
        if self._keeper.ident:
            self._keeper.join()
        for child in reversed([*self.kept.values(), *([self.network] if hasattr(self, "network") else [])]):
            child.kill()
        self.postgres.remove()
        self.valkey.kill()
        if hasattr(self, "api"):
            self.api.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def environment(self, **changes: str) -> dict[str, str]:
        ours = {
            "DJANGO_SETTINGS_MODULE": "romagent.settings",
            "SESSION_SECRET": self.secret,
            "DATABASE_URL": self.through("postgres", self.postgres.url),
            "REDIS_URL": self.through("valkey", self.valkey.url),
            "ANTHROPIC_BASE_URL": f"http://{LOCALHOST}:{self.doors['api']}",
            "ANTHROPIC_API_KEY": "chave-dos-testes",
            "ANTHROPIC_READ_TIMEOUT": "8",
            "DEBUG": "false",
            "HTTPS": "false",
            "SHUTDOWN_GRACE_SECONDS": str(GRACE_SECONDS),
            "REPLY_LEASE_SECONDS": str(LEASE_SECONDS),
            "MESSAGES_PER_MINUTE": "1000",
            "STREAMS_PER_PERSON": "1000",
            "UPLOADS_PER_HOUR": "10000",
            "CLEANUP_NIGHTLY": "false",
            "MEDIA_ROOT": str(self.directory / "media"),
            "PYTHONUNBUFFERED": "1",
        }
        return machine() | ours | changes

    def through(self, name: str, url: str) -> str:
        """The address of a server as the product knows it: its door."""
        port = self.postgres.port if name == "postgres" else self.valkey.port
        return url.replace(f":{port}/", f":{self.doors[name]}/")

    def log(self, name: str) -> Path:
        return self.directory / f"{name}.log"

    def _web(self, name: str) -> Web:
        port = free_port()
        argv = [*POLITE, *(Programs().web or ())]
        web = Web(argv, port, env=self.environment(PORT=str(port), PROCESS_NAME=name), cwd=ROOT)
        web.log = self.log(name)
        return web

    def _worker(self, name: str) -> Worker:
        argv = [*POLITE, *(Programs().worker or ())]
        return Worker(argv, env=self.environment(PROCESS_NAME=name), cwd=ROOT, log=self.log(name))

    def people(self, count: int) -> tuple[list[dict[str, str]], list[Case]]:
        """So many people who have signed in, and the cases they share; see `people.py`."""
        argv = [sys.executable, "-m", "tests.chaos.people", str(count)]
        done = subprocess.run(argv, env=self.environment(), cwd=ROOT, capture_output=True, text=True, check=True)
        said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        cases = [Case(**one | {"people": {int(who): it for who, it in one["people"].items()}}) for one in said[count:]]
        for case in cases:
            case.inside = set(case.people)
        return said[:count], cases

    # The keeper ---------------------------------------------------------------------------------

    def _keep(self) -> None:
        """From one thread that stays: Linux ends the children of one that leaves."""
        while not self.leaving.wait(LOOK_SECONDS):
            for name, child in self.kept.items():
                if not child.alive():
                    self.restarts[name] = self.restarts.get(name, 0) + 1
                    self._launch(name, child)

    def _launch(self, name: str, child: Child) -> None:
        """Each start has a name of its own, by which PostgreSQL tells one run of a process from the next."""
        self.runs[name] = self.runs.get(name, 0) + 1
        if isinstance(child, Web | Worker):
            child.env = {**(child.env or {}), "PROCESS_NAME": f"{name}.{self.runs[name]}"}
        child.launch()

    # Looking ------------------------------------------------------------------------------------

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Straight from PostgreSQL, not through its door."""
        with psycopg.connect(
            self.postgres.url, row_factory=psycopg.rows.dict_row, connect_timeout=10, application_name="conta"
        ) as connection:
            named = parameters[0] if parameters and isinstance(parameters[0], dict) else parameters or None
            return connection.execute(query, named).fetchall()  # type: ignore[arg-type]

    def rows_named(self, query: str, **values: Any) -> list[dict[str, Any]]:
        return self.rows(query, values)

    def value(self, query: str, *parameters: Any) -> Any:
        return next(iter(self.rows(query, *parameters)[0].values()))

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.postgres.url, connect_timeout=10) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.valkey.url, single_connection_client=True)

    def calls(self) -> list[dict[str, Any]]:
        """The journal of the API; a line that a kill has cut short is none."""
        found = []
        for line in self.journal.read_text(encoding="utf-8").splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found

    def usage(self) -> dict[str, dict[str, int]]:
        """Of each process of the product, with what it has started: megabytes, files and sockets open, children."""
        found = {}
        for name, child in self.kept.items():
            if not isinstance(child, Web | Worker):
                continue
            parent = psutil.Process(child.pid)
            family = [parent, *parent.children(recursive=True)]
            found[name] = {
                "megabytes": sum(one.memory_info().rss for one in family) // 1_000_000,
                "files": sum(one.num_fds() for one in family),
                "processes": len(family),
            }
        return found

    def connections(self) -> list[dict[str, Any]]:
        return self.rows(
            "SELECT application_name AS name, state, count(*) AS count FROM pg_stat_activity "
            "WHERE application_name ~ '^(web|worker)-' GROUP BY 1, 2"
        )

    def keep_logs(self) -> Path:
        """Where the logs of the last run can be read afterwards."""
        KEPT.mkdir(parents=True, exist_ok=True)
        for path in (*self.directory.glob("*.log"), *self.directory.glob("*/*.log")):
            shutil.copy(path, KEPT)
        return KEPT


def machine() -> dict[str, str]:
    """Of our own environment only what says where things are."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV") if name in os.environ}


def new_mark(person: int) -> str:
    return f"marca-{person}-{uuid.uuid4().hex[:8]}"


def until(met: Callable[[], Any], seconds: float) -> bool:
    """Whether it came to be within so many seconds."""
    deadline = time.monotonic() + seconds
    while not met():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True
