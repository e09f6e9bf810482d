"""The pages of processes: who sees which, what each end is called, and what is new since somebody's last visit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from conftest import signed_in
from jurisprudence.datajud import actions, keeping
from jurisprudence.datajud.models import CaseMovement, CaseRequest, CaseVisit, CourtCase
from jurisprudence.datajud.outcomes import REASONS, End, Outcome, Why, unavailable
from jurisprudence.datajud.records import Movement, Record, moment
from jurisprudence.datajud.showing import day
from jurisprudence.datajud.tests.making import make_case, number
from projects.models import Project, ProjectMember

pytestmark = pytest.mark.django_db
NOW = timezone.now()
State = CourtCase.State
EVIL = '"><script>alert(1)</script>{{ 7*7 }}'


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def record(count: int = 2, grade: str = "G1", text: str = "Conclusão") -> Record:
    movements = tuple(Movement(51, text, NOW - timedelta(days=place), "", f"k{place}") for place in range(count))
    return Record(
        f"TJSP_{grade}", grade, 7, "Procedimento Comum", "1ª Vara Fictícia", None, "Pje", NOW, NOW, 0, ("Dano",), movements
    )  # fmt: skip


def keep(case: CourtCase, outcome: Outcome) -> CourtCase:
    """As a look-up ends."""
    keeping.wait_for(case, fresh=True)
    pen = keeping.take(case.pk, 60)
    assert pen
    assert keeping.keep(pen, outcome)
    case.refresh_from_db()
    return case


def found(*records: Record) -> Outcome:
    return Outcome(End.FOUND, records=records or (record(),))


def page(client: Client, case: CourtCase, **options: Any) -> str:
    response = client.get(f"/processos/{case.pk}/", **options)
    assert response.status_code == 200
    return response.content.decode()


def mine(user: User, case: CourtCase) -> CourtCase:
    CaseRequest.objects.create(case=case, user=user)
    return case


# Asking --------------------------------------------------------------------------------------------


def test_a_number_is_looked_up_by_a_job(as_owner: Client, owner: User) -> None:
    one = number()
    response = as_owner.post("/processos/", {"case_number": str(one)})
    case = CourtCase.objects.get(number=one.digits)
    assert (response.status_code, response["Location"]) == (303, f"/processos/{case.pk}/")
    assert case.state == State.WAITING
    assert list(CaseRequest.objects.values_list("user", "case")) == [(owner.pk, case.pk)]
    html = page(as_owner, case)
    assert "A consulta está na fila…" in html
    assert "data-active" in html
    assert "<noscript>" in html


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("0000001-23.2026.8.26.0100", "deveria ser 68"), ("0000001-17.2099.8.26.0001", "está no futuro"),
        ("123", "tem 20 algarismos"), ("", "Digite o número"), ("REsp 1.234.567", "só tem algarismos"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_said_and_nobody_is_asked(as_owner: Client, typed: str, words: str) -> None:
    response = as_owner.post("/processos/", {"case_number": typed})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not CourtCase.objects.exists()


def test_ten_a_minute_on_the_form_and_the_button_together(as_owner: Client, owner: User, as_stranger: Client) -> None:
    actions.PER_MINUTE.forget(owner.pk)
    case = mine(owner, make_case())
    for _ in range(9):
        assert as_owner.post("/processos/", {"case_number": str(number())}).status_code == 303
    assert as_owner.post(f"/processos/{case.pk}/atualizar/").status_code == 303
    CourtCase.objects.update(state=State.IDLE)
    refused = as_owner.post(f"/processos/{case.pk}/atualizar/")
    assert refused.status_code == 429
    assert "Muitas consultas" in refused.content.decode()
    assert as_owner.post("/processos/", {"case_number": str(number())}).status_code == 429
    assert as_stranger.post("/processos/", {"case_number": str(number())}).status_code == 303


def test_asked_from_the_page_of_a_project_it_goes_back_there_and_is_not_among_ones_own(
    as_owner: Client, owner: User
) -> None:
    one = number()
    project = Project.objects.create(user=owner, name="Caso", case_number=one.digits)
    html = as_owner.get(f"/projetos/{project.pk}/").content.decode()
    assert "Este processo ainda não foi consultado." in html
    response = as_owner.post("/processos/", {"case_number": str(one), "projeto": project.pk})
    assert response["Location"] == f"/projetos/{project.pk}/#andamento"
    assert not CaseRequest.objects.exists()
    case = CourtCase.objects.get()
    assert f'data-progress="/processos/{case.pk}/?projeto={project.pk}"' in as_owner.get(f"/projetos/{project.pk}/").content.decode()  # fmt: skip


def test_a_project_that_is_none_is_as_good_as_none(as_owner: Client) -> None:
    response = as_owner.post("/processos/", {"case_number": str(number()), "projeto": "x"})
    assert response["Location"].startswith("/processos/")


def test_somebody_elses_project_is_not_gone_back_to(as_stranger: Client, owner: User) -> None:
    one = number()
    project = Project.objects.create(user=owner, name="Caso", case_number=one.digits)
    response = as_stranger.post("/processos/", {"case_number": str(one), "projeto": project.pk})
    assert response["Location"].startswith("/processos/")
    assert CaseRequest.objects.count() == 1


def test_atualizar_agora_asks_the_source_itself(as_owner: Client, owner: User) -> None:
    case = keep(mine(owner, make_case()), found())
    assert as_owner.post(f"/processos/{case.pk}/atualizar/")["Location"] == f"/processos/{case.pk}/"
    case.refresh_from_db()
    assert (case.state, case.fresh) == (State.WAITING, True)


def test_who_refreshes_what_she_asked_for_long_ago_keeps_it_among_hers(as_owner: Client, owner: User) -> None:
    old, newer = mine(owner, make_case()), mine(owner, make_case())
    CaseRequest.objects.update(created_at=NOW - timedelta(days=80))
    as_owner.post("/processos/", {"case_number": newer.number})
    as_owner.post(f"/processos/{old.pk}/atualizar/")
    assert not CaseRequest.objects.filter(created_at__lt=NOW - timedelta(days=1)).exists()
    html = as_owner.get("/processos/").content.decode()
    assert html.index(str(old)) < html.index(str(newer))


# What each end is called ---------------------------------------------------------------------------


def test_found_shows_class_unit_subjects_and_movements_newest_first(as_owner: Client, owner: User) -> None:
    case = keep(mine(owner, make_case()), found(record(3)))
    html = page(as_owner, case)
    for words in (
        "Localizado no DataJud (CNJ)",
        "Procedimento Comum",
        "1ª Vara Fictícia",
        "Dano",
        "Não serve para contar prazos",
    ):
        assert words in html
    dates = [f"{timezone.localtime(NOW - timedelta(days=place)):%d/%m/%Y %H:%M}" for place in range(3)]
    where = [html.index(f">{date}<", html.index('class="movements"')) for date in dates]
    assert where == sorted(where)
    assert "data-active" not in html


def test_not_found_says_that_the_index_lags_and_what_to_do(as_owner: Client, owner: User) -> None:
    html = page(as_owner, keep(mine(owner, make_case()), Outcome(End.ABSENT)))
    assert "Não localizado no índice do DataJud" in html
    assert "o processo pode existir" in html
    assert "preencha os dados do projeto à mão" in html


@pytest.mark.parametrize("why", list(Why))
def test_a_failure_is_told_as_a_failure_with_its_reason(as_owner: Client, owner: User, why: Why) -> None:
    html = page(as_owner, keep(mine(owner, make_case()), unavailable(why)))
    assert "Fonte indisponível" in html
    assert REASONS[why] in html
    assert "Não localizado" not in html


def test_a_failure_after_a_find_shows_both(as_owner: Client, owner: User) -> None:
    case = keep(mine(owner, make_case()), found())
    html = page(as_owner, keep(case, unavailable(Why.QUEUE)))
    assert "Fonte indisponível" in html
    assert "O que está abaixo é da consulta de" in html
    assert "Conclusão" in html


def test_a_court_without_an_index_is_named(as_owner: Client, owner: User) -> None:
    html = page(as_owner, keep(mine(owner, make_case(number(court="100"))), Outcome(End.UNCOVERED)))
    assert "Tribunal sem cobertura: o DataJud não tem índice do Supremo Tribunal Federal" in html


def test_what_the_source_sends_is_never_markup(as_owner: Client, owner: User) -> None:
    evil = record(text=EVIL)
    html = page(as_owner, keep(mine(owner, make_case()), found(evil)))
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "{{ 7*7 }}" in html


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("2024-03-04T00:00:00.000Z", "04/03/2024"), ("20240304000000", "04/03/2024"),
        ("20240304093000", "04/03/2024 09:30"), ("2024-03-04T12:30:00.000Z", "04/03/2024 09:30"),
        ("20180115000000", "15/01/2018"), ("2018-01-15T00:00:00.000Z", "15/01/2018"),
        ("20180115093000", "15/01/2018 09:30"),  # in summer time
        ("20181104000000", "04/11/2018"),  # a day that began at one
    ],
)  # fmt: skip
def test_a_day_is_told_as_it_is_written_and_no_hour_is_made_up(written: str, told: str) -> None:
    at = moment(written)
    assert at
    assert day(at) == told


def test_code_gets_the_part_that_changes(as_owner: Client, owner: User) -> None:
    case = mine(owner, make_case(state=State.LOOKING))
    html = page(as_owner, case, headers={"HX-Request": "true"})
    assert html.strip().startswith('<section id="andamento"')
    assert "Procurando no DataJud…" in html


def test_the_pages_say_that_data_are_simulated(as_owner: Client, owner: User, settings: Settings) -> None:
    settings.SIMULATED_DATAJUD = True
    case = keep(mine(owner, make_case()), found())
    for path in ("/processos/", f"/processos/{case.pk}/"):
        assert "Dados simulados" in as_owner.get(path).content.decode()
    settings.SIMULATED_DATAJUD = False
    html = page(as_owner, case)
    assert "Dados simulados" not in html
    assert "Conclusão" not in html, "what was made up is never shown as real"
    assert "Localizado" not in html
    assert "Este processo ainda não foi consultado." in html
    assert "localizado" not in as_owner.get("/processos/").content.decode()


# Who sees it ---------------------------------------------------------------------------------------


def test_it_is_seen_by_who_asked_and_by_who_has_a_project_with_it(owner: User, stranger: User, staff: User) -> None:
    case = keep(mine(owner, make_case()), found())
    member = User.objects.create_user("marta@exemplo.adv.br", name="Marta Reis")
    project = Project.objects.create(user=stranger, name="Caso", case_number=case.number)
    membership = ProjectMember.objects.create(project=project, user=member, role="viewer")
    seen = {who: signed_in(who).get(f"/processos/{case.pk}/").status_code for who in (owner, stranger, member, staff)}
    assert seen == {owner: 200, stranger: 200, member: 200, staff: 404}
    project.status = Project.Status.CLOSED
    project.save()
    assert signed_in(member).get(f"/processos/{case.pk}/").status_code == 200, "a closed project is still hers"
    Project.objects.update(case_number=number().digits)
    assert signed_in(member).get(f"/processos/{case.pk}/").status_code == 404, "it is the project's no more"
    assert signed_in(member).post(f"/processos/{case.pk}/atualizar/").status_code == 404
    Project.objects.update(case_number=case.number)
    membership.delete()
    assert signed_in(member).get(f"/processos/{case.pk}/").status_code == 404
    assert signed_in(member).post(f"/processos/{case.pk}/atualizar/").status_code == 404
    Project.objects.update(deleted_at=NOW)
    assert signed_in(stranger).get(f"/processos/{case.pk}/").status_code == 404


def test_the_list_shows_ones_own_only(as_owner: Client, owner: User, stranger: User) -> None:
    hers, his = mine(owner, make_case()), mine(stranger, make_case())
    html = as_owner.get("/processos/").content.decode()
    assert str(hers) in html
    assert str(his) not in html


def test_who_asks_for_what_a_colleague_has_asked_for_cannot_tell(as_stranger: Client, owner: User) -> None:
    case = keep(mine(owner, make_case()), Outcome(End.ABSENT))
    as_stranger.post("/processos/", {"case_number": case.number})
    assert "Helena" not in page(as_stranger, case)


# What is new ---------------------------------------------------------------------------------------


def test_what_came_since_the_last_visit_is_marked_for_each_person(owner: User, stranger: User) -> None:
    case = keep(make_case(), found(record(2)))
    project = Project.objects.create(user=owner, name="Caso", case_number=case.number)
    ProjectMember.objects.create(project=project, user=stranger, role="viewer")

    def shows(user: User) -> str:
        return signed_in(user).get(f"/projetos/{project.pk}/").content.decode()

    assert "new-mark" not in shows(owner), "nothing is new to who sees it for the first time"
    CaseVisit.objects.update(last=NOW - timedelta(days=1))
    CaseMovement.objects.update(seen_at=NOW - timedelta(days=2))
    keep(case, found(record(3)))
    html = shows(owner)
    assert html.count("new-mark") == 1
    assert "1 movimento desde a sua última visita." in html
    assert shows(owner).count("new-mark") == 1, "still marked while she reads"
    assert "new-mark" not in shows(stranger)
    CaseVisit.objects.update(last=timezone.now() - timedelta(hours=1))
    CaseMovement.objects.update(seen_at=timezone.now() - timedelta(hours=2))
    assert "new-mark" not in shows(owner)


def test_what_comes_soon_after_the_first_look_is_new(as_owner: Client, owner: User) -> None:
    case = keep(mine(owner, make_case()), found(record(2)))
    assert "new-mark" not in page(as_owner, case)
    keep(case, found(record(3)))
    assert page(as_owner, case).count("new-mark") == 1


def test_another_class_or_court_body_makes_no_movement_new_or_double(as_owner: Client, owner: User) -> None:
    """Both are in the source's id of a record, which is then another one, with all the movements of before."""
    case = keep(mine(owner, make_case()), found(record(3)))
    page(as_owner, case)
    CaseVisit.objects.update(last=NOW - timedelta(days=1))
    CaseMovement.objects.update(seen_at=NOW - timedelta(days=2))
    moved = replace(record(4), key="TJSP_156_G1_2", class_name="Cumprimento de Sentença", unit="2ª Vara Fictícia")
    html = page(as_owner, keep(case, found(moved)))
    assert html.count('class="when"') == 4
    assert html.count("new-mark") == 1
    assert "1 movimento desde a sua última visita." in html
    before, _, after = html.partition("Cumprimento de Sentença")
    assert "1ª Vara Fictícia" in before
    assert "a consulta mais recente não mostra mais este registro" in before
    assert "não mostra mais" not in after
    second = replace(record(2), key="TJSP_198_G2_3", grade="G2")
    assert page(as_owner, keep(case, found(moved, second))).count('class="when"') == 6, "another grade's are its own"


