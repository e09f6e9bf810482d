"""Many numbers at once: what citation checks are told, what is asked for every night, what goes, what one takes along."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from jurisprudence.datajud import breaker, client, lookups, nightly, portability, retention, source, tasks
from jurisprudence.datajud.lookups import verdicts
from jurisprudence.datajud.models import CaseGrade, CaseMovement, CaseRequest, CaseVisit, CourtCase
from jurisprudence.datajud.outcomes import End
from jurisprudence.datajud.tests.making import HERE, MISSING, make_case, number
from projects.models import Project, ProjectMember
from romagent.base.retention import Policy
from tests.running import SimulatedDataJud

NOW = timezone.now()
database = pytest.mark.django_db
committed = pytest.mark.usefixtures("committed")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, datajud: SimulatedDataJud) -> Iterator[None]:
    monkeypatch.setattr(client, "RETRIES", (0.0, 0.0))
    monkeypatch.setattr(lookups, "PAUSE_SECONDS", 0.0)
    yield
    breaker.answered()
    cache.clear()


# Verdicts ------------------------------------------------------------------------------------------


@database
def test_offline_only_what_is_kept_is_said_and_nobody_is_asked(datajud: SimulatedDataJud) -> None:
    found = make_case(outcome="found", found_at=NOW - timedelta(days=400))
    failed_since = make_case(outcome="unavailable", why="queue", found_at=NOW)
    absent = make_case(outcome="absent", looked_at=NOW)
    old = make_case(outcome="absent", looked_at=NOW - timedelta(days=3))
    failed = make_case(outcome="unavailable", why="queue", tried_at=NOW)
    uncovered, unknown = number(court="100").digits, number().digits
    asked = [found.number, str(failed_since), absent.number, old.number, failed.number, uncovered, unknown, "123", "x"]
    said = verdicts(asked, offline=True)
    assert {given: verdict.verdict for given, verdict in said.items()} == {
        found.number: "found", str(failed_since): "found", absent.number: "absent", uncovered: "uncovered",
    }  # fmt: skip
    assert said[found.number].date == found.found_at
    assert said[found.number].source == "DataJud (CNJ)"
    assert datajud.requests() == []


@database
def test_what_was_made_up_confirms_nothing(settings: Settings) -> None:
    case = make_case(outcome="found", found_at=NOW, simulated=True)
    assert verdicts([case.number], offline=True) == {}
    settings.SIMULATED_DATAJUD = True
    assert verdicts([case.number], offline=True)[case.number].source == "DataJud (simulado)"


@database
def test_however_many_one_query(django_assert_num_queries: Any) -> None:
    cases = [make_case(outcome="found", found_at=NOW) for _ in range(30)]
    with django_assert_num_queries(1):
        assert len(verdicts([case.number for case in cases], offline=True)) == 30


@committed
def test_the_others_are_asked_for_and_kept(datajud: SimulatedDataJud) -> None:
    there, missing, broken = number(), number(MISSING), number()
    datajud.script({"kind": "html", "match": broken.digits})
    numbers = [there.digits, missing.digits, broken.digits]
    said = verdicts(numbers, offline=False)
    assert [said[digits].verdict for digits in numbers] == ["found", "absent", "unavailable"]
    assert verdicts([there.digits, missing.digits], offline=True).keys() == {there.digits, missing.digits}
    assert len(datajud.requests()) == 3


@committed
def test_what_was_made_up_confirms_nothing_when_the_real_source_fails(datajud: SimulatedDataJud) -> None:
    case = make_case(outcome="found", found_at=NOW, simulated=True)
    datajud.script({"kind": "status", "status": 504})
    assert verdicts([case.number], offline=False)[case.number].verdict == "unavailable"


@database
def test_of_many_numbers_of_a_text_the_first_are_asked_for_in_its_order(
    datajud: SimulatedDataJud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "MOST_NEW", 4)
    numbers = [number().digits for _ in range(12)]
    assert HERE.run(lookups.ask_new(numbers, HERE.database))
    asked = [request["body"]["query"]["match"]["numeroProcesso"] for request in datajud.requests()]
    assert asked == numbers[:4]
    for _ in range(3):
        breaker.failed()
    assert not HERE.run(lookups.ask_new(numbers, HERE.database)), "the source rests: nothing is known that was not"


@committed
def test_while_the_source_rests_nobody_is_absent(datajud: SimulatedDataJud) -> None:
    datajud.script({"kind": "status", "status": 504, "times": 3})
    numbers = [number(MISSING).digits for _ in range(5)]
    said = verdicts(numbers, offline=False)
    assert {verdict.verdict for verdict in said.values()} == {"unavailable"}
    assert len(datajud.requests()) == 3


# Every night ---------------------------------------------------------------------------------------


def project(user: User, **fields: Any) -> Project:
    made: Project = Project.objects.create(user=user, name="Caso", case_number=number().digits, **fields)
    return made


def refresh() -> int:
    found: int = HERE.run(nightly.refresh(0.0, HERE.database))
    return found


@database
def test_active_projects_with_a_number_are_asked_for_once_a_night(owner: User, datajud: SimulatedDataJud) -> None:
    active = [project(owner) for _ in range(3)]
    project(owner, status="closed")
    project(owner, deleted_at=NOW)
    Project.objects.create(user=owner, name="Sem número")
    Project.objects.create(user=owner, name="Antigo", case_number="123")
    assert refresh() == 3
    assert set(CourtCase.objects.values_list("number", flat=True)) == {one.case_number for one in active}
    assert set(CourtCase.objects.values_list("outcome", flat=True)) == {"found"}
    assert refresh() == 0
    assert len(datajud.requests()) == 3


@database
def test_two_projects_with_one_number_ask_once(owner: User, stranger: User) -> None:
    one = project(owner)
    Project.objects.create(user=stranger, name="O mesmo", case_number=one.case_number)
    assert refresh() == 1


@database
def test_what_was_asked_for_longest_ago_comes_first_and_the_rest_goes_on_the_next_time(
    owner: User, datajud: SimulatedDataJud
) -> None:
    for days in (2, 9, 5):
        make_case(tried_at=NOW - timedelta(days=days))
    cases = list(CourtCase.objects.order_by("tried_at"))
    for case in cases:
        Project.objects.create(user=owner, name="Caso", case_number=case.number)
    for _ in range(3):
        breaker.failed()
    assert refresh() == 0, "the source rests"
    breaker.answered()
    assert refresh() == 3
    asked = [request["body"]["query"]["match"]["numeroProcesso"] for request in datajud.requests()]
    assert asked == [case.number for case in cases]


@database
def test_it_stops_at_the_breaker_and_says_no_one_absent(owner: User, datajud: SimulatedDataJud) -> None:
    for _ in range(6):
        project(owner)
    datajud.script({"kind": "status", "status": 504, "times": 3})
    assert refresh() == 3
    assert CourtCase.objects.filter(outcome="absent").count() == 0
    assert CourtCase.objects.filter(tried_at=None).count() == 3


@database
def test_it_asks_the_source_itself_and_not_the_cache(owner: User, datajud: SimulatedDataJud) -> None:
    one = project(owner)
    refresh()
    count = CaseMovement.objects.count()
    CourtCase.objects.update(tried_at=NOW - timedelta(days=1))
    datajud.configure(more=3)
    assert refresh() == 1
    assert CaseMovement.objects.filter(case__number=one.case_number).count() == count + 3


@database
def test_old_rows_without_a_number_keep_nobody_from_the_turn(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "NEW_ROWS", 2)
    for digits in ("123", "456", "789"):
        Project.objects.create(user=owner, name="Antigo", case_number=digits)
    one = project(owner)
    assert nightly.make_missing() == 1
    assert CourtCase.objects.get().number == one.case_number


@database
def test_without_a_key_nothing_is_done(owner: User, settings: Settings) -> None:
    project(owner)
    settings.DATAJUD_API_KEY = ""
    assert refresh() == 0
    assert not CourtCase.objects.exists()


def test_it_is_at_night_in_brasilia_and_can_be_switched_off(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[int] = []

    async def noted() -> int:
        called.append(1)
        return 0

    monkeypatch.setattr(nightly, "refresh", noted)
    for switch in (False, True):
        settings.DATAJUD_NIGHTLY = switch
        asyncio.run(tasks.refresh(timestamp=0))
        assert len(called) == switch
    assert (nightly.PAUSE_SECONDS, nightly.PART_SECONDS) == (2.0, 720.0)


# The job itself ------------------------------------------------------------------------------------


@committed
def test_the_job_looks_it_up(datajud: SimulatedDataJud) -> None:
    case = make_case(state="waiting", asked_at=NOW)
    asyncio.run(tasks.look_up(case_id=str(case.pk)))
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("idle", End.FOUND)
    asyncio.run(tasks.look_up(case_id=str(case.pk)))
    asyncio.run(tasks.look_up(case_id=str(UUID(int=0))))
    assert len(datajud.requests()) == 1


# What goes, and what one takes along ---------------------------------------------------------------


@database
def test_what_nobody_follows_goes_with_all_that_is_known_of_it(owner: User) -> None:
    old = {"created_at": NOW - timedelta(days=100)}
    nobodys, hers, asked_long_ago = (make_case(**old) for _ in range(3))
    of_project = make_case(**old)
    Project.objects.create(user=owner, name="Caso", case_number=of_project.number)
    fresh, waiting = make_case(), make_case(state="waiting", **old)
    grade = CaseGrade.objects.create(case=nobodys, key="k", seen_at=NOW)
    CaseMovement.objects.create(case=nobodys, grade=grade, key="m", sorted_at=NOW, seen_at=NOW)
    CaseRequest.objects.create(case=hers, user=owner)
    CaseRequest.objects.create(case=asked_long_ago, user=owner, **old)
    CaseRequest.objects.create(case=of_project, user=owner, **old)
    (kind,) = retention.KINDS
    policy = Policy.from_settings()
    assert kind.count(policy, None) == {"court_case_requests": 1, "court_cases": 2}
    batch = kind.remove(policy, 5_000, None)
    assert batch.removed == {"court_case_requests": 1, "court_cases": 2}
    assert kind.remove(policy, 5_000, batch.after).removed == {"court_case_requests": 0, "court_cases": 0}
    assert set(CourtCase.objects.all()) == {hers, of_project, fresh, waiting}
    assert not CaseMovement.objects.exists()


@database
def test_one_takes_along_what_one_has_asked_for(owner: User, stranger: User) -> None:
    assert list(portability.parts(owner)) == []
    case = make_case(outcome="absent", looked_at=NOW)
    CaseRequest.objects.create(case=case, user=owner)
    CaseRequest.objects.create(case=make_case(), user=stranger)
    (part,) = portability.parts(owner)
    (one,) = json.loads(b"".join(part.chunks))
    assert (part.path, one["numero"], one["ultima_consulta"]) == ("processos.json", str(case), "não localizado")
    assert [(it.label, it.count) for it in portability.numbers(owner)] == [("processos consultados", 1)]


@database
def test_one_takes_along_what_one_has_seen_and_may_still_see(owner: User, stranger: User) -> None:
    seen, of_project = make_case(), make_case()
    CaseRequest.objects.create(case=seen, user=owner)
    theirs = Project.objects.create(user=stranger, name="Caso", case_number=of_project.number)
    membership = ProjectMember.objects.create(project=theirs, user=owner, role="viewer")
    for case in (seen, of_project):
        for who in (owner, stranger):
            CaseVisit.objects.create(case=case, user=who, last=NOW)

    def told() -> set[str]:
        part = next(part for part in portability.parts(owner) if part.path == "processos-vistos.json")
        return {one["numero"] for one in json.loads(b"".join(part.chunks))}

    assert told() == {str(seen), str(of_project)}
    membership.delete()
    assert told() == {str(seen)}


@database
def test_the_staff_sees_that_the_key_is_refused(as_staff: Client, datajud: SimulatedDataJud, owner: User) -> None:
    assert "recusa a chave" not in as_staff.get("/admin/").content.decode()
    datajud.configure(key="nova")
    project(owner)
    refresh()
    html = as_staff.get("/admin/").content.decode()
    assert "O DataJud recusa a chave de acesso desde" in html
    assert "DATAJUD_API_KEY" in html


@pytest.mark.parametrize(
    ("key", "simulated", "words"),
    [("", False, "sem chave"), ("x", True, "simulado"), ("x", False, "configurado, com consulta noturna")],
)
def test_a_worker_says_whom_it_asks(settings: Settings, key: str, simulated: bool, words: str) -> None:
    settings.DATAJUD_API_KEY, settings.SIMULATED_DATAJUD = key, simulated
    assert words in source.in_words()
    assert "x" not in source.in_words().replace("DATAJUD_API_KEY", "").split()
