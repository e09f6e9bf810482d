"""A file of precedents into the table: read by one thread, written by two, each batch with how far the file is.

Batches are written side by side and committed in the order of the file, so that one number says what is done. A run
that was killed goes on there when the same file is given again. Only one run writes at a time.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.utils import timezone

from audit.actions import record
from jurisprudence.precedents.models import PrecedentImport
from jurisprudence.precedents.reading import Raw, Source, Unreadable
from jurisprudence.precedents.records import Refused, format_of, row_of
from jurisprudence.precedents.writing import Batch, Counts, Terms, settle, write

ROWS, CHARACTERS = 2_000, 16_000_000  # of a batch
WRITERS = 2  # each a connection to PostgreSQL, which does most of the work
LOOKED_AT = 50  # records at the beginning by which the format is told
KEPT_PROBLEMS = 1_000
PATIENCE = 5.0  # seconds
# Nothing is lost by the first that the run's position, which is of the same transaction, does not know. The others let
# four times as many rows (some 3,500) be sorted into the index on words in one go, which takes a third of the
# write-ahead log away. All that is not sorted in yet is read through by every search: more would be felt there.
SETTINGS = {"synchronous_commit": "off", "gin_pending_list_limit": "16MB", "work_mem": "32MB"}
LOCK = 7_202_611_290_002  # any number that nobody else takes
Say = Callable[[str], None]
Progress = Callable[[PrecedentImport, int], None]


class Busy(Exception):
    """Another import is going on."""


def import_file(
    path: Path, *, source: str = "", as_of: date | None = None, older: bool = False, say: Say = lambda words: None,
    writers: int = WRITERS, after_batch: Callable[[int], None] = lambda position: None,
) -> PrecedentImport:  # fmt: skip
    """Takes a file in and returns its run; `say` is told of what was refused, `after_batch` how far it is.

    `as_of` is the day on which the source was read, by default the file's own. Raises Unreadable, also after what came
    before the unreadable place was kept, and Busy.
    """
    file = Source(path)
    digest = file.sha256()
    as_of = as_of or _day_of(path)
    with _only_one():
        file_format = _format_of(file)
        run = _begin(path, digest, file_format, source, as_of)
        after_batch(run.position)
        try:
            _Writers(run, Terms(run.pk, run.as_of, older), writers, say, after_batch).take(file.records(run.position))
        except Unreadable as error:
            _end(run, PrecedentImport.State.FAILED, str(error))
            settle(run.added)
            raise
        _end(run, PrecedentImport.State.DONE)
        settle(run.added)
    return run


def _day_of(path: Path) -> date:
    return datetime.fromtimestamp(path.stat().st_mtime, timezone.get_current_timezone()).date()


def _format_of(file: Source) -> str:
    """By the first record that has one. Raises Unreadable."""
    reason = "o arquivo está vazio"
    for raw in islice(file.records(), LOOKED_AT):
        try:
            return format_of(raw.record)
        except Refused as error:
            reason = raw.problem or str(error)
    raise Unreadable(f"O arquivo não está em nenhum dos formatos conhecidos: {reason}.")


@contextmanager
def _only_one() -> Iterator[None]:
    """Holds a lock of this thread's connection. Raises Busy."""
    deadline = time.monotonic() + PATIENCE  # one that was just killed may not have let go yet
    with connection.cursor() as cursor:
        while not cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()[0]:
            if time.monotonic() > deadline:
                raise Busy("Outra importação de precedentes está em andamento.")
            time.sleep(0.1)
    try:
        yield
    finally:
        with suppress(DatabaseError), connection.cursor() as cursor:  # gone with its connection
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


# Runs ------------------------------------------------------------------------------------------


@transaction.atomic
def _begin(path: Path, digest: str, file_format: str, source: str, as_of: date) -> PrecedentImport:
    """The run of these bytes that did not end, with the source and date it was begun with; else a new one."""
    unfinished = PrecedentImport.objects.filter(sha256=digest).exclude(state=PrecedentImport.State.DONE).first()
    if unfinished:
        unfinished.state, unfinished.error, unfinished.finished_at = PrecedentImport.State.RUNNING, "", None
        unfinished.save(update_fields=["state", "error", "finished_at"])
        run = unfinished
    else:
        run = PrecedentImport.objects.create(
            file_name=path.name[:255], sha256=digest, file_size=path.stat().st_size, file_format=file_format,
            source=source, as_of=as_of,
        )  # fmt: skip
    record("precedentes.importar", entity=run, new={"file": run.file_name, "position": run.position})
    return run


@transaction.atomic
def _end(run: PrecedentImport, state: str, error: str = "") -> None:
    run.refresh_from_db()
    run.state, run.error, run.finished_at, run.updated_at = state, error, timezone.now(), timezone.now()
    run.save(update_fields=["state", "error", "finished_at", "updated_at"])
    counts = {name: getattr(run, name) for name in ("position", *Counts().as_dict()) if getattr(run, name)}
    record("precedentes.importado", entity=run, new={"file": run.file_name, "state": state, **counts})


