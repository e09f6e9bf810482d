"""Guessing: it is stopped by account and address, by address and by account; and a stranger locks nobody out."""

import json
import re
from typing import Any

import pytest
import redis
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts import devices, guessing
from accounts.models import User
from audit.models import AuditLog
from conftest import PASSWORD
from romagent.base import limits

pytestmark = pytest.mark.django_db
EMAIL = "helena@exemplo.adv.br"
UNKNOWN = "ninguem@exemplo.adv.br"


def at(address: str) -> Client:
    return Client(REMOTE_ADDR=address)


def sign_in(client: Client, password: str = PASSWORD, email: str = EMAIL) -> Any:
    return client.post("/entrar/", {"login": email, "password": password})


def is_signed_in(client: Client) -> bool:
    return client.get("/conversas/").status_code == 200


def guess(times: int, address: str = "192.0.2.1", email: str = EMAIL) -> list[int]:
    client = at(address)
    return [sign_in(client, "errada", email).status_code for _ in range(times)]


@pytest.fixture
def known(helena: User) -> Client:
    """The browser in which she works, signed out for the night."""
    client = at("198.51.100.7")
    sign_in(client)
    client.post("/sair/")
    return client


# Stopped -----------------------------------------------------------------------------------------


def test_ten_wrong_passwords_from_one_address_and_then_one_has_to_wait(helena: User) -> None:
    assert guess(12) == [200] * 10 + [429] * 2
    response = sign_in(at("192.0.2.1"))  # the right one
    assert (response.status_code, 1 <= int(response["Retry-After"]) <= 300) == (429, True)
    html = response.content.decode()
    assert "Muitas tentativas de entrar." in html
    assert "Tente de novo às " in html
    assert "conversas" not in html


def test_what_is_said_does_not_tell_whether_the_account_exists(helena: User) -> None:
    assert guess(11) == guess(11, "192.0.2.2", UNKNOWN)
    known, unknown = sign_in(at("192.0.2.1")), sign_in(at("192.0.2.2"), email=UNKNOWN)
    said = [re.sub(r"às [\d:]+", "", response.content.decode()) for response in (known, unknown)]
    assert said[0] == said[1]
    assert set(known.headers) == set(unknown.headers)


def test_a_colleague_at_the_same_address_is_not_kept_out(helena: User, stranger: User) -> None:
    stranger.set_password(PASSWORD)
    stranger.save()
    guess(11)
    colleague = at("192.0.2.1")
    sign_in(colleague, email=stranger.email)
    assert is_signed_in(colleague)


def test_one_address_that_tries_many_accounts_is_stopped(helena: User) -> None:
    statuses = [guess(1, "192.0.2.9", f"p{number}@exemplo.adv.br")[0] for number in range(62)]
    assert statuses == [200] * 60 + [429] * 2


def test_many_addresses_that_try_one_account_are_stopped(helena: User) -> None:
    statuses = [guess(1, f"192.0.2.{number}")[0] for number in range(62)]
    assert statuses == [200] * 60 + [429] * 2


def test_an_ipv6_customer_is_one_address_whatever_its_last_half(helena: User) -> None:
    statuses = [guess(1, f"2001:db8:1:2::{number:x}")[0] for number in range(1, 13)]
    assert statuses == [200] * 10 + [429] * 2
    assert guess(1, "2001:db8:1:3::1") == [200]


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8::7", "2001:db8::/64"), ("", "?"), ("unix:", "?")],
)
def test_the_address_that_is_counted(address: str, network: str) -> None:
    assert guessing.network(RequestFactory().get("/", REMOTE_ADDR=address)) == network


def test_the_right_password_begins_anew(helena: User) -> None:
    client = at("192.0.2.1")
    for _ in range(3):
        for _ in range(9):
            sign_in(client, "errada")
        assert sign_in(client).status_code == 302
        client.post("/sair/")
        client.cookies.clear()


def test_signing_in_as_oneself_does_not_make_room_for_guessing_at_another(helena: User, stranger: User) -> None:
    stranger.set_password(PASSWORD)
    stranger.save()
    for _ in range(5):
        guess(2)
        sign_in(at("192.0.2.1"), email=stranger.email)
    assert guess(1) == [429]


# Not locked out ----------------------------------------------------------------------------------


def test_a_stranger_cannot_lock_her_out_of_the_browser_she_works_in(known: Client) -> None:
    """Whatever he tries: at her account from everywhere, and from her own address at all accounts."""
    for number in range(61):
        guess(1, f"192.0.2.{number}")
    guess(11, "198.51.100.7")
    for number in range(60):
        guess(1, "198.51.100.7", f"p{number}@exemplo.adv.br")
    assert sign_in(at("203.0.113.1")).status_code == 429  # another browser has to wait
    assert sign_in(known).status_code == 302
    assert is_signed_in(known)


def test_her_own_browser_has_a_limit_of_its_own(known: Client) -> None:
    assert [sign_in(known, "errada").status_code for _ in range(11)] == [200] * 10 + [429]
    elsewhere = at("203.0.113.1")
    assert sign_in(elsewhere).status_code == 302  # what failed there does not count elsewhere


def test_a_browser_known_to_one_account_is_a_stranger_to_another(known: Client, stranger: User) -> None:
    for number in range(60):
        guess(1, f"192.0.2.{number}", stranger.email)
    assert sign_in(known, email=stranger.email).status_code == 429


