"""Changed passwords; forgotten ones are in test_links.py."""

import re

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from pytest_django import Settings

from accounts import actions
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
        browser.get("/conversas/")
    other = Session.objects.filter(pk=elsewhere.session.session_key)
    assert other.exists()
    client.post("/senha/alterar/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert client.get("/conversas/").status_code == 200
    assert elsewhere.get("/conversas/").status_code == 302
    assert not other.exists()
    assert UserSession.objects.filter(user=helena).count() == 1


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
    row = AuditLog.objects.get(user=helena)
    assert (row.action, row.entity_id, row.new_value) == ("senha.alterar", helena.pk, {"sessions_ended": 0})


def test_a_change_that_fails_half_way_changes_nothing(helena: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The password and its row in the log are one transaction."""
    monkeypatch.setattr(actions, "record", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.set_password(helena, NEW, request=None)
    assert User.objects.get(pk=helena.pk).check_password(PASSWORD)


def test_whoever_guesses_at_the_old_password_has_to_wait(client: Client, helena: User) -> None:
    client.force_login(helena)
    form = {"oldpassword": "x", "password1": NEW, "password2": NEW}
    statuses = [client.post("/senha/alterar/", form).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
