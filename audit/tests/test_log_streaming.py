"""The file of the log through the real application: read in its threads, with nothing held between the chunks."""

import asyncio
import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from audit import pages
from audit.tests.making import make_rows
from conftest import signed_in
from tests.running import ask, serving

URL = "/admin/audit/auditlog/exportar/"
pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def after_each_chunk(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """What a test wants done in the thread that has just read two rows and written them down."""
    calls: list[Callable[[], None]] = []
    write = pages._lines

    def lines(rows: object) -> str:
        text = write(rows)
        for call in calls:
            call()
        return text

    monkeypatch.setattr(pages, "CHUNK_ROWS", 2)
    monkeypatch.setattr(pages, "_lines", lines)
    return calls


def download() -> str:
    """The file of five rows and the export's own, as a member of the staff gets it."""
    client: Client = signed_in(User.objects.create_superuser("equipe@exemplo.adv.br"))
    make_rows(5)
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())

    async def run() -> str:
        async with serving() as web:
            exchange = ask(web, "GET", URL, headers={"cookie": cookie})
            await exchange.end()
            assert (exchange.status, exchange.whole) == (200, True)
            return exchange.text

    return asyncio.run(run())


def test_chunks_are_read_in_the_database_threads_and_no_transaction_stays_open(
    after_each_chunk: list[Callable[[], None]],
) -> None:
    seen: list[tuple[bool, bool]] = []

    def look() -> None:
        is_open = connection.in_atomic_block or not connection.get_autocommit()
        seen.append((threading.current_thread().name.startswith("django"), is_open))

    after_each_chunk.append(look)
    assert download().count("conversa.criar") == 5
    assert seen == [(True, False)] * 4  # the headings, then three times two rows


def test_a_connection_lost_between_two_chunks_is_replaced(after_each_chunk: list[Callable[[], None]]) -> None:
    after_each_chunk.append(lambda: connection.connection and connection.connection.close())
    assert download().count("conversa.criar") == 5
