"""The file of a backup: one plain tar with the database's dump, the stored files, and a manifest at its end.

`tar -xf` opens it anywhere. The manifest comes last, so a file that was cut has none and is taken for no backup.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

FORMAT = 1
MANIFEST, DATABASE, FILES = "manifest.json", "database.dump", "files/"
CHUNK = 1024 * 1024
END = bytes(2 * tarfile.BLOCKSIZE)
MANIFEST_MAX = 512 * 1024 * 1024


class Damaged(Exception):
    """Not a whole backup: cut, altered, or something else altogether. The message is in Portuguese."""


@dataclass
class Manifest:
    """What is in the archive; `members` by name as [bytes, SHA-256]."""

    format: int = FORMAT
    started_at: str = ""
    finished_at: str = ""
    server: str = ""  # PostgreSQL's version
    server_major: int = 0
    pg_dump: str = ""
    pg_dump_major: int = 0
    migrations: list[str] = field(default_factory=list)  # `app.name`, those that were applied
    tables: dict[str, int] = field(default_factory=dict)  # rows
    members: dict[str, list[Any]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)  # files that a row names and the storage did not have

    @property
    def files(self) -> list[str]:
        """The names in the storage."""
        return [name.removeprefix(FILES) for name in self.members if name.startswith(FILES)]

    def as_bytes(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()

    @classmethod
    def read(cls, text: bytes) -> Manifest:
        values = json.loads(text)
        if not isinstance(values, dict) or not isinstance(values.get("format"), int):
            raise Damaged("O manifesto da cópia não é o de uma cópia do ROM Agent.")
        if values["format"] > FORMAT:
            raise Damaged("A cópia foi feita por uma versão mais nova do ROM Agent. Atualize antes de restaurar.")
        return cls(**values)


class Writer:
    """Writes members of unknown length to a file that can be sought in: the header is put in afterwards."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.members: dict[str, list[Any]] = {}

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """One member; when `chunks` fail, the archive is as it was before."""
        info = tarfile.TarInfo(name)
        info.mtime, info.mode = int(time.time()), 0o600
        start = self.file.tell()
        try:
            self.file.write(_header(info))
            digest, info.size = hashlib.sha256(), 0
            for chunk in chunks:
                digest.update(chunk)
                info.size += self.file.write(chunk)
        except BaseException:
            self.file.seek(start)
            self.file.truncate()
            raise
        self.file.write(bytes(-info.size % tarfile.BLOCKSIZE))
        end = self.file.tell()
        self.file.seek(start)
        self.file.write(_header(info))
        self.file.seek(end)
        self.members[name] = [info.size, digest.hexdigest()]

    def finish(self, manifest: Manifest) -> None:
        manifest.members = dict(self.members)
        self.add(MANIFEST, [manifest.as_bytes()])
        self.file.write(END)


def _header(info: tarfile.TarInfo) -> bytes:
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Each member in turn, to be read before the next one; nothing but plain files under names of ours."""
    seen: set[str] = set()
    with _reading(path) as tar:
        while (info := tar.next()) is not None:
            tar.members.clear()  # type: ignore[attr-defined]  # it would keep every member it has met
            if info.type != tarfile.REGTYPE or not is_ours(info.name) or info.name in seen:
                raise Damaged("A cópia tem um item que o ROM Agent não põe em cópias.")
            seen.add(info.name)
            file = tar.extractfile(info)
            assert file is not None
            yield info.name, file
        if tar.offset + len(END) != path.stat().st_size:  # type: ignore[attr-defined]
            raise Damaged("O arquivo não termina onde a cópia termina: está cortado ou foi alterado.")


def is_ours(name: str) -> bool:
    """Whether a name may stand in a backup: never one that leads out of the storage."""
    if not name.startswith(FILES):
        return name in {MANIFEST, DATABASE}
    parts = name.removeprefix(FILES).split("/")
    return all(part not in {"", ".", ".."} for part in parts) and not any(sign in name for sign in "\\\0")


@contextmanager
def _reading(path: Path) -> Iterator[tarfile.TarFile]:
    with _in_our_words(), tarfile.open(path, "r:") as tar:
        yield tar


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError) as error:
        raise Damaged("O arquivo está cortado ou não é uma cópia do ROM Agent.") from error


def check(path: Path) -> tuple[Manifest, str]:
    """Reads the whole archive once; its manifest, with that one's SHA-256, when every byte is as it was written."""
    found: dict[str, list[Any]] = {}
    text = b""
    with _in_our_words():
        for name, file in members(path):
            if text:
                raise Damaged("A cópia foi alterada: há algo depois do manifesto.")
            if name == MANIFEST:
                text = file.read(MANIFEST_MAX)
            else:
                found[name] = _measured(file)
    if not text:
        raise Damaged("O arquivo está cortado: falta o manifesto. Ele não serve como cópia.")
    try:
        manifest = Manifest.read(text)
    except (ValueError, TypeError) as error:
        raise Damaged("O manifesto da cópia não pode ser lido.") from error
    expected = {DATABASE: [0, ""]} | manifest.members
    if differing := sorted(name for name in expected | found if expected.get(name) != found.get(name)):
        raise Damaged(f"A cópia foi alterada ou está danificada: {', '.join(differing[:5])}.")
    return manifest, hashlib.sha256(text).hexdigest()


def _measured(file: IO[bytes]) -> list[Any]:
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return [size, digest.hexdigest()]


@contextmanager
def open_database(path: Path) -> Iterator[IO[bytes]]:
    """The dump inside a checked archive."""
    with _reading(path) as tar:
        file = tar.extractfile(DATABASE)
        assert file is not None
        yield file