def _advance(run: PrecedentImport, batch: Batch, counts: Counts) -> None:
    """In the transaction of the batch."""
    sums = {name: F(name) + number for name, number in counts.as_dict().items()}
    PrecedentImport.objects.filter(pk=run.pk).update(position=batch.end, updated_at=timezone.now(), **sums)
    if batch.problems:
        held = PrecedentImport.objects.values_list("problems", flat=True).get(pk=run.pk)
        if len(held) < KEPT_PROBLEMS:
            kept = [*held, *map(list, batch.problems)][:KEPT_PROBLEMS]
            PrecedentImport.objects.filter(pk=run.pk).update(problems=kept)


# Threads ---------------------------------------------------------------------------------------


class _Aborted(Exception):
    """An earlier batch has failed: this one is taken back."""


class _Turns:
    """Lets batches commit one after the other."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._next = 0
        self._failed = math.inf  # the number of a batch that will never be done

    def wait(self, number: int) -> None:
        with self._condition:
            self._condition.wait_for(lambda: self._next == number or self._failed < number)
            if self._failed < number:
                raise _Aborted

    def done(self) -> None:
        with self._condition:
            self._next += 1
            self._condition.notify_all()

    def fail(self, number: int) -> None:
        with self._condition:
            self._failed = min(self._failed, number)
            self._condition.notify_all()


class _Writers:
    """Hands batches to threads, a few at a time, so that no more than those are held."""

    def __init__(
        self, run: PrecedentImport, terms: Terms, writers: int, say: Say, after_batch: Callable[[int], None]
    ) -> None:
        self.run, self.terms, self.say, self.after_batch = run, terms, say, after_batch
        self.writers = writers
        self.turns = _Turns()
        self.going: list[tuple[Batch, Future[None]]] = []  # in order

    def take(self, records: Iterator[Raw]) -> None:
        """Everything that can be read is written, also when the reading breaks off. Raises Unreadable."""
        broken: Unreadable | None = None
        with ThreadPoolExecutor(self.writers, "precedents") as pool:
            try:
                for batch in self._batches(records):
                    self._hand_over(pool, batch)
            except Unreadable as error:
                broken = error
            except BaseException:
                self.turns.fail(-1)
                raise
            finally:
                self._close(pool)
            self._await(0)
        if broken:
            raise broken

    def _close(self, pool: ThreadPoolExecutor) -> None:
        """The connection of each thread, after its last batch."""
        together = threading.Barrier(self.writers)
        for _ in range(self.writers):
            pool.submit(_close_mine, together)

    def _batches(self, records: Iterator[Raw]) -> Iterator[Batch]:
        batch = Batch(0, self.run.position)
        try:
            for raw in records:
                batch.end = raw.number
                try:
                    row = _row(raw, self.run.source)
                except Refused as refused:
                    batch.problems.append((raw.number, str(refused)))
                    self.say(f"registro {raw.number}: {refused}")
                    continue
                if self._is_going(row.key):
                    before = Batch(batch.number, raw.number - 1, 0, batch.rows, batch.problems, batch.repeated)
                    yield before
                    self._await(0)
                    batch = Batch(batch.number + 1, raw.number)
                batch.add(row)
                if len(batch.rows) >= ROWS or batch.size >= CHARACTERS or len(batch.problems) >= ROWS:
                    yield batch
                    batch = Batch(batch.number + 1, raw.number)
        except Unreadable:
            yield batch
            raise
        yield batch

    def _is_going(self, key: tuple[Any, ...]) -> bool:
        """Whether another batch is writing this very precedent: two at once would wait for each other for ever."""
        return any(key in batch.rows for batch, _ in self.going)

    def _hand_over(self, pool: ThreadPoolExecutor, batch: Batch) -> None:
        self._await(self.writers)
        self.going.append((batch, pool.submit(self._write, batch)))

    def _await(self, most: int) -> None:
        """Until no more than so many batches are being written."""
        while len(self.going) > most:
            batch, future = self.going[0]
            future.result()
            self.going.pop(0)
            self.after_batch(batch.end)

    def _write(self, batch: Batch) -> None:
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    for name, value in SETTINGS.items():
                        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
                counts = write(batch, self.terms)
                self.turns.wait(batch.number)
                _advance(self.run, batch, counts)
            self.turns.done()
        except BaseException:
            self.turns.fail(batch.number)
            raise


def _close_mine(together: threading.Barrier) -> None:
    together.wait()  # so that no thread takes two of these
    connection.close()


def _row(raw: Raw, source: str) -> Any:
    if raw.problem:
        raise Refused(raw.problem)
    return row_of(raw.record, source)
