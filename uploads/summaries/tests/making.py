"""Files with pages, and a worker that makes one summary of them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import User
from audit.calls.client import make_client
from projects.models import Project
from romagent.base.ids import new_id
from uploads.models import Summary, Upload, UploadPage
from uploads.summaries import actions, making
from uploads.summaries.planning import as_of
from uploads.summaries.sections import SECTIONS

PAGE = (
    "Em {day:02}/03/2021 a autora Maria Prado firmou contrato de compra e venda, documento {number}. "
    "O juiz fixou o prazo de 15 dias para a contestação do réu na folha {number}. "
    "O laudo da perícia {number} concluiu que há risco de multa. Requer a condenação do réu na página {number}."
)
HAIKU = "claude-haiku-5-5"


def page(number: int) -> str:
    return PAGE.format(number=number, day=number % 28 + 1)


def make_file(owner: User, pages: Sequence[str] | int = 3, *, name: str = "autos.pdf", **fields: Any) -> Upload:
    texts = [page(number) for number in range(1, pages + 1)] if isinstance(pages, int) else pages
    upload: Upload = Upload.objects.create(
        user=owner, original_filename=name, file_path=f"arquivos/{new_id()}.pdf", mime_type="application/pdf", upload_status="ready", page_count=len(texts), processed_at=timezone.now(),
        **fields,
    )  # fmt: skip
    UploadPage.objects.bulk_create(
        UploadPage(upload=upload, number=number, text=text, error="" if text else "no_text")
        for number, text in enumerate(texts, start=1)
    )
    return upload


def make_project(owner: User, name: str = "Silva x Souza") -> Project:
    project: Project = Project.objects.create(user=owner, name=name)
    return project


def make_summary(owner: User, pages: Sequence[str] | int = 3, **fields: Any) -> Summary:
    """One that is asked for and not made yet."""
    return actions.begin(HAIKU, user=owner, upload=make_file(owner, pages, **fields).pk)


def made_summary(upload: Upload, *, line: str = "O réu foi citado.") -> Summary:
    """One of a line, as if the file's first page had said it."""
    source = {"upload": str(upload.pk), "page": 1, "passage": line}
    lines = [{"text": line, "date": "2021-03-02", "checked": True, "sources": [source]}]
    covers = [{"upload": str(upload.pk), "first": 1, "last": 1}]
    file = {"upload": str(upload.pk), "pages": 1, "as_of": as_of(upload), "empty": [], "partial": [], "unread": []}
    summary: Summary = Summary.objects.create(
        user=upload.user, upload=upload, model=HAIKU, status="complete", parts_total=1, parts_done=1, page_count=1,
        result=json.dumps({key: lines if key == "cronologia" else [] for key in SECTIONS}, ensure_ascii=False),
        coverage={"files": [file], "left_out": [], "parts": [{"covers": covers, "error": ""}]},
    )  # fmt: skip
    return summary


def work(summary: Summary, meanwhile: Callable[[asyncio.Task[None]], Any] | None = None) -> Summary:
    """Has a worker make it, as its job does; `meanwhile` goes on beside it, and is given the job."""

    async def run() -> None:
        async with make_client() as client, asyncio.timeout(60):
            making_it = asyncio.create_task(making.make(client, summary.pk))
            await asyncio.gather(making_it, *([meanwhile(making_it)] if meanwhile else []))

    asyncio.run(run())
    summary.refresh_from_db()
    return summary


async def until(condition: Callable[[], Any]) -> None:
    """Waits for something in the database, in a thread with a connection of its own."""
    await asyncio.to_thread(_until, condition)


def _until(condition: Callable[[], Any]) -> None:
    try:
        deadline = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        connection.close()


def lines_of(summary: Summary) -> list[dict[str, Any]]:
    return [line for lines in summary.sections.values() for line in lines]
