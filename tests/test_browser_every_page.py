"""Every page that a URL gives, in a real browser: one visit, and everything that each page has to be.

The pages are those of the URLconf: a new URL is visited, or is entered in `NO_PAGE`, where it may not give a page. Each
is seen in four forms (light and dark; a monitor and a phone): axe finds nothing, all words stand out, everything has a
name, there is one main heading, nothing scrolls sideways; it brings less than 150 kB, from this host alone, without a
word in the console; Tab reaches everything, and the focus shows; without scripts nothing is shown that would need
them. Pictures are left in `artefacts/pages/`, to be looked at.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser import Desk, sign_in
from tests.client import Visitor, wait_until
from tests.looking import (
    DEAD,
    DESKTOP,
    HEAVIEST,
    NAMELESS,
    PHONE,
    SHORTEN,
    SIDEWAYS,
    UNCLEAR,
    UNFOLD,
    Weighed,
    axe,
    by_tab,
    legible,
    picture,
)
from tests.stack import Stack
from tests.walking import urls

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser
Act = Callable[[Page], None]

# What gives no page, whoever asks: forms' targets; files, fragments and what only scripts read; ways to other pages.
NO_PAGE_NAMES = """
admin:cleanup-stop admin:costs-recalculate admin:document-type-original admin:subject-answer admin:subject-export
admin:subject-search admin:subject-stop conversations:archive conversations:ask conversations:continue
conversations:delete conversations:pin conversations:redo conversations:rename conversations:restore
conversations:resume conversations:stop conversations:undelete documents:confirm documents:continue-drafting
documents:delete documents:finish-drafting documents:from-message documents:paper documents:proposals
documents:restore documents:save documents:stop-drafting documents:undelete end_other_sessions end_session
jurisprudence:delete-deadline jurisprudence:finish-deadline jurisprudence:recount-deadline
jurisprudence:refresh-case jurisprudence:reopen-deadline jurisprudence:undelete-deadline my-data-cancel
my-data-prepare projects:add-member projects:change-role projects:close projects:delete projects:hand-over
projects:hold projects:leave projects:remove-member projects:reopen projects:undelete uploads:begin uploads:cancel
uploads:chunk uploads:delete uploads:finish uploads:no-transcription uploads:part uploads:password
uploads:read-again uploads:stop-reading uploads:summary-continue uploads:summary-delete uploads:summary-stop
uploads:summary-undelete uploads:transcribe uploads:undelete

admin:audit_auditlog_export admin:costs-export admin:jsi18n admin:autocomplete admin:subject-download
admin:subject-progress admin:view_on_site conversations:export conversations:rail conversations:stream
documents:assistant documents:checklist documents:citations documents:drafting documents:export-comparison
documents:export-project health health-database jurisprudence:deadline-ics jurisprudence:deadlines-ics
mfa_download_recovery_codes my-data-download my-data-progress projects:number uploads:download uploads:picture
uploads:progress uploads:sending uploads:summary-export uploads:text

