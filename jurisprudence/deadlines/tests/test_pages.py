"""The pages of deadlines: what is counted and shown, what is kept, by whom, and in which order it is owed."""

from __future__ import annotations

import html as markup
import re
from datetime import date, timedelta
from typing import Any
from unittest import mock
from urllib.parse import urlencode

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from conftest import signed_in
from jurisprudence.deadlines import models
from jurisprudence.deadlines.models import Deadline
from jurisprudence.deadlines.tests.making import make_deadline, make_holiday
from projects.models import Project, ProjectMember

pytestmark = pytest.mark.django_db
ASKED = {
    "evento": "disponibilizacao", "dia": "2026-08-03", "quantidade": "15", "unidade": "uteis", "regime": "civel",
    "tribunal": "TJGO",
}  # fmt: skip

SUBSTANCE = {
    "regime": "material", "unidade": "corridos", "evento": "ciencia", "dia": "2026-08-07", "quantidade": "10",
}  # fmt: skip


@pytest.fixture
def project(owner: User) -> Project:
    found: Project = Project.objects.create(user=owner, name="Silva x Souza", case_number="12345670320258090051")
    return found


def counting(client: Client, status: int = 200, **more: Any) -> str:
    """The page that counts, as words."""
    response = client.get(f"/prazos/contar/?{urlencode({k: v for k, v in (ASKED | more).items() if v})}")
    assert response.status_code == status
    return " ".join(markup.unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def at(day: date) -> Any:
    return mock.patch.object(timezone, "localdate", return_value=day)


# Counting ------------------------------------------------------------------------------------------


def test_the_count_with_its_days_reasons_and_laws(as_owner: Client) -> None:
    words = counting(as_owner, tribunal="TRF1", dia="2026-08-03")
    assert "Termina em 26/08/2026" in words
    assert "Publicação ter 04/08/2026" in words
    assert "Primeiro dia do prazo qua 05/08/2026" in words
    assert "ter 11/08/2026 Criação dos cursos jurídicos (Lei 5.010/1966, art. 62, IV)" in words
    assert "E 6 sábados e domingos." in words
    assert "Lei 11.419/2006, art. 4º" in words
    assert "Confira antes de confiar." in words


def test_counting_keeps_nothing(as_owner: Client) -> None:
    before = AuditLog.objects.count()
    counting(as_owner)
    assert not Deadline.objects.exists()
    assert AuditLog.objects.count() == before


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"parte": "fazenda_publica"}, "Termina em 16/09/2026"),
        ({"parte": "fazenda_publica"}, "em dobro: 15 × 2"),
        ({"parte": "fazenda_publica", "proprio": "on"}, "Termina em 25/08/2026"),
        ({"parte": "fazenda_publica", "regime": "juizado"}, "Não foi dobrado: Lei 10.259/2001, art. 9º"),
        ({"parte": "fazenda_publica", "regime": "juizado"}, "Termina em 25/08/2026"),
        ({"parte": "litisconsortes"}, "Termina em 25/08/2026"),
        ({"parte": "litisconsortes", "fisico": "on"}, "Termina em 16/09/2026"),
        ({"parte": "litisconsortes", "fisico": "on", "regime": "trabalho"}, "OJ 310 da SDI-1"),
        ({"parte": "ministerio_publico", "regime": "penal", "unidade": "corridos"}, "15 dias corridos"),
        ({"parte": "defensoria", "regime": "penal", "unidade": "corridos"}, "30 dias corridos"),
        ({"regime": "material", "unidade": "corridos", "evento": "ciencia", "dia": "2026-08-07", "quantidade": "10"}, "sáb 08/08/2026"),
        ({"dia": "2026-12-18"}, "A publicação caiu no recesso."),
        ({"dia": "2026-12-18", "urgente": "on"}, "não para no recesso"),
        ({"evento": "envio_portal", "dia": "2026-08-05"}, "Os dez dias do portal terminaram em dia sem expediente."),
        ({"evento": "intimacao", "dia": "2026-08-08"}, "Súmula 262, I, do TST"),
        ({"dia": "2026-02-11"}, "Contado como dia útil, por falta de ato na tabela: segunda de Carnaval (16/02/2026)"),
        ({"dia": "2026-02-11", "fechados": "16/02/2026 17/02/2026"}, "seg 16/02/2026 dia sem expediente, informado"),
        ({"tribunal": ""}, "Nenhum tribunal foi escolhido"),
        ({"suspensos": "06/08/2026"}, "prazos suspensos, informado"),
        ({"reduzidos": "25/08/2026"}, "Termina em 26/08/2026"),
        ({"evento": "citacao_domicilio"}, "Termina em 31/08/2026"),
        ({"evento": "leitura_portal", "dia": "2026-08-09", "quantidade": "1"}, "Dias que não contaram 1 domingo."),
        ({"parte": "litisconsortes", "fisico": "on", "regime": "juizado"}, "Enunciado 164 do FONAJE"),
        ({"parte": "litisconsortes", "fisico": "on", "regime": "juizado"}, "Termina em 25/08/2026"),
        ({"parte": "defensoria", "regime": "juizado"}, "Termina em 25/08/2026"),
        ({"parte": "litisconsortes", "fisico": "on"}, "Súmula 641 do STF"),
        (SUBSTANCE | {"suspensos": "10/08/2026 11/08/2026"}, "Termina em 17/08/2026"),
        (SUBSTANCE | {"reduzidos": "17/08/2026"}, "Termina em 17/08/2026"),
        (SUBSTANCE | {"reduzidos": "17/08/2026"}, "não mudam prazos de direito material"),
        (SUBSTANCE | {"unidade": "meses", "quantidade": "6"}, "termina ao menos um dia antes (CP, art. 10)"),
        (SUBSTANCE | {"tribunal": ""}, "Nenhum tribunal foi escolhido"),
        (SUBSTANCE | {"dia": "2026-02-06"}, "segunda de Carnaval (16/02/2026)"),
        ({"evento": "intimacao", "dia": "2026-12-22", "urgente": "on"}, "24 de dezembro (24/12/2026)"),
    ],
)  # fmt: skip
def test_what_the_form_can_say(as_owner: Client, more: dict[str, str], words: str) -> None:
    assert words in counting(as_owner, **more)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"dia": ""}, "Informe o dia."),
        ({"dia": "2026-02-30"}, "Este dia não existe."),
        ({"dia": "1900-01-01"}, "O ano deve estar entre 1950 e 2199."),
        ({"quantidade": "0"}, "maior ou igual a 1"),
        ({"quantidade": "700", "unidade": "meses"}, "Em meses, no máximo 600."),
        ({"evento": "x"}, "x não é uma das escolhas"),
        ({"tribunal": "TJXX"}, "TJXX não é uma das escolhas"),
        ({"fechados": "ontem"}, "“ontem” não é uma data"),
        ({"fechados": "30/02/2026"}, "“30/02/2026” não é uma data"),
        ({"regime": "penal"}, "dias corridos (CPP, art. 798)"),
        ({"regime": "penal", "unidade": "corridos", "evento": "juntada"}, "Súmula 710 do STF"),
        ({"regime": "trabalho", "evento": "juntada"}, "CLT, art. 774"),
        ({"regime": "juizado", "evento": "juntada"}, "Enunciado 13 do FONAJE"),
        ({"regime": "penal", "unidade": "meses", "quantidade": "6"}, "incluem o dia do começo"),
        ({"uf": "SP"}, "Este tribunal é de GO"),
        ({"tribunal": "TRF1", "municipio": "Goiânia"}, "Escolha também a UF"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(as_owner: Client, more: dict[str, str], words: str) -> None:
    page = counting(as_owner, 422, **more)
    assert words in page
    assert "Termina em" not in page


def test_the_recess_is_no_doubt_where_it_stops_nothing(as_owner: Client) -> None:
    assert "A publicação caiu no recesso." not in counting(as_owner, dia="2026-12-18", urgente="on")


def test_what_was_kept_before_it_was_refused_says_so_on_its_page(as_owner: Client, project: Project) -> None:
    deadline = make_deadline(project, regime="penal", unit="corridos", event="juntada")
    html = as_owner.get(f"/prazos/{deadline.pk}/").content.decode()
    assert "(Súmula 710 do STF)" in html
    assert "O prazo pode terminar antes do que está aqui." in html


def test_a_link_brings_the_date_the_court_of_the_project_and_a_title(as_owner: Client, project: Project) -> None:
    html = as_owner.get(f"/prazos/contar/?projeto={project.pk}&dia=2026-08-03&titulo=Réplica").content.decode()
    assert 'value="2026-08-03"' in html
    assert '<option value="TJGO" selected>' in html
    assert '<input type="hidden" name="titulo" value="Réplica">' in html
    assert not Deadline.objects.exists()


# Keeping -------------------------------------------------------------------------------------------


def test_it_is_kept_in_a_project_as_it_was_asked_and_counted(as_owner: Client, project: Project, owner: User) -> None:
    form = ASKED | {
        "titulo": " Contestação ",
        "projeto": project.pk,
        "observacao": "Ver fls. 10",
        "municipio": "Goiânia",
    }
    response = as_owner.post("/prazos/contar/", form)
    deadline = Deadline.objects.get()
    assert response.status_code == 303
    assert response["Location"] == f"/prazos/{deadline.pk}/"
    assert (deadline.title, deadline.note, deadline.user) == ("Contestação", "Ver fls. 10", owner)
    assert (deadline.starts_on, deadline.ends_on) == (date(2026, 8, 5), date(2026, 8, 25))
    assert deadline.asked["court"] == "TJGO"
    assert deadline.asked["city"] == "Goiânia"
    assert deadline.counted["publication"] == "2026-08-04"
    assert deadline.version
    row = AuditLog.objects.get(action="prazo.criar")
    assert row.new_value == {"starts_on": "2026-08-05", "ends_on": "2026-08-25"}  # and nothing of what it is about


def test_who_only_reads_a_project_keeps_nothing_there(project: Project, stranger: User) -> None:
    form = ASKED | {"titulo": "X", "projeto": project.pk}
    for role in (None, "viewer"):
        if role:
            ProjectMember.objects.create(project=project, user=stranger, role=role)
        response = signed_in(stranger).post("/prazos/contar/", form)
        assert response.status_code == 422
        assert "Escolha um projeto em que você pode editar." in response.content.decode()
    assert not Deadline.objects.exists()


def test_without_a_title_the_count_is_shown_again(as_owner: Client, project: Project) -> None:
    response = as_owner.post("/prazos/contar/", ASKED | {"projeto": project.pk, "titulo": " "})
    html = response.content.decode()
    assert response.status_code == 422
    assert "Dê um título ao prazo." in html
    assert "Termina em 25/08/2026" in html


def test_the_page_of_one(as_owner: Client, project: Project) -> None:
    deadline = make_deadline(project)
    with at(date(2026, 8, 20)):
        html = as_owner.get(f"/prazos/{deadline.pk}/").content.decode()
    assert "faltam 5 dias" in html
    assert "Silva x Souza" in html
    assert "regras na versão" in html


# What is owed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "words", "urgency"),
    [
        ((2026, 8, 20), "faltam 5 dias", "later"), ((2026, 8, 22), "faltam 3 dias", "soon"),
        ((2026, 8, 24), "vence amanhã", "soon"), ((2026, 8, 25), "VENCE HOJE", "today"),
        ((2026, 8, 26), "VENCIDO há 1 dia", "over"), ((2026, 9, 25), "VENCIDO há 31 dias", "over"),
    ],
)  # fmt: skip
def test_overdue_is_overdue(
    as_owner: Client, project: Project, today: tuple[int, int, int], words: str, urgency: str
) -> None:
    deadline = make_deadline(project)
    with at(date(*today)):
        assert (deadline.standing, deadline.urgency) == (words, urgency)
        assert f'class="standing {urgency}">{words}<' in as_owner.get("/prazos/").content.decode()
    assert models.in_words(-2) == "VENCIDO há 2 dias"


