"""What the checks find, and what they leave in peace."""

import datetime
import time
from dataclasses import replace

import pytest

from documents import types
from documents.blocks import Kind as BlockKind
from documents.blocks import Paragraph, Run
from documents.checking import form, names, values
from documents.checking.paper import Finding, Level, Paper
from documents.checks import CHECKS
from documents.html import clean, parse
from projects.models import Project

OWN = "12345670320258090051"  # 1234567-03.2025.8.09.0051


def project(**fields: str) -> Project:
    given = {
        "client": "Maria da Conceição Souza",
        "opposing_party": "Banco Atlas S.A.",
        "court": "3ª Vara Cível de Goiânia",
    }
    return Project(name="Souza x Atlas", case_number=OWN, **given | fields)


def paper(html: str, kind: str = "", of: Project | None = None) -> Paper:
    blocks = parse(clean(html))
    return Paper("Título", blocks, types.shipped()[kind] if kind else None, of, datetime.date(2026, 11, 28))


def found(check, html: str, **more) -> list[tuple[Level, int | None]]:  # type: ignore[no-untyped-def]
    return [(finding.level, finding.block) for finding in check(paper(html, **more))]


def texts(findings) -> str:  # type: ignore[no-untyped-def]
    return "\n".join(finding.text for finding in findings)


# Parts -------------------------------------------------------------------------------------------

WHOLE = (
    "<p>Ao Juízo da 3ª Vara Cível de Goiânia</p><p>Processo n. 1234567-03.2025.8.09.0051</p><p>Fulana, já qualificada,</p>"
    "<h2>SÍNTESE DA DEMANDA</h2><p>x</p><h2>Das preliminares</h2><p>x</p><p><strong>III – DO MÉRITO</strong></p><p>x</p>"
    "<h2>Dos pedidos</h2><p>x</p><p class=centro>OAB/GO 12.345</p>"
)


def test_a_document_with_all_its_parts_is_left_in_peace() -> None:
    assert list(form.parts(paper(WHOLE, "contestacao"))) == []


@pytest.mark.parametrize(
    ("heading", "part"),
    [
        ("<h2>Das preliminares</h2>", "Preliminares"),
        ("<p><strong>III – DO MÉRITO</strong></p>", "Mérito"),
        ("OAB/GO 12.345", "Fechamento"),
    ],
)
def test_a_part_that_is_missing_is_named(heading: str, part: str) -> None:
    (finding,) = form.parts(paper(WHOLE.replace(heading, ""), "contestacao"))
    assert f"“{part}”" in finding.text
    assert finding.level == Level.LOOK


@pytest.mark.parametrize(
    "heading",
    ["<h2>DO PEDIDO</h2>", "<p>IV. DOS PEDIDOS E REQUERIMENTOS</p>", "<p class=centro>Dos Pedidos</p>", "<h3>4 - pedidos:</h3>", "<h2>Requerimentos finais</h2>"],
)  # fmt: skip
def test_a_heading_is_known_in_any_spelling(heading: str) -> None:
    assert list(form.parts(paper(WHOLE.replace("<h2>Dos pedidos</h2>", heading), "contestacao"))) == []


def test_words_in_the_text_are_no_heading() -> None:
    html = WHOLE.replace("<h2>Dos pedidos</h2>", "<p>Os pedidos da inicial não procedem.</p>")
    assert "“Pedidos”" in texts(form.parts(paper(html, "contestacao")))


def test_a_document_without_a_type_has_no_parts_to_miss() -> None:
    assert list(form.parts(paper("<p>x</p>"))) == []


def test_size_is_told_when_it_is_far_from_what_the_type_wants() -> None:
    short, right, long = ("<p>" + "palavra " * words + "</p>" for words in (300, 330 * 15, 330 * 60))
    assert "o usual são 15 a 25 páginas" in texts(form.size(paper(short, "contestacao")))
    assert list(form.size(paper(right, "contestacao"))) == []
    assert "o máximo é 40" in texts(form.size(paper(long, "contestacao")))


# Blanks and remains ------------------------------------------------------------------------------


def test_each_blank_is_listed_with_its_place() -> None:
    findings = list(
        form.blanks(paper("<p>Um.</p><p>em [●  data do contrato] e [●]</p><table><tr><td>[● valor]</td></tr></table>"))
    )
    assert [(f.text, f.block) for f in findings] == [
        ("Falta preencher: data do contrato.", 1), ("Falta preencher.", 1), ("Falta preencher: valor.", 2),
    ]  # fmt: skip


