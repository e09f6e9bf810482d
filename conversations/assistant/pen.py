"""A reply's pen: taking it, giving it back, and writing the end. All database work of the assistant.

A reply is written by one process at a time. Taking the pen counts `attempts` up, and every write names the
count it was taken with: a writer that was thought dead and comes back can write nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from accounts.models import User
from audit.actions import record
from audit.budgets import standing
from audit.calls.client import Call
from audit.calls.keeping import save_operations
from audit.catalogue import known_model
from audit.models import AIModel, AIOperation, Usage
from conversations import citing
from conversations.assistant.context import CONTINUE, Block, Prompt, Turn, case_words, going_on
from conversations.assistant.courts import CourtCases, is_a_matter_of_courts
from conversations.assistant.joining import ends_a_sentence
from conversations.assistant.offers import Question, offered
from conversations.assistant.shelf import File, Reader, Sources
from conversations.assistant.tools import MOST_ROUNDS, Desk
from conversations.citing import Citing
from conversations.models import Conversation, Message
from conversations.reading import KEY, Reading
from conversations.rendering import render_message
from conversations.signals import reply_ended

UNKNOWN_MODEL = AIModel(context_tokens=200_000, max_output_tokens=8_000)  # the API will say what is wrong with it
MAX_TAKEOVERS = 5  # a reply that kills every worker that touches it must end at some time


@dataclass(frozen=True)
class Outcome:
    """How a reply ended: its status, the API's stop reason, and the code of what went wrong."""

    status: str
    stop_reason: str = ""
    error: str = ""


@dataclass
class Work:
    """One turn at one reply."""

    reply_id: UUID
    conversation_id: UUID
    person: UUID
    attempt: int
    prompt: Prompt
    written: str
    stop_requested: bool
    takeovers: int
    reader: Reader
    reading: Reading
    document_id: UUID | None = None  # that the calls are for
    desk: Desk | None = None  # of a question that may read files or precedents, or has something put before it
    files: list[File] = field(default_factory=list)  # as they were when last looked at
    since: int = 0  # characters of the reply that were there when its present round began
    rounds_left: int = MOST_ROUNDS
    partial: str = ""  # what the present round had said when it was begun anew
    is_apart: bool = False  # what comes next is a paragraph of its own
    citing: Citing = field(default_factory=Citing)  # of what the reply says, once it has ended
    corrects: str = ""  # while a correction is asked for: how the answer had ended before
    is_resumed: bool = False  # between what the reply says and what comes next, a round only used tools
    calls: list[Call] = field(default_factory=list)  # not saved yet
    usages: list[Usage] = field(default_factory=list)  # of those that are

    def next_round(self, text: str, said: Block, results: Sequence[Block] = (), *, is_paused: bool = False) -> None:
        """The next call sees what was said and done in this one, and in what this one has gone on from."""
        self.rounds_left -= 1
        may_call = self.rounds_left > 0 and not (self.desk and self.desk.is_exhausted)
        has_added = len(text) > self.since + len(self.partial)
        self.is_resumed = not has_added and (self.is_resumed or bool(self.partial.strip()))
        in_mid_sentence = self.is_resumed and not ends_a_sentence(text)
        messages = [*going_on(self.partial), said]
        if results:
            more = [{"type": "text", "text": CONTINUE}] if in_mid_sentence else []
            messages.append({"role": "user", "content": [*results, *more]})
        self.prompt = replace(self.prompt.after(*messages), may_call=may_call)
        self.since, self.partial = len(text), ""
        self.is_apart = not is_paused and not in_mid_sentence

    @property
    def may_correct(self) -> bool:
        """Whether the model may be asked, once, to correct what it cites: not in what becomes a document."""
        is_asked = any(step.startswith(citing.ASKED) for step in self.reading.steps)
        becomes_text = any(offer.is_text for offer in self.desk.offers) if self.desk else False
        return self.rounds_left > 0 and not (is_asked or self.corrects) and not becomes_text

    def gap(self, text: str) -> str:
        """What separates a round's first words from those of the rounds before it."""
        is_apart, self.is_apart = self.is_apart, False
        if not is_apart or not text or text.endswith("\n\n"):
            return ""
        return "\n" if text.endswith("\n") else "\n\n"


