"""The log as a file: all of what the filters let through, for a spreadsheet, a chunk at a time."""

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit import pages
from audit.models import AuditLog
from audit.pages import BOM, HEADINGS, as_csv, safe
from audit.tests.making import at, make_row, make_rows

pytestmark = pytest.mark.django_db
URL = "/admin/audit/auditlog/exportar/"


def exported(client: Client, **filters: str) -> list[dict[str, str]]:
    response = client.get(URL, filters)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()
    assert text.startswith(BOM)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM)), delimiter=";"))


def test_every_row_is_there_newest_first_with_all_it_says(as_staff: Client, owner: User) -> None:
    row = make_row(
        "conversa.renomear",
        user=owner,
        entity_type="conversations",
        entity_id=owner.pk,
        old_value={"title": "Ação; “velha”"},
        new_value={"title": 'Nova\n"linha"'},
        ip_address="203.0.113.9",
        user_agent="Navegador/1.0",
        created_at=at("2026-10-25", "14:32:07"),
    )
    older = make_row("entrar", created_at=at("2026-10-24", "08:00"))
    lines = exported(as_staff, until="2026-10-25")
    assert [line["Registro"] for line in lines] == [str(row.pk), str(older.pk)]
    assert {**lines[0], "Antes": json.loads(lines[0]["Antes"]), "Depois": json.loads(lines[0]["Depois"])} == {
        "Quando": "25/10/2026 14:32:07",
        "Pessoa": "helena@exemplo.adv.br",
        "Ação": "Renomeou uma conversa",
        "Código da ação": "conversa.renomear",
        "Objeto": "conversa",
        "Tabela": "conversations",
        "Identificação": str(owner.pk),
        "Endereço IP": "203.0.113.9",
        "Navegador": "Navegador/1.0",
        "Antes": {"title": "Ação; “velha”"},
        "Depois": {"title": 'Nova\n"linha"'},
        "Registro": str(row.pk),
    }


def test_only_what_the_filters_let_through(as_staff: Client) -> None:
    make_row("entrar")
    wanted = make_row("sair", user_email="rui@exemplo.adv.br")
    assert [line["Registro"] for line in exported(as_staff, q="sair", user_email="rui")] == [str(wanted.pk)]


@pytest.mark.parametrize("rows", [0, 1, 6, 7])
def test_no_row_is_lost_or_doubled_where_a_chunk_ends(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(pages, "CHUNK_ROWS", 3)
    made = [str(row.pk) for row in make_rows(rows)]
    lines = csv.reader(io.StringIO("".join(as_csv(AuditLog.objects.all())).removeprefix(BOM)), delimiter=";")
    assert [line[-1] for line in lines] == [HEADINGS[-1], *made]


def test_what_is_written_meanwhile_does_not_come_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "CHUNK_ROWS", 2)
    make_rows(4)
    parts = as_csv(AuditLog.objects.all())
    first = next(parts) + next(parts)
    make_row("sair", created_at=timezone.now() + timedelta(seconds=1))
    assert "sair" not in first + "".join(parts)


def test_it_is_a_row_itself_with_its_filters_before_the_first_byte(as_staff: Client, staff: User) -> None:
    make_row()
    response = as_staff.get(URL, {"action": "conversa.criar", "since": "2026-11-01"})
    row = AuditLog.objects.get(action="auditoria.exportar")
    assert (row.user, row.entity_type) == (staff, "")
    assert row.new_value == {"action": "conversa.criar", "since": "2026-11-01"}
    assert response.streaming
    response.close()


def test_it_is_a_file_for_excel_in_portuguese(as_staff: Client) -> None:
    response = as_staff.get(URL)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="auditoria-{timezone.localdate()}.csv"'
    assert b"".join(response.streaming_content).startswith(b"\xef\xbb\xbfQuando;Pessoa;")


def test_a_filter_that_cannot_be_meant_gives_no_file_and_no_row(as_staff: Client) -> None:
    assert as_staff.get(URL, {"since": "ontem"}).status_code == 422
    assert not AuditLog.objects.exists()


def test_a_link_on_the_list_exports_what_is_listed(as_staff: Client) -> None:
    make_row("sair")
    html = as_staff.get("/admin/audit/auditlog/", {"action": "sair", "depois": ""}).content.decode()
    assert f'href="{URL}?action=sair"' in html


def test_a_value_too_long_for_a_cell_is_cut_and_says_so(as_staff: Client) -> None:
    make_row(new_value={"ids": ["x" * 36] * 1_000})
    (line,) = exported(as_staff, action="conversa.criar")
    assert line["Depois"].endswith("… (cortado)")
    assert len(line["Depois"]) < 32_767


@pytest.mark.parametrize("typed", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_taken_for_a_formula(as_staff: Client, typed: str) -> None:
    make_row(typed, user_email=typed, user_agent=typed, entity_type=typed)
    (line,) = exported(as_staff)[1:]  # after the row of the export
    for heading in ["Pessoa", "Ação", "Código da ação", "Objeto", "Tabela", "Navegador"]:
        assert line[heading].startswith("'"), heading


@pytest.mark.parametrize("plain", ["", "texto", "a=b", "203.0.113.9", "1 - 2"])
def test_other_cells_stay_as_they_are(plain: str) -> None:
    assert safe(plain) == plain


def test_a_chunk_is_one_query_and_no_row_is_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "CHUNK_ROWS", 10)
    make_rows(25)
    with CaptureQueriesContext(connection) as queries:
        assert len(list(as_csv(AuditLog.objects.all()))) == 4  # the headings, then three chunks
    assert len(queries) == 3
    assert not any("OFFSET" in query["sql"] or "COUNT" in query["sql"] for query in queries)


def test_memory_does_not_grow_with_the_number_of_rows() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_log (id, user_email, action, entity_type, user_agent, created_at)"
            " SELECT gen_random_uuid(), 'a@b.br', 'entrar', '', repeat('x', 200), now() - n * interval '1 s'"
            " FROM generate_series(1, 12000) n"
        )

    def peak(parts: Iterator[str], chunks: int) -> int:
        tracemalloc.start()
        taken = sum(len(part) > 0 for part in (next(parts, "") for _ in range(chunks)))
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert taken == chunks
        return top

    few, many = peak(as_csv(AuditLog.objects.all()), 3), peak(as_csv(AuditLog.objects.all()), 13)
    assert many < few * 1.5
