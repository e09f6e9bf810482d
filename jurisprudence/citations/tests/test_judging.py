"""Verdicts: what is proven wrong, what is found, and what nobody can say."""

from datetime import date
from typing import Any

import pytest

from jurisprudence.citations.comparing import says
from jurisprudence.citations.finding import find
from jurisprudence.citations.judging import VERSION, Judged, Verdict, judge
from jurisprudence.citations.kept import Checked
from jurisprudence.citations.looking_up import CaseAnswer, Looked
from jurisprudence.precedents.known import Entry, Key

TODAY = date(2026, 11, 29)
READ = date(2026, 8, 1)
TEXT = "A pretensão de simples reexame de prova não enseja recurso especial."


def entry(key: Key, text: str = TEXT, status: str = "em vigor", note: str = "") -> Entry:
    return Entry(key, "", text, status, note, "página do tribunal", "https://exemplo.jus.br/", READ)


def table(*entries: Entry, **highest: int) -> Looked:
    """As if these had been found; `STJ=676` is the last súmula of that court."""
    return Looked(
        {each.key: each for each in entries},
        {("sumula", court, ""): (number, READ) for court, number in highest.items()},
        asked=True,
    )


SEVEN = entry(Key("sumula", "STJ", "", 7))


def judged(text: str, looked: Looked | None = None) -> list[Judged]:
    return judge(find(text), looked or Looked(), today=TODAY)


def only(text: str, looked: Looked | None = None) -> Judged:
    (one,) = judged(text, looked)
    assert one.reason.endswith((".", "?"))
    assert one.version == VERSION
    return one


# Case numbers -------------------------------------------------------------------------------------

VALID = (
    "5001234-32.2026.4.03.6100", "0010123-73.2024.5.18.0007", "1234567-03.2025.8.09.0051", "5123456-19.2026.8.07.0001",
    "0600001-90.2026.6.26.0001", "0123456-22.2026.3.00.0000", "7000001-96.2025.7.00.0000", "0800123-33.2026.9.13.0001",
    "0000042-12.2023.8.26.9001",
)  # fmt: skip
INVALID = {
    "0000001-23.2026.8.26.0100": "deveria ser 68",
    "1234567-30.2025.8.09.0051": "dígito verificador",
    "1234576-03.2025.8.09.0051": "dígito verificador",
    "0000001-17.2099.8.26.0001": "futuro",
    "1234567-03.2025.8.09.051": "algarismos",
    "91234567-03.2025.8.09.0051": "algarismos",
}


@pytest.mark.parametrize("number", VALID)
def test_a_case_number_that_checks_is_plausible_and_no_more(number: str) -> None:
    for text in (f"Autos nº {number}.", f"Processo {''.join(filter(str.isdigit, number))}."):
        found = only(text)
        assert (found.verdict, found.source, found.as_of) == (Verdict.PLAUSIBLE, "", None)


@pytest.mark.parametrize(("number", "reason"), INVALID.items())
def test_a_case_number_that_cannot_be_is_invalid_and_says_why(number: str, reason: str) -> None:
    found = only(f"Autos nº {number}.")
    assert found.verdict is Verdict.INVALID
    assert reason in found.reason


def test_every_single_wrong_digit_is_caught() -> None:
    right = VALID[1]
    for place, digit in enumerate(right):
        for other in set("0123456789") - {digit} if digit.isdigit() else ():
            assert only(f"Processo {right[:place]}{other}{right[place + 1 :]}").verdict is Verdict.INVALID


@pytest.mark.parametrize("verdict", ["confirmado", "nao_localizado", "fonte_indisponivel", "fora_de_cobertura"])
def test_what_a_court_has_answered_is_the_verdict(verdict: str) -> None:
    answer = CaseAnswer(verdict, "O tribunal respondeu.", "DataJud (trt18)", as_of=READ)
    found = only(f"Autos {VALID[1]}", Looked(cases={"00101237320245180007": answer}))
    assert (found.verdict, found.source, found.as_of) == (verdict, "DataJud (trt18)", READ)


def test_a_number_that_cannot_be_stays_so_whatever_a_court_says() -> None:
    answer = CaseAnswer("confirmado", "O tribunal respondeu.", "DataJud")
    assert (
        only("Autos 1234567-30.2025.8.09.0051", Looked(cases={"12345673020258090051": answer})).verdict
        == "formato_invalido"
    )


