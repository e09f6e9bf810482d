"""The session: cookie `rom.sid`, seven days, the truth in the table `sessions`, Redis only in front of it."""

import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Session, User
from accounts.sessions import RENEW_AFTER_SECONDS, RENEWED
from conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
WEEK = 7 * 24 * 3600


def signed_in(user: User) -> Client:
    client = Client()
    client.post("/entrar/", {"login": user.email, "password": PASSWORD})
    assert client.get("/conversas/").status_code == 200
    return client


def test_the_cookie_is_ours_lasts_a_week_and_is_out_of_reach_for_scripts(client: Client, helena: User) -> None:
    response = client.post("/entrar/", {"login": helena.email, "password": PASSWORD})
    cookie = response.cookies["rom.sid"]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (WEEK, True, "Lax", "/")
    assert cookie["secure"] == ""  # over plain HTTP it could not be sent
    assert "sessionid" not in response.cookies
    csrf = response.cookies.get("csrftoken")
    assert csrf is None or csrf["httponly"]


def test_over_https_the_cookies_are_secure(client: Client, helena: User, settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    response = client.post("/entrar/", {"login": helena.email, "password": PASSWORD}, secure=True)
    assert response.cookies["rom.sid"]["secure"] is True


def test_somebody_who_only_looks_at_the_door_gets_no_session(client: Client) -> None:
    client.get("/entrar/")
    assert "rom.sid" not in client.cookies
    assert not Session.objects.exists()


def test_a_new_key_at_the_door(client: Client, helena: User) -> None:
    """A key that was planted before must not be the one that opens."""
    client.cookies["rom.sid"] = "a" * 32
    client.post("/entrar/", {"login": helena.email, "password": PASSWORD})
    assert client.cookies["rom.sid"].value != "a" * 32


def test_the_table_has_the_columns_of_the_deployment_guide(helena: User) -> None:
    client = signed_in(helena)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sid, sess, expire FROM sessions")
        ((sid, _, expire),) = cursor.fetchall()
    assert sid == client.cookies["rom.sid"].value
    assert timedelta(days=6, hours=23) < expire - timezone.now() <= timedelta(days=7)


def test_an_emptied_redis_signs_nobody_out(helena: User) -> None:
    client = signed_in(helena)
    cache.clear()
    assert client.get("/conversas/").status_code == 200


def test_while_redis_has_it_postgresql_is_not_asked_for_the_session(helena: User) -> None:
    client = signed_in(helena)
    with CaptureQueriesContext(connection) as queries:
        client.get("/conversas/")
    assert not any('"sessions"' in query["sql"] for query in queries.captured_queries)


def test_a_session_that_has_expired_opens_nothing(helena: User) -> None:
    client = signed_in(helena)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    cache.clear()
    assert client.get("/conversas/").status_code == 302


def test_a_session_that_was_deleted_from_the_table_ends_with_its_copy(helena: User) -> None:
    client = signed_in(helena)
    Session.objects.all().delete()
    cache.clear()
    assert client.get("/conversas/").status_code == 302


# Renewal -----------------------------------------------------------------------------------------


def renewed(client: Client, seconds_ago: float) -> None:
    """As if the session had been renewed so long ago."""
    session = client.session
    session[RENEWED] = int(time.time() - seconds_ago)
    session.save()


def test_who_keeps_working_is_renewed_once_a_day(helena: User) -> None:
    client = signed_in(helena)
    renewed(client, RENEW_AFTER_SECONDS + 60)
    Session.objects.update(expire_date=timezone.now() + timedelta(days=3))
    first, second = client.get("/conversas/"), client.get("/conversas/")
    assert first.cookies["rom.sid"]["max-age"] == WEEK
    assert "rom.sid" not in second.cookies
    assert Session.objects.get().expire_date > timezone.now() + timedelta(days=6)


def test_within_a_day_nothing_is_written(helena: User) -> None:
    client = signed_in(helena)
    renewed(client, RENEW_AFTER_SECONDS - 60)
    with CaptureQueriesContext(connection) as queries:
        response = client.get("/conversas/")
    assert "rom.sid" not in response.cookies
    assert not any(query["sql"].startswith(("UPDATE", "INSERT")) for query in queries.captured_queries)


def test_signing_in_counts_as_renewed(helena: User) -> None:
    client = signed_in(helena)
    assert "rom.sid" not in client.get("/conversas/").cookies


def test_the_data_of_a_session_cannot_be_forged(client: Client, helena: User) -> None:
    """They are signed: somebody who can write to the table still cannot make herself another."""
    Session.objects.create(
        session_key="b" * 32, session_data='{"_auth_user_id": "1"}', expire_date=timezone.now() + timedelta(days=1)
    )
    client.cookies["rom.sid"] = "b" * 32
    assert client.get("/conversas/").status_code == 302


@pytest.mark.parametrize("value", ["", "x", "'; --", "a" * 5000, "\u00e9", "../../x"])
def test_no_cookie_breaks_the_page(client: Client, value: str) -> None:
    client.cookies["rom.sid"] = value
    assert client.get("/conversas/").status_code == 302
