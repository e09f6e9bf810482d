"""`python -m benchmarks.reading`: how fast PDFs are read through the child process, beside pypdfium2 alone, and in what memory.

The floor, in the same run: pypdfium2 in one process, page after page, text only. Both are measured in fresh processes,
start of Python included for the product's (its child starts within the time) but, on the clock, not for the floor's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from uploads.reading.parent import ROOT, Page, read

WORDS = ["prazo", "contestar", "é", "de", "quinze", "dias", "úteis", "contados", "da", "juntada", "do", "mandado", "aos",
         "autos", "e", "a", "parte", "autora", "sustenta", "que", "dívida", "está", "prescrita", "conforme", "o", "contrato",
         "locação", "constitucionalidade"]  # fmt: skip
DIFFERENT = 250  # pages; a longer file repeats them


def write(path: Path, pages: int, words: int = 450) -> None:
    """A case file: so many pages, each full of text (about 2,800 characters)."""
    import pypdfium2
    from fpdf import FPDF  # here and in a process of its own: a child's peak counts what its parent had loaded

    chance = random.Random(pages)
    pdf = FPDF()
    pdf.set_font("helvetica", size=10)
    for _ in range(min(pages, DIFFERENT)):
        pdf.add_page()
        pdf.multi_cell(0, 5, " ".join(chance.choices(WORDS, k=words)))
    made = pypdfium2.PdfDocument(bytes(pdf.output()))
    whole = pypdfium2.PdfDocument.new()
    while len(whole) < pages:
        whole.import_pages(made, list(range(min(len(made), pages - len(whole)))))
    whole.save(str(path))


def alone(path: Path) -> dict[str, Any]:
    """pypdfium2 and nothing else."""
    import pypdfium2

    started = time.monotonic()
    document = pypdfium2.PdfDocument(path)
    pages = len(document)
    for number in range(pages):
        page = document[number]
        text = page.get_textpage()
        text.get_text_range()
        text.close()
        page.close()
    return {
        "pages_per_second": round(pages / (time.monotonic() - started)),
        "cpu_ms_a_page": cpu_ms(pages, resource.RUSAGE_SELF),
        "memory_mb": peak(resource.RUSAGE_SELF),
    }


def cpu_ms(pages: int, *of: int) -> float:
    """On a busy machine this says more than the time on the clock."""
    used = [resource.getrusage(each) for each in of]
    return round(sum(each.ru_utime + each.ru_stime for each in used) * 1000 / pages, 2)


def peak(of: int) -> float:
    return round(resource.getrusage(of).ru_maxrss / 1024, 1)


async def one(path: Path) -> int:
    return len([each.number async for each in read(path) if isinstance(each, Page) and not each.error])


async def _at_once(path: Path, files: int) -> int:
    return sum(await asyncio.gather(*(one(path) for _ in range(files))))


def ours(path: Path, files: int) -> dict[str, Any]:
    before = peak(resource.RUSAGE_SELF)
    started = time.monotonic()
    pages = asyncio.run(_at_once(path, files))
    took = time.monotonic() - started
    return {
        "pages_per_second": round(pages / took),
        "seconds": round(took, 2),
        "cpu_ms_a_page": cpu_ms(pages, resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN),
        "parent_grew_mb": round(peak(resource.RUSAGE_SELF) - before, 1),
        "largest_child_mb": peak(resource.RUSAGE_CHILDREN),
    }


def fresh(*arguments: str) -> dict[str, Any]:
    """One measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.reading", *arguments],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout or "{}")
    return found


def measure(pages: int, repeat: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="reading-") as directory:
        path = Path(directory) / "autos.pdf"
        fresh("--write", str(path), "--pages", str(pages))
        rounds = [(fresh("--alone", str(path)), fresh("--ours", str(path))) for _ in range(repeat)]
        shares = {
            "pages_per_second": median(each["pages_per_second"] / floor["pages_per_second"] for floor, each in rounds),
            "cpu": median(floor["cpu_ms_a_page"] / each["cpu_ms_a_page"] for floor, each in rounds),
        }
        return {
            "pages": pages,
            "floor": [each for each, _ in rounds],
            "read": [each for _, each in rounds],
            "share_of_floor": {name: round(share, 2) for name, share in shares.items()},
            "five_at_once": fresh("--ours", str(path), "--files", "5"),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--ours", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--files", type=int, default=1, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        write(options.write, options.pages)
    elif options.alone:
        print(json.dumps(alone(options.alone)))
    elif options.ours:
        print(json.dumps(ours(options.ours, options.files)))
    else:
        print(json.dumps(measure(options.pages, options.repeat), indent=2))


if __name__ == "__main__":
    main()
