"""What must hold of whatever anybody writes, pastes or sends: no page runs it, no word is lost; Hypothesis tries."""

from __future__ import annotations

import re
from base64 import b64encode
from email import message_from_bytes, policy
from html import unescape
from html.parser import HTMLParser
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from documents import html as stored
from documents.blocks import plain
from documents.from_markdown import blocks_of
from romagent.base import markdown
from tests.strategies import texts, tried
from uploads import names
from uploads.reading.html import text_of
from uploads.reading.mail import letters
from uploads.reading.text import decoded

# HTML ---------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """Whatever in a piece of HTML could run, load or send."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {
            "script",
            "style",
            "iframe",
            "object",
            "embed",
            "form",
            "input",
            "button",
            "link",
            "meta",
            "base",
            "svg",
            "math",
            "img",
            "video",
            "audio",
            "template",
            "noscript",
        }:
            self.bad.append(tag)
        for name, value in attrs:
            address = re.sub(r"[\x00-\x20]", "", unescape(value or "")).lower()
            if name.startswith("on") or name in {
                "style",
                "srcdoc",
                "src",
                "srcset",
                "action",
                "formaction",
                "id",
                "name",
            }:
                self.bad.append(name)
            if name == "href" and not re.match(r"(/(?!/)|#|\?)", address):
                self.bad.append(address)


HTML = (
    "<p>", "</p>", "<b>", "<strong>", "</strong>", "<em>", "<script>", "</script>", "alert(1)", "<img src=x onerror=alert(1)>", "<svg/onload=x>", "<a href='java",
    "script:x'>", "<a href=//x.example>", "<a href='http://x.example'>", "</a>", "<!--", "-->", "<![CDATA[", "]]>", "<style>", "</style>", "<table>", "<tr>", "<td colspan=9999>",
    "</td>", "</table>", "<h1>", "</h1>", "<ol start=5>", "<ul>", "<li>", "</li>", "</ol>", "<blockquote>", "</blockquote>", "&lt;script&gt;", "&#x6A;avascript:", "&", "<", ">", '"', "'",
    "<math><mtext><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>", "<br>", " ", "palavra", "<p class=x style=y>", "<iframe srcdoc=x>", "<noscript>",
)  # fmt: skip
MARKDOWN = (
    "# ", "## ", "* ", "1. ", "> ", "`", "```\n", "**", "_", "~~", "[x](", "javascript:alert(1)", "//x.example", "http://x.example/?a=b", "/conversas/", ")", "![", "](data:text/html,x)", "|", "---", "\n", "\n\n", "    ",
    "<script>alert(1)</script>", "<a href=x onclick=y>", "&lt;", "&#106;avascript:", "[a]: javascript:x\n", "[a]", "{\ue2001\ue201}", "palavra ", "\\",
)  # fmt: skip


def whole(text: str) -> str:
    """As a reply's text is before anything is made of it: PostgreSQL could not keep half a character."""
    return text.encode("utf-8", "replace").decode()


@settings(max_examples=200)
@given(texts(*MARKDOWN, *HTML[:20]))
def test_markdown_becomes_nothing_that_runs_loads_or_leads_elsewhere(text: str) -> None:
    html = markdown.to_html(whole(text))
    assert Tags(html).bad == []
    assert not markdown.NOTE.search(html)


@tried
@given(st.lists(texts(*MARKDOWN, most=4), max_size=8))
def test_markdown_that_grows_is_as_safe_as_a_whole_one(pieces: list[str]) -> None:
    growing = markdown.GrowingMarkdown()
    for piece in pieces:
        growing.append(whole(piece))
        assert Tags(growing.take_finished() + growing.open_html()).bad == []


@settings(max_examples=200)
@given(texts(*HTML))
def test_a_document_is_cleaned_of_what_runs_and_cleaning_twice_changes_nothing(html: str) -> None:
    try:
        clean = stored.clean(html)
    except stored.TooLarge:
        return
    assert Tags(clean).bad == []
    assert stored.clean(clean) == clean
    assert stored.write(stored.parse(clean)) == clean


WORD = st.text("abcçãéABCÓ0123456789,.;:()“”§ºª/-", min_size=1, max_size=10)


@tried
@given(
    st.lists(st.lists(WORD, min_size=1, max_size=6), min_size=1, max_size=6),
    st.sampled_from(["p", "h1", "blockquote", "li"]),
)
def test_a_documents_words_are_kept(paragraphs: list[list[str]], tag: str) -> None:
    said = [" ".join(words) for words in paragraphs]
    inner = "".join(f"<{tag}>{'<b>' if tag == 'p' else ''}{words}</{tag}>" for words in said)
    clean = stored.clean(f"<ul>{inner}</ul>" if tag == "li" else inner)
    assert plain(stored.parse(clean), numbers=False).split() == " ".join(said).split()


@tried
@given(texts(*MARKDOWN))
def test_a_reply_becomes_a_document_whatever_stands_in_it(text: str) -> None:
    html = stored.write(blocks_of(text))
    assert Tags(html).bad == []
    assert stored.clean(html) == stored.clean(stored.clean(html))


@tried
@given(texts(*HTML))
def test_a_page_of_html_is_read_without_its_tags(html: str) -> None:
    assert isinstance(text_of(html), str)


# Files --------------------------------------------------------------------------------------------


@tried
@given(texts("../", "\\", "/", "a" * 100, ".pdf", ".", " ", "C:", "CON", "." + "x" * 300))
def test_a_files_name_is_one_name_that_can_be_kept(given_: str) -> None:
    name = names.clean_name(given_)
    assert 0 < len(name) <= names.LONGEST
    assert not re.search(r"[/\\\x00-\x1f\x7f\u202e]", name)
    assert name.strip(" .")
    pk = UUID(int=1)
    assert re.fullmatch(rf"{pk}(\.[a-z0-9]{{1,8}})?", names.stored_name(pk, name))
    assert names.mime_type_of(name)


MARKS = (
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\x00",
    "ação".encode(),
    "ação".encode("cp1252"),
    "ação".encode("utf-16-le"),
    b"<meta charset=",
    b"'utf-7'>",
    b"'hex'>",
    b"idna",
    b"x" * 50,
)


@settings(max_examples=200)
@given(st.lists(st.sampled_from(MARKS) | st.binary(max_size=8), max_size=12).map(b"".join), st.booleans())
def test_any_bytes_are_read_as_text(data: bytes, html: bool) -> None:
    text = decoded(data, html=html)
    text.encode()
    assert "\r" not in text


@settings(max_examples=200)
@given(
    st.sampled_from(
        [
            "utf-8",
            "latin1",
            "idna",
            "hex",
            "unicode_escape",
            "raw_unicode_escape",
            "utf-7",
            "rot13",
            "x" * 80,
            "punycode",
        ]
    ),
    st.lists(st.sampled_from([*MARKS, b"\\ud800", b"+2AA-", b"xn--"]) | st.binary(max_size=8), max_size=8).map(
        b"".join
    ),
)
def test_a_letter_is_read_whatever_encoding_it_claims(said: str, data: bytes) -> None:
    head = f"Content-Type: text/plain; charset={said}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    part = message_from_bytes(head.encode() + b64encode(data), policy=policy.default)
    letters(part, html=False).encode()


@tried
@given(
    st.text("aeiouãçéíõú bcdfglmnprstv,.\n", min_size=40),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
)
def test_a_text_comes_out_of_its_bytes_as_it_went_in(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding)) == text
