"""What must hold for every deadline whatever, tried on thousands that chance makes, the same ones at every run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from jurisprudence.deadlines.asking import EVENTS, PARTIES, Asked
from jurisprudence.deadlines.calendars import DAY, Calendar
from jurisprudence.deadlines.counting import Counted, count
from jurisprudence.deadlines.holidays_by_law import is_recess

TRIES = 600
FIRST = date(2023, 1, 1)
IN_DAYS = ("uteis", "corridos")


def some_days(chance: Random, around: date, most: int) -> dict[date, str]:
    return {around + timedelta(chance.randint(-5, 90)): "fechado" for _ in range(chance.randint(0, most))}


def some_question(chance: Random) -> Asked:
    """Half of them near the recess, where most rules meet."""
    day = FIRST + timedelta(chance.randrange(365 * 8))
    if chance.random() < 0.5:
        day = date(day.year, 12, 1) + timedelta(chance.randrange(55))
    unit = chance.choice(["uteis", "uteis", "corridos", "corridos", "meses", "anos"])
    return Asked(
        event=chance.choice(list(EVENTS)),
        date=day,
        amount=chance.randint(1, 45 if unit in IN_DAYS else 4),
        unit=unit,
        calendar=Calendar(
            chance.choice(["estadual", "federal"]),
            some_days(chance, day, 12),
            some_days(chance, day, 6),
            some_days(chance, day, 6),
        ),
        party=chance.choice([None, None, *PARTIES]),
        electronic=chance.random() < 0.5,
        own_term=chance.random() < 0.2,
        suspended_in_recess=chance.random() < 0.7,
        start_on_open_day=chance.random() < 0.7,
    )


def every(seed: int) -> list[tuple[Random, Asked]]:
    chance = Random(seed)
    return [(chance, some_question(chance)) for _ in range(TRIES)]


def test_the_end_is_a_working_day_on_which_deadlines_run() -> None:
    for _, asked in every(1):
        end = count(asked).end
        assert end.weekday() < 5, asked
        assert asked.calendar.is_open(end), asked
        assert end not in asked.calendar.reduced, asked
        assert end not in asked.calendar.suspended, asked
        assert not (asked.suspended_in_recess and is_recess(end)), asked


def test_everything_comes_in_its_order() -> None:
    for _, asked in every(2):
        counted = count(asked)
        assert asked.date <= counted.begins < counted.start <= counted.end, asked
        if counted.publication:
            assert counted.publication <= counted.begins, asked
            assert asked.calendar.is_open(counted.publication), asked
        assert bool(counted.publication) == (asked.event in {"disponibilizacao", "publicacao"}), asked


def test_what_counts_and_what_is_skipped_make_up_all_days() -> None:
    for _, asked in every(3):
        counted = count(asked)
        passed = [one.date for one in counted.skipped]
        assert passed == sorted(set(passed)), asked
        assert all(one.reason for one in counted.skipped), asked
        assert all(asked.date <= day < counted.end for day in passed), asked
        if asked.unit in IN_DAYS:
            days = (counted.end - counted.start).days + 1
            assert days - sum(day >= counted.start for day in passed) == counted.amount, asked


def test_every_working_day_in_it_counts_and_no_other() -> None:
    for _, asked in every(4):
        if asked.unit != "uteis":
            continue
        counted = count(asked)
        passed = {one.date for one in counted.skipped}
        for after in range((counted.end - counted.start).days):
            day = counted.start + timedelta(after)
            if day in passed:
                stands = asked.suspended_in_recess and is_recess(day)
                is_last = all(
                    counted.start + timedelta(n) in passed for n in range(after, (counted.end - counted.start).days)
                )
                moved = day in asked.calendar.reduced and is_last
                assert not asked.calendar.is_open(day) or stands or day in asked.calendar.suspended or moved, (
                    asked,
                    day,
                )
            else:
                assert asked.calendar.is_open(day), (asked, day)


def never_earlier(seed: int, change: Callable[[Random, Asked, Counted], Asked]) -> None:
    for chance, asked in every(seed):
        first = count(asked)
        then = change(chance, asked, first)
        assert count(then).end >= first.end, (asked, then)


def test_a_later_event_never_gives_an_earlier_end() -> None:
    never_earlier(
        5, lambda chance, asked, _: replace(asked, date=asked.date + timedelta(chance.choice([1, 1, 2, 3, 30])))
    )


def test_more_days_never_end_earlier() -> None:
    never_earlier(6, lambda chance, asked, _: replace(asked, amount=asked.amount + chance.choice([1, 1, 2, 10])))


def test_one_day_more_ends_later_unless_the_end_had_moved() -> None:
    """A last day without regular hours is put off, and then it may be where one day more would end anyway."""
    for _, asked in every(7):
        counted = count(asked)
        if asked.unit == "uteis" and "CPC, art. 224, § 1º" not in counted.basis:
            assert count(replace(asked, amount=asked.amount + 1)).end > counted.end, asked


@pytest.mark.parametrize("which", ["closed", "reduced", "suspended"])
def test_taking_a_day_away_never_ends_earlier(which: str) -> None:
    def without_one(chance: Random, asked: Asked, counted: Counted) -> Asked:
        day = asked.date + timedelta(chance.randint(-2, (counted.end - asked.date).days + 1))
        days = dict(getattr(asked.calendar, which)) | {day: "fechado"}
        return replace(asked, calendar=replace(asked.calendar, **{which: days}))

    never_earlier(8, without_one)


def test_the_federal_calendar_never_ends_earlier() -> None:
    never_earlier(
        9,
        lambda _, asked, __: (
            replace(asked, calendar=replace(asked.calendar, kind="federal"))
            if asked.calendar.kind == "estadual"
            else asked
        ),
    )


def test_the_recess_never_ends_earlier() -> None:
    never_earlier(10, lambda _, asked, __: replace(asked, suspended_in_recess=True))


def test_a_doubled_term_is_the_term_of_twice_as_many_days() -> None:
    doubled = 0
    for _, asked in every(11):
        alone = count(replace(asked, party=None))
        counted = count(asked)
        assert counted.amount in (asked.amount, 2 * asked.amount), asked
        twice = count(replace(asked, party=None, amount=counted.amount))
        assert (counted.start, counted.end) == (twice.start, twice.end), asked
        assert counted.end >= alone.end, asked
        doubled += counted.amount > asked.amount
    assert doubled > TRIES / 10  # or this would say nothing


def test_made_available_is_published_on_the_next_working_day() -> None:
    for _, asked in every(12):
        first = count(replace(asked, event="disponibilizacao"))
        assert first.publication is not None
        assert first.publication == asked.calendar.open_after(asked.date)
        then = count(replace(asked, event="publicacao", date=first.publication))
        assert (first.start, first.end) == (then.start, then.end), asked


def test_running_days_count_what_working_days_pass_over() -> None:
    for _, asked in every(13):
        if asked.unit == "uteis":
            assert count(replace(asked, unit="corridos")).end <= count(asked).end, asked


def test_a_day_is_never_both_the_start_and_skipped() -> None:
    for _, asked in every(14):
        counted = count(asked)
        passed = {one.date for one in counted.skipped}
        if asked.unit in IN_DAYS and counted.amount > 1:
            assert counted.start not in passed, asked
        assert counted.end not in passed, asked
        assert counted.end + DAY not in passed, asked
