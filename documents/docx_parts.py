"""What a Word file has beside its text: styles, numbering, settings, page, header, footer, properties.

The markup is of ECMA-376 (Office Open XML), part 1, chapter 17. Lengths are twips: a twentieth of a point.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.document import Document
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import XmlPart
from docx.oxml import parse_xml
from docx.shared import Cm, Pt
from lxml import etree

from documents.blocks import DEEPEST
from documents.formats import PAPER, POINTS_A_CM, Format
from documents.html import UNSAYABLE
from documents.letterhead import Letterhead

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACE = f'xmlns:w="{W}"'
LANGUAGE = "pt-BR"
LOGO_HEIGHT = 2.0  # cm, at most
FROM_TEXT = 12  # points from the header to the text, and from the text to the footer
FROM_EDGE = 1.25  # cm from the edge of the paper to the header, and to the footer
HEADINGS_NUM, NUMBERED_NUM, BULLET_NUM, FIRST_LIST_NUM = 1, 2, 3, 4
MARKER_FORMATS = {
    "": "bullet", "1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman",
}  # fmt: skip
# Headings that are counted each level by itself: see `docx_body.is_loose`.
LOOSE_HEADINGS = {"part": ("upperRoman", "%1."), "section": ("decimal", "%1."), "topic": ("lowerLetter", "%1)")}
MARKERS = [*MARKER_FORMATS, *LOOSE_HEADINGS]
FIRST_MARKER_ABSTRACT = 2  # the abstract numberings: 0 headings, 1 numbered paragraphs, then one a marker


def twips(cm: float) -> int:
    return round(cm * POINTS_A_CM * 20)


def sayable(text: str) -> str:
    """Escaped, without what XML cannot hold."""
    return escape(UNSAYABLE.sub("", text), {'"': "&quot;"})


# The package ------------------------------------------------------------------------------------


def empty_document(fmt: Format, lists: Sequence[tuple[str, int, int]], *, title: str, author: str) -> Document:
    """A document of that format without a word in it. `lists`: marker, level and first number of each list."""
    document = docx.Document()
    _strip(document)
    for name, kind, type_, markup in (
        ("styles", RELATIONSHIP_TYPE.STYLES, CONTENT_TYPE.WML_STYLES, styles(fmt)),
        ("numbering", RELATIONSHIP_TYPE.NUMBERING, CONTENT_TYPE.WML_NUMBERING, numbering(fmt, lists)),
    ):
        part = XmlPart(PackURI(f"/word/{name}.xml"), type_, parse_xml(markup), document.part.package)
        document.part.relate_to(part, kind)
    _set_settings(document)
    _set_page(document, fmt)
    _set_properties(document, title, author)
    return document


def _strip(document: Document) -> None:
    """What the library's empty document has beside its text and its settings would say who made it."""
    _keep(document.part.rels, "/settings")
    _keep(document.part.package.rels, "/officeDocument", "/core-properties")


def _keep(relations: Any, *kinds: str) -> None:
    for key in [key for key, relation in relations.items() if not relation.reltype.endswith(kinds)]:
        del relations[key]


def _set_settings(document: Document) -> None:
    element = document.settings.element
    for child in list(element):
        element.remove(child)
    for child in parse_xml(SETTINGS):
        element.append(child)


# A line that ends with a break is not stretched to the margin.
# Mode 15 is Word's own since 2013; any lower one is its compatibility mode ([MS-DOCX] 2.1.12).
SETTINGS = f"""<w:settings {NAMESPACE}>
<w:defaultTabStop w:val="709"/><w:characterSpacingControl w:val="doNotCompress"/>
<w:compat><w:doNotExpandShiftReturn/>{"".join(
    f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word" w:val="{value}"/>'
    for name, value in (("compatibilityMode", 15), ("overrideTableStyleFontSizeAndJustification", 1),
                        ("enableOpenTypeFeatures", 1), ("doNotFlipMirrorIndents", 1),
                        ("differentiateMultirowTableHeaders", 1))
)}</w:compat>
<w:themeFontLang w:val="{LANGUAGE}"/><w:decimalSymbol w:val=","/><w:listSeparator w:val=";"/>
</w:settings>"""  # fmt: skip


