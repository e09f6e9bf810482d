"""The files that projects name, and `kb-documents.json`: what is a file, and the text that was read from it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from projects.models import Project
from romagent.legacy import values
from romagent.legacy.importer import Importer
from romagent.legacy.reading import Record
from romagent.legacy.values import Warn
from uploads.models import Upload, UploadPage

MISSING = "O arquivo não veio do sistema antigo; envie-o de novo."


def import_file(run: Importer, project: Project | None, value: Any, place: str) -> None:
    """A file that a project names; `project` is None when the project was left out."""
    run.report.read("files")
    legacy: Any = value.get("id") if isinstance(value, dict) else None
    problem = ""
    if not isinstance(legacy, str) or not legacy:
        problem = "sem id"
    elif project is None:
        problem = "o projeto dele não foi importado"
    key = values.new_id("file", legacy)
    if not problem and Upload.objects.filter(pk=key).exists():
        problem = "já importado"
    if problem:
        return run.report.skip("files", legacy or place, problem, place)
    assert project is not None
    warn = run.warner("files", legacy, place)
    _create(run, key, project.user_id, value, warn, text="", project=project, legacy=legacy)
    run.report.imported("files")
    return None


def _create(
    run: Importer, key: UUID, owner: UUID, value: dict[str, Any], warn: Warn, *, text: str, legacy: str, **fields: Any
) -> Upload:
    """The row, with the file where `--files-root` has it and the text where there is one."""
    name = values.text(value.get("originalName") or value.get("name"), warn, 500) or "arquivo sem nome"
    file = run.bring_file(value.get("path"), name, key)
    said = values.text(value.get("type"), warn, 100)
    upload: Upload = Upload.objects.create(
        id=key,
        user_id=owner,
        original_filename=name,
        upload_status=Upload.Status.READY if text else Upload.Status.PENDING if file else Upload.Status.FAILED,
        error="" if text or file else MISSING,
        page_count=1 if text else None,
        pages_done=1 if text else 0,
        created_at=values.moment(value.get("uploadedAt"), run.now, warn) or run.now,
        processed_at=run.now if text else None,
        metadata={"legacy_id": values.plain(legacy), "file_missing": not file, **_text_facts(text)},
        **{"mime_type": said, "file_size": 0, **file, **fields},
    )
    if text:
        UploadPage.objects.create(upload=upload, number=1, text=text)
    if not file:
        warn("o arquivo não veio junto: só o texto" if text else "o arquivo não veio junto")
    return upload


def _text_facts(text: str) -> dict[str, Any]:
    return {"text_sha256": _digest(text), "text_characters": len(text)} if text else {}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


@dataclass
class Documents:
    """`kb-documents.json`, in two passes: documents first, then the full-text copies, which belong to one of them."""

    run: Importer
    seen: dict[tuple[UUID, str], str] = field(default_factory=dict)  # owner and text: the first document with it
    by_name: dict[str, set[UUID]] = field(default_factory=dict)

    def first_pass(self, record: Record) -> None:
        self.run.report.read("documents")
        value, legacy = record.value, _legacy_id(record)
        if problem := record.problem or _problem(value, legacy):
            return self._skip(record, legacy, problem)
        if _is_copy(value):
            return None  # the second pass counts it
        warn = self.run.warner("documents", legacy, record.key)
        owner = self.run.owner_of(value.get("userId"), warn)
        if owner is None:
            return self._skip(record, legacy, "sem dono: informe --owner")
        return self._import(record, legacy, owner, warn)

    def _import(self, record: Record, legacy: str, owner: UUID, warn: Warn) -> None:
        value = record.value
        key = values.new_id("document", legacy)
        text = values.clean(found, warn) if isinstance(found := value.get("extractedText"), str) else ""
        for name in (value.get("name"), value.get("originalName")):
            if isinstance(name, str):
                self.by_name.setdefault(name, set()).add(key)
        twin = self.seen.setdefault((owner, _digest(text)), legacy) if text.strip() else legacy
        if Upload.objects.filter(pk=key).exists():
            return self._skip(record, legacy, "já importado")
        if twin != legacy:
            return self._skip(record, legacy, "o mesmo texto de outro documento da mesma pessoa")
        _create(self.run, key, owner, value, warn, text=text if text.strip() else "", legacy=legacy)
        self.run.report.imported("documents")
        return None

    def second_pass(self, record: Record) -> None:
        """A copy is its parent's text, when the parent has none."""
        value, legacy = record.value, _legacy_id(record)
        if record.problem or _problem(value, legacy) or not _is_copy(value):
            return None
        warn = self.run.warner("documents", legacy, record.key)
        parent = self._parent(value["metadata"].get("parentDocument"))
        text = values.clean(found, warn) if isinstance(found := value.get("extractedText"), str) else ""
        if parent is None:
            return self._skip(record, legacy, "cópia em texto de um documento que não se encontra")
        if not text.strip() or parent.pages.exists():
            same = parent.metadata.get("legacy_text") == values.plain(legacy)
            return self._skip(record, legacy, "já importado" if same else "cópia em texto de quem já tem o seu")
        UploadPage.objects.create(upload=parent, number=1, text=text)
        metadata = parent.metadata | {"legacy_text": values.plain(legacy)} | _text_facts(text)
        ready = {"upload_status": Upload.Status.READY, "error": "", "page_count": 1, "pages_done": 1}
        Upload.objects.filter(pk=parent.pk).update(**ready, processed_at=self.run.now, metadata=metadata)
        self.run.report.imported("documents")
        return None

    def _parent(self, named: Any) -> Upload | None:
        """By its id, or by a file name that exactly one document has."""
        if not isinstance(named, str):
            return None
        namesakes = self.by_name.get(named, set())
        keys = {values.new_id("document", named)} | (namesakes if len(namesakes) == 1 else set())
        found: Upload | None = Upload.objects.filter(pk__in=keys).first()
        return found

    def _skip(self, record: Record, legacy: str, reason: str) -> None:
        self.run.report.skip("documents", legacy or f"nº {record.key}", reason, record.key)


def _legacy_id(record: Record) -> str:
    found = record.value.get("id") if isinstance(record.value, dict) else None
    return found if isinstance(found, str) else ""


def _problem(value: Any, legacy: str) -> str:
    return "não é um objeto" if not isinstance(value, dict) else "" if legacy else "sem id"


def _is_copy(value: dict[str, Any]) -> bool:
    facts = value.get("metadata")
    if not isinstance(facts, dict) or not isinstance(facts.get("parentDocument"), str):
        return False
    return facts.get("isFullText") is True or facts.get("isExtractedText") is True
