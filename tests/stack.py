"""The product's real processes, for tests that kill, freeze and restart them; a pytest plugin with the `stack` fixture.

PostgreSQL, Valkey, the simulated Messages API, the web server and the worker, started by the commands of production
with `DEBUG` off, on servers and ports of their own. Nothing here uses Django: what was saved is read with psycopg, and
what people see comes over HTTP. After each test, what was promised to those who asked is checked (`check_promises`).
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, LiteralString

import psutil
import psycopg
import psycopg.rows
import pytest
import redis

from romagent.embedded.datajud.process import SimulatedDataJud
from romagent.embedded.kept import free_port, is_free
from romagent.embedded.messages_api import answers
from romagent.embedded.messages_api.process import SimulatedApi
from romagent.embedded.messages_api.prompt import read_prompt
from romagent.embedded.postgres import EmbeddedPostgres
from romagent.embedded.processes import Child
from romagent.embedded.programs import Programs, Web
from romagent.embedded.valkey import EmbeddedValkey
from tests.client import PATIENCE, Question, Reader, Visitor, letters, wait_until

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "demonstracao"
LAWYER, COLLEAGUE = "advogada@exemplo.adv.br", "colega@exemplo.adv.br"
LEASE_SECONDS, GRACE_SECONDS = 3, 2
UNFINISHED = ("queued", "streaming")
CAN_CONTINUE = ("stopped", "interrupted", "failed")
SHOWN_OF_A_LOG = 12_000  # characters


class Worker(Child):
    """Ready when it says so."""

    def ready(self) -> bool:
        return self.alive() and "worker pronto" in self.last_lines(10_000)


class Stack:
    """All processes. `web` and `worker` always run between tests; `another_web` and `another_worker` add others."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.root = ROOT  # of the release that runs
        self.secret = secrets.token_hex(32)
        self.postgres = EmbeddedPostgres(directory / "postgres", fsync=False)
        self.valkey = EmbeddedValkey(directory / "valkey")
        self.port = free_port()
        self.asked: list[Question] = []
        self.failures = 0  # of the run, before this test
        self.others: list[Child] = []
        self._signed_in: dict[str, dict[str, str]] = {}
        self._pace: dict[str, float] = {}
        self._log_marks: dict[Path, int] = {}

    # Starting and stopping ----------------------------------------------------------------------

    def start(self) -> None:
        self.postgres.start()
        self.valkey.start()
        self.api = SimulatedApi.start(free_port())
        self.datajud = SimulatedDataJud.start(seconds=0.2)
        self._collect_static()
        self.run("manage.py", "prepare", EMBEDDED_POSTGRES="true")  # makes the accounts, too
        self.worker = self._worker("worker")
        self.web = self._web("web", self.port)
        self.worker.launch()
        self.web.start()
        self.start_worker()

    def stop(self) -> None:
        for child in (*self.others, *(getattr(self, name, None) for name in ("web", "worker"))):
            if child:
                child.kill()
        if hasattr(self, "api"):
            self.api.kill()
        if hasattr(self, "datajud"):
            self.datajud.stop()
        self.valkey.kill()
        self.postgres.remove()
        shutil.rmtree(self.directory, ignore_errors=True)

    def environment(self, **changes: str) -> dict[str, str]:
        """Of the developer's own only what says where things are; the rest as in production."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV") if name in os.environ}
        ours = {
            "SESSION_SECRET": self.secret,
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "ANTHROPIC_BASE_URL": self.api.url,
            "ANTHROPIC_API_KEY": "chave-dos-testes",
            "DATAJUD_URL": self.datajud.url,
            "DATAJUD_API_KEY": self.datajud.key,
            "DEBUG": "false",
            "HTTPS": "false",
            "SHUTDOWN_GRACE_SECONDS": str(GRACE_SECONDS),
            "REPLY_LEASE_SECONDS": str(LEASE_SECONDS),
            "MESSAGES_PER_MINUTE": "1000",  # two people ask for a whole office
            "STREAMS_PER_PERSON": "1000",
            "MEDIA_ROOT": str(self.directory / "media"),
            "PYTHONUNBUFFERED": "1",
        }
        return kept | ours | changes

    def run(self, *arguments: str, **changes: str) -> None:
        """Runs a command of the product's to its end."""
        argv = [sys.executable, *arguments]
        done = subprocess.run(argv, env=self.environment(**changes), cwd=self.root, capture_output=True, text=True)
        assert not done.returncode, f"{' '.join(arguments)}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"

    def _collect_static(self) -> None:
        """As a deployment does; only when something has changed, since compressing all of it takes ten seconds."""
        made = ROOT / "staticfiles" / "staticfiles.json"
        sources = [ROOT / "requirements.txt", *(path for path in (ROOT / "static").rglob("*") if path.is_file())]
        with (ROOT / "manage.py").open() as one_at_a_time:
            fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
            if not made.exists() or max(path.stat().st_mtime for path in sources) > made.stat().st_mtime:
                self.run("manage.py", "collectstatic", "--noinput")

    def _web(self, name: str, port: int, **changes: str) -> Web:
        environment = self.environment(PORT=str(port), PROCESS_NAME=name, **changes)
        child = Web(Programs().web or (), port, env=environment, cwd=self.root)
        child.log = self.directory / f"{name}.log"
        return child

    def _worker(self, name: str, **changes: str) -> Worker:
        environment = self.environment(PROCESS_NAME=name, **changes)
        log = self.directory / f"{name}.log"
        return Worker(Programs().worker or (), env=environment, cwd=self.root, log=log)

    def install(self, root: Path) -> None:
        """Puts another release in the place of the one that has been stopped; the next starts are of it."""
        assert not self.web.alive()
        assert not self.worker.alive()
        self.root = root
        self.web, self.worker = self._web("web", self.port), self._worker("worker")

    def start_web(self) -> None:
        """The web server again, on its port, as soon as that is free."""
        wait_until(lambda: is_free(self.port, host=""), "the web server's port is free")
        self.web.kill()  # nothing of it is left by now; takes note of its end
        self.web.start()

    def start_worker(self) -> None:
        if not self.worker.alive():
            self.worker.launch()
        wait_until(self.worker.ready, "the worker is ready")

    def another_web(self, name: str, **changes: str) -> Web:
        web = self._web(name, free_port(), **changes)
        self.others.append(web)
        return web.start()

    def another_worker(self, name: str, *, wait: bool = True, **changes: str) -> Worker:
        worker = self._worker(name, **changes)
        self.others.append(worker)
        worker.launch()
        if wait:
            wait_until(worker.ready, f"{name} is ready")
        return worker

    def kill_everything(self) -> None:
        for child in (self.web, self.worker, self.valkey, self.postgres):
            child.kill()
        self.api.kill()

    def start_everything(self) -> None:
        self.postgres.start(self.postgres.port)
        self.valkey.start(self.valkey.port)
        self.start_api()
        self.worker.launch()
        self.start_web()
        self.start_worker()

    def start_api(self) -> None:
        """Again, at the pace of before: what was being written is asked for as soon as a worker runs."""
        self.api = SimulatedApi.start(self.api.port)
        self.api.configure(**self._pace)

    # Between tests ------------------------------------------------------------------------------

    def refresh(self, *, doubtful: bool = False) -> None:
        """Everything runs, nothing is scripted, nobody else is there. `doubtful`: what runs is not to be trusted."""
        self.restore()
        for child in self.others:
            child.kill()
        self.others.clear()
        if doubtful:
            self.web.kill()
            self.worker.kill()
            self.restore()
        self.api.reset()
        self.datajud.reset()
        self.pace()
        self.asked.clear()
        self._log_marks = {path: path.stat().st_size for path in self.directory.glob("*.log")}

    def restore(self) -> None:
        """Whatever was frozen or has ended runs again."""
        for child in (self.postgres, self.valkey, self.web, self.worker, *self.others):
            if child.alive():
                self.signal_all(child, signal.SIGCONT)
        if not self.postgres.alive():
            self.postgres.start(self.postgres.port)
        if not self.valkey.alive():
            self.valkey.start(self.valkey.port)
        if self.api._process.poll() is not None:
            self.start_api()
        if not self.web.alive():
            self.start_web()
        self.start_worker()

    def pace(self, *, tokens: int = 120, rate: float = 50, first: float = 50) -> None:
        """The answers of this test: how many tokens, how many a second, milliseconds before the first."""
        self.tokens = tokens
        self._pace = {"answer_tokens": tokens, "tokens_per_second": rate, "first_token_ms": first}
        self.api.configure(**self._pace)

    def logs(self, *names: str) -> dict[str, str]:
        """What was logged since the test began."""
        paths = [self.directory / f"{name}.log" for name in names] or sorted(self.directory.glob("*.log"))
        found = {}
        for path in paths:
            with path.open("rb") as file:
                file.seek(min(self._log_marks.get(path, 0), path.stat().st_size))
                found[path.stem] = file.read().decode(errors="replace")
        return found

    # People -------------------------------------------------------------------------------------

    def visitor(self, email: str = LAWYER, *, fresh: bool = False) -> Visitor:
        """A browser in which this person has signed in: for real, but only once a run unless `fresh`."""
        visitor = Visitor(self.port, self.asked)
        if fresh or email not in self._signed_in:
            visitor.sign_in(email, PASSWORD)
            if not fresh:
                self._signed_in[email] = dict(visitor.cookies)
        else:
            visitor.cookies = dict(self._signed_in[email])
        return visitor

    # What is saved ------------------------------------------------------------------------------

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.postgres.url, row_factory=psycopg.rows.dict_row, connect_timeout=5) as connection:
            return connection.execute(query, parameters).fetchall()

    def execute(self, statement: LiteralString) -> None:
        """Something that gives no rows."""
        with psycopg.connect(self.postgres.url, connect_timeout=5) as connection:
            connection.execute(statement)

    def reply(self, reply_id: str) -> dict[str, Any]:
        return self.rows("SELECT * FROM messages WHERE id = %s", reply_id)[0]

    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.valkey.url, single_connection_client=True)

    def answer_to(self, question: str, tokens: int | None = 0) -> str:
        """The whole text that the simulated API gives for this question."""
        prompt = read_prompt({"messages": [{"role": "user", "content": question}]}, lambda _: None)
        passages = answers.answer(prompt, self.tokens if tokens == 0 else tokens)
        return "".join(passage.text for passage in passages)

    def check_read_whole(self, reader: Reader) -> None:
        """What the reader saw grew into the answer, and was never anything but its beginning."""
        reader.wait_for_end()
        question = next(question.content for question in self.asked if question.reply == reader.reply)
        whole = letters(self.answer_to(question))
        for number, shown in enumerate(reader.growth):
            if not whole.startswith(shown):
                names = [event.name for event in reader.events[max(0, number - 5) : number + 1]]
                pytest.fail(f"the page showed something else after {names}: {difference(shown, whole)}")
        assert 'data-status="complete"' in reader.article
        assert whole in letters(reader.article), difference(letters(reader.article), whole)

    # Faults -------------------------------------------------------------------------------------

    @staticmethod
    def web_worker_of(web: Web) -> psutil.Process:
        """gunicorn's worker process, which serves."""
        return psutil.Process(web.pid).children()[0]

    @staticmethod
    def signal_all(child: Child, number: int) -> None:
        """Sends a signal to the process and all that it started, parents first."""
        parent = psutil.Process(child.pid)
        for process in (parent, *parent.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    # Promises -----------------------------------------------------------------------------------

    def check_promises(self) -> None:
        """Everything that was accepted is there, once; every reply has ended, exact or cut and continuable; the
        sessions of before still work; and nothing of what was asked is in a log."""
        self.wait_until_ended()
        for question in self.asked:
            self._check(question)
        for email in self._signed_in:
            assert self.visitor(email).get("/conversas/").status == 200, f"{email} is no longer signed in"
        for name, text in self.logs().items():
            for question in self.asked:
                assert question.content not in text, f"{name}.log holds a question"

    def wait_until_ended(self, seconds: float = PATIENCE) -> None:
        query = "SELECT count(*) FROM messages WHERE status IN ('queued', 'streaming')"
        wait_until(lambda: self.rows(query)[0]["count"] == 0, "every reply has ended", seconds)

    def _check(self, question: Question) -> None:
        saved = self.rows(
            "SELECT * FROM messages WHERE conversation_id = %s AND role = 'user' AND content = %s",
            question.conversation,
            question.content,
        )
        assert len(saved) == 1, f"the question is there {len(saved)} times"
        replies = self.rows("SELECT * FROM messages WHERE reply_to_id = %s ORDER BY id", saved[0]["id"])
        assert replies, "nobody owes this question an answer"
        assert len(replies) == 1, f"{len(replies)} replies to one question"
        whole = self.answer_to(question.content)
        for reply in replies:
            if reply["status"] == "complete":
                assert reply["content"] == whole, difference(reply["content"], whole)
            else:
                assert reply["status"] in CAN_CONTINUE, reply["status"]
                assert whole.startswith(reply["content"]), difference(reply["content"], whole)


def difference(found: str, wanted: str) -> str:
    differing = (i for i, (a, b) in enumerate(zip(found, wanted, strict=False)) if a != b)
    same = next(differing, min(len(found), len(wanted)))
    return (
        f"not the answer's text: {len(found)} characters for {len(wanted)}, the same up to {same}:\n"
        f"…{found[max(0, same - 60) : same + 80]!r}\ninstead of\n…{wanted[max(0, same - 60) : same + 80]!r}"
    )


# pytest ------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def processes() -> Iterator[Stack]:
    directory = Path(tempfile.mkdtemp(prefix="romagent-stack-"))
    directory.chmod(0o711)  # root's PostgreSQL runs as somebody else, who has to get in
    stack = Stack(directory)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def stack(request: pytest.FixtureRequest, processes: Stack) -> Iterator[Stack]:
    """The running product, as after a quiet night; afterwards the promises are checked, unless the test failed."""
    processes.refresh(doubtful=request.session.testsfailed > processes.failures)
    processes.failures = request.session.testsfailed
    yield processes
    if not request.node.stash.get(FAILED, False):
        processes.restore()
        processes.check_promises()


@pytest.fixture
def lawyer(stack: Stack) -> Iterator[Visitor]:
    visitor = stack.visitor()
    yield visitor
    visitor.close()


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A failed test shows what the processes said meanwhile."""
    report = yield
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.failed and stack is not None:
        item.stash[FAILED] = True
        for name, text in stack.logs().items():
            report.sections.append((f"{name}.log", text[-SHOWN_OF_A_LOG:]))
    return report
