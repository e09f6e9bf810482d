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

from audit.calls.client import Call, CallFailed, Client, describe, explain
from audit.calls.trying import TRIES, storable, waiting_time
from conversations.assistant import pen
from conversations.assistant.context import Prompt, fitted
from conversations.assistant.joining import Seam
from conversations.assistant.pen import Outcome, Work
from conversations.models import Message
from conversations.relay import Draft, Relay
from romagent.base.threads import DatabaseThreads

log = logging.getLogger("romagent.assistant")

THINKING = "Pensando…"
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
        draft = Draft(reply_id, work.attempt, work.written)
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
        for failures in range(1, TRIES + 1):
            try:
                call = await self._one_call(work, draft)
                return Outcome(Status.COMPLETE, stop_reason=call.stop_reason)
            except CallFailed as failure:
                wait = waiting_time(failure, failures)
                if wait is None:
                    return Outcome(Status.INTERRUPTED if draft.text else Status.FAILED, error=failure.code)
                draft.say(f"O serviço não respondeu. Tentando de novo em {max(1, round(wait))} s…")
                self.relay.wrote(draft)
                await self.patiently(pen.save_calls, work)
                await asyncio.sleep(wait)
        raise AssertionError("the last failure has no waiting time")

    async def _one_call(self, work: Work, draft: Draft) -> Call:
        """Streams one call into the draft, going on from what it says already."""
        work.prompt = await self._fitted(work, draft.text)
        call = Call("answer", work.prompt.model)
        work.calls.append(call)
        seam = Seam(draft.text)
        request = work.prompt.request(draft.text)
        async for piece in call.text(self.client, request):
            if draft.lost.is_set():
                raise asyncio.CancelledError
            self._take(draft, seam.join(storable(piece)) if piece else "", thinking=not piece)
        self._take(draft, seam.rest())
        return call

    async def _fitted(self, work: Work, written: str) -> Prompt:
        try:
            return await fitted(work.prompt, self.client, written)
        except (anthropic.APIError, httpx2.TransportError) as error:
            failure = explain(error)
            call = Call("count", work.prompt.model, status="failed", error=failure.code, detail=describe(error))
            work.calls.append(call)
            raise failure from error

    def _take(self, draft: Draft, text: str, *, thinking: bool = False) -> None:
        if text:
            first = not draft.text
            draft.append(text)
            self.relay.wrote(draft, urgent=first)
        elif thinking and not draft.text:
            draft.say(THINKING)
            self.relay.wrote(draft)

    async def _hand_back(self, work: Work, draft: Draft) -> None:
        self.relay.close(draft)
        if not draft.lost.is_set():
            await self.patiently(pen.hand_back, work, draft.text)
            log.info("reply %s handed back to the queue", work.reply_id)

    async def _finish(self, work: Work, draft: Draft, outcome: Outcome) -> None:
        """The end in PostgreSQL, then to the readers. The text stays in the relay's checkpoints until it is saved."""
        try:
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