# The tables ---------------------------------------------------------------------------------------


def test_what_is_in_the_table_is_confirmed_with_its_source_and_date() -> None:
    found = only("Súmula 7/STJ", table(SEVEN, STJ=676))
    assert (found.verdict, found.source, found.as_of, found.warning) == (
        "confirmado",
        "página do tribunal",
        READ,
        False,
    )
    assert "01/08/2026" in found.reason


def test_nothing_is_confirmed_without_the_table() -> None:
    everything = (
        "Súmula 7/STJ, SV 11, Tema 1.046/STF, OJ 394 da SDI-1, PN 119 do TST, REsp 1.657.156/RJ, art. 5º da CF, CDC"
    )
    verdicts = judged(everything)
    assert len(verdicts) == 8
    assert {one.verdict for one in verdicts} == {Verdict.PLAUSIBLE}
    assert not any(one.source for one in verdicts)


def test_above_the_last_known_number_is_not_found_and_says_up_to_where_one_knows() -> None:
    found = only("Súmula 999 do STJ", table(SEVEN, STJ=676))
    assert found.verdict is Verdict.NOT_FOUND
    assert found.reason == "Acima do último conhecido em 01/08/2026: 676."
    assert found.as_of == READ


def test_a_gap_in_the_table_is_not_found_either() -> None:
    assert only("Súmula 8 do STJ", table(SEVEN, STJ=676)).verdict is Verdict.NOT_FOUND


def test_a_court_whose_table_nobody_imported_says_nothing_about_its_numbers() -> None:
    found = only("Súmula 999 do TJSP", table(SEVEN, STJ=676))
    assert found.verdict is Verdict.PLAUSIBLE
    assert "não estão na base" in found.reason


def test_a_cancelled_one_exists_and_is_to_be_looked_at() -> None:
    cancelled = entry(Key("sumula", "TST", "", 277), status="cancelada", note="Res. 225/2025.")
    found = only("Súmula 277 do TST", table(cancelled, TST=463))
    assert (found.verdict, found.warning) == (Verdict.CONFIRMED, True)
    assert "cancelada" in found.reason
    assert "Res. 225/2025." in found.reason


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("SV 11", Key("sumula_vinculante", "STF", "", 11)),
        ("Tema 1.046 da repercussão geral", Key("tema", "STF", "", 1046)),
        ("Tema Repetitivo 1.061", Key("tema", "STJ", "", 1061)),
        ("OJ 70 da SDI-1 Transitória do TST", Key("orientacao", "TST", "SDI-1T", 70)),
        ("OJ 5 da SDC", Key("orientacao", "TST", "SDC", 5)),
        ("OJ 12 do Tribunal Pleno do TST", Key("orientacao", "TST", "TP/OE", 12)),
        ("Precedente Normativo 119 do TST", Key("precedente_normativo", "TST", "", 119)),
        ("AgInt no REsp 1.657.156/RJ", Key("decisao", "STJ", "AgInt no REsp", 1657156)),
        ("HC 598.051/SP", Key("decisao", "STJ", "HC", 598051)),
        ("HC 126.292/SP", Key("decisao", "STF", "HC", 126292)),
    ],
)
def test_each_kind_is_looked_up_by_its_own_key(text: str, key: Key) -> None:
    assert only(text, table(entry(key))).verdict is Verdict.CONFIRMED
    assert only(text, table(entry(key._replace(number=key.number + 1)))).verdict is not Verdict.CONFIRMED


def test_a_number_that_two_courts_have_confirms_neither() -> None:
    both = [entry(Key("decisao", court, "HC", 126292)) for court in ("STF", "STJ")]
    assert only("HC 126.292/SP", table(*both)).verdict is Verdict.PLAUSIBLE


@pytest.mark.parametrize(
    ("text", "warning"),
    [("HC 126.292/SP", True), ("(STJ, HC 126.292/SP)", False), ("HC 126.292/SP, do STJ", False)],
)
def test_what_is_found_for_a_court_that_the_text_does_not_name_is_to_be_looked_at(text: str, warning: bool) -> None:
    found = only(text, table(entry(Key("decisao", "STJ", "HC", 126292))))
    assert (found.verdict, found.warning) == (Verdict.CONFIRMED, warning)
    assert ("não diz de que tribunal" in found.reason) == warning