def test_a_project_shows_the_newest_and_leads_to_the_others(as_owner: Client, owner: User) -> None:
    case = keep(make_case(), found(record(130)))
    project = Project.objects.create(user=owner, name="Caso", case_number=case.number)
    html = as_owner.get(f"/projetos/{project.pk}/").content.decode()
    assert html.count('class="when"') == 10
    assert f'href="/processos/{case.pk}/">Todos os movimentos' in html
    seen, path = 0, f"/processos/{case.pk}/"
    while path:
        html = as_owner.get(path).content.decode()
        seen += html.count('class="when"')
        more = html.partition(f'href="/processos/{case.pk}/?depois=')[2].partition('"')[0]
        path = f"/processos/{case.pk}/?depois={more}" if more else ""
    assert seen == 130


def test_a_project_begins_with_the_number(as_owner: Client, owner: User) -> None:
    case = mine(owner, make_case())
    assert f'href="/projetos/novo/?numero={case.number}"' in page(as_owner, case)
    assert f'value="{case}"' in as_owner.get(f"/projetos/novo/?numero={case.number}").content.decode()


@pytest.mark.parametrize("count", [10, 20])
def test_a_page_asks_as_much_however_many_movements_there_are(
    as_owner: Client, owner: User, count: int, django_assert_max_num_queries: Any
) -> None:
    case = keep(mine(owner, make_case()), found(record(count), record(count, "G2")))
    page(as_owner, case)
    with django_assert_max_num_queries(14):
        page(as_owner, case)
