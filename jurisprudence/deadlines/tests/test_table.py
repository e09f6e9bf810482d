"""The table of days without deadlines: what the law puts there, what the staff does to it, and whose calendar it is."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from audit.models import AuditLog
from conftest import signed_in
from jurisprudence.deadlines.kept import answer
from jurisprudence.deadlines.models import Holiday
from jurisprudence.deadlines.table import PLACES, calendar_of, seed, seed_around
from jurisprudence.deadlines.tests.making import make_holiday, make_question
from jurisprudence.tasks import seed_holidays

pytestmark = pytest.mark.django_db


def end(**more: object) -> date:
    return answer(make_question(**more)).counted.end


# What the law puts there ---------------------------------------------------------------------------


def test_a_year_of_the_law_with_its_source_and_a_row_in_the_log() -> None:
    assert seed(2026, 2026) == Holiday.objects.count()
    scopes = dict(Holiday.objects.values_list("date", "scope"))
    assert scopes[date(2026, 9, 7)] == "national"
    assert scopes[date(2026, 4, 3)] == scopes[date(2026, 12, 8)] == "forense"
    assert scopes[date(2026, 8, 11)] == scopes[date(2026, 2, 16)] == scopes[date(2026, 1, 6)] == "federal"
    assert date(2026, 6, 4) not in scopes  # Corpus Christi is no national law's
    assert not Holiday.objects.filter(source="").exists()
    (row,) = AuditLog.objects.filter(action="feriados.semear")
    assert row.new_value == {"rows": Holiday.objects.count(), "removed": 0, "years": "2026 a 2026"}


def test_the_second_time_nothing_comes_and_nothing_is_noted() -> None:
    seed(2026, 2027)
    Holiday.objects.filter(date="2026-09-07").update(name="Outro nome")
    assert seed(2026, 2027) == 0
    assert Holiday.objects.get(date="2026-09-07").name == "Outro nome"
    assert AuditLog.objects.filter(action="feriados.semear").count() == 1


def test_a_day_that_a_person_had_put_there_is_not_doubled() -> None:
    Holiday.objects.create(date=date(2026, 9, 7), scope="national", name="Independência", source="Lei 662/1949")
    seed(2026, 2026)
    seed(2026, 2026)
    assert Holiday.objects.filter(date="2026-09-07").count() == 1
    assert AuditLog.objects.filter(action="feriados.semear").count() == 1


def test_what_is_law_no_more_is_struck_out_by_the_rule_that_had_put_it_there() -> None:
    seed(2026, 2026)
    old = make_holiday("2026-08-24", "national", by_rule=True, name="Feriado revogado")
    by_hand = make_holiday("2026-08-26", "national")
    assert seed(2026, 2026) == 1
    old.refresh_from_db()
    by_hand.refresh_from_db()
    assert old.removed_at
    assert old.updated_at == old.removed_at  # so that deadlines counted with it are looked at again
    assert by_hand.removed_at is None
    assert AuditLog.objects.filter(action="feriados.semear", new_value__removed=1).count() == 1


def test_the_years_that_people_look_at() -> None:
    seed_around(2026)
    years = {day.year for day in Holiday.objects.values_list("date", flat=True)}
    assert years == {2024, 2025, 2026, 2027, 2028, 2029}


def test_it_is_a_job_of_every_night() -> None:
    assert seed_holidays.name == "jurisprudence.seed_holidays"


def test_counting_needs_no_row_in_the_table() -> None:
    assert not Holiday.objects.exists()
    assert end(date=date(2026, 9, 1), amount=5) == date(2026, 9, 10)  # 3 4 8 9 10: the 7th is a holiday


# Whose days ----------------------------------------------------------------------------------------


def test_each_court_has_its_kind_and_its_state() -> None:
    assert len(PLACES) >= 91
    assert {sigla for sigla, place in PLACES.items() if place.is_federal} >= {
        "STF",
        "STJ",
        "TST",
        "TSE",
        "STM",
        "TRF1",
        "TRF6",
    }
    for sigla, uf in [
        ("TJGO", "GO"),
        ("TJMT", "MT"),
        ("TJTO", "TO"),
        ("TJDFT", "DF"),
        ("TRE-MT", "MT"),
        ("TJMSP", "SP"),
    ]:
        assert (PLACES[sigla].uf, PLACES[sigla].is_federal) == (uf, False)
    assert (PLACES["TRF1"].uf, PLACES["TRT18"].uf) == ("", "")
    assert not PLACES["TRT18"].is_federal  # only by acts of its own


def test_a_states_day_counts_for_its_court_alone() -> None:
    make_holiday("2026-08-24")  # a Monday inside
    assert end(court="TJGO") == date(2026, 8, 26)
    assert end(court="TJSP") == date(2026, 8, 25)
    assert end(court="TRF1") == date(2026, 8, 26)  # 11 August, and no state was named
    assert end(court="TRF1", uf="GO") == date(2026, 8, 27)


def test_a_citys_day_counts_where_the_city_is_named() -> None:
    make_holiday("2026-08-24", "city", uf="GO", city="Goiânia")
    for typed in ("goiânia", "Goiania", "GOIÂNIA", " Goiânia "):
        assert end(city=typed) == date(2026, 8, 26), typed
    assert end(city="Anápolis") == date(2026, 8, 25)
    assert end(court="TJSP", city="Goiânia") == date(2026, 8, 25)


def test_a_courts_own_day() -> None:
    make_holiday("2026-08-24", "court", court="TRT18")
    assert end(court="TRT18") == date(2026, 8, 26)
    assert end(court="TRT2") == date(2026, 8, 25)


def test_kinds_of_days_are_told_apart() -> None:
    make_holiday("2026-08-25", kind="downtime")  # the last day
    make_holiday("2026-08-12", kind="reduced")  # inside: counts
    make_holiday("2026-08-13", kind="suspension")
    counted = answer(make_question()).counted
    assert counted.end == date(2026, 8, 26)  # 13 is out, so the 25th is the fourteenth day
    reasons = {one.date.day: one.reason for one in counted.skipped}
    assert reasons[13] == "Feriado de teste (Lei 1/2026)"
    assert 12 not in reasons


def test_a_day_of_the_law_that_is_struck_out_is_open() -> None:
    seed(2026, 2026)
    assert end(court="TRF1") == date(2026, 8, 26)
    day = Holiday.objects.get(date="2026-08-11")
    Holiday.objects.filter(pk=day.pk).update(removed_at=day.created_at)
    assert end(court="TRF1") == date(2026, 8, 25)
    assert calendar_of("TRF1").opened == {date(2026, 8, 11)}


def test_what_was_never_law_there_opens_nothing_when_it_is_struck_out() -> None:
    """A day of Lei 5.010 that somebody had put there as national, too: the federal courts stay closed."""
    row = make_holiday("2026-08-11", "national")
    Holiday.objects.filter(pk=row.pk).update(removed_at=row.created_at)
    assert end(court="TRF1") == date(2026, 8, 26)


def test_a_states_day_that_is_struck_out_does_not_count() -> None:
    row = make_holiday("2026-08-24")
    Holiday.objects.filter(pk=row.pk).update(removed_at=row.created_at)
    assert end() == date(2026, 8, 25)


# What must hold ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": "state", "uf": ""}, {"scope": "city", "uf": "GO", "city": ""}, {"scope": "court", "court": ""},
        {"scope": "national", "uf": "GO"}, {"scope": "planeta"}, {"kind": "talvez"}, {"source": ""}, {"name": ""},
    ],
)  # fmt: skip
def test_the_database_refuses_a_day_that_is_nowhere_or_of_no_kind(wrong: dict[str, str]) -> None:
    good = {"scope": "state", "uf": "GO", "name": "X", "source": "Lei 1", "kind": "holiday"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Holiday.objects.create(date=date(2026, 8, 24), **good | wrong)


def test_the_database_refuses_the_same_day_twice() -> None:
    make_holiday("2026-08-24")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_holiday("2026-08-24")


# The staff -----------------------------------------------------------------------------------------

ADD = "/admin/jurisprudence/holiday/add/"
TYPED = {
    "date": "24/08/2026", "scope": "state", "uf": "GO", "city": "", "court": "", "kind": "holiday", "name": "Local",
    "source": "Lei estadual 1/2026",
}  # fmt: skip


@pytest.fixture
def clerk() -> Client:
    """Of the staff, by role alone."""
    return signed_in(User.objects.create_user("ana@exemplo.adv.br", name="Ana", role=User.Role.STAFF))


def test_the_staff_adds_a_day_with_its_source(clerk: Client) -> None:
    assert clerk.post(ADD, TYPED).status_code == 302
    assert end() == date(2026, 8, 26)
    row = AuditLog.objects.get(action="holiday.criar")
    assert row.new_value["source"] == "Lei estadual 1/2026"


def test_a_day_without_source_or_place_is_refused_in_words(clerk: Client) -> None:
    for wrong, words in [
        ({"source": ""}, "obrigatório"), ({"uf": ""}, "Conforme o alcance"), ({"court": "TJXX", "scope": "court", "uf": ""}, "não existe"),
    ]:  # fmt: skip
        html = clerk.post(ADD, TYPED | wrong).content.decode()
        assert words in html
    assert not Holiday.objects.exists()


def test_a_court_is_found_however_it_is_written(clerk: Client) -> None:
    clerk.post(ADD, TYPED | {"scope": "court", "uf": "", "court": " trt18 "})
    assert Holiday.objects.get().court == "TRT18"


def test_the_staff_strikes_a_day_out_and_back_and_it_is_never_deleted(clerk: Client) -> None:
    row = make_holiday("2026-08-24")
    page = f"/admin/jurisprudence/holiday/{row.pk}/change/"
    clerk.post(page, TYPED | {"removed": "on"})
    assert end() == date(2026, 8, 25)
    assert Holiday.objects.get().updated_at > row.updated_at
    assert AuditLog.objects.filter(action="holiday.alterar").get().new_value["removed"] is True
    clerk.post(page, TYPED)
    assert end() == date(2026, 8, 26)
    assert clerk.post(f"/admin/jurisprudence/holiday/{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_date_of_a_day_of_the_law_cannot_be_changed(clerk: Client) -> None:
    seed(2026, 2026)
    row = Holiday.objects.get(date="2026-09-07")
    clerk.post(f"/admin/jurisprudence/holiday/{row.pk}/change/", TYPED)
    row.refresh_from_db()
    assert (row.date, row.scope, row.name) == (date(2026, 9, 7), "national", "Local")


def test_who_is_not_of_the_staff_changes_nothing_there(as_owner: Client) -> None:
    assert as_owner.post(ADD, TYPED).status_code in {302, 403}
    assert not Holiday.objects.exists()
