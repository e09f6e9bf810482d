"""`manage.py extract`: a line a file, on a machine without settings and without a database."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from uploads import words
from uploads.reading.parent import ROOT
from uploads.reading.tests.making import (
    CATALOGUE,
    LETTERS,
    docx,
    page_object,
    paragraph,
    raw_pdf,
    scan,
    stream,
    text_pdf,
)


def extract(*arguments: str | Path, code: int = 0) -> list[dict[str, Any]]:
    """Its lines, run as on a bare machine."""
    done = subprocess.run(
        [sys.executable, "manage.py", "extract", "--json", *map(str, arguments)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == code, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def test_each_file_gets_its_line_and_a_bad_one_stops_no_other(tmp_path: Path) -> None:
    good = text_pdf(tmp_path / "autos.pdf", "Petição inicial", "Sentença")
    scan().save(tmp_path / "foto.png")
    locked = text_pdf(tmp_path / "segredo.pdf", "Segredo", password="chave")
    (tmp_path / "quebrado.pdf").write_bytes(b"%PDF-1.7 quebrado")
    (tmp_path / "programa.pdf").write_bytes(b"MZ\x90\0" + bytes(100))
    word = docx(tmp_path / "contrato.docx", paragraph("Cláusula única"))
    names = [good, tmp_path / "foto.png", locked, tmp_path / "quebrado.pdf", tmp_path / "programa.pdf", word]
    assert extract(*names) == [
        {"file": str(good), "status": "ready", "pages": 2, "characters": 23, "error": None},
        {
            "file": str(tmp_path / "foto.png"), "status": "no_text", "pages": 1, "characters": 0,
            "error": "Sem texto (imagem): página 1.",
        },
        {"file": str(locked), "status": "password", "pages": 0, "characters": 0, "error": words.FILE["password"]},
        {"file": str(names[3]), "status": "failed", "pages": 0, "characters": 0, "error": words.FILE["damaged"]},
        {"file": str(names[4]), "status": "failed", "pages": 0, "characters": 0, "error": words.FILE["type"]},
        {"file": str(word), "status": "ready", "pages": 1, "characters": 14, "error": None},
    ]  # fmt: skip


def test_the_text_is_given_when_asked_for_with_pages_apart(tmp_path: Path) -> None:
    good = text_pdf(tmp_path / "autos.pdf", "Petição inicial", "Sentença")
    (found,) = extract("--text", good)
    assert found["text"] == "Petição inicial\fSentença"


def test_a_password_opens_and_a_wrong_one_does_not(tmp_path: Path) -> None:
    locked = text_pdf(tmp_path / "segredo.pdf", "Segredo", password="chave")
    (opened,) = extract("--password", "chave", locked)
    (refused,) = extract("--password", "outra", locked)
    assert (opened["status"], opened["characters"]) == ("ready", 7)
    assert (refused["status"], refused["error"]) == ("password", words.FILE["wrong_password"])


def test_pages_that_could_not_be_read_are_named_and_the_others_count(tmp_path: Path) -> None:
    pages = b"<</Type/Pages/Kids[3 0 R]/Count 4>>"
    (tmp_path / "a.pdf").write_bytes(raw_pdf(CATALOGUE, pages, page_object(4), stream(LETTERS)))
    (found,) = extract(tmp_path / "a.pdf")
    assert (found["status"], found["pages"], found["error"]) == ("ready", 4, "Danificada: páginas 2 a 4.")


def test_what_cannot_be_opened_at_all_has_its_line_too_and_the_command_says_so(tmp_path: Path) -> None:
    good = text_pdf(tmp_path / "autos.pdf", "Petição")
    missing, folder, last = extract(tmp_path / "falta.pdf", tmp_path, good, code=1)
    assert (missing["status"], missing["error"]) == ("failed", "O arquivo não existe.")
    assert (folder["status"], folder["error"]) == ("failed", "É uma pasta, não um arquivo.")
    assert last["status"] == "ready"


@pytest.mark.parametrize("name", ["a\nb\x1b[31m.pdf", "\u202egpj.pdf", "--json.pdf", "é " * 60 + ".pdf"])
def test_an_odd_name_is_one_line_of_json_with_the_name_as_it_was_given(tmp_path: Path, name: str) -> None:
    good = text_pdf(tmp_path / name, "Petição")
    (found,) = extract(good)
    assert (found["file"], found["status"]) == (str(good), "ready")


def test_without_json_a_table_is_shown(tmp_path: Path) -> None:
    good = text_pdf(tmp_path / "autos.pdf", "Petição inicial")
    (tmp_path / "vazio.txt").write_text("")
    done = subprocess.run(
        [sys.executable, "manage.py", "extract", str(good), str(tmp_path / "vazio.txt")],
        cwd=ROOT, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["situação", "páginas", "caracteres", "arquivo"]
    assert lines[1].split() == ["ready", "1", "15", str(good)]
    assert lines[3].strip() == words.FILE["empty"]
