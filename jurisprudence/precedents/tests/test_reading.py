"""Files are read record by record, whatever they are written in."""

import json
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from jurisprudence.precedents import reading
from jurisprudence.precedents.reading import Source, Unreadable
from jurisprudence.precedents.tests.files import array, espelho, lines, sumula, zipped


def numbers(path: Path, skip: int = 0) -> list[int]:
    return [raw.number for raw in Source(path).records(skip)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    for path in (lines(tmp_path / "a", [sumula(1), sumula(2)], encoding), array(tmp_path / "b", [sumula(1)], encoding)):
        first = next(Source(path).records())
        assert first.record["text"] == "O prazo de número 1 é contado em dobro."


def test_lines_end_as_on_any_system(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b'{"a": 1}\r\n\r\n{"a": 2}\r\n{"a": 3}')
    assert [(raw.number, raw.record) for raw in Source(tmp_path / "a").records()] == [
        (1, {"a": 1}), (3, {"a": 2}), (4, {"a": 3})
    ]  # fmt: skip


def test_a_bad_line_does_not_stop_the_others(tmp_path: Path) -> None:
    path = lines(tmp_path / "a", [sumula(1), "{nada", '{"a": "' + "[" * 5000, sumula(4)])
    found = list(Source(path).records())
    assert [(raw.number, raw.problem) for raw in found] == [(1, ""), (2, "não é JSON"), (3, "não é JSON"), (4, "")]


def test_a_line_that_is_not_in_the_files_encoding_is_told_by_its_characters(tmp_path: Path) -> None:
    path = lines(tmp_path / "a", [sumula(n) for n in range(5000)])
    path.write_bytes(path.read_bytes() + '{"a": "não"}\n'.encode("cp1252"))
    assert "\udce3" in list(Source(path).records())[-1].record["a"]


@pytest.mark.parametrize("window", [1, 7, 100, 1 << 20])
def test_arrays_in_windows_of_any_size(tmp_path: Path, window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "WINDOW", window)
    records = [espelho(1), espelho(2, ementa='Com "aspas", ] e }'), espelho(3)]
    for indent in (None, 2):
        path = array(tmp_path / "a.json", records, indent=indent)
        assert [raw.record for raw in Source(path).records()] == records
        assert numbers(path, skip=2) == [3]


def test_strings_may_have_line_breaks_within(tmp_path: Path) -> None:
    (tmp_path / "a").write_text('[{"ementa": "uma\nduas\tlinhas"}]')
    assert next(Source(tmp_path / "a").records()).record == {"ementa": "uma\nduas\tlinhas"}


@pytest.mark.parametrize(
    ("text", "whole"),
    [('[{"a": 1}, {"a": 2', 1), ('[{"a": 1}, {"a" 2}, {"a": 3}]', 1), ('[{"a": 1},', 1), ("[", 0), ('[{"a": 1}', 1)],
)
def test_an_array_that_breaks_off_gives_what_came_before(tmp_path: Path, text: str, whole: int) -> None:
    (tmp_path / "a").write_text(text)
    found = []
    with pytest.raises(Unreadable, match=r"registro \d|termina no meio"):
        for raw in Source(tmp_path / "a").records():
            found.append(raw)  # noqa: PERF402 - those that came before it broke off
    assert len(found) == whole


@pytest.mark.parametrize("between", ["", "\n", " " * (1 << 20)])
def test_what_follows_an_array_is_not_lost_without_a_word(tmp_path: Path, between: str) -> None:
    (tmp_path / "a").write_text(f'[{{"a": 1}}]{between}[{{"a": 2}}]')
    records = Source(tmp_path / "a").records()
    assert next(records).record == {"a": 1}
    with pytest.raises(Unreadable, match="registro 1, há mais texto"):
        next(records)
    (tmp_path / "b").write_text(f'[{{"a": 1}}]{" " * (1 << 20)}\n')
    assert numbers(tmp_path / "b") == [1]


@pytest.mark.parametrize("text", ["a;b\n1;2", "<html>", "%PDF-1.7", "123"])
def test_what_is_no_json_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a").write_text(text)
    with pytest.raises(Unreadable, match="não é JSON"):
        numbers(tmp_path / "a")


def test_zips_are_read_member_by_member_with_one_numbering(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"b.json": [espelho(2)], "a.json": [espelho(1), espelho(3)]})
    assert [(raw.number, raw.record["id"][-1]) for raw in Source(path).records()] == [(1, "1"), (2, "3"), (3, "2")]
    assert numbers(path, skip=2) == [3]


def test_bad_zips(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04" + bytes(500))
    with pytest.raises(Unreadable, match="ZIP está danificado"):
        numbers(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("leia-me.txt", "nada")
    with pytest.raises(Unreadable, match=r"nenhum arquivo \.json"):
        numbers(tmp_path / "b.zip")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="não pode ser aberto"):
        Source(tmp_path / "nada.json").sha256()
    (tmp_path / "vazio").write_bytes(b"")
    assert numbers(tmp_path / "vazio") == []


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    record = json.dumps(espelho(1, ementa="x" * 3_000))
    path = tmp_path / "a.json"
    path.write_text("[" + ",".join([record] * 10_000) + "]")
    assert path.stat().st_size > 30_000_000
    tracemalloc.start()
    assert sum(1 for _ in Source(path).records()) == 10_000
    assert tracemalloc.get_traced_memory()[1] < 12_000_000
    tracemalloc.stop()


def test_a_record_without_an_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST", 50_000)
    monkeypatch.setattr(reading, "WINDOW", 1_000)
    (tmp_path / "a").write_text('[{"a": "' + "x" * 500_000)
    with pytest.raises(Unreadable, match="longo demais"):
        numbers(tmp_path / "a")
    (tmp_path / "b").write_text('{"a": 1}\n{"a": "' + "x" * 500_000)
    with pytest.raises(Unreadable, match="longa demais"):
        numbers(tmp_path / "b")
