"""People at real browsers: a pytest plugin with the fixtures `desk` and `desks`, on top of `tests.stack`.

Chromium is the machine's own (`apt install chromium`). On every page of every journey these are failures, seen or not:
an error in the console, a violation of the Content-Security-Policy, a dialog, a request to another host.

Playwright keeps an event loop in its thread, in which Django refuses to touch the database: the browser lives no longer
than one module. The pages' policy forbids `eval`, so what is waited for is a locator, never a predicate in a string.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    FileChooser,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tests.client import HOST, PATIENCE, letters, wait_until
from tests.stack import LAWYER, PASSWORD, Stack, difference

MISSING = "Chromium is missing: no browser test has run (on Debian: apt install chromium)"
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {HOST}, EXCLUDE localhost",
]
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
ANSWER = "article[data-role=assistant]"
SHOWN_AT_FAILURE = 3_000  # characters of a page

# Runs before any script of a page's own. `shown`: what the last answer's text was, in each frame in which it was new.
RECORDER = """
  globalThis.shown = [];
  document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  const note = () => {
    const text = [...document.querySelectorAll("article[data-role=assistant] [data-text]")].at(-1)?.textContent;
    if (text !== undefined && text !== shown.at(-1)) shown.push(text);
  };
  document.addEventListener("DOMContentLoaded", () => {
    note();
    new MutationObserver(() => requestAnimationFrame(note)).observe(document, { subtree: true, childList: true, characterData: true });
  });
