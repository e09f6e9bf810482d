"""Files of precedents, record by record: JSON arrays and lines of JSON, plain or within a ZIP, without holding a file.

Courts publish arrays, some of hundreds of megabytes; `json` takes a record at a time out of a window of the text.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

WINDOW = 1 << 20  # characters that are read at a time
LONGEST = 16 << 20  # characters of one record; a longer one is no precedent
SNIFFED = 1 << 18  # bytes by which the encoding is told
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SPACE = " \t\r\n\ufeff"
# `strict` refuses line breaks within strings, which some files have.
_decoder = json.JSONDecoder(strict=False)


class Unreadable(Exception):
    """The file as a whole, or what is left of it, can't be read; the message says why, in Portuguese."""


class Raw(NamedTuple):
    """A record and its number in the file, from 1; `problem` says why there is no record."""

    number: int
    record: Any
    problem: str = ""


@dataclass(frozen=True)
class Source:
    """A file to be read."""

    path: Path

    def sha256(self) -> str:
        with self._opened() as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def records(self, skip: int = 0) -> Iterator[Raw]:
        """All records but the first `skip` ones. Raises Unreadable, also in the middle."""
        number = 0
        try:
            for member in self._members():
                with member as stream:
                    for raw in _records(stream, number, skip):
                        number = raw.number
                        if number > skip:
                            yield raw
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise Unreadable("O arquivo ZIP está danificado ou tem senha.") from error
        except UnicodeError as error:
            raise Unreadable(f"O texto não pode ser lido depois do registro {number}: {error}.") from error

    def _members(self) -> Iterator[Any]:
        """The texts in it: the file itself, or the JSON files of a ZIP by their names."""
        with self._opened() as file:
            if file.read(4) != b"PK\x03\x04":
                file.seek(0)
                yield _text(file)
                return
            file.seek(0)
            with zipfile.ZipFile(file) as archive:
                names = sorted(n for n in archive.namelist() if n.lower().endswith((".json", ".jsonl")))
                if not names:
                    raise Unreadable("O ZIP não tem nenhum arquivo .json ou .jsonl.")
                for name in names:
                    yield _text(archive.open(name))

    def _opened(self) -> io.BufferedReader:
        try:
            return self.path.open("rb")
        except OSError as error:
            raise Unreadable(f"{self.path} não pode ser aberto: {error.strerror}.") from error


@contextmanager
def _text(file: IO[bytes]) -> Iterator[IO[str]]:
    """The file as text: in the encoding that its first bytes announce, else UTF-8, else Windows's of Brazil."""
    with file:
        head = file.read(SNIFFED)
        encoding = next((name for bom, name in BOMS if head.startswith(bom)), "") or _guessed(head)
        # In UTF-8 a single broken record is refused by its number; the others are read.
        errors = "surrogateescape" if encoding.startswith("utf-8") else "strict"
        yield io.TextIOWrapper(io.BufferedReader(_Joined(head, file)), encoding, errors, newline=None)


def _guessed(head: bytes) -> str:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # what is cut off at the end is no error
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


class _Joined(io.RawIOBase):
    """What was read already, and then the rest: a member of a ZIP would have to be unpacked again to go back."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._head[: len(buffer)] if self._head else self._rest.read(len(buffer))
        self._head = self._head[len(found) :]
        buffer[: len(found)] = found
        return len(found)


def _records(stream: IO[str], number: int, skip: int) -> Iterator[Raw]:
    """All of them, numbered on from `number`; those up to `skip` may be without what they say."""
    start = stream.read(WINDOW).lstrip(SPACE)
    if not start:
        return
    if start[0] == "[":
        yield from _elements(stream, start[1:], number)
    elif start[0] == "{":
        yield from _lines(stream, start, number, skip)
    else:
        raise Unreadable("O arquivo não é JSON: espera-se uma lista ([…]) ou um objeto ({…}) por linha.")


# Lines -----------------------------------------------------------------------------------------


def _lines(stream: IO[str], text: str, number: int, skip: int) -> Iterator[Raw]:
    """An object a line; empty lines count, so that the number is that of an editor."""
    while text:
        *lines, text = text.split("\n")
        for line in lines:
            number += 1
            if line.strip(SPACE):
                yield _line(number, line) if number > skip else Raw(number, None)
        if len(text) > LONGEST:
            raise Unreadable(f"A linha {number + 1} é longa demais para ser um precedente.")
        more = stream.read(WINDOW)
        if not more:
            break
        text += more
    if text.strip(SPACE):
        yield _line(number + 1, text)


def _line(number: int, line: str) -> Raw:
    try:
        return Raw(number, json.loads(line, strict=False))
    except (ValueError, RecursionError):
        return Raw(number, None, "não é JSON")


# Arrays ----------------------------------------------------------------------------------------


def _elements(stream: IO[str], text: str, number: int) -> Iterator[Raw]:
    """The elements of an array whose bracket has been read. What follows a broken one can't be told apart."""
    position, whole = 0, False
    while True:
        position = _past(text, position, SPACE + ",")
        if position < len(text) and text[position] == "]":
            _expect_nothing(stream, text[position + 1 :], number)
            return
        try:
            record, end = _decoder.raw_decode(text, position)
            complete = end < len(text) or whole  # a number at the end of the window may go on
        except (ValueError, RecursionError) as error:
            complete, record, end = False, None, position
            if whole or len(text) - position > LONGEST:
                raise Unreadable(_broken(number + 1, text, position)) from error
        if not complete:
            more = stream.read(max(WINDOW, len(text) - position))  # twice as much each time: never quadratic
            text, position, whole = text[position:] + more, 0, not more
            if whole and not text.strip(SPACE):
                raise Unreadable(f"O arquivo termina no meio, depois do registro {number}.")
            continue
        number, position = number + 1, end
        yield Raw(number, record)
        if position > WINDOW:
            text, position = text[position:], 0


def _expect_nothing(stream: IO[str], text: str, number: int) -> None:
    """After the end of an array: a second one behind it would else be lost without a word."""
    while text:
        if text.strip(SPACE):
            raise Unreadable(f"Depois do fim da lista, no registro {number}, há mais texto, que não foi lido.")
        text = stream.read(WINDOW)


def _past(text: str, position: int, signs: str) -> int:
    while position < len(text) and text[position] in signs:
        position += 1
    return position


def _broken(number: int, text: str, position: int) -> str:
    if len(text) - position > LONGEST:
        return f"O registro {number} é longo demais para ser um precedente."
    return f"O registro {number} não é JSON, ou o arquivo termina no meio dele: o que vem depois não pode ser lido."
