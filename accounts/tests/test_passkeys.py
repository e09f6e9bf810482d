"""Passkeys: made, used as second factor and instead of the password, renamed and removed; and what is no passkey."""

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import Session, User
from accounts.tests.factors import SoftKey, confirm, give_password, options_in, signed_in
from audit.models import AuditLog
from conftest import signed_in as browser_of

pytestmark = pytest.mark.django_db
KEYS, DOOR = "/conta/seguranca/chaves/", "/entrar/chave/"
JSON = {"accept": "application/json"}


def rows(action: str) -> list[dict[str, Any]]:
    return list(AuditLog.objects.filter(action=action).values("user__email", "new_value"))


@pytest.fixture
def hers(helena: User) -> Client:
    client = https()
    client.force_login(helena)
    confirm(client)
    return client


def https() -> Client:
    """Passkeys are for secure addresses only."""
    return Client(headers={"host": "testserver"}, **{"wsgi.url_scheme": "https", "SERVER_PORT": "443"})


def add(client: Client, name: str = "Celular", key: SoftKey | None = None, **options: Any) -> tuple[SoftKey, Any]:
    key = key or SoftKey()
    creation = options_in(client.get(f"{KEYS}nova/").content.decode())["creation_options"]
    form = {"name": name, "credential": key.create(creation, **options), "passwordless": "True"}
    return key, client.post(f"{KEYS}nova/", form)


def challenge(client: Client) -> dict[str, Any]:
    options: dict[str, Any] = client.get(DOOR, headers=JSON).json()["request_options"]
    return options


# Made --------------------------------------------------------------------------------------------


def test_a_passkey_is_added_with_recovery_codes_and_logged_once(hers: Client, helena: User) -> None:
    _, response = add(hers)
    assert response["Location"] == "/conta/seguranca/codigos/"
    assert rows("chave.adicionar") == [{"user__email": helena.email, "new_value": {"name": "Celular"}}]
    assert len(rows("codigos.gerar")) == 1
    assert "Celular" in hers.get("/conta/seguranca/").content.decode()
    _, response = add(hers, name="")
    assert response["Location"] == "/conta/seguranca/"
    assert len(rows("codigos.gerar")) == 1
    assert "Chave de acesso 2" in hers.get("/conta/seguranca/").content.decode()


def test_one_that_asks_for_no_pin_finger_or_face_is_refused(hers: Client) -> None:
    _, response = add(hers, verified=False)
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()
    assert not Authenticator.objects.exists()


def test_one_made_for_another_site_is_refused(hers: Client) -> None:
    _, response = add(hers, key=SoftKey("mau.example"))
    assert response.status_code == 200
    assert not Authenticator.objects.exists()


MALFORMED = [
    "", "null", "[]", "1", '"x"', "{}", '{"id": "x"}', '{"id": 1, "rawId": [], "response": 3}',
    '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {}}',
    '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"clientDataJSON": "!", "attestationObject": "!"}}',
    '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"clientDataJSON": "e30", "attestationObject": "oA", '
    '"authenticatorData": "AA", "signature": "AA", "userHandle": "AA"}}',
    '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"clientDataJSON": "eA", "authenticatorData": "' + "A" * 60
    + '", "signature": "AA", "userHandle": "_w"}}',
]  # fmt: skip


@pytest.mark.parametrize("credential", MALFORMED)
def test_what_no_browser_sends_breaks_no_page(hers: Client, helena: User, credential: str) -> None:
    hers.get(f"{KEYS}nova/")
    form = {"name": "x", "credential": credential, "passwordless": "True"}
    assert hers.post(f"{KEYS}nova/", form).status_code == 200
    assert not Authenticator.objects.exists()
    nobody = https()
    challenge(nobody)
    response = nobody.post(DOOR, {"credential": credential})
    assert (response.status_code, response["Location"]) == (302, "/entrar/")
    assert not signed_in(nobody)


# Instead of the password -------------------------------------------------------------------------


def test_a_passkey_signs_in_without_the_password(hers: Client, helena: User) -> None:
    key, _ = add(hers)
    client = https()
    response = client.post(f"{DOOR}?next=/conversas/arquivadas/", {"credential": key.get(challenge(client))})
    assert (response.status_code, response["Location"]) == (302, "/conversas/arquivadas/")
    assert signed_in(client)
    assert rows("entrar") == [{"user__email": helena.email, "new_value": None}]
    assert "rom.aparelho" in client.cookies
    assert Authenticator.objects.exclude(type="recovery_codes").get().last_used_at


@pytest.mark.parametrize("target", ["https://mau.example/", "//mau.example/"])
def test_nobody_is_sent_to_another_site(hers: Client, target: str) -> None:
    key, _ = add(hers)
    client = https()
    response = client.post(f"{DOOR}?next={target}", {"credential": key.get(challenge(client))})
    assert response["Location"] == "/conversas/"


def test_an_answer_opens_once(hers: Client) -> None:
    key, _ = add(hers)
    client = https()
    credential = key.get(challenge(client))
    client.post(DOOR, {"credential": credential})
    client.post("/sair/")
    challenge(client)
    client.post(DOOR, {"credential": credential})
    assert not signed_in(client)


