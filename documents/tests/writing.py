"""Documents to be exported: one with everything in it, and any number of random ones."""

from __future__ import annotations

import random

from documents.blocks import Block
from documents.html import clean, parse

EVERYTHING = """<h1>Contestação</h1><p class="direita">São Paulo, [●  data]</p><h2>Dos fatos</h2>
<p>O autor <strong>alega</strong> que <em>nada</em> recebeu<br>e pede H<sub>2</sub>O a 10 m<sup>2</sup>.</p>
<h3>Da citação</h3><h4>Da carta</h4><h4>Do aviso</h4><h3>Da revelia</h3><h4>De novo a</h4>
<p class="numerado">Primeiro.</p><p>No meio.</p><p class="numerado">Segundo, depois de outro texto.</p>
<h2>Do direito</h2><h3>Outra vez um</h3><blockquote><p>Citação longa.</p><p>E seu segundo parágrafo.</p></blockquote>
<ol start="3"><li>três<p>ainda o três</p><ol type="a"><li>a</li><li>b</li></ol></li><li>quatro<ol type="a"><li>a, de novo
<ul><li>ponto</li></ul></li></ol></li><li>cinco</li></ol><p>Entre listas.</p><ol><li>um<ol><li>um dentro</li><li>dois</li>
</ol></li><li>dois<ol start="7"><li>sete</li></ol></li><li>três</li></ol><ol type="I" start="4"><li>IV</li><li>V</li></ol>
<ol type="A"><li>A</li></ol><ol type="i"><li>i</li><li>ii</li></ol><ol type="a" start="25"><li>y</li><li>z</li>
<li>vinte e sete</li><li>vinte e oito</li></ol><ol type="a" start="0"><li>nenhuma letra</li></ol>
<table><tr><th>Pedido</th><th colspan="2">Valor</th></tr><tr><td rowspan="2">Dano moral</td><td>R$</td><td>10</td></tr>
<tr><td><ol><li>um</li><li>dois</li></ol></td><td>x</td></tr></table><table><tr><td>Outra tabela</td></tr></table>
<p class="centro">Nome do advogado</p>"""


def everything() -> list[Block]:
    return parse(clean(EVERYTHING))


WORDS = (
    "prazo",
    "réu",
    "de",
    "A.",
    "§ 1º",
    "1.234,56",
    "&amp;",
    "&lt;w:p&gt;",
    "{ MERGEFIELD x }",
    "[●  nome]",
    "“x”",
    "ﬁm",
    "😀",
)


def anything(seed: int, length: int = 40) -> list[Block]:
    """Blocks in any order, lists of any marker within each other, tables with any spans."""
    dice = random.Random(seed)
    return parse(clean("".join(_block(dice) for _ in range(dice.randrange(1, length)))))


def _words(dice: random.Random) -> str:
    said = " ".join(dice.choices(WORDS, k=dice.randrange(1, 9)))
    tag = dice.choice(("", "", "strong", "em", "u", "sup", "sub"))
    return f"{said} <{tag}>{dice.choice(WORDS)}</{tag}>{dice.choice(('', '<br>', ' '))}x" if tag else said


def _block(dice: random.Random) -> str:
    kind = dice.choice(
        ("p", "p", "p class=numerado", "p class=centro", "h1", "h2", "h3", "h4", "quote", "list", "table")
    )
    if kind == "list":
        return _list(dice, 0)
    if kind == "table":
        return _table(dice)
    if kind == "quote":
        return f"<blockquote><p>{_words(dice)}</p></blockquote>"
    return f"<{kind}>{_words(dice)}</{kind.split()[0]}>"


def _list(dice: random.Random, level: int) -> str:
    tag = dice.choice(("ul", "ol", "ol type=a", "ol type=A", "ol type=i", "ol type=I"))
    start = f" start={dice.choice((0, 2, 9, 26, 40, 3999))}" if tag != "ul" and dice.random() < 0.4 else ""
    items = ""
    for _ in range(dice.randrange(1, 4)):
        inner = _list(dice, level + 1) if level < 9 and dice.random() < 0.4 else ""
        more = f"<p>{_words(dice)}</p>" if dice.random() < 0.2 else ""
        items += f"<li><p>{_words(dice)}</p>{more}{inner}</li>"
    return f"<{tag}{start}>{items}</{tag.split()[0]}>"


def _table(dice: random.Random) -> str:
    rows = ""
    for _ in range(dice.randrange(1, 5)):
        cells = ""
        for _ in range(dice.randrange(1, 5)):
            spans = "".join(f" {name}={dice.randrange(1, 5)}" for name in ("colspan", "rowspan") if dice.random() < 0.3)
            tag = dice.choice(("td", "td", "th"))
            inner = _list(dice, 7) if dice.random() < 0.2 else _words(dice)
            cells += f"<{tag}{spans}>{inner}</{tag}>"
        rows += f"<tr>{cells}</tr>"
    return f"<table>{rows}</table>"
