"""Names of files: what a person sees is clean, where it is kept comes from nobody but us."""

from uuid import UUID

import pytest

from uploads.forms import in_words
from uploads.names import LONGEST, clean_name, mime_type_of, path_for, stored_name

ID = UUID("01890000-0000-7000-8000-000000000000")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Petição inicial.pdf", "Petição inicial.pdf"),
        ("C:\\Casos\\Fulano\\procuração.docx", "procuração.docx"),
        ("../../etc/passwd", "passwd"),
        ("a/b/c.txt", "c.txt"),
        ("linha\r\nnova\x00.pdf", "linhanova.pdf"),
        ("fatura\u202efdp.exe", "faturafdp.exe"),
        ("  .pdf  ", "pdf"),
        ("", "arquivo"),
        ("...", "arquivo"),
        ("pasta/", "arquivo"),
    ],
)
def test_a_name_is_shown_without_its_path_and_without_what_cannot_be_seen(given: str, shown: str) -> None:
    assert clean_name(given) == shown


def test_a_name_that_is_too_long_keeps_its_suffix() -> None:
    name = clean_name("a" * 400 + ".pdf")
    assert len(name) == LONGEST
    assert name.endswith("aaa.pdf")
    assert len(clean_name("a" * 10 + "." + "b" * 400)) == LONGEST


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("x.PDF", ".pdf"), ("x.tar.gz", ".gz"), ("x", ""), ("x.p df", ""), ("x.ção", ""), ("x." + "a" * 9, "")],
)
def test_a_file_is_kept_under_its_id_and_a_plain_suffix(name: str, suffix: str) -> None:
    assert stored_name(ID, name) == f"{ID}{suffix}"
    assert path_for(ID, name).startswith("arquivos/20")
    assert path_for(ID, name).endswith(f"/{ID}{suffix}")
    assert path_for(ID, name).count("/") == 3


@pytest.mark.parametrize(
    ("name", "kind"), [("a.pdf", "application/pdf"), ("a.html", "text/html"), ("a", "application/octet-stream")]
)
def test_the_kind_of_a_file_is_told_by_its_name(name: str, kind: str) -> None:
    assert mime_type_of(name) == kind


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (1, "1 kB"),
        (850 * 1024, "850 kB"),
        (1024**2, "1 MB"),
        (12_900_000, "12,3 MB"),
        (100 * 1024**2, "100 MB"),
        (2 * 1024**3, "2 GB"),
    ],
)
def test_sizes_are_said_as_people_say_them(size: int, words: str) -> None:
    assert in_words(size) == words