admin:login admin:password_change conversations:search home mfa_login_webauthn
admin:accounts_user_delete admin:audit_aioperation_add admin:audit_aioperation_delete admin:audit_auditlog_add
admin:audit_auditlog_delete admin:conversations_conversation_add admin:conversations_conversation_delete
admin:jurisprudence_holiday_delete admin:jurisprudence_precedent_add admin:jurisprudence_precedent_delete
admin:jurisprudence_precedentimport_add admin:jurisprudence_precedentimport_delete admin:projects_project_delete
"""
NO_PAGE = set(NO_PAGE_NAMES.split())
UNANSWERED = {"conversations:stream", "my-data-download"}  # open for as long as one likes; of a file that is not there
OTHERS = {
    "account_login": "", "account_signup": "", "account_reset_password_from_key": "", "mfa_authenticate": "",
    "account_set_password": "fresh", "second_factor_required": "fresh", "mfa_activate_totp": "fresh",
}  # fmt: skip
# Where axe looks: no layout depends on the theme, and no colour on the size. All four with EVERY_FORM=1, in twice the time.
FORMS = {("desktop", "light"), ("phone", "dark")}
EVERY_FORM = os.environ.get("EVERY_FORM") == "1"
NAMES = sorted({url.name for url in urls() if not url.name.endswith((":", "_history"))})  # these go to the log
PAGES = [name for name in NAMES if name not in NO_PAGE]
FILES = ["Autos.pdf", "Protegido.pdf", "Programa.pdf"]
MOVING = "SELECT 1 FROM uploads WHERE upload_status IN ('pending', 'processing') AND original_filename = ANY(%s)"


class Tour:
    """Each person's browser, with and without scripts, for all pages; and where everything is."""

    def __init__(self, browser: Browser, stack: Stack) -> None:
        self.browser, self.stack = browser, stack
        told = subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", "from tests.touring import tell; tell()"],
            env=stack.environment(ALLOWED_HOSTS="testserver,127.0.0.1"), cwd=stack.root, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert not told.returncode, told.stderr[-3000:]
        found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
        self.cookies, self.paths, self.named = found["cookies"], found["paths"], found["named"]
        wait_until(lambda: not stack.rows(MOVING, FILES), "the files are read")
        self.seen: set[str] = set()  # panels that have been opened
        self._desks: dict[tuple[str, bool], tuple[Desk, Page, Weighed, list[str]]] = {}

    def page(self, who: str, *, scripts: bool = True) -> tuple[Page, Weighed, list[str]]:
        """This person's page, and what has been wrong with it since the last time it was asked for."""
        if (who, scripts) not in self._desks:
            options = {"viewport": DESKTOP, "reduced_motion": "reduce", "java_script_enabled": scripts}
            desk = Desk(self.browser, self.stack, email="", **options)
            if who:
                cookie = {"name": "rom.sid", "value": self.cookies[who], "url": desk.address}
                desk.context.add_cookies([cookie])  # type: ignore[list-item]
            page, said = desk.context.new_page(), desk.faults
            page.on("console", lambda message: said.append(f"{message.type} in the console: {message.text}"))
            self._desks[who, scripts] = (desk, page, Weighed(page), said)
        desk, page, weighed, said = self._desks[who, scripts]
        if not who:
            desk.context.clear_cookies()  # somebody may have begun to sign in
        weighed.bytes = 0
        said.clear()
        return page, weighed, said

    def visitor(self, who: str) -> Visitor:
        visitor = Visitor(self.stack.port, [])
        visitor.cookies = {"rom.sid": self.cookies[who]} if who else {}
        return visitor

    def leave(self) -> None:
        for desk, *_ in self._desks.values():
            desk.leave()


@pytest.fixture(scope="module")
def tour(browser: Browser, processes: Stack) -> Iterator[Tour]:
    tour = Tour(browser, processes)
    yield tour
    tour.leave()


def person(name: str) -> str:
    return OTHERS.get(name, "staff" if name.startswith("admin:") else "lawyer")