def test_the_most_urgent_comes_first_and_pages_go_on(as_owner: Client, project: Project) -> None:
    for n in range(35):
        make_deadline(project, f"Prazo {n:02}", date=date(2026, 2, 2) + timedelta(7 * (34 - n)), amount=5)
    first = as_owner.get("/prazos/").content.decode()
    shown = re.findall(r"Prazo (\d\d)", first)
    assert shown == [f"{n:02}" for n in range(34, 4, -1)]
    (after,) = re.findall(r'href="(\?depois=[^"]+)"', first)
    assert re.findall(r"Prazo (\d\d)", as_owner.get(f"/prazos/{after}").content.decode()) == [
        "04",
        "03",
        "02",
        "01",
        "00",
    ]
    assert re.findall(r"Prazo (\d\d)", as_owner.get("/prazos/?depois=nada").content.decode()) == shown


def test_several_that_end_on_one_day_are_all_found(as_owner: Client, project: Project) -> None:
    for n in range(45):
        make_deadline(project, f"Prazo {n:02}")
    first = as_owner.get("/prazos/").content.decode()
    (after,) = re.findall(r'href="(\?depois=[^"]+)"', first)
    second = as_owner.get(f"/prazos/{after}").content.decode()
    assert sorted(re.findall(r"Prazo (\d\d)", first + second)) == [f"{n:02}" for n in range(45)]


