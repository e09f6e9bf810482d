"""What a key costs in a long document: `python -m benchmarks.keys [PARAGRAPHS]`; 215 paragraphs are sixty pages.

The editor's own scripts in a real Chromium, on a page of their own that a small server on this machine gives out; no
database. `CPU` is what the browser's main thread worked for each key, in its own time: other programs do not change it.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import django_prose_editor
from django.template import Context, Engine
from playwright.sync_api import CDPSession, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
EDITOR = Path(django_prose_editor.__file__).parent / "static"
KEYS = 100
SENTENCE = "A parte autora sustenta que o contrato foi descumprido em [● data]. "
PAGE = """<!doctype html><html lang="pt-BR"><head><meta charset="utf-8">{styles}</head><body><h1 data-heading></h1>
<form><input name="csrfmiddlewaretoken"><input data-title value="Peça"></form><p data-state></p>
<div class="editor" data-editor data-save="/salvar/" data-revision="1" data-document="d" data-person="p"
data-bundle="/django_prose_editor/editor.js">
<div class="editor-main">{bar}<div data-conflict hidden></div><div class="sheet-of-paper">
<article class="peca" data-shown>{text}</article><div data-text></div></div></div>
<aside class="editor-side"><button data-keep></button><p data-size></p><span data-blanks-count></span>
<p data-no-blanks></p><ol class="blanks" data-blanks></ol>
<section data-citations="/"><ol data-citations-found></ol></section></aside></div>
<script type="module" src="/js/editor.js"></script></body></html>"""
MEASURE = """() => {
  globalThis.took = [];
  document.addEventListener("keydown", () => {
    const began = performance.now();
    requestAnimationFrame(() => setTimeout(() => took.push(performance.now() - began)));
  }, { capture: true });
}"""


def page(paragraphs: int) -> bytes:
    engine = Engine(dirs=[str(ROOT / "templates")], builtins=["lucide.templatetags.lucide"])
    bar = engine.get_template("documents/_toolbar.html").render(Context())
    text = "<h2>Dos fatos</h2>" + f'<p class="numerado">{SENTENCE * 12}</p>' * paragraphs
    names = ("tokens", "app", "documents", "editor")
    styles = "".join(f'<link rel="stylesheet" href="/css/{name}.css">' for name in names)
    return PAGE.format(styles=styles, bar=bar, text=text).encode()


class Handler(SimpleHTTPRequestHandler):
    page = b""

    def translate_path(self, path: str) -> str:
        root = EDITOR if path.startswith("/django_prose_editor/") else ROOT / "static"
        return str(root / path.lstrip("/"))

    def do_GET(self) -> None:
        if self.path == "/":
            self._say("text/html", self.page)
        else:
            super().do_GET()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._say("application/json", b'{"revision": 2, "version": 1, "at": "10:00"}')

    def _say(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def cpu(session: CDPSession) -> float:
    """Milliseconds that the page's main thread has worked."""
    found = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
    return float(found["TaskDuration"]) * 1000


def measure(shown: Page) -> None:
    shown.locator(".ProseMirror p").nth(shown.locator(".ProseMirror p").count() // 2).click()
    session = shown.context.new_cdp_session(shown)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    shown.evaluate(MEASURE)
    before = cpu(session)
    for _ in range(KEYS):
        shown.keyboard.type("x")
        shown.wait_for_timeout(30)
    worked = (cpu(session) - before) / KEYS
    took = shown.evaluate("() => took")
    print(f"{shown.locator('[data-size]').text_content()}; {KEYS} keys")
    print(f"CPU, ms a key: {worked:.1f}")
    print(f"to the next frame, ms: p50 {statistics.median(took):.0f}, p95 {sorted(took)[len(took) * 95 // 100]:.0f}")
    before = cpu(session)
    shown.wait_for_timeout(4_000)
    print(f"CPU for the list beside the text and the saving afterwards, ms: {cpu(session) - before:.0f}")


def main() -> None:
    Handler.page = page(int(sys.argv[1]) if len(sys.argv) > 1 else 215)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": 1440, "height": 900})
        shown.goto(f"http://127.0.0.1:{server.server_port}/")
        shown.locator("[data-text]").hover()  # whoever comes near the text wants to write
        shown.locator(".ProseMirror").wait_for()
        measure(shown)
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main()