def _set_page(document: Document, fmt: Format) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(PAPER[0]), Cm(PAPER[1])
    section.top_margin, section.bottom_margin = Cm(fmt.top), Cm(fmt.bottom)
    section.left_margin, section.right_margin = Cm(fmt.left), Cm(fmt.right)
    section.header_distance = section.footer_distance = Cm(FROM_EDGE)
    section.gutter = Cm(0)


def _set_properties(document: Document, title: str, author: str) -> None:
    properties = document.core_properties
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    properties.title, properties.author = UNSAYABLE.sub("", title)[:255], UNSAYABLE.sub("", author)[:255]
    properties.last_modified_by = properties.author
    properties.created = properties.modified = now
    properties.language, properties.revision = LANGUAGE, 1
    properties.comments = properties.keywords = properties.subject = properties.category = ""


# Header and footer ------------------------------------------------------------------------------


def add_paper(document: Document, fmt: Format, head: Letterhead | None) -> None:
    """The letterhead, and the number of each page."""
    head = head or Letterhead()
    section = document.sections[0]
    if head.logo or head.header:
        section.header.is_linked_to_previous = False
        paragraph = section.header.paragraphs[0]
        if head.logo:
            picture = paragraph.add_run().add_picture(BytesIO(head.logo))
            picture._inline.docPr.set("descr", "Logotipo")
            widest = Cm(PAPER[0] - fmt.left - fmt.right)
            shrunk = min(1, Cm(LOGO_HEIGHT) / picture.height, widest / picture.width)
            picture.width, picture.height = round(picture.width * shrunk), round(picture.height * shrunk)
        else:
            section.header._element.remove(paragraph._p)
        _add_lines(section.header._element, "Header", head.header)
        last = section.header.paragraphs[-1].paragraph_format  # where it reaches below the margin, the text keeps off
        last.space_after = Pt(FROM_TEXT)
    section.footer.is_linked_to_previous = False
    footer = section.footer._element
    footer.remove(section.footer.paragraphs[0]._p)
    _add_lines(footer, "Footer", head.footer)
    footer.append(parse_xml(PAGE_NUMBER))
    section.footer.paragraphs[0].paragraph_format.space_before = Pt(FROM_TEXT)


def _add_lines(parent: etree._Element, style: str, lines: Sequence[str]) -> None:
    for line in lines:
        said = f'<w:r><w:t xml:space="preserve">{sayable(line)}</w:t></w:r>'
        parent.append(parse_xml(f'<w:p {NAMESPACE}><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{said}</w:p>'))


def _field(name: str) -> str:
    steps = ('<w:fldChar w:fldCharType="begin"/>', f'<w:instrText xml:space="preserve"> {name} </w:instrText>',
             '<w:fldChar w:fldCharType="separate"/>', "<w:t>1</w:t>", '<w:fldChar w:fldCharType="end"/>')  # fmt: skip
    return "".join(f"<w:r>{step}</w:r>" for step in steps)


PAGE_NUMBER = (
    f'<w:p {NAMESPACE}><w:pPr><w:pStyle w:val="PageNumber"/></w:pPr>'
    f'<w:r><w:t xml:space="preserve">Página </w:t></w:r>{_field("PAGE")}'
    f'<w:r><w:t xml:space="preserve"> de </w:t></w:r>{_field("NUMPAGES")}</w:p>'
)


# Styles -----------------------------------------------------------------------------------------


