"""The sums by day, by month and for the office: whatever way a call is written, they are those of the calls."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import F, Sum

from accounts.models import User
from audit.costs import NAMES
from audit.models import AIOperation, AIUsageDay, AIUsageMonth, AIUsageOffice
from audit.tests.calls import MODEL, at, call, make_call

pytestmark = pytest.mark.data_layer
db = pytest.mark.django_db
committed = pytest.mark.usefixtures("committed")
TABLES = (AIUsageDay, AIUsageOffice)


def sums_of(rows: Any) -> dict[str, Any]:
    found: dict[str, Any] = rows.aggregate(**{f"all_{name}": Sum(name) for name in NAMES})
    return {name: found[f"all_{name}"] or 0 for name in NAMES}


def added_up() -> dict[str, Any]:
    """The calls themselves, added up in Python."""
    calls = list(AIOperation.objects.all())
    found: dict[str, Any] = {
        "calls": len(calls),
        "failed": sum(one.status == "failed" for one in calls),
        "unpriced": sum(one.tokens_input is not None and one.cost_usd is None for one in calls),
        "ttft_calls": sum(one.ttft_ms is not None for one in calls),
        "ttft_slow": sum((one.ttft_ms or 0) > AIUsageDay.SLOW_MS for one in calls),
    }
    return found | {name: sum(getattr(one, name) or 0 for one in calls) for name in NAMES if name not in found}


def assert_in_step() -> None:
    for table in TABLES:
        assert sums_of(table.objects.all()) == added_up(), table
    month = AIUsageMonth.objects.aggregate(calls=Sum("calls"), unpriced=Sum("unpriced"), cost_usd=Sum("cost_usd"))
    assert {name: value or 0 for name, value in month.items()} == {name: added_up()[name] for name in month}


# Writing -----------------------------------------------------------------------------------------


@db
def test_a_call_is_in_the_sums_of_its_day_person_model_and_kind(owner: User) -> None:
    make_call(owner, "0.5", created_at=at(22), ttft_ms=3001, status="failed")
    day = AIUsageDay.objects.get()
    assert (day.day, day.user, day.model, day.operation_type) == (date(2026, 11, 22), owner, MODEL, "answer")
    assert (day.calls, day.failed, day.unpriced) == (1, 1, 0)
    assert (day.tokens_input, day.tokens_output, day.cache_read_tokens, day.cache_write_tokens) == (100, 50, 400, 30)
    assert (day.cost_usd, day.cache_saved_usd) == (Decimal("0.5"), Decimal("0.25"))
    assert (day.ttft_calls, day.ttft_ms, day.ttft_slow) == (1, 3001, 1)
    month = AIUsageMonth.objects.get()
    assert (month.month, month.user, month.calls, month.cost_usd) == (date(2026, 11, 1), owner, 1, Decimal("0.5"))
    office = AIUsageOffice.objects.get()
    assert (office.day, office.model, office.operation_type) == (date(2026, 11, 22), MODEL, "answer")
    assert 0 <= office.shard < 16
    assert_in_step()


@db
def test_many_calls_of_one_statement_are_added_together(owner: User, stranger: User) -> None:
    others = [call(owner, "8", model="claude-haiku-5-5"), call(owner, "16", operation_type="title"), call(None, "32")]
    AIOperation.objects.bulk_create([call(owner, "1"), call(owner, "2"), call(stranger, "4"), *others])
    assert AIUsageDay.objects.count() == 5
    assert AIUsageDay.objects.get(user=owner, model=MODEL, operation_type="answer").cost_usd == 3
    assert AIUsageDay.objects.get(user=None).cost_usd == 32
    assert AIUsageMonth.objects.get(user=owner).cost_usd == 27
    assert_in_step()


@db
def test_calls_without_a_person_are_one_row(owner: User) -> None:
    for _ in range(3):
        make_call(None)
    assert AIUsageDay.objects.get().calls == 3
    assert AIUsageMonth.objects.get().calls == 3


@db
def test_a_statement_without_rows_adds_nothing() -> None:
    AIOperation.objects.bulk_create([])
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO ai_operations SELECT * FROM ai_operations WHERE false")
    assert not AIUsageDay.objects.exists()


@db
def test_what_is_taken_back_is_not_in_the_sums(owner: User) -> None:
    make_call(owner)
    with transaction.atomic():
        make_call(owner)
        transaction.set_rollback(True)
    assert AIUsageDay.objects.get().calls == 1
    assert_in_step()


@committed
def test_writers_at_the_same_moment_lose_nothing_and_do_not_wait_in_a_circle(owner: User, stranger: User) -> None:
    """Each writes both people's calls, in either order, in transactions that overlap."""
    troubles: list[Exception] = []
    ready = threading.Barrier(8)

    def write(turn: int) -> None:
        people = [owner, stranger] if turn % 2 else [stranger, owner]
        try:
            ready.wait(10)
            for _ in range(25):
                AIOperation.objects.bulk_create(
                    [call(person, "0.01", model=f"m{n}") for n in (turn % 3, 1) for person in people]
                )
        except Exception as trouble:
            troubles.append(trouble)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[turn]) for turn in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert troubles == []
    assert added_up()["calls"] == 8 * 25 * 4
    assert_in_step()