def test_filters_by_project_by_person_and_by_what_is_done(
    as_owner: Client, owner: User, stranger: User, project: Project
) -> None:
    other = Project.objects.create(user=owner, name="Outro caso")
    ProjectMember.objects.create(project=project, user=stranger)
    make_deadline(project, "Deste caso")
    make_deadline(other, "Do outro caso")
    make_deadline(project, "Da colega", user=stranger)
    done = make_deadline(project, "Já cumprido")
    as_owner.post(f"/prazos/{done.pk}/cumprir/")

    def listed(query: str) -> set[str]:
        html = as_owner.get(f"/prazos/{query}").content.decode()
        return {title for title in ("Deste caso", "Do outro caso", "Da colega", "Já cumprido") if f">{title}<" in html}

    assert listed("") == {"Deste caso", "Do outro caso", "Da colega"}
    assert listed(f"?projeto={project.pk}") == {"Deste caso", "Da colega"}
    assert listed("?meus=1") == {"Deste caso", "Do outro caso"}
    assert listed(f"?meus=1&projeto={project.pk}") == {"Deste caso"}
    assert listed("?situacao=cumpridos") == {"Já cumprido"}
    assert as_owner.get("/prazos/?projeto=nada").status_code == 200
    assert (
        signed_in(User.objects.create_user("x@exemplo.adv.br")).get(f"/prazos/?projeto={project.pk}").status_code == 404
    )