def test_another_key_and_a_wrong_signature_do_not_open_and_are_in_the_log(hers: Client) -> None:
    key, _ = add(hers)
    other = SoftKey()
    other.user_handle = key.user_handle
    client = https()
    for credential in [
        other.get(challenge(client)),
        key.get(challenge(client), signature=b"x"),
        key.get(challenge(client), verified=False),
        key.get(challenge(client), userHandle=b"ninguem"),
    ]:
        response = client.post(DOOR, {"credential": credential})
        assert response["Location"] == "/entrar/"
    assert not signed_in(client)
    assert rows("entrar.recusado") == [{"user__email": None, "new_value": {"kind": "chave"}}] * 4
    assert "Esta chave de acesso não foi reconhecida." in client.get("/entrar/").content.decode()


def test_a_deactivated_person_stays_outside_with_it(hers: Client, helena: User) -> None:
    key, _ = add(hers)
    User.objects.filter(pk=helena.pk).update(is_active=False)
    client = https()
    response = client.post(DOOR, {"credential": key.get(challenge(client))})
    assert response["Location"] == "/conta-desativada/"
    assert not signed_in(client)


def test_looking_at_the_door_makes_no_session_and_asking_too_often_is_refused() -> None:
    client = https()
    client.get("/entrar/")
    assert not Session.objects.exists()
    assert client.get(DOOR)["Location"] == "/entrar/"
    statuses = {client.get(DOOR, headers=JSON).status_code for _ in range(130)}
    assert statuses == {200, 429}


# As second factor --------------------------------------------------------------------------------


def test_after_the_password_the_passkey_is_asked_for(hers: Client, helena: User) -> None:
    key, _ = add(hers)
    client = https()
    assert give_password(client, helena)["Location"] == "/entrar/codigo/"
    options = options_in(client.get("/entrar/codigo/").content.decode())["request_options"]
    assert len(options["publicKey"]["allowCredentials"]) == 1
    client.post("/entrar/codigo/", {"credential": key.get(options, signature=b"x")})
    assert not signed_in(client)
    options = options_in(client.get("/entrar/codigo/").content.decode())["request_options"]
    client.post("/entrar/codigo/", {"credential": key.get(options)})
    assert signed_in(client)
    assert len(rows("entrar")) == len(rows("entrar.recusado")) == 1


def test_it_confirms_who_one_is(hers: Client, helena: User) -> None:
    key, _ = add(hers)
    client = https()
    client.force_login(helena)
    path = "/conta/seguranca/confirmar/chave/"
    html = client.get("/conta/seguranca/confirmar/").content.decode()
    assert f'<a href="{path}">Usar uma chave de acesso</a>' in html
    assert "Usar um código" in html
    assert "Usar a senha" in client.get(path).content.decode()
    options = options_in(client.get(path).content.decode())["request_options"]
    response = client.post(f"{path}?next={KEYS}nova/", {"credential": key.get(options)})
    assert response["Location"] == f"{KEYS}nova/"
    assert client.get(f"{KEYS}nova/").status_code == 200


# Renamed and removed -----------------------------------------------------------------------------


def test_it_is_renamed_and_removed_and_both_are_logged_once(hers: Client, helena: User) -> None:
    add(hers)
    passkey = Authenticator.objects.exclude(type="recovery_codes").get()
    assert 'value="Celular"' in hers.get(f"{KEYS}{passkey.pk}/").content.decode()
    assert hers.post(f"{KEYS}{passkey.pk}/", {"name": "Notebook <b>"})["Location"] == "/conta/seguranca/"
    assert "Notebook &lt;b&gt;" in hers.get("/conta/seguranca/").content.decode()
    assert "Remover “Notebook &lt;b&gt;”?" in hers.get(f"{KEYS}{passkey.pk}/remover/").content.decode()
    assert hers.post(f"{KEYS}{passkey.pk}/remover/")["Location"] == "/conta/seguranca/"
    assert not Authenticator.objects.exists()
    names = [(row["new_value"]["name"]) for row in rows("chave.renomear") + rows("chave.remover")]
    assert names == ["Notebook <b>", "Notebook <b>"]


def test_a_strangers_passkeys_do_not_exist(hers: Client, stranger: User) -> None:
    add(hers)
    passkey = Authenticator.objects.exclude(type="recovery_codes").get()
    stranger.set_password("uma senha longa e boa")
    stranger.save()
    theirs = browser_of(stranger)
    confirm(theirs)
    for path in (f"{KEYS}{passkey.pk}/", f"{KEYS}{passkey.pk}/remover/"):
        assert {theirs.get(path).status_code, theirs.post(path, {"name": "x"}).status_code} == {404}
        nowhere = path.replace(str(passkey.pk), "987654")
        assert {theirs.get(nowhere).status_code, theirs.post(nowhere, {"name": "x"}).status_code} == {404}
    assert json.loads(json.dumps(Authenticator.objects.get(pk=passkey.pk).data))["name"] == "Celular"
