"""What was spent, by day, person, model and kind of call: read from sums, with what is not known said."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit import costs
from audit.costs import Sums, cost_words
from audit.models import AIUsageDay, AIUsageOffice, AIUsageRank
from audit.tests.calls import MODEL, at, call, make_call
from conftest import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
TODAY = date(2026, 11, 22)


def test_the_days_of_a_period_are_all_there_oldest_first_also_those_without_a_call(owner: User) -> None:
    make_call(owner, "2", created_at=at(22, 23, 59))
    make_call(owner, "1", created_at=at(16, 0, 0))
    make_call(owner, "4", created_at=at(15, 23, 59))  # a day too old
    found = costs.report(7, today=TODAY)
    assert [line.key for line in found.days] == [date(2026, 11, day) for day in range(16, 23)]
    assert [line.sums.cost_usd for line in found.days] == [1, 0, 0, 0, 0, 0, 2]
    assert (found.first, found.last, found.length) == (date(2026, 11, 16), TODAY, 7)
    assert found.total.cost_usd == 3
    assert costs.report(30, today=TODAY).total.cost_usd == 7


def test_the_total_is_the_sum_of_everything(owner: User, stranger: User) -> None:
    make_call(owner, "1.5", created_at=at(20), ttft_ms=1000)
    make_call(stranger, "0.25", created_at=at(21), ttft_ms=4000, status="failed")
    total = costs.report(7, today=TODAY).total
    assert (total.calls, total.failed, total.cost_usd, total.cache_saved_usd) == (2, 1, Decimal("1.75"), Decimal("0.5"))
    assert (total.tokens_input, total.tokens_output) == (200, 100)
    assert (total.cache_read_tokens, total.cache_write_tokens) == (800, 60)
    assert (total.first_token_seconds, total.ttft_slow) == (2.5, 1)


def test_models_and_kinds_have_names_and_are_dearest_first(owner: User) -> None:
    make_call(owner, "1", created_at=at(20))
    make_call(owner, "3", created_at=at(20), model="claude-haiku-5-5", operation_type="title")
    make_call(owner, "2", created_at=at(21), model="gpt-9", operation_type="outra")
    found = costs.report(7, today=TODAY)
    assert [(line.label, line.sums.cost_usd) for line in found.models] == [
        ("Claude Haiku 5.5", 3), ("gpt-9", 2), ("Claude Opus 5.5", 1),
    ]  # fmt: skip
    assert [line.label for line in found.kinds] == ["Títulos de conversas", "outra", "Respostas"]


def test_a_report_of_one_person_has_nothing_of_others(owner: User, stranger: User) -> None:
    make_call(owner, "1", created_at=at(20))
    make_call(stranger, "2", created_at=at(20), model="claude-haiku-5-5")
    found = costs.report(7, owner.pk, TODAY)
    assert found.total.cost_usd == 1
    assert [line.label for line in found.models] == ["Claude Opus 5.5"]


def test_the_rows_of_the_office_that_are_held_apart_are_one_line(owner: User) -> None:
    for shard in range(16):
        AIUsageOffice.objects.create(day=TODAY, model=MODEL, operation_type="answer", shard=shard, calls=2, cost_usd=1)
    found = costs.report(7, today=TODAY)
    assert (found.total.calls, found.total.cost_usd) == (32, 16)
    assert len(found.models) == len(found.kinds) == 1


def test_nothing_at_all_is_a_report_too() -> None:
    found = costs.report(30, today=TODAY)
    assert found.total == Sums()
    assert (len(found.days), found.models, found.kinds) == (30, [], [])
    assert found.total.first_token_seconds is None
    assert costs.ranking(found).people == []


def test_a_report_is_four_queries_however_long_the_history(owner: User) -> None:
    counts = []
    for rows in (10, 20):
        AIUsageDay.objects.bulk_create(
            AIUsageDay(day=TODAY - timedelta(days=n), user=owner, model=f"m{rows}", operation_type="answer", calls=1)
            for n in range(rows)
        )
        for person in (None, owner.pk):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                costs.report(90, person, TODAY)
            counts.append(len(queries))
    assert counts == [4, 4, 4, 4]


@pytest.mark.parametrize(
    ("cost", "tokens", "words"),
    [
        ("1234.5", 10, "US$ 1.234,50"),
        ("0", 10, "US$ 0,00"),
        (None, 10, "preço desconhecido"),
        (None, None, "uso desconhecido"),
    ],
)
def test_a_call_whose_cost_is_not_known_is_never_free(cost: str | None, tokens: int | None, words: str) -> None:
    assert cost_words(call(None, cost, tokens_input=tokens)) == words


@pytest.mark.parametrize(
    ("sums", "priced"),
    [
        (Sums(), True),
        (Sums(calls=1, cost_usd=Decimal(1)), True),
        (Sums(calls=2, unpriced=1, cost_usd=Decimal(1)), True),
        (Sums(calls=2, unpriced=2), False),
    ],
)
def test_a_sum_is_priced_when_the_price_of_any_call_is_known(sums: Sums, priced: bool) -> None:
    assert sums.is_priced is priced


# People ------------------------------------------------------------------------------------------


def test_people_are_ranked_by_cost_then_by_calls_without_a_price(owner: User, stranger: User, staff: User) -> None:
    third = User.objects.create_user("so.email@exemplo.adv.br")
    make_call(owner, "1", created_at=at(20))
    make_call(stranger, "2", created_at=at(20))
    make_call(third, None, created_at=at(20))
    make_call(staff, "0", created_at=at(20))
    make_call(None, "3", created_at=at(20))
    ranking = costs.ranking(costs.report(7, today=TODAY))
    assert [(line.label, line.key) for line in ranking.people] == [
        ("Sem pessoa", None), ("Rui Matos", stranger.pk), ("Dra. Helena Prado", owner.pk),
        ("so.email@exemplo.adv.br", third.pk), ("Equipe", staff.pk),
    ]  # fmt: skip
    assert ranking.computed_at is None


def test_who_is_no_longer_there_is_still_in_the_sums(owner: User) -> None:
    make_call(owner, "1", created_at=at(20))
    owner.delete()
    (line,) = costs.ranking(costs.report(7, today=TODAY)).people
    assert (line.label, line.sums.cost_usd) == ("Pessoa excluída", 1)


def make_people(count: int) -> None:
    """People of whom each costs one dollar less than the one before."""
    people = User.objects.bulk_create(User(email=f"p{n}@exemplo.adv.br", name=f"Pessoa {n}") for n in range(count))
    AIUsageDay.objects.bulk_create(
        AIUsageDay(day=TODAY, user=person, model=MODEL, operation_type="answer", calls=1, cost_usd=count - n)
        for n, person in enumerate(people)
    )
    AIUsageOffice.objects.create(day=TODAY, model=MODEL, operation_type="answer", shard=0, calls=count)


def test_the_fifty_who_have_cost_most_are_shown(owner: User) -> None:
    make_people(60)
    ranking = costs.ranking(costs.report(7, today=TODAY))
    assert [line.label for line in ranking.people] == [f"Pessoa {n}" for n in range(50)]


@pytest.fixture
def large_office(monkeypatch: pytest.MonkeyPatch) -> None:
    """One whose people are not added up for each page."""
    monkeypatch.setattr(costs, "RANKED_AT_ONCE", 5)


def test_of_many_calls_the_ranking_is_the_one_that_the_worker_keeps(large_office: None) -> None:
    make_people(10)
    costs.rank_people(TODAY)
    before = timezone.now()
    AIUsageDay.objects.all().delete()  # nobody looks there
    for days in costs.PERIODS:
        ranking = costs.ranking(costs.report(days, today=TODAY))
        assert [line.sums.cost_usd for line in ranking.people] == list(range(10, 0, -1))
        assert ranking.people[0].label == "Pessoa 0"
        assert ranking.computed_at
        assert before - timedelta(minutes=1) < ranking.computed_at <= before


def test_each_period_has_its_own_ranking_without_what_is_older(large_office: None, owner: User) -> None:
    make_people(10)
    AIUsageDay.objects.create(
        day=TODAY - timedelta(days=10), user=owner, model=MODEL, operation_type="answer", calls=1, cost_usd=99
    )
    costs.rank_people(TODAY)
    assert not AIUsageRank.objects.filter(period=7, user=owner).exists()
    assert AIUsageRank.objects.get(period=30, user=owner).position == 1


def test_ranking_again_replaces_what_was_kept(large_office: None) -> None:
    make_people(10)
    costs.rank_people(TODAY)
    AIUsageDay.objects.filter(user__name="Pessoa 9").update(cost_usd=100)
    costs.rank_people(TODAY)
    assert AIUsageRank.objects.filter(period=7).count() == 10
    assert AIUsageRank.objects.get(period=7, position=1).user.name == "Pessoa 9"


def test_no_more_are_kept_than_a_csv_has(large_office: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "KEPT_PEOPLE", 3)
    make_people(10)
    costs.rank_people(TODAY)
    assert AIUsageRank.objects.filter(period=90).count() == 3


def test_a_small_office_keeps_no_ranking(owner: User) -> None:
    make_call(owner, created_at=at(20))
    costs.rank_people(TODAY)
    assert not AIUsageRank.objects.exists()


def test_before_the_worker_has_ranked_anybody_people_are_added_up(large_office: None) -> None:
    make_people(10)
    ranking = costs.ranking(costs.report(7, today=TODAY))
    assert (len(ranking.people), ranking.computed_at) == (10, None)


def test_naming_people_is_one_query(owner: User, stranger: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        names = costs.names_of([owner.pk, stranger.pk, None])
    assert names == {owner.pk: "Dra. Helena Prado", stranger.pk: "Rui Matos"}
    assert len(queries) == 1


def test_no_page_about_costs_reads_the_calls_for_its_sums() -> None:
    source = (ROOT / "audit" / "costs.py").read_text(encoding="utf-8")
    assert "AIOperation.objects" not in source
