"""What all kinds of records share: whose things become, what is there already, and files named by the old data."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from uuid import UUID

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from romagent.legacy.report import Report
from romagent.legacy.values import Warn
from uploads.models import FOLDER

NOBODY = frozenset({"", "anonymous", "web-upload", "system", "rebuild-script", "default"})
MAX_FILE = 1024 * 1024 * 1024  # bytes
SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"{\\rtf", "application/rtf"),
    (b"\xd0\xcf\x11\xe0", "application/msword"),
)
OOXML = {".docx": "vnd.openxmlformats-officedocument.wordprocessingml.document",
         ".xlsx": "vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip


@dataclass
class Importer:
    """One run: its choices, and what is known of people across its files."""

    report: Report
    owner: User | None = None
    dry_run: bool = False
    keep_empty: bool = False
    keep_default: bool = False
    allow_admins: bool = False
    files_root: Path | None = None
    now: datetime = field(default_factory=timezone.now)
    people: dict[str, UUID] = field(default_factory=dict)  # legacy id: person here
    stored: list[str] = field(default_factory=list)  # files written, to be taken back if the file's import fails

    def __post_init__(self) -> None:
        known = User.objects.filter(metadata__has_key="legacy_ids").values_list("pk", "metadata")
        self.people = {legacy: pk for pk, metadata in known for legacy in metadata["legacy_ids"]}

    def warner(self, kind: str, legacy: object, place: object = "") -> Warn:
        return lambda reason: self.report.warn(kind, legacy, reason, place)

    def owner_of(self, legacy: Any, warn: Warn) -> UUID | None:
        """The person whose it was; `--owner` for what was nobody's; None when there is no owner at all."""
        name = legacy if isinstance(legacy, str) else ""
        if name in self.people:
            return self.people[name]
        if name not in NOBODY:
            warn("pessoa desconhecida: ficou com --owner")
        return self.owner.pk if self.owner else None

    def bring_file(self, path: Any, name: str, key: UUID) -> dict[str, Any]:
        """The file's columns, when it is below `--files-root` and may be read; {} otherwise. Nothing else is opened."""
        found = self._find(path)
        if found is None:
            return {}
        columns = {"file_size": found.stat().st_size, "sha256": _sha256(found), "mime_type": detect_type(found, name)}
        if not self.dry_run:
            with found.open("rb") as content:
                stored = default_storage.save(f"{FOLDER}/{key}", File(content))
            self.stored.append(stored)
            columns |= {"file_path": stored, "stored_filename": PurePosixPath(stored).name}
        return columns

    def _find(self, path: Any) -> Path | None:
        if self.files_root is None or not isinstance(path, str) or "\x00" in path:
            return None
        root = self.files_root.resolve()
        parts = PureWindowsPath(path).parts if "\\" in path else PurePosixPath(path).parts
        below = [part for part in parts if part not in ("/", "..")] or [""]
        for candidate in (root.joinpath(*below), root / below[-1]):
            if _is_plain_file_in(candidate, root):
                return candidate
        return None

    def take_back_files(self) -> None:
        """Removes the files of an import that was undone."""
        for name in self.stored:
            default_storage.delete(name)
        self.stored.clear()


def _is_plain_file_in(path: Path, root: Path) -> bool:
    """No link anywhere on the way, nothing outside, nothing too large."""
    try:
        return (
            path.resolve() == path
            and path.is_relative_to(root)
            and path != root
            and path.is_file()
            and path.stat().st_size <= MAX_FILE
        )
    except (OSError, ValueError):
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def detect_type(path: Path, name: str) -> str:
    """By the first bytes; what the old data says of it was often wrong."""
    with path.open("rb") as file:
        head = file.read(4096)
    for signature, found in SIGNATURES:
        if head.startswith(signature):
            suffix = PurePosixPath(name.lower()).suffix
            return f"application/{OOXML[suffix]}" if found == "application/zip" and suffix in OOXML else found
    return "application/octet-stream" if b"\x00" in head else "text/plain"
