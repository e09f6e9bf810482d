"""The simulated API's answers to requests for a summary: real lines of the pages that were sent."""

from romagent.embedded.messages_api.summaries import ABOUT, structured

PAGES = (
    '<pagina arquivo="1" numero="7">\nEm 05/03/2021 a autora pagou R$ 1.500,00 ao réu.\nNada mais.\n</pagina>\n'
    '<pagina arquivo="2" numero="12">\nO juiz fixou o prazo de 15\ndias úteis para a contestação.\n</pagina>'
)
SCHEMA = {"properties": {name: {} for name in ABOUT}}


def test_each_line_names_a_page_that_was_sent_and_words_that_are_on_it() -> None:
    found = structured(SCHEMA, PAGES)
    assert found is not None
    assert found.keys() == ABOUT.keys()
    (paid,) = found["cronologia"]
    assert paid == {
        "texto": "Em 05/03/2021 a autora pagou R$ 1.500,00 ao réu.",
        "data": "2021-03-05",
        "arquivo": 1,
        "pagina": 7,
        "trecho": "Em 05/03/2021 a autora pagou R$ 1.500,00 ao réu",
    }
    (term,) = found["prazos"]
    assert (term["arquivo"], term["pagina"], term["trecho"]) == (2, 12, "O juiz fixou o prazo de 15 dias úteis")
    assert found["provas"] == []


def test_lines_of_the_same_words_are_one_group() -> None:
    lines = "0 | p. 1 | sem data | A casa.\n1 | p. 2 | 2021 | O carro.\n2 | p. 9 | sem data | A casa."
    assert structured({"properties": {"grupos": {}}}, f"Seção: Provas\n\n{lines}\n\nDevolva") == {
        "grupos": [[0, 2], [1]]
    }


def test_another_schema_is_somebody_elses() -> None:
    assert structured({"properties": {"titulo": {}}}, PAGES) is None
    assert structured({}, PAGES) is None