@pytest.mark.parametrize("said", ["[● valor [em reais]]", "[● sem fim", "[● " + "muito longa " * 40 + "]"])
def test_a_blank_of_any_shape_is_one(said: str) -> None:
    assert found(form.blanks, f"<p>a {said}</p>") == [(Level.WRONG, 0)]


@pytest.mark.parametrize(
    "said", ["[VERIFICAR]", "[inserir o nome]", "[...]", "CPF XXXXX", "[Nome da testemunha]", "[…]"]
)
def test_other_ways_to_leave_a_blank_are_known(said: str) -> None:
    assert found(form.blanks, f"<p>a {said} b</p>") == [(Level.WRONG, 0)]


@pytest.mark.parametrize("said", ["art. 5º, XXX, da Constituição", "[sic]", "(…)", "[grifo nosso]", "o inciso XXXIV"])
def test_what_is_no_blank_is_left_in_peace(said: str) -> None:
    assert found(form.blanks, f"<p>{said}</p>") == []


@pytest.mark.parametrize(
    "said",
    [
        "**negrito**",
        "## Título",
        "```",
        "[link](https://exemplo.com)",
        "* item",
        "__forte__",
        "|---|---|",
        "✅ feito",
        "🙂",
        "1️⃣ passo",
    ],
)
def test_signs_of_another_program_are_found(said: str) -> None:
    assert (Level.WRONG, 0) in found(form.remains, f"<p>{said}</p>")


@pytest.mark.parametrize(
    "said",
    [
        "Claro! Segue a minuta",
        "como um modelo de linguagem, não",
        "Espero ter ajudado",
        "Segue abaixo a minuta da peça",
    ],
)
def test_words_of_a_conversation_are_found(said: str) -> None:
    assert found(form.remains, f"<p>{said}</p>") == [(Level.LOOK, 0)]


@pytest.mark.parametrize(
    "said",
    [
        "item 2 * 3 = 6",
        "a) § 1º; nº 3 ½ • ● “aspas” – —",
        "#1 não",
        "____________________",
        "cláusula 1.1",
        "É claro que segue",
        "A inteligência artificial",
    ],
)
def test_what_belongs_in_a_text_is_left_in_peace(said: str) -> None:
    assert found(form.remains, f"<p>{said}</p>") == []


# The project -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    ["1234567-03.2025.8.09.0051", "12345670320258090051", "1234567 - 03.2025.8.09.0051", "1234567.03.2025.8.09.0051"],
)
def test_the_projects_number_is_known_in_any_mask(said: str) -> None:
    assert found(names.case_numbers, f"<p>Autos {said}.</p>", kind="contestacao", of=project()) == []


def test_a_number_that_cannot_be_is_wrong() -> None:
    (finding,) = names.case_numbers(paper("<p>x</p><p>Autos 0000001-23.2026.8.26.0100</p>"))
    assert (finding.level, finding.block) == (Level.WRONG, 1)
    assert "deveria ser 68" in finding.text


@pytest.mark.parametrize("said", ["123456-03.2025.8.09.0051", "1234567-3.2025.8.09.0051", "12345678-03.2025.8.09.0051"])
def test_a_number_of_the_wrong_length_is_wrong(said: str) -> None:
    assert found(names.case_numbers, f"<p>{said}</p>") == [(Level.WRONG, 0)]


@pytest.mark.parametrize(
    "said", ["1234567-30.2025.8.09.0051", "1234576-03.2025.8.09.0051", "1234567-03.2025.8.09.0052"]
)
def test_a_number_that_is_nearly_the_projects_is_told_as_that(said: str) -> None:
    findings = list(names.case_numbers(paper(f"<p>{said}</p>", "contestacao", project())))
    assert "é quase o número do processo deste projeto, 1234567-03.2025.8.09.0051" in findings[0].text
    assert findings[0].level == Level.WRONG
    assert "não aparece no texto" in findings[1].text


def test_a_number_that_stands_there_often_is_worked_on_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, distance = list[str](), names.distance
    monkeypatch.setattr(names, "distance", lambda one, *more: asked.append(one) or distance(one, *more))
    findings = list(names.case_numbers(paper("<p>1234567-03.2025.8.09.0052</p>" * 100, "", project())))
    assert (len(findings), findings[-1].block, len(asked)) == (100, 99, 1)


def test_another_case_of_its_own_is_left_in_peace() -> None:
    html = "<p>1234567-03.2025.8.09.0051 e 0010123-73.2024.5.18.0007; REsp 1.234.567/GO; tel. (62) 3000-0000; R$ 1.234.567,00</p>"
    assert found(names.case_numbers, html, of=project()) == []


