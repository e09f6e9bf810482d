"""REQUIRE_MFA: who is of the staff reaches nothing before she has a second factor, but what sets it up."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from accounts.tests.factors import code_of, confirm, give_app
from conftest import signed_in
from conversations.tests.making import make_conversation
from tests.walking import urls

pytestmark = pytest.mark.django_db
HERE = "/conta/seguranca/obrigatorio/"


@pytest.fixture(autouse=True)
def _required(settings: Settings) -> None:
    settings.REQUIRE_MFA = True


@pytest.fixture(params=["staff", "admin"])
def helper(request: pytest.FixtureRequest, helena: User) -> User:
    helena.role = request.param
    helena.save()
    return helena


def test_everything_leads_to_setting_it_up(helper: User) -> None:
    client = signed_in(helper)
    for path in ["/", "/conversas/", "/admin/", "/admin/accounts/user/", "/conta/seguranca/", "/senha/alterar/"]:
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (302, HERE), path
    html = client.get(HERE).content.decode()
    assert "O escritório exige um segundo fator" in html
    assert "/conta/seguranca/aplicativo/" in html


def test_no_address_is_forgotten(helper: User) -> None:
    """The whole URLconf: what answers is what sets it up, what is public, and the way out."""
    make_conversation(helper, "Ação de cobrança")
    client = signed_in(helper)
    for url in urls():
        if not url.route or "<" in url.route:
            continue
        for method in (client.get, client.post):
            if url.name == "account_logout":
                continue
            response = method("/" + url.route)
            assert response.status_code in {200, 302, 405, 429}, url
            if response.status_code == 200 and not url.name.startswith(("health", "account_", "mfa_", "second_")):
                pytest.fail(f"{url.name} can be reached")
            assert "Ação de cobrança" not in response.content.decode(), url


def test_code_is_told_in_words(helper: User) -> None:
    client = signed_in(helper)
    for headers in [{"hx-request": "true"}, {"accept": "text/event-stream"}]:
        response = client.get("/conversas/", headers=headers)
        assert response.status_code == 403
        assert "precisa de um segundo fator" in response.json()["error"]


def test_after_setting_it_up_everything_is_open(helper: User) -> None:
    client = signed_in(helper)
    assert client.get("/conta/seguranca/aplicativo/")["Location"].startswith("/conta/seguranca/confirmar/")
    confirm(client)
    html = client.get("/conta/seguranca/aplicativo/").content.decode()
    found = re.search(r'<code class="secret">([A-Z2-7]+)</code>', html)
    assert found
    assert client.post("/conta/seguranca/aplicativo/", {"code": code_of(found[1])}).status_code == 302
    assert client.get("/conversas/").status_code == 200
    assert client.get("/admin/").status_code == 200
    assert client.get(HERE)["Location"] == "/conta/seguranca/"


def test_signing_out_is_always_possible(helper: User) -> None:
    client = signed_in(helper)
    assert client.post("/sair/")["Location"] == "/entrar/"


def test_recovery_codes_alone_are_no_second_factor(helper: User) -> None:
    give_app(helper)
    Authenticator.objects.update(type="recovery_codes", data={"seed": "x", "used_mask": 0})
    assert signed_in(helper).get("/conversas/")["Location"] == HERE


def test_lawyers_may_go_without(helena: User) -> None:
    assert signed_in(helena).get("/conversas/").status_code == 200


def test_who_becomes_staff_needs_one_at_once(helena: User) -> None:
    client = signed_in(helena)
    assert client.get("/conversas/").status_code == 200
    User.objects.filter(pk=helena.pk).update(role="staff")
    assert client.get("/conversas/")["Location"] == HERE


def test_where_the_office_does_not_ask_for_it_nobody_is_sent(helper: User, settings: Settings) -> None:
    settings.REQUIRE_MFA = False
    assert Client().get(HERE)["Location"].startswith("/entrar/")
    assert signed_in(helper).get("/conversas/").status_code == 200