@pytest.mark.parametrize("text", ["CC 7.204/MG do STF", "(STF, CC 7.204/MG)", "STF, Inq 1.190/DF", "SEC 5.206 do STF"])
def test_a_case_of_one_court_is_not_confirmed_by_that_of_another(text: str) -> None:
    others = [
        entry(Key("decisao", "STJ", name, number)) for name, number in (("CC", 7204), ("Inq", 1190), ("SEC", 5206))
    ]
    assert only(text, table(*others)).verdict is Verdict.PLAUSIBLE


def test_an_action_in_a_state_is_not_confirmed_by_that_of_the_supreme_court() -> None:
    looked = table(entry(Key("decisao", "STF", "ADI", 2123)))
    assert only("ADI nº 2.123 do TJMG", looked).verdict is Verdict.PLAUSIBLE
    assert only("ADI nº 2.123", looked).verdict is Verdict.CONFIRMED


def test_a_decision_that_is_not_in_the_table_may_well_exist() -> None:
    assert only("REsp 1.657.157/RJ", table(SEVEN, STJ=676)).verdict is Verdict.PLAUSIBLE


@pytest.mark.parametrize("text", ["Súmula 7", "OJ 394 do TST"])
def test_without_its_court_or_section_there_is_nothing_to_look_up(text: str) -> None:
    found = only(text, table(SEVEN, STJ=676))
    assert found.verdict is Verdict.PLAUSIBLE
    assert "não diz" in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "Súmula 0 do STJ",
        "Súmula 10 do TJXX",
        "Súmula 10 do TRF9",
        "Tema 0 do STF",
        "REsp 1.234.567/XX",
        "REsp 99.234.567/SP",
        "ADI 300.000/DF",
    ],
)
def test_what_cannot_be_is_invalid(text: str) -> None:
    assert only(text, table(SEVEN, STJ=676)).verdict is Verdict.INVALID


def test_statements_of_study_groups_are_not_covered() -> None:
    assert only("Enunciado 37 do FONAJE").verdict is Verdict.UNCOVERED


# Quotations ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "A pretensão de simples reexame de prova não enseja recurso especial.",
        "a pretensao de SIMPLES re-exame de prova, não enseja\nrecurso especial",
        "A pretensão de simples reexame […] não enseja recurso especial",
        "pretensão de simples reexame de prova",
    ],
)
def test_a_quotation_in_another_spelling_or_with_omissions_is_still_its_text(words: str) -> None:
    found = only(f"Diz a Súmula 7 do STJ: “{words}”.", table(SEVEN, STJ=676))
    assert (found.verdict, found.quoted, found.stored) == (Verdict.CONFIRMED, "", "")


@pytest.mark.parametrize(
    "words",
    [
        "A pretensão de simples reexame de prova enseja recurso especial.",
        "A pretensão de complexo reexame de prova não enseja recurso especial.",
        "não enseja recurso especial […] a pretensão de simples reexame de prova",
        "É abusiva a cobrança de comissão de permanência com outros encargos.",
        "enseja recurso especial",
        "A pretensão de simples reexame de prova […] enseja recurso especial.",
    ],
)
def test_a_quotation_with_other_words_is_divergent_and_shows_both(words: str) -> None:
    found = only(f"Diz a Súmula 7 do STJ: “{words}”.", table(SEVEN, STJ=676))
    assert (found.verdict, found.warning) == (Verdict.DIVERGENT, True)
    assert (found.quoted, found.stored) == (words, TEXT)
    assert found.source == "página do tribunal"


@pytest.mark.parametrize(
    "text",
    [
        "O mero reexame de prova não “enseja recurso especial” (Súmula 7 do STJ).",
        "O mero reexame de prova **não** “enseja recurso especial” (Súmula 7 do STJ).",
        "Diz a Súmula 7 do STJ: “pretensão de simples reexame de prova não […] enseja recurso especial”.",
    ],
)
def test_a_not_may_stand_before_the_quotation_marks(text: str) -> None:
    assert only(text, table(SEVEN, STJ=676)).verdict is Verdict.CONFIRMED


def test_the_same_words_elsewhere_without_the_not_are_the_text() -> None:
    stored = "A lei não obriga o fiador. A lei obriga o devedor."
    assert says(stored, "obriga o devedor")
    assert not says(stored, "obriga o fiador")
    assert says(stored, "obriga o fiador", negated=True)
    assert not says(stored, "a lei não obriga o fiador […] obriga o fiador")


