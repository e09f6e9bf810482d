"""What a page is judged by in a real browser: axe, its weight, the focus, what is left without scripts, its looks.

axe is Deque's own script (https://github.com/dequelabs/axe-core), shipped by `axe-playwright-python`; it is evaluated
through the browser's debugger, which the page's Content-Security-Policy does not concern, and nothing of it is served.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.services import ROOT

PICTURES = ROOT / "artefacts" / "pages"
HEAVIEST = 150_000  # bytes of a page with all that belongs to it, as transferred, with nothing in the cache
MOST_STOPS = 70  # presses of Tab on one page: a list goes on as it began
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

# All of axe's rules, the best practices too. Of the rest `target-size` (WCAG 2.2 AA) has to be asked for. `preload`
# would fetch stylesheets again.
WHOLE = {"resultTypes": ["violations"], "preload": False, "rules": {"target-size": {"enabled": True}}}
RUN = """async (options) => {
  const found = await axe.run(document, options);
  return {
    passed: found.passes.length,
    violations: found.violations.map((rule) => [rule.id, rule.impact, rule.nodes.map((node) =>
      `${node.html.slice(0, 300)} | ${node.any.concat(node.all, node.none).map((check) => check.message).join(" ")}`)]),
  };
}"""

# Of long tables the first rows: a table goes on as it began, and axe takes a second for a hundred rows.
SHORTEN = """() => document.querySelectorAll("main tbody").forEach((body) =>
    [...body.rows].slice(12).forEach((row) => row.remove()))"""
UNFOLD = """() => { const all = [...document.querySelectorAll("details:not([open])")].filter((e) => e.checkVisibility());
    for (const one of all) one.open = true; return all.length; }"""
SIDEWAYS = "() => document.scrollingElement.scrollWidth - innerWidth"

# What Tab can stop at. Of a group of radio buttons one; a bar of buttons has one stop, too.
STOPS = """() => [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex='0'], [contenteditable=true]")].filter((e) =>
    e.tabIndex >= 0 && !e.disabled && e.type !== "hidden" && e.type !== "radio"
    && e.checkVisibility({ visibilityProperty: true, opacityProperty: false }) && !e.closest("[inert]"))"""
WATCH = f"""(most) => {{
  const all = ({STOPS})();
  const inside = (e) => (["date", "time", "datetime-local"].includes(e.type) ? 6 : e.matches("audio, video") ? 9 : 1);
  let presses = 2;  // past the end are the browser's own controls
  const stops = all.filter((e) => (presses += inside(e)) <= most);
  globalThis.watched = {{ stops, seen: new Set(), unseen: [] }};
  const radios = document.querySelectorAll("input[type=radio]").length;
  // From the page's beginning, wherever one has been.
  const beginning = document.createElement("span");
  beginning.tabIndex = -1;
  document.body.prepend(beginning);
  beginning.focus();
  beginning.remove();
  document.addEventListener("focusin", (event) => {{
    const element = event.target;
    watched.seen.add(element);
    const outlined = (e) => getComputedStyle(e).outlineStyle !== "none" && parseFloat(getComputedStyle(e).outlineWidth) > 0;
    // Itself, the label that stands for it, or a box around it that says `:focus-within`.
    const around = [element, ...(element.labels ?? [])];
    for (let box = element, level = 0; box && level < 4; box = box.parentElement, level++) around.push(box);
    const shows = around.some((e) => e && outlined(e));
    const box = element.getBoundingClientRect();
    if (!shows || box.width < 1) watched.unseen.push(element.outerHTML.slice(0, 160));
  }}, true);
  return presses + radios;
}}"""
WATCHED = """() => ({
  unseen: watched.unseen,
  first: [...watched.seen][0]?.outerHTML.slice(0, 160) ?? "",
  missed: watched.stops.filter((e) => e.isConnected && !watched.seen.has(e)).map((e) => e.outerHTML.slice(0, 160)),
})"""

# Every element that shows text of its own, and how much it stands out (https://www.w3.org/TR/WCAG21/#contrast-minimum): axe
# leaves out what lies over something, and says of it that it does not know.
CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const channels = (colour) => {
    if (!known.has(colour)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      known.set(colour, [r, g, b, a / 255]);
    }
    return known.get(colour);
  };
  const over = (front, back) => front.slice(0, 3).map((c, i) => c * front[3] + back[i] * (1 - front[3]));
  const luminance = (rgb) => rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => element
    ? over(channels(getComputedStyle(element).backgroundColor), ground(element.parentElement))
    : channels("Canvas").slice(0, 3);
  const own = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && element.getBoundingClientRect().width > 1 && !element.matches(":disabled");
  return [...document.body.querySelectorAll("*")].filter((e) => own(e) && seen(e)).map((element) => {
    const back = ground(element);
    const [dark, light] = [back, over(channels(getComputedStyle(element).color), back)].map(luminance).sort((a, b) => a - b);
    return [(light + 0.05) / (dark + 0.05), `${element.tagName} ${element.className}: ${element.textContent.trim()}`];
  });
}"""