# One statement takes the pen and says what is needed: this is what a person waits for before the first word.
TAKE = """
WITH before AS (SELECT id, status FROM messages WHERE id = %(id)s FOR UPDATE)
UPDATE messages SET status = 'streaming', attempts = attempts + 1, heartbeat_at = now(),
    metadata = CASE before.status WHEN 'queued' THEN messages.metadata ELSE jsonb_set(
        messages.metadata, '{takeovers}', to_jsonb(coalesce((messages.metadata->>'takeovers')::int, 0) + 1)) END
FROM before, conversations LEFT JOIN projects ON projects.id = conversations.project_id AND projects.deleted_at IS NULL
WHERE messages.id = before.id AND conversations.id = messages.conversation_id
    AND (before.status = 'queued' OR before.status = 'streaming'
        AND coalesce(heartbeat_at, '-infinity') < now() - make_interval(secs => %(lease)s))
RETURNING messages.conversation_id, messages.user_id, messages.attempts, messages.model, messages.content,
    messages.metadata, conversations.mode, before.status, messages.created_at, projects.id,
    CASE WHEN projects.user_id = messages.user_id OR EXISTS (
        SELECT FROM project_members WHERE project_id = projects.id AND user_id = messages.user_id
    ) THEN jsonb_build_object('name', projects.name, 'case_number', projects.case_number, 'client', projects.client,
        'opposing_party', projects.opposing_party, 'court', projects.court, 'instructions', projects.instructions) END,
    (SELECT asked.metadata FROM messages AS asked WHERE asked.id = messages.reply_to_id),
    EXISTS (SELECT FROM uploads WHERE deleted_at IS NULL AND (
        uploads.conversation_id = messages.conversation_id OR uploads.project_id = projects.id)),
    EXISTS (SELECT FROM precedents)
"""


def take(reply_id: UUID) -> Work | None:
    """Takes the pen of a reply that waits or whose writer is silent; None when somebody else has it or it is over."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"id": reply_id, "lease": settings.REPLY_LEASE_SECONDS})
        row = cursor.fetchone()
    if row is None:
        return None
    conversation_id, person, attempt, model, written, metadata, mode, before, asked_at, *about = row
    project, case, asked, has_files, has_law = about
    metadata, reading = json.loads(metadata), Reading()
    if KEY in metadata and written.strip():  # else nothing rests on what was read, and who writes now has not seen it
        reading = Reading.of(metadata)
    about_question = json.loads(asked or "{}")
    named = tuple(UUID(one["id"]) for one in about_question.get("files", []))
    reader = Reader(person, conversation_id, project, named)
    offers = offered(Question(person, conversation_id, reply_id, about_question))
    document_id = next((one.document_id for one in offers if one.document_id), None)
    if before == Message.Status.STREAMING:
        _note_lost_call(reply_id, conversation_id, person, model, document_id)
    prompt = _prompt(conversation_id, (asked_at, reply_id), person, model, metadata.get("mode") or mode)
    if case:
        prompt = replace(prompt, case=case_words(case if isinstance(case, dict) else json.loads(case)))
    has_files = has_files or bool(named)
    if is_a_matter_of_courts(prompt, has_files):
        offers = (*offers, CourtCases(person))
    if offers:
        prompt = replace(prompt, material="\n\n".join(one.material for one in offers if one.material))
    return Work(
        reply_id=reply_id,
        conversation_id=conversation_id,
        person=person,
        attempt=attempt,
        prompt=prompt,
        written=written.rstrip(),
        stop_requested=bool(metadata.get("stop")),
        takeovers=metadata.get("takeovers", 0),
        reader=reader,
        reading=reading,
        document_id=document_id,
        desk=Desk(reader, Sources(), reading, offers, has_files, has_law) if has_files or offers or has_law else None,
    )


# What was said before the reply. Written out: putting it together took a twelfth of the worker's time in a burst, and
# all replies begin in one thread.
THREAD = """
SELECT role, content FROM messages
WHERE conversation_id = %(conversation)s AND superseded_at IS NULL AND role <> 'system'
    AND created_at <= %(moment)s AND (created_at < %(moment)s OR id < %(reply)s)
