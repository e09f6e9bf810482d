"""Accounts in a real browser: invited by mail, a passkey, codes of an app, sessions, and being deactivated.

Each journey is made by somebody new, so that the demonstration accounts stay as they are. Passkeys want a secure
address with a name: `localhost` counts as one (https://www.w3.org/TR/secure-contexts/).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.tests.factors import code_of
from tests.browser import PHONE, Desk, rail, sign_in
from tests.client import wait_until
from tests.looking import CONTRASTS, NAMELESS
from tests.stack import Stack

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser
STAFF = "equipe@exemplo.adv.br"
PASSWORD = "uma senha nova e bem longa"
KEY = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
Desks = Callable[..., Desk]


def add_person(page: Page) -> str:
    """The staff add somebody in the administration; her e-mail."""
    email = f"nova-{uuid4().hex[:8]}@exemplo.adv.br"
    page.goto("/admin/accounts/user/add/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Nome").fill("Nova Lima")
    page.get_by_role("button", name="Salvar", exact=True).click()
    expect(page.get_by_text("foi adicionado com sucesso")).to_be_visible()
    return email


def invitation(stack: Stack, email: str) -> str:
    """The path in the mail that the worker has printed."""
    pattern = rf"To: {re.escape(email)}\n.*?(/senha/nova/\S+)"
    found = wait_until(
        lambda: re.search(pattern, stack.logs("worker")["worker"], re.DOTALL), "the invitation is mailed"
    )
    return str(found[1])


def accept(page: Page, path: str, email: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Boas-vindas ao ROM Agent")
    expect(page.get_by_text(email)).to_be_visible()
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("[name=password2]").fill(PASSWORD)
    page.get_by_role("button", name="Salvar senha").click()
    page.get_by_role("link", name="Entrar").click()
    come_in(page, email)


def come_in(page: Page, email: str, address: str = "/conversas/") -> None:
    give_password(page, email)
    expect(page).to_have_url(re.compile(rf"{address}$"))


def give_password(page: Page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Senha").fill(PASSWORD)
    page.get_by_role("button", name="Entrar", exact=True).click()


def leave(page: Page) -> None:
    page.goto("/conversas/")
    rail(page).get_by_role("button", name="Sair").click()
    expect(page).to_have_url(re.compile(r"/entrar/$"))


def confirm(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirmar que é você")
    page.get_by_label("Senha").fill(PASSWORD)
    page.get_by_role("button", name="Confirmar").click()


def plug_in_key(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})


def check_legible(page: Page) -> None:
    assert page.evaluate(NAMELESS) == [], page.url
    assert [found for found in page.evaluate(CONTRASTS) if found[0] < 4.5] == [], page.url
    assert not page.evaluate("() => document.scrollingElement.scrollWidth > innerWidth"), page.url


@pytest.fixture
def office(desks: Desks) -> Page:
    """The staff's browser, in the administration."""
    desk = desks(email=STAFF)
    desk.expect_fault("favicon")
    return desk.open("/admin/")


@pytest.fixture
def newcomer(desks: Desks, office: Page, stack: Stack) -> tuple[Page, str]:
    """Somebody invited who has chosen her password and signed in; her e-mail."""
    email = add_person(office)
    desk = desks(email="", host="localhost")
    page = desk.open("/entrar/")
    accept(page, invitation(stack, email), email)
    return page, email


