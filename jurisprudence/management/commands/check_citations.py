"""`manage.py check_citations --json [--offline]`: the citations in texts and what can be said of each.

Reads one JSON object a line with "text", and prints for each, at once, one line:

    {"citations": [{"text", "kind", "verdict", "normalized", "reason", "source", "date", "start", "end"}]}

`text` is the exact slice from `start` to `end`, in characters; `source` and `date` (ISO) say where it was found, or are
null; a `divergente` has "quoted" and "stored" too, and what is to be looked at although it exists, "warning": true. A
line that cannot be read gives `{"error": "…"}` and does not stop the others; the exit code is 1 then.

Kinds and verdicts are those of `Kind` and `Verdict`. Dates are reported only where they fault a decision. Without a
database nothing is looked up; a warning on stderr says so, once.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection

from jurisprudence.citations.finding import find
from jurisprudence.citations.judging import Judged, Verdict, judge
from jurisprudence.citations.looking_up import NOTHING, Looked, look_up, with_courts
from jurisprudence.citations.model import Citation

KINDS = """
tipos (kind):
  processo              número CNJ
  sumula                súmula de um tribunal
  sumula_vinculante     súmula vinculante do STF
  tema                  tema de repercussão geral ou de recursos repetitivos
  orientacao            orientação jurisprudencial do TST
  precedente_normativo  precedente normativo do TST
  enunciado             enunciado de fórum ou jornada
  decisao               decisão por classe e número (REsp, RE, HC, ADI…)
  artigo                artigo de lei ou código
  lei                   lei ou código sem artigo
  data                  data impossível de uma decisão

vereditos (verdict):
  confirmado, plausivel, nao_localizado, formato_invalido, divergente, fonte_indisponivel, fora_de_cobertura
"""


class BadLine(ValueError):
    """The message says why, to whoever sent it."""


class Command(BaseCommand):
    help = "Encontra as citações de textos e confere cada uma. Com --json, um objeto por linha, com “text”."
    requires_system_checks: list[str] = []
    _without_database = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        parser = super().create_parser(prog_name, subcommand, epilog=KINDS, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="lê e escreve um objeto JSON por linha")
        parser.add_argument("--offline", action="store_true", help="não consulta tribunais")

    def handle(self, *, json: bool, offline: bool, **options: Any) -> None:
        stdin = getattr(sys.stdin, "buffer", sys.stdin)
        if not json:
            try:
                text = _decoded(stdin.read())
            except BadLine as error:
                raise CommandError("O texto não está em UTF-8.", returncode=1) from error
            self._table(self._judged(text, offline=offline))
            return
        bad = 0
        for line in stdin:
            if not line.strip():
                continue
            found = self._line(line, offline=offline)
            bad += "error" in found
            self.stdout.write(_as_json(found))
            self.stdout.flush()
        if bad:
            raise CommandError(f"Linhas que não puderam ser lidas: {bad}.", returncode=1)

    def _line(self, line: bytes | str, *, offline: bool) -> dict[str, Any]:
        try:
            judged = self._judged(_text(line), offline=offline)
        except BadLine as error:
            return {"error": str(error)}
        return {"citations": [as_dict(one) for one in judged]}

    def _judged(self, text: str, *, offline: bool) -> list[Judged]:
        citations = find(text)
        looked = self._looked(citations)
        return judge(citations, looked if offline else with_courts(looked, citations))

    def _looked(self, citations: list[Citation]) -> Looked:
        if self._without_database:
            return NOTHING
        try:
            return look_up(citations)
        except (Error, ImproperlyConfigured):
            self._without_database = True
            warning = "ATENÇÃO: sem banco de dados, a base de precedentes não é consultada; só o formato é conferido."
            self.stderr.write(self.style.WARNING(warning))
            return NOTHING
        finally:
            if not connection.in_atomic_block:
                connection.close()  # not held while the next line, or a court, is waited for

    def _table(self, judged: list[Judged]) -> None:
        for one in judged:
            self.stdout.write(
                f"{one.verdict.value:<18} {one.citation.kind.value:<20} {_clean(one.citation.normalized)}"
            )
            self.stdout.write(f"{'':<18} {_clean(one.reason)}")
        invalid = sum(one.verdict is Verdict.INVALID for one in judged)
        self.stdout.write(f"Citações: {len(judged)}; com formato inválido: {invalid}.")


def as_dict(one: Judged) -> dict[str, Any]:
    citation = one.citation
    found: dict[str, Any] = {
        "text": citation.text,
        "kind": citation.kind.value,
        "verdict": one.verdict.value,
        "normalized": citation.normalized,
        "reason": one.reason,
        "source": one.source or None,
        "date": one.as_of.isoformat() if one.as_of else None,
        "start": citation.start,
        "end": citation.end,
    }
    if one.warning:
        found["warning"] = True
    if one.stored:
        found |= {"quoted": one.quoted, "stored": one.stored}
    return found


def _text(line: bytes | str) -> str:
    try:
        data = json.loads(_decoded(line))
    except (ValueError, RecursionError) as error:
        raise BadLine("A linha não é um objeto JSON.") from error
    if not isinstance(data, dict):
        raise BadLine("A linha não é um objeto JSON.")
    if not isinstance(data.get("text"), str):
        raise BadLine("Falta “text”, que deve ser um texto.")
    return data["text"]  # type: ignore[no-any-return]


def _decoded(data: bytes | str) -> str:
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadLine("A linha não está em UTF-8.") from error


def _as_json(found: dict[str, Any]) -> str:
    return _clean(json.dumps(found, ensure_ascii=False))


def _clean(text: str) -> str:
    """Halves of surrogate pairs, which JSON may hold and no stream can write."""
    return text.encode("utf-8", "replace").decode()
