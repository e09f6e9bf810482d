"""`conversations.json`: conversations and their messages, written by COPY, a few thousand rows at a time."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from conversations.forms import default_model
from conversations.models import Conversation, Message
from projects.models import Project
from romagent.legacy import values
from romagent.legacy.importer import Importer
from romagent.legacy.reading import Record
from romagent.legacy.values import Warn

CHUNK = 5_000  # messages written at once
OLD_UNTITLED = "Nova Conversa"
ROLES = frozenset(Message.Role.values)

CHANGED_TEXT = "texto diferente do já importado: ficou o primeiro"

STAGE = """
CREATE TEMPORARY TABLE legacy_messages (
    id uuid, conversation_id uuid, user_id uuid, role text, content text, created_at timestamptz, reply_to_id uuid,
    metadata jsonb
) ON COMMIT DROP
"""
COLUMNS = "id, conversation_id, user_id, role, content, created_at, reply_to_id, metadata"
INSERT = f"""
INSERT INTO messages ({COLUMNS}, model, status, stop_reason, attempts)
SELECT {COLUMNS}, '', 'complete', '', 0 FROM legacy_messages ON CONFLICT (id) DO NOTHING RETURNING id
"""
CHANGED = """
SELECT legacy_messages.id FROM legacy_messages JOIN messages USING (id)
WHERE messages.content <> legacy_messages.content OR messages.conversation_id <> legacy_messages.conversation_id
"""


@dataclass(frozen=True)
class Row:
    """A message as it is to be written, and where it stood."""

    id: UUID
    conversation: UUID
    user: UUID
    role: str
    content: str
    created_at: datetime
    reply_to: UUID | None
    metadata: str
    legacy: str
    place: int

    def columns(self) -> tuple[Any, ...]:
        return (
            self.id, self.conversation, self.user, self.role, self.content, self.created_at, self.reply_to,
            self.metadata,
        )  # fmt: skip


@dataclass
class Conversations:
    """All conversations of one file, within the caller's transaction."""

    run: Importer
    pending: list[Row] = field(default_factory=list)
    model: str = field(default_factory=default_model)
    known_projects: dict[str, UUID | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS legacy_messages")
            cursor.execute(STAGE)

    def add(self, record: Record) -> None:
        report = self.run.report
        report.read("conversations")
        value, legacy = record.value, str(record.key)
        messages = value.get("messages") if isinstance(value, dict) else None
        messages = messages if isinstance(messages, list) else []
        report.read("messages", len(messages))
        warn = self.run.warner("conversations", legacy)
        owner, problem = self._owner(record, messages, warn)
        if problem:
            report.skip("conversations", legacy, problem)
            for number in range(len(messages)):
                report.skip("messages", legacy, f"conversa pulada: {problem}", number)
            return
        assert owner is not None
        self._import(legacy, value, messages, owner, warn)

    def _owner(self, record: Record, messages: list[Any], warn: Warn) -> tuple[UUID | None, str]:
        if record.problem or not isinstance(record.value, dict):
            return None, record.problem or "não é um objeto"
        if not messages and not self.run.keep_empty:
            return None, "sem mensagens"
        if not record.key:
            return None, "sem id"
        owner = self.run.owner_of(record.value.get("userId"), warn)
        return owner, "" if owner else "sem dono: informe --owner"

    def _import(self, legacy: str, value: dict[str, Any], messages: list[Any], owner: UUID, warn: Warn) -> None:
        key = values.new_id("conversation", legacy)
        if isinstance(value.get("id"), str) and value["id"] != legacy and not legacy.startswith("export:"):
            warn("o id do registro difere da chave: vale a chave")
        created = values.moment(value.get("createdAt"), self.run.now, warn)
        rows = list(self._rows(legacy, key, owner, messages, created))
        conversation = self._conversation(legacy, key, owner, value, created, rows, warn)
        known = Conversation.objects.filter(pk=key).values_list("user", flat=True).first()
        if known is None:
            conversation.save(force_insert=True)
            self.run.report.imported("conversations")
        else:
            self.run.report.skip("conversations", legacy, "já importado")
        for row in rows if known in (None, owner) else ():
            self.pending.append(row)
        if known not in (None, owner):
            for row in rows:
                self.run.report.skip("messages", legacy, "a conversa já foi importada para outra pessoa", row.place)
        if len(self.pending) >= CHUNK:
            self.flush()

    def _conversation(
        self,
        legacy: str,
        key: UUID,
        owner: UUID,
        value: dict[str, Any],
        created: datetime | None,
        rows: list[Row],
        warn: Warn,
    ) -> Conversation:
        title = values.text(value.get("title"), warn, 500)
        untitled = title in ("", OLD_UNTITLED)
        first = created or (rows[0].created_at if rows else self.run.now)
        updated = values.moment(value.get("updatedAt"), self.run.now, warn) or first
        metadata: dict[str, Any] = {"legacy_id": values.clean(legacy, warn)} | (
            {} if untitled else {"titled": "legacy"}
        )
        project = self._project(value.get("projectId"), owner, metadata, warn)
        return Conversation(
            id=key,
            user_id=owner,
            project_id=project,
            title=Conversation.UNTITLED if untitled else title,
            model=self.model,
            created_at=first,
            updated_at=max([updated, *(row.created_at for row in rows[-1:])]),
            metadata=metadata,
        )

    def _project(self, legacy: Any, owner: UUID, metadata: dict[str, Any], warn: Warn) -> UUID | None:
        """Digits are of the list, anything else of the index; one that is not here is only remembered."""
        if legacy in (None, ""):
            return None
        name = str(legacy)[:200]
        metadata["legacy_project"] = values.clean(name, warn)
        if name not in self.known_projects:
            key = values.new_id("project:json" if name.isdigit() else "project:index", name)
            found = Project.objects.filter(pk=key).values_list("pk", flat=True).first()
            self.known_projects[name] = found
        if self.known_projects[name] is None:
            warn("projeto desconhecido: a conversa ficou sem projeto")
        return self.known_projects[name]

    def _rows(
        self, legacy: str, key: UUID, owner: UUID, messages: list[Any], created: datetime | None
    ) -> Iterator[Row]:
        """The messages in the order of the list; where its times are not in that order, the list wins."""
        last: Row | None = None
        for number, message in enumerate(messages):
            warn = self.run.warner("messages", legacy, number)
            found, problem = self._text_of(message, warn)
            if problem:
                self.run.report.skip("messages", legacy, problem, number)
                continue
            metadata: dict[str, Any] = {"legacy_index": number}
            said = values.moment(message.get("timestamp"), self.run.now, warn)
            moment = said or min((created or self.run.now) + timedelta(milliseconds=number), self.run.now)
            if said is None:
                metadata["timestamp"] = "estimated"
                warn("sem data: estimada pela da conversa")
            if last is not None and moment <= last.created_at:
                if said is not None and moment < last.created_at:
                    warn("datas fora de ordem: vale a ordem da lista")
                    metadata["legacy_timestamp"] = said.isoformat()
                moment = last.created_at + timedelta(microseconds=1)
            last = Row(
                id=values.new_id("message", f"{legacy}:{number}"),
                conversation=key,
                user=owner,
                role=message["role"],
                content=found,
                created_at=moment,
                reply_to=last.id if last else None,
                metadata=json.dumps(metadata),
                legacy=legacy,
                place=number,
            )
            yield last

    @staticmethod
    def _text_of(message: Any, warn: Warn) -> tuple[str, str]:
        if not isinstance(message, dict):
            return "", "não é um objeto"
        if not isinstance(message.get("role"), str) or message["role"] not in ROLES:
            return "", "papel desconhecido"
        found = values.content(message.get("content"), warn)
        return (found, "") if found is not None else ("", "sem conteúdo")

    def flush(self) -> None:
        """Writes the messages that wait; what is there already stays as it is."""
        rows, self.pending = self.pending, []
        if not rows:
            return
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE legacy_messages")
            with cursor.copy(f"COPY legacy_messages ({COLUMNS}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row.columns())
            cursor.execute(CHANGED)
            changed = {pk for (pk,) in cursor.fetchall()}
            cursor.execute(INSERT)
            written = Counter(pk for (pk,) in cursor.fetchall())
        self._count(rows, written, changed)

    def finish(self) -> None:
        """Writes the rest, and gives the planner figures before the foreign keys of so many new rows are checked."""
        self.flush()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE conversations, messages")

    def _count(self, rows: list[Row], written: Counter[UUID], changed: set[UUID]) -> None:
        for row in rows:
            if written[row.id]:
                written[row.id] -= 1
                self.run.report.imported("messages")
                continue
            self.run.report.skip("messages", row.legacy, "já importado", row.place)
            if row.id in changed:
                self.run.report.warn("messages", row.legacy, CHANGED_TEXT, row.place)


def export_key(value: Any) -> str:
    """The key of a conversation that was exported alone and has no id: it follows from what it says."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return "export:" + hashlib.sha256(canonical.encode("utf-8", "replace")).hexdigest()
