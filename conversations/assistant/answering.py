"""Writing one reply: take the pen, call the model, try again where that helps, and end it whatever happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

import anthropic
import httpx2
from django.db import InterfaceError, OperationalError

from audit import budgets
from audit.calls.client import Call, CallFailed, Client, describe, explain
from audit.calls.trying import TRIES, storable, waiting_time
from conversations import citing
from conversations.assistant import checking, pen, preparing, shelf, tools
from conversations.assistant.context import Prompt, fitted
from conversations.assistant.joining import Seam
from conversations.assistant.pen import Outcome, Work
from conversations.assistant.rounds import Block, Round
from conversations.assistant.tools import Desk
from conversations.models import Message
from conversations.reading import end_of, note_of
from conversations.relay import Draft, Relay
from jurisprudence.citations.kept import Checked
from romagent.base.markdown import NOTE_LETTERS
from romagent.base.threads import DatabaseThreads

log = logging.getLogger("romagent.assistant")

THINKING = "Pensando…"
NEVER = dict.fromkeys(map(ord, NOTE_LETTERS))
Status = Message.Status


class Assistant:
    """The assistant of one worker process: its client, its threads, its live relay."""

    def __init__(
        self, client: Client, threads: DatabaseThreads, relay: Relay, starting: DatabaseThreads | None = None
    ) -> None:
        self.client = client
        self.threads = threads
        self.starting = starting or threads  # of its own, so that a beginning never queues behind endings
        self.relay = relay

    async def answer(self, reply_id: UUID, is_stop: Callable[[], bool]) -> None:
        """Writes the reply. When cancelled, `is_stop` tells the person's wish from a worker that must leave."""
        work: Work | None = await self.patiently(pen.take, reply_id, threads=self.starting)
        if work is None:
            return
        draft = Draft(reply_id, work.attempt, work.written, work.reading)
        self.relay.open(draft)
        try:
            outcome = await self._outcome(work, draft)
        except asyncio.CancelledError:
            if not is_stop():
                await self._hand_back(work, draft)
                return
            outcome = Outcome(Status.STOPPED)
        except Exception:
            log.exception("reply %s failed", reply_id)
            outcome = Outcome(Status.INTERRUPTED if draft.text else Status.FAILED, error="internal")
        # Whatever is cancelled from here on, the end is written and told.
        await asyncio.shield(self._finish(work, draft, outcome))

    async def _outcome(self, work: Work, draft: Draft) -> Outcome:
        if work.stop_requested:
            return Outcome(Status.STOPPED)
        if work.takeovers > pen.MAX_TAKEOVERS:
            return Outcome(Status.INTERRUPTED if draft.text else Status.FAILED, error="internal")
        if work.written:
            self.relay.wrote(draft, urgent=True)
        if work.desk:
            await self._prepare(work, work.desk, draft)
        for failures in range(1, TRIES + 1):
            try:
                return await self._rounds(work, draft)
            except CallFailed as failure:
                wait = waiting_time(failure, failures)
                if wait is None and work.corrects and len(draft.text) <= work.since:
                    work.reading.limit(citing.NOT_CORRECTED)
                    return Outcome(Status.COMPLETE, stop_reason=work.corrects)  # it is the correction that is missing
                if wait is None:
                    return Outcome(Status.INTERRUPTED if draft.text else Status.FAILED, error=failure.code)
                draft.say(f"O serviço não respondeu. Tentando de novo em {max(1, round(wait))} s…")
                self.relay.wrote(draft)
                await self.patiently(pen.save_calls, work)
                await asyncio.sleep(wait)
        raise AssertionError("the last failure has no waiting time")

    # Files ----------------------------------------------------------------------------------

    async def _prepare(self, work: Work, desk: Desk, draft: Draft) -> None:
        """Waits for the question's files, and puts into the prompt those that fit."""

        def say(words: str) -> None:
            _stop_if_lost(draft)
            draft.say(words)
            self.relay.wrote(draft)

        # Without files nobody waits for a look at them.
        work.files = await preparing.waited(desk, self.patiently, say) if desk.has_files or desk.offers else []
        work.prompt = await preparing.with_files(work.prompt, desk, work.files, self.client, self.patiently)
        preparing.note_unread(desk.reading, work.files)
        draft.changed = True

    async def _rounds(self, work: Work, draft: Draft) -> Outcome:
        """Call by call, until the model asks for nothing more. What is done when a call fails stays done."""
        while True:
            call, said = await self._one_call(work, draft)
            if call.stop_reason == "pause_turn" and said.blocks and work.rounds_left:
                work.next_round(draft.text, said.said(), is_paused=True)
            elif call.stop_reason == "tool_use" and said.calls and work.desk:
                results = await self._use_tools(work, work.desk, said, draft)
                work.next_round(draft.text, said.said(), results)
            elif faults := await self._faults(work, draft, call):
                await self.patiently(pen.save_calls, work)
                if await self.patiently(budgets.refusal, work.person):
                    return Outcome(Status.COMPLETE, stop_reason=call.stop_reason)
                self._ask_for_correction(work, said, draft, faults)
            else:
                return Outcome(Status.COMPLETE, stop_reason=call.stop_reason)
            await self.patiently(pen.save_calls, work)
            if await self.patiently(budgets.refusal, work.person):
                return Outcome(Status.INTERRUPTED if draft.text else Status.FAILED, error="budget")

    async def _use_tools(self, work: Work, desk: Desk, said: Round, draft: Draft) -> list[Block]:
        """Does what the model asks for, each step said to the person; what may be read is looked at anew each time."""
        results = []
        for call in said.calls:
            _stop_if_lost(draft)
            work.files = await self.patiently(shelf.files, desk.reader)
            words = tools.announcement(desk, call, work.files)
            desk.reading.step(words)
            draft.say(f"{words}…")
            self.relay.wrote(draft)
            await tools.fetch(desk, call, self.patiently)
            _stop_if_lost(draft)
            results.append(await self.patiently(tools.run, desk, call, work.files))
        preparing.note_unread(desk.reading, work.files)
        draft.changed = True
        return results

    # Citations ------------------------------------------------------------------------------

    async def _faults(self, work: Work, draft: Draft, call: Call) -> list[Checked]:
        """What the reply cites wrongly, when the model is done with it and may still be told."""
        if call.stop_reason != "end_turn" or not draft.text[work.since :].strip() or not work.may_correct:
            return []
        found: citing.Citing = await self.patiently(citing.checked, draft.text)
        return found.faults

    def _ask_for_correction(self, work: Work, said: Round, draft: Draft, faults: list[Checked]) -> None:
        _stop_if_lost(draft)
        words = citing.step_for(faults)
        work.reading.step(words)
        draft.say(f"{words}…")
        draft.changed = True
        self.relay.wrote(draft)
        work.next_round(draft.text, said.said(), [citing.request_for(faults)])
        work.corrects = "end_turn"

    # Calls ----------------------------------------------------------------------------------

    async def _one_call(self, work: Work, draft: Draft) -> tuple[Call, Round]:
        """Streams one call into the draft, going on from what this round of the reply says already."""
        written = draft.text[work.since :]
        work.partial, work.prompt = written, await self._fitted(work, written)
        call = Call("answer", work.prompt.model)
        work.calls.append(call)
        seam, said = Seam(draft.text if work.is_resumed else written), Round()
        async for event in call.events(self.client, work.prompt.request(written)):
            _stop_if_lost(draft)
            heard = said.take(event)
            if isinstance(heard, dict):
                self._take(work, draft, seam.rest())
                self._cite(work, draft, heard)
            elif heard is not None:
                self._take(work, draft, seam.join(_said(heard)) if heard else "", thinking=not heard)
        self._take(work, draft, seam.rest())
        return call, said

    async def _fitted(self, work: Work, written: str) -> Prompt:
        try:
            return await fitted(work.prompt, self.client, written)
        except (anthropic.APIError, httpx2.TransportError) as error:
            failure = explain(error)
            call = Call("count", work.prompt.model, status="failed", error=failure.code, detail=describe(error))
            work.calls.append(call)
            raise failure from error

    def _take(self, work: Work, draft: Draft, text: str, *, thinking: bool = False) -> None:
        if text:
            first = not draft.text
            draft.append(work.gap(draft.text) + text)
            self.relay.wrote(draft, urgent=first)
        elif thinking and len(draft.text) <= work.since:
            draft.say(THINKING)
            self.relay.wrote(draft)

    def _cite(self, work: Work, draft: Draft, heard: Block) -> None:
        """Puts a note after what was written last, for the passage that the API says it rests on."""
        found = work.desk.sources.located(heard) if work.desk else None
        if found is None or len(draft.text) <= work.since:
            return
        sent, quoted = found
        citation = draft.reading.cite(sent.upload, sent.name, sent.page, _said(quoted))
        place = (end_of(draft.text), citation.number if citation else 0)
        if citation is None or place in draft.reading.places:
            return
        draft.reading.places.append(place)
        draft.note(str(citation.number), note_of(citation), back=len(draft.text) - place[0])
        self.relay.wrote(draft)

    async def _hand_back(self, work: Work, draft: Draft) -> None:
        self.relay.close(draft)
        if not draft.lost.is_set():
            await self.patiently(pen.hand_back, work, draft.text)
            log.info("reply %s handed back to the queue", work.reply_id)

    async def _finish(self, work: Work, draft: Draft, outcome: Outcome) -> None:
        """The end in PostgreSQL, then to the readers. The text stays in the relay's checkpoints until it is saved."""
        try:
            if work.reading:
                await self.patiently(checking.check, work.reader, draft.text, work.reading)
            work.citing = await self.patiently(citing.checked, draft.text)
            article: str | None = await self.patiently(pen.finish, work, draft.text, outcome)
        except Exception:
            self.relay.close(draft)  # its lease runs out, and it is taken up again
            raise
        if article is None:
            self.relay.close(draft)
            log.warning("reply %s was taken over by another worker", work.reply_id)
            return
        await self.relay.end(draft, article)
        log.info("reply %s %s %s", work.reply_id, outcome.status, outcome.error or outcome.stop_reason)

    async def patiently(self, call: Callable[..., Any], *args: Any, threads: DatabaseThreads | None = None) -> Any:
        """Runs database code, again and again while PostgreSQL is away: what is in hand must not be lost."""
        delay = 0.2
        while True:
            try:
                return await (threads or self.threads).run(call, *args)
            except (OperationalError, InterfaceError) as error:
                log.warning("PostgreSQL INDISPONÍVEL (%s); tentando de novo", type(error).__name__)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 3.0)


def _stop_if_lost(draft: Draft) -> None:
    """Another writer has the reply: nothing more is to be done for it here."""
    if draft.lost.is_set():
        raise asyncio.CancelledError


def _said(text: str) -> str:
    """What can be kept, and without what marks our own notes."""
    return storable(text).translate(NEVER)