def test_confirming_who_one_is_is_not_stopped_by_a_strangers_guesses(helena: User) -> None:
    client = at("198.51.100.7")
    client.force_login(helena)
    for number in range(61):
        guess(1, f"192.0.2.{number}")
    response = client.post("/conta/seguranca/confirmar/?next=/conta/seguranca/", {"password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/conta/seguranca/")


def test_a_link_by_mail_makes_a_browser_known(helena: User) -> None:
    from accounts.mail import password_link

    for number in range(61):
        guess(1, f"192.0.2.{number}")
    client = at("203.0.113.1")
    page = client.get(password_link(helena).removeprefix("http://testserver"), follow=True)
    new = "outra senha, também longa"
    client.post(page.request["PATH_INFO"], {"password1": new, "password2": new})
    assert sign_in(client, new).status_code == 302


def test_without_redis_everybody_gets_in(helena: User, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    guess(11)
    away = redis.ConnectionPool.from_url("redis://127.0.0.1:9/0", socket_connect_timeout=0.2)
    monkeypatch.setattr(limits, "sync_pool", lambda: away)
    limits._limiter.cache_clear()
    try:
        client = at("192.0.2.1")
        assert sign_in(client).status_code == 302
        assert is_signed_in(client)
        assert guess(15, "192.0.2.2") == [200] * 15
    finally:
        limits._limiter.cache_clear()


# The log -----------------------------------------------------------------------------------------


def test_a_lock_out_is_one_row(helena: User) -> None:
    guess(15)
    assert AuditLog.objects.filter(action="entrar.recusado").count() == 10
    row = AuditLog.objects.get(action="entrar.bloqueado")
    assert (row.user, row.user_email, row.ip_address) == (None, EMAIL, "192.0.2.1")
    assert row.new_value == {"limit": "senha.conta-endereco"}


def test_guesses_in_a_session_are_the_sessions(helena: User) -> None:
    client = at("198.51.100.7")
    client.force_login(helena)
    for _ in range(10):
        client.post("/conta/seguranca/confirmar/", {"password": "errada"})
    assert client.post("/conta/seguranca/confirmar/", {"password": "errada"}).status_code == 429
    assert AuditLog.objects.filter(action="entrar.recusado", user=helena).count() == 10
    assert AuditLog.objects.get(action="entrar.bloqueado").user == helena


def test_no_password_is_in_the_log(helena: User) -> None:
    guess(11)
    assert "errada" not in json.dumps(list(AuditLog.objects.values()), default=str)


# The cookie --------------------------------------------------------------------------------------


def remembered(*emails: str, request: HttpRequest | None = None) -> HttpRequest:
    """A browser in which these have signed in, one after the other."""
    browser = request or RequestFactory().get("/")
    for email in emails:
        response = HttpResponse()
        devices.remember(browser, response, email)
        browser.COOKIES[devices.COOKIE] = response.cookies[devices.COOKIE].value
    return browser


def test_the_cookie_is_out_of_reach_for_scripts_and_lasts(helena: User, settings: Settings) -> None:
    response = sign_in(Client())
    cookie = response.cookies["rom.aparelho"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")
    assert cookie["max-age"] == 400 * 24 * 3600
    settings.SESSION_COOKIE_SECURE = True
    assert sign_in(Client()).cookies["rom.aparelho"]["secure"] is True


def test_the_cookie_says_nothing_of_who_it_is(helena: User) -> None:
    value = sign_in(Client()).cookies["rom.aparelho"].value
    for secret in ["helena", "exemplo", str(helena.pk), helena.pk.hex]:
        assert secret not in value
        assert secret not in str(signing.loads(value, salt=devices.SALT))


def test_a_wrong_password_makes_no_browser_known(helena: User) -> None:
    assert "rom.aparelho" not in sign_in(Client(), "errada").cookies


def test_a_shared_computer_knows_all_who_work_at_it_and_forgets_the_longest_away() -> None:
    people = [f"p{number}@exemplo.adv.br" for number in range(devices.ACCOUNTS + 1)]
    browser = remembered(*people)
    assert devices.known(browser, people[0]) == ""
    names = [devices.known(browser, email) for email in people[1:]]
    assert all(names)
    assert len(set(names)) == devices.ACCOUNTS
    assert len(browser.COOKIES[devices.COOKIE]) < 1_000


def test_signing_in_again_gives_another_name() -> None:
    browser = remembered(EMAIL)
    before = devices.known(browser, EMAIL)
    remembered(EMAIL, request=browser)
    assert devices.known(browser, EMAIL) not in {"", before}


def test_the_case_of_the_email_makes_no_difference() -> None:
    assert devices.known(remembered(EMAIL), f" {EMAIL.upper()} ")


@pytest.mark.parametrize(
    "value",
    ["", "x", "a:b:c", "[]", "\u00e9", "a" * 5000, pytest.param(signing.dumps([1], salt=devices.SALT), id="signed")],
)
def test_a_cookie_that_was_made_up_knows_nobody(client: Client, helena: User, value: str) -> None:
    request = RequestFactory().get("/")
    request.COOKIES[devices.COOKIE] = value
    assert devices.known(request, EMAIL) == ""
    client.cookies["rom.aparelho"] = value
    assert sign_in(client).status_code == 302


def test_a_cookie_signed_for_something_else_knows_nobody() -> None:
    request = RequestFactory().get("/")
    request.COOKIES[devices.COOKIE] = signing.dumps([[devices.account_tag(EMAIL), "x"]], salt="outra coisa")
    assert devices.known(request, EMAIL) == ""
