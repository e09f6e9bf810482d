"""A summary as Markdown or as plain text, to be filed or sent on."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from romagent.base.portability import safe_name
from uploads.summaries.showing import Line, Shown

UNCHECKED = "não conferido"
SPECIAL = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]<>#|!"})
KINDS = {"md": "text/markdown", "txt": "text/plain"}


def as_text(shown: Shown, title: str, kind: str) -> str:
    """`kind` is `md` or `txt`."""
    lines = _markdown(shown, title) if kind == "md" else _plain(shown, title)
    return "\n".join(lines).rstrip() + "\n"


def filename(title: str, kind: str) -> str:
    return safe_name(f"Resumo de {title}", f".{kind}", fallback="Resumo")


def _markdown(shown: Shown, title: str) -> Iterator[str]:
    yield from (f"# Resumo: {title.translate(SPECIAL)}", "", _made(shown), "")
    for section in shown.sections:
        yield from (f"## {section.title}", "")
        yield from (f"- {_line(line).translate(SPECIAL)}" for line in section.lines)
        yield from ([] if section.lines else ["As páginas nada dizem sobre isso."])
        yield ""
    yield from ("## O que foi lido", "")
    yield from (f"- {words.translate(SPECIAL)}" for words in _read(shown))


def _plain(shown: Shown, title: str) -> Iterator[str]:
    yield from (f"RESUMO: {title}", _made(shown), "")
    for section in shown.sections:
        yield section.title.upper()
        yield from (f"- {_line(line)}" for line in section.lines)
        yield from ([] if section.lines else ["As páginas nada dizem sobre isso."])
        yield ""
    yield "O QUE FOI LIDO"
    yield from (f"- {words}" for words in _read(shown))


def _made(shown: Shown) -> str:
    when = timezone.localtime(shown.summary.created_at).strftime("%d/%m/%Y às %H:%M")
    return f"Pedido em {when}, feito por {shown.model_name}. Confira cada linha na página indicada."


def _line(line: Line) -> str:
    date = f"{line.date}: " if line.date else ""
    where = "; ".join(source.words for source in line.sources)
    return f"{date}{line.text} ({where}{'' if line.checked else f'; {UNCHECKED}'})"


def _read(shown: Shown) -> Iterator[str]:
    for file in shown.files:
        notes = "".join(f"; {note}" for note in file["notes"])
        yield f"{file['name']}: {file['read']} de {file['pages']} páginas{notes}"
    for name in shown.left_out:
        yield f"Fora do resumo: {name}"
    for number, part in enumerate(shown.parts, start=1):
        why = f" ({part['error']})" if part["error"] else ""
        yield f"Parte {number}: {part['covers']}{why}"