@pytest.mark.parametrize(
    ("stored", "quoted"),
    [
        ("É ilegal a cobrança da taxa pelo banco.", "legal a cobrança da taxa pelo banco"),
        ("É inconstitucional a lei que exige depósito.", "constitucional a lei que exige depósito"),
        ("O prazo de 15 dias conta da intimação.", "5 dias conta da intimação"),
        ("O prazo é de 10 dias, contados da intimação.", "O prazo é de 100 dias, contados da intimação."),
        ("A pensão é devida até os 22 anos do filho.", "A pensão é devida até os 2 anos do filho."),
        ("A multa prevista é de 10%, sem outros encargos.", "A multa prevista é de 1"),
        ("Não corre prazo contra o ausente do País.", "corre prazo contra o ausente do Pa"),
    ],
)
def test_a_piece_of_a_word_or_of_a_number_is_not_what_the_text_says(stored: str, quoted: str) -> None:
    assert not says(stored, quoted)
    assert not says(stored, f"[…] {quoted} […]")


@pytest.mark.parametrize(
    ("stored", "quoted"),
    [
        ("É ilegal a cobrança da taxa pelo banco.", "[i]legal a cobrança da taxa"),
        ("A Lei nº 8.009 se aplica a penhoras antigas.", "[a] Lei n. 8.009 se aplica"),
        ("As ações devem ser propostas em juízo.", "ações devem ser propostas"),
        ("Não se aplica a casa a alugar a terceiros.", "casa a alugar a terceiros"),
        ("Pessoas com menos renda estão isentas de custas.", "menos renda estão isentas de custas"),
        ("O ajuste é re-exame necessário da sentença.", "reexame necessário da sentença"),
        ("O prazo é de 15 dias úteis (CPC, art. 219).", "15 dias úteis (CPC, artigo 219)"),
        ("Diante da não-incidência, o im-\nposto é indevido.", "não incidência, o imposto é indevido"),
    ],
)
def test_whole_words_are_found_wherever_a_quotation_begins(stored: str, quoted: str) -> None:
    assert says(stored, quoted)


def test_a_paraphrase_is_not_judged() -> None:
    text = "A Súmula 7 do STJ admite o reexame de provas em recurso especial."
    assert only(text, table(SEVEN, STJ=676)).verdict is Verdict.CONFIRMED


def test_where_no_text_is_stored_nothing_can_differ() -> None:
    bare = entry(SEVEN.key, text="")
    assert (
        only("Súmula 7 do STJ: “Qualquer coisa que alguém escreva aqui.”", table(bare, STJ=676)).verdict
        is Verdict.CONFIRMED
    )


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


def test_reasons_agree_with_their_nouns() -> None:
    assert only("ADI 300.000/DF").reason.startswith("Nenhuma ADI")
    assert only("REsp 99.234.567/SP").reason.startswith("Nenhum REsp")
    assert "as súmulas da TNU não estão" in only("Súmula 5 da TNU", table(SEVEN, STJ=676)).reason
    assert "as súmulas do TJSP não estão" in only("Súmula 5 do TJSP", table(SEVEN, STJ=676)).reason


def test_the_day_it_is_in_brazil_is_the_last_that_is_not_in_the_future() -> None:
    text = "REsp 1.234.567/SP, julgado em 29/11/2026"
    assert len(judge(find(text), today=date(2026, 11, 29))) == 1
    assert len(judge(find(text), today=date(2026, 11, 28))) == 2


def test_verdicts_come_in_the_order_of_the_text() -> None:
    places = [one.citation.start for one in judged("REsp 1.000.001/SP, j. 31/02/2020, e Súmula 7/STJ; SV 11")]
    assert len(places) == 4
    assert places == sorted(places)


def test_what_a_newer_release_has_kept_beside_a_verdict_is_passed_over() -> None:
    assert Checked.of({"start": 0, "end": 5, "text": "SV 11", "kind": "x", "verdict": "plausivel", "later": 1}).end == 5


def test_every_kind_has_a_judge() -> None:
    from jurisprudence.citations.judging import _JUDGES
    from jurisprudence.citations.model import Kind

    judges: dict[Any, Any] = _JUDGES
    assert set(judges) == set(Kind) - {Kind.DATA}
