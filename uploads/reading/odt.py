"""LibreOffice's ODT: text, lists, tables, notes, comments, text boxes, headers and footers, in the order of reading.

Tracked changes: what was inserted stands in the text, what was deleted is kept apart and left out.
"""

from __future__ import annotations

from typing import Any

from uploads.reading.archive import Archive, attribute, local
from uploads.reading.found import Unreadable
from uploads.reading.numbering import child, number
from uploads.reading.readers import Sections, Source
from uploads.reading.sections import BREAK, sections
from uploads.reading.walking import Walk

PLAIN = {"tab": "\t", "line-break": "\n", "soft-page-break": BREAK}
# fmt: off
LEFT_OUT = frozenset([
    "tracked-changes", "forms", "sequence-decls", "variable-decls", "user-field-decls", "event-listeners",
    "note-citation", "bookmark-start", "bookmark-end", "change", "change-start", "change-end",
])
# fmt: on
ABOUT = frozenset({"creator", "date", "date-string"})  # of a comment; in the text, fields have the same names
AROUND = {"header": "cabeçalho", "footer": "rodapé"}
MOST_SPACES = 200


def open_odt(source: Source) -> Sections:
    archive = Archive(source)
    manifest = archive.tree("META-INF/manifest.xml")
    if manifest is not None and next(manifest.iter("{*}encryption-data"), None) is not None:
        raise Unreadable("locked")
    return Sections(sections(Odt(archive).text(), source.limits))


class Odt(Walk):
    left_out, plain = LEFT_OUT, PLAIN

    def __init__(self, archive: Archive) -> None:
        super().__init__()
        self.archive = archive
        self.before: set[str] = set()  # styles whose paragraphs begin a page
        self.ending: set[str] = set()  # styles whose paragraphs end one
        self.notes = 0
        self.signs = {
            "p": self._paragraph, "h": self._paragraph, "s": self._spaces, "table-row": self._row, "note": self._note,
            "annotation": self._comment, "text-box": self._box, "frame": self._frame, "image": self._image,
        }  # fmt: skip

    def text(self) -> str:
        styles = self.archive.tree("styles.xml")
        around = [] if styles is None else self._around(styles)
        self.out = [f"{text}\n" for word, text in around if word == "header"]
        for parent, element in self.archive.children("content.xml", 2):
            if parent == "automatic-styles":
                self._style(element)
        for parent, element in self.archive.children("content.xml", 3):
            if parent == "text":
                self._walk(element)
        return "".join([*self.out, *(f"{text}\n" for word, text in around if word == "footer")])

    def _around(self, styles: Any) -> list[tuple[str, str]]:
        found: dict[tuple[str, str], None] = {}
        for name, word in AROUND.items():
            for each in styles.iter(f"{{*}}{name}", f"{{*}}{name}-left", f"{{*}}{name}-first"):
                text = self._inside(each).strip()
                if text and text != "[imagem]":
                    found[name, f"[{word}: {text}]"] = None
        return list(found)

    def _style(self, element: Any) -> None:
        properties = child(element, "paragraph-properties")
        if properties is None:
            return
        name = attribute(element, "name")
        if attribute(properties, "break-before") == "page" or attribute(element, "master-page-name"):
            self.before.add(name)
        if attribute(properties, "break-after") == "page":
            self.ending.add(name)

    def _children(self, element: Any) -> None:
        """What is inside: in ODT, text stands between elements."""
        inline = local(element) in {"p", "h", "span", "a", "ruby-base", "meta", "meta-field"} or not len(element)
        if inline and element.text:
            self.out.append(spaced(element.text))
        for each in element:
            self._walk(each)
            if inline and each.tail:
                self.out.append(spaced(each.tail))

    def _paragraph(self, element: Any) -> None:
        style = attribute(element, "style-name")
        if style in self.before:
            self.out.append(BREAK)
        self._children(element)
        self._end_paragraph()
        if style in self.ending:
            self.out.append(BREAK)

    def _spaces(self, element: Any) -> None:
        self.out.append(" " * min(max(number(attribute(element, "c", "1")), 1), MOST_SPACES))

    def _row(self, element: Any) -> None:
        cells = [self._inside(cell).strip("\n") for cell in element if local(cell) == "table-cell"]
        self.out.append("\t".join(cells) + "\n")

    def _note(self, element: Any) -> None:
        self.notes += 1
        citation, body = child(element, "note-citation"), child(element, "note-body")
        sign = (citation.text if citation is not None else "") or str(self.notes)
        word = "nota final" if attribute(element, "note-class") == "endnote" else "nota"
        self.out.append(f"[{word} {sign}]")
        if body is not None:
            self.after.append(f"[{word} {sign}: {self._inside(body).strip()}]")

    def _comment(self, element: Any) -> None:
        creator = child(element, "creator")
        by = f" de {creator.text}" if creator is not None and creator.text else ""
        words = "\n".join(self._inside(each).strip() for each in element if local(each) not in ABOUT)
        self.after.append(f"[comentário{by}: {words}]")

    def _frame(self, element: Any) -> None:
        """A picture may be there in several forms: it is one. Its title and description are said with it."""
        pictured = False
        for each in element:
            name = local(each)
            if name not in {"title", "desc"} and not (name == "image" and pictured):
                self._walk(each)
            pictured |= name == "image"

    def _image(self, element: Any) -> None:
        frame = element.getparent()
        titles = [child(frame, name) for name in ("desc", "title")] if frame is not None else []
        described = next((" ".join(each.text.split()) for each in titles if each is not None and each.text), "")
        self.out.append(f"[imagem: {described}]" if described else "[imagem]")


def spaced(text: str) -> str:
    """White space as ODT means it: any run of it is one space."""
    if "\n" not in text and "\t" not in text and "  " not in text:
        return text
    words = " ".join(text.split())
    return f"{' ' if text[0].isspace() else ''}{words}{' ' if words and text[-1].isspace() else ''}"
