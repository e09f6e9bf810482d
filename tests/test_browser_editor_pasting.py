"""What is pasted into a document: its structure and its numbers come along, and nothing else."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Desk
from tests.test_browser_editor import SAVED, new_document, state, stored, text

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser


WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta name=Generator content="Microsoft Word 15"><style><!-- p.MsoNormal {margin:0cm;font-size:12.0pt} --></style></head>
<body lang=PT-BR style='tab-interval:35.4pt'><!--StartFragment-->
<p class=MsoTitle align=center style='text-align:center'>CONTESTAÇÃO<o:p></o:p></p>
<h1 style='mso-list:none'><span style='font-size:12.0pt;mso-fareast-language:EN-US'>Dos fatos<o:p></o:p></span></h1>
<p class=MsoNormal style='text-align:justify'>O réu <b style='mso-bidi-font-weight:normal'>nega</b>&nbsp;tudo: “nada”
deve<span style='mso-spacerun:yes'>  </span>a ninguém.<o:p></o:p></p>
<p class=MsoNormal><span style='font-weight:bold'>Forte</span> e <span style='text-decoration:underline'>grifado</span>.</p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>a)<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span><![endif]>primeira;<o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='text-indent:-18.0pt;mso-list:l0 level2 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>i.<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]>dentro;<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>b)<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span><![endif]>segunda.<o:p></o:p></p>
<p class=MsoNormal align=right style='text-align:right'>São Paulo</p>
<table class=MsoTableGrid border=1 style='border-collapse:collapse'><tr style='height:1cm'><td width=200 style='width:150pt'>
<p class=MsoNormal>Valor</p></td></tr></table>
<img src="https://example.com/x.png"><script>alert(1)</script>
<!--EndFragment--></body></html>"""


def test_what_is_pasted_from_word_keeps_its_structure_and_nothing_else(desk: Desk) -> None:
    page = new_document(desk)
    text(page).click()
    paste(page, WORD)
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page).split("\n") == [
        "<h1>CONTESTAÇÃO</h1>", "<h2>Dos fatos</h2>",
        "<p>O réu <strong>nega</strong>\xa0tudo: “nada” deve a ninguém.</p>",
        "<p><strong>Forte</strong> e <u>grifado</u>.</p>",
        '<ol type="a"><li><p>primeira;</p><ol type="i"><li><p>dentro;</p></li></ol></li><li><p>segunda.</p></li></ol>',
        '<p class="direita">São Paulo</p>',
        "<table><tbody><tr><td><p>Valor</p></td></tr></tbody></table>",
    ]  # fmt: skip


def test_what_is_pasted_from_word_bears_the_numbers_that_it_bore(desk: Desk) -> None:
    """Lists that begin in the middle, or anew; and what is not counted here (1.1, clauses) as text, never as a bullet."""
    item = "<p class=MsoListParagraph style='mso-list:l0 level{} lfo1'><span style='mso-list:Ignore'>{}<span>&nbsp; </span></span>{}</p>"
    items = [
        (1, "c)", "três"), (1, "d)", "quatro"), (1, "1.", "um"), (1, "2.", "dois"), (1, "1.", "de novo"),
        (2, "1.1.", "nível"), (1, "Cláusula 5ª –", "foro"), (1, "h)", "oito"), (1, "i)", "nove"), (1, "·", "ponto"),
        (2, "o", "fundo"), (1, "ii)", "romano"),
    ]  # fmt: skip
    page = new_document(desk)
    text(page).click()
    paste(page, "<p class=MsoNormal>Pedidos</p>" + "".join(item.format(*one) for one in items))
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page).split("\n") == [
        "<p>Pedidos</p>",
        '<ol type="a" start="3"><li><p>três</p></li><li><p>quatro</p></li></ol>',
        "<ol><li><p>um</p></li><li><p>dois</p></li></ol>", "<ol><li><p>de novo</p></li></ol>",
        "<p>1.1. nível</p>", "<p>Cláusula 5ª – foro</p>",
        '<ol type="a" start="8"><li><p>oito</p></li><li><p>nove</p></li></ol>',
        "<ul><li><p>ponto</p><ul><li><p>fundo</p></li></ul></li></ul>", '<ol type="i" start="2"><li><p>romano</p></li></ol>',
    ]  # fmt: skip


def test_headings_pasted_from_word_are_numbered_once(desk: Desk) -> None:
    heading = (
        "<h{0} style='mso-list:l0 level{0} lfo1'><span style='mso-list:Ignore'>{1}<span>&nbsp; </span></span>{2}</h{0}>"
    )
    headings = [
        (1, "I.", "DOS FATOS"), (2, "1.", "Do contrato"), (2, "1.2.", "Da mora"), (1, "II –", "DO DIREITO"),
        (2, "1)", "Da lei"), (3, "a)", "Do juro"), (1, "V.", "DOS PEDIDOS"),
    ]  # fmt: skip
    page = new_document(desk)
    text(page).click()
    paste(page, "".join(heading.format(*one) for one in headings))
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page).split("\n") == [
        "<h2>DOS FATOS</h2>", "<h3>Do contrato</h3>", "<p><strong>1.2. Da mora</strong></p>", "<h2>DO DIREITO</h2>",
        "<h3>Da lei</h3>", "<h4>Do juro</h4>", "<p><strong>V. DOS PEDIDOS</strong></p>",
    ]  # fmt: skip


def test_what_is_pasted_from_elsewhere_keeps_its_looks(desk: Desk) -> None:
    page = new_document(desk)
    text(page).click()
    paste(
        page,
        """<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1"><p dir="ltr" style="line-height:1.38;
      text-align: center;"><span style="font-size:11pt;font-weight:700">Forte</span><span style="font-weight:400"> e fraco</span></p></b>
      <div>Outro <a href="https://example.com">elo</a></div><h5>Fundo</h5>""",
    )
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page).split("\n") == [
        '<p class="centro"><strong>Forte</strong> e fraco</p>', "<p>Outro elo</p>", "<h4>Fundo</h4>",
    ]  # fmt: skip


def paste(page: Page, html: str) -> None:
    text(page).evaluate(
        """(element, html) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/html", html);
          element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        html,
    )
