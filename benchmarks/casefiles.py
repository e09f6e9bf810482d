"""From the end of a file's sending until its last page is found: one case of 500 pages, then five at once.

The floor is measured in the same run: pypdfium2 alone, in one process, reading the same file.
`python -m benchmarks.casefiles [--pages 500] [--files 5]`
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
from fpdf import FPDF

from benchmarks.stack import Stack
from benchmarks.watch import MEGABYTE, find_processes, forget_peak, peak, wait_for_silence
from tests.client import Visitor

CHARACTERS = 2_000  # of a page
WORDS = [
    "processo",
    "autor",
    "réu",
    "sentença",
    "recurso",
    "prazo",
    "contestação",
    "audiência",
    "prova",
    "perícia",
    "laudo",
    "tutela",
    "pedido",
    "juízo",
    "competência",
    "citação",
    "intimação",
    "despacho",
    "acórdão",
    "embargos",
    "execução",
    "penhora",
    "depósito",
    "contrato",
    "cláusula",
    "indenização",
    "dano",
    "moral",
    "material",
    "honorários",
    "custas",
    "decisão",
    "tribunal",
    "relator",
    "voto",
    "turma",
    "câmara",
    "certidão",
    "procuração",
    "petição",
    "inicial",
    "réplica",
    "impugnação",
    "cumprimento",
    "documento",
    "folha",
    "página",
    "fato",
    "direito",
    "lei",
    "artigo",
]
FLOOR = """
import sys, time, pypdfium2
started = time.perf_counter()
document = pypdfium2.PdfDocument(sys.argv[1])
for number in range(len(document)):
    page = document[number]
    text = page.get_textpage()
    text.get_text_bounded()
    text.close()
    page.close()
print(len(document) / (time.perf_counter() - started))
"""


def case(pages: int, seed: int) -> bytes:
    """A PDF of so many pages full of words; the last page alone has the word that is looked for."""
    chance = random.Random(seed)
    paper = FPDF()
    paper.set_font("helvetica", size=10)
    for number in range(1, pages + 1):
        paper.add_page()
        words = [chance.choice(WORDS) for _ in range(CHARACTERS // 8)]
        if number == pages:
            words.append(f"derradeira{seed}")
        paper.multi_cell(0, 5, f"fls. {number}\n" + " ".join(words))
    return bytes(paper.output())


def floor(path: Path) -> float:
    """Pages a second of pypdfium2 alone."""
    done = subprocess.run([sys.executable, "-c", FLOOR, path], capture_output=True, text=True, check=True)
    return float(done.stdout)


def found_at(url: str, word: str, patience: float = 120) -> float:
    """When a page with this word is found (time.monotonic())."""
    query = "SELECT 1 FROM upload_pages WHERE search @@ to_tsquery('portuguese_plain', %s)"
    deadline = time.monotonic() + patience
    with psycopg.connect(url, autocommit=True) as database:
        while not database.execute(query, [word]).fetchone():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{word} is not found after {patience} s")
            time.sleep(0.02)
    return time.monotonic()


class Memory:
    """The most that the worker has taken, alone and with the processes that read for it (PSS), in MB."""

    def __init__(self, worker: psutil.Process) -> None:
        self.worker = worker
        self.together = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Memory:
        forget_peak(self.worker.pid)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.1):
            sizes = 0.0
            for process in (self.worker, *self.worker.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    sizes += process.memory_full_info().pss / MEGABYTE
            self.together = max(self.together, sizes)


def measure(pages: int, files: int) -> dict[str, Any]:
    contents = [case(pages, seed) for seed in range(files + 1)]
    with Stack() as stack:
        path = stack.data / "case.pdf"
        path.write_bytes(contents[0])
        processes = find_processes(stack)
        visitor = Visitor(stack.port, [])
        name, _, value = stack.people(1, 1)[0]["cookie"].partition("=")
        visitor.cookies[name] = value
        visitor.token()
        wait_for_silence()
        alone = floor(path)
        found: dict[str, Any] = {"pages": pages, "bytes": len(contents[0]), "pypdfium2_pages_per_second": round(alone)}
        forget_peak(processes["web"].pid)
        with Memory(processes["worker"]) as memory:
            visitor.send("um.pdf", contents[0])
            sent = time.monotonic()
            seconds = found_at(stack.postgres_url, "derradeira0") - sent
        found["one"] = told(pages, seconds, alone, processes, memory)
        with Memory(processes["worker"]) as memory:
            for number, content in enumerate(contents[1:], 1):
                visitor.send(f"{number}.pdf", content)
            sent = time.monotonic()
            seconds = max(found_at(stack.postgres_url, f"derradeira{number}") for number in range(1, files + 1)) - sent
        found[f"{files}_at_once"] = told(pages * files, seconds, alone, processes, memory)
        found["pypdfium2_pages_per_second_after"] = round(floor(path))
        return found


def told(
    pages: int, seconds: float, alone: float, processes: dict[str, psutil.Process], memory: Memory
) -> dict[str, float]:
    return {
        "seconds_until_found": round(seconds, 2),
        "pages_per_second": round(pages / seconds),
        "of_pypdfium2_alone": round(pages / seconds / alone, 2),
        "worker_peak_mb": round(peak(processes["worker"].pid)),
        "worker_and_its_readers_mb": round(memory.together),
        "web_peak_mb": round(peak(processes["web"].pid)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--files", type=int, default=5)
    options = parser.parse_args()
    print(json.dumps(measure(options.pages, options.files), indent=2))


if __name__ == "__main__":
    main()
