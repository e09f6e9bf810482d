"""The staff's pages with 100,000 people: nothing scans a big table, counts one, or reads more than it can show."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from accounts.models import User
from conftest import signed_in
from romagent.administration import PAGES
from tests import plans

PERSON = "00000000-0000-7000-8000-000000000001"
LISTS = {model._meta.label_lower: (model, it) for model, it in admin.site._registry.items()}
# What people look for: a word of a name, an e-mail and its beginning, a number, an id, and what is not there.
TYPED = [
    "Número", "advogada77@exemplo.adv.br", "advogada777", "0000123-00.2026.8.26.0100", PERSON, "10.1.1.1",
    "não existe nada assim",
]  # fmt: skip
# The parameters that a page of the staff's own takes, beside none.
QUERIES = {
    "costs": ["periodo=90", f"pessoa={PERSON}"],
    "costs-export": ["tabela=pessoas", "tabela=dias&periodo=90"],
    "budgets": ["email=advogada1", f"pessoa={PERSON}"],
}
LOG = [
    "user_email=advogada77@exemplo.adv.br", "user_email=advogada777", "user_email=a", "action=entrar",
    "action=conversa.ler-conteudo", "action=aimodel.alterar", f"entity_id={PERSON}", "entity_type=conversations",
    f"entity_type=users&entity_id={PERSON}", "entity_type=ai_models", "entity_type=uploads", "ip_address=10.1.1.1",
    "ip_address=192.0.2.1", "since=2020-01-01&until=2020-12-31", "since=2020-01-01",
    "action=entrar&user_email=advogada77@exemplo.adv.br", "action=entrar&ip_address=10.1.1.1", "q=conversa",
    "q=recusada", "depois=2020-01-01T00:00:00%2B00:00~00000000-0000-7000-8000-000000000001",
]  # fmt: skip
OBJECTS = {"audit.aimodel": "claude-opus-5-5"}
TOO_MUCH = (
    "reads a whole big table: what is filtered by needs an index in the order of the list, as StateFilter has "
    "(conversations/admin.py, conversations/models.py)"
)


@pytest.fixture(scope="module")
def client(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Client]:
    """A superuser's browser in an office with everything in it; real rows, taken away at the end."""
    with django_db_blocker.unblock():
        plans.fill()
        try:
            yield signed_in(User.objects.create_superuser("equipe@exemplo.adv.br"))
        finally:
            plans.empty()


def visit(client: Client, path: str, *allowed: int) -> None:
    response, statements = plans.request(client, path)
    assert response.status_code in (allowed or (200,)), path
    assert [str(reading) for reading in plans.too_much(statements)] == [], f"{path} {TOO_MUCH}"


def list_path(label: str) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_changelist")


# The tool itself ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM users WHERE name = 'x'",
        "SELECT count(*) FROM conversations",
        "SELECT count(*) FROM audit_log WHERE created_at > now() - interval '1 year'",
        "SELECT * FROM conversations ORDER BY title LIMIT 50",
        "SELECT * FROM audit_log WHERE user_agent = 'nenhum' ORDER BY created_at DESC LIMIT 50",
        "SELECT * FROM users WHERE email LIKE '%777%' ORDER BY email LIMIT 50",
    ],
)
def test_what_reads_too_much_is_found(client: Client, sql: str) -> None:
    assert plans.too_much([sql])


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT * FROM users WHERE id = '{PERSON}'",
        "SELECT * FROM audit_log ORDER BY created_at DESC LIMIT 50",
        "SELECT count(*) FROM (SELECT 1 FROM conversations LIMIT 10000) it",
        "SELECT * FROM ai_models",
    ],
)
def test_what_reads_little_is_let_through(client: Client, sql: str) -> None:
    assert not plans.too_much([sql])


# The staff's own pages ---------------------------------------------------------------------------


def test_the_first_page(client: Client) -> None:
    visit(client, "/admin/")


@pytest.mark.parametrize("name", [page.name for page in PAGES if "<" not in page.route])
def test_each_page_of_the_staffs_own(client: Client, name: str) -> None:
    path = reverse(f"admin:{name}")
    for query in ["", *QUERIES.get(name, [])]:
        visit(client, f"{path}?{query}", 200, 404, 405)


@pytest.mark.parametrize("query", LOG)
def test_the_log_by_each_filter(client: Client, query: str) -> None:
    visit(client, f"/admin/audit/auditlog/?{query}")
    visit(client, f"/admin/audit/auditlog/exportar/?{query}")


def test_a_conversation_from_outside_and_inside(client: Client) -> None:
    visit(client, f"/admin/conversations/conversation/{PERSON}/change/")
    path = f"/admin/conversations/conversation/{PERSON}/ler/"
    response, statements = plans.request(client, path, {"reason": "Pedido da titular"}, "post")
    assert response.status_code == 200
    assert plans.too_much(statements) == []


# The lists of the models -------------------------------------------------------------------------


@pytest.mark.parametrize("label", LISTS)
def test_each_list_its_last_page_and_the_order_of_another_column(client: Client, label: str) -> None:
    for query in ["", "p=2", "p=200", "o=1", "o=-2", "all=1", "_facets=1"]:
        visit(client, f"{list_path(label)}?{query}", 200, 302)


@pytest.mark.parametrize("typed", TYPED)
@pytest.mark.parametrize("label", [label for label, (_, it) in LISTS.items() if it.search_fields])
def test_each_search(client: Client, label: str, typed: str) -> None:
    response, statements = plans.request(client, list_path(label), {"q": typed})
    assert response.status_code == 200
    assert [str(reading) for reading in plans.too_much(statements)] == []


@pytest.mark.parametrize("label", [label for label, (_, it) in LISTS.items() if it.list_filter])
def test_each_filter(client: Client, label: str) -> None:
    context: Any = client.get(list_path(label)).context["cl"]
    for spec in context.filter_specs:
        for choice in list(spec.choices(context))[:12]:
            visit(client, f"{list_path(label)}{choice['query_string']}")


@pytest.mark.parametrize("label", LISTS)
def test_the_forms_of_each_model(client: Client, label: str) -> None:
    """To add, to change and to take away one: no list of all people to choose from, no count of what hangs on it."""
    name, pk = label.replace(".", "_"), OBJECTS.get(label, PERSON)
    visit(client, reverse(f"admin:{name}_add"), 200, 403)
    for page in ("change", "delete"):
        visit(client, reverse(f"admin:{name}_{page}", args=[pk]), 200, 302, 403, 404)


@pytest.mark.parametrize("typed", ["", "adv", "advogada777", "Número"])
def test_choosing_a_person_for_a_form(client: Client, typed: str) -> None:
    field = {"app_label": "projects", "model_name": "project", "field_name": "user", "term": typed}
    response, statements = plans.request(client, "/admin/autocomplete/", field)
    assert response.status_code == 200
    assert [str(reading) for reading in plans.too_much(statements)] == []
