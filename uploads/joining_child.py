"""The child that puts PDFs and pictures together: `python -m uploads.joining_child`, asked and answering in JSON lines.

It says after each volume how many pages there are so far. A volume with another number of pages than it was read with
is another file, and ends it. Nothing is rendered: pages are copied as they are; a picture becomes a page of its own,
upright and on white paper.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import Any

import pypdfium2
from PIL import Image

from uploads.reading.image import fitted

MEMORY = 3 * 1024**3  # bytes of address space: a file of 1 GB is held by the engine
CPU_SECONDS = 900
PIXELS = 120_000_000
DOTS = 150  # an inch, of a picture as a page


def main() -> None:
    asked = json.loads(sys.stdin.readline())
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Image.MAX_IMAGE_PIXELS = PIXELS
    try:
        join(asked["volumes"], asked["to"])
    except MemoryError:
        say(fail="memory")
    except (pypdfium2.PdfiumError, OSError, ValueError, Image.DecompressionBombError):
        say(fail="damaged")
    else:
        say(end=True)


def join(volumes: list[dict[str, Any]], to: str) -> None:
    whole = pypdfium2.PdfDocument.new()
    for volume in volumes:
        source = opened(volume["path"], volume["password"])
        if len(source) != volume["pages"]:
            raise ValueError("another file")
        whole.import_pages(source)
        source.close()
        say(pages=len(whole))
    whole.save(to)
    whole.close()


def opened(path: str, password: str) -> pypdfium2.PdfDocument:
    with open(path, "rb") as file:
        if b"%PDF-" in file.read(1024):
            return pypdfium2.PdfDocument(path, password=password or None)
    return of_picture(path)


def of_picture(path: str) -> pypdfium2.PdfDocument:
    """A page a frame, one in memory at a time. As in reading, only a TIFF has pages: what else has several frames is
    the same picture again, as phones keep it, or moves.
    """
    whole = pypdfium2.PdfDocument.new()
    with Image.open(path) as picture:
        for number in range(getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1):
            picture.seek(number)
            kept = io.BytesIO()
            fitted(picture, max(picture.size)).save(kept, "PDF", resolution=DOTS)  # in its own size
            page = pypdfium2.PdfDocument(kept.getvalue())
            whole.import_pages(page)
            page.close()
    return whole


def say(**said: Any) -> None:
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
