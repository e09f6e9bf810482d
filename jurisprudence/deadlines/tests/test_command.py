"""`manage.py deadline --json`, as a program: no settings, no database, one line out for each line in."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings

from jurisprudence.deadlines.asking import Wrong, from_json
from jurisprudence.deadlines.calendars import Calendar
from jurisprudence.deadlines.counting import count

GOOD = {"event": "disponibilizacao", "date": "2026-08-03", "amount": 15, "unit": "uteis", "calendar": "estadual"}


def run(text: str | bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    """In an environment in which nothing of the product's is set."""
    data = text if isinstance(text, bytes) else text.encode()
    command = [sys.executable, "manage.py", "deadline", *options]
    return subprocess.run(
        command, input=data, capture_output=True, env={}, cwd=settings.BASE_DIR, timeout=60, check=False
    )


def lines(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def test_one_line_for_each_with_the_keys_that_are_promised() -> None:
    done = run(f"{json.dumps(GOOD)}\n\n{json.dumps(GOOD | {'calendar': 'federal', 'party': 'defensoria'})}\n", "--json")
    first, second = lines(done)
    assert (done.returncode, done.stderr) == (0, b"")
    assert list(first) == ["publication", "start", "amount", "end", "skipped", "basis"]
    assert {key: first[key] for key in ("publication", "start", "amount", "end")} == {
        "publication": "2026-08-04", "start": "2026-08-05", "amount": 15, "end": "2026-08-25",
    }  # fmt: skip
    assert first["skipped"][0] == {"date": "2026-08-08", "reason": "sábado"}
    assert "CPC, art. 219" in first["basis"]
    assert (second["amount"], second["end"]) == (30, "2026-09-17")


def test_a_bad_line_does_not_stop_the_others() -> None:
    bad = [b"nada", b"[1]", b'{"event": "\\ud800", "date": "2026-08-03", "amount": 1}', b"\xff\xfe", b"[" * 100_000]
    done = run(b"\n".join([*bad, json.dumps(GOOD).encode()]), "--json")
    found = lines(done)
    assert done.returncode == 1
    assert len(found) == len(bad) + 1
    assert all(list(one) == ["error"] for one in found[:-1])
    assert found[-1]["end"] == "2026-08-25"
    assert "5 linha(s)" in done.stderr.decode()


def test_each_answer_comes_before_the_next_question() -> None:
    command = [sys.executable, "manage.py", "deadline", "--json"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}, cwd=settings.BASE_DIR
    ) as asked:
        assert asked.stdin is not None
        assert asked.stdout is not None
        for _ in range(3):
            asked.stdin.write(json.dumps(GOOD).encode() + b"\n")
            asked.stdin.flush()
            assert json.loads(asked.stdout.readline())["end"] == "2026-08-25"
        asked.stdin.close()
        assert asked.wait(30) == 0


def test_without_json_it_says_it_in_a_sentence() -> None:
    done = run(json.dumps(GOOD))
    assert "fim 2026-08-25" in done.stdout.decode()


# What can be wrong ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"event": None}, "Falta “event”"),
        ({"event": "aviso"}, "“aviso” não é um valor conhecido de “event”"),
        ({"event": 3}, "“3” não é um valor"),
        ({"event": ["x"]}, "não é um valor"),
        ({"date": None}, "Falta “date”"),
        ({"date": "03/08/2026"}, "não é uma data"),
        ({"date": "2026-02-30"}, "não é uma data"),
        ({"date": "20260803"}, "não é uma data"),
        ({"date": "2026-08-03\n"}, "não é uma data"),
        ({"date": "1900-01-01"}, "deve estar entre 1950 e 2199"),
        ({"date": 20260803}, "não é uma data"),
        ({"amount": None}, "Falta “amount”"),
        ({"amount": 0}, "deve ir de 1 a"),
        ({"amount": -5}, "deve ir de 1 a"),
        ({"amount": 10**9}, "deve ir de 1 a"),
        ({"amount": "15"}, "não é um número inteiro"),
        ({"amount": 1.5}, "não é um número inteiro"),
        ({"amount": True}, "não é um número inteiro"),
        ({"unit": "semanas"}, "não é um valor conhecido de “unit”"),
        ({"calendar": "municipal"}, "não é um valor conhecido de “calendar”"),
        ({"party": "autor"}, "não é um valor conhecido de “party”"),
        ({"party": ""}, "“party”"),
        ({"closed": "2026-08-03"}, "deve ser uma lista de datas"),
        ({"closed": ["ontem"]}, "não é uma data"),
        ({"reduced": [None]}, "“reduced”"),
        ({"electronic": "sim"}, "deve ser true ou false"),
        ({"own_term": 1}, "deve ser true ou false"),
    ],
)
def test_a_wrong_value_is_said_in_words(more: dict[str, Any], words: str) -> None:
    with pytest.raises(Wrong, match=re.escape(words)):
        from_json(GOOD | more)


def test_what_is_not_said_has_a_default() -> None:
    asked = from_json({"event": "intimacao", "date": "2026-08-03", "amount": 5, "closed": None, "electronic": None})
    assert (asked.unit, asked.calendar.kind, asked.party) == ("uteis", "estadual", None)
    assert (asked.electronic, asked.own_term) == (True, False)
    assert (asked.suspended_in_recess, asked.start_on_open_day) == (True, True)
    assert asked.calendar == Calendar()


def test_a_court_that_never_opens_is_said_and_not_waited_for() -> None:
    first = date(2199, 1, 1)
    days = {first + timedelta(after): "fechado" for after in range((date.max - first).days + 1)}
    asked = replace(from_json(GOOD | {"date": "2199-01-02"}), calendar=Calendar(closed=days))
    with pytest.raises(Wrong, match="não termina"):
        count(asked)
