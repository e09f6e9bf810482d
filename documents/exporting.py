"""Documents as files: what is asked of the child that writes them, and what comes back.

A file takes up to a second of processor, and somebody waits for it: a job in the queue would make her wait longer than
the work does. So the web process lets a child do it, as it does with pictures of pages: its own loop goes on, a text
that makes the child fail harms nobody, and no database connection is held meanwhile.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from django.http import HttpRequest

from accounts.models import User
from audit.actions import record
from documents.formats import Format
from documents.letterhead import Letterhead
from documents.models import Document

log = logging.getLogger("romagent.exporting")

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-B", "-m", "documents.export_child"]
ENVIRONMENT = {"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
SECONDS = 60.0  # on the clock, for one file
MOST_BYTES = 512 * 1024**2  # of one answer
LINE = 64 * 1024
IDLE = 2.0  # seconds that a child waits for the next file: who asks may be waiting for a slow reader


@dataclass(frozen=True)
class Kind:
    """A kind of file: `key` is what URLs and audit rows call it."""

    key: str
    name: str
    mime_type: str


KINDS = {
    one.key: one
    for one in (
        Kind("docx", "Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        Kind("pdf", "PDF/A", "application/pdf"),
        Kind("md", "Markdown", "text/markdown; charset=utf-8"),
        Kind("txt", "Texto", "text/plain; charset=utf-8"),
    )
}


def mime_type(kind: str) -> str:
    return KINDS[kind].mime_type if kind in KINDS else KINDS["docx"].mime_type  # a comparison is a Word file


class Failed(Exception):
    """The file could not be written: "time", "memory", "died", or the kind of error that the child met."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Wanted:
    """One file to be written; of a comparison, from `old` to `content`, by `author` at `when`."""

    kind: str
    title: str
    content: str
    fmt: Format
    head: Letterhead | None = None
    author: str = ""
    most_mb: float | None = None
    old: str = ""
    when: datetime | None = None

    def as_json(self) -> bytes:
        said = {
            "kind": self.kind, "title": self.title, "content": self.content, "format": self.fmt.key,
            "head": self.head.as_json() if self.head else None, "author": self.author, "most_mb": self.most_mb,
            "old": self.old, "when": self.when.isoformat() if self.when else "",
        }  # fmt: skip
        return json.dumps(said, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


class Renderer:
    """One child after the other, started when it is needed; without work it ends soon, after `async with` at once."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self.process: Process | None = None
        self.ended: list[Process] = []
        self.leaving: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Renderer:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None:
        await self._end()

    async def files(self, wanted: Wanted) -> list[bytes]:
        """What the child has written: one file, or the parts of a PDF that had to be split. Raises `Failed`.

        A child that breaks off after it has written others may have come to the end of its own time or memory: then a
        new one is asked, once.
        """
        self._stay()
        try:
            if self.process:
                try:
                    return await self._in_time(wanted)
                except Failed as failed:
                    if failed.code not in ("died", "memory"):
                        raise
                    await self._end()
            return await self._in_time(wanted)
        finally:
            self.leaving = asyncio.get_running_loop().call_later(IDLE, self._kill)

    async def _in_time(self, wanted: Wanted) -> list[bytes]:
        try:
            async with asyncio.timeout(self.seconds):
                return await self._asked(wanted)
        except TimeoutError as error:
            await self._end()
            raise _failed(wanted, "time") from error
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:  # it is gone, or not itself
            await self._end()
            raise _failed(wanted, "died") from error

    async def _asked(self, wanted: Wanted) -> list[bytes]:
        process = self.process = self.process or await asyncio.create_subprocess_exec(
            *COMMAND, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=ROOT, env=ENVIRONMENT, start_new_session=True,
            limit=LINE,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(wanted.as_json())
        await process.stdin.drain()
        line = await process.stdout.readline()
        if not line.endswith(b"\n"):
            raise asyncio.IncompleteReadError(line, None)
        said = json.loads(line)
        if "fail" in said:
            raise _failed(wanted, said["fail"])
        if sum(said["sizes"]) > MOST_BYTES:
            raise ValueError("too large")
        return [await process.stdout.readexactly(size) for size in said["sizes"]]

    def _stay(self) -> None:
        if self.leaving:
            self.leaving.cancel()

    def _kill(self) -> None:
        process, self.process = self.process, None
        if process:
            with suppress(ProcessLookupError):
                process.kill()
            self.ended.append(process)

    async def _end(self) -> None:
        self._stay()
        self._kill()
        while self.ended:
            await self.ended.pop().wait()


def _failed(wanted: Wanted, code: str) -> Failed:
    log.warning("a document could not be written as %s: %s", wanted.kind, code)
    return Failed(code)


async def files_of(wanted: Wanted) -> list[bytes]:
    """One file from a child of its own. Raises `Failed`."""
    async with Renderer() as renderer:
        return await renderer.files(wanted)


def note(
    document: Document, kind: str, data: list[bytes], *, user: User, request: HttpRequest | None,
    text_sha256: str = "", **more: Any,
) -> None:  # fmt: skip
    """The audit row of a document that is given out: in which format, exactly which files, which text (`text_sha256`,
    when it is a version's and not the document's), and whether somebody had confirmed this very text by then."""
    marks = [hashlib.sha256(file).hexdigest() for file in data]
    text = text_sha256 or document.sha256
    said = {"revision": document.revision, "text_sha256": text, "reviewed": text == document.reviewed_sha256}
    new = {"format": kind, "sha256": marks[0] if len(marks) == 1 else marks, **said, **more}
    record("documento.exportar", user=user, request=request, entity=document, new=new)