ORDER BY created_at, id
"""


def _prompt(conversation_id: UUID, end: tuple[datetime, UUID], person: UUID, model_id: str, mode: str) -> Prompt:
    moment, reply_id = end
    with connection.cursor() as cursor:
        cursor.execute(THREAD, {"conversation": conversation_id, "moment": moment, "reply": reply_id})
        thread = cursor.fetchall()
    model = known_model(model_id) or UNKNOWN_MODEL
    return Prompt(
        model=model_id,
        mode=mode,
        person=person,
        context_tokens=model.context_tokens,
        max_output_tokens=model.max_output_tokens,
        turns=tuple(Turn(role, content) for role, content in thread if content.strip()),  # blank ones are refused
    )


def _note_lost_call(
    reply_id: UUID, conversation_id: UUID, person: UUID, model: str, document_id: UUID | None
) -> None:  # fmt: skip
    """The call of a writer that died: what it used is not known, and is kept as not known."""
    AIOperation.objects.create(
        user_id=person,
        conversation_id=conversation_id,
        message_id=reply_id,
        document_id=document_id,
        operation_type="answer",
        model=model,
        status=AIOperation.Status.INTERRUPTED,
        error_message="writer_died",
    )


def _held(work: Work) -> Any:
    """The reply, if this writer still holds its pen."""
    return Message.objects.filter(pk=work.reply_id, attempts=work.attempt, status=Message.Status.STREAMING)


def hand_back(work: Work, text: str) -> bool:
    """Puts the reply back into the queue with what is written, for another worker (a redeploy)."""
    with transaction.atomic():
        reply = _held(work).select_for_update().first()
        if reply is None:
            return False
        metadata = reply.metadata | _new_job(reply.pk)
        if work.reading:
            metadata[KEY] = work.reading.kept()
        _held(work).update(status=Message.Status.QUEUED, content=text, heartbeat_at=timezone.now(), metadata=metadata)
        save_calls(work)
    return True


def _new_job(reply_id: UUID) -> dict[str, Any]:
    """Nothing when one waits already: the sweep had thought this writer dead."""
    from conversations.tasks import enqueue_answer

    try:
        with transaction.atomic():
            return {"job": enqueue_answer(reply_id)}
    except AlreadyEnqueued:
        return {}


# One statement ends the reply and says what is needed for what follows: answers often end many at a time.
FINISH = """
WITH ended AS (
    UPDATE messages SET status = %(status)s, content = %(content)s, stop_reason = %(stop_reason)s,
        tokens_input = CASE WHEN %(counted)s THEN coalesce(tokens_input, 0) + %(input)s ELSE tokens_input END,
        tokens_output = CASE WHEN %(counted)s THEN coalesce(tokens_output, 0) + %(output)s ELSE tokens_output END,
        latency_ms = round(extract(epoch FROM clock_timestamp() - created_at) * 1000),
        metadata = (metadata - '{takeovers,stop,job,error,left_out,reading,citations}'::text[]) || %(said)s::jsonb
    WHERE id = %(id)s AND attempts = %(attempt)s AND status = 'streaming'
    RETURNING *
), moved AS (
    UPDATE conversations SET updated_at = clock_timestamp() FROM ended WHERE conversations.id = ended.conversation_id
)
SELECT ended.id, ended.conversation_id, ended.user_id, ended.role, ended.status, ended.stop_reason, ended.attempts,
    ended.metadata, ended.reply_to_id, ended.superseded_at, users.email AS person_email,
    conversations.title AS conversation_title, conversations.metadata AS conversation_metadata,
    ARRAY(SELECT id FROM messages WHERE reply_to_id = ended.reply_to_id AND role = ended.role
        ORDER BY created_at, id) AS versions
