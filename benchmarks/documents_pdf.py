"""How long documents take as PDF, Markdown and text: `python -m benchmarks.documents_pdf [--repeat 5] [--json FILE]`.

The floor of a PDF is what its typesetter takes for the same words as one plain text without any look, and for a page
with one word. Each size is measured in a process of its own, the first time (libraries and typefaces are loaded) and
again; `child` is what somebody waits for: a new child process, as the product starts it for each file.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.pages import EVERYWHERE, OF_THE_LAW

PAGES = {"1": 3, "10": 29, "60": 172, "300": 860}  # paragraphs that make about so many pages
PLAIN = b"""#set page(paper: "a4", margin: 3cm); #set text(size: 12pt, font: "Lato"); #set par(leading: 1em); #sys.inputs.t"""


def document(paragraphs: int) -> str:
    """HTML of the stored form: headings, numbered paragraphs, quotations, items and a table, as a pleading has them."""
    dice = random.Random(1)
    words = (EVERYWHERE + " " + OF_THE_LAW).split()
    made = ["<h1>Contestação</h1>"]
    for number in range(paragraphs):
        said = " ".join(dice.choices(words, k=120)) + f" <strong>{dice.choice(words)}</strong>."
        if number % 9 == 0:
            made.append(f"<h2>{dice.choice(words)}</h2>")
        if number % 10 == 7:
            made.append(f"<blockquote><p>{said}</p></blockquote>")
        elif number % 10 == 8:
            made.append(f'<ol type="a"><li><p>{said}</p></li><li><p>{said[:200]}</p></li></ol>')
        else:
            made.append(f"<p{' class=numerado' if number % 2 else ''}>{said}</p>")
        if number % 50 == 40:
            row = "<tr><td>Parcela</td><td>01/02/2026</td><td>R$ 1.234,56</td></tr>"
            made.append(f"<table>{row * 12}</table>")
    return "".join(made)


def measured(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Milliseconds on the clock and of processor."""
    clock, processor = time.perf_counter(), time.process_time()
    result = work()
    return (time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000, result


def one_size(paragraphs: int, repeat: int) -> dict[str, Any]:
    import pypdfium2

    from documents import pdf_out, text_out
    from documents.blocks import plain
    from documents.formats import OFFICE
    from documents.html import clean, parse

    blocks = parse(clean(document(paragraphs)))
    first = measured(lambda: pdf_out.render(blocks, "Peça", OFFICE, author="H"))
    import typst

    text = {"t": plain(blocks)}
    fonts = pdf_out._fonts()
    ways: dict[str, Callable[[], Any]] = {
        "pdf": lambda: pdf_out.render(blocks, "Peça", OFFICE, author="H"),
        "floor_text": lambda: typst.compile(PLAIN, font_paths=fonts, sys_inputs=text, pdf_standards="a-2b"),
        "floor_word": lambda: typst.compile(b"x", font_paths=fonts, pdf_standards="a-2b"),
        "md": lambda: text_out.markdown(blocks),
        "txt": lambda: text_out.text(blocks),
    }
    found: dict[str, Any] = {"first": {"clock_ms": first[0], "cpu_ms": first[1]}, "bytes": len(first[2])}
    found["pages"] = len(pypdfium2.PdfDocument(first[2]))
    for name, work in ways.items():
        runs = []
        for turn in range(repeat):
            blocks[0] = parse(clean(f"<h1>Contestação {turn}</h1>"))[0]  # nothing may be remembered from before
            text["t"] = f"{turn} {plain(blocks)}"
            runs.append(measured(work)[:2])
        found[name] = {
            "clock_ms": statistics.median(run[0] for run in runs),
            "cpu_ms": statistics.median(run[1] for run in runs),
        }
    found["child"] = child(document(paragraphs), repeat)
    return found


def child(html: str, repeat: int) -> dict[str, float]:
    """From asking to having the file, with a child process that is started for it; on the clock."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="romagent.settings", SESSION_SECRET="only-for-measuring-0123456789-abcdefghijklmnopq",
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/none", REDIS_URL="redis://127.0.0.1:1/0", DEBUG="false",
    )  # fmt: skip
    import django

    django.setup()
    from documents.exporting import Wanted, files_of
    from documents.formats import OFFICE
    from documents.html import clean

    wanted = Wanted("pdf", "Peça", clean(html), OFFICE, author="H")
    runs = [measured(lambda: asyncio.run(files_of(wanted)))[0] for _ in range(repeat)]
    return {"clock_ms": statistics.median(runs)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", type=int, help="paragraphs: measure this size only, in this process")
    given = parser.parse_args()
    if given.one:
        print(json.dumps(one_size(given.one, given.repeat)))
        return
    found = {}
    for name, paragraphs in PAGES.items():
        command = [
            sys.executable,
            "-m",
            "benchmarks.documents_pdf",
            "--one",
            str(paragraphs),
            "--repeat",
            str(given.repeat),
        ]
        found[name] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(f"about {name} pages: {found[name]['pages']} pages, {found[name]['bytes']:,} bytes")
        for way, figures in found[name].items():
            if isinstance(figures, dict):
                print(f"  {way:11}" + "".join(f" {unit} {value:8.1f}" for unit, value in figures.items()))
    print(f"load {os.getloadavg()[0]:.1f}")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
