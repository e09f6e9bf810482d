"""The staff's pages about costs: who may see them, what they say, and what can be taken away as CSV."""

import csv
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from accounts.models import User
from audit import costs
from audit.models import AIOperation, AIUsageDay, AIUsageOffice, AuditLog
from audit.tests.calls import make_call
from audit.tests.making import text

pytestmark = pytest.mark.django_db
PAGE, EXPORT, RECALCULATE = "/admin/custos/", "/admin/custos/exportar/", "/admin/custos/recalcular/"


def test_the_staff_see_costs_and_find_the_page_in_the_administration(as_clerk: Client) -> None:
    assert as_clerk.get(PAGE).status_code == 200
    assert f'href="{PAGE}"' in as_clerk.get("/admin/").content.decode()


@pytest.mark.parametrize("path", [PAGE, EXPORT, RECALCULATE])
def test_a_lawyer_may_not_even_by_address(as_owner: Client, path: str) -> None:
    assert as_owner.get(path).status_code in {302, 403}
    assert as_owner.post(path).status_code in {302, 403}
    assert not ProcrastinateJob.objects.exists()


def test_staff_without_the_right_get_403_and_a_row(as_clerk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.roles.STAFF", frozenset({"audit.view_auditlog"}))
    assert as_clerk.get(PAGE).status_code == 403
    assert as_clerk.post(RECALCULATE).status_code == 403
    assert AuditLog.objects.filter(action="acesso.negado").count() == 2
    assert "Custos" not in as_clerk.get("/admin/").content.decode()


def test_the_page_says_what_was_spent_and_how_fast(as_clerk: Client, owner: User) -> None:
    make_call(owner, "1.5", ttft_ms=1000)
    make_call(owner, "2", ttft_ms=4000, status="failed")
    words = text(as_clerk.get(PAGE))
    for said in [
        "Custo US$ 3,50", "Economia do cache US$ 0,50", "Chamadas 2", "Com erro 1 50,0%", "Tokens de entrada 200",
        "Tokens de saída 100", "Lidos do cache 800", "Gravados no cache 60",
        "Tempo médio até o primeiro token 2,5 s 50,0% acima de 3 s", "Dra. Helena Prado", "Claude Opus 5.5", "Respostas",
    ]:  # fmt: skip
        assert said in words, said


@pytest.mark.parametrize(
    ("asked", "days"), [("", 30), ("7", 7), ("30", 30), ("90", 90), ("365", 30), ("x", 30), ("7 ", 30)]
)
def test_a_period_is_7_30_or_90_days(as_clerk: Client, asked: str, days: int) -> None:
    response = as_clerk.get(PAGE, {"periodo": asked})
    assert response.context["report"].length == days
    assert f'periodo={days}" aria-current="page"' in response.content.decode()


def test_every_chart_has_words_and_the_table_of_days_its_numbers(as_clerk: Client, owner: User) -> None:
    make_call(owner, "1.25")
    html = as_clerk.get(PAGE).content.decode()
    assert html.count('role="img"') == 4
    today = f"{timezone.localdate():%d/%m/%Y}"
    assert f"{today}: US$ 1,25" in html
    assert len(re.findall(r'<th scope="row">\d\d/\d\d/\d{4}</th>', html)) == 30


def test_what_is_not_known_is_said_and_never_left_out_or_free(as_clerk: Client, owner: User, stranger: User) -> None:
    make_call(owner, None)
    make_call(owner, None)
    make_call(stranger, "1")
    make_call(stranger, None)
    words = text(as_clerk.get(PAGE))
    assert "Custo US$ 1,00 preço desconhecido: 3 chamadas" in words
    assert re.search(r"Dra\. Helena Prado preço desconhecido: 2 chamadas – 2 ", words)
    assert "Rui Matos US$ 1,00 preço desconhecido: 1 chamada 100,0%" in words
    assert "Fora do gráfico de custo: preço desconhecido: 3 chamadas" in words
    assert "3 chamadas, de qualquer data, foram feitas a um modelo de preço desconhecido" in words


def test_reais_stand_beside_dollars_when_a_rate_is_set(as_clerk: Client, owner: User, settings: Settings) -> None:
    make_call(owner, "100")
    assert "R$" not in text(as_clerk.get(PAGE)).replace("US$", "")
    settings.USD_BRL_RATE = Decimal("5.5")
    words = text(as_clerk.get(PAGE))
    assert "US$ 100,00 ≈ R$ 550,00" in words
    assert "Reais são uma aproximação, a R$ 5,5000 por dólar." in words


def test_a_person_has_a_view_of_her_own_and_looking_at_it_is_a_row(
    as_clerk: Client, clerk: User, owner: User, stranger: User
) -> None:
    make_call(owner, "1")
    make_call(stranger, "2", model="claude-haiku-5-5")
    assert f'href="{PAGE}?periodo=7&amp;pessoa={owner.pk}"' in as_clerk.get(PAGE, {"periodo": "7"}).content.decode()
    response = as_clerk.get(PAGE, {"pessoa": str(owner.pk)})
    words = text(response)
    assert "Custos de Dra. Helena Prado" in words
    assert "Custo US$ 1,00" in words
    assert "Rui Matos" not in words
    assert "Haiku" not in words
    row = AuditLog.objects.get(action="custos.ver-pessoa")
    assert (row.user, row.entity_type, row.entity_id) == (clerk, "users", owner.pk)


@pytest.mark.parametrize("person", ["x", pytest.param(str(uuid4()), id="unknown")])
@pytest.mark.parametrize("path", [PAGE, EXPORT])
def test_nobodys_view_is_not_found(as_clerk: Client, path: str, person: str) -> None:
    assert as_clerk.get(path, {"pessoa": person, "tabela": "dias"}).status_code == 404
    assert not AuditLog.objects.exists()


def test_the_page_says_when_people_were_added_up(
    as_clerk: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_call(owner)
    assert "Somadas em" not in text(as_clerk.get(PAGE))
    monkeypatch.setattr(costs, "RANKED_AT_ONCE", 0)
    costs.rank_people()
    assert f"Somadas em {timezone.localtime():%d/%m/%Y}" in text(as_clerk.get(PAGE))


def test_a_name_cannot_be_markup(as_clerk: Client, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(name="<script>x</script>")
    make_call(owner)
    assert "<script>x" not in as_clerk.get(PAGE).content.decode()


def many_rows(count: int) -> None:
    people = User.objects.bulk_create(User(email=f"q{count}-{n}@exemplo.adv.br") for n in range(count))
    today = timezone.localdate()
    AIUsageDay.objects.bulk_create(
        AIUsageDay(day=today - timedelta(days=n % 30), user=person, model=f"m{n}", operation_type=f"o{n}", calls=1)
        for n, person in enumerate(people)
    )
    AIUsageOffice.objects.bulk_create(
        AIUsageOffice(
            day=today - timedelta(days=n % 30), model=f"m{n}", operation_type=f"o{n}", shard=count % 16, calls=1
        )
        for n in range(count)
    )


def test_the_page_asks_the_same_number_of_questions_whatever_there_is(as_clerk: Client) -> None:
    as_clerk.get(PAGE)
    counts = []
    for rows in (10, 20):
        many_rows(rows)
        with CaptureQueriesContext(connection) as queries:
            as_clerk.get(PAGE)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_the_page_is_only_to_be_read(as_clerk: Client) -> None:
    assert as_clerk.post(PAGE).status_code == 405
    assert as_clerk.post(EXPORT).status_code == 405
    assert as_clerk.get(RECALCULATE).status_code == 405


# CSV ---------------------------------------------------------------------------------------------


def table(response: Any) -> list[list[str]]:
    return list(csv.reader(response.content.decode().removeprefix("\ufeff").splitlines(), delimiter=";"))


def test_each_table_is_a_csv_with_the_same_numbers(as_clerk: Client, owner: User, stranger: User) -> None:
    make_call(owner, "1.5")
    make_call(stranger, None, operation_type="title")
    html = as_clerk.get(PAGE, {"periodo": "7"}).content.decode()
    links = [link.replace("&amp;", "&") for link in re.findall(rf'href="({EXPORT}\?[^"]+)"', html)]
    found = {link.split("tabela=")[1]: table(as_clerk.get(link)) for link in links}
    assert set(found) == {"pessoas", "modelos", "operacoes", "dias"}
    assert len(found["dias"]) == 8
    assert found["pessoas"][0][:2] == ["Pessoa", "Chamadas"]
    people = {row[0]: dict(zip(found["pessoas"][0], row, strict=True)) for row in found["pessoas"][1:]}
    assert people["Dra. Helena Prado"]["Custo conhecido (US$)"] == "1,500000"
    assert people["Rui Matos"]["Custo conhecido (US$)"] == ""  # not known, not 0
    assert people["Rui Matos"]["Chamadas de preço desconhecido"] == "1"
    assert [row[0] for row in found["operacoes"][1:]] == ["Respostas", "Títulos de conversas"]
    assert [row[0] for row in found["modelos"][1:]] == ["Claude Opus 5.5"]


def test_taking_a_table_away_is_a_row(as_clerk: Client, clerk: User, owner: User) -> None:
    response = as_clerk.get(EXPORT, {"tabela": "dias", "periodo": "90", "pessoa": str(owner.pk)})
    assert response.status_code == 200
    row = AuditLog.objects.get()
    assert (row.action, row.user, row.entity_id) == ("custos.exportar", clerk, owner.pk)
    assert row.new_value == {"table": "dias", "days": 90}


def test_one_persons_csv_has_nothing_of_others(as_clerk: Client, owner: User, stranger: User) -> None:
    make_call(owner, "1")
    make_call(stranger, "2", model="claude-haiku-5-5")
    rows = table(as_clerk.get(EXPORT, {"tabela": "modelos", "pessoa": str(owner.pk)}))
    assert [row[0] for row in rows[1:]] == ["Claude Opus 5.5"]


@pytest.mark.parametrize("wanted", ["", "users", "pessoas;", "dias/"])
def test_a_table_that_is_not_there_is_not_found(as_clerk: Client, wanted: str) -> None:
    assert as_clerk.get(EXPORT, {"tabela": wanted}).status_code == 404


def test_one_person_has_no_table_of_people(as_clerk: Client, owner: User) -> None:
    assert as_clerk.get(EXPORT, {"tabela": "pessoas", "pessoa": str(owner.pk)}).status_code == 404


def test_a_name_that_looks_like_a_formula_is_not_one(as_clerk: Client, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(name="=HYPERLINK(1)")
    make_call(owner)
    assert table(as_clerk.get(EXPORT, {"tabela": "pessoas"}))[1][0] == "'=HYPERLINK(1)"


# Pricing later -----------------------------------------------------------------------------------


def test_the_button_is_there_only_when_a_call_has_no_price(as_clerk: Client, owner: User) -> None:
    make_call(owner)
    assert RECALCULATE not in as_clerk.get(PAGE).content.decode()
    make_call(owner, None, created_at=timezone.now() - timedelta(days=400))  # of any day
    assert RECALCULATE in as_clerk.get(PAGE).content.decode()


def test_the_button_has_the_worker_do_it_and_is_a_row(as_clerk: Client, clerk: User, owner: User) -> None:
    make_call(owner, None)
    response = as_clerk.post(RECALCULATE, follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert "estão sendo recalculadas" in text(response)
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.queue_name, job.args) == ("audit.price_calls", "chores", {"person": str(clerk.pk)})
    assert AuditLog.objects.get().action == "custos.recalcular"
    assert AIOperation.objects.get().cost_usd is None  # nothing in the web process


def test_the_button_needs_the_forms_token(clerk: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(clerk)
    assert client.post(RECALCULATE).status_code == 403
    assert not ProcrastinateJob.objects.exists()
