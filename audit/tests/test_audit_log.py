"""The audit log: who did what from where, never changed, and kept when people go."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest
from django.test import RequestFactory
from pytest_django import Settings

from accounts.models import User
from audit.actions import client_address, record
from audit.models import AuditLog

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def test_a_row_says_who_did_what_to_what_from_where(owner: User, stranger: User, rf: RequestFactory) -> None:
    request = rf.post("/", headers={"user-agent": "Navegador/1.0"}, REMOTE_ADDR="203.0.113.9")
    row = record(
        "pessoa.alterar", user=owner, request=request, entity=stranger, old={"role": "user"}, new={"role": "staff"}
    )
    row.refresh_from_db()
    assert (row.action, row.user, row.user_email) == ("pessoa.alterar", owner, owner.email)
    assert (row.entity_type, row.entity_id) == ("users", stranger.pk)
    assert (row.old_value, row.new_value) == ({"role": "user"}, {"role": "staff"})
    assert (row.ip_address, row.user_agent) == ("203.0.113.9", "Navegador/1.0")
    assert row.created_at


def test_what_nobody_signed_in_did_has_the_email_that_was_given() -> None:
    row = record("entrar.recusado", email="x@exemplo.adv.br")
    assert (row.user_id, row.user_email, row.entity_id, row.ip_address) == (None, "x@exemplo.adv.br", None, None)


def test_a_very_long_user_agent_is_cut(owner: User, rf: RequestFactory) -> None:
    row = record("x", user=owner, request=rf.get("/", headers={"user-agent": "a" * 10_000}))
    assert row.user_agent == "a" * 500


# Append-only -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda row: AuditLog.objects.filter(pk=row.pk).update(action="outra"),
        lambda row: row.delete(),
        lambda row: AuditLog.objects.all().delete(),
        lambda row: connection.cursor().execute("UPDATE audit_log SET created_at = now()"),
        lambda row: connection.cursor().execute("DELETE FROM audit_log"),
    ],
)
def test_nobody_changes_or_deletes_a_row(owner: User, change: object) -> None:
    row = record("entrar", user=owner)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change(row)  # type: ignore[operator]
    assert AuditLog.objects.get().action == "entrar"


def test_retention_says_so_and_may_delete_but_never_change(owner: User) -> None:
    record("entrar", user=owner)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL romagent.audit_retention = 'on'")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute("UPDATE audit_log SET action = 'outra'")
        cursor.execute("DELETE FROM audit_log")
    assert not AuditLog.objects.exists()


def test_what_a_person_did_stays_when_she_is_gone(owner: User) -> None:
    record("entrar", user=owner)
    email, pk = owner.email, owner.pk
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM users WHERE id = %s", [pk])
    row = AuditLog.objects.get()
    assert (row.user_id, row.user_email) == (pk, email)


def test_a_row_goes_with_the_transaction_of_what_it_records(owner: User) -> None:
    class Undone(Exception):
        pass

    with pytest.raises(Undone), transaction.atomic():
        record("entrar", user=owner)
        raise Undone
    assert not AuditLog.objects.exists()


# Addresses ---------------------------------------------------------------------------------------


def request_from(rf: RequestFactory, address: str, forwarded: str = "") -> HttpRequest:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    return rf.get("/", headers=headers, REMOTE_ADDR=address)


def test_without_a_proxy_the_connection_tells_and_a_header_is_not_believed(
    rf: RequestFactory, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = 0
    assert client_address(request_from(rf, "203.0.113.9")) == "203.0.113.9"
    assert client_address(request_from(rf, "203.0.113.9", "198.51.100.1")) == "203.0.113.9"


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("10.0.0.1, 198.51.100.7", "198.51.100.7"),  # what the browser itself sent comes first
        ("mentira, 198.51.100.7", "198.51.100.7"),
        ("2001:db8::1", "2001:db8::1"),
        (" 198.51.100.7 ", "198.51.100.7"),
    ],
)
def test_behind_our_proxy_the_address_it_added_counts(
    rf: RequestFactory, settings: Settings, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = 1
    assert client_address(request_from(rf, "10.1.2.3", forwarded)) == address


@pytest.mark.parametrize("forwarded", ["mentira", "'; --", "198.51.100.7:4711", "a" * 10_000, ",,,", "\x00"])
def test_what_is_no_address_breaks_nothing(rf: RequestFactory, settings: Settings, forwarded: str) -> None:
    settings.TRUSTED_PROXIES = 1
    row = record("x", request=request_from(rf, "10.1.2.3", forwarded))
    row.refresh_from_db()
    assert row.ip_address in {None, "198.51.100.7", "10.1.2.3"}