def styles(fmt: Format) -> str:
    """`word/styles.xml`. The names of built-in styles are Word's own, which it shows in the reader's language."""
    text = _spacing(fmt.before, fmt.after, fmt.line)
    single = _spacing(0, 0, 1)
    heading = _spacing(fmt.heading_before, fmt.heading_after, fmt.line)
    title = _spacing(fmt.title_before, fmt.title_after, fmt.line)
    left = '<w:jc w:val="left"/>'
    centre, flush = '<w:ind w:firstLine="0"/><w:jc w:val="center"/>', '<w:ind w:firstLine="0"/>'
    caps = "<w:caps/>" if fmt.heading_capitals else ""
    headings = [
        _style(
            f"Heading{level}", f"heading {level}", "Normal",
            f'<w:keepNext/><w:keepLines/><w:numPr><w:ilvl w:val="{level - 1}"/>'
            f'<w:numId w:val="{HEADINGS_NUM}"/></w:numPr>{heading}'
            f'<w:jc w:val="{"center" if level == 1 and fmt.heading_centred else "left"}"/>'
            f'<w:outlineLvl w:val="{level - 1}"/>',
            f"<w:b/><w:bCs/>{caps if level == 1 else ''}{_size(fmt.heading_sizes[level - 1])}", "BodyText",
        )
        for level in (1, 2, 3)
    ]  # fmt: skip
    made = [
        _style("Title", "Title", "Normal",
               f'<w:keepNext/><w:keepLines/>{title}<w:jc w:val="center"/>',
               f"<w:b/><w:bCs/>{caps}{_size(fmt.title_size)}", "BodyText"),
        *headings,
        _style("BodyText", "Body Text", "Normal", f'<w:ind w:firstLine="{twips(fmt.first_line)}"/>'),
        _style("Numerado", "Parágrafo numerado", "BodyText", f'<w:numPr><w:numId w:val="{NUMBERED_NUM}"/></w:numPr>'),
        _style("Centro", "Centralizado", "BodyText", centre),
        _style("Direita", "À direita", "BodyText", f'{flush}<w:jc w:val="right"/>'),
        _style("Quote", "Quote", "Normal",
               f'{_spacing(fmt.before, fmt.after, fmt.quote_line)}<w:ind w:left="{twips(fmt.quote_indent)}"/>',
               _size(fmt.quote_size)),
        _style("ListParagraph", "List Paragraph", "Normal"),
        _style("TextoTabela", "Texto de tabela", "Normal", f"{single}{left}"),
        _style("Header", "header", "Normal", f'{single}<w:jc w:val="center"/>', _size(fmt.foot_size)),
        _style("Footer", "footer", "Normal", f'{single}<w:jc w:val="center"/>', _size(fmt.foot_size)),
        _style("PageNumber", "Número de página", "Footer", '<w:jc w:val="right"/>'),
        _style("Signature", "Signature", "Normal", f'<w:keepNext/><w:keepLines/>{single}<w:jc w:val="center"/>'),
    ]  # fmt: skip
    return f"""<w:styles {NAMESPACE}><w:docDefaults><w:rPrDefault><w:rPr>{_fonts(fmt.font)}{_size(fmt.size)}
<w:lang w:val="{LANGUAGE}" w:eastAsia="{LANGUAGE}" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault/>
</w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>
<w:pPr>{text}<w:jc w:val="both"/></w:pPr><w:rPr>{_fonts(fmt.font)}{_size(fmt.size)}</w:rPr></w:style>
<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/>
<w:uiPriority w:val="1"/><w:semiHidden/></w:style>
<w:style w:type="numbering" w:default="1" w:styleId="NoList"><w:name w:val="No List"/><w:semiHidden/></w:style>
{TABLE_STYLES}{"".join(made)}</w:styles>"""


def _style(key: str, name: str, base: str, paragraph: str = "", run: str = "", following: str = "") -> str:
    ours = "" if name.isascii() else ' w:customStyle="1"'
    return (
        f'<w:style w:type="paragraph"{ours} w:styleId="{key}"><w:name w:val="{name}"/><w:basedOn w:val="{base}"/>'
        f"{f'<w:next w:val={chr(34)}{following}{chr(34)}/>' if following else ''}<w:qFormat/>"
        f"{f'<w:pPr>{paragraph}</w:pPr>' if paragraph else ''}{f'<w:rPr>{run}</w:rPr>' if run else ''}</w:style>"
    )


def _fonts(name: str) -> str:
    return f'<w:rFonts w:ascii="{name}" w:hAnsi="{name}" w:eastAsia="{name}" w:cs="{name}"/>'


