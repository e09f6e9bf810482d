"""Verdicts on laws and on dates: an article beyond the last one, a day on which nobody can have judged."""

from datetime import date

import pytest

from jurisprudence.citations.judging import Verdict
from jurisprudence.citations.tests.verdicts import judged, only

# Laws ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("art. 1.072 do CPC", "plausivel"), ("art. 1.073 do CPC", "formato_invalido"),
        ("art. 2.046 do Código Civil", "plausivel"), ("art. 2.047 do Código Civil", "formato_invalido"),
        ("art. 250 da CF", "plausivel"), ("art. 251 da CF", "formato_invalido"),
        ("art. 119 do CDC", "plausivel"), ("art. 120 da Lei 8.078/90", "formato_invalido"),
        ("art. 922 da CLT", "plausivel"), ("art. 923 da CLT", "formato_invalido"),
        ("art. 1.220 do CPC/73", "plausivel"), ("art. 1.221 do CPC/73", "formato_invalido"),
        ("art. 1.100 do CPC de 1973", "plausivel"),
        ("arts. 1.070 a 1.080 do CPC", "formato_invalido"), ("art. 0 do CPC", "formato_invalido"),
        ("art. 1.240-A do Código Civil", "plausivel"), ("art. 139 do ADCT", "nao_localizado"),
        ("art. 5º da Lei 13.999/2020", "plausivel"), ("art. 1º da Lei 15.999/2031", "formato_invalido"),
        ("Lei 15.999/2031", "formato_invalido"), ("Lei Estadual nº 8.078/1995", "fora_de_cobertura"),
        ("art. 900 da Lei Estadual nº 8.078/1990", "fora_de_cobertura"),
        ("art. 900 da Lei nº 8.078/1995", "plausivel"), ("art. 12 do Regimento Interno", "fora_de_cobertura"),
        ("art. 300", "plausivel"),
    ],
)  # fmt: skip
def test_an_article_is_measured_by_the_last_of_its_law(text: str, verdict: str) -> None:
    assert only(f"Nos termos do {text}.").verdict == verdict


def test_the_last_article_is_said_with_its_source_and_date() -> None:
    found = only("art. 1.500 do CPC")
    assert found.reason == "Não há artigo 1.500: o CPC vai até o artigo 1.072 (Planalto, texto compilado, 30/09/2025)."
    assert (found.source, found.as_of) == ("Planalto, texto compilado", date(2025, 9, 30))


@pytest.mark.parametrize(
    "text",
    [
        "A Lei nº 8.212/1991, que mudou as alíquotas previstas no art. 198, já vigorava.",
        "O art. 1.999, como se vê adiante, não é o art. 119 do CDC.",
        "art. 900 do Código de Processo Civil de 1939, art. 1.500 do CPC de 1939",
        "O art. 1.999 da Constituição do Estado de Goiás e o art. 1.999 da Lei Municipal nº 8.078/90",
    ],
)
def test_where_the_law_is_only_supposed_nothing_is_called_impossible(text: str) -> None:
    assert Verdict.INVALID not in {one.verdict for one in judged(text)}


def test_what_is_said_to_be_of_the_same_law_is_measured_by_it() -> None:
    _, second = judged("Ver o art. 300 do CPC e o art. 1.500 do mesmo diploma.")
    assert second.verdict is Verdict.INVALID


def test_a_law_with_the_year_of_another_is_to_be_looked_at() -> None:
    found = only("Lei 8.078/1995")
    assert (found.verdict, found.warning) == (Verdict.PLAUSIBLE, True)
    assert "é de 1990" in found.reason


# Dates --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("REsp 1.234.567/SP, julgado em 10/03/2030", "futuro"),
        ("REsp 1.234.567/SP, Terceira Turma, j. 31/02/2020", "Não existe o dia"),
        ("REsp 1.234.567/SP, DJ de 12 de maio de 1987", "ainda não existia"),
        ("Processo 1234567-03.2025.8.09.0051, julgado em 10/03/2019", "anterior ao ano do processo"),
    ],
)
def test_a_date_on_which_nobody_can_have_judged_is_reported_beside_the_decision(text: str, reason: str) -> None:
    decision, day = judged(text)
    assert decision.verdict is Verdict.PLAUSIBLE
    assert (day.citation.kind, day.verdict) == ("data", Verdict.INVALID)
    assert text.endswith(day.citation.text)
    assert reason in day.reason


@pytest.mark.parametrize(
    "text",
    [
        "REsp 1.234.567/SP, julgado em 10/03/2020",
        "o réu pagará em 10/03/2030",
        "RE 100.000/SP, julgado em 10/03/1987",
        "No REsp 1.234.567/SP aplicou-se a Lei 7.492, publicada em 17/06/1986.",
        "No REsp 1.234.567/SP aplicou-se o art. 5º da Lei 7.492/86, publicada em 17/06/1986.",
        "Processo 1234567-03.2025.8.09.0051, que executa a sentença publicada em 10/03/2019.",
        "REsp 1.234.567/SP, RT 500, p. 32/33/34",
        "CC 6.000/SP do STF, DJ de 12 de maio de 1987",
        "STF, SEC 4.000, julgada em 12/05/1987",
        "Inq 200/DF, julgado em 12/05/1987",
    ],
)
def test_a_date_that_can_be_is_not_reported(text: str) -> None:
    assert [one.citation.kind for one in judged(text) if one.citation.kind == "data"] == []


def test_what_is_made_available_today_is_published_later() -> None:
    assert len(judged("REsp 1.234.567/SP, DJe 30/11/2026")) == 1
    assert len(judged("Processo 1234567-03.2025.8.09.0051, publicado em 02/01/2027")) == 1
    assert len(judged("REsp 1.234.567/SP, DJe 30/11/2027")) == 2
    assert len(judged("REsp 1.234.567/SP, j. 30/11/2026")) == 2