def test_who_is_missing_is_named_only_where_the_type_asks_for_her() -> None:
    said = texts(names.names(paper("<p>Nada.</p>", "contestacao", project())))
    assert "Maria da Conceição Souza" in said
    assert "Banco Atlas S.A." in said
    assert "3ª Vara Cível de Goiânia" in said
    assert list(names.names(paper("<p>Nada.</p>", "", project()))) == []
    assert list(names.names(paper("<p>Nada.</p>", "contestacao"))) == []
    assert (
        list(names.names(paper("<p>Nada.</p>", "contestacao", project(client="", opposing_party="", court="")))) == []
    )


RIGHT = "<p>À 3ª Vara Cível da Comarca de Goiânia</p><p>MARIA DA CONCEICAO SOUZA contra o BANCO ATLAS S/A</p>"


def test_names_are_the_same_in_capitals_and_without_accents() -> None:
    assert list(names.names(paper(RIGHT, "contestacao", project()))) == []


@pytest.mark.parametrize(
    "said",
    [
        "Maria da Conceição Sousa",
        "Maria da Conceisão Souza",
        "Mária de Conceição Souza",
        "MARIA DA CONCEIÇÃO SUOZA",
        "Marta da Conceição Souza",
        "Banco Atals S.A.",
    ],
)
def test_a_name_with_another_letter_is_found(said: str) -> None:
    findings = list(names.names(paper(f"{RIGHT}<p>A autora, {said}, alega</p>", "contestacao", project())))
    assert [finding.block for finding in findings] == [2]


@pytest.mark.parametrize(
    "said",
    [
        "Maria da Conceição",
        "o Banco Atlas S.B.",
        "João da Silva Souza",
        "o Banco Central S.A.",
        "Ana da Conceição Souza",
    ],
)
def test_other_people_are_left_in_peace(said: str) -> None:
    assert list(names.names(paper(f"{RIGHT}<p>{said}</p>", "contestacao", project()))) == []


def test_another_court_number_is_found() -> None:
    html = RIGHT.replace("3ª Vara Cível da Comarca de", "2ª Vara Cível de")
    said = texts(names.names(paper(html, "contestacao", project())))
    assert "3ª Vara Cível de Goiânia, não aparece" in said
    assert "“2ª Vara Cível de Goiânia” parece ser" in said


# All of them -------------------------------------------------------------------------------------


def test_the_excerpt_is_the_words_around() -> None:
    (finding,) = values.dates(paper(f"<p>{'antes ' * 20}31/02/2026{' depois' * 20}</p>"))
    assert isinstance(finding, Finding)
    assert finding.excerpt.startswith("…")
    assert "31/02/2026 depois" in finding.excerpt
    assert finding.excerpt.endswith("…")


def test_a_table_is_one_block_and_its_cells_are_read() -> None:
    html = "<p>x</p><table><tr><td>31/02/2026</td><td>R$ 1,500.00</td></tr></table><p>31/04/2026</p>"
    assert found(values.dates, html) == [(Level.WRONG, 1), (Level.WRONG, 2)]
    assert found(values.amounts, html) == [(Level.WRONG, 1)]


HOSTILE = [
    "[●",
    "[nome ",
    "R$ 1.",
    "R$ 1 (",
    "(R$ 1",
    "15 (a a a ",
    "**a",
    "|---",
    "CPF ",
    "1.1.1.",
    "mil ",
    "segunda ",
    "\n",
    "[a",
    "Claro",
]


BEGUN = ["[●", "15", "15%", "R$", "R$ 1", "CPF", "**a", "|", "segunda-feira", "1 de", "1 (a", "(R$"]


@pytest.mark.parametrize("text", [*(piece * 40_000 for piece in HOSTILE), *(begin + " " * 150_000 for begin in BEGUN)],
                         ids=[*HOSTILE, *(f"{begin}, blanks" for begin in BEGUN)])  # fmt: skip
def test_no_text_keeps_the_checks_busy(text: str) -> None:
    """About a second; a pattern that goes back again and again would take minutes."""
    read = replace(paper(""), blocks=[Paragraph(BlockKind.TEXT, (Run(text),))], project=project())
    began = time.process_time()
    for _, check in CHECKS:
        list(check(read))
    assert time.process_time() - began < 20


def test_a_check_needs_neither_type_nor_project() -> None:
    bare = replace(paper("<p>x</p>"), kind=None, project=None)
    assert [list(check(bare)) for _, check in CHECKS] == [[] for _ in CHECKS]
