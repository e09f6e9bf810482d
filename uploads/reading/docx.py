"""Word's DOCX: everything that is in the file, in the order in which it is read.

The text is walked element by element, since the plain text of paragraphs leaves out what a lawyer's file is full of:
tracked insertions, content controls, text boxes, notes, comments, headers and footers, numbers of clauses. What was
deleted with changes tracked is no part of the text. Macros are never opened: a DOCM is read as its text.
"""

from __future__ import annotations

from typing import Any

from uploads.reading.archive import Archive, attribute, local
from uploads.reading.numbering import Numbering, child
from uploads.reading.readers import Sections, Source
from uploads.reading.sections import BREAK, sections
from uploads.reading.walking import Walk

TYPES = "[Content_Types].xml"
MAIN = (
    "document.main+xml",
    "document.macroEnabled.main+xml",
    "template.main+xml",
    "template.macroEnabledTemplate.main+xml",
)
# What is not text, or not part of it any more.
# fmt: off
LEFT_OUT = frozenset([
    "pPr", "rPr", "tblPr", "trPr", "tcPr", "tblGrid", "sdtPr", "sdtEndPr", "sectPr", "del", "moveFrom", "delText",
    "instrText", "delInstrText", "Fallback",
])
# fmt: on
PLAIN = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-", "lastRenderedPageBreak": BREAK}
BOXES = {0xF0FE: "☒", 0xF0FD: "☒", 0xF0FC: "✓", 0xF0A8: "☐", 0xF06F: "☐"}  # Wingdings, as forms use them
OFF = frozenset({"0", "false", "off"})
CHUNK = "[trecho incorporado de outro arquivo, não lido]"


def open_docx(source: Source) -> Sections:
    return Sections(sections(Docx(Archive(source)).text(), source.limits))


