"""The ways in which people go through the product: `tests/walks.py` says where they go, these how.

Each is a hand at a real browser. What a walk calls `send` is a decision of the journey: with the line cut it is pressed
once without a line, which is said, and once more when the line is back.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import pytest
from playwright.sync_api import FilePayload, Locator, expect

from tests.browser import PHONE, Desk, choosing
from tests.client import PATIENCE

# What a phone has in the basement of a court, in bytes a second and milliseconds.
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
MOST_STOPS = 400  # of Tab on one page
# Where the focus is: at what was looked for, or at the way past the menu, if what is looked for lies behind it.
FOCUS = """(wanted) => {
  const held = document.activeElement;
  if (held === wanted) return "there";
  if (!held?.matches("a.skip, a.skip-to-content-link")) return "";
  const target = document.querySelector(held.hash);
  return target.contains(wanted) || target.compareDocumentPosition(wanted) & Node.DOCUMENT_POSITION_FOLLOWING ? "skip" : "";
}"""
AGAIN = re.compile("Atualizar|Ver se já terminou")  # what a page without scripts offers while something goes on


class Hand:
    """With the mouse, over a good line."""

    options: ClassVar[dict[str, Any]] = {}
    has_scripts = True
    covers: ClassVar[tuple[str, ...]] = ("mouse",)

    def __init__(self, desk: Desk) -> None:
        self.desk, self.stack = desk, desk.stack
        self.page = desk.context.new_page()

    # Where things are ---------------------------------------------------------------------------

    def open(self, path: str) -> None:
        self.page.goto(path)

    def field(self, label: str) -> Locator:
        return self.main.get_by_label(label, exact=True)

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.main.get_by_role("button", name=name, exact=True)

    def link(self, name: str | re.Pattern[str]) -> Locator:
        return self.main.get_by_role("link", name=name, exact=True)

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    # What is done -------------------------------------------------------------------------------

    def fill(self, field: Locator, words: str) -> None:
        field.fill(words)

    def choose(self, field: Locator, label: str) -> None:
        field.select_option(label=label)

    def check(self, box: Locator) -> None:
        box.check()

    def press(self, control: Locator) -> None:
        control.click()

    def send(self, control: Locator) -> None:
        self.press(control)

    def give(self, field: Locator, name: str, content: bytes) -> None:
        field.set_input_files(FilePayload(name=name, mimeType="", buffer=content))

    def take(self, control: Locator) -> bytes:
        """What is downloaded."""
        with self.page.expect_download() as download:
            self.press(control)
        return Path(download.value.path()).read_bytes()

    def wait(self, sign: Locator) -> None:
        """Until it is there, by itself."""
        expect(sign.first).to_be_visible()


class Keyboard(Hand):
    """Nothing but keys; and the line is cut whenever something is sent."""

    covers = ("teclado", "linha cortada")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        desk.expect_fault("ERR_INTERNET_DISCONNECTED")

    def reach(self, wanted: Locator) -> None:
        expect(wanted).to_have_count(1)
        for _ in range(MOST_STOPS):
            where = wanted.evaluate(FOCUS)
            if where == "there":
                return
            self.page.keyboard.press("Enter" if where == "skip" else "Tab")
        pytest.fail(f"Tab does not get to {wanted}")

    def fill(self, field: Locator, words: str) -> None:
        self.reach(field)
        if field.get_attribute("type") == "date":
            self._fill_date(field, words)
        else:
            self.page.keyboard.press("ControlOrMeta+a")
            self.page.keyboard.type(words)

    def _fill_date(self, field: Locator, iso: str) -> None:
        """Its parts are in the order of the browser's language, not of the page's."""
        year, month, day = iso.split("-")
        for typed in (f"{day}{month}{year}", f"{month}{day}{year}"):
            field.evaluate("(e) => { e.blur(); e.focus(); }")  # to its first part
            self.page.keyboard.type(typed)
            if field.input_value() == iso:
                return
        pytest.fail(f"{iso} cannot be typed")

    def choose(self, field: Locator, label: str) -> None:
        self.reach(field)
        self.page.keyboard.press("Home")
        for _ in range(field.locator("option").count()):
            if field.evaluate("(e) => e.selectedOptions[0].label") == label:
                return
            self.page.keyboard.press("ArrowDown")
        pytest.fail(f"{label} cannot be chosen by keys")

    def check(self, box: Locator) -> None:
        self.reach(box)
        if not box.is_checked():
            self.page.keyboard.press("Space")

    def press(self, control: Locator) -> None:
        self.reach(control)
        self.page.keyboard.press("Enter")

    def send(self, control: Locator) -> None:
        said = self.page.get_by_role("alert").filter(has_text="Sem conexão")
        self.desk.context.set_offline(True)
        self.press(control)
        expect(said).to_be_visible()
        self.desk.context.set_offline(False)
        self.press(control)

    def give(self, field: Locator, name: str, content: bytes) -> None:
        chosen = choosing(self.page)
        self.reach(field)
        self.page.keyboard.press("Space")
        chosen().set_files(FilePayload(name=name, mimeType="", buffer=content))


class Finger(Hand):
    """On a phone, in the dark, over a slow line."""

    options: ClassVar = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}
    covers = ("telefone", "linha lenta")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        desk.context.new_cdp_session(self.page).send("Network.emulateNetworkConditions", SLOW)

    def press(self, control: Locator) -> None:
        control.tap()

    def check(self, box: Locator) -> None:
        if not box.is_checked():
            box.tap()


class Plain(Hand):
    """Without scripts."""

    options: ClassVar = {"java_script_enabled": False}
    covers = ("sem scripts",)
    has_scripts = False

    def wait(self, sign: Locator) -> None:
        """Asks again, by the page's own link where it has one."""
        for _ in range(int(PATIENCE * 2)):
            if sign.first.is_visible():
                return
            self.page.wait_for_timeout(500)
            again = self.page.locator("a:visible").filter(has_text=AGAIN)
            if again.count():
                again.first.click()
            else:
                self.page.reload()
        pytest.fail(f"it never comes: {sign}")


WAYS: dict[str, type[Hand]] = {"mouse": Hand, "keyboard": Keyboard, "finger": Finger, "plain": Plain}
