"""How long somebody waits for a document as a file: `python -m benchmarks.documents [--pages 60] [--times 10]
[--versions 200]`.

Through the real web process, as Word, PDF/A, Markdown and text, one after the other; then the ZIP of a project. While
that goes on the health page is asked all the time: the web process's loop must not notice. The floor, in the same run:
the libraries alone, called in a process that has loaded them already and has nothing else to do.

Then what `--versions` of that document cost in the database, each with a paragraph written anew: the real table's columns
as PostgreSQL keeps them (`pg_column_size`), and all that the table has grown by, beside the text's own size.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any

import psutil

from benchmarks.pages import Pages
from benchmarks.report import spread
from benchmarks.stack import ROOT, Stack
from benchmarks.watch import MEGABYTE, find_processes, forget_peak, peak, wait_for_silence
from tests.client import Visitor

COMMAND = [sys.executable, "-B", "-m", "documents.export_child"]  # as documents/exporting.py starts it
ENVIRONMENT = {"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
KINDS = ("docx", "pdf", "md", "txt")
CHARACTERS = 1_800  # of a page: Calibri 12, one and a half lines, 3 cm beside
IN_ZIP = 10  # documents of the project
MAKE = """
import sys, django
django.setup()
from accounts.models import User
from documents import actions
from projects.models import Project
user = User.objects.order_by("pk").first()
html = sys.stdin.read()
project = Project.objects.create(user=user, name="Silva x Souza")
print(actions.create("Alegações finais", html, user=user).pk, project.pk)
for number in range(int(sys.argv[1])):
    actions.create(f"Peça {number}", html, user=user, project=project)
"""
KEEP = """
import json, sys, time, django
django.setup()
from django.db import connection
from accounts.models import User
from documents import actions
user, parts = User.objects.order_by("pk").first(), sys.stdin.read().split("<p>")
def ask(query, *values):
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()
(before,) = ask("SELECT pg_total_relation_size('document_versions')")
document = actions.create("Alegações finais", "<p>".join(parts), user=user)
began = time.perf_counter()
for turn in range(1, int(sys.argv[1])):
    place = 1 + turn * 7 % (len(parts) - 1)
    words, sign, rest = parts[place].partition("<")
    parts[place] = f"Alterado {turn}: {' '.join(reversed(words.split()))}{sign}{rest}"
    actions.save(document, turn, user=user, content="<p>".join(parts), is_kept=True)
seconds = time.perf_counter() - began
kept, whole, size = ask(
    "SELECT count(*), count(content), sum(coalesce(pg_column_size(content), 0) + coalesce(pg_column_size(delta), 0))"
    " FROM document_versions WHERE document_id = %s", document.pk)
text, stored, row = ask(
    "SELECT octet_length(content), pg_column_size(content),"
    " pg_column_size(content) + pg_column_size(text) + pg_column_size(search) FROM documents WHERE id = %s", document.pk)
(after,) = ask("SELECT pg_total_relation_size('document_versions')")
print(json.dumps({
    "kept": kept, "whole": whole, "text_bytes": text, "text_stored_bytes": stored,
    "document_stored_bytes": row, "columns_bytes": int(size),
    "table_grew_bytes": after - before, "times_the_text": round((after - before) / text, 2),
    "times_the_stored_text": round((after - before) / stored, 2),
    "ms_a_save": round(seconds / max(1, kept - 1) * 1000, 1),
}))
"""
FLOOR = """
import json, sys, time
from documents import docx_out, pdf_out, text_out
from documents.formats import OFFICE
from documents.html import parse
html = sys.stdin.read()
ways = {
    "docx": lambda: docx_out.render(parse(html), "x", OFFICE), "pdf": lambda: pdf_out.render(parse(html), "x", OFFICE),
    "md": lambda: text_out.markdown(parse(html)), "txt": lambda: text_out.text(parse(html)),
}
found = {}
for name, way in ways.items():
    made, seconds = way(), []
    for _ in range(int(sys.argv[1])):
        began = time.perf_counter()
        way()
        seconds.append(time.perf_counter() - began)
    found[name] = seconds
    if name == "pdf":
        import pypdfium2
        found["pages"] = len(pypdfium2.PdfDocument(made))
