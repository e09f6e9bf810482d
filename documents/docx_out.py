"""A document as a Word file. Nothing of Django: a child of the web process runs this."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from lxml import etree

from documents.blocks import Block
from documents.docx_body import EMPTY, Writer
from documents.docx_parts import NAMESPACE, add_paper, empty_document, sayable
from documents.formats import Format
from documents.letterhead import Letterhead

SIGNATURE_SPACE = 36  # points above the first line: room for a hand


def render(
    blocks: Sequence[Block], title: str, fmt: Format, head: Letterhead | None = None, *, author: str = ""
) -> bytes:
    """The blocks as DOCX; `title` and `author` are its properties and stand nowhere in the text."""
    writer = Writer(fmt, blocks)
    body = "".join(map(writer.block, blocks))
    if writer.after_table:
        body += EMPTY  # a text does not end with a table in Word
    return packed(writer, body, title, fmt, head, author)


def packed(writer: Writer, body: str, title: str, fmt: Format, head: Letterhead | None, author: str) -> bytes:
    """The file around a text that has been written."""
    document = empty_document(fmt, writer.lists.made, title=title, author=author)
    add_paper(document, fmt, head)
    section = etree.tostring(document.element.body[-1], encoding="unicode")
    # Put together as text and parsed once: moving nodes from tree to tree takes lxml minutes for a long table.
    whole = f"<w:document {NAMESPACE}><w:body>{body}{_signature(head)}{section}</w:body></w:document>"
    parser = etree.XMLParser(huge_tree=True, resolve_entities=False)
    document.part._element = etree.fromstring(whole.encode(), parser)  # type: ignore[assignment]  # is only written
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _signature(head: Letterhead | None) -> str:
    lines = head.signature if head else ()
    above = f'<w:spacing w:before="{SIGNATURE_SPACE * 20}"/>'
    return "".join(
        f'<w:p><w:pPr><w:pStyle w:val="Signature"/>{"" if place else above}</w:pPr>'
        f'<w:r><w:t xml:space="preserve">{sayable(line)}</w:t></w:r></w:p>'
        for place, line in enumerate(lines)
    )
