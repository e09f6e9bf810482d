"""HTML: its text. Nothing in it is run or fetched; scripts and styles are no text; what is hidden is kept."""

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

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


class Text:
    """What the parser tells of its way through the tags; no tree is built, so depth costs nothing."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.left_out = 0
        self.kept = 0  # inside <pre>, white space is meant

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.left_out += tag in LEFT_OUT
        self.kept += tag == "pre"
        if tag in LINES:
            self.out.append("\n")
        elif tag in {"td", "th"}:
            self.out.append("\t")
        elif tag == "img" and (described := attributes.get("alt")):
            self.out.append(f"[imagem: {one_space(described)}]")

    def end(self, tag: str) -> None:
        self.left_out = max(self.left_out - (tag in LEFT_OUT), 0)
        self.kept = max(self.kept - (tag == "pre"), 0)
        if tag in LINES and tag != "br":
            self.out.append("\n")

    def data(self, data: str) -> None:
        if self.left_out:
            return
        text = data if self.kept else one_space(data)
        if not self.kept and self.out and self.out[-1].endswith((" ", "\n")):
            text = text.lstrip(" ")
        self.out.append(text)

    def comment(self, text: str) -> None:
        """No text."""

    def close(self) -> str:
        return "".join(self.out)


def one_space(text: str) -> str:
    """Line ends and runs of spaces as a browser shows them; a no-break space is a letter like others."""
    return SPACES.sub(" ", text)


def text_of(html: str) -> str:
    target: Any = Text()
    parser = etree.HTMLParser(target=target, encoding="utf-8", no_network=True, huge_tree=True)
    for start in range(0, len(html), PIECE):
        parser.feed(html[start : start + PIECE].encode("utf-8", "replace"))
    text = str(parser.close()) if html else ""
    lines = [line.strip(" \r\t") for line in text.split("\n")]
    kept = (line for line, before in zip(lines, ["", *lines[:-1]], strict=True) if line.strip() or before.strip())
    return "\n".join(kept)


def open_html(source: Source) -> Sections:
    return Sections(sections(text_of(decoded(source.all(source.limits.text_bytes), html=True)), source.limits))
