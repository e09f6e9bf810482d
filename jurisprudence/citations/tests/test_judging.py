"""Verdicts: what is proven wrong, what is found, and what nobody can say."""

from datetime import date
from typing import Any

import pytest

from jurisprudence.citations.comparing import says
from jurisprudence.citations.finding import find
from jurisprudence.citations.judging import Verdict, judge
from jurisprudence.citations.kept import Checked
from jurisprudence.citations.looking_up import CaseAnswer, Looked
from jurisprudence.citations.tests.verdicts import READ, SEVEN, TEXT, entry, judged, only, table
from jurisprudence.precedents.known import Key

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
