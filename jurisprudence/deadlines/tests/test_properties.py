"""What must hold for every deadline whatever; Hypothesis looks for one for which it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jurisprudence.deadlines.asking import EVENTS, PARTIES, Asked
from jurisprudence.deadlines.calendars import DAY, Calendar
from jurisprudence.deadlines.counting import count
from jurisprudence.deadlines.holidays_by_law import is_recess

tried = settings(max_examples=300, derandomize=True, deadline=None, database=None)
IN_DAYS = ("uteis", "corridos")
# Half of them near the recess, where most rules meet.
ANY_DAY = st.dates(date(2023, 1, 1), date(2030, 12, 31))
NEAR_RECESS = st.builds(
    lambda year, after: date(year, 12, 1) + timedelta(after), st.integers(2023, 2030), st.integers(0, 54)
)


@st.composite
def questions(draw: st.DrawFn, units: tuple[str, ...] = ("uteis", "corridos", "meses", "anos")) -> Asked:
    day = draw(ANY_DAY | NEAR_RECESS)
    unit = draw(st.sampled_from(units))
    around = st.integers(-5, 90).map(lambda after: day + timedelta(after))

    def days(most: int) -> dict[date, str]:
        return dict.fromkeys(draw(st.lists(around, max_size=most)), "fechado")

    return Asked(
        event=draw(st.sampled_from(list(EVENTS))),
        date=day,
        amount=draw(st.integers(1, 45 if unit in IN_DAYS else 4)),
        unit=unit,
        calendar=Calendar(draw(st.sampled_from(["estadual", "federal"])), days(12), days(6), days(6)),
        party=draw(st.sampled_from([None, *PARTIES])),
        electronic=draw(st.booleans()),
        own_term=draw(st.booleans()),
        suspended_in_recess=draw(st.booleans()),
        start_on_open_day=draw(st.booleans()),
    )


@tried
@given(questions())
def test_the_end_is_a_working_day_on_which_deadlines_run(asked: Asked) -> None:
    end = count(asked).end
    assert end.weekday() < 5
    assert asked.calendar.is_open(end)
    assert end not in asked.calendar.reduced
    assert end not in asked.calendar.suspended
    assert not (asked.suspended_in_recess and is_recess(end))


@tried
@given(questions())
def test_everything_comes_in_its_order(asked: Asked) -> None:
    counted = count(asked)
    assert asked.date <= counted.begins < counted.start <= counted.end
    assert bool(counted.publication) == (asked.event in {"disponibilizacao", "publicacao"})
    if counted.publication:
        assert counted.publication <= counted.begins
        assert asked.calendar.is_open(counted.publication)


@tried
@given(questions())
def test_what_counts_and_what_is_skipped_make_up_all_days(asked: Asked) -> None:
    counted = count(asked)
    passed = [one.date for one in counted.skipped]
    assert passed == sorted(set(passed))
    assert all(one.reason for one in counted.skipped)
    assert all(asked.date <= day < counted.end for day in passed)
    if asked.unit in IN_DAYS:
        days = (counted.end - counted.start).days + 1
        assert days - sum(day >= counted.start for day in passed) == counted.amount


@tried
@given(questions(units=("uteis",)))
def test_every_working_day_in_it_counts_and_no_other(asked: Asked) -> None:
    counted = count(asked)
    passed = {one.date for one in counted.skipped}
    days = [counted.start + DAY * after for after in range((counted.end - counted.start).days)]
    last_that_counts = max((day for day in days if day not in passed), default=counted.start)
    for day in days:
        runs = not (asked.suspended_in_recess and is_recess(day)) and day not in asked.calendar.suspended
        if day not in passed:
            assert asked.calendar.is_open(day)
            assert runs
        elif asked.calendar.is_open(day) and runs:  # only the last day moves for reduced hours
            assert day in asked.calendar.reduced
            assert day > last_that_counts or counted.amount == 1


@tried
@given(questions(), st.integers(1, 40))
def test_a_later_event_never_gives_an_earlier_end(asked: Asked, days: int) -> None:
    assert count(replace(asked, date=asked.date + timedelta(days))).end >= count(asked).end


@tried
@given(questions(), st.integers(1, 10))
def test_more_days_never_end_earlier(asked: Asked, more: int) -> None:
    assert count(replace(asked, amount=asked.amount + more)).end >= count(asked).end


@tried
@given(questions(units=("uteis",)))
def test_one_day_more_ends_later_unless_the_end_had_moved(asked: Asked) -> None:
    """A last day without regular hours is put off, and then it may be where one day more would end anyway."""
    counted = count(asked)
    assume("CPC, art. 224, § 1º" not in counted.basis)
    assert count(replace(asked, amount=asked.amount + 1)).end > counted.end


@pytest.mark.parametrize("which", ["closed", "reduced", "suspended"])
@tried
@given(asked=questions(), share=st.floats(0, 1))
def test_taking_a_day_away_never_ends_earlier(which: str, asked: Asked, share: float) -> None:
    first = count(asked).end
    day = asked.date + timedelta(round(share * (first - asked.date).days))
    days = dict(getattr(asked.calendar, which)) | {day: "fechado"}
    assert count(replace(asked, calendar=replace(asked.calendar, **{which: days}))).end >= first


@tried
@given(questions())
def test_the_federal_calendar_never_ends_earlier(asked: Asked) -> None:
    state, federal = (replace(asked, calendar=replace(asked.calendar, kind=kind)) for kind in ("estadual", "federal"))
    assert count(federal).end >= count(state).end


@tried
@given(questions())
def test_the_recess_never_ends_earlier(asked: Asked) -> None:
    stops, runs = (replace(asked, suspended_in_recess=stops) for stops in (True, False))
    assert count(stops).end >= count(runs).end


@tried
@given(questions(units=IN_DAYS), st.sampled_from(list(PARTIES)))
def test_a_doubled_term_is_the_term_of_twice_as_many_days(asked: Asked, party: str) -> None:
    doubled = count(replace(asked, party=party, electronic=False, own_term=False))
    twice = count(replace(asked, party=None, amount=2 * asked.amount))
    assert doubled.amount == 2 * asked.amount
    assert (doubled.start, doubled.end) == (twice.start, twice.end)
    assert count(replace(asked, party=party, own_term=True)).amount == asked.amount


@tried
@given(questions())
def test_made_available_is_published_on_the_next_working_day(asked: Asked) -> None:
    first = count(replace(asked, event="disponibilizacao"))
    assert first.publication == asked.calendar.open_after(asked.date)
    then = count(replace(asked, event="publicacao", date=first.publication))
    assert (first.start, first.end) == (then.start, then.end)


@tried
@given(questions(units=("uteis",)))
def test_running_days_count_what_working_days_pass_over(asked: Asked) -> None:
    assert count(replace(asked, unit="corridos")).end <= count(asked).end


@tried
@given(questions())
def test_the_end_is_never_skipped_and_nothing_after_it(asked: Asked) -> None:
    counted = count(asked)
    assert all(one.date < counted.end for one in counted.skipped)
