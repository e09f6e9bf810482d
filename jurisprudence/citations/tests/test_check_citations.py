"""`check_citations` as a program reads it: a line in, a line out; with the tables, without them, on a bare machine."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from jurisprudence.citations.judging import Verdict
from jurisprudence.citations.model import Kind
from jurisprudence.management.commands import check_citations
from jurisprudence.precedents.tests.making import make_precedent

ROOT = Path(__file__).resolve().parents[3]
NEEDED = ("text", "kind", "verdict")


def run(*lines: Any, **options: Any) -> tuple[list[dict[str, Any]], str, int]:
    """What it prints for these lines (objects as JSON, bytes and text as they are), its warnings, its exit code."""
    data = b"".join(
        line if isinstance(line, bytes) else (line if isinstance(line, str) else json.dumps(line)).encode() + b"\n"
        for line in lines
    )
    out, err, code = io.StringIO(), io.StringIO(), 0
    with mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(data))):
        try:
            call_command("check_citations", "--json", "--offline", stdout=out, stderr=err, **options)
        except CommandError as error:
            code = error.returncode
    return [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue(), code


@pytest.mark.django_db
def test_a_text_gives_its_citations_with_what_is_known_of_each() -> None:
    make_precedent(number=9001)
    (line,), warnings, code = run({"text": "Veja a Súmula 9001 do STJ e o art. 1.500 do CPC."})
    first, second = line["citations"]
    assert tuple(first)[:3] == NEEDED
    assert first == {
        "text": "Súmula 9001 do STJ",
        "kind": "sumula",
        "verdict": "confirmado",
        "normalized": "Súmula 9.001 do STJ",
        "reason": "Está na base de precedentes, conferida em 01/08/2026.",
        "source": "teste",
        "date": "2026-08-01",
        "start": 7,
        "end": 25,
    }
    assert (second["text"], second["kind"], second["verdict"]) == ("art. 1.500 do CPC", "artigo", "formato_invalido")
    assert (warnings, code) == ("", 0)


@pytest.mark.django_db
def test_a_quotation_that_differs_comes_with_both_texts() -> None:
    make_precedent(number=9001, text="O prazo é contado em dobro.")
    (line,), _, _ = run({"text": "Diz a Súmula 9001 do STJ: “o prazo nunca é contado em dobro”."})
    (one,) = line["citations"]
    assert (one["verdict"], one["warning"]) == ("divergente", True)
    assert (one["quoted"], one["stored"]) == ("o prazo nunca é contado em dobro", "O prazo é contado em dobro.")


@pytest.mark.django_db
def test_a_line_without_citations_is_an_empty_list() -> None:
    lines, _, code = run({"text": ""}, {"text": "Ligue para (11) 3456-7890.", "id": 3})
    assert lines == [{"citations": []}, {"citations": []}]
    assert code == 0


@pytest.mark.django_db
def test_bad_lines_say_so_and_stop_nobody() -> None:
    bad = [
        "não é json",
        "[1]",
        "3",
        '{"texto": "x"}',
        '{"text": 7}',
        '{"text": null}',
        b'{"text": "\xff"}\n',
        "[" * 100_000,
    ]
    lines, _, code = run({"text": "SV 11"}, *bad, {"text": "SV 10"})
    assert len(lines) == len(bad) + 2
    assert all(list(line) == ["error"] and line["error"].endswith(".") for line in lines[1:-1])
    assert [line["citations"][0]["text"] for line in (lines[0], lines[-1])] == ["SV 11", "SV 10"]
    assert code == 1


@pytest.mark.django_db
def test_halves_of_characters_are_no_reason_to_stop() -> None:
    (line,), _, code = run('{"text": "Art. 5\\ud800 da CF e art. 6º da CF\\udc00"}')
    assert line["citations"][-1]["normalized"] == "art. 6º da CF"
    assert code == 0


def test_without_a_database_formats_are_checked_and_the_warning_is_given_once() -> None:
    with mock.patch.object(check_citations, "look_up", side_effect=OperationalError("down")) as asked:
        lines, warnings, code = run({"text": "Súmula 7/STJ"}, {"text": "art. 1.500 do CPC"}, {"text": "SV 11"})
    assert [line["citations"][0]["verdict"] for line in lines] == ["plausivel", "formato_invalido", "plausivel"]
    assert warnings.count("sem banco de dados") == 1
    assert asked.call_count == 1
    assert code == 0


@pytest.mark.django_db
def test_offline_asks_no_court_and_otherwise_they_are_asked() -> None:
    text = json.dumps({"text": "Autos 0010123-73.2024.5.18.0007"}).encode()
    with mock.patch.object(check_citations, "with_courts", side_effect=lambda looked, citations: looked) as asked:
        for options, times in ((("--offline",), 0), ((), 1)):
            with mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(text))):
                call_command("check_citations", "--json", *options, stdout=io.StringIO())
            assert asked.call_count == times


@pytest.mark.django_db
def test_without_json_a_person_reads_a_table_of_a_text() -> None:
    out = io.StringIO()
    with mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Veja a SV 11 e o art. 1.500 do CPC."))):
        call_command("check_citations", "--offline", stdout=out)
    assert "formato_invalido" in out.getvalue()
    assert "Citações: 2; com formato inválido: 1." in out.getvalue()


def test_a_text_that_is_not_utf_8_is_an_error_in_words() -> None:
    with (
        mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"S\xfamula 7 do STJ"))),
        pytest.raises(CommandError, match="UTF-8"),
    ):
        call_command("check_citations", "--offline", stdout=io.StringIO())


def test_the_help_names_every_kind_and_every_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("check_citations", "--help")
    shown = capsys.readouterr().out
    for name in [*Kind, *Verdict]:
        assert name in shown


# As a program -------------------------------------------------------------------------------------


def bare() -> dict[str, str]:
    """An environment in which nothing of the product is set."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


def test_on_a_machine_where_nothing_is_set_up_it_answers_each_line_at_once() -> None:
    command = [sys.executable, "manage.py", "check_citations", "--json", "--offline"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=bare(), **pipes) as program:  # type: ignore[call-overload]
        assert program.stdin
        assert program.stdout
        assert program.stderr
        for text, verdict in (("Súmula 7/STJ", "plausivel"), ("art. 1.073 do CPC", "formato_invalido")):
            program.stdin.write(json.dumps({"text": text}).encode() + b"\n")
            program.stdin.flush()
            answer = json.loads(program.stdout.readline())
            assert [one["verdict"] for one in answer["citations"]] == [verdict]
        program.stdin.close()
        assert program.stderr.read().decode().count("sem banco de dados") == 1
        assert program.wait(60) == 0
