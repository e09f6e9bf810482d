"""`manage.py extract FILE... --json [--text] [--password P]`: what can be read of files, without a database.

One line of JSON a file, in the order given:

    {"file", "status": "ready" | "no_text" | "password" | "failed", "pages", "characters", "error"}

with "text" when asked for (pages joined by a form feed). `error` is null or a sentence in Portuguese; a file that is
"ready" has one when some of its pages could not be read. Without `--json`, a table. No file stops the others. The exit
code is 0 when every file could be judged, whatever its status, and 1 when one could not be opened at all (no such file,
no right). It needs neither settings nor a database: `manage.py` starts it by itself.
"""

from __future__ import annotations

import asyncio
import json
from argparse import ArgumentParser
from contextlib import aclosing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from uploads import words
from uploads.reading.parent import Opened, Unreadable, read

BREAK = "\f"


class Command(BaseCommand):
    help = "Lê arquivos e diz o que foi possível ler: páginas, caracteres, erros. Não usa o banco de dados."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="ARQUIVO")
        parser.add_argument("--json", action="store_true", help="uma linha de JSON por arquivo")
        parser.add_argument("--text", action="store_true", help="o texto também, páginas separadas por form feed")
        parser.add_argument("--password", default="", help="a senha dos arquivos protegidos")

    def handle(self, *, files: list[str], json: bool, text: bool, password: str, **options: Any) -> None:
        unopened = asyncio.run(self._all(files, as_json=json, with_text=text, password=password))
        if unopened:
            raise CommandError(f"{unopened} arquivo(s) não puderam ser abertos.", returncode=1)

    async def _all(self, files: list[str], *, as_json: bool, with_text: bool, password: str) -> int:
        unopened = 0
        if not as_json:
            self.stdout.write(f"{'situação':<10}{'páginas':>8}{'caracteres':>12}  arquivo")
        for name in files:
            problem = not_openable(name)
            unopened += bool(problem)
            found = line(name, "failed", error=problem) if problem else await judged(name, password)
            texts = found.pop("text")
            if with_text:
                found["text"] = BREAK.join(texts)
            self.stdout.write(json.dumps(found, ensure_ascii=False) if as_json else row(found))
            self.stdout.flush()
        return unopened


def not_openable(name: str) -> str:
    """Why the path cannot even be opened; '' when it can."""
    try:
        with Path(name).open("rb"):
            return ""
    except FileNotFoundError:
        return "O arquivo não existe."
    except IsADirectoryError:
        return "É uma pasta, não um arquivo."
    except (OSError, ValueError):
        return "O arquivo não pode ser aberto."


def line(
    name: str, status: str, *, pages: int = 0, texts: list[str] | None = None, error: str | None = None
) -> dict[str, Any]:
    texts = texts or []
    return {
        "file": name.encode("utf-8", "replace").decode(),
        "status": status,
        "pages": pages,
        "characters": sum(map(len, texts)),
        "error": error or None,
        "text": texts,
    }


async def judged(name: str, password: str) -> dict[str, Any]:
    """All that can be read of one file."""
    pages = 0
    texts: list[str] = []
    missing: dict[str, list[int]] = {}
    try:
        async with aclosing(read(name, password=password)) as found:
            async for each in found:
                if isinstance(each, Opened):
                    pages = each.pages
                    continue
                texts.append(each.text)
                if each.error:
                    missing.setdefault(each.error, []).append(each.number)
    except Unreadable as end:
        status = "password" if end.code in words.PROTECTED else "failed"
        return line(name, status, pages=pages, texts=texts, error=words.why(end.code, end.page))
    if not any(text.strip() for text in texts):
        failed = bool(missing) and "no_text" not in missing
        return line(
            name, "failed" if failed else "no_text", pages=pages, texts=texts, error=words.what_is_missing(missing)
        )
    return line(name, "ready", pages=pages, texts=texts, error=words.what_is_missing(missing))


def row(found: dict[str, Any]) -> str:
    shown = f"{found['status']:<10}{found['pages']:>8}{found['characters']:>12}  {found['file']}"
    parts = [shown, f"    {found['error']}" if found["error"] else "", found.get("text", "")]
    return "\n".join(part for part in parts if part)
