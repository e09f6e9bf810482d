"""All documents of a project in one ZIP, which is written while it is sent: one document at a time is in memory."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from io import BytesIO
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from accounts.models import User
from audit.actions import record
from documents import exporting
from documents.exporting import Failed, Renderer, Wanted
from documents.models import Document
from documents.papers import paper_of
from projects.models import Project
from romagent.base.portability import Names, safe_name

KINDS = ("docx", "pdf")
AT_ONCE = 2  # documents that one process writes for such ZIPs at the same time: each takes a processor
READ_ME = "LEIA-ME.txt"
_turns = asyncio.Semaphore(AT_ONCE)


def response(project: Project, *, user: User, request: HttpRequest) -> StreamingHttpResponse:
    """The download. What cannot be written is named in it, and the rest is there."""
    ids = list(Document.objects.for_user(user).filter(project=project).order_by("pk").values_list("pk", flat=True))
    record("projeto.exportar-documentos", user=user, request=request, entity=project, new={"documents": len(ids)})
    name = safe_name(f"{project.name}, documentos, {timezone.localdate():%Y-%m-%d}", ".zip")
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return StreamingHttpResponse(
        _parts(ids, project.pk, user, request), content_type="application/zip", headers=headers
    )


class _Outlet:
    """Where a ZIP is written that nobody can seek in: what has come since it was last asked for."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.waiting.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        taken, self.waiting = b"".join(self.waiting), []
        return taken


async def _parts(ids: Sequence[UUID], project: UUID, user: User, request: HttpRequest) -> AsyncIterator[bytes]:
    outlet, names, missing = _Outlet(), Names(), list[str]()
    names.unique(READ_ME)
    async with Renderer() as renderer:
        archive = zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED)  # type: ignore[call-overload]  # packed already
        for pk in ids:
            async with _turns:  # given back before the reader takes what is there: a slow one keeps nobody waiting
                found = await _in_thread(_load, pk, project, user)
                if found is None:  # deleted or moved in the meantime, or hers no more
                    continue
                document, wanted = found
                name = names.unique(safe_name(document.title, ".docx")).removesuffix(".docx")
                for kind in KINDS:
                    try:
                        files = await renderer.files(wanted(kind))
                    except Failed:
                        missing.append(f"{name}.{kind}")
                        continue
                    await _in_thread(_note, document, kind, files, user, request)
                    archive.writestr(zipfile.ZipInfo(f"{name}.{kind}", _now()), files[0])
            yield outlet.take()
        if missing or not archive.namelist():
            archive.writestr(zipfile.ZipInfo(READ_ME, _now()), _read_me(missing))
        archive.close()
    yield outlet.take()


async def _in_thread(call: Callable[..., Any], *args: Any) -> Any:
    """In a thread that keeps no connection: between two documents nobody holds one."""
    return await asyncio.to_thread(_and_close, call, *args)


def _and_close(call: Callable[..., Any], *args: Any) -> Any:
    try:
        return call(*args)
    finally:
        connections.close_all()


def _load(pk: UUID, project: UUID, user: User) -> tuple[Document, Callable[[str], Wanted]] | None:
    document = Document.objects.for_user(user).select_related("user").filter(pk=pk, project=project).first()
    if document is None:
        return None
    paper = paper_of(document)
    head = paper.head_for(document.text)

    def wanted(kind: str) -> Wanted:
        return Wanted(kind, document.title, document.content, paper.fmt, head, document.user.name)

    return document, wanted


@transaction.atomic
def _note(document: Document, kind: str, files: list[bytes], user: User, request: HttpRequest) -> None:
    exporting.note(document, kind, files, user=user, request=request, with_project=str(document.project_id))


def _now() -> tuple[int, int, int, int, int, int]:
    now = timezone.localtime()
    return now.year, now.month, now.day, now.hour, now.minute, now.second


def _read_me(missing: Sequence[str]) -> bytes:
    if not missing:
        return "Este projeto não tem documentos.\n".encode()
    said = "Estes arquivos não puderam ser escritos; os documentos estão a salvo no ROM Agent:\n"
    return (said + "".join(f"- {name}\n" for name in missing)).encode()


def zipped(files: Sequence[bytes], name: str) -> bytes:
    """The parts of one document, numbered in their order."""
    stem, dot, ending = name.rpartition(".")
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for number, data in enumerate(files, 1):
            archive.writestr(zipfile.ZipInfo(f"{stem} (parte {number} de {len(files)}){dot}{ending}", _now()), data)
    return out.getvalue()
