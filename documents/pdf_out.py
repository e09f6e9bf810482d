"""A document as PDF/A-2b (ISO 19005-2), and a PDF/A in parts. Nothing of Django: a child of the web process runs this.

Typst sets the text: a compiler in one wheel that knows PDF/A. It is given a document as data, never as source.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from documents import pdf_data
from documents.blocks import Block
from documents.fonts import FAMILY as LAST_RESORT
from documents.formats import Format
from documents.letterhead import Letterhead

if TYPE_CHECKING:
    import pikepdf
    import typst

HERE = Path(__file__).resolve().parent
TEMPLATE = HERE / "peca.typ"
ALWAYS_THERE = "Lato"
# After those of the format: what typst brings along knows most signs.
FALLBACKS = ("Libertinus Serif", "New Computer Modern", "New Computer Modern Math", "DejaVu Sans")
MEGABYTE = 1_000_000  # bytes: the smaller of the two that are called so, for courts do not say which they mean
LANGUAGE = "pt-BR"


class PageTooLarge(Exception):
    """One page alone is more than a part may be."""

    def __init__(self, page: int) -> None:
        super().__init__(f"page {page}")
        self.page = page


def render(
    blocks: Sequence[Block], title: str, fmt: Format, head: Letterhead | None = None, *, author: str = ""
) -> bytes:
    """The blocks as PDF/A-2b; `title` and `author` are its properties and stand nowhere in the text."""
    import pikepdf

    data = pdf_data.asked(blocks, title, fmt, head or Letterhead(), author)
    made = _compiled(data, [fmt.font, *fmt.substitutes, ALWAYS_THERE])
    with pikepdf.open(BytesIO(made)) as pdf:
        _describe(pdf, data["title"], data["author"], datetime.now(UTC))
        return _saved(pdf)


# Setting -----------------------------------------------------------------------------------------


def _compiled(data: pdf_data.Data, families: list[str]) -> bytes:
    """The typesetter's PDF. It writes no PDF/A with a sign that no typeface knows: then a box stands for that."""
    import typst

    try:
        return _compile(data, families, _fonts())
    except typst.TypstError as error:
        if "could not be displayed" not in error.message:
            raise
    pdf_data.take_apart(data)
    fonts = _fonts(last_resort=True)
    others = [name for name in (*FALLBACKS, *sorted(fonts.families())) if name != LAST_RESORT]
    return _compile(data, [*families, *others, LAST_RESORT], fonts)


def _compile(data: pdf_data.Data, families: list[str], fonts: typst.Fonts) -> bytes:
    import typst

    inputs = {"data": json.dumps(data), "fonts": json.dumps(list(dict.fromkeys(families)))}
    return typst.compile(TEMPLATE, root=HERE, font_paths=fonts, sys_inputs=inputs, pdf_standards="a-2b")


@cache
def _fonts(*, last_resort: bool = False) -> typst.Fonts:
    """All typefaces there are: looked for once a process."""
    import typst

    lato = find_spec("font_lato")
    folders = [Path(place) / "files" for place in (lato.submodule_search_locations or [])] if lato else []
    if last_resort:
        folders.append(HERE / "fonts")
    return typst.Fonts(include_system_fonts=True, font_paths=[str(folder) for folder in folders])


# What the file says of itself --------------------------------------------------------------------


def _describe(pdf: pikepdf.Pdf, title: str, author: str, when: datetime) -> None:
    """Properties that tell title, author and date, and not which program wrote the file."""
    import pikepdf

    date = when.strftime("D:%Y%m%d%H%M%SZ")
    said = {"/Title": title, "/Author": author, "/CreationDate": date, "/ModDate": date}
    pdf.trailer.Info = pdf.make_indirect(pikepdf.Dictionary({name: text for name, text in said.items() if text}))
    packet = pdf.make_stream(_packet(title, author, when.strftime("%Y-%m-%dT%H:%M:%SZ")).encode())
    packet.Type, packet.Subtype = pikepdf.Name.Metadata, pikepdf.Name.XML
    pdf.Root.Metadata = packet
    pdf.Root.Lang = pikepdf.String(LANGUAGE)


def _packet(title: str, author: str, when: str) -> str:
    """The XMP packet (ISO 16684-1), which says that the file is a PDF/A-2b."""
    named = f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>'
    by = f"<dc:creator><rdf:Seq><rdf:li>{escape(author)}</rdf:li></rdf:Seq></dc:creator>"
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
<dc:format>application/pdf</dc:format>{named if title else ""}{by if author else ""}
<dc:language><rdf:Bag><rdf:li>{LANGUAGE}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{when}</xmp:CreateDate><xmp:ModifyDate>{when}</xmp:ModifyDate>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def _saved(pdf: pikepdf.Pdf) -> bytes:
    import pikepdf

    file = BytesIO()
    pdf.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return file.getvalue()


# In parts ----------------------------------------------------------------------------------------


def split(pdf: bytes, most_mb: float) -> list[bytes]:
    """The pages in as many files as it takes for none to be over `most_mb` million bytes; each is a PDF/A-2b itself.

    Parts have the bookmarks of their pages, and no tags. Raises `PageTooLarge`.
    """
    import pikepdf

    most = int(most_mb * MEGABYTE)
    if len(pdf) <= most:
        return [pdf]
    with pikepdf.open(BytesIO(pdf)) as whole:
        pages = len(whole.pages)
    made: list[bytes] = []
    first = 0
    while first < pages:
        count, part = _longest_part(pdf, first, pages - first, most)
        made.append(part)
        first += count
    return made


def _longest_part(pdf: bytes, first: int, pages: int, most: int) -> tuple[int, bytes]:
    """From page `first` on as many of `pages` as fit: how many, and the file."""
    least, over, found = 0, pages + 1, b""
    guess = min(pages, max(1, pages * most // len(pdf)))
    while over - least > 1:
        part = _part(pdf, first, first + guess)
        if len(part) <= most:
            least, found = guess, part
        else:
            over = guess
        guess = min(2 * guess, (least + over) // 2) if found else (least + over) // 2
    if not found:
        raise PageTooLarge(first + 1)
    return least, found


def _part(pdf: bytes, first: int, end: int) -> bytes:
    import pikepdf

    with pikepdf.open(BytesIO(pdf)) as part:
        del part.pages[end:]
        del part.pages[:first]
        for name in ("/StructTreeRoot", "/MarkInfo", "/Names", "/Dests", "/PageLabels"):
            if name in part.Root:
                del part.Root[name]
        for page in part.pages:
            if "/StructParents" in page:
                del page["/StructParents"]
        if "/Outlines" in part.Root:
            with part.open_outline() as outline:
                outline.root[:] = _marks(outline.root, {page.objgen for page in part.pages})
        part.remove_unreferenced_resources()
        return _saved(part)


def _marks(given: list[Any], pages: set[Any]) -> list[Any]:
    """The bookmarks that lead to these pages, under those that they stand under, which lead to them then."""
    found = []
    for mark in given:
        mark.children[:] = _marks(mark.children, pages)
        if mark.destination[0].objgen not in pages:
            if not mark.children:
                continue
            mark.destination = mark.children[0].destination
        found.append(mark)
    return found