"""

expect.set_options(timeout=PATIENCE * 1000)


class Desk:
    """One browser profile of one person, watched for what must never happen."""

    def __init__(
        self, browser: Browser, stack: Stack, *, email: str = LAWYER, port: int = 0, host: str = HOST, **options: Any
    ) -> None:
        self.stack = stack
        self.host = f"{host}:{port or stack.port}"
        self.address = f"http://{self.host}"
        self.faults: list[str] = []
        self.expected: list[str] = []
        defaults = {"viewport": DESKTOP, "locale": "pt-BR", "timezone_id": "America/Sao_Paulo"}
        self.context: BrowserContext = browser.new_context(base_url=self.address, **(defaults | options))
        self.context.set_default_timeout(PATIENCE * 1000)
        if options.get("java_script_enabled", True):
            self.context.add_init_script(RECORDER)
        self.context.on("console", self._console)
        self.context.on("weberror", lambda error: self.faults.append(f"uncaught: {error.error}"))
        self.context.on("dialog", self._dialog)
        self.context.on("request", self._request)
        if email:
            self.bring_session(email)

    # What must never happen ---------------------------------------------------------------------

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text} ({message.location.get('url')})")

    def _dialog(self, dialog: Any) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != self.host:
            self.faults.append(f"request to another host: {request.url}")

    def expect_fault(self, pattern: str) -> None:
        """This one belongs to the journey: a fault that the test itself makes."""
        self.expected.append(pattern)

    def leave(self) -> None:
        self.context.close()

    def check(self) -> None:
        unexpected = [fault for fault in self.faults if not any(re.search(known, fault) for known in self.expected)]
        assert not unexpected, "\n".join(unexpected)

    # What people do -----------------------------------------------------------------------------

    def bring_session(self, email: str = LAWYER) -> None:
        """Signed in, without the form."""
        cookies = self.stack.visitor(email).cookies
        self.context.add_cookies([{"name": n, "value": v, "url": self.address} for n, v in cookies.items()])

    def open(self, path: str = "/conversas/") -> Page:
        page = self.context.new_page()
        page.goto(path)
        return page

    def conversation(self, question: str) -> str:
        """The path of a conversation with one question, answered."""
        path = f"/conversas/{self.stack.visitor().start(question)}/"
        self.stack.wait_until_ended()
        self.stack.asked.clear()  # what becomes of it is the journey's own affair
        return path

    # What they see ------------------------------------------------------------------------------

    def check_grown(self, page: Page, question: str, *, steps: int = 5) -> None:
        """The last answer is whole, was seen to grow, and was never anything but its beginning."""
        expect(answer_of(page)).to_have_attribute("data-status", "complete")
        whole = letters(self.stack.answer_to(question))
        growth = self.growth(page)
        for shown in growth:
            assert whole.startswith(shown), difference(shown, whole)
        assert growth[-1] == whole, difference(growth[-1], whole)
        assert len(set(growth)) > steps, "it grows before the reader's eyes"

    @staticmethod
    def growth(page: Page) -> list[str]:
        """The letters of the last answer, as they were seen since the page was loaded."""
        frame = "() => new Promise((done) => requestAnimationFrame(() => done(shown)))"
        return [letters(text) for text in page.evaluate(frame)]

    def check_whole(self, page: Page, question: str) -> None:
        """The last answer stands there whole and once."""
        expect(answer_of(page)).to_have_attribute("data-status", "complete")
        whole, shown = letters(self.stack.answer_to(question)), text_of(page)
        assert shown == whole, difference(shown, whole)


def box(page: Page) -> Locator:
    return page.get_by_label("Sua pergunta")


def rail(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Conversas e conta")


def send(page: Page, question: str) -> None:
    box(page).fill(question)
    box(page).press("Enter")


def ask(page: Page, question: str) -> None:
    """Sends a question, which is accepted."""
    send(page, question)
    expect(page.locator("[data-role=user] [data-text]").last).to_have_text(question)


def answer_of(page: Page) -> Locator:
    return page.locator(ANSWER).last


def text_of(page: Page) -> str:
    """The letters of the last answer."""
    return letters(answer_of(page).locator("[data-text]").text_content() or "")


def wait_for_begin(page: Page, characters: int = 60) -> None:
    """Until the last answer has begun to appear and is not whole yet."""
    expect(answer_of(page).locator("[data-text]")).to_have_text(re.compile(rf"\S[\s\S]{{{characters},}}"))
    expect(answer_of(page)).to_have_attribute("data-status", "streaming")


def sign_in(page: Page, email: str = LAWYER, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Senha").fill(password)
    page.get_by_role("button", name="Entrar", exact=True).click()


def choosing(page: Page) -> Callable[[], FileChooser]:
    """Catches what would open the system's window for files; the function it returns waits for the first one.

    `expect_file_chooser` begins to catch when the key that opens the window is on its way already.
    """
    chosen: list[FileChooser] = []
    page.on("filechooser", lambda window: chosen.append(window))
    page.wait_for_timeout(200)  # until the browser has taken note

    def first() -> FileChooser:
        wait_until(lambda: chosen or page.wait_for_timeout(50), "a window for files is opened")
        return chosen[0]

    return first


def status_line(page: Page) -> Locator:
    return page.locator("[data-announce]")


# pytest ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if not program and os.environ.get("CI") == "true":
        pytest.fail(MISSING)
    if not program:
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program, args=ARGUMENTS, chromium_sandbox=os.geteuid() != 0
        )
        yield chromium
        chromium.close()


@pytest.fixture
def desks(request: pytest.FixtureRequest, browser: Browser, stack: Stack) -> Iterator[Callable[..., Desk]]:
    """Makes desks: `desks(email="", viewport=PHONE)`. Answers come at once, until the test sets another pace."""
    stack.pace(tokens=80, rate=1000, first=1)
    made: list[Desk] = []

    def make(**options: Any) -> Desk:
        made.append(Desk(browser, stack, **options))
        return made[-1]

    yield make
    for desk in made:
        desk.leave()
    for desk in made:
        desk.check()


@pytest.fixture
def desk(desks: Callable[..., Desk]) -> Desk:
    """The lawyer at her desk, signed in."""
    return desks()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A failed test shows where its pages stood."""
    report: Any = yield
    desk = getattr(item, "funcargs", {}).get("desk")
    if report.failed and report.when == "call" and desk is not None:
        for page in desk.context.pages:
            try:
                seen = page.locator("body").inner_text(timeout=2_000)
            except Exception as error:  # it may have crashed, or be on its way elsewhere
                seen = repr(error)
            report.sections.append((page.url, seen[:SHOWN_AT_FAILURE]))
        report.sections.append(("faults", "\n".join(desk.faults)))
    return report


@pytest.hookimpl
def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Says it loudly when browser tests could not run."""
    skipped = terminalreporter.stats.get("skipped", [])
    if any(MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.section("ATTENTION", red=True)
        terminalreporter.write_line(MISSING, red=True, bold=True)
