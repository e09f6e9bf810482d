"""The app that shows codes, and the recovery codes that stand in for it."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts import actions
from accounts.models import User
from accounts.qr import qr_svg
from accounts.tests.factors import SECRET, code_of, confirm, give_app, give_password, signed_in
from audit.models import AuditLog

pytestmark = pytest.mark.django_db
APP, CODE = "/conta/seguranca/aplicativo/", "/entrar/codigo/"
CODES = "/conta/seguranca/codigos/"


def rows(*actions_: str) -> list[str]:
    found = AuditLog.objects.filter(action__in=actions_) if actions_ else AuditLog.objects.all()
    return list(found.order_by("id").values_list("action", flat=True))


@pytest.fixture
def hers(helena: User) -> Client:
    """Her browser, in which she has just said who she is."""
    client = Client()
    client.force_login(helena)
    confirm(client)
    return client


def set_up(client: Client) -> str:
    """Sets the app up as the page says; its secret."""
    found = re.search(r'<code class="secret">([A-Z2-7]+)</code>', client.get(APP).content.decode())
    assert found
    response = client.post(APP, {"code": code_of(found[1])})
    assert (response.status_code, response["Location"]) == (302, CODES)
    return found[1]


def codes_of(client: Client) -> list[str]:
    return re.findall(r"<li><code>(\d{8})</code></li>", client.get(CODES).content.decode())


# Setting up --------------------------------------------------------------------------------------


def test_the_app_is_set_up_and_then_its_code_is_asked_for(hers: Client, helena: User) -> None:
    secret = set_up(hers)
    client = Client()
    response = give_password(client, helena)
    assert (response.status_code, response["Location"]) == (302, CODE)
    assert not signed_in(client)  # the password is not enough any more
    html = client.get(CODE).content.decode()
    assert "Segundo fator" in html
    assert "Dra. Helena" not in html
    response = client.post(CODE, {"code": code_of(secret, ahead=1)})
    assert (response.status_code, response["Location"]) == (302, "/conversas/")
    assert signed_in(client)


def test_setting_up_is_in_the_log_once(hers: Client, helena: User) -> None:
    set_up(hers)
    assert rows("segundo_fator.ativar", "codigos.gerar") == ["segundo_fator.ativar", "codigos.gerar"]
    assert AuditLog.objects.get(action="segundo_fator.ativar").user == helena


def test_who_has_not_just_said_who_she_is_is_asked_first(helena: User) -> None:
    client = Client()
    client.force_login(helena)
    for path in (APP, "/conta/seguranca/chaves/nova/", f"{CODES}novos/"):
        response = client.get(path)
        assert response["Location"].startswith("/conta/seguranca/confirmar/?next="), path
    assert client.post(APP, {"code": code_of()})["Location"].startswith("/conta/seguranca/confirmar/")
    assert not Authenticator.objects.exists()


def test_a_wrong_code_sets_nothing_up(hers: Client) -> None:
    hers.get(APP)
    response = hers.post(APP, {"code": "000000"})
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()
    assert not Authenticator.objects.exists()
    assert rows("segundo_fator.ativar") == []


def test_the_secret_is_kept_encrypted(hers: Client) -> None:
    secret = set_up(hers)
    assert secret not in str(list(Authenticator.objects.values()))


def test_the_secret_is_on_no_page_that_a_browser_keeps(hers: Client) -> None:
    assert "no-store" in hers.get(APP)["Cache-Control"]
    set_up(hers)
    assert "no-store" in hers.get(CODES)["Cache-Control"]
    assert "no-store" in hers.get(f"{CODES}baixar/")["Cache-Control"]


def test_the_qr_code_stands_in_the_page_itself(hers: Client) -> None:
    html = hers.get(APP).content.decode()
    assert '<svg class="qr"' in html
    assert "data:" not in html
    assert "<?xml" not in html


def test_the_qr_code_is_one_that_can_be_read() -> None:
    """Its three finder patterns are where they belong, dark and light in turn, with the quiet margin around."""
    svg = qr_svg("otpauth://totp/x?secret=y")
    size = int(re.findall(r'viewBox="0 0 (\d+) ', svg)[0])
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", svg)}
    assert {min(x for x, _ in dark), min(y for _, y in dark)} == {4}
    for left, top in [(4, 4), (size - 11, 4), (4, size - 11)]:
        assert all((left + n, top) in dark for n in range(7))
        assert (left + 1, top + 1) not in dark
        assert all((left + n, top + 3) in dark for n in (2, 3, 4))


# Signing in --------------------------------------------------------------------------------------


@pytest.fixture
def with_app(helena: User) -> User:
    give_app(helena)
    return helena


def second_step(user: User, code: str, client: Client | None = None) -> Any:
    client = client or Client()
    give_password(client, user)
    return client.post(CODE, {"code": code})


def test_a_wrong_code_does_not_open_and_is_in_the_log(with_app: User) -> None:
    client = Client()
    response = second_step(with_app, "000000", client)
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()
    assert not signed_in(client)
    row = AuditLog.objects.get()
    assert (row.action, row.user, row.user_email) == ("entrar.recusado", None, with_app.email)
    assert row.new_value == {"kind": "codigo"}
    assert "000000" not in str(AuditLog.objects.values())


def test_signing_in_with_both_is_one_row(with_app: User) -> None:
    second_step(with_app, code_of())
    assert rows() == ["entrar"]


@pytest.mark.parametrize(("ahead", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_differ_by_half_a_minute(with_app: User, ahead: int, opens: bool) -> None:
    client = Client()
    second_step(with_app, code_of(ahead=ahead), client)
    assert signed_in(client) is opens


def test_a_code_works_once_also_when_the_cache_was_emptied(with_app: User) -> None:
    code = code_of()
    first, second = Client(), Client()
    second_step(with_app, code, first)
    cache.clear()
    second_step(with_app, f"{code[:3]} {code[3:]}", second)
    assert (signed_in(first), signed_in(second)) == (True, False)


def test_ten_wrong_codes_and_then_one_has_to_wait_an_hour(with_app: User) -> None:
    client = Client()
    give_password(client, with_app)
    statuses = [client.post(CODE, {"code": "000000"}).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    response = client.post(CODE, {"code": code_of()})
    assert response.status_code == 429
    assert "Muitos códigos errados." in response.content.decode()
    assert not signed_in(client)
    assert AuditLog.objects.filter(action="entrar.recusado").count() == 10
    assert AuditLog.objects.filter(action="entrar.bloqueado").count() >= 1
    for number in range(5):  # from nowhere else either
        elsewhere = Client(REMOTE_ADDR=f"192.0.2.{number}")
        give_password(elsewhere, with_app)
        assert elsewhere.post(CODE, {"code": "000000"}).status_code == 429


def test_who_knows_the_password_cannot_lock_her_out_of_her_browser(with_app: User) -> None:
    hers = Client()
    second_step(with_app, code_of(ahead=-1), hers)
    hers.post("/sair/")
    thief = Client(REMOTE_ADDR="192.0.2.1")
    give_password(thief, with_app)
    for _ in range(11):
        thief.post(CODE, {"code": "000000"})
    second_step(with_app, code_of(), hers)
    assert signed_in(hers)


def test_the_password_step_must_have_been_taken(with_app: User, client: Client) -> None:
    assert client.get(CODE)["Location"] == "/entrar/"
    assert client.post(CODE, {"code": code_of()})["Location"] == "/entrar/"
    assert not signed_in(client)


def test_a_browser_becomes_known_only_after_both_steps(with_app: User) -> None:
    client = Client()
    give_password(client, with_app)
    assert "rom.aparelho" not in client.cookies
    client.post(CODE, {"code": code_of()})
    assert "rom.aparelho" in client.cookies


def test_a_forgotten_password_is_no_way_round_the_second_factor(with_app: User) -> None:
    from accounts.mail import password_link

    client = Client()
    page = client.get(password_link(with_app).removeprefix("http://testserver"), follow=True)
    new = "outra senha, também longa"
    client.post(page.request["PATH_INFO"], {"password1": new, "password2": new})
    assert not signed_in(client)
    client.post("/entrar/", {"login": with_app.email, "password": new})
    assert not signed_in(client)


# Removing ----------------------------------------------------------------------------------------


def test_removing_the_app_is_asked_and_logged_once(hers: Client, helena: User) -> None:
    set_up(hers)
    AuditLog.objects.all()
    assert "Remover o aplicativo autenticador?" in hers.get(f"{APP}remover/").content.decode()
    assert Authenticator.objects.filter(user=helena).count() == 2
    assert hers.post(f"{APP}remover/")["Location"] == "/conta/seguranca/"
    assert not Authenticator.objects.exists()  # the recovery codes went with it
    assert rows("segundo_fator.desativar") == ["segundo_fator.desativar"]
    client = Client()
    give_password(client, helena)
    assert signed_in(client)


# Recovery codes ----------------------------------------------------------------------------------


def test_ten_recovery_codes_each_opens_once_and_is_logged(hers: Client, helena: User) -> None:
    set_up(hers)
    codes = codes_of(hers)
    assert len(set(codes)) == 10
    first, second = Client(), Client()
    second_step(helena, codes[0], first)
    second_step(helena, codes[0], second)
    assert (signed_in(first), signed_in(second)) == (True, False)
    assert rows("codigos.usar") == ["codigos.usar"]
    assert codes_of(hers) == codes[1:]


def test_looking_at_the_codes_and_taking_them_away_is_in_the_log(hers: Client) -> None:
    set_up(hers)
    codes = codes_of(hers)
    response = hers.get(f"{CODES}baixar/")
    assert response["Content-Disposition"] == 'attachment; filename="codigos-de-recuperacao.txt"'
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    text = response.content.decode()
    assert all(code in text for code in codes)
    assert "helena@exemplo.adv.br" in text
    assert rows("codigos.ver", "codigos.baixar") == ["codigos.ver", "codigos.baixar"]
    assert not any(code in str(list(AuditLog.objects.values())) for code in codes)


def test_new_codes_make_the_old_ones_worthless(hers: Client, helena: User) -> None:
    set_up(hers)
    old = codes_of(hers)
    assert "Os 10 que ainda não foram usados deixam de valer." in hers.get(f"{CODES}novos/").content.decode()
    assert hers.post(f"{CODES}novos/")["Location"] == CODES
    assert not set(old) & set(codes_of(hers))
    assert rows("codigos.gerar") == ["codigos.gerar", "codigos.gerar"]
    client = Client()
    second_step(helena, old[0], client)
    assert not signed_in(client)


def test_without_a_second_factor_there_are_no_codes(hers: Client) -> None:
    assert hers.get(CODES).status_code == 404
    assert hers.get(f"{CODES}baixar/").status_code == 404
    hers.post(f"{CODES}novos/")
    assert not Authenticator.objects.exists()


# The page ----------------------------------------------------------------------------------------


def test_the_page_says_what_there_is(hers: Client, helena: User) -> None:
    html = hers.get("/conta/seguranca/").content.decode()
    assert "Hoje a senha basta para entrar na sua conta." in html
    set_up(hers)
    html = hers.get("/conta/seguranca/").content.decode()
    assert "ativo desde" in html
    assert "10 por usar" in html
    assert "Hoje a senha basta" not in html


def test_the_page_is_found_from_every_page_of_the_workspace(hers: Client) -> None:
    assert '<a href="/conta/seguranca/">Segurança</a>' in hers.get("/conversas/").content.decode()


def test_confirming_by_code_is_enough_and_a_wrong_one_is_logged(with_app: User) -> None:
    client = Client()
    client.force_login(with_app)
    path = "/conta/seguranca/confirmar/codigo/"
    assert "Código" in client.get(path).content.decode()
    client.post(path, {"code": "000000"})
    assert AuditLog.objects.get(action="entrar.recusado").user == with_app
    assert client.post(f"{path}?next={CODES}novos/", {"code": code_of()})["Location"] == f"{CODES}novos/"
    assert client.get(f"{CODES}novos/").status_code == 200


# Another key -------------------------------------------------------------------------------------


def test_under_another_key_of_the_office_no_code_fits_and_nothing_breaks(
    with_app: User, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    before = django_settings.SECRET_KEY
    settings.SECRET_KEY = "outra chave do escritório, também longa o bastante"
    client = Client()
    assert second_step(with_app, code_of(), client).status_code == 200
    assert not signed_in(client)
    assert "SESSION_SECRET is another one" in caplog.text
    settings.SECRET_KEY_FALLBACKS = [before]
    second_step(with_app, code_of(), client)
    assert signed_in(client)


# Who has lost everything -------------------------------------------------------------------------


def test_the_office_removes_the_second_factor_of_who_has_lost_it(with_app: User, staff: User) -> None:
    actions.remove_second_factor(with_app, by=staff)
    client = Client()
    give_password(client, with_app)
    assert signed_in(client)
    row = AuditLog.objects.get(action="segundo_fator.remover")
    assert (row.user, row.entity_id) == (staff, with_app.pk)
    with pytest.raises(actions.Refused, match="não tem segundo fator"):
        actions.remove_second_factor(with_app, by=staff)


def test_the_last_administrator_is_helped_by_a_command(with_app: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("remove_second_factor", "HELENA@exemplo.adv.br")
    assert "A senha volta a bastar para helena@exemplo.adv.br." in capsys.readouterr().out
    assert not Authenticator.objects.exists()
    row = AuditLog.objects.get()
    assert (row.action, row.user, row.entity_id) == ("segundo_fator.remover", None, with_app.pk)
    with pytest.raises(CommandError, match="não tem segundo fator"):
        call_command("remove_second_factor", "helena@exemplo.adv.br")
    with pytest.raises(CommandError, match="Não há conta"):
        call_command("remove_second_factor", "ninguem@exemplo.adv.br")


def test_the_secrets_are_rows_that_no_page_of_the_administration_shows(as_staff: Client, with_app: User) -> None:
    assert Permission.objects.filter(codename="view_authenticator").exists()
    for path in ["mfa/authenticator/", "usersessions/usersession/", "account/emailaddress/"]:
        assert as_staff.get(f"/admin/{path}").status_code == 404, path
    assert SECRET not in str(Authenticator.objects.values())
