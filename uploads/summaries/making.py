"""Making one summary: its parts read some at a time, then the sections merged; it ends, or can go on, whatever happens.

Nothing here holds a database connection while the model is waited for, and database work takes no answer's place.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import anthropic
import httpx2
from django.db import InterfaceError, OperationalError, connections

from audit.calls.client import Call, CallFailed, Client, describe, explain
from audit.calls.provider import name_there
from audit.calls.trying import waiting_time
from romagent.base.chores import run_beside
from uploads.summaries import pen, prompts
from uploads.summaries.answers import Unusable, groups_in, lines_in
from uploads.summaries.merging import MOST_ROUNDS, chunks, in_order, merged
from uploads.summaries.pen import Halted, Lost, Part, Work
from uploads.summaries.planning import PART_TOKENS, Stretch, joined
from uploads.summaries.prompts import Leaf

log = logging.getLogger("romagent.summaries")

AT_ONCE = 3  # parts of one summary that are read at the same time
ANSWERS = 3  # unusable answers to one part before its pages are left out
BEAT_SECONDS = 1.0
SMALLEST_PIECE = 2_000  # characters of a page; it is cut no further
CUT = {"max_tokens", "model_context_window_exceeded"}
TOO_MUCH = {"too_large"}  # codes of refused calls that a smaller part would not meet


async def make(client: Client, summary_id: UUID) -> None:
    """Makes the summary, or goes on with it. When this worker has to leave, gives it back to the queue."""
    try:
        await _make(client, summary_id)
    finally:
        await asyncio.shield(run_beside(connections.close_all))


async def _make(client: Client, summary_id: UUID) -> None:
    work = await _taken(summary_id)
    if work is None:
        return
    maker = Maker(client, work)
    making, watching = asyncio.create_task(maker.make()), asyncio.create_task(maker.watch())
    try:
        await asyncio.wait({making, watching}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        await _ended(making, watching)
        await asyncio.shield(_hand_back(work))
        return
    await _ended(watching, making)
    await _told(work, making)


async def _taken(summary_id: UUID) -> Work | None:
    """The pen, when it is free; whose worker has died leaves it so after some seconds of silence.

    Told to leave while taking it, gives it back; while somebody else has it, there is nothing to be given back.
    """
    while True:
        taking = asyncio.create_task(patiently(pen.take, summary_id))
        try:
            work: Work | None = await asyncio.shield(taking)
        except pen.Busy:
            await asyncio.sleep(BEAT_SECONDS)
        except asyncio.CancelledError:
            with suppress(pen.Busy):
                await _hand_back(await taking)
            raise
        else:
            return work


async def _hand_back(work: Work | None) -> None:
    if work:
        await patiently(pen.hand_back, work)
        log.info("summary %s handed back to the queue", work.summary_id)


async def _ended(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _told(work: Work, making: asyncio.Task[None]) -> None:
    """What came of it, in the log and on the page."""
    error = None if making.cancelled() else making.exception()
    if making.cancelled() or isinstance(error, Lost):
        log.info("summary %s was stopped or taken over", work.summary_id)
    elif isinstance(error, Halted):
        log.info("summary %s halted: %s", work.summary_id, error.code)
        await patiently(pen.fail, work, error.code)
    elif error is not None:
        log.error("summary %s failed", work.summary_id, exc_info=error)
        await patiently(pen.fail, work, "internal")
    else:
        log.info("summary %s complete", work.summary_id)


class Maker:
    """One worker's turn at one summary."""

    def __init__(self, client: Client, work: Work) -> None:
        self.client = client
        self.work = work
        self.in_hand: set[int] = set()  # parts
        self.choosing = asyncio.Lock()

    async def make(self) -> None:
        await patiently(pen.plan, self.work)
        await together(*(self._read_parts() for _ in range(AT_ONCE)))
        found: dict[str, list[list[Any]]] = await patiently(pen.lines_by_part, self.work)
        sections = {section: await self._section(section, parts) for section, parts in found.items()}
        await patiently(pen.finish, self.work, sections)

    async def watch(self) -> None:
        """Ends when somebody has stopped the summary or another worker has it."""
        while await patiently(pen.beat, self.work):
            await asyncio.sleep(BEAT_SECONDS)

    # Reading -----------------------------------------------------------------------------------

    async def _read_parts(self) -> None:
        while part := await self._next():
            await self._read(part)
            self.in_hand.discard(part.pk)

    async def _next(self) -> Part | None:
        async with self.choosing:
            part: Part | None = await patiently(pen.next_part, self.work, tuple(self.in_hand))
            if part:
                self.in_hand.add(part.pk)
            return part

    async def _read(self, part: Part) -> None:
        """One part: its lines, or two smaller parts in its place, or the reason why its pages are left out."""
        if not part.leaves:
            await patiently(pen.save_part, self.work, part.pk, None, [], "gone")
            return
        request = prompts.reading(part.leaves, self.work.model, self.work.person)
        if await self._is_too_long(request):
            await self._split(part, [], "window")
            return
        calls: list[Call] = []
        for _ in range(ANSWERS):
            try:
                text = await self._call(request, calls, part.pk)
            except CallFailed as failure:
                if failure.code not in TOO_MUCH:
                    raise Halted(failure.code) from failure
                await self._split(part, calls, "window")
                return
            if await through(self._settled(part, text, calls)):
                return
        await patiently(pen.save_part, self.work, part.pk, None, calls, "answer")

    async def _settled(self, part: Part, text: str, calls: list[Call]) -> bool:
        """Keeps what an answer says; False when it is not of the shape that was asked for."""
        reason = calls[-1].stop_reason
        if reason in CUT:
            await self._split(part, calls, "too_long")
        elif reason == "refusal":
            await patiently(pen.save_part, self.work, part.pk, None, calls, "refusal")
        else:
            try:
                lines = await asyncio.to_thread(lines_in, text, part.leaves)
            except Unusable as error:
                log.warning("summary %s: an answer is not of the asked shape: %s", self.work.summary_id, error)
                return False
            await patiently(pen.save_part, self.work, part.pk, lines, calls)
        return True

    async def _split(self, part: Part, calls: list[Call], error: str) -> None:
        halves = halved(part.leaves)
        if halves:
            await patiently(pen.split_part, self.work, part.pk, halves, calls)
        else:
            await patiently(pen.save_part, self.work, part.pk, None, calls, error)

    async def _is_too_long(self, request: dict[str, Any]) -> bool:
        """Counts exactly, which is free, unless the text is surely short; a token covers at least one byte."""
        model = self.work.model
        most = min(PART_TOKENS, model.context_tokens - model.max_tokens)
        if sum(len(text.encode()) for text in (request["system"], request["messages"][0]["content"])) <= most:
            return False
        try:
            counted = await self.client.messages.count_tokens(
                model=name_there(request["model"]),
                system=request["system"],
                messages=request["messages"],
                output_config=request["output_config"],
            )
        except (anthropic.APIError, httpx2.TransportError) as error:
            code = explain(error).code
            call = Call("count", model.id, status="failed", error=code, detail=describe(error))
            await patiently(pen.save_calls, self.work, [call])
            return code in TOO_MUCH  # else as estimated: the window is far larger
        return counted.input_tokens > most

    # Merging -----------------------------------------------------------------------------------

    async def _section(self, section: str, parts: list[list[Any]]) -> list[Any]:
        """The section's lines as one list. Those of one part stay as they are: they were written together."""
        lines = [line for part in parts for line in part]
        for stage in range(1, MOST_ROUNDS + 1 if len(parts) > 1 else 1):
            pieces, before = list(chunks(lines)), len(lines)
            fresh = [await self._merge(section, stage, number, lines, piece) for number, piece in enumerate(pieces)]
            lines = [line for piece in fresh for line in piece]
            if len(pieces) == 1 or len(lines) > before * 0.9:  # one call saw them all, or there is little to gain
                break
        return in_order(section, lines)

    async def _merge(self, section: str, stage: int, number: int, lines: list[Any], piece: list[int]) -> list[Any]:
        """The lines of one call, merged; as they are when the model gives no usable order."""
        chosen = [lines[index] for index in piece]
        row, groups = await patiently(pen.begin_merge, self.work, stage, section, number)
        if groups is None:
            calls: list[Call] = []
            request = prompts.merging(section, chosen, self.work.model, self.work.person)
            groups = await self._order(request, len(chosen), calls, row)
            groups = groups or [[index] for index in range(len(chosen))]
            await through(patiently(pen.save_merge, self.work, row, groups, calls))
        return merged(chosen, groups)

    async def _order(self, request: dict[str, Any], count: int, calls: list[Call], row: int) -> list[list[int]] | None:
        for _ in range(ANSWERS):
            try:
                text = await self._call(request, calls, row)
            except CallFailed as failure:
                raise Halted(failure.code) from failure
            if calls[-1].stop_reason in CUT:
                return None
            try:
                return groups_in(text, count)
            except Unusable as error:
                log.warning("summary %s: an order is not of the asked shape: %s", self.work.summary_id, error)
        return None

    # The model ---------------------------------------------------------------------------------

    async def _call(self, request: dict[str, Any], calls: list[Call], row: int) -> str:
        """The text of one call, tried again where that helps. Raises CallFailed, Halted or Lost.

        Streamed, although nobody reads along: an answer of minutes would meet the read timeout if it came whole.
        """
        failures = 0
        while True:
            try:
                await patiently(pen.check, self.work, row)
                calls.append(Call("summary", self.work.model.id))
                return "".join([text_of(event) async for event in calls[-1].events(self.client, request)])
            except CallFailed as failure:
                await through(self._keep(calls, row))
                failures += 1
                wait = waiting_time(failure, failures)
                if wait is None:
                    raise
                await asyncio.sleep(wait)
            except BaseException:
                await through(self._keep(calls, row))
                raise

    async def _keep(self, calls: list[Call], row: int) -> None:
        kept, calls[:] = list(calls), []
        if kept:
            await patiently(pen.save_calls, self.work, kept, row)


