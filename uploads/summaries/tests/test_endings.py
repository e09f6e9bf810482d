"""Stopping, failing, being taken over and going on: what was paid for is kept, and is not paid for twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from audit import budgets
from audit.models import AIBudget, AIOperation, AuditLog
from projects.models import ProjectMember
from tests.running import SimulatedApi
from uploads.models import Summary, SummaryPart
from uploads.summaries import actions, pen
from uploads.summaries.tests.making import (
    HAIKU,
    lines_of,
    make_file,
    make_project,
    make_summary,
    page,
    until,
    work,
)

pytestmark = pytest.mark.usefixtures("committed")

LONG = [page(number) + " Nada mais consta. " * 9_000 for number in range(1, 7)]  # a part each


def done(summary: Summary) -> int:
    return SummaryPart.objects.filter(summary=summary).exclude(result="").count()


def asked_pages(api: SimulatedApi) -> Counter[str]:
    """How often each page was sent to be read."""
    sent = [request["messages"][0]["content"] for request in api.requests()]
    return Counter(text.partition('numero="')[2].partition('"')[0] for text in sent if "<pagina" in text)


def slow(api: SimulatedApi, *pages: int, milliseconds: int = 30_000) -> None:
    """The answers about these pages come after so long."""
    api.script([{"kind": "slow", "first_token_ms": milliseconds, "match": f'numero="{number}"'} for number in pages])


def stopped_after_some(owner: User, api: SimulatedApi) -> Summary:
    """A summary of six parts that was stopped when two had been read."""
    slow(api, 3, 4, 5)
    summary = make_summary(owner, LONG)

    async def stop(job: asyncio.Task[None]) -> None:
        await until(lambda: done(summary) == 2 and api.counters()["open"] == 3)
        await until(lambda: actions.stop(summary, user=owner))

    return work(summary, stop)


def test_stop_breaks_off_the_calls_and_keeps_what_was_read(owner: User, api: SimulatedApi) -> None:
    summary = stopped_after_some(owner, api)
    assert (summary.status, summary.parts_done, summary.parts_total) == ("stopped", 2, 6)
    assert api.counters()["open"] == 0
    assert Counter(AIOperation.objects.values_list("status", flat=True)) == {"complete": 2, "stopped": 3}
    assert AuditLog.objects.filter(action="resumo.parar").count() == 1
    assert not AuditLog.objects.filter(action__in=["resumo.falhar", "resumo.concluir"]).exists()


def test_it_goes_on_where_it_was_and_asks_for_no_part_twice(owner: User, api: SimulatedApi) -> None:
    summary = stopped_after_some(owner, api)
    api.reset()
    api.configure(tokens_per_second=1_000_000, first_token_ms=1)
    assert actions.go_on(summary, user=owner)
    summary = work(summary)
    assert (summary.status, summary.parts_done) == ("complete", 6)
    assert asked_pages(api) == {"3": 1, "4": 1, "5": 1, "6": 1}
    assert {source["page"] for line in lines_of(summary) for source in line["sources"]} == {1, 2, 3, 4, 5, 6}


def test_a_worker_that_leaves_gives_it_back_to_the_queue(owner: User, api: SimulatedApi) -> None:
    slow(api, 3, 4, 5)
    summary = make_summary(owner, LONG)

    async def leave(job: asyncio.Task[None]) -> None:
        await until(lambda: done(summary) == 2 and api.counters()["open"] == 3)
        job.cancel()

    work(summary, leave)
    assert (summary.status, summary.takeovers) == ("queued", 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'uploads.make_summary'")
        assert cursor.fetchone() == (2,)
    api.reset()
    assert work(summary).status == "complete"
    assert asked_pages(api) == {"3": 1, "4": 1, "5": 1, "6": 1}


def test_who_finds_it_in_anothers_hands_waits_until_that_one_is_silent(owner: User, api: SimulatedApi) -> None:
    summary = make_summary(owner)
    first = pen.take(summary.pk)
    assert first
    with pytest.raises(pen.Busy):
        pen.take(summary.pk)
    Summary.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    assert work(summary).status == "complete"
    assert summary.attempts == 2


def test_who_is_told_to_leave_while_another_makes_it_does_not_wait_for_its_end(owner: User, api: SimulatedApi) -> None:
    summary = make_summary(owner)
    assert pen.take(summary.pk)  # by another worker, which goes on giving signs of life

    async def leave(job: asyncio.Task[None]) -> None:
        await asyncio.sleep(0.5)
        job.cancel()
        for _ in range(10):
            await until(lambda: Summary.objects.filter(pk=summary.pk).update(heartbeat_at=timezone.now()))
            await asyncio.sleep(0.2)
        assert job.done()

    with pytest.raises(asyncio.CancelledError):
        work(summary, leave)
    summary.refresh_from_db()
    assert (summary.status, summary.attempts) == ("working", 1)


def test_who_comes_back_after_a_takeover_writes_nothing(owner: User, api: SimulatedApi) -> None:
    summary = make_summary(owner)
    first = pen.take(summary.pk)
    assert first
    pen.plan(first)
    part = pen.next_part(first, ())
    assert part
    Summary.objects.update(heartbeat_at=None)
    assert pen.take(summary.pk)
    assert not pen.beat(first)
    with pytest.raises(pen.Lost):
        pen.save_part(first, part.pk, {}, [])
    with pytest.raises(pen.Lost):
        pen.finish(first, {})
    assert SummaryPart.objects.get().result == ""


def test_the_lost_calls_of_a_dead_worker_are_kept_as_not_known(owner: User, api: SimulatedApi) -> None:
    summary = make_summary(owner, LONG)
    first = pen.take(summary.pk)
    assert first
    pen.plan(first)
    part = pen.next_part(first, ())
    assert part
    pen.check(first, part.pk)
    Summary.objects.update(heartbeat_at=None)
    pen.take(summary.pk)
    operation = AIOperation.objects.get()
    assert (operation.error_message, operation.status, operation.cost_usd) == ("writer_died", "interrupted", None)


def test_a_summary_that_kills_every_worker_ends(owner: User, api: SimulatedApi) -> None:
    summary = make_summary(owner)
    for _ in range(pen.MOST_TAKEOVERS + 1):
        assert pen.take(summary.pk)
        Summary.objects.update(heartbeat_at=None)
    assert pen.take(summary.pk) is None
    summary.refresh_from_db()
    assert (summary.status, summary.error) == ("failed", "internal")


# Before every call -------------------------------------------------------------------------------


def test_a_budget_that_is_used_up_half_way_ends_it_and_a_new_month_goes_on(owner: User, api: SimulatedApi) -> None:
    AIBudget.objects.create(user=owner, amount=Decimal("0.005"))
    budgets.forget()
    summary = work(make_summary(owner, LONG))
    assert (summary.status, summary.error) == ("failed", "budget")
    assert 0 < summary.parts_done < 6
    before = asked_pages(api)
    AIBudget.objects.all().delete()
    budgets.forget()
    assert actions.go_on(summary, user=owner)
    assert work(summary).status == "complete"
    twice = [number for number, count in asked_pages(api).items() if count > 1]
    assert twice == []
    assert before


def test_who_leaves_the_project_in_the_middle_has_no_more_read_for_her(
    owner: User, stranger: User, api: SimulatedApi
) -> None:
    project = make_project(owner)
    member = ProjectMember.objects.create(project=project, user=stranger, role="editor")
    make_file(owner, LONG, project=project)
    slow(api, 1, 2, 3, milliseconds=2_000)
    summary = actions.begin(HAIKU, user=stranger, project=project.pk)

    async def leave(job: asyncio.Task[None]) -> None:
        await until(lambda: api.counters()["open"] == 3)
        await until(member.delete)

    summary = work(summary, leave)
    assert (summary.status, summary.error, summary.parts_done) == ("failed", "access", 3)
    assert len(asked_pages(api)) == 3


# When the service does not answer ----------------------------------------------------------------


def test_a_busy_service_is_asked_again(owner: User, api: SimulatedApi) -> None:
    api.script([{"kind": "status", "status": 529}, {"kind": "cut", "after_tokens": 5}])
    summary = work(make_summary(owner))
    assert summary.status == "complete"
    found = Counter(AIOperation.objects.values_list("status", flat=True))
    assert found == {"failed": 1, "interrupted": 1, "complete": 1}


@pytest.mark.parametrize(("status", "code"), [(401, "rejected_key"), (402, "billing"), (404, "unknown_model")])
def test_what_no_other_try_would_change_ends_it_at_once(owner: User, api: SimulatedApi, status: int, code: str) -> None:
    api.script([{"kind": "status", "status": status}])
    summary = work(make_summary(owner))
    assert (summary.status, summary.error) == ("failed", code)
    assert AIOperation.objects.get().error_message.startswith(code)


def test_a_request_that_is_refused_as_too_large_is_halved(owner: User, api: SimulatedApi) -> None:
    api.script([{"kind": "status", "status": 413}])
    summary = work(make_summary(owner, 4))
    assert (summary.status, summary.parts_total) == ("complete", 2)


def test_what_the_api_counts_as_too_much_is_halved_before_it_is_sent(
    owner: User, api: SimulatedApi, monkeypatch: Any
) -> None:
    monkeypatch.setattr("uploads.summaries.making.PART_TOKENS", 1_000)
    summary = work(make_summary(owner, 12))
    assert summary.status == "complete"
    assert summary.parts_total > 1
    assert len(api.requests("/v1/messages/count_tokens")) > 1
    assert AIOperation.objects.filter(status="complete", operation_type="summary").exclude(tokens_input=None).exists()


def test_without_a_count_the_estimate_serves(owner: User, api: SimulatedApi, monkeypatch: Any) -> None:
    monkeypatch.setattr("uploads.summaries.making.PART_TOKENS", 1_200)
    api.script([{"kind": "status", "status": 500, "path": "/v1/messages/count_tokens"}])
    assert work(make_summary(owner)).status == "complete"
    assert AIOperation.objects.filter(operation_type="count", status="failed").count() == 1
