"""The list of people in the administration: who sees it, what it costs, and that the search reads an index."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.factors import give_app
from accounts.tests.test_staff_people import ADD, PEOPLE, do, fresh, make, page_of
from conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_helper() -> Client:
    return signed_in(make("staff", "auxiliar@exemplo.adv.br"))


@pytest.mark.parametrize("path", ["", "?q=helena", "?q=pra", "?q=SP+1", "?role=user", "?is_active__exact=1", "add/"])
def test_the_pages_open_for_the_staff(as_helper: Client, owner: User, path: str) -> None:
    User.objects.filter(pk=owner.pk).update(oab="SP 1")
    response = as_helper.get(f"{PEOPLE}{path}")
    assert response.status_code == 200
    assert ("helena@exemplo.adv.br" in response.content.decode()) is (path != "add/")


def test_a_lawyer_does_not_get_in(as_owner: Client, owner: User, stranger: User) -> None:
    for path in [PEOPLE, ADD, page_of(stranger)]:
        assert as_owner.get(path).status_code in {302, 403}
    do(as_owner, "deactivate", stranger)
    assert fresh(stranger).is_active


def test_the_list_costs_the_same_for_ten_and_for_twenty(as_helper: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert as_helper.get(PEOPLE).status_code == 200
        return len(captured.captured_queries)

    for number in range(10):
        make("user", f"a{number}@exemplo.adv.br")
    queries()
    ten = queries()
    for number in range(10):
        make("user", f"b{number}@exemplo.adv.br")
    assert queries() == ten


def plan_of(query: str) -> str:
    """How PostgreSQL would do it with 20,000 people, as it finds the index after a night."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO users (id, email, password_hash, name, role, oab, is_active, is_superuser, created_at, updated_at, metadata)
            SELECT gen_random_uuid(), md5(n::text) || '@exemplo.adv.br', '', 'Nome ' || md5('n' || n), 'user', 'SP ' || n,
                   true, false, now(), now(), '{}'
            FROM generate_series(1, 20000) n
            """
        )
        cursor.execute("SELECT gin_clean_pending_list('users_search_idx')")
        cursor.execute("ANALYZE users")
        cursor.execute(f"EXPLAIN {query}")
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.data_layer
def test_the_search_reads_an_index_and_not_everybody(as_helper: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        as_helper.get(f"{PEOPLE}?q=prado")
    searches = [query["sql"] for query in captured.captured_queries if "UPPER" in query["sql"]]
    assert len(searches) == 2  # counted up to a limit, and shown
    plan = plan_of(searches[0])
    assert "users_search_idx" in plan, plan
    assert "Seq Scan" not in plan, plan


def test_no_page_has_code_of_its_own(as_staff: Client, helena: User) -> None:
    give_app(helena)
    pages = [as_staff.get(page_of(helena)), do(as_staff, "deactivate", helena, confirmed=False)]
    for page in pages:
        html = page.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", html)
        assert not re.search(r"<[a-z][^>]*\s(on[a-z]+|style)=", html)
