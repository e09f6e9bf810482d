"""A look-up from beginning to end: what it keeps, what it never overwrites, and who writes when two ask."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditLog
from jurisprudence.datajud import actions, breaker, client, keeping, looking, source, stranded
from jurisprudence.datajud.client import INTERACTIVE
from jurisprudence.datajud.models import CaseGrade, CaseMovement, CaseRequest, CourtCase, SourceState
from jurisprudence.datajud.outcomes import End, Outcome, Why, unavailable
from jurisprudence.datajud.tests.making import HARMFUL, HERE, IRREGULAR, MISSING, SECRET, TWO_GRADES, make_case, number
from projects.cnj import CaseNumber
from tests.running import SimulatedDataJud

pytestmark = pytest.mark.django_db
State = CourtCase.State


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, datajud: SimulatedDataJud) -> Iterator[None]:
    monkeypatch.setattr(client, "RETRIES", (0.0, 0.0))
    yield
    breaker.answered()
    cache.clear()


def look(case: CourtCase, *, fresh: bool = True) -> CourtCase:
    keeping.wait_for(case, fresh=fresh)
    assert HERE.run(looking.look_up(case.pk, INTERACTIVE, HERE.database))
    case.refresh_from_db()
    return case


# What is kept --------------------------------------------------------------------------------------


def test_what_was_found_is_kept_by_grade_with_its_movements() -> None:
    case = look(make_case(number(TWO_GRADES)))
    assert (case.state, case.outcome, case.why) == (State.IDLE, End.FOUND, "")
    assert case.found_at == case.looked_at == case.tried_at
    assert sorted(case.grades.values_list("grade", flat=True)) == ["G1", "G2"]
    first = case.grades.get(grade="G1")
    assert first.class_name
    assert first.unit
    assert first.filed_at
    dates = list(first.movements.order_by("sorted_at").values_list("at", flat=True))
    assert len(dates) > 3
    assert dates == sorted(dates)
    assert case.movements.count() == sum(grade.movements.count() for grade in case.grades.all())


def test_movements_without_a_date_come_last() -> None:
    case = look(make_case(number(IRREGULAR)))
    shown = list(case.movements.order_by("-sorted_at").values_list("at", flat=True))
    missing = [at for at in shown if at is None]
    assert missing
    assert shown[-len(missing) :] == missing


def test_a_secret_process_is_found_and_has_no_movements() -> None:
    case = look(make_case(number(SECRET)))
    assert case.outcome == End.FOUND
    assert case.grades.get().secrecy == 1
    assert case.movements.count() == 0


def test_hostile_text_is_kept_as_text() -> None:
    case = look(make_case(number(HARMFUL)))
    assert "<script>" in case.grades.get().class_name
    assert all(len(subject) <= 300 for subject in case.grades.get().subjects)


def test_looked_up_again_nothing_is_there_twice(datajud: SimulatedDataJud) -> None:
    case = look(make_case(number(IRREGULAR)))
    before = set(case.movements.values_list("pk", flat=True))
    case = look(case)
    assert set(case.movements.values_list("pk", flat=True)) == before
    assert len(datajud.requests()) == 2


def test_new_movements_are_told_from_old_ones(datajud: SimulatedDataJud) -> None:
    case = look(make_case())
    before, count = case.looked_at, case.movements.count()
    datajud.configure(more=2)
    case = look(case)
    fresh = case.movements.filter(seen_at__gt=before)
    assert fresh.count() == 2
    assert case.movements.count() == count + 2


FAULTS: list[dict[str, Any]] = [
    {"kind": "status", "status": 429, "times": 3}, {"kind": "status", "status": 504}, {"kind": "partial", "times": 3},
    {"kind": "cut"}, {"kind": "html"}, {"kind": "status", "status": 401}, {"kind": "total_without_hits"},
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{fault['kind']} {fault.get('status', '')}" for fault in FAULTS])
def test_a_failure_overwrites_nothing_that_was_found(datajud: SimulatedDataJud, fault: dict[str, Any]) -> None:
    case = look(make_case())
    found_at, grades = case.found_at, list(CaseGrade.objects.values())
    movements = list(CaseMovement.objects.order_by("pk").values())
    datajud.script(fault)
    case = look(case)
    assert case.outcome == End.UNAVAILABLE
    assert case.found_at == case.looked_at == found_at
    assert case.tried_at
    assert found_at
    assert case.tried_at > found_at
    assert list(CaseGrade.objects.values()) == grades
    assert list(CaseMovement.objects.order_by("pk").values()) == movements


def test_absence_overwrites_nothing_that_was_found(datajud: SimulatedDataJud) -> None:
    case = look(make_case())
    found_at, count = case.found_at, case.movements.count()
    empty = {"timed_out": False, "_shards": {"total": 7, "successful": 7, "failed": 0}}
    datajud.script({"kind": "answer", "body": empty | {"hits": {"total": {"value": 0}, "hits": []}}})
    case = look(case)
    assert (case.outcome, case.found_at, case.movements.count()) == (End.ABSENT, found_at, count)
    assert case.looked_at
    assert found_at
    assert case.looked_at > found_at


def test_a_partial_answer_with_one_grade_leaves_the_other_as_it_was(datajud: SimulatedDataJud) -> None:
    case = look(make_case(number(TWO_GRADES)))
    one = {"_id": case.grades.get(grade="G1").key, "_source": {"numeroProcesso": case.number, "grau": "G1"}}
    hits = {"total": {"value": 1}, "hits": [one]}
    datajud.script({"kind": "answer", "body": {"_shards": {"total": 7, "successful": 4, "failed": 3}, "hits": hits}})
    case = look(case)
    assert sorted(case.grades.values_list("grade", flat=True)) == ["G1", "G2"]


def test_what_the_simulated_source_made_up_goes_when_the_real_one_answers(settings: Settings) -> None:
    settings.SIMULATED_DATAJUD = True
    case = look(make_case())
    assert case.simulated
    before = set(case.movements.values_list("pk", flat=True))
    settings.SIMULATED_DATAJUD = False
    case = look(case)
    assert not case.simulated
    assert case.movements.count() == len(before)
    assert not before & set(case.movements.values_list("pk", flat=True))


def test_a_court_without_an_index() -> None:
    case = look(make_case(number(court="100")))
    assert (case.outcome, case.looked_at) == (End.UNCOVERED, None)


@pytest.mark.data_layer
@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "1"}, {"state": "talvez"}, {"outcome": "sim"}, {"outcome": "unavailable", "why": ""},
        {"outcome": "absent", "why": "queue"}, {"outcome": "found", "found_at": None},
    ],
)  # fmt: skip
def test_what_must_hold_is_held_by_the_database(wrong: dict[str, Any]) -> None:
    case = make_case()
    with pytest.raises(IntegrityError), transaction.atomic():
        CourtCase.objects.filter(pk=case.pk).update(**wrong)


# The pen -------------------------------------------------------------------------------------------


def test_one_at_a_time() -> None:
    case = make_case(state=State.WAITING)
    assert keeping.take(case.pk, 60)
    assert keeping.take(case.pk, 60) is None


def test_nobody_waits_for_it() -> None:
    assert keeping.take(make_case().pk, 60) is None


def test_a_silent_look_up_loses_the_pen_and_writes_nothing() -> None:
    case = make_case(state=State.WAITING)
    slow = keeping.take(case.pk, -1)
    quick = keeping.take(case.pk, 60)
    assert slow
    assert quick
    assert not keeping.keep(slow, Outcome(End.ABSENT))
    assert keeping.keep(quick, unavailable(Why.QUEUE))
    case.refresh_from_db()
    assert (case.outcome, case.why) == (End.UNAVAILABLE, Why.QUEUE)


def test_after_some_deaths_in_a_row_it_is_said_to_have_failed() -> None:
    case = make_case(state=State.WAITING)
    while keeping.take(case.pk, -1):
        pass
    case.refresh_from_db()
    assert (case.state, case.outcome, case.why) == (State.IDLE, End.UNAVAILABLE, Why.INTERNAL)
    assert case.attempts == keeping.MOST_TAKEOVERS + 1


def test_a_fault_of_ours_is_unavailable_and_not_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> Any:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(client, "understand", broken)
    case = look(make_case())
    assert (case.outcome, case.why) == (End.UNAVAILABLE, Why.INTERNAL)


def test_a_worker_that_is_told_to_stop_gives_it_back(datajud: SimulatedDataJud) -> None:
    case = make_case(state=State.WAITING)
    datajud.script({"kind": "hang", "seconds": 5})

    async def stopped() -> None:
        task = asyncio.get_running_loop().create_task(looking.look_up(case.pk, INTERACTIVE, HERE.database))
        async with asyncio.timeout(10):
            while not await asyncio.to_thread(datajud.requests):
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    HERE.run(stopped())
    case.refresh_from_db()
    assert case.state == State.WAITING


# Asking --------------------------------------------------------------------------------------------


def jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'jurisprudence.look_up'")
        return int(cursor.fetchone()[0])


def test_asking_owes_a_job_and_a_second_one_adds_none(owner: User, stranger: User) -> None:
    one = number()
    case = actions.ask(one, user=owner)
    assert actions.ask(one, user=owner) == case
    assert actions.ask(one, user=stranger) == case
    assert (case.number, jobs()) == (one.digits, 1)
    assert CaseRequest.objects.count() == 2
    assert AuditLog.objects.filter(action="processo.consultar", entity_id=case.pk).count() == 3


def test_a_process_that_the_clean_up_takes_away_meanwhile_is_made_again(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, row_of = number(), keeping.row_of
    gone = make_case(one)
    gone_pk, rows = gone.pk, iter([gone])
    CourtCase.objects.all().delete()
    monkeypatch.setattr(keeping, "row_of", lambda of: next(rows, None) or row_of(of))
    case = actions.ask(one, user=owner)
    assert case.pk != gone_pk
    assert CaseRequest.objects.get(user=owner).case == case
    connection.check_constraints()


def test_the_outcome_is_a_row_in_the_log_only_when_something_changed(datajud: SimulatedDataJud) -> None:
    case = look(make_case())
    rows = AuditLog.objects.filter(action="processo.resultado", entity_id=case.pk)
    assert [row.new_value for row in rows] == [{"outcome": "found", "movements": case.movements.count()}]
    look(case)
    assert rows.all().count() == 1
    datajud.script({"kind": "html"})
    look(case)
    assert rows.all().count() == 2


@pytest.mark.parametrize(
    ("state", "moments", "lost"),
    [
        (State.WAITING, {"asked_at": timedelta(minutes=-5)}, True),
        (State.WAITING, {"asked_at": timedelta(minutes=5)}, False),
        (State.LOOKING, {"lease_until": timedelta(seconds=-1)}, True),
        (State.LOOKING, {"lease_until": timedelta(minutes=5)}, False),
        (State.IDLE, {}, False),
    ],
)  # fmt: skip
def test_a_look_up_whose_job_is_lost_gets_another(state: str, moments: dict[str, timedelta], lost: bool) -> None:
    make_case(state=state, **{name: timezone.now() + away for name, away in moments.items()})
    assert stranded.take_up() == jobs() == lost
    assert stranded.take_up() == 0, "it has a job now"


def test_two_who_want_the_same_ask_once(datajud: SimulatedDataJud) -> None:
    one, datajud_is_slow = number(), 0.2
    datajud.configure(seconds=datajud_is_slow)

    async def both(of: CaseNumber) -> list[CourtCase]:
        return await asyncio.gather(*(looking.answered(of, INTERACTIVE, HERE.database) for _ in range(2)))

    assert {case.outcome for case in HERE.run(both(one))} == {End.FOUND}
    assert len(datajud.requests()) == 1


# How the source is doing ---------------------------------------------------------------------------


def test_a_refused_key_is_an_error_once_and_the_staff_sees_it(
    datajud: SimulatedDataJud, caplog: pytest.LogCaptureFixture
) -> None:
    datajud.configure(key="nova")
    for _ in range(3):
        look(make_case())
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.getMessage() for record in errors] == ["DataJud recusou a chave: confira DATAJUD_API_KEY"]
    assert "recusa a chave" in source.warning()
    assert datajud.key not in source.warning()
    datajud.reset()
    look(make_case(number(MISSING)))
    assert source.warning() == ""


def test_a_source_that_never_answers_is_said_after_a_while(datajud: SimulatedDataJud) -> None:
    datajud.script({"kind": "html", "times": source.MANY})
    for count in range(source.MANY):
        assert source.warning() == "", count
        look(make_case())
    assert f"({source.MANY} consultas seguidas)" in source.warning()


def test_what_says_nothing_of_the_source_is_not_noted(settings: Settings) -> None:
    settings.DATAJUD_API_KEY = ""
    assert look(make_case()).why == Why.NO_KEY
    assert not SourceState.objects.exists()
