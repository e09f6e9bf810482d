"""Markdown of a model or a person becomes HTML that can do no harm, and loses no word."""

import random
from html.parser import HTMLParser

import pytest

from romagent.base.markdown import ATTRIBUTES, TAGS, to_html


class Reader(HTMLParser):
    """Every tag and attribute, as a browser would see them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def assert_harmless(html: str) -> None:
    for tag, attributes in Reader(html).tags:
        assert tag in TAGS, html
        assert tag != "a", html  # no address of a text's own can be clicked
        assert set(attributes) <= ATTRIBUTES.get(tag, set()), html


HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://mau.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<object data=x></object><embed src=x><base href=//mau.example>",
    "<form action=//mau.example><input name=senha></form>",
    "<style>*{background:url(//mau.example)}</style>",
    "<link rel=stylesheet href=//mau.example><meta http-equiv=refresh content=0;url=//mau.example>",
    "<a href='javascript:alert(1)'>x</a>",
    "<div style='position:fixed;inset:0'>capa</div>",
    "<p onclick=alert(1)>x</p>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<details open ontoggle=alert(1)>",
    "</div></article></main></body><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java&#x0A;script:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x]( javascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/svg+xml,<svg onload=alert(1)>)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://x/y)",
    '[x](https://x.br "titulo\\" onmouseover=\\"alert(1)")',
    "[x](https://x.br 'a' onclick='alert(1)')",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "![x](https://mau.example/rastro.png)",
    "![x](data:image/png;base64,AAAA)",
    "![<img src=x onerror=alert(1)>](x)",
    '![x](x "\\" onerror=\\"alert(1)")',
    "[![x](javascript:alert(1))](javascript:alert(2))",
    "[a]: javascript:alert(1)\n\n[a] e ![a]",
    "| <script> | b |\n|---|---|\n| <img src=x onerror=alert(1)> | [x](javascript:alert(1)) |",
    '| a |\n|:-:" onclick="alert(1)|\n| b |',
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "`<script>alert(1)</script>`",
    "> <script>alert(1)</script>\n> - [x](javascript:alert(1))\n>   1. <b onclick=alert(1)>",
    "**<b onmouseover=alert(1)>**",
    "1. a\n2. <script\n>alert(1)</script\n>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\\<script>alert(1)\\</script>",
    "<a\thref\n=\n'javascript:alert(1)'>x</a>",
    "<ſcript>alert(1)</ſcript>",
    "\u202e<script>alert(1)</script>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_it_can_do_nothing(text: str) -> None:
    assert_harmless(to_html(text))


def test_nor_can_any_two_of_them_together() -> None:
    chance = random.Random(20261122)
    for _ in range(400):
        parts = [chance.choice(HOSTILE) for _ in range(chance.randint(2, 5))]
        assert_harmless(to_html(chance.choice(["", "\n", "\n\n", "> ", "- ", "`", "[", "| "]).join(parts)))


def test_nor_can_pieces_of_them() -> None:
    chance = random.Random(7)
    letters = "".join(HOSTILE)
    for _ in range(400):
        pieces = []
        for _ in range(chance.randint(2, 12)):
            start = chance.randrange(len(letters))
            pieces.append(letters[start : start + chance.randint(1, 20)])
        assert_harmless(to_html("".join(pieces)))


def test_html_is_shown_as_the_text_it_is() -> None:
    assert Reader(to_html("<b>negrito</b> & <script>x</script>")).text.strip() == "<b>negrito</b> & <script>x</script>"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("![assinatura](https://x/y.png)", "[imagem não carregada: assinatura]"),
        ("![](https://x/y.png)", "[imagem não carregada: sem descrição]"),
        ("![a & <b>](https://x/y.png)", "[imagem não carregada: a & <b>]"),
    ],
)
def test_an_image_is_its_description(text: str, words: str) -> None:
    html = to_html(text)
    assert Reader(html).text.strip() == words
    assert "https://x" not in html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            "[lei](https://www.planalto.gov.br 'Planalto')",  # its address could carry something out: it can be read
            'lei <span class="address">(https://www.planalto.gov.br)</span>',
        ),
        ("<mailto:x@y.br>", "mailto:x@y.br"),
        (
            "[a **b** c](/conversas/?q=1&r=2)",
            'a <strong>b</strong> c <span class="address">(/conversas/?q=1&amp;r=2)</span>',
        ),
        ("[https://a.br](https://a.br)", "https://a.br"),
        (
            "~~riscado~~ **forte** *leve* `código`",
            "<s>riscado</s> <strong>forte</strong> <em>leve</em> <code>código</code>",
        ),
        ("um\ndois", "um<br>\ndois"),
        ("art. 5º, LV", "art. 5º, LV"),
        ("www.exemplo.br e https://exemplo.br", "www.exemplo.br e https://exemplo.br"),  # only what is marked is a link
        ('(c) ... -- "aspas"', '(c) ... -- "aspas"'),  # nothing is prettified: what is saved is what is shown
    ],
)
def test_what_may_be_there_is_there(text: str, html: str) -> None:
    assert to_html(text) == f"<p>{html}</p>\n"


def test_a_list_keeps_its_numbers() -> None:
    assert '<ol start="7">' in to_html("7. sete\n8. oito")


def test_a_table_is_aligned_by_class() -> None:
    html = to_html("| a | b | c |\n|:-:|--:|---|\n| 1 | 2 | 3 |")
    assert '<th class="align-center">a</th>' in html
    assert '<td class="align-right">2</td>' in html
    assert "<td>3</td>" in html
    assert "style" not in html


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("# a", ["h3"]),
        ("# a\n\n## b\n\n### c\n\n## d", ["h3", "h4", "h5", "h4"]),
        ("### a\n\n### b", ["h3", "h3"]),  # no level is left out, wherever the text begins
        ("# a\n\n#### b", ["h3", "h4"]),
        ("# 1\n\n## 2\n\n### 3\n\n#### 4\n\n##### 5\n\n###### 6", ["h3", "h4", "h5", "h6", "h6", "h6"]),
    ],
)
def test_headings_stand_below_the_articles_own(text: str, tags: list[str]) -> None:
    assert [tag for tag, _ in Reader(to_html(text)).tags] == tags


def test_no_word_is_lost() -> None:
    text = "# Um\n\ndois **três** [quatro](https://x.br)\n\n- cinco\n- seis\n\n| sete | oito |\n|---|---|\n| nove | dez |\n\n> onze"
    words = Reader(to_html(text)).text.split()
    assert words == [
        "Um",
        "dois",
        "três",
        "quatro",
        "(https://x.br)",
        "cinco",
        "seis",
        "sete",
        "oito",
        "nove",
        "dez",
        "onze",
    ]


@pytest.mark.parametrize(
    "text", ["[" * 5000, "> " * 5000, "*" * 5000, "`" * 5000, "- " * 2000, "![" * 3000, "<" * 5000]
)
def test_a_text_that_is_made_to_be_slow_is_not(text: str) -> None:
    assert_harmless(to_html(text))