def _size(points: float) -> str:
    return f'<w:sz w:val="{round(points * 2)}"/><w:szCs w:val="{round(points * 2)}"/>'


def _spacing(before: float, after: float, line: float) -> str:
    return (
        f'<w:spacing w:before="{round(before * 20)}" w:after="{round(after * 20)}" '
        f'w:line="{round(line * 240)}" w:lineRule="auto"/>'
    )


_BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
TABLE_STYLES = f"""<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>
<w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>
<w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/>
<w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>
<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:basedOn w:val="TableNormal"/>
<w:tblPr><w:tblBorders>{_BORDERS}</w:tblBorders></w:tblPr></w:style>"""


# Numbering --------------------------------------------------------------------------------------


def numbering(fmt: Format, lists: Sequence[tuple[str, int, int]]) -> str:
    """`word/numbering.xml`: I. / 1. / a) of the headings, the numbered paragraphs, and each list from its own start."""
    first = _indent(fmt)
    headings = "".join(
        _level(place, kind, text, suffix="space", style=f"Heading{place + 1}", more=FLUSH)
        for place, (kind, text) in enumerate((("upperRoman", "%1."), ("decimal", "%2."), ("lowerLetter", "%3)")))
    )
    made = [
        _abstract(0, headings),
        _abstract(1, _level(0, "decimal", "%1.", suffix="space", style="Numerado", more=first)),
    ]
    for place, marker in enumerate(MARKERS):
        made.append(_abstract(FIRST_MARKER_ABSTRACT + place, _levels(fmt, marker)))
    made += [_num(HEADINGS_NUM, 0), _num(NUMBERED_NUM, 1), _num(BULLET_NUM, FIRST_MARKER_ABSTRACT)]
    for place, (marker, level, start) in enumerate(lists):
        override = f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="{start}"/></w:lvlOverride>'
        made.append(_num(FIRST_LIST_NUM + place, FIRST_MARKER_ABSTRACT + MARKERS.index(marker), override))
    return f"<w:numbering {NAMESPACE}>{''.join(made)}</w:numbering>"


def _abstract(key: int, levels: str) -> str:
    return (
        f'<w:abstractNum w:abstractNumId="{key}"><w:nsid w:val="{0x10A0_0000 + key:08X}"/>'
        f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
    )


def _num(key: int, abstract: int, override: str = "") -> str:
    return f'<w:num w:numId="{key}"><w:abstractNumId w:val="{abstract}"/>{override}</w:num>'


def _levels(fmt: Format, marker: str) -> str:
    if marker in LOOSE_HEADINGS:
        return _level(0, *LOOSE_HEADINGS[marker], suffix="space", more=FLUSH)
    return "".join(_marker_level(fmt, marker, level) for level in range(DEEPEST))


def _marker_level(fmt: Format, marker: str, level: int) -> str:
    text = "•" if not marker else f"%{level + 1}{'.' if marker == '1' else ')'}"
    indent = f'<w:pPr><w:ind w:left="{list_left(fmt, level)}" w:hanging="{twips(fmt.list_hanging)}"/></w:pPr>'
    return _level(level, MARKER_FORMATS[marker], text, more=indent)


# Said, since some programs indent what is counted when nothing is.
FLUSH = '<w:pPr><w:ind w:left="0" w:firstLine="0"/></w:pPr>'


def _indent(fmt: Format) -> str:
    return f'<w:pPr><w:ind w:left="0" w:firstLine="{twips(fmt.first_line)}"/></w:pPr>'


def list_left(fmt: Format, level: int) -> int:
    """From the margin to the words of an item of that level, in twips."""
    return twips(fmt.list_indent * (level + 1))


def _level(place: int, kind: str, text: str, *, suffix: str = "tab", style: str = "", more: str = "") -> str:
    linked = f'<w:pStyle w:val="{style}"/>' if style else ""
    return (
        f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>{linked}<w:suff w:val="{suffix}"/>'
        f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>{more}</w:lvl>'
    )
