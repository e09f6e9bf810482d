"""What ISO 19005-2 (PDF/A-2), level B, asks of a file and what setting, describing or splitting one could break.

Not a validator of everything: of colours, for one, it asks only for what these files have. Clauses are named beside
what they ask for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import pikepdf

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
PDFAID = "{http://www.aiim.org/pdfa/ns/id/}"
DC = "{http://purl.org/dc/elements/1.1/}"
# 6.5.1: of all actions only these; and named ones only to turn pages.
ACTIONS = {"/GoTo", "/GoToR", "/GoToE", "/Thread", "/URI", "/Named", "/SubmitForm"}
FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")
FILTERS = {"/FlateDecode", "/DCTDecode", "/ASCIIHexDecode", "/ASCII85Decode", "/RunLengthDecode", "/CCITTFaxDecode",
           "/JBIG2Decode", "/JPXDecode"}  # fmt: skip
BLENDS = {"/Normal", "/Compatible", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten", "/ColorDodge", "/ColorBurn",
          "/HardLight", "/SoftLight", "/Difference", "/Exclusion", "/Hue", "/Saturation", "/Color", "/Luminosity"}  # fmt: skip
MOST_NESTED = 28  # 6.1.13: q within q


def problems(data: bytes) -> list[str]:
    """What is wrong with the file; nothing when it is as PDF/A-2b asks, as far as this looks."""
    with pikepdf.open(BytesIO(data)) as pdf:
        return [
            *_file(data, pdf),
            *_metadata(pdf),
            *_catalog(pdf),
            *_objects(pdf),
            *_pages(pdf),
            *pdf.check_pdf_syntax(),
        ]


def _file(data: bytes, pdf: pikepdf.Pdf) -> Iterator[str]:
    if not re.match(rb"%PDF-1\.[1-7]\r?\n%[\x80-\xff]{4}", data):
        yield "6.1.2: the header"
    if "/ID" not in pdf.trailer:
        yield "6.1.3: no file identifier"
    if pdf.is_encrypted or "/Encrypt" in pdf.trailer:
        yield "6.1.3: encrypted"
    if not data.rstrip(b"\r\n").endswith(b"%%EOF"):
        yield "6.1.3: data after the end of the file"


def _metadata(pdf: pikepdf.Pdf) -> Iterator[str]:
    if "/Metadata" not in pdf.Root:
        yield "6.6.2.1: no metadata"
        return
    stream = pdf.Root.Metadata
    if "/Filter" in stream or (stream.get("/Type"), stream.get("/Subtype")) != ("/Metadata", "/XML"):
        yield "6.6.2.1: the metadata stream"
    packet = stream.read_bytes().decode()
    if re.search(r"<\?xpacket[^>]*(bytes|encoding)=", packet):
        yield "6.6.2.1: the packet's header"
    tree = ElementTree.fromstring(packet)
    said = {one.tag: "".join(one.itertext()).strip() for about in tree.iter(f"{RDF}Description") for one in about}
    if (said.get(f"{PDFAID}part"), said.get(f"{PDFAID}conformance")) != ("2", "B"):
        yield "6.6.4: it does not say that it is PDF/A-2b"
    info = pdf.trailer.get("/Info", {})
    for name, tag in (("/Title", f"{DC}title"), ("/Author", f"{DC}creator")):
        if str(info.get(name, "")) != said.get(tag, ""):
            yield f"6.6.3: {name} differs"


def _catalog(pdf: pikepdf.Pdf) -> Iterator[str]:
    intents = list(pdf.Root.get("/OutputIntents", []))
    if [str(one.get("/S")) for one in intents] != ["/GTS_PDFA1"]:
        yield "6.2.3: the output intent"
    for intent in intents:
        profile = intent.get("/DestOutputProfile")
        if profile is None or profile.read_bytes()[36:40] != b"acsp" or profile.read_bytes()[16:20] != b"RGB ":
            yield "6.2.3: the profile of the output intent"
    for name in ("/AA", "/AcroForm", "/Collection", "/OCProperties", "/NeedsRendering", "/Requirements"):
        if name in pdf.Root:
            yield f"6.4.2, 6.5.2, 6.8, 6.9 or 6.11: {name}"
    for name in ("/JavaScript", "/EmbeddedFiles", "/AlternatePresentations"):
        if name in pdf.Root.get("/Names", {}):
            yield f"6.5.1, 6.8 or 6.10: {name}"
    if "/Lang" not in pdf.Root:
        yield "no language"  # of level A only, but we want it


def _objects(pdf: pikepdf.Pdf) -> Iterator[str]:
    for one in pdf.objects:
        if isinstance(one, pikepdf.Stream):
            yield from _stream(one)
        for inner in _dictionaries(one, 0):
            yield from _dictionary(inner)


def _dictionaries(one: Any, depth: int) -> Iterator[Any]:
    """The object itself and what is directly in it; what is elsewhere comes by itself."""
    if depth and getattr(one, "is_indirect", False):
        return
    if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
        yield one
        for name in set(one.keys()):
            yield from _dictionaries(one[name], depth + 1)
    elif isinstance(one, pikepdf.Array):
        for inner in one:
            yield from _dictionaries(inner, depth + 1)


def _stream(one: pikepdf.Stream) -> Iterator[str]:
    if {"/F", "/FFilter", "/FDecodeParms"} & set(one.keys()):
        yield "6.1.7.1: a stream in another file"
    filters = one.get("/Filter", pikepdf.Array())
    names = {str(name) for name in filters} if isinstance(filters, pikepdf.Array) else {str(filters)}
    if not names <= FILTERS:
        yield f"6.1.7.2: filters {names}"
    if str(one.get("/Subtype")) == "/Image":
        if {"/Alternates", "/OPI"} & set(one.keys()) or one.get("/Interpolate") is True:
            yield "6.2.8: an image"
    elif str(one.get("/Subtype")) == "/Form" and {"/OPI", "/PS", "/Ref"} & set(one.keys()):
        yield "6.2.9: a form"
    elif str(one.get("/Subtype")) == "/PS":
        yield "6.2.9: PostScript"


def _dictionary(one: Any) -> Iterator[str]:
    kind = str(one.get("/Type", ""))
    action = str(one.get("/S", ""))
    if (kind == "/Action" or "/JS" in one) and action not in ACTIONS:
        yield f"6.5.1: action {action}"
    if kind == "/Annot":
        yield "an annotation, of which these documents have none"
    if kind == "/Font":
        yield from _font(one)
    if kind == "/ExtGState" and (
        {"/TR", "/TR2", "/HTP"} & set(one.keys()) or str(one.get("/BM", "/Normal")) not in BLENDS
    ):
        yield "6.2.5: a graphics state"


def _font(font: Any) -> Iterator[str]:
    name, kind = str(font.get("/BaseFont", "")), str(font.get("/Subtype"))
    if kind == "/Type3":
        return
    if kind == "/Type0":
        if str(font.get("/Encoding")) != "/Identity-H":
            yield f"6.2.11.3.3: the encoding of {name}"
        if "/ToUnicode" not in font:
            yield f"{name} says not which characters its glyphs are"
        return
    descriptor = font.get("/FontDescriptor", {})
    if sum(file in descriptor for file in FONT_FILES) != 1:
        yield f"6.2.11.4: {name} is not embedded"
    if kind == "/CIDFontType2" and str(font.get("/CIDToGIDMap")) != "/Identity":
        yield f"6.2.11.3.2: the glyphs of {name}"


def _pages(pdf: pikepdf.Pdf) -> Iterator[str]:
    for number, page in enumerate(pdf.pages, 1):
        if "/AA" in page.obj:
            yield f"6.5.2: actions of page {number}"
        fonts = page.resources.get("/Font", {}) if "/Resources" in page.obj else {}
        composite = {name for name, font in fonts.items() if str(font.get("/Subtype")) == "/Type0"}
        yield from (f"{problem} on page {number}" for problem in _content(page, composite))


def _content(page: pikepdf.Page, composite: set[str]) -> Iterator[str]:
    depth, font = 0, ""
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) in ("q", "Q"):
            depth += 1 if str(operator) == "q" else -1
            if not 0 <= depth <= MOST_NESTED:
                yield "6.1.13: nesting"
        elif str(operator) == "Tf":
            font = str(operands[0])
        elif str(operator) in ("Tj", "TJ") and font in composite:
            shown = operands[0] if isinstance(operands[0], pikepdf.Array) else operands
            for one in shown:
                if isinstance(one, pikepdf.String) and _shows_nothing(bytes(one)):
                    yield "6.2.11.8: a character that the font does not have"
    if depth:
        yield "6.1.13: nesting"


def _shows_nothing(codes: bytes) -> bool:
    return any(codes[place : place + 2] == b"\0\0" for place in range(0, len(codes), 2))
