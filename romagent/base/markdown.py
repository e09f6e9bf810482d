"""Markdown of a model or a person to HTML that can do no harm.

Two walls: the parser makes no raw HTML and keeps images as words, and the sanitiser lets only the tags
below through. Nothing here changes a word of the text: what is saved, shown and exported is the same.
"""

import copy
import functools
import re
from collections.abc import Sequence
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

TAGS = {
    "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote",
    "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a", "span",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "span": {"class"}, "td": {"class"}, "th": {"class"}}
LINK_SCHEMES = {"http", "https", "mailto"}
# Most of what grows is words. What is added is only that: nothing in it means something to Markdown or HTML...
WORDS = re.compile(r"(?:[^\W_]|[ ,.:?“”‘’«»º§/%–—-])*")
WORDS_AND_SIGNS = re.compile(r"(?:[^\W_]|[ ,.:?“”‘’«»º§/%–—();-])*")  # ...unless a link or an entity has begun
LAST_WORD = re.compile(r"[^\W_]+(?= *\Z)")
LETTER = re.compile(r"[^\W\d_]")  # a line of signs and figures may yet become a list's beginning, a rule, a table
LONG_LINE = 200  # characters; of a longer one the end is enough
# ...and it goes on from a word of running text: what closes after that word stays closed after the next one.
CLOSERS = re.compile(r"(?:</(?:p|li|ul|ol|blockquote|h[1-6])>\n?)+\Z")


@functools.cache
def parser() -> MarkdownIt:
    """CommonMark with tables and strike-through; raw HTML stays text, line breaks stay line breaks."""
    md = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False}).enable(["table", "strikethrough"])
    md.core.ruler.push("nested_headings", _nest_headings)
    md.add_render_rule("image", _image_as_words)
    md.add_render_rule("th_open", _aligned_cell)
    md.add_render_rule("td_open", _aligned_cell)
    return md


def _nest_headings(state: StateCore) -> None:
    """Headings below the article's own (h2), each at most one level under the one it belongs to.

    Which ones are open is kept in `env`, so that a text rendered in pieces gets what it gets as a whole.
    """
    opened: list[int] = state.env.setdefault("headings", [])
    for token in state.tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
            while opened and opened[-1] >= level:
                opened.pop()
            opened.append(level)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, 2 + len(opened))}"


def _image_as_words(self: RendererProtocol, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
    """A remote image would tell its server who reads what, and when: only its description is shown."""
    words = nh3.clean_text(tokens[idx].content) or "sem descrição"
    return f'<span class="image-left-out">[imagem não carregada: {words}]</span>'


def _aligned_cell(self: Any, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
    """Alignment as a class: the Content-Security-Policy allows no style attribute."""
    token = tokens[idx]
    align = str(token.attrs.pop("style", "")).removeprefix("text-align:")
    if align in {"right", "center"}:
        token.attrSet("class", f"align-{align}")
    return str(self.renderToken(tokens, idx, options, env))


def sanitised(html: str) -> str:
    return nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=LINK_SCHEMES, link_rel="noopener noreferrer nofollow"
    )


def to_html(text: str, env: dict[str, Any] | None = None) -> str:
    """The text as safe HTML; `env` holds what earlier pieces of the same text leave to the later ones."""
    return sanitised(parser().render(text, {} if env is None else env))


class GrowingMarkdown:
    """Renders a text that grows at its end: finished blocks once, the open block again each time.

    A top-level block is finished when another one has begun after it on a complete line; the last line,
    still being written, may yet turn out to be something else (`#` a heading, `#tema` not).
    """

    def __init__(self) -> None:
        self.text = ""
        self.html = ""  # of the finished blocks
        self._env: dict[str, Any] = {}
        self._settled = 0  # characters of the text whose HTML has been given out
        self._new_line = False  # only a completed line can finish a block
        self._opened = ""  # the open text that was rendered last, and its HTML, in which more words go in between
        self._opened_html = ("", "")

    def append(self, more: str) -> None:
        self.text += more
        self._new_line = self._new_line or "\n" in more

    def take_finished(self) -> str:
        """HTML of the blocks that have been finished since the last call."""
        if not self._new_line:
            return ""
        self._new_line = False
        tail = self.text[self._settled :]
        complete = tail[: tail.rfind("\n") + 1]
        cut = self._start_of_last_block(complete)
        if not cut:
            return ""
        html = to_html(complete[:cut], self._env)
        self._settled += cut
        self.html += html
        return html

    def open_html(self) -> str:
        """HTML of what is not finished yet."""
        opened = self.text[self._settled :]
        if not self._goes_on_in_words(opened):
            html = to_html(opened, copy.deepcopy(self._env))
            closers = CLOSERS.search(html)
            cut = closers.start() if closers else len(html)
            self._opened, self._opened_html = opened, (html[:cut], html[cut:])
        return "".join(self._opened_html)

    def _goes_on_in_words(self, opened: str) -> bool:
        """Puts into the HTML what has been added since it was made, when that is possible without the parser."""
        before, (html, closers) = self._opened, self._opened_html
        if not closers or "]:" in before or not opened.startswith(before):
            return False
        line = before[before.rfind("\n") + 1 :][-LONG_LINE:]
        last = LAST_WORD.search(line)
        if last is None or not html.endswith(last[0]) or not LETTER.search(line):
            return False
        added = opened[len(before) :]
        words = WORDS if "[" in before or "&" in before else WORDS_AND_SIGNS
        if not words.fullmatch(added):
            return False
        shown = len(before.rstrip(" "))
        self._opened_html = (html + opened[shown:].rstrip(" "), closers)
        self._opened = opened
        return True

    @staticmethod
    def _start_of_last_block(text: str) -> int:
        """Characters before the last top-level block of `text`; 0 when there is one block at most."""
        starts = [token.map[0] for token in parser().parse(text) if token.level == 0 and token.map]
        if not starts or starts[-1] == starts[0]:
            return 0
        return sum(len(line) + 1 for line in text.split("\n")[: starts[-1]])
