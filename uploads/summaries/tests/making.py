"""Files with pages, and a worker that makes one summary of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from django.utils import timezone

from accounts.models import User
from audit.calls.client import make_client
from projects.models import Project
from romagent.base import chores
from tests.running import some_threads
from uploads.models import Summary, Upload, UploadPage
from uploads.summaries import actions, making

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
        user=owner, original_filename=name, upload_status="ready", page_count=len(texts), processed_at=timezone.now(),
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


def work(summary: Summary, meanwhile: Callable[[], Any] | None = None) -> Summary:
    """Has a worker make it, as its job does; `meanwhile` is called when the first call has begun."""

    async def run() -> None:
        async with some_threads(2) as threads, make_client() as client, asyncio.timeout(60):
            chores.lend(threads)
            try:
                await asyncio.gather(making.make(client, summary.pk), *([between(meanwhile)] if meanwhile else []))
            finally:
                chores._lent = None

    asyncio.run(run())
    summary.refresh_from_db()
    return summary


async def between(call: Callable[[], Any]) -> None:
    await asyncio.to_thread(call)


def lines_of(summary: Summary) -> list[dict[str, Any]]:
    return [line for lines in summary.sections.values() for line in lines]
