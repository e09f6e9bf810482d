"""HTML: its text. Nothing in it is run or fetched; scripts and styles are no text; what is hidden is kept."""

import re
from html.parser import HTMLParser

from uploads.reading.readers import Sections, Source
from uploads.reading.sections import sections
from uploads.reading.text import decoded

LEFT_OUT = frozenset({"script", "style"})
# fmt: off
LINES = frozenset([
    "p", "div", "br", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "table", "section", "article",
    "header", "footer", "main", "aside", "nav", "blockquote", "pre", "hr", "dl", "dt", "dd", "form", "fieldset",
    "figure", "figcaption", "title", "address", "center", "option",
])
# fmt: on
PIECE = 64 * 1024
SPACES = re.compile(r"[ \t\r\n\f]+")


class Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.left_out = 0
        self.kept = 0  # inside <pre>, white space is meant

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.left_out += tag in LEFT_OUT
        self.kept += tag == "pre"
        if tag in LINES:
            self.out.append("\n")
        elif tag in {"td", "th"}:
            self.out.append("\t")
        elif tag == "img" and (described := dict(attrs).get("alt")):
            self.out.append(f"[imagem: {described}]")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in LEFT_OUT:
            self.handle_starttag(tag, attrs)
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self.left_out = max(self.left_out - (tag in LEFT_OUT), 0)
        self.kept = max(self.kept - (tag == "pre"), 0)
        if tag in LINES and tag != "br":
            self.out.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.left_out:
            self.out.append(data if self.kept else one_space(data))


def one_space(text: str) -> str:
    """Line ends and runs of spaces as a browser shows them; a no-break space is a letter like others."""
    return SPACES.sub(" ", text)


def text_of(html: str) -> str:
    parser = Text()
    for start in range(0, len(html), PIECE):
        parser.feed(html[start : start + PIECE])
    parser.close()
    lines = [line.strip(" \r\t") for line in "".join(parser.out).split("\n")]
    kept = (line for line, before in zip(lines, ["", *lines[:-1]], strict=True) if line.strip() or before.strip())
    return "\n".join(kept)


def open_html(source: Source) -> Sections:
    return Sections(sections(text_of(decoded(source.all(source.limits.text_bytes), html=True)), source.limits))
