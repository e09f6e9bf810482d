"""Numbers and cases for the tests. The last two digits of the sequence say what kind of process the simulation makes."""

from __future__ import annotations

import asyncio
import itertools
import queue
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from jurisprudence.datajud.models import CourtCase
from projects.cnj import CaseNumber, check_digits_of, parse

ROOT = Path(__file__).resolve().parents[3]
# Answers in the real format, beside the repository.
FIXTURES = next(filter(Path.is_dir, (parent / "shared/data/datajud" for parent in ROOT.parents)), None)

ONE, TWO_GRADES, SECRET, IRREGULAR, HARMFUL, MISSING = 0, 80, 85, 88, 77, 90
_sequence = itertools.count(1)


def number(kind: int = ONE, *, court: str = "826", unit: str = "0100", year: int = 2024) -> CaseNumber:
    """A number that no other test uses: seven digits that end in the kind, with the right check digits."""
    return numbered(next(_sequence), kind, court=court, unit=unit, year=year)


def numbered(sequence: int, kind: int = ONE, *, court: str = "826", unit: str = "0100", year: int = 2024) -> CaseNumber:
    digits = f"{sequence:05}{kind:02}00{year}{court}{unit}"
    return parse(digits[:7] + check_digits_of(digits) + digits[9:])


def make_case(of: CaseNumber | None = None, **fields: object) -> CourtCase:
    case: CourtCase = CourtCase.objects.create(number=(of or number()).digits, **fields)
    return case


class Here:
    """Runs a coroutine beside the test, and its database work in the test's own thread: within its transaction."""

    def __init__(self) -> None:
        self.calls: queue.Queue[Any] = queue.Queue()

    async def database(self, call: Callable[..., Any], *args: Any) -> Any:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self.calls.put((call, args, loop, future))
        return await future

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        found: list[Any] = []

        def beside() -> None:
            try:
                found.append(asyncio.run(coroutine))
            except BaseException as error:  # for the test, whatever it is
                found.append(error)
            self.calls.put(None)

        thread = threading.Thread(target=beside, daemon=True)
        thread.start()
        while waiting := self.calls.get(timeout=120):
            self._do(*waiting)
        thread.join(5)
        if isinstance(found[0], BaseException):
            raise found[0]
        return found[0]

    @staticmethod
    def _do(call: Callable[..., Any], args: tuple[Any, ...], loop: Any, future: Any) -> None:
        try:
            result = call(*args)
        except Exception as error:
            loop.call_soon_threadsafe(future.set_exception, error)
        else:
            loop.call_soon_threadsafe(lambda: future.cancelled() or future.set_result(result))


HERE = Here()
