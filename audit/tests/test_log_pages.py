"""The staff's pages of the log: what a filter finds, what was meant by a search, and that nothing can be changed there."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.filters import recognised
from audit.models import AIModel, AuditLog
from audit.tests.making import at, make_row, make_rows
from conftest import signed_in

pytestmark = pytest.mark.django_db
LOG = "/admin/audit/auditlog/"


def listed(client: Client, **filters: Any) -> list[str]:
    """The ids of the rows on the first page."""
    response = client.get(LOG, filters)
    assert response.status_code == 200, response.context["form"].errors
    return [str(item["row"].pk) for item in response.context["rows"]]


def ids(*rows: AuditLog) -> list[str]:
    return [str(row.pk) for row in rows]


# The list ----------------------------------------------------------------------------------------


def test_the_newest_rows_come_first_and_older_ones_a_page_later(as_staff: Client) -> None:
    rows = make_rows(120)
    seen: list[str] = []
    url = LOG
    while url:
        response = as_staff.get(url)
        page = [str(item["row"].pk) for item in response.context["rows"]]
        assert len(page) <= 50
        seen += page
        url = f"{LOG}{response.context['next_url']}" if response.context["next_url"] else ""
    assert seen == ids(*rows)


def test_rows_of_the_same_moment_are_neither_lost_nor_doubled_between_pages(as_staff: Client) -> None:
    rows = [make_row(created_at=at("2026-11-25", "10:00")) for _ in range(60)]
    first = as_staff.get(LOG)
    second = as_staff.get(LOG + first.context["next_url"])
    seen = [item["row"].pk for response in (first, second) for item in response.context["rows"]]
    assert seen == sorted((row.pk for row in rows), reverse=True)


def test_a_page_further_on_keeps_the_filters(as_staff: Client) -> None:
    make_rows(60, action="sair")
    make_rows(60, action="entrar")
    response = as_staff.get(LOG + as_staff.get(LOG, {"action": "sair"}).context["next_url"])
    assert {item["row"].action for item in response.context["rows"]} == {"sair"}
    assert len(response.context["rows"]) == 10


def test_a_row_is_in_words(as_staff: Client, owner: User) -> None:
    make_row("conversa.exportar", entity_type="conversations", entity_id=uuid4(), ip_address="203.0.113.9")
    html = as_staff.get(LOG).content.decode()
    for words in ["Exportou uma conversa", "helena@exemplo.adv.br", "203.0.113.9", ">conversa</a>"]:
        assert words in html


def test_times_are_those_of_sao_paulo(as_staff: Client) -> None:
    make_row(created_at=at("2026-11-25", "23:30:05"))
    assert "25/11/2026 23:30:05" in as_staff.get(LOG).content.decode()


def test_an_empty_log_and_an_empty_search_say_so(as_staff: Client) -> None:
    assert "Nenhum registro ainda." in as_staff.get(LOG).content.decode()
    assert "Nenhum registro com estes filtros." in as_staff.get(LOG, {"action": "sair"}).content.decode()


@pytest.mark.parametrize("cursor", ["x", "2026-11-25~x", "~", "9999-99-99~1", "2026-11-25T10:00:00~" + "0" * 32])
def test_a_cursor_that_means_nothing_is_the_beginning(as_staff: Client, cursor: str) -> None:
    row = make_row()
    assert listed(as_staff, depois=cursor) == ids(row)


@pytest.mark.parametrize("count", [10, 20])
def test_the_list_asks_the_same_of_the_database_whatever_it_shows(
    count: int, django_assert_num_queries: Callable[..., AbstractContextManager[Any]]
) -> None:
    user = User.objects.create_user("gestora@exemplo.adv.br", role=User.Role.ADMIN)
    client = signed_in(user)
    client.get(LOG)
    make_rows(count, entity_type="conversations", entity_id=uuid4())
    with django_assert_num_queries(4):  # the person, her rights and her groups' rights, the rows
        client.get(LOG)


def test_the_list_loads_no_values_and_no_browsers(as_staff: Client) -> None:
    make_rows(3, old_value={"a": 1}, user_agent="Navegador")
    with CaptureQueriesContext(connection) as queries:
        as_staff.get(LOG)
    (sql,) = [query["sql"] for query in queries if 'FROM "audit_log"' in query["sql"]]
    for column in ["old_value", "new_value", "user_agent"]:
        assert column not in sql


def test_the_first_page_of_the_administration_leads_to_the_log(as_staff: Client, owner: User) -> None:
    assert f'<a href="{LOG}">Auditoria</a>' in as_staff.get("/admin/").content.decode()


# Filters -----------------------------------------------------------------------------------------


def test_a_whole_email_is_that_person_and_a_beginning_all_that_begin_so(as_staff: Client) -> None:
    helena, helene = make_row(user_email="helena@exemplo.adv.br"), make_row(user_email="helena@exemplo.adv.br.com")
    make_row(user_email="rui@exemplo.adv.br")
    assert listed(as_staff, user_email=" Helena@exemplo.adv.br ") == ids(helena)
    assert listed(as_staff, user_email="helena@") == ids(helene, helena)
    assert listed(as_staff, user_email="elena@") == []


@pytest.mark.parametrize("typed", ["%", "_elena", "helena%", "\\"])
def test_signs_of_patterns_are_only_signs(as_staff: Client, typed: str) -> None:
    make_row()
    assert listed(as_staff, user_email=typed) == []


def test_by_action(as_staff: Client) -> None:
    wanted = make_row("conversa.exportar")
    make_row("conversa.criar")
    assert listed(as_staff, action="conversa.exportar") == ids(wanted)


def test_by_object_with_and_without_its_kind(as_staff: Client) -> None:
    pk = uuid4()
    about = make_row(entity_type="conversations", entity_id=pk)
    other = make_row(entity_type="messages", entity_id=uuid4())
    assert listed(as_staff, entity_id=str(pk)) == ids(about)
    assert listed(as_staff, entity_type="conversations", entity_id=str(pk)) == ids(about)
    assert listed(as_staff, entity_type="messages", entity_id=str(pk)) == []
    assert listed(as_staff, entity_type="messages") == ids(other)


def test_objects_without_a_uuid_have_their_history_too(as_staff: Client) -> None:
    model = AIModel.objects.get(pk="claude-opus-5-5")
    row = make_row("aimodel.alterar", entity_type=f"ai_models:{model.pk}")
    other = make_row("aimodel.alterar", entity_type="ai_models:claude-haiku-5-5")
    response = as_staff.get(f"/admin/audit/aimodel/{model.pk}/history/", follow=True)
    assert [item["row"].pk for item in response.context["rows"]] == [row.pk]
    assert listed(as_staff, entity_type="ai_models") == ids(other, row)


def test_by_address(as_staff: Client) -> None:
    wanted = make_row(ip_address="203.0.113.9")
    make_row(ip_address="203.0.113.90")
    make_row()
    assert listed(as_staff, ip_address="203.0.113.9") == ids(wanted)
    v6 = make_row(ip_address="2001:db8::1")
    assert listed(as_staff, ip_address="2001:0db8:0:0:0:0:0:1") == ids(v6)


def test_days_begin_and_end_by_the_offices_clock(as_staff: Client) -> None:
    before = make_row(created_at=at("2026-11-24", "23:59:59"))
    first, last = make_row(created_at=at("2026-11-25", "00:00")), make_row(created_at=at("2026-11-25", "23:59:59.999"))
    after = make_row(created_at=at("2026-11-26", "00:00"))
    assert listed(as_staff, since="2026-11-25", until="2026-11-25") == ids(last, first)
    assert listed(as_staff, since="25/11/2026") == ids(after, last, first)
    assert listed(as_staff, until="2026-11-25") == ids(last, first, before)


def test_filters_narrow_each_other_down(as_staff: Client) -> None:
    wanted = make_row("sair", user_email="rui@exemplo.adv.br")
    make_row("entrar", user_email="rui@exemplo.adv.br")
    make_row("sair")
    assert listed(as_staff, action="sair", user_email="rui") == ids(wanted)
    assert listed(as_staff, action="sair", q="rui@exemplo.adv.br") == ids(wanted)


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"since": "ontem"}, "data válida"),
        ({"since": "2026-11-25", "until": "2026-11-24"}, "vem antes do primeiro"),
        ({"entity_id": "123"}, "Escolha também o objeto"),
        ({"ip_address": "999.1.1.1"}, "endereço IPv4 ou IPv6 válido"),
        ({"action": "inventada"}, "inventada"),
        ({"entity_type": "pg_authid"}, "pg_authid"),
        ({"user_email": "a\x00"}, "nulos"),
        ({"q": "a" * 300}, "255"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_said_and_finds_nothing(
    as_staff: Client, filters: dict[str, str], words: str
) -> None:
    make_row()
    response = as_staff.get(LOG, filters)
    assert response.status_code == 422
    assert words in " ".join(str(error) for errors in response.context["form"].errors.values() for error in errors)
    assert response.context["rows"] == []


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_time_break_nothing(as_staff: Client, day: str) -> None:
    make_row()
    assert as_staff.get(LOG, {"since": day}).status_code == 200
    assert as_staff.get(LOG, {"until": day}).status_code == 200


# The search box ----------------------------------------------------------------------------------


def test_the_search_box_knows_what_was_typed(as_staff: Client, stranger: User) -> None:
    pk = uuid4()
    about = make_row("conversa.criar", entity_type="conversations", entity_id=pk, user_email="a@exemplo.adv.br")
    by = make_row("sair", user=stranger, user_email=stranger.email, ip_address="203.0.113.9")
    assert listed(as_staff, q=str(pk)) == ids(about)
    assert listed(as_staff, q=pk.hex.upper()) == ids(about)
    assert listed(as_staff, q=str(by.pk)) == ids(by)
    assert listed(as_staff, q=str(stranger.pk)) == ids(by)
    assert listed(as_staff, q=" 203.0.113.9 ") == ids(by)
    assert listed(as_staff, q="rui@exemplo.adv.br") == ids(by)
    assert listed(as_staff, q="Rui") == ids(by)
    assert listed(as_staff, q="sair") == ids(by)
    assert listed(as_staff, q="criou conversa") == ids(about)


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("helena@exemplo.adv.br", "o e-mail helena@exemplo.adv.br"),
        ("Helena@", "e-mails que começam por helena@"),
        ("maria", "e-mails que começam por maria"),
        ("sa", "e-mails que começam por sa"),  # too short to be an action's name
        ("exportou", "ações com este nome"),
        ("conversa.exp", "ações com este nome"),
        ("titulo", "ações com este nome"),  # accents or not
        ("2001:db8::1", "o endereço 2001:db8::1"),
        ("01890000-0000-7000-8000-000000000000", "a identificação de um objeto, de uma pessoa ou de um registro"),
    ],
)
def test_the_page_says_how_the_search_was_read(as_staff: Client, typed: str, read_as: str) -> None:
    assert recognised(typed)[0] == read_as
    assert f"Procurado: {read_as}." in as_staff.get(LOG, {"q": typed}).content.decode()


# One row -----------------------------------------------------------------------------------------


def test_a_row_opens_with_old_and_new_side_by_side(as_staff: Client, stranger: User) -> None:
    row = make_row(
        "user.alterar",
        entity_type="users",
        entity_id=stranger.pk,
        old_value={"role": "user", "is_active": True, "gone": 1},
        new_value={"role": "staff", "is_active": False, "groups": ["a", "b"]},
        user_agent="Navegador/1.0 <b>",
    )
    response = as_staff.get(f"{LOG}{row.pk}/change/")
    assert sorted(response.context["changes"], key=lambda change: change["name"], reverse=True) == [
        {"name": "papel", "old": "user", "new": "staff"},
        {"name": "groups", "old": "", "new": '[\n "a",\n "b"\n]'},
        {"name": "gone", "old": "1", "new": ""},
        {"name": "ativa", "old": "sim", "new": "não"},
    ]
    html = response.content.decode()
    assert "Alterou pessoa" in html
    assert "Navegador/1.0 &lt;b&gt;" in html
    assert f'href="/admin/accounts/user/{stranger.pk}/change/"' in html
    assert f"?entity_type=users&amp;entity_id={stranger.pk}" in html


def test_a_row_of_nobody_about_nothing_opens_too(as_staff: Client) -> None:
    row = make_row("acao.desconhecida", user_email="")
    html = as_staff.get(f"{LOG}{row.pk}/change/").content.decode()
    assert "sem pessoa" in html
    assert "<h1>acao.desconhecida</h1>" in html
    assert "O que mudou" not in html


@pytest.mark.parametrize("pk", ["x", "01890000-0000-7000-8000-000000000000"])
def test_a_row_that_is_not_there_is_404(as_staff: Client, pk: str) -> None:
    assert as_staff.get(f"{LOG}{pk}/change/").status_code == 404


# Only to be read ---------------------------------------------------------------------------------


def test_nobody_adds_changes_or_deletes_not_even_a_superuser(as_staff: Client) -> None:
    row = make_row()
    for path in ["", "add/", f"{row.pk}/change/", f"{row.pk}/delete/", "exportar/"]:
        form = {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes", "user_email": "x"}
        assert as_staff.post(LOG + path, form).status_code == 403, path
    assert as_staff.get(f"{LOG}add/").status_code == 403
    assert AuditLog.objects.filter(action="conversa.criar").get() == row
    assert AuditLog.objects.filter(action="acesso.negado").count() == 6


def test_the_pages_offer_no_such_buttons(as_staff: Client) -> None:
    row = make_row()
    for path in ["", f"{row.pk}/change/"]:
        html = as_staff.get(LOG + path).content.decode()
        assert re.findall(r'<form[^>]*method="post"[^>]*action="([^"]*)"', html) == ["/sair/"]
        assert not re.search(r'href="[^"]*(add|delete)/"', html)


@pytest.mark.parametrize("path", ["", "exportar/", "{pk}/change/"])
def test_who_has_not_the_right_gets_403_and_a_row(path: str) -> None:
    row = make_row()
    helper = User.objects.create_user("ajuda@exemplo.adv.br", role=User.Role.STAFF)
    assert signed_in(helper).get(LOG + path.format(pk=row.pk)).status_code == 200  # the staff's role has it
    person = User.objects.create_user("outra@exemplo.adv.br")
    person.user_permissions.add(Permission.objects.get(codename="view_aimodel"))
    url = LOG + path.format(pk=row.pk)
    assert signed_in(person).get(url).status_code in {302, 403}  # no member of the staff


def test_a_member_of_the_staff_whose_role_lost_the_right_gets_403_and_a_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("accounts.roles.STAFF", frozenset({"accounts.view_user"}))
    helper = User.objects.create_user("ajuda@exemplo.adv.br", role=User.Role.STAFF)
    for path in ["", "exportar/", f"{make_row().pk}/change/"]:
        assert signed_in(helper).get(LOG + path).status_code == 403
        refused = AuditLog.objects.order_by("-created_at")[0]
        assert (refused.action, refused.user, refused.new_value["path"]) == ("acesso.negado", helper, LOG + path)