def text_of(event: dict[str, Any]) -> str:
    """What an event adds to the answer's text; nothing when the model is thinking."""
    return (event["type"] == "content_block_delta" and event["delta"].get("text")) or ""


# Parts and tasks ---------------------------------------------------------------------------------


def halved(leaves: Sequence[Leaf]) -> tuple[list[Stretch], list[Stretch]] | None:
    """The pages in two parts; of a single page its characters; None when that is cut no further."""
    if len(leaves) > 1:
        middle = len(leaves) // 2
        return _stretches(leaves[:middle]), _stretches(leaves[middle:])
    (leaf,) = leaves
    if len(leaf.text) < 2 * SMALLEST_PIECE:
        return None
    start, end = leaf.start, leaf.start + len(leaf.text)
    middle = (start + end) // 2
    first, second = (Stretch(leaf.upload, leaf.number, leaf.number, span) for span in ((start, middle), (middle, end)))
    return [first], [second]


def _stretches(leaves: Sequence[Leaf]) -> list[Stretch]:
    spans = (None if leaf.whole else (leaf.start, leaf.start + len(leaf.text)) for leaf in leaves)
    pages = zip(leaves, spans, strict=True)
    return joined([Stretch(leaf.upload, leaf.number, leaf.number, span) for leaf, span in pages])


async def together(*work: Coroutine[Any, Any, None]) -> None:
    """Runs them at the same time; the first that fails ends the others, and its error is the one that is raised."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        await _ended(*tasks)


async def through(work: Coroutine[Any, Any, Any]) -> Any:
    """Does it to its end, also when cancelled meanwhile: what is paid for is kept."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


async def patiently(call: Callable[..., Any], *args: Any) -> Any:
    """Runs database code, again and again while PostgreSQL is away: what is in hand must not be lost."""
    delay = 0.2
    while True:
        try:
            return await run_beside(call, *args)
        except (OperationalError, InterfaceError) as error:
            log.warning("PostgreSQL INDISPONÍVEL (%s); tentando de novo", type(error).__name__)
            await asyncio.sleep(delay)
            delay = min(delay * 2, 3.0)