print(json.dumps(found))
"""


def document(pages: int, seed: int = 1) -> str:
    """So many pages as a lawyer fills them: headings, paragraphs, quotations, lists, and a table every ten pages."""
    rng, words = random.Random(seed), Pages(seed)

    def text(least: int, most: int) -> str:
        return " ".join(words.page(rng, least, most).split())

    made = ["<h1>ALEGAÇÕES FINAIS</h1>"]
    for page in range(pages):
        if page % 4 == 0:
            made.append(f"<h2>{text(20, 40)}</h2><h3>{text(20, 40)}</h3>")
        size = 0
        while size < CHARACTERS:
            made.append(f"<p>{text(300, 700)} <strong>{text(10, 30)}</strong></p>")
            size += 520
            if rng.random() < 0.15:
                made.append(f"<blockquote><p>{text(200, 400)}</p></blockquote>")
                size += 350
        if page % 5 == 2:
            made.append(f"<ol type='a'>{''.join(f'<li>{text(30, 80)}</li>' for _ in range(4))}</ol>")
        if page % 10 == 5:
            row = "".join(f"<td>{text(10, 30)}</td>" for _ in range(3))
            made.append(f"<table>{f'<tr>{row}</tr>' * 6}</table>")
    return "".join(made)


class Beside:
    """What goes on meanwhile: how long the health page takes, and how much memory the children have (PSS, MB)."""

    def __init__(self, port: int, web: psutil.Process) -> None:
        self.port, self.web = port, web
        self.waits: list[float] = []
        self.children = 0.0
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask), threading.Thread(target=self._look)]

    def __enter__(self) -> Beside:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        visitor = Visitor(self.port, [])
        while not self._over.wait(0.05):
            began = time.perf_counter()
            visitor.get("/health/database")
            self.waits.append(time.perf_counter() - began)

    def _look(self) -> None:
        while not self._over.wait(0.02):
            for process in self.web.children(recursive=True):
                with suppress(psutil.NoSuchProcess, IndexError):
                    if "documents.export_child" in process.cmdline():
                        self.children = max(self.children, process.memory_full_info().pss / MEGABYTE)


def measure(pages: int, times: int, versions: int) -> dict[str, Any]:
    html = document(pages)
    with Stack() as stack:
        visitor = Visitor(stack.port, [])
        name, _, value = stack.people(1, 1)[0]["cookie"].partition("=")
        visitor.cookies[name] = value
        pk, project = given(stack, MAKE, html, IN_ZIP).split()[-2:]
        web = find_processes(stack)["web"]
        wait_for_silence()
        floor = alone(html, times)
        found: dict[str, Any] = {"pages": floor.pop("pages"), "characters": len(html), "floor_ms": spreads(floor)}
        forget_peak(web.pid)
        for kind in KINDS:
            with Beside(stack.port, web) as beside:
                seconds = [asked(visitor, f"/documentos/{pk}/exportar/?formato={kind}") for _ in range(times)]
            found[kind] = spread(seconds) | {"child_mb": round(beside.children), "health_ms": spread(beside.waits)}
        with Beside(stack.port, web) as beside:
            seconds = [asked(visitor, f"/projetos/{project}/documentos.zip")]
        found[f"zip_of_{IN_ZIP}"] = {"seconds": round(seconds[0], 2), "health_ms": spread(beside.waits)}
        found["web_peak_mb"] = round(peak(web.pid))
        found["cpu_ms"] = {kind: processor(kind, html, times) for kind in KINDS}
        found["versions"] = json.loads(given(stack, KEEP, html, versions).splitlines()[-1])
        found["floor_after_ms"] = spreads({k: v for k, v in alone(html, times).items() if k != "pages"})
        return found


def given(stack: Stack, program: str, html: str, count: int) -> str:
    """What a program of the application's, given the text and a number, has to say."""
    command = [sys.executable, "-c", program, str(count)]
    done = subprocess.run(
        command, env=stack.environment, cwd=ROOT, input=html, text=True, capture_output=True, check=True
    )
    return done.stdout


def asked(visitor: Visitor, path: str) -> float:
    began = time.perf_counter()
    answer = visitor.get(path)
    if answer.status != 200 or not answer.body:
        raise RuntimeError(f"{path}: {answer.status}")
    return time.perf_counter() - began


def processor(kind: str, html: str, times: int) -> float:
    """Milliseconds of processor that a child takes for one file, its start included: hardly changed by other load."""
    said = {"kind": kind, "title": "x", "content": html, "format": "escritorio", "head": None, "author": ""}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(times):
        subprocess.run(
            COMMAND,
            input=json.dumps(said | {"most_mb": None}).encode(),
            cwd=ROOT,
            env=ENVIRONMENT,
            capture_output=True,
            check=True,
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return round((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / times * 1000, 1)


def alone(html: str, times: int) -> dict[str, Any]:
    """Seconds of the libraries in a process of their own; the child gets the stored form, this its HTML: the same."""
    done = subprocess.run(
        [sys.executable, "-c", FLOOR, str(times)], cwd=ROOT, input=html, text=True, capture_output=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def spreads(found: dict[str, list[float]]) -> dict[str, float]:
    return {name: spread(seconds)["p50"] for name, seconds in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--versions", type=int, default=200)
    options = parser.parse_args()
    print(json.dumps(measure(options.pages, options.times, options.versions), indent=2))


if __name__ == "__main__":
    main()
