"""The simulated API writes the part of a document that is asked for, and proposes changes to numbered paragraphs."""

from typing import Any

from romagent.embedded.messages_api import drafts
from romagent.embedded.messages_api.prompt import Prompt, Turn

BRIEF = "Título do documento: Contestação.\n\nPartes, nesta ordem:\n\n1. Endereçamento: sem título, só o texto\n2. Dos fatos: x"
TOOL: dict[str, Any] = {"name": "t", "input_schema": {"properties": {"paragrafo": {}, "acao": {}, "texto": {}}}}


def prompt(*texts: str) -> Prompt:
    return Prompt({}, [Turn("user", [{"type": "text", "text": text} for text in texts])], {}, {})


def part(number: int, name: str) -> str:
    question = f"Escreva agora a parte {number} de 2: {name}."
    return drafts.part_of(question, prompt(BRIEF, question)) or ""


def test_the_first_part_has_the_title_and_one_without_heading_has_none() -> None:
    assert part(1, "Endereçamento").startswith(f"# Contestação\n\n{drafts.OPENING}")


def test_another_part_has_its_heading_and_a_blank() -> None:
    assert part(2, "Dos fatos").startswith("## Dos fatos\n\n")
    assert any("[●  " in part(2, name) for name in ("Dos fatos", "Do direito", "Das provas"))
    assert "\na) " in part(2, "Dos pedidos")


def test_a_part_that_is_gone_on_with_is_the_same_part() -> None:
    question = "Escreva agora a parte 1 de 2: Endereçamento."
    said = prompt(BRIEF, question)
    whole = drafts.part_of(question, said)
    said.turns += [Turn("assistant", [{"type": "text", "text": "# Cont"}])]
    said.turns += [Turn("user", [{"type": "text", "text": "Continue de onde parou."}])]
    assert drafts.part_of(question, said) == whole


def test_anything_else_is_no_part() -> None:
    assert drafts.part_of("Qual o prazo?", prompt("Qual o prazo?")) is None


def test_changes_are_proposed_to_the_first_paragraph_that_is_long_enough() -> None:
    text = "<documento>\n[1] ## Dos fatos que importam à defesa do réu nesta ação\n[2] Curto.\n[3] O réu pagou a dívida inteira no dia combinado.\n</documento>"
    first, second = drafts.changes(TOOL, prompt(text))
    assert (first["paragrafo"], first["acao"]) == (3, "substituir")
    assert first["texto"].startswith("O réu pagou")
    assert (second["paragrafo"], second["acao"]) == (3, "inserir_depois")


def test_nothing_is_proposed_without_paragraphs_or_with_another_tool() -> None:
    assert drafts.changes(TOOL, prompt("Olá")) == []
    assert drafts.changes({"name": "t"}, prompt("[1] O réu pagou a dívida inteira no dia combinado.")) == []
