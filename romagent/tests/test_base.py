"""The ground: ids, pages by keyset, rate limits, threads with their connections, log lines."""

import asyncio
import io
import json
import logging
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from gunicorn.config import Config
from pytest_django import Settings

from accounts.models import User
from romagent import gunicorn
from romagent.base import limits
from romagent.base.ids import new_id
from romagent.base.keyset import newest_first
from romagent.base.limits import seconds_to_wait
from romagent.base.logs import AROUND, JsonFormatter, TextFormatter, exception_text, request_id
from tests.running import some_threads

# Ids ---------------------------------------------------------------------------------------------


def test_ids_are_version_7_and_in_the_order_in_which_they_were_made() -> None:
    ids = [new_id() for _ in range(5000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 5000
    assert {made.version for made in ids} == {7}


# Keyset pages ------------------------------------------------------------------------------------


@pytest.fixture
def people() -> list[User]:
    """Newest first, some of the same moment."""
    now = timezone.now()
    made = [
        User(email=f"p{number}@exemplo.adv.br", created_at=now - timedelta(minutes=number // 3)) for number in range(20)
    ]
    User.objects.bulk_create(made)
    return sorted(made, key=lambda person: (person.created_at, person.pk), reverse=True)


@pytest.mark.django_db
@pytest.mark.data_layer
@pytest.mark.parametrize("size", [1, 2, 3, 7, 19, 20, 21])
def test_the_pages_have_every_row_once_in_order(people: list[User], size: int) -> None:
    found: list[User] = []
    after = ""
    while True:
        page = newest_first(User.objects.all(), "created_at", after, size)
        found += page.items
        after = page.after
        if not after:
            break
    assert found == people


@pytest.mark.django_db
@pytest.mark.data_layer
def test_no_page_is_found_by_counting(people: list[User]) -> None:
    second = newest_first(User.objects.all(), "created_at", size=5).after
    with CaptureQueriesContext(connection) as queries:
        newest_first(User.objects.all(), "created_at", second, 5)
    (query,) = queries.captured_queries
    assert "LIMIT 6" in query["sql"]
    assert "OFFSET" not in query["sql"]


@pytest.mark.django_db
@pytest.mark.data_layer
@pytest.mark.parametrize(
    "cursor",
    [
        "x", "~", "2026-11-22T10:00:00~x", "2026-11-22T10:00:00~" + "0" * 32, "~" + "0" * 32, "\x00~\x00",
        "2026-11-22T10:00:00+00:00", "9" * 1000, "2026-11-22T10:00:00+00:00~" + "0" * 31,
    ],
)  # fmt: skip
def test_a_cursor_that_cannot_be_read_is_the_beginning(people: list[User], cursor: str) -> None:
    assert newest_first(User.objects.all(), "created_at", cursor, 5).items == people[:5]


@pytest.mark.django_db
@pytest.mark.data_layer
@pytest.mark.parametrize("moment", [datetime.min, datetime.max])
@pytest.mark.parametrize("zone", ["+00:00", "+23:59", "-23:59", "+14:00:30"])
def test_a_cursor_at_the_end_of_time_breaks_nothing(people: list[User], moment: datetime, zone: str) -> None:
    newest_first(User.objects.all(), "created_at", f"{moment.isoformat()}{zone}~{UUID(int=0)}", 5)


# Rate limits -------------------------------------------------------------------------------------


def test_so_many_in_a_minute_and_then_the_time_to_wait() -> None:
    person = uuid4()
    assert [seconds_to_wait("teste", person, 3) for _ in range(3)] == [0, 0, 0]
    assert 1 <= seconds_to_wait("teste", person, 3) <= 60
    assert [seconds_to_wait("por hora", person, 2, 3600) for _ in range(2)] == [0, 0]
    assert 60 < seconds_to_wait("por hora", person, 2, 3600) <= 3600


def test_people_and_actions_are_counted_apart() -> None:
    person = uuid4()
    seconds_to_wait("teste", person, 1)
    assert seconds_to_wait("teste", person, 1) > 0
    assert seconds_to_wait("outra", person, 1) == 0
    assert seconds_to_wait("teste", uuid4(), 1) == 0


def test_what_was_refused_does_not_count() -> None:
    person = uuid4()
    seconds_to_wait("teste", person, 1)
    first = seconds_to_wait("teste", person, 1)
    assert all(seconds_to_wait("teste", person, 1) <= first for _ in range(5))


def test_where_there_is_no_redis_nobody_is_shut_out(settings: Settings) -> None:
    settings.REDIS_URL = ""
    assert {seconds_to_wait("teste", "x", 1) for _ in range(5)} == {0}


def test_a_redis_that_is_away_shuts_nobody_out(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import redis

    away = redis.ConnectionPool.from_url("redis://127.0.0.1:9/0", socket_connect_timeout=0.2)
    monkeypatch.setattr(limits, "sync_pool", lambda: away)
    limits._limiter.cache_clear()
    try:
        assert {seconds_to_wait("teste", "x", 1) for _ in range(3)} == {0}
    finally:
        limits._limiter.cache_clear()
    assert "rate limit not checked, Redis is away" in caplog.text


# Threads -----------------------------------------------------------------------------------------


def backend() -> int:
    """The number of the PostgreSQL process behind this thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.mark.usefixtures("committed")
def test_there_are_as_many_connections_as_threads_and_they_stay() -> None:
    async def run() -> set[int]:
        async with some_threads(3) as threads:
            await threads.warm_up()
            return set(await asyncio.gather(*(threads.run(backend) for _ in range(40))))

    assert len(asyncio.run(run())) <= 3


def end_backend(pid: int, wait_ms: int = 0) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, %s)", [pid, wait_ms])


@pytest.mark.usefixtures("committed")
def test_a_connection_that_was_lost_is_replaced_at_the_next_use() -> None:
    async def run() -> None:
        async with some_threads(1) as threads, some_threads(1) as other:
            first = await threads.run(backend)
            await other.run(end_backend, first, 5000)
            assert await threads.run(backend) != first

    asyncio.run(run())


@pytest.mark.usefixtures("committed")
def test_a_connection_that_breaks_in_mid_use_is_gone_for_the_next_one() -> None:
    async def run() -> None:
        async with some_threads(1) as threads:
            own = await threads.run(backend)
            with pytest.raises(OperationalError):
                await threads.run(end_backend, own)
            assert await threads.run(backend) != own

    asyncio.run(run())


# Log lines ---------------------------------------------------------------------------------------


@pytest.fixture
def record() -> logging.LogRecord:
    made = logging.LogRecord("romagent.web", logging.WARNING, "x.py", 1, "duas\nlinhas %s", ("ç",), None)
    made.created = datetime(2026, 11, 22, 12, 0, 0, 123000, tzinfo=UTC).timestamp()
    return made


def test_a_line_for_people(record: logging.LogRecord) -> None:
    token = request_id.set("abc")
    line = TextFormatter().format(record)
    request_id.reset(token)
    assert line == "2026-11-22T12:00:00.123+00:00 WARNING romagent.web [abc] duas\\nlinhas ç"


def test_a_line_for_machines(record: logging.LogRecord) -> None:
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line) == {
        "time": "2026-11-22T12:00:00.123+00:00", "level": "warning", "logger": "romagent.web", "request_id": "-",
        "event": "duas\nlinhas ç",
    }  # fmt: skip


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_an_exception_is_in_the_log(formatter: logging.Formatter) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    log = logging.Logger("teste")
    log.addHandler(handler)
    try:
        raise ValueError("o motivo")
    except ValueError:
        log.exception("falhou")
    assert "falhou" in stream.getvalue()
    assert "ValueError: o motivo" in stream.getvalue()
    if isinstance(formatter, JsonFormatter):
        assert len(stream.getvalue().splitlines()) == 1


def test_causes_that_go_round_in_a_circle_are_told_once() -> None:
    """Python cuts circles of contexts, and leaves those that a cause is part of."""
    first = ValueError("a primeira")
    try:
        try:
            try:
                raise first
            except ValueError as error:
                raise KeyError("a segunda") from error
        except KeyError:
            raise first  # noqa: B904 - as a driver does that keeps its error
    except ValueError as error:
        text = exception_text(error)
    found = [text.count(words) for words in ("ValueError: a primeira", "KeyError: 'a segunda'", AROUND)]
    assert found == [1, 1, 1]


@pytest.mark.django_db
def test_every_request_has_a_name_and_a_line(as_owner: object, caplog: pytest.LogCaptureFixture) -> None:
    response = as_owner.get("/conversas/")  # type: ignore[attr-defined]
    assert re.fullmatch(r"[0-9a-f]{32}", response["X-Request-Id"])
    lines = [record.getMessage() for record in caplog.records if record.name == "romagent.web"]
    assert re.fullmatch(r"GET /conversas/ 200 \d+ms", lines[-1])


def test_the_prober_fills_no_log(client: object, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/health/")  # type: ignore[attr-defined]
    assert not [record for record in caplog.records if record.name == "romagent.web"]


def test_gunicorn_makes_no_line_for_a_request_that_is_shown_nowhere() -> None:
    configuration = Config()
    configuration.set("logger_class", gunicorn.logger_class)
    assert configuration.logger_class.access_log_enabled is False
