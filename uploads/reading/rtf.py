"""RTF: its words one after the other, groups that are no text left out.

Tracked deletions (`\\deleted`) are left out; notes, comments, headers and footers stand where they are written, and the
numbers of lists, which RTF carries as text, are kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from uploads.reading.readers import Sections, Source
from uploads.reading.sections import BREAK, sections

TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?"  # a word and its number
    r"|\\'([0-9a-fA-F]{2})"  # a byte
    r"|\\(.)"  # a sign
    r"|([{}])|[\r\n]+|([^\\{}\r\n]+)",
    re.DOTALL,
)
WORDS = {"par": "\n", "line": "\n", "row": "\n", "sect": BREAK, "page": BREAK, "softpage": BREAK, "tab": "\t",
         "cell": "\t", "nestcell": "\t", "nestrow": "\n", "emdash": "—", "endash": "–", "bullet": "•",
         "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " "}  # fmt: skip
SIGNS = {"~": "\xa0", "_": "-", "{": "{", "}": "}", "\\": "\\", "\n": "\n", "\r": "\n", "\t": "\t"}
# fmt: off
NOT_TEXT = frozenset([
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "nonshppict", "objdata", "objclass", "objname", "fldinst",
    "themedata", "colorschememapping", "listtable", "listoverridetable", "rsidtbl", "generator", "xmlnstbl",
    "latentstyles", "datastore", "datafield", "revtbl", "sp", "bkmkstart", "bkmkend", "filetbl", "template", "mmathPr",
    "atnid", "atnauthor", "atrfstart", "atrfend", "atndate", "atnref", "atnparent", "atnicn", "pgdsctbl", "userprops",
    "ftnsep", "ftnsepc", "aftnsep", "aftnsepc", "private", "tc", "xe", "txe", "rxe", "picprop", "ffname", "ffdeftext",
    "formfield",
])
# fmt: on
STARRED = frozenset({"annotation", "shpinst", "shptxt", "ud", "pntext", "listtext", "fldrslt", "shppict", "result"})
NAMED = {"footnote": "nota", "annotation": "comentário", "header": "cabeçalho", "headerl": "cabeçalho",
         "headerr": "cabeçalho", "headerf": "cabeçalho", "footer": "rodapé", "footerl": "rodapé", "footerr": "rodapé",
         "footerf": "rodapé"}  # fmt: skip
CHARSETS = {77: "mac_roman", 128: "cp932", 134: "gbk", 161: "cp1253", 162: "cp1254", 186: "cp1257", 204: "cp1251",
            238: "cp1250", 254: "cp437", 255: "cp850"}  # fmt: skip


def open_rtf(source: Source) -> Sections:
    return Sections(sections(Rtf().text(source.all(source.limits.text_bytes).decode("latin-1")), source.limits))


@dataclass(frozen=True, slots=True)
class Group:
    """What is true between two braces."""

    left_out: bool = False
    deleted: bool = False
    fonts: bool = False  # inside the table of fonts
    skip: int = 1  # characters after \u that repeat it for older programs
    encoding: str = "cp1252"
    closing: str = ""


class Rtf:
    def __init__(self) -> None:
        self.out: list[str] = []
        self.now = Group()
        self.stack: list[Group] = []
        self.starred = False
        self.skipping = 0
        self.ansi = "cp1252"
        self.fonts: dict[int, str] = {}
        self.font = 0
        self.bytes = bytearray()

    def text(self, rtf: str) -> str:
        position = 0
        while match := TOKEN.match(rtf, position):
            position = match.end()
            word, number, byte, sign, brace, plain = match.groups()
            if byte:
                self._byte(int(byte, 16))
                continue
            if plain is not None:
                self._plain(plain)
                continue
            self._flush()
            if word:
                position += self._word(word, int(number) if number else None)
            elif brace:
                self._brace(brace)
            elif sign == "*":
                self.starred = True
            elif sign:
                self._say(SIGNS.get(sign, ""))
        self._flush()
        return "".join(self.out)

    def _say(self, text: str) -> None:
        if text and not (self.now.left_out or self.now.deleted):
            self.out.append(text)

    def _byte(self, byte: int) -> None:
        if self.skipping:
            self.skipping -= 1
        else:
            self.bytes.append(byte)

    def _plain(self, plain: str) -> None:
        skipped = min(self.skipping, len(plain))
        self.skipping -= skipped
        self.bytes += plain[skipped:].encode("latin-1")

    def _flush(self) -> None:
        if self.bytes:
            self._say(self.bytes.decode(self.now.encoding, "replace"))
            self.bytes.clear()

    def _brace(self, brace: str) -> None:
        self.skipping = 0
        self.starred = False
        if brace == "{":
            self.stack.append(self.now)
            self.now = replace(self.now, closing="")
        elif self.stack:
            self._say(self.now.closing)
            self.now = self.stack.pop()

    def _word(self, word: str, number: int | None) -> int:
        """Takes a control word; gives how many characters after it are no text (`\\bin`)."""
        starred, self.starred = self.starred, False
        if word == "bin":
            return max(number or 0, 0)
        if word == "u" and number is not None:
            self._say(chr(number % 0x10000))
            self.skipping = self.now.skip
        elif word == "fonttbl":
            self.now = replace(self.now, left_out=True, fonts=True)
        elif word in NOT_TEXT or (starred and word not in STARRED and word not in NAMED):
            self.now = replace(self.now, left_out=True)
        elif word in NAMED:
            self._say(f" [{NAMED[word]}: ")
            self.now = replace(self.now, closing="] " if word in {"footnote", "annotation"} else "]\n")
        elif word in WORDS:
            self._say(WORDS[word])
        else:
            self._property(word, number)
        return 0

    def _property(self, word: str, number: int | None) -> None:
        if word == "uc":
            self.now = replace(self.now, skip=min(max(number or 0, 0), 10))
        elif word == "deleted":
            self.now = replace(self.now, deleted=number != 0)
        elif word == "plain":
            self.now = replace(self.now, deleted=False)
        elif word == "ansicpg" and number:
            self.ansi = known(f"cp{number}") if number != 65001 else "utf-8"
            self.now = replace(self.now, encoding=self.ansi)
        elif word == "f" and self.now.fonts:
            self.font = number or 0
        elif word == "f":
            self.now = replace(self.now, encoding=self.fonts.get(number or 0, self.ansi))
        elif word == "fcharset" and self.now.fonts and number in CHARSETS:
            self.fonts[self.font] = CHARSETS[number]


def known(encoding: str) -> str:
    """The encoding, if Python knows it; else the usual one."""
    try:
        "".encode(encoding)
    except LookupError:
        return "cp1252"
    return encoding
