"""Markdown of a model or a person to HTML that can do no harm.

Two walls: the parser makes no raw HTML and keeps images and links as words, and the sanitiser lets only the tags
below through. Nothing here changes a word of the text: what is saved, shown and exported is the same.

A link's address could carry out what was read, since a text may have been told what to write by a file: it is shown in
full and cannot be clicked. The only links are notes, which the product itself puts in (`note_mark`): a number that
leads to `env["notes"]`, and marks of `env["marks"]` without an address.
"""

import copy
import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

TAGS = {
    "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote",
    "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a", "span",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "class", "data-note", "aria-label"}, "ol": {"start"}, "span": {"class"}, "td": {"class"},
    "th": {"class"},
}  # fmt: skip
# A note in a text that is about to be rendered: private-use characters, which no model's text may hold, between signs
# that end a word, so that `**` before or after one closes or opens what it would without it.
NOTE = re.compile("{\ue200([0-9a-z]{1,8})\ue201}")
NOTE_LETTERS = "\ue200\ue201"
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
    md.inline.ruler.push("note", _note)
    md.add_render_rule("image", _image_as_words)
    md.add_render_rule("note", _note_as_link)
    md.add_render_rule("link_open", _nothing)
    md.add_render_rule("link_close", _address)
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


@dataclass(frozen=True)
class Note:
    """What a note's mark becomes: a number in brackets that leads somewhere, or plain words (without `href`)."""

    words: str
    href: str = ""
    label: str = ""  # for who does not see it
    kind: str = "note-ref"  # its class


def note_mark(name: int | str) -> str:
    """What stands in a text where the note of that name belongs."""
    return f"{{\ue200{name}\ue201}}"


def marked(text: str, marks: Iterable[tuple[int, int | str]]) -> str:
    """The text with notes' marks in it, to be rendered: each so many characters from the beginning, with its name."""
    parts, last = [], 0
    for at, name in sorted(marks, key=lambda mark: mark[0]):
        at = min(at, len(text))
        parts += [text[last:at], note_mark(name)]
        last = at
    return "".join([*parts, text[last:]])


def _note(state: StateInline, silent: bool) -> bool:
    found = NOTE.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("note", "", 0).content = found[1]
    state.pos = found.end()
    return True


def _note_as_link(self: Any, tokens: Sequence[Token], idx: int, options: OptionsDict, known: Any) -> str:
    notes: Mapping[str, Note] = known.get("notes", {})
    note = notes.get(tokens[idx].content)
    if note is None:
        return ""
    words = escape(note.words)
    if not note.href:
        return f'<span class="{note.kind}">{words}</span>'
    label = f' aria-label="{escape(note.label)}"' if note.label else ""
    aside = "" if note.href.startswith("#") else f' data-note="{tokens[idx].content}"'  # opens beside the conversation
    return f'<a class="{note.kind}"{aside} href="{escape(note.href)}"{label}>{words}</a>'


def _nothing(self: Any, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
    return ""


def _address(self: Any, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
    """The address of a link after its words, unless the words are it."""
    start, depth = idx - 1, 1
    while depth:
        depth += {"link_open": -1, "link_close": 1}.get(tokens[start].type, 0)
        start -= 1
    href = str(tokens[start + 1].attrGet("href") or "")
    words = "".join(token.content for token in tokens[start + 2 : idx])
    if not href or href in (words, f"mailto:{words}"):
        return ""
    return f' <span class="address">({escape(href)})</span>'


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
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=set(), link_rel=None)


def to_html(text: str, env: dict[str, Any] | None = None) -> str:
    """The text as safe HTML; `env` holds what earlier pieces of the same text leave to the later ones."""
    html = parser().render(text, {} if env is None else env)
    if "\ue200" in html:  # a note inside of code, or of an address
        html = NOTE.sub("", html)
    return sanitised(html)


class GrowingMarkdown:
    """Renders a text that grows at its end: finished blocks once, the open block again each time.

    A top-level block is finished when another one has begun after it on a complete line; the last line,
    still being written, may yet turn out to be something else (`#` a heading, `#tema` not).
    """

    def __init__(self, notes: dict[str, Note] | None = None) -> None:
        self.text = ""
        self.html = ""  # of the finished blocks
        self.notes = {} if notes is None else notes
        self._env: dict[str, Any] = {"notes": self.notes}
        self._settled = 0  # characters of the text whose HTML has been given out
        self._new_line = False  # only a completed line can finish a block
        self._opened = ""  # the open text that was rendered last, and its HTML, in which more words go in between
        self._opened_html = ("", "")

    def append(self, more: str) -> None:
        self.text += more
        self._new_line = self._new_line or "\n" in more

    def mark(self, name: str, note: Note, *, back: int = 0) -> None:
        """Puts a note where the text ends now, `back` characters before; after them, if those are out already."""
        self.notes[name] = note
        at = len(self.text) - back
        at = at if at >= self._settled else len(self.text)
        self.text = self.text[:at] + note_mark(name) + self.text[at:]
        self._opened_html = ("", "")

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
            html = to_html(
                opened, {**copy.deepcopy({k: v for k, v in self._env.items() if k != "notes"}), "notes": self.notes}
            )
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
