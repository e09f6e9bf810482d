"""An answer that cites one true and one false súmula, in a real browser: in the page, in the document, in its checklist."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from documents.tests.word import Word
from tests.browser import PHONE, Desk, answer_of, ask
from tests.services import ROOT
from tests.test_browser_drafting import _nothing_left

if TYPE_CHECKING:
    from tests.stack import Stack

__all__ = ["_nothing_left"]  # a fixture
pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser

PICTURES = ROOT / "artefacts" / "citations"
SUMULA = "Na cobrança de aluguel por temporada, o prazo de resposta conta-se da juntada do mandado."
TRUE, FALSE = "Súmula 9001 do STJ", "Súmula 9999 do STJ"
ANSWER = f"Sim. É o que diz a {TRUE}: “{SUMULA}” No mesmo sentido, a {FALSE}, e o art. 9.999 do Código Civil."
CORRECTION = f"**Correção das citações.** Desconsidere a {FALSE}, que não foi localizada [VERIFICAR]."


@pytest.fixture(autouse=True)
def _known(stack: Stack, tmp_path: Path) -> Iterator[None]:
    """Two invented súmulas in the tables, so that numbers in between are known not to be there."""
    file = tmp_path / "sumulas.jsonl"
    rows = [
        {"court": "STJ", "number": number, "text": SUMULA, "status": "em vigor", "source": "teste"}
        for number in (9001, 9002)
    ]
    file.write_text(
        "\n".join(json.dumps(row | {"binding": False, "cancelled": False}) for row in rows), encoding="utf-8"
    )
    stack.run("manage.py", "import_precedents", str(file))
    yield
    stack.execute("DELETE FROM precedents WHERE source = 'teste'")


def test_a_true_and_a_false_sumula_are_told_apart_in_the_page_the_document_and_the_checklist(desk: Desk) -> None:
    desk.stack.api.script([
        {"kind": "answer", "text": ANSWER, "for": "answer"}, {"kind": "answer", "text": CORRECTION, "for": "answer"},
    ])  # fmt: skip
    page = desk.open()
    ask(page, "O prazo conta-se da juntada?")
    answer = answer_of(page)
    expect(answer).to_have_attribute("data-status", "complete")
    _check_verdicts(answer.locator("[data-text] a.verdict"))
    expect(answer).to_contain_text("Correção das citações.")
    listed = answer.locator("details.citations")
    expect(listed.locator("summary")).to_have_text("Citações conferidas: 1 inválida, 1 não localizada, 1 confirmada")
    expect(listed).to_contain_text("Acima do último conhecido")
    _pictures(page, "answer")
    answer.get_by_role("button", name="Criar documento").click()
    page.wait_for_url(re.compile(r"/documentos/[0-9a-f-]{36}/"))
    document = (re.search(r"/documentos/[0-9a-f-]{36}/", page.url) or [""])[0]
    page.goto(document)
    side = page.locator("[data-citations]")
    expect(side.locator("[data-citations-found]")).not_to_have_attribute("data-pending", "")
    expect(side.locator(".verdict.confirmado + .cited")).to_have_text(TRUE)
    expect(side.locator(".verdict.nao_localizado + .cited").first).to_have_text(FALSE)
    expect(page.locator(".peca .cites.confirmado")).to_have_text(TRUE)
    expect(page.locator(".peca .cites.nao_localizado").first).to_have_text(FALSE)
    _pictures(page, "document")
    page.goto(f"{document}conferir/")
    _check_verdicts(page.locator("article.peca a.verdict"))
    expect(page.get_by_role("main")).to_contain_text("citações não estão confirmadas numa fonte")
    _pictures(page, "check")
    with page.expect_download() as download:
        page.get_by_role("link", name="Lista de conferência em Word").click()
    lines = "\n".join(Word(download.value.path().read_bytes()).lines())
    assert re.search(rf"{TRUE}\W+confirmado", lines), lines
    assert re.search(rf"{FALSE}\W+não localizado", lines), lines
    desk.check()


def _check_verdicts(chips) -> None:  # type: ignore[no-untyped-def]
    """In the text's order; each stands right behind its citation, in words."""
    expect(chips.nth(0)).to_have_text("confirmado")
    expect(chips.nth(1)).to_have_text("não localizado")
    expect(chips.nth(2)).to_have_text("inválido")
    behind = chips.nth(0).evaluate("(chip) => chip.previousSibling.textContent")
    assert behind.endswith(TRUE), behind