def test_a_list_of_twenty_costs_what_one_of_ten_does(as_owner: Client, project: Project) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            as_owner.get("/prazos/")
        return len(seen)

    for n in range(10):
        make_deadline(project, f"Prazo {n}")
    make_holiday("2027-01-04")  # so that each has to be looked at again
    as_owner.get("/prazos/")
    ten = queries()
    for n in range(10):
        make_deadline(project, f"Mais {n}")
    Deadline.objects.update(counted_at=timezone.now() - timedelta(days=1))
    assert queries() == ten


# Done, undone, deleted -----------------------------------------------------------------------------


def test_done_and_open_again(as_owner: Client, project: Project, owner: User) -> None:
    deadline = make_deadline(project)
    as_owner.post(f"/prazos/{deadline.pk}/cumprir/")
    deadline.refresh_from_db()
    assert (deadline.standing, deadline.urgency, deadline.done_by) == ("cumprido", "done", owner)
    assert "Cumprido em" in as_owner.get(f"/prazos/{deadline.pk}/").content.decode()
    as_owner.post(f"/prazos/{deadline.pk}/reabrir/")
    deadline.refresh_from_db()
    assert not deadline.is_done


def test_deleted_with_a_way_back(as_owner: Client, project: Project) -> None:
    deadline = make_deadline(project)
    html = as_owner.post(f"/prazos/{deadline.pk}/excluir/", follow=True).content.decode()
    assert as_owner.get(f"/prazos/{deadline.pk}/").status_code == 404
    (undo,) = re.findall(r'action="(/prazos/[^"]+/desfazer-exclusao/)"', html)
    as_owner.post(undo)
    assert as_owner.get(f"/prazos/{deadline.pk}/").status_code == 200


# For other programs --------------------------------------------------------------------------------


def test_one_and_all_as_a_calendar(as_owner: Client, project: Project, stranger: User) -> None:
    deadline = make_deadline(project)
    done = make_deadline(project, "Cumprido")
    as_owner.post(f"/prazos/{done.pk}/cumprir/")
    one, every = as_owner.get(f"/prazos/{deadline.pk}/prazo.ics"), as_owner.get("/prazos/agenda.ics")
    assert one["Content-Type"] == "text/calendar; charset=utf-8"
    assert one["Content-Disposition"] == 'attachment; filename="prazo-2026-08-25.ics"'
    assert one.content.count(b"BEGIN:VEVENT") == every.content.count(b"BEGIN:VEVENT") == 1
    assert b"Cumprido" not in every.content
    assert "se forem mais de 1.000" in markup.unescape(as_owner.get("/prazos/").content.decode())
    assert signed_in(stranger).get("/prazos/agenda.ics").content.count(b"BEGIN:VEVENT") == 0
    assert [row.new_value for row in AuditLog.objects.filter(action="prazo.exportar", user=stranger)] == [{"rows": 0}]


def test_the_projects_page_shows_what_is_owed(as_owner: Client, project: Project) -> None:
    for n in range(12):
        make_deadline(project, f"Prazo {n:02}", date=date(2026, 8, 3) + timedelta(7 * n))
    html = as_owner.get(f"/projetos/{project.pk}/").content.decode()
    assert re.findall(r">Prazo (\d\d)<", html) == [f"{n:02}" for n in range(10)]
    assert "Todos os prazos do projeto" in html


# What must hold ------------------------------------------------------------------------------------


def test_the_database_refuses_an_end_before_the_start_and_no_title(project: Project) -> None:
    make_deadline(project)
    for wrong in ({"ends_on": date(2026, 8, 4)}, {"title": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Deadline.objects.update(**wrong)
