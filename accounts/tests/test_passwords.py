"""Forgotten and changed passwords."""

import re

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from pytest_django import Settings

from accounts.models import Session, User
from audit.models import AuditLog
from conftest import PASSWORD
from romagent import settings as SETTINGS  # noqa: N812 - as they are in production

pytestmark = pytest.mark.django_db
NEW = "outra senha, também longa"


def can_sign_in(password: str) -> bool:
    client = Client()
    client.post("/entrar/", {"login": "helena@exemplo.adv.br", "password": password})
    return client.get("/conversas/").status_code == 200


def link_in(mail: EmailMessage) -> str:
    found = re.search(r"http://testserver(/senha/nova/\S+)", str(mail.body))
    assert found
    return found[1]


def forget(client: Client, email: str = "helena@exemplo.adv.br") -> None:
    response = client.post("/senha/esqueci/", {"email": email})
    assert (response.status_code, response["Location"]) == (302, "/senha/esqueci/enviado/")


# Forgotten ---------------------------------------------------------------------------------------


def test_a_forgotten_password_is_replaced_by_mail(client: Client, helena: User, mailoutbox: list[EmailMessage]) -> None:
    forget(client)
    (mail,) = mailoutbox
    assert mail.to == ["helena@exemplo.adv.br"]
    assert "Escolher uma senha nova no ROM Agent" in mail.subject
    assert "alguém, provavelmente você, pediu para escolher uma senha nova" in mail.body
    page = client.get(link_in(mail), follow=True)
    assert "Escolher senha nova" in page.content.decode()
    response = client.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert response["Location"] == "/senha/nova/pronto/"
    assert "A senha nova já vale." in client.get("/senha/nova/pronto/").content.decode()
    assert can_sign_in(NEW)
    assert not can_sign_in(PASSWORD)


def test_the_link_works_once(client: Client, helena: User, mailoutbox: list[EmailMessage]) -> None:
    forget(client)
    link = link_in(mailoutbox[0])
    page = client.get(link, follow=True)
    client.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert "Este link não vale mais" in Client().get(link, follow=True).content.decode()


def test_a_link_that_was_made_up_opens_nothing(client: Client, helena: User) -> None:
    for link in [
        "/senha/nova/1-set-password/",
        "/senha/nova/abc-123-456/",
        "/senha/nova/zzzzzzzzzzzzzzzzzzzzzzzzzz-x/",
    ]:
        html = client.get(link, follow=True).content.decode()
        assert "Este link não vale mais" in html
        client.post(link, {"password1": NEW, "password2": NEW})
    assert can_sign_in(PASSWORD)


def test_the_page_does_not_tell_whose_address_is_known(
    client: Client, helena: User, mailoutbox: list[EmailMessage]
) -> None:
    forget(client, "ninguem@exemplo.adv.br")
    (mail,) = mailoutbox
    assert mail.to == ["ninguem@exemplo.adv.br"]
    assert "não há conta com este endereço" in mail.body


def test_the_case_of_the_email_does_not_matter(client: Client, helena: User, mailoutbox: list[EmailMessage]) -> None:
    forget(client, "HELENA@exemplo.adv.br")
    assert link_in(mailoutbox[0])


def test_a_deactivated_person_gets_no_link(client: Client, helena: User, mailoutbox: list[EmailMessage]) -> None:
    User.objects.filter(pk=helena.pk).update(is_active=False)
    forget(client)
    assert not any("/senha/nova/" in str(mail.body) for mail in mailoutbox)


def test_a_new_password_ends_the_sessions_that_used_the_old_one(
    client: Client, helena: User, mailoutbox: list[EmailMessage]
) -> None:
    elsewhere = Client()
    elsewhere.force_login(helena)
    forget(client)
    page = client.get(link_in(mailoutbox[0]), follow=True)
    client.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert elsewhere.get("/conversas/").status_code == 302


# Changed -----------------------------------------------------------------------------------------


def test_a_password_is_changed_by_who_knows_the_old_one(client: Client, helena: User) -> None:
    client.force_login(helena)
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    response = client.post("/senha/alterar/", form)
    assert response.status_code == 302
    assert client.get("/conversas/").status_code == 200  # still signed in here
    assert can_sign_in(NEW)


def test_who_does_not_know_the_old_one_changes_nothing(client: Client, helena: User) -> None:
    client.force_login(helena)
    response = client.post("/senha/alterar/", {"oldpassword": "x", "password1": NEW, "password2": NEW})
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()
    assert can_sign_in(PASSWORD)


@pytest.mark.parametrize("weak", ["curta", "12345678", "password", "helena@exemplo.adv.br", "helena@exemplo"])
def test_a_weak_password_is_refused_in_portuguese(client: Client, helena: User, weak: str) -> None:
    client.force_login(helena)
    response = client.post("/senha/alterar/", {"oldpassword": PASSWORD, "password1": weak, "password2": weak})
    assert re.search(r'class="field-error"[^>]*>[^<]*[Ss]enha', response.content.decode())
    assert can_sign_in(PASSWORD)


def test_two_different_new_ones_are_refused(client: Client, helena: User) -> None:
    client.force_login(helena)
    response = client.post("/senha/alterar/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW + "x"})
    assert 'role="alert"' in response.content.decode()
    assert can_sign_in(PASSWORD)


def test_a_change_ends_all_other_sessions(client: Client, helena: User) -> None:
    elsewhere = Client()
    for browser in (client, elsewhere):
        browser.force_login(helena)
    client.post("/senha/alterar/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert client.get("/conversas/").status_code == 200
    assert elsewhere.get("/conversas/").status_code == 302


def test_a_password_is_kept_as_an_argon2_hash(owner: User, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = SETTINGS.PASSWORD_HASHERS
    owner.set_password(PASSWORD)
    assert owner.password.startswith("argon2$argon2id$")
    assert PASSWORD not in owner.password
    assert owner.check_password(PASSWORD)


def test_the_session_holds_no_password(client: Client, helena: User) -> None:
    client.post("/entrar/", {"login": helena.email, "password": PASSWORD})
    assert PASSWORD not in str(dict(client.session))
    assert PASSWORD not in Session.objects.get(pk=client.session.session_key).session_data


def test_a_changed_password_is_in_the_log(client: Client, helena: User) -> None:
    client.force_login(helena)
    client.post("/senha/alterar/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert AuditLog.objects.filter(user=helena, action__contains="senha").count() == 1