def _pictures(page: Page, name: str) -> None:
    """Both themes, desktop and phone; what one cannot read is a failure."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    size = page.viewport_size
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        for device, viewport in (("desktop", size), ("phone", PHONE)):
            page.set_viewport_size(viewport)  # type: ignore[arg-type]
            page.screenshot(path=PICTURES / f"{name}-{theme}-{device}.png", full_page=True)
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")


def saved(desk: Desk, content: str) -> Page:
    """A document that says this, checked, in its editor."""
    page = desk.open()
    page.goto("/documentos/")
    made = desk.stack.visitor().post("/documentos/", {"title": "Menções"}).location
    text = {"revision": "1", "content": content}
    assert desk.stack.visitor().post(f"{made}salvar/", text).status == 303
    page.goto(made)
    expect(page.locator("[data-citations-found]")).not_to_have_attribute("data-pending", "")
    expect(page.locator("[data-citations] .cited").first).to_be_visible()
    return page


def test_each_mention_has_the_colour_of_its_own_verdict(desk: Desk) -> None:
    """The same words mean another súmula elsewhere, and stand within those of a third one."""
    page = saved(
        desk,
        "<p>O STJ editou a Súmula 9001.</p><p>E a Súmula 90011 do STJ.</p><p>O TST editou a Súmula 9001 também.</p>",
    )
    listed = page.locator("[data-citations] [data-words='Súmula 9001']")
    expect(listed).to_have_count(2)
    assert [item.get_attribute("data-verdict") for item in listed.all()] == ["confirmado", "plausivel"]
    expect(page.locator(".peca .cites.confirmado")).to_have_text(["Súmula 9001"])
    expect(page.locator(".peca .cites.plausivel")).to_have_text(["Súmula 9001"])
    expect(page.locator(".peca p", has=page.locator(".cites.plausivel"))).to_contain_text("TST")
    expect(page.locator(".peca .cites.nao_localizado")).to_have_text(["Súmula 90011 do STJ"])
    desk.check()


def test_the_list_is_renewed_around_who_reads_it(desk: Desk) -> None:
    page = saved(desk, f"<p>Diz a {TRUE}.</p>")
    page.locator(".peca p").first.click()
    page.keyboard.press("End")
    page.keyboard.type(f" E a {FALSE}.")
    entry = page.locator(f"[data-citations] [data-words='{TRUE}']")
    entry.locator("summary").press("Enter")  # leaves the text, which saves it
    expect(entry.locator("details")).to_have_attribute("open", "")
    expect(page.locator("[data-citations]")).to_contain_text(FALSE)
    expect(page.locator("[data-citations-found]")).not_to_have_attribute("data-pending", "")
    expect(entry.locator("details")).to_have_attribute("open", "")
    expect(entry.locator("summary")).to_be_focused()
    desk.check()


def test_brackets_that_nobody_closes_cost_the_editor_no_time(desk: Desk) -> None:
    """Twenty thousand beginnings of blanks in a line, each of which looked for its end to the end of the text."""
    page = saved(desk, f"<p>Diz a {TRUE}, em [● data do contrato].</p><p>{'[● ' * 20_000}</p>")
    expect(page.locator("[data-blanks] button")).to_have_text(["data do contrato"])
    page.locator(".peca p").nth(1).click()
    page.keyboard.press("End")
    spent = page.evaluate("""() => {
        const start = performance.now();
        for (let n = 0; n < 3; n += 1) document.execCommand("insertText", false, "x");
        return performance.now() - start;
    }""")
    assert spent < 3_000, spent
    desk.check()