def judge(tour: Tour, name: str, who: str, path: str, act: Act | None = None, *, status: int = 200) -> None:
    """One visit, and then all that is wrong, together."""
    page, weighed, said = tour.page(who)
    answer = page.goto(path)
    assert answer, path
    if act:
        act(page)
    else:
        assert answer.status == status, f"{path}: {answer.status}"
        there, asked = urlsplit(page.url).path, urlsplit(path).path  # a link with a key leads to the same without it
        is_it = there == asked or resolve(there).view_name == resolve(asked).view_name
        assert is_it, f"{path} leads to {there}, which was looked at"
    assert page.locator("html[lang=pt-BR]").count(), f"{path} is no page of ours"
    faults = [f"{weighed.bytes} bytes"] if weighed.bytes > HEAVIEST and not act else []
    assert weighed.bytes > 1_000, "nothing was weighed"
    page.evaluate(SHORTEN)
    faults += page.evaluate(UNCLEAR)
    if not path.startswith("/admin/"):  # Django's own have names that it does not know
        faults += page.evaluate(NAMELESS)
    for size, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            if EVERY_FORM or (size, scheme) in FORMS:
                faults += [f"{size}, {scheme}: {found}" for found in axe(page)]
            if size == "desktop":
                faults += [f"{scheme}: {found}" for found in legible(page)]
            picture(page, f"{name}-{size}-{scheme}")
        if (by := page.evaluate(SIDEWAYS)) > 0:
            faults.append(f"{size}: scrolls sideways by {by}")
        if not act:  # which has opened what it is about
            faults += [f"{size}: {found}" for found in opened(page, name, size, tour.seen)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    faults += by_tab(page) + [fault for fault in said if not (status != 200 and f"status of {status}" in fault)]
    assert not faults, f"{path}\n" + "\n".join(faults)


def opened(page: Page, name: str, size: str, seen: set[str]) -> list[str]:
    """The same of what can be opened: everything folded, and each panel by the keyboard, which gives the focus back."""
    faults = []
    if page.evaluate(UNFOLD):
        faults += [f"unfolded: {found}" for found in axe(page)]
        picture(page, f"{name}-{size}-unfolded")
    for button in page.locator("[popovertarget]:not([popovertargetaction]):visible").all():
        target = str(button.get_attribute("popovertarget"))
        if f"{target} {size}" in seen and not EVERY_FORM:
            continue  # the same panel on another page
        seen.add(f"{target} {size}")
        panel, shown = page.locator(f"#{target}"), button.evaluate("(e) => e.outerHTML")[:160]
        button.press("Enter")
        if not panel.is_visible():
            faults.append(f"does not open: {shown}")
            continue
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            faults += [f"panel, {scheme}: {found}" for found in axe(page)]
            picture(page, f"{name}-{size}-{scheme}-panel-{target}")
        page.keyboard.press("Escape")
        if panel.is_visible() or not button.evaluate("(e) => e === document.activeElement"):
            faults.append(f"Escape does not close it, or the focus is lost: {shown}")
    return faults


@dataclass(frozen=True)
class State:
    who: str
    path: str
    act: Act | None = None
    status: int = 200


COUNTED = "evento=disponibilizacao&dia=2026-12-14&quantidade=15&unidade=uteis&regime=civel&tribunal=TJGO"


def wrong_password(page: Page) -> None:
    sign_in(page, "percurso-nova@exemplo.adv.br", "não é esta")
    expect(page.get_by_role("alert").first).to_be_visible()


def second_factor(page: Page) -> None:
    sign_in(page, "percurso@exemplo.adv.br", "uma senha longa e boa")
    expect(page.get_by_role("heading", level=1)).to_have_text("Segundo fator")


def wrong_number(page: Page) -> None:
    page.get_by_label("Nome", exact=True).fill("Caso sem número certo")
    page.get_by_label("Número do processo").fill("1234567-00.2025.8.09.0051")
    page.get_by_role("button", name="Criar o projeto").click()
    expect(page.get_by_role("alert").first).to_be_visible()


def wrong_word_file(page: Page) -> None:
    page.get_by_label("Arquivo do Word").set_input_files(FilePayload(name="Nota.docx", mimeType="", buffer=b"nada"))
    page.get_by_role("button", name="Importar", exact=True).click()
    expect(page.get_by_role("alert").first).to_be_visible()


def people(page: Page) -> None:
    """The list of people that opens in the administration's forms."""
    page.locator(".select2-selection").first.press("Enter")
    page.locator(".select2-search__field").fill("percurso")
    expect(page.get_by_role("option", name="Advogada do percurso")).to_be_visible()


def renaming(page: Page) -> None:
    page.get_by_role("button", name="Ações da conversa").click()
    page.get_by_role("button", name="Renomear").click()
    expect(page.get_by_label("Novo título")).to_be_focused()


def found_while_typing(page: Page) -> None:
    page.get_by_role("searchbox", name="O que procurar").fill("contestar")
    expect(page.get_by_role("heading", name="Conversas")).to_be_visible()


# Other faces of these pages, and who sees them: what is empty, found, refused, wrong, and open beside them.
STATES: dict[str, State] = {
    "welcome": State("fresh", "/conversas/"),
    "no-projects": State("fresh", "/projetos/"),
    "no-files": State("fresh", "/arquivos/"),
    "no-documents": State("fresh", "/documentos/"),
    "no-deadlines": State("fresh", "/prazos/"),
    "no-cases": State("fresh", "/processos/"),
    "no-archive": State("fresh", "/conversas/arquivadas/"),
    "no-usage": State("fresh", "/meu-uso/"),
    "found": State("lawyer", "/busca/?q=contestar"),
    "nothing-found": State("lawyer", "/busca/?q=xyzw"),
    "archived": State("lawyer", "/conversas/{archived}/"),
    "closed-project": State("lawyer", "/projetos/{closed}/"),
    "closed-projects": State("lawyer", "/projetos/?situacao=encerrados"),
    "conversations-of-project": State("lawyer", "/conversas/?projeto={project}"),
    "locked-file": State("lawyer", "/arquivos/{locked}/"),
    "refused-file": State("lawyer", "/arquivos/{refused}/"),
    "passage": State("lawyer", "/arquivos/{upload}/paginas/1/?trecho=um+dos+autos"),
    "passage-gone": State("lawyer", "/arquivos/{upload}/paginas/2/?trecho=nada+disso"),
    "order": State("lawyer", "/documentos/nova/?tipo=contestacao&projeto={project}"),
    "counted": State("lawyer", "/prazos/contar/?" + COUNTED + "&projeto={project}"),
    "not-counted": State("lawyer", "/prazos/contar/?" + COUNTED.replace("civel", "penal"), status=422),
    "precedents-found": State("lawyer", "/jurisprudencia/?q=dobro"),
    "precedents-not-found": State("lawyer", "/jurisprudencia/?q=xyzw"),
    "log-filtered": State("staff", "/admin/audit/auditlog/?action=conversa.criar"),
    "log-empty": State("staff", "/admin/audit/auditlog/?q=nada-disso"),
    "subject-preview": State("staff", "/admin/titulares/{subject}/anonimizar/?owners={owner}&terms=name"),
    "not-found": State("lawyer", "/nada-disso/", status=404),
    "not-found-signed-out": State("", "/senha/nova/1a-x-y/"),
    "forbidden": State("lawyer", "/admin/", status=403),
    "wrong-password": State("", "/entrar/", wrong_password),
    "wrong-number": State("lawyer", "/projetos/novo/", wrong_number, status=422),
    "wrong-word-file": State("lawyer", "/documentos/importar/", wrong_word_file, status=422),
    "people-chosen": State("staff", "/admin/projects/project/add/", people),
    "renaming": State("lawyer", "/conversas/{cut}/", renaming),
    "found-while-typing": State("lawyer", "/busca/", found_while_typing),
    "code": State("", "/entrar/", second_factor),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_every_other_face_of_a_page_is_for_everyone(tour: Tour, name: str) -> None:
    look_at_state(tour, name, STATES[name])


def look_at_state(tour: Tour, name: str, state: State) -> None:
    judge(tour, f"state-{name}", state.who, state.path.format(**tour.named), state.act, status=state.status)


@pytest.mark.parametrize("name", [name for name in PAGES if name != "mfa_authenticate"])
def test_every_page_is_for_everyone(tour: Tour, name: str) -> None:
    judge(tour, name, person(name), tour.paths[name])


@pytest.mark.parametrize("name", [name for name in PAGES if name != "mfa_authenticate"])
def test_without_scripts_nothing_is_shown_that_would_need_them(tour: Tour, name: str) -> None:
    page, _, _ = tour.page(person(name), scripts=False)
    page.goto(tour.paths[name])
    assert page.evaluate(DEAD) == []


def test_what_is_entered_as_no_page_gives_none(tour: Tour) -> None:
    assert set(NAMES) >= NO_PAGE
    for name in sorted(NO_PAGE - UNANSWERED):
        for who in ("staff", "") if name.startswith("admin:") else ("lawyer", "fresh", ""):
            answer = tour.visitor(who).get(tour.paths[name])
            is_page = answer.status == 200 and answer.kind == "text/html" and "<html" in answer.text
            assert not is_page, f"{name} gives {who or 'nobody'} a page, which no browser has seen"