def test_somebody_is_invited_and_later_deactivated(office: Page, newcomer: tuple[Page, str]) -> None:
    page, email = newcomer
    office.goto(f"/admin/accounts/user/?q={email}")
    office.get_by_role("link", name=email).click()
    expect(office.get_by_text("enviado, ")).to_be_visible()
    office.get_by_role("button", name="Desativar").click()
    expect(office.get_by_text(f"Nova Lima ({email})")).to_be_visible()
    office.get_by_role("button", name="Desativar").click()
    expect(office.get_by_text("Nova Lima: desativada.")).to_be_visible()
    page.goto("/conversas/")
    expect(page).to_have_url(re.compile(r"/entrar/\?next="))
    give_password(page, email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Conta desativada")


def test_a_passkey_is_made_and_signs_in_without_the_password(newcomer: tuple[Page, str]) -> None:
    page, _ = newcomer
    plug_in_key(page)
    rail(page).get_by_role("link", name="Segurança").click()
    page.get_by_role("link", name="Adicionar chave de acesso").click()
    confirm(page)
    page.get_by_label("Nome").fill("Notebook")
    check_legible(page)
    page.get_by_role("button", name="Criar chave").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Códigos de recuperação")
    check_legible(page)
    page.get_by_role("link", name="Pronto").click()
    expect(page.locator(".listing .title", has_text="Notebook")).to_be_visible()
    leave(page)
    page.get_by_role("button", name="Entrar com chave de acesso").click()
    expect(page).to_have_url(re.compile(r"/conversas/$"))
    expect(rail(page).get_by_text("Nova Lima")).to_be_visible()


def test_where_there_is_no_passkey_the_page_says_so(desks: Desks) -> None:
    """Also at an address without a name, where browsers allow none."""
    page = desks(email="").open("/entrar/")
    page.get_by_role("button", name="Entrar com chave de acesso").click()
    expect(page.get_by_role("alert")).to_have_text(
        "Chaves de acesso só funcionam no endereço do escritório, com https."
    )
    expect(page.get_by_role("button", name="Entrar com chave de acesso")).to_be_enabled()


def test_the_codes_of_an_app_are_set_up_and_asked_for(newcomer: tuple[Page, str]) -> None:
    page, email = newcomer
    page.goto("/conta/seguranca/")
    page.get_by_role("link", name="Configurar").click()
    confirm(page)
    expect(page.get_by_role("img", name="Código QR para o aplicativo autenticador")).to_be_visible()
    page.get_by_text("Não consegue ler o código?").click()
    secret = page.locator(".secret").inner_text()
    check_legible(page)
    page.get_by_label("Código que o aplicativo mostra").fill(code_of(secret))
    page.get_by_role("button", name="Ativar").click()
    expect(page.locator(".codes li")).to_have_count(10)
    spare = page.locator(".codes li").first.inner_text()
    leave(page)
    give_password(page, email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Segundo fator")
    check_legible(page)
    code = page.get_by_label("Código")
    code.fill("000000")
    code.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="ódigo")).to_be_visible()
    page.get_by_label("Código").fill(code_of(secret, ahead=1))
    page.get_by_label("Código").press("Enter")
    expect(page).to_have_url(re.compile(r"/conversas/$"))
    leave(page)
    give_password(page, email)
    page.get_by_label("Código").fill(spare)
    page.get_by_label("Código").press("Enter")
    expect(page).to_have_url(re.compile(r"/conversas/$"))


def listed(page: Page) -> Locator:
    return page.locator(".listing > li")


def test_a_session_elsewhere_is_seen_and_ended(newcomer: tuple[Page, str], desks: Desks) -> None:
    page, email = newcomer
    phone = desks(email="", viewport=PHONE, java_script_enabled=False).open("/entrar/")
    sign_in_with(phone, email)
    page.goto("/conta/seguranca/sessoes/")
    expect(listed(page)).to_have_count(2)
    expect(page.get_by_text("(este navegador)")).to_have_count(1)
    check_legible(page)
    page.get_by_role("button", name="Encerrar esta sessão").click()
    expect(page.get_by_text("Sessão encerrada.")).to_be_visible()
    expect(listed(page)).to_have_count(1)
    phone.goto("/conversas/")
    expect(phone).to_have_url(re.compile(r"/entrar/\?next="))
    sign_in_with(phone, email)
    phone.goto("/conta/seguranca/sessoes/")
    phone.get_by_role("button", name="Encerrar as outras").click()
    expect(listed(phone)).to_have_count(1)
    page.goto("/conversas/")
    expect(page).to_have_url(re.compile(r"/entrar/\?next="))


def sign_in_with(page: Page, email: str) -> None:
    sign_in(page, email, PASSWORD)
    expect(page).to_have_url(re.compile(r"/conversas/$"))
