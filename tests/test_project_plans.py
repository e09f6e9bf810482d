"""The pages with projects in an office of 50,000 of them: none reads all of a table to find what one person may see."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from accounts.models import User
from conftest import signed_in
from tests import plans

PERSON = "00000000-0000-7000-8000-000000000001"  # has some conversations and a project, and is in 300 more
MEMBERSHIPS = f"""
INSERT INTO project_members (project_id, user_id, role)
SELECT id, '{PERSON}', CASE WHEN random() < .5 THEN 'editor' ELSE 'viewer' END FROM projects WHERE user_id <> '{PERSON}'
ORDER BY id DESC LIMIT 300;
ANALYZE project_members;
"""
# Four of each project, a quarter of them met; they end on the days of two years.
DEADLINES = """
INSERT INTO deadlines (id, project_id, user_id, title, note, asked, counted, version, starts_on, ends_on, counted_at,
    done_at, created_at, updated_at)
SELECT gen_random_uuid(), id, user_id, 'Prazo ' || n, '', '{}', '{}', '1', '2026-01-01'::date,
    '2026-01-02'::date + (random() * 730)::int, now(), CASE WHEN n = 4 THEN now() END, now(), now()
FROM projects, generate_series(1, 4) n;
VACUUM ANALYZE deadlines;
"""


@pytest.fixture(scope="module")
def client(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Client]:
    """Her browser; real rows, taken away at the end."""
    with django_db_blocker.unblock():
        plans.fill()
        try:
            with connection.cursor() as cursor:
                cursor.execute(MEMBERSHIPS)
                for statement in DEADLINES.strip().split(";\n"):
                    cursor.execute(statement)
            yield signed_in(User.objects.get(pk=PERSON))
        finally:
            plans.empty()


@pytest.mark.parametrize(
    "path",
    [
        "/projetos/", "/projetos/?situacao=encerrados", "/projetos/{}/", "/projetos/{}/editar/", "/conversas/",
        "/conversas/lateral/", "/conversas/arquivadas/", "/arquivos/", "/arquivos/?projeto={}", "/conversas/?projeto={}",
        "/projetos/numero/?numero=0000001-68.2026.8.26.0100", "/prazos/", "/prazos/?situacao=cumpridos",
        "/prazos/?meus=1", "/prazos/?projeto={}", "/prazos/?depois=2026-12-01~00000000-0000-7000-8000-000000000001",
        "/prazos/agenda.ics", "/prazos/contar/",
    ],
)  # fmt: skip
def test_a_page_reads_what_it_shows(client: Client, path: str) -> None:
    response, statements = plans.request(client, path.format(PERSON))
    assert response.status_code == 200
    assert len(statements) > 1
    assert [str(reading) for reading in plans.too_much(statements)] == []
