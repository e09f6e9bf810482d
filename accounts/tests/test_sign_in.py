"""Signing in and out: with the right password only, back to where one wanted to go, and always in the log."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Session, User
from audit.models import AuditLog
from conftest import PASSWORD

pytestmark = pytest.mark.django_db
EMAIL = "helena@exemplo.adv.br"


def sign_in(client: Client, email: str = EMAIL, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/entrar/", {"login": email, "password": password, **more})


def is_signed_in(client: Client) -> bool:
    return client.get("/conversas/").status_code == 200


def test_the_right_password_opens_the_office(client: Client, helena: User) -> None:
    response = sign_in(client)
    assert (response.status_code, response["Location"]) == (302, "/conversas/")
    assert is_signed_in(client)
    row = AuditLog.objects.get()
    assert (row.action, row.user, row.user_email, row.entity_id) == ("entrar", helena, EMAIL, helena.pk)
    helena.refresh_from_db()
    assert helena.last_login


def test_a_wrong_password_does_not_and_is_in_the_log(client: Client, helena: User) -> None:
    response = sign_in(client, password="outra")
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()
    assert not is_signed_in(client)
    row = AuditLog.objects.get()
    assert (row.action, row.user, row.user_email) == ("entrar.recusado", None, EMAIL)
    assert row.ip_address == "127.0.0.1"
    assert "outra" not in str(AuditLog.objects.values())


def test_somebody_unknown_is_refused_in_the_same_words(client: Client, helena: User) -> None:
    known = sign_in(client, password="outra").content.decode()
    unknown = sign_in(Client(), "ninguem@exemplo.adv.br").content.decode()

    def alert(html: str) -> list[str]:
        return re.findall(r'role="alert">(.*?)</p>', html)

    assert alert(known) == alert(unknown) == ["E-mail ou senha incorretos."]
    assert AuditLog.objects.filter(action="entrar.recusado", user_email="ninguem@exemplo.adv.br").exists()


@pytest.mark.parametrize("email", ["HELENA@EXEMPLO.ADV.BR", "Helena@exemplo.adv.br", "  helena@exemplo.adv.br "])
def test_the_case_of_the_email_does_not_matter(client: Client, helena: User, email: str) -> None:
    sign_in(client, email)
    assert is_signed_in(client)


def test_the_page_is_in_portuguese_and_offers_no_sign_up(client: Client) -> None:
    html = client.get("/entrar/").content.decode()
    assert '<html lang="pt-BR">' in html
    for words in ["Entrar", "E-mail", "Senha", "As contas são criadas pela administração do escritório."]:
        assert words in html
    assert "/cadastro/" not in html


@pytest.mark.parametrize("path", ["/conversas/arquivadas/", "/busca/?q=prazo", "/senha/alterar/"])
def test_one_lands_where_one_wanted_to_go(client: Client, helena: User, path: str) -> None:
    redirect = client.get(path)
    assert redirect.status_code == 302
    assert redirect["Location"].startswith("/entrar/?next=")
    page = client.get(redirect["Location"]).content.decode()
    hidden = re.search(r'name="next" value="([^"]+)"', page)
    assert hidden
    response = sign_in(client, next=hidden[1].replace("&amp;", "&"))
    assert response["Location"] == path


@pytest.mark.parametrize(
    "target",
    ["https://mau.example/", "//mau.example/", "/\\mau.example", "javascript:alert(1)", "https:mau.example", "\x00//x"],
)
def test_nobody_is_sent_to_another_site(client: Client, helena: User, target: str) -> None:
    response = sign_in(client, next=target)
    assert response["Location"] == "/conversas/"


def test_who_is_signed_in_already_goes_on(client: Client, helena: User) -> None:
    client.force_login(helena)
    assert client.get("/entrar/")["Location"] == "/conversas/"


def test_a_deactivated_person_is_told_and_stays_outside(client: Client, helena: User) -> None:
    User.objects.filter(pk=helena.pk).update(is_active=False)
    response = sign_in(client)
    assert not is_signed_in(client)
    if response.status_code == 302:
        assert response["Location"] == "/conta-desativada/"
    assert "Conta desativada" in client.get("/conta-desativada/").content.decode()


def test_who_is_deactivated_while_she_works_is_outside_at_once(client: Client, helena: User) -> None:
    client.force_login(helena)
    assert is_signed_in(client)
    User.objects.filter(pk=helena.pk).update(is_active=False)
    assert not is_signed_in(client)


def test_after_too_many_wrong_passwords_one_has_to_wait(client: Client, helena: User) -> None:
    for _ in range(10):
        sign_in(client, password="outra")
    assert "tentativas" in sign_in(client).content.decode()
    assert not is_signed_in(client)


def test_who_mistypes_does_not_lock_out_a_colleague(client: Client, helena: User, stranger: User) -> None:
    """The office shares one address."""
    stranger.set_password(PASSWORD)
    stranger.save(update_fields=["password"])
    for _ in range(12):
        sign_in(client, password="outra")
    colleague = Client()
    sign_in(colleague, stranger.email)
    assert is_signed_in(colleague)


@pytest.mark.parametrize(
    "email", ["", "x", "a@b", "\x00", "a" * 300 + "@x.br", "'; --@x.br", "helena@exemplo.adv.br\r\nBcc: x@y.br"]
)
def test_no_email_breaks_the_page(client: Client, email: str) -> None:
    assert sign_in(client, email).status_code == 200


# Out ---------------------------------------------------------------------------------------------


def test_signing_out_ends_the_session_and_is_in_the_log(client: Client, helena: User) -> None:
    sign_in(client)
    key = client.session.session_key
    assert client.get("/sair/").status_code == 200
    assert is_signed_in(client)  # only asked
    response = client.post("/sair/")
    assert (response.status_code, response["Location"]) == (302, "/entrar/")
    assert not is_signed_in(client)
    assert not Session.objects.filter(pk=key).exists()
    assert list(AuditLog.objects.order_by("id").values_list("action", flat=True)) == ["entrar", "sair"]
    assert AuditLog.objects.get(action="sair").user == helena


def test_the_cookie_of_a_session_that_was_ended_opens_nothing(client: Client, helena: User) -> None:
    sign_in(client)
    thief = Client()
    thief.cookies["rom.sid"] = client.cookies["rom.sid"].value
    client.post("/sair/")
    assert not is_signed_in(thief)


# No sign-up --------------------------------------------------------------------------------------


def test_nobody_can_make_an_account_for_herself(client: Client) -> None:
    html = client.get("/cadastro/").content.decode()
    assert "Contas são criadas pelo escritório" in html
    assert "<form" not in html
    client.post("/cadastro/", {"email": "x@exemplo.adv.br", "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.exists()
