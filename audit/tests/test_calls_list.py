"""The list of calls in the administration: to be read only, found by index, with errors as codes."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.models import AIOperation, AuditLog
from audit.tests.calls import at, call, make_call

pytestmark = pytest.mark.django_db
LIST = "/admin/audit/aioperation/"


def rows(response: Any) -> list[str]:
    body = re.search(r"<tbody>(.*?)</tbody>", response.content.decode(), re.DOTALL)
    found = re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL) if body else []
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in found]


def test_each_call_says_whose_what_and_how_it_ended(as_staff: Client, owner: User) -> None:
    make_call(owner, "1.5", created_at=at(20))
    make_call(owner, None, created_at=at(21), status="failed", error_message="overloaded APIStatusError 529")
    make_call(None, None, created_at=at(22), tokens_input=None, status="interrupted", error_message="writer_died")
    third, second, first = rows(as_staff.get(LIST))
    assert "Dra. Helena Prado Respostas claude-opus-5-5 completa – 530 / 50 US$ 1,50" in first
    assert "falhou overloaded 530 / 50 preço desconhecido" in second
    assert "– Respostas claude-opus-5-5 interrompida writer_died desconhecidos uso desconhecido" in third


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status__exact": "failed"}, ["b"]), ({"model": "claude-haiku-5-5"}, ["c"]), ({"kind": "title"}, ["c", "b"]),
        ({"kind": "title", "model": "claude-opus-5-5"}, ["b"]), ({}, ["d", "c", "b", "a"]),
        ({"q": "helena@exemplo.adv.br"}, ["c", "b", "a"]), ({"q": " HELENA@exemplo.adv.br "}, ["c", "b", "a"]),
        ({"q": "helena"}, []), ({"q": "ninguem@exemplo.adv.br"}, []), ({"q": "\x00"}, ["d", "c", "b", "a"]),
    ],
)  # fmt: skip
def test_calls_are_found_by_end_model_kind_and_person(
    as_staff: Client, owner: User, stranger: User, query: dict[str, str], found: list[str]
) -> None:
    make_call(owner, created_at=at(1), error_message="a")
    make_call(owner, created_at=at(2), error_message="b", status="failed", operation_type="title")
    make_call(owner, created_at=at(3), error_message="c", model="claude-haiku-5-5", operation_type="title")
    make_call(stranger, created_at=at(4), error_message="d")
    shown = as_staff.get(LIST, query)
    assert [one.error_message for one in shown.context["cl"].result_list] == found


def test_the_costs_page_leads_to_one_persons_calls(as_staff: Client, owner: User, stranger: User) -> None:
    make_call(owner)
    make_call(stranger)
    html = as_staff.get("/admin/custos/", {"pessoa": str(owner.pk)}).content.decode()
    link = re.search(rf'href="({LIST}\?[^"]+)"', html)
    assert link
    assert len(rows(as_staff.get(link[1]))) == 1


def test_nothing_can_be_added_changed_or_deleted(as_staff: Client, owner: User) -> None:
    made = make_call(owner)
    assert as_staff.get(f"{LIST}{made.pk}/change/").status_code == 200
    assert as_staff.get(f"{LIST}add/").status_code == 403
    assert as_staff.post(f"{LIST}add/", {}).status_code == 403
    assert as_staff.post(f"{LIST}{made.pk}/change/", {"model": "x"}).status_code == 403
    assert as_staff.post(f"{LIST}{made.pk}/delete/", {"post": "yes"}).status_code == 403
    as_staff.post(LIST, {"action": "delete_selected", "_selected_action": [str(made.pk)], "post": "yes"})
    assert AIOperation.objects.get().model == made.model
    assert 'name="action"' not in as_staff.get(LIST).content.decode()
    assert not AuditLog.objects.exclude(action="acesso.negado").exists()


def test_a_lawyer_gets_in_neither(as_owner: Client) -> None:
    assert as_owner.get(LIST).status_code == 403
    assert as_owner.get(LIST, follow=True).status_code == 403


def test_the_list_asks_the_same_number_of_questions_whatever_there_is(as_staff: Client, owner: User) -> None:
    as_staff.get(LIST)
    counts = []
    for count in (10, 10):
        AIOperation.objects.bulk_create(call(User.objects.create_user(f"{n}.{len(counts)}@x.br")) for n in range(count))
        with CaptureQueriesContext(connection) as queries:
            as_staff.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({}, "ai_operations_created_idx"), ({"status__exact": "failed"}, "ai_operations_trouble_idx"),
        ({"model": "claude-haiku-5-5"}, "ai_operations_model_idx"), ({"kind": "title"}, "ai_operations_kind_idx"),
        ({"q": "helena@exemplo.adv.br"}, "ai_operations_user_idx"),
    ],
)  # fmt: skip
def test_no_list_reads_the_whole_table(as_staff: Client, owner: User, query: dict[str, str], index: str) -> None:
    """Of many calls few are of each kind; the plan of the page's own query names the index."""
    others = [call(None, created_at=at(1 + n % 28, n % 24)) for n in range(3000)]
    few = {"status": "failed", "model": "claude-haiku-5-5", "operation_type": "title"}
    AIOperation.objects.bulk_create([*others, *(call(owner, created_at=at(20), **few) for _ in range(3))])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ai_operations")
        with CaptureQueriesContext(connection) as queries:
            as_staff.get(LIST, query)
        (listing,) = [q["sql"] for q in queries if "ORDER BY" in q["sql"] and '"ai_operations"."ttft_ms"' in q["sql"]]
        cursor.execute(f"EXPLAIN {listing.replace('%', '%%')}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert index in plan, plan
    assert "Seq Scan on ai_operations" not in plan
