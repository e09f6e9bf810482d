"""The child process that writes files: `python -m documents.export_child`.

It is asked in lines of JSON and answers each with a line (how long each file is) and the files. It takes every right
away from itself that it does not need before it reads what people have written, knows no database and no storage, and
dies with its parent.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from documents.formats import Format, format_named
from documents.html import parse
from documents.letterhead import Letterhead
from uploads.reading.child import confine
from uploads.reading.found import Limits

LIMITS = Limits(memory=2 * 1024**3, open_cpu=600)  # of its whole life; the parent's clock bounds each file
Asked = dict[str, Any]


def _docx(asked: Asked, fmt: Format, head: Letterhead | None) -> list[bytes]:
    from documents.docx_out import render

    return [render(parse(asked["content"]), asked["title"], fmt, head, author=asked["author"])]


def _compared(asked: Asked, fmt: Format, head: Letterhead | None) -> list[bytes]:
    from documents.docx_compare import render

    when = datetime.fromisoformat(asked["when"])
    old, new = parse(asked["old"]), parse(asked["content"])
    return [render(old, new, asked["title"], fmt, head, author=asked["author"], when=when)]


def _pdf(asked: Asked, fmt: Format, head: Letterhead | None) -> list[bytes]:
    from documents import pdf_out

    whole = pdf_out.render(parse(asked["content"]), asked["title"], fmt, head, author=asked["author"])
    most = asked["most_mb"]
    return pdf_out.split(whole, most) if most else [whole]


def _markdown(asked: Asked, fmt: Format, head: Letterhead | None) -> list[bytes]:
    from documents.text_out import markdown

    return [markdown(parse(asked["content"])).encode()]


def _text(asked: Asked, fmt: Format, head: Letterhead | None) -> list[bytes]:
    from documents.text_out import text

    return [text(parse(asked["content"])).encode()]


WAYS: dict[str, Callable[[Asked, Format, Letterhead | None], list[bytes]]] = {
    "docx": _docx, "pdf": _pdf, "md": _markdown, "txt": _text, "comparison": _compared,
}  # fmt: skip


def made(asked: Asked) -> list[bytes]:
    head = Letterhead.from_json(asked["head"]) if asked["head"] else None
    return WAYS[asked["kind"]](asked, format_named(asked["format"]), head)


def main() -> None:
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # no library may speak into the answer
    confine(LIMITS)
    for line in sys.stdin.buffer:
        files: list[bytes] = []
        said: dict[str, Any] = {}
        try:
            files = made(json.loads(line))
            said = {"sizes": [len(file) for file in files]}
        except MemoryError:
            said = {"fail": "memory"}
        except Exception as error:  # only the kind of error may be told, never contents
            said = {"fail": type(error).__name__}
        out.write(json.dumps(said).encode() + b"\n")
        for file in files:
            out.write(file)
        out.flush()


if __name__ == "__main__":
    main()
