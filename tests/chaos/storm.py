"""One run: everything starts, people work, things break, all is quiet again, and everything is accounted for."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos import account, audit_rows, cases, orders, summaries
from tests.chaos.faults import Breaker, plan
from tests.chaos.lawyers import Load
from tests.chaos.ledger import Ledger
from tests.chaos.office import Office, until

QUIET_SECONDS = 900.0  # at most: a file whose job has died is found again after ten minutes at the latest
LAWYERS = 50
# A run in which less was promised has shown nothing.
AT_LEAST = {
    "questions": 40, "versions": 15, "files": 10, "conversations": 5, "calls": 40, "writes": 120, "shared": 1,
    "orders": 1, "parts": 1, "summaries": 1, "shut out": 1, "overslept": 1, "killed at a promise": 1,
}  # fmt: skip


@dataclass
class Storm:
    seed: int
    seconds: float
    lawyers: int = LAWYERS
    say: Callable[[str], None] = print
    ledger: Ledger = field(default_factory=Ledger)
    wrongs: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)  # of what a run is for, how much of it there was

    def run(self) -> list[str]:
        """What is wrong afterwards, in sentences; nothing, if all is as promised."""
        directory = Path(tempfile.mkdtemp(prefix="romagent-chaos-"))
        directory.chmod(0o711)  # root's PostgreSQL runs as somebody else, who has to get in
        self.office = Office(directory, self.say)
        try:
            self.office.start()
            self._storm()
            self._settle()
            self._account()
        finally:
            self.say(f"the logs: {self.office.keep_logs()}")
            self.office.stop()
            shutil.rmtree(directory, ignore_errors=True)
        return self.wrongs

    def _storm(self) -> None:
        self.people, self.ledger.cases = self.office.people(self.lawyers)
        self.before = self.office.usage()
        self.since = self.office.value("SELECT clock_timestamp()")
        faults = plan(self.seed, self.seconds)
        load = Load([web.port for web in self.office.webs], self.ledger, self.people, self.seed)
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=lambda: loop.run_until_complete(load.run()), daemon=True)
        thread.start()

        def flood(count: int) -> None:
            asyncio.run_coroutine_threadsafe(load.flood(count), loop)

        breaker = Breaker(self.office, faults, self.ledger, flood)
        begun = time.monotonic()
        breaker.run(self.seconds)
        breaker.wake_up()
        loop.call_soon_threadsafe(load.leaving.set)
        thread.join()
        loop.close()
        self.seen |= {"overslept": breaker.overslept, "killed at a promise": breaker.startled}
        self.figures |= {"faults": breaker.done, "restarts": dict(self.office.restarts), "promised": self.ledger.sums()}
        self.figures |= {"seconds": round(time.monotonic() - begun), "done": dict(sorted(self.ledger.counts.items()))}

    def _settle(self) -> None:
        begun = time.monotonic()
        office = self.office
        office.wait_until_ready()
        # What still waited at a door when its person left is taken before this: the doors are queues.
        doors = range(len(office.webs))
        let_in = until(
            lambda: all(account.is_served(office, who["cookie"], web) for who in self.people[:1] for web in doors), 120
        )
        if not let_in:
            self._note("quiet", ["a web process serves nobody"])
        quiet = until(lambda: account.is_quiet(office), QUIET_SECONDS)
        self.figures["settled after"] = round(time.monotonic() - begun)
        self.say(f"quiet after {self.figures['settled after']} s")
        if not quiet:
            self._note("quiet", account.still_open(office))

    def _account(self) -> None:
        office, ledger = self.office, self.ledger
        self._note("seen by the people", ledger.wrongs)
        self._note("health", account.check_health(office))
        self._note("questions", account.check_questions(office, ledger))
        self._note("pens", account.check_pens(office, ledger))
        self._note("durability", account.check_durability(office))
        self._note("calls", account.check_calls(office, ledger))
        self._note("documents", account.check_documents(office, ledger))
        self._note("drafts", orders.check_drafts(office, ledger))
        self._note("summaries", summaries.check_summaries(office, ledger))
        self._note("cases", cases.check_cases(office, ledger, [who["cookie"] for who in self.people]))
        self._note("files", account.check_files(office, ledger, [who["cookie"] for who in self.people]))
        self._note("names", account.check_names(office, ledger))
        self._note("audit", audit_rows.check_audit(office, self.since))
        self._note("jobs", self._failed_jobs())
        self._note("a new question", self._asks_again())
        self._note("resources", account.check_resources(office, self.before))
        self.seen |= {
            "calls": len(office.calls()),
            "writes": office.value("SELECT count(*) FROM chaos.writes"),
            "parts": office.value("SELECT coalesce(sum(part), 0) FROM document_drafts"),
            "shut out": ledger.counts.get("shut out", 0),
        }
        sums = ledger.sums() | self.seen
        self._note("load", (f"only {sums[what]} {what}" for what, least in AT_LEAST.items() if sums[what] < least))
        self.figures["replies"] = self._by_status("SELECT status FROM messages WHERE role = 'assistant'")
        self.figures["seen"] = self.seen
        self.figures["drafts"] = self._by_status("SELECT state AS status FROM document_drafts")
        self.figures["summaries"] = self._by_status("SELECT status FROM summaries")
        self.figures["turns"] = office.value("SELECT max(attempts) FROM messages")
        self.figures["taken over"] = office.value("SELECT count(*) FROM messages WHERE attempts > 1")
        self.say(f"{self.figures}")

    def _by_status(self, query: str) -> dict[str, int]:
        return dict(Counter(row["status"] for row in self.office.rows(query)))

    def _note(self, what: str, found: Iterable[str]) -> None:
        listed = [f"{what}: {one}" for one in found]
        for one in listed[:30]:
            self.say(one)
        self.wrongs += listed[:30]

    def _failed_jobs(self) -> list[str]:
        query = "SELECT task_name, args::text AS args, attempts FROM procrastinate_jobs WHERE status = 'failed'"
        return [f"{row['task_name']} failed after {row['attempts']}: {row['args']}" for row in self.office.rows(query)]

    def _asks_again(self) -> list[str]:
        """Somebody at each web process, who has not been there before the storm was over."""

        async def ask() -> list[str]:
            found = []
            for web in self.office.webs:
                later = Load([web.port], Ledger(cases=self.ledger.cases), self.people[:1], self.seed)
                asker = asyncio.create_task(_one_question(later))
                found += await asker
            return found

        return asyncio.run(ask())


async def _one_question(load: Load) -> list[str]:
    import aiohttp

    from tests.chaos.lawyers import Lawyer

    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as load.session:
        lawyer = Lawyer(0, load.people[0], load)
        await lawyer.begin()
    asked = load.ledger.asked[0]
    ended = [status for status, _ in asked.endings]
    return [*load.ledger.wrongs, *([] if ended == ["complete"] else [f"it was answered: {asked.certain}, {ended}"])]