@committed
def test_two_answers_that_end_together_do_not_wait_for_each_others_row_of_the_office(
    owner: User, stranger: User
) -> None:
    """Connections with other remainders: the second is written while the first has not ended."""
    make_call(owner)
    (mine,) = AIUsageOffice.objects.values_list("shard", flat=True)
    written = threading.Event()

    def write() -> None:
        for _ in range(40):  # until the server gives it a number with another remainder
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid() % 16")
                if cursor.fetchone()[0] != mine:
                    break
            connection.close()
        make_call(stranger)
        written.set()
        connection.close()

    with transaction.atomic():
        make_call(owner)
        thread = threading.Thread(target=write)
        thread.start()
        assert written.wait(10)
    thread.join()
    assert AIUsageOffice.objects.count() == 2
    assert_in_step()


# Days --------------------------------------------------------------------------------------------


@db
@pytest.mark.parametrize(
    ("moment", "day", "month"),
    [
        (datetime(2026, 12, 1, 2, 59, 59, tzinfo=UTC), date(2026, 11, 30), date(2026, 11, 1)),
        (datetime(2026, 12, 1, 3, 0, 0, tzinfo=UTC), date(2026, 12, 1), date(2026, 12, 1)),
        (datetime(2027, 1, 1, 2, 0, 0, tzinfo=UTC), date(2026, 12, 31), date(2026, 12, 1)),
        (datetime(2018, 11, 4, 2, 30, 0, tzinfo=UTC), date(2018, 11, 3), date(2018, 11, 1)),  # summer time begins
        (datetime(2018, 11, 5, 2, 30, 0, tzinfo=UTC), date(2018, 11, 5), date(2018, 11, 1)),
    ],
)
def test_a_day_ends_at_midnight_in_sao_paulo(owner: User, moment: datetime, day: date, month: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Asia/Tokyo'")  # whatever the session's own
    make_call(owner, created_at=moment)
    assert AIUsageDay.objects.get().day == AIUsageOffice.objects.get().day == day
    assert AIUsageMonth.objects.get().month == month


# What is not known -------------------------------------------------------------------------------


@db
def test_a_call_whose_price_is_not_known_is_counted_as_that_and_not_as_free(owner: User) -> None:
    make_call(owner, "1")
    make_call(owner, None)
    make_call(owner, None, tokens_input=None, tokens_output=None, status="failed")  # what it used is not known either
    day = AIUsageDay.objects.get()
    assert (day.calls, day.unpriced, day.cost_usd) == (3, 1, 1)
    assert AIUsageMonth.objects.get().unpriced == 1
    assert_in_step()


# Changing and deleting ---------------------------------------------------------------------------


@db
def test_a_price_that_is_found_later_is_in_the_sums(owner: User) -> None:
    late = make_call(owner, None, created_at=at(3))
    make_call(owner, "1", created_at=at(3))
    AIOperation.objects.filter(pk=late.pk).update(cost_usd=Decimal("2.5"), cache_saved_usd=Decimal(1))
    day = AIUsageDay.objects.get()
    assert (day.calls, day.unpriced, day.cost_usd, day.cache_saved_usd) == (2, 0, Decimal("3.5"), Decimal("1.25"))
    assert_in_step()


@db
def test_a_call_that_is_moved_to_another_day_or_person_is_moved_in_the_sums(owner: User, stranger: User) -> None:
    made = make_call(owner, created_at=at(3))
    AIOperation.objects.filter(pk=made.pk).update(created_at=at(4), user=stranger)
    assert AIUsageDay.objects.get(day=date(2026, 11, 3)).calls == 0
    assert AIUsageDay.objects.get(day=date(2026, 11, 4), user=stranger).calls == 1
    assert_in_step()


@db
def test_a_change_that_changes_no_sum_writes_no_row(owner: User) -> None:
    make_call(owner)
    for table in (*TABLES, AIUsageMonth):
        table.objects.all().delete()
    AIOperation.objects.update(error_message="overloaded")
    assert not any(table.objects.exists() for table in (*TABLES, AIUsageMonth))


@db
def test_many_changed_calls_are_corrected_together(owner: User, stranger: User) -> None:
    AIOperation.objects.bulk_create([call(person, "1") for person in (owner, stranger) for _ in range(5)])
    AIOperation.objects.update(cost_usd=F("cost_usd") * 3)
    assert AIUsageMonth.objects.get(user=owner).cost_usd == 15
    assert_in_step()


@db
def test_the_sums_stay_when_old_calls_are_deleted(owner: User) -> None:
    make_call(owner, "1")
    before = [sums_of(table.objects.all()) for table in TABLES]
    AIOperation.objects.all().delete()
    assert [sums_of(table.objects.all()) for table in TABLES] == before
    assert AIUsageMonth.objects.get().cost_usd == 1


# Migrations --------------------------------------------------------------------------------------


@pytest.fixture
def migrated(committed: None) -> Iterator[Any]:
    """Migrates `audit` to where a test wants it, and back to its newest state afterwards."""

    def to(name: str) -> None:
        MigrationExecutor(connection).migrate([("audit", name)])

    newest = next(name for app, name in MigrationExecutor(connection).loader.graph.leaf_nodes() if app == "audit")
    yield to
    to(newest)


def write_old_calls(owner: User, stranger: User) -> None:
    """As the code before the sums did, by SQL: the models of today have columns that are not there."""
    with connection.cursor() as cursor:
        for person, cost, moment in [
            (owner, 1, at(1)),
            (owner, 2, at(1)),
            (stranger, None, at(2)),
            (None, 4, at(2, month=10)),
        ]:
            cursor.execute(
                """INSERT INTO ai_operations (id, user_id, operation_type, model, tokens_input, tokens_output, cost_usd,
                status, error_message, created_at, metadata)
                VALUES (gen_random_uuid(), %s, 'answer', 'm', 10, 5, %s, 'complete', '', %s, '{}')""",
                [person.pk if person else None, cost, moment],
            )


def test_what_there_was_before_the_sums_is_added_up_by_the_migrations(
    migrated: Any, owner: User, stranger: User
) -> None:
    migrated("0004_usage_days")
    write_old_calls(owner, stranger)
    migrated("0005_add_up_usage")
    days = AIUsageDay.objects.order_by("day", "user_id")
    assert [(day.day.day, day.calls, day.unpriced, day.cost_usd) for day in days] == [
        (2, 1, 0, 4),
        (1, 2, 0, 3),
        (2, 1, 1, 0),
    ]
    write_old_calls(owner, stranger)  # the trigger of then
    assert sums_of(AIUsageDay.objects.all())["calls"] == 8
    migrated("0008_find_calls")
    assert_in_step()
    make_call(owner)
    assert_in_step()


def test_the_newer_sums_are_made_from_the_days_which_outlive_the_calls(migrated: Any, owner: User) -> None:
    migrated("0005_add_up_usage")
    AIUsageDay.objects.create(day=date(2025, 1, 2), user=owner, model="m", operation_type="answer", calls=7, cost_usd=3)
    migrated("0008_find_calls")
    assert (AIUsageOffice.objects.get().calls, AIUsageMonth.objects.get().cost_usd) == (7, 3)


def test_going_back_leaves_the_days_and_their_trigger_as_they_were(migrated: Any, owner: User) -> None:
    make_call(owner, created_at=at(1))
    migrated("0006_sums_and_budgets")
    assert not AIUsageOffice.objects.exists()
    make_call(owner, created_at=at(1))
    assert AIUsageDay.objects.get().calls == 2
    assert not AIUsageOffice.objects.exists()
    AIOperation.objects.update(cost_usd=100)  # nobody corrects anything, as it was then
    assert AIUsageDay.objects.get().cost_usd == 2


def test_the_sums_of_a_whole_month_are_those_of_its_days(db: None, owner: User) -> None:
    for day in range(1, 31):
        make_call(owner, "0.1", created_at=at(day, 23, 59))
        make_call(owner, "0.1", created_at=at(day, 23, 59) + timedelta(minutes=1))
    november = AIUsageMonth.objects.get(month=date(2026, 11, 1))
    assert (november.calls, november.cost_usd) == (59, Decimal("5.9"))
    assert AIUsageMonth.objects.get(month=date(2026, 12, 1)).calls == 1
