"""What is known of many numbers, for who checks citations: from what is kept, and then from the source.

Only numbers are given and only verdicts come back: nothing here shows anybody what the office looks at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from django.conf import settings
from django.utils import timezone

from jurisprudence.datajud import breaker
from jurisprudence.datajud.aliases import alias_of
from jurisprudence.datajud.client import BATCH
from jurisprudence.datajud.looking import Database, answered, in_threads
from jurisprudence.datajud.models import CourtCase
from jurisprudence.datajud.outcomes import End
from jurisprudence.datajud.source import source_name
from projects.cnj import CaseNumber, WrongNumber, parse
from romagent.base.chores import run_errand

Found = Literal["found", "absent", "unavailable", "uncovered"]
ABSENCE_HOLDS = timedelta(hours=24)  # the index grows: what was not in it yesterday may be in it today
PAUSE_SECONDS = 2.0  # between two questions of a batch
TRIED_HOLDS = timedelta(hours=1)  # for texts that name the number again
MOST_NEW = 10  # numbers of one text that are asked for by itself


class Verdict(NamedTuple):
    """`date`: when the source said so; None where nobody was asked or nobody answered."""

    verdict: Found
    source: str
    date: datetime | None


def verdicts(numbers: Iterable[str], *, offline: bool, failures: bool = False) -> dict[str, Verdict]:
    """Of each number (any mask; keyed as it was given) what is known. Numbers that are none are left out.

    `offline`: without asking anybody; a number that nobody has looked up is then left out, too, since nothing is known
    of it. Otherwise each is asked for, with the pace of a batch: some seconds each, so not for a request, and not in a
    thread that runs an event loop. A number that could not be asked for is `unavailable`, never `absent`; offline that
    is said only with `failures`, of those whose last look-up the source has not answered.
    """
    parsed = {given: number for given in numbers if (number := _parsed(given))}
    known = _kept({number.digits: number for number in parsed.values()}, failures=failures)
    missing = {number.digits: number for number in parsed.values() if number.digits not in known}
    if not offline and missing:
        known |= asyncio.run(_asked(list(missing.values())))
    return {given: known[number.digits] for given, number in parsed.items() if number.digits in known}


def _parsed(given: str) -> CaseNumber | None:
    try:
        return parse(given)
    except WrongNumber:
        return None


def _kept(numbers: dict[str, CaseNumber], *, failures: bool) -> dict[str, Verdict]:
    """One query, whatever their count."""
    found: dict[str, Verdict] = {
        digits: Verdict("uncovered", source_name(), None) for digits, number in numbers.items() if not alias_of(number)
    }
    rows = CourtCase.objects.filter(number__in=numbers.keys() - found.keys(), simulated=settings.SIMULATED_DATAJUD)
    for case in rows:
        if verdict := _of(case):
            found[case.number] = verdict
        elif failures and case.outcome == End.UNAVAILABLE:
            found[case.number] = Verdict("unavailable", source_name(), None)
    return found


def _of(case: CourtCase) -> Verdict | None:
    """What is kept of it; what was found once exists, whatever a later look-up came to."""
    if not case.is_of_this_source:
        return None
    if case.found_at:
        return Verdict("found", source_name(), case.found_at)
    if case.outcome == End.ABSENT and case.looked_at and case.looked_at > timezone.now() - ABSENCE_HOLDS:
        return Verdict("absent", source_name(), case.looked_at)
    return None


async def ask_new(numbers: Iterable[str], database: Database = run_errand) -> bool:
    """Looks up the first of those that nobody has asked for in the last hour, at the pace of a batch; whether any was.

    For texts that name numbers: what the source did not answer is not asked for again with each text and each saving.
    """
    new = await database(_not_tried, list(numbers)) if settings.DATAJUD_API_KEY else []
    asked = 0
    for number in new[:MOST_NEW]:
        if await asyncio.to_thread(breaker.is_open):
            break
        if asked:
            await asyncio.sleep(PAUSE_SECONDS)
        await answered(number, BATCH, database)
        asked += 1
    return bool(asked)


def _not_tried(numbers: Iterable[str]) -> list[CaseNumber]:
    parsed = {number.digits: number for given in numbers if (number := _parsed(given)) and alias_of(number)}
    since = timezone.now() - TRIED_HOLDS
    tried = CourtCase.objects.filter(number__in=parsed, simulated=settings.SIMULATED_DATAJUD, tried_at__gt=since)
    done = set(tried.values_list("number", flat=True))
    return [number for digits, number in parsed.items() if digits not in done]


async def _asked(numbers: list[CaseNumber]) -> dict[str, Verdict]:
    found: dict[str, Verdict] = {}
    for place, number in enumerate(numbers):
        if await asyncio.to_thread(breaker.is_open):  # nobody is asked now, and no row is made for it
            found[number.digits] = Verdict("unavailable", source_name(), None)
            continue
        if place:
            await asyncio.sleep(PAUSE_SECONDS)
        case = await answered(number, BATCH, in_threads)
        found[number.digits] = _of(case) or Verdict("unavailable", source_name(), None)
    return found
