"""What is served of a file beside the file itself: a page as it looks, and its whole text. Nothing that could act."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import PurePosixPath
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from accounts.requests import SignedInRequest
from romagent.base.threads import let_connection_go
from uploads import actions, passwords, words
from uploads.local import on_this_machine
from uploads.models import Upload, UploadPage
from uploads.multipart import StorageAway
from uploads.reading.found import Limits, Unreadable
from uploads.reading.parent import render

log = logging.getLogger("romagent.reading")

# Whatever a browser takes it for, it runs nothing and loads nothing.
CLOSED = {"Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff"}
PICTURED = ("application/pdf", "image/")  # what has pages that can be drawn
WIDTH = 1240  # pixels: A4 at 150 dots an inch
QUICK = Limits(open_seconds=20, page_seconds=15, cpu_seconds=20)  # somebody waits
PAGES_AT_ONCE = 50


def whole(request: SignedInRequest, pk: UUID) -> Upload:
    """A file that this person may see and that is there whole."""
    upload: Upload = get_object_or_404(Upload.objects.for_user(request.user).exclude(file_path=""), pk=pk)
    if upload.being_sent:
        raise Http404
    return upload


def has_pictures(upload: Upload) -> bool:
    return bool(upload.page_count) and upload.mime_type.startswith(PICTURED)


@require_GET
def picture(request: SignedInRequest, pk: UUID, number: int) -> HttpResponse:
    """The page as it looks in the file, as JPEG. The browser keeps it, and asks each time whether it still may."""
    upload = whole(request, pk)
    if not has_pictures(upload) or not 1 <= number <= (upload.page_count or 0):
        raise Http404
    mark = hashlib.sha256(f"{upload.pk} {upload.file_path} {number} {WIDTH}".encode()).hexdigest()[:32]
    headers = {"ETag": f'"{mark}"', "Cache-Control": "private, no-cache", **CLOSED}
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return HttpResponseNotModified(headers=headers)
    let_connection_go()
    try:
        drawn = asyncio.run(_drawn(upload, number))
    except Unreadable as end:
        return _sentence(words.why(end.code, end.page), 422)
    except FileNotFoundError:
        log.error("the file of upload %s is not in the storage", upload.pk)
        return _sentence("O arquivo não foi encontrado no armazenamento.", 410)
    except StorageAway:
        return _sentence("O armazenamento de arquivos não respondeu.", 503)
    return HttpResponse(drawn, content_type="image/jpeg", headers=headers)


async def _drawn(upload: Upload, number: int) -> bytes:
    password = passwords.unsealed(upload.metadata.get(passwords.KEY, ""))
    async with on_this_machine(upload.file_path) as path:
        drawing = render(path, [number], password=password, width=WIDTH, limits=QUICK)
        async with aclosing(drawing) as drawn:  # type: ignore[type-var]
            async for _, jpeg in drawn:
                return jpeg
    raise Unreadable("no_page", number)


@require_GET
def text(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """All that was read of the file, as plain text with its pages marked, to be kept under the file's own name."""
    upload = whole(request, pk)
    name = f"{PurePosixPath(upload.original_filename).stem}.txt"
    actions.record_text(upload, user=request.user, request=request)
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment", "Cache-Control": "no-store",
        **CLOSED,
    }  # fmt: skip
    return StreamingHttpResponse(_texts(upload), content_type="text/plain; charset=utf-8", headers=headers)


def _texts(upload: Upload) -> Iterator[bytes]:
    """Some pages at a time: between two of them nobody holds a connection."""
    last = 0
    while True:
        pages = UploadPage.objects.filter(upload=upload, number__gt=last).order_by("number")[:PAGES_AT_ONCE]
        said = [_marked(page, upload.page_count or 0) for page in pages]
        if not said:
            break
        yield "".join(text for _, text in said).encode()
        last = said[-1][0]
    if last < (upload.page_count or 0):
        yield _left_out(last + 1, upload.page_count or 0).encode()


def _left_out(first: int, last: int) -> str:
    """What stands at the end of a text that is not all of the file."""
    pages = f"A página {last} não foi lida" if first == last else f"As páginas {first} a {last} não foram lidas"
    return f"=== {pages} ===\n"


def _marked(page: UploadPage, of: int) -> tuple[int, str]:
    source = ", lido da imagem" if page.source == UploadPage.Source.VISION else ""
    why = f"[{words.why_page(page.error)}]\n" if page.error else ""
    return page.number, f"=== Página {page.number} de {of}{source} ===\n\n{why}{page.text}\n\n"


def _sentence(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8", headers=CLOSED)