# What a screen reader could not name, and what is there twice.
NAMELESS = """() => {
  const named = (e) => e.getAttribute("aria-label") || e.getAttribute("aria-labelledby") || e.innerText?.trim()
    || e.textContent.trim() || [...(e.labels ?? [])].some((label) => label.textContent.trim());
  const controls = document.querySelectorAll("a[href], button, input, select, textarea, nav, [role=group]");
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  const pointing = [...document.querySelectorAll("[aria-describedby], [aria-labelledby], [aria-controls], label[for]")];
  const targets = pointing.flatMap((e) => ["aria-describedby", "aria-labelledby", "aria-controls", "for"]
    .flatMap((name) => e.getAttribute(name)?.split(" ") ?? []));
  return [
    ...[...controls].filter((e) => !named(e) && e.type !== "hidden" && !e.hidden).map((e) => `without a name: ${e.outerHTML.slice(0, 120)}`),
    ...ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `there twice: #${id}`),
    ...targets.filter((id) => !document.getElementById(id)).map((id) => `points nowhere: #${id}`),
  ];
}"""

# More than one main heading, a page without its name.
UNCLEAR = """() => {
  const count = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility()).length;
  return [
    ...["h1", "main"].filter((name) => count(name) !== 1).map((name) => `${count(name)} of <${name}>`),
    ...(document.title.endsWith(" · ROM Agent") ? [] : [`the title: ${document.title}`]),
  ];
}"""

# Without scripts: controls that only a script could make do something, and are shown all the same.
DEAD = """() => [...document.querySelectorAll("button, [role=button]")].filter((e) =>
    e.checkVisibility({ visibilityProperty: true }) && !e.disabled && !e.hasAttribute("popovertarget")
    && !(e.form && e.type !== "button")).map((e) => e.outerHTML.slice(0, 160))"""


def axe(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands."""
    if not page.evaluate("() => Boolean(globalThis.axe)"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(RUN, WHOLE)
    assert found["passed"], "axe has looked at nothing"
    return [f"{rule} ({impact}): {node}" for rule, impact, nodes in found["violations"] for node in nodes]


def legible(page: Page) -> list[str]:
    """The words that do not stand out from what they lie on."""
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 3, "no words were looked at"
    return [f"contrast of {contrast:.2f}: {words[:100]}" for contrast, words in contrasts if contrast < 4.5]


class Weighed:
    """The bytes that a page brings over the wire, headers included, with nothing in the cache."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        devtools = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
        devtools.on("Network.loadingFinished", self._came)

    def _came(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])


def by_tab(page: Page) -> list[str]:
    """Presses Tab through the page's first controls: what gets no focus, or has it without showing it."""
    for _ in range(min(page.evaluate(WATCH, MOST_STOPS), MOST_STOPS)):
        page.keyboard.press("Tab")
    found = page.evaluate(WATCHED)
    faults = [f"not reached by Tab: {html}" for html in found["missed"]]
    return faults + [f"the focus does not show: {html}" for html in found["unseen"]]


def picture(page: Page, name: str) -> Path:
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{re.sub(r'[^a-z0-9-]+', '-', name.lower())}.jpeg"
    page.screenshot(path=path, full_page=True, type="jpeg", quality=60)
    return path