class Docx(Walk):
    left_out, plain = LEFT_OUT, PLAIN

    def __init__(self, archive: Archive) -> None:
        super().__init__()
        self.archive = archive
        self.kinds = part_kinds(archive)
        self.numbering = Numbering(self._tree("numbering+xml"), self._tree("styles+xml"))
        self.notes = {kind: self._by_id(f"{kind}s+xml") for kind in ("footnote", "endnote", "comment")}
        self.counts = dict.fromkeys(self.notes, 0)
        self.signs = {
            "t": self._run, "p": self._paragraph, "tbl": self._table, "br": self._break, "sym": self._symbol,
            "txbxContent": self._box, "AlternateContent": self._alternate, "drawing": self._drawing,
            "pict": self._drawing, "object": self._drawing, "footnoteReference": self._note,
            "endnoteReference": self._note, "commentReference": self._comment, "altChunk": self._chunk,
        }  # fmt: skip

    def text(self) -> str:
        heads, feet = self._around("header+xml", "cabeçalho"), self._around("footer+xml", "rodapé")
        self.out = [f"{each}\n" for each in heads]
        main = next((name for name, kind in self.kinds.items() if kind.endswith(MAIN)), "word/document.xml")
        for parent, element in self.archive.children(main, 2):
            if parent == "body":
                self._walk(element)
        return "".join([*self.out, *(f"{each}\n" for each in feet)])

    def _tree(self, ending: str) -> Any:
        name = next((name for name, kind in self.kinds.items() if kind.endswith(ending)), "")
        return self.archive.tree(name)

    def _by_id(self, ending: str) -> dict[str, Any]:
        tree = self._tree(ending)
        return {} if tree is None else {attribute(each, "id"): each for each in tree if local(each)}

    def _around(self, ending: str, word: str) -> list[str]:
        """Headers or footers: each text once, whatever number of sections repeat it."""
        names = sorted(name for name, kind in self.kinds.items() if kind.endswith(ending))
        texts = (self._inside(self.archive.tree(name)).strip() for name in names if name in self.archive)
        return [f"[{word}: {text}]" for text in dict.fromkeys(texts) if text and text != picture("")]

    def _run(self, element: Any) -> None:
        self.out.append(element.text or "")

    def _paragraph(self, element: Any) -> None:
        properties = child(element, "pPr")
        if properties is not None and _on(child(properties, "pageBreakBefore")):
            self.out.append(BREAK)
        self.out.append(self.numbering.label(properties))
        self._children(element)
        self._end_paragraph()
        if properties is not None and _new_page(child(properties, "sectPr")):
            self.out.append(BREAK)

    def _table(self, element: Any) -> None:
        for row in rows(element):
            properties = child(row, "trPr")
            if properties is not None and child(properties, "del") is not None:
                continue
            cells = [self._inside(cell).strip("\n") for cell in cells_of(row)]
            breaks = BREAK if next(row.iter("{*}lastRenderedPageBreak"), None) is not None else ""
            self.out.append(breaks + "\t".join(cells) + "\n")

    def _break(self, element: Any) -> None:
        self.out.append(BREAK if attribute(element, "type") == "page" else "\n")

    def _symbol(self, element: Any) -> None:
        try:
            code = int(attribute(element, "char"), 16)
        except ValueError:
            return
        self.out.append(BOXES.get(code, "•") if 0xE000 <= code <= 0xF8FF else chr(code) if code < 0x110000 else "")

    def _alternate(self, element: Any) -> None:
        """The same thing twice, for newer and older programs: it is read once."""
        choices = [each for each in element if local(each) in {"Choice", "Fallback"}]
        for choice in choices:
            read, waiting = len(self.out), len(self.after)
            self._children(choice)
            if len(self.after) > waiting or any(text.strip() for text in self.out[read:]):
                return

    def _drawing(self, element: Any) -> None:
        read, waiting = len(self.out), len(self.after)
        self._children(element)
        if len(self.out) == read and len(self.after) == waiting:
            described = next(element.iter("{*}docPr"), None)
            self.out.append(picture("" if described is None else attribute(described, "descr")))

    def _note(self, element: Any) -> None:
        kind = local(element).removesuffix("Reference")
        word = "nota" if kind == "footnote" else "nota final"
        if attribute(element, "customMarkFollows", "0") in OFF:
            self.counts[kind] += 1
            word += f" {self.counts[kind]}"
        # else its sign is in the text, right after it, and it is not counted
        self.out.append(f"[{word}]")
        note = self.notes[kind].get(attribute(element, "id"))
        if note is not None:
            self.after.append(f"[{word}: {self._inside(note).strip()}]")

    def _comment(self, element: Any) -> None:
        comment = self.notes["comment"].get(attribute(element, "id"))
        if comment is not None:
            author = attribute(comment, "author")
            by = f" de {author}" if author else ""
            self.after.append(f"[comentário{by}: {self._inside(comment).strip()}]")

    def _chunk(self, element: Any) -> None:
        self.out.append(f"{CHUNK}\n")


def part_kinds(archive: Archive) -> dict[str, str]:
    """Every part that is named in the list of contents, and its type."""
    tree = archive.tree(TYPES)
    named = [] if tree is None else [each for each in tree if local(each) == "Override"]
    return {attribute(each, "PartName").lstrip("/"): attribute(each, "ContentType") for each in named}


def picture(described: str) -> str:
    """What stands in the text for a picture, so that it is seen that there is one."""
    described = " ".join(described.split())
    return f"[imagem: {described}]" if described else "[imagem]"


def rows(table: Any) -> list[Any]:
    """The table's own rows, also those inside content controls and tracked insertions."""
    return _within(table, "tr", {"tbl", "tc"})


def cells_of(row: Any) -> list[Any]:
    return _within(row, "tc", {"tbl"})


def _within(element: Any, wanted: str, not_into: set[str]) -> list[Any]:
    found = []
    for each in element:
        name = local(each)
        if name == wanted:
            found.append(each)
        elif name and name not in not_into and name not in LEFT_OUT:
            found.extend(_within(each, wanted, not_into))
    return found


def _on(element: Any) -> bool:
    return element is not None and attribute(element, "val", "1") not in OFF


def _new_page(section: Any) -> bool:
    """Whether a section that ends here is taken to end its page. (How the next one begins is only said at its end.)"""
    if section is None:
        return False
    kind = child(section, "type")
    return kind is None or attribute(kind, "val") != "continuous"