FROM ended JOIN conversations ON conversations.id = ended.conversation_id JOIN users ON users.id = ended.user_id
"""


def finish(work: Work, text: str, outcome: Outcome) -> str | None:
    """Writes the end of a reply, what it cost and what follows from it, in one transaction; its article as HTML.

    None when another writer has taken the reply over: then nothing is written.
    """
    from conversations.tasks import look_up_cited, make_title

    with transaction.atomic():
        reply = next(iter(Message.objects.raw(FINISH, _end(work, text, outcome))), None)
        if reply is None:
            return None
        save_calls(work)
        record(f"resposta.{outcome.status}", user=User(id=reply.user_id, email=reply.person_email), entity=reply)
        about = json.loads(reply.conversation_metadata)
        conversation = Conversation(title=reply.conversation_title, metadata=about)
        if text and conversation.is_untitled:
            make_title.defer(conversation_id=str(work.conversation_id))
        if work.citing.unasked and settings.DATAJUD_API_KEY:
            look_up_cited.defer(message_id=str(work.reply_id))
        reply_ended.send(sender=Message, conversation=work.conversation_id, about=about)
    reply.content = text
    return render_message(reply, reply.versions)


def _end(work: Work, text: str, outcome: Outcome) -> dict[str, Any]:
    """What `FINISH` is told."""
    used = work.usages + [call.usage for call in work.calls if call.usage]
    said: dict[str, Any] = {"error": outcome.error} if outcome.error else {}
    if work.prompt.left_out:
        said["left_out"] = work.prompt.left_out
    if work.reading:
        said[KEY] = work.reading.kept()
    if work.citing:
        said[citing.KEY] = work.citing.kept()
    return {
        "id": work.reply_id,
        "attempt": work.attempt,
        "status": outcome.status,
        "content": text,
        "stop_reason": outcome.stop_reason,
        "counted": bool(used),
        "input": sum(usage.prompt for usage in used),
        "output": sum(usage.output for usage in used),
        "said": json.dumps(said),
    }


def save_calls(work: Work) -> None:
    """One `ai_operations` row a call that has not been saved yet.

    They count as saved with the commit: when that does not come, all of it is tried again, with them.
    """
    calls = list(work.calls)
    save_operations(
        calls, user_id=work.person, conversation_id=work.conversation_id, message_id=work.reply_id,
        document_id=work.document_id,
    )  # fmt: skip

    def forget() -> None:
        work.calls = [call for call in work.calls if call not in calls]
        work.usages += [call.usage for call in calls if call.usage]

    transaction.on_commit(forget)


def title_material(conversation_id: UUID) -> tuple[UUID, str, bool] | None:
    """The person, the beginning of the first exchange, and whether her budget has room for a call.

    None when the conversation has a title already.
    """
    conversation = Conversation.objects.filter(pk=conversation_id, deleted_at=None).first()
    if conversation is None or not conversation.is_untitled:
        return None
    first = conversation.messages.active().exclude(content="").in_order().values_list("role", "content")[:2]
    lines = [f"{'' if role == 'user' else 'Resposta: '}{content[:2000]}" for role, content in first]
    if not lines:
        return None
    return conversation.user_id, "\n\n".join(lines), standing(conversation.user_id).exhausted is None


def save_title(conversation_id: UUID, title: str, call: Call | None) -> None:
    """Gives the conversation its title, unless the person has named it in the meantime; `call` made it, if any did."""
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().filter(pk=conversation_id).first()
        if conversation is None:
            return
        save_operations([call] if call else [], user_id=conversation.user_id, conversation_id=conversation_id)
        if not conversation.is_untitled:
            return
        conversation.title = title[:500] or conversation.title
        conversation.metadata = conversation.metadata | {"titled": "assistant"}
        conversation.save(update_fields=["title", "metadata"])
        owner = User.objects.get(pk=conversation.user_id)
        record("conversa.titulo", user=owner, entity=conversation)
