"""What is found, in sentences of our own making; and that no text, however hostile, is too much.

`sentences/unseen.jsonl` was written before the recogniser and looked at once, when it was done: 98 of 99 were found and 2
of 100 were false, all three for labels that contradicted our own rules (`caput e § 2º` normalised with a comma; two articles
joined by c/c labelled as one). Those labels were put right, nothing else. Whoever changes the recogniser writes new ones.

`sentences/varied.jsonl` was written by somebody else, later, in other styles (e-mails, Markdown, scans, tables, dotted
abbreviations). At first sight 183 of 196 were found and 6 of 189 were false, one of them for a forgotten label; what was
missed was mended by kinds.

`sentences/later.jsonl`, by the same hand, was looked at when that was done: 81 of 84 were found and 2 of 83 were false,
all of them in one sentence (`Súm. 326, 362 e 54 (STJ)`), mended since.
"""

import json
import random
import time
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from jurisprudence.citations.comparing import says
from jurisprudence.citations.finding import find
from jurisprudence.citations.model import Citation, Kind

SENTENCES = Path(__file__).parent / "sentences"
SETS = ("tuned", "unseen", "varied", "later")


def sentences(name: str) -> list[dict[str, Any]]:
    lines = (SENTENCES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def is_it(found: Citation, expected: dict[str, Any]) -> bool:
    """The same kind at the same place and, where the sentence says so, with the same meaning."""
    overlap = found.start < expected["start"] + len(expected["text"]) and expected["start"] < found.end
    return (
        overlap and found.kind == expected["kind"] and expected.get("normalized", found.normalized) == found.normalized
    )


def compared(sentence: dict[str, Any]) -> tuple[list[Any], list[Citation]]:
    """Which expected ones are missing, and which that were found are false. Each counts once."""
    false, missing = find(sentence["text"]), []
    for expected in sentence["citations"]:
        match = next((found for found in false if is_it(found, expected)), None)
        if match:
            false.remove(match)
        else:
            missing.append(expected)
    return missing, false


@pytest.mark.parametrize("name", SETS)
def test_at_least_98_percent_are_found_and_at_most_2_percent_are_false(name: str) -> None:
    missing, false, expected, returned = [], [], 0, 0
    for sentence in sentences(name):
        absent, wrong = compared(sentence)
        missing += [(one["text"], sentence["text"]) for one in absent]
        false += [(one.text, one.normalized, sentence["text"]) for one in wrong]
        expected += len(sentence["citations"])
        returned += len(sentence["citations"]) - len(absent) + len(wrong)
    assert expected - len(missing) >= 0.98 * expected, missing
    assert len(false) <= 0.02 * returned, false


def test_there_are_enough_sentences_and_traps_to_say_so() -> None:
    tuned, unseen = sentences("tuned"), sentences("unseen")
    everything = list(chain.from_iterable(map(sentences, SETS)))
    assert len(tuned) >= 300
    assert len(unseen) >= 100
    assert sum(not sentence["citations"] for sentence in everything) >= 120
    assert len({sentence["text"] for sentence in everything}) == len(everything)
    assert {one["kind"] for sentence in tuned for one in sentence["citations"]} == {*map(str, Kind)} - {"data"}


def test_the_expected_places_are_those_of_the_sentences() -> None:
    for sentence in chain.from_iterable(map(sentences, SETS)):
        for one in sentence["citations"]:
            assert sentence["text"][one["start"] :].startswith(one["text"])


# Meaning ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Súmulas 5 e 7 do STJ e 282 do STF", ["Súmula 5 do STJ", "Súmula 7 do STJ", "Súmula 282 do STF"]),
        (
            "art. 300 do CPC¹, Súmula 7²/STJ³ e REsp 1.234.567/SP⁴; art. 5º¹² da CF",
            ["art. 300 do CPC", "Súmula 7 do STJ", "REsp 1.234.567/SP", "art. 5º da CF"],
        ),
        ("art.\u200b 5º da CF\ufeff", ["art. 5º da CF"]),
        ("o REsp: 1.234.567; RE: 12.345; MI: 12", ["REsp 1.234.567"]),
        ("Súm. 326, 362 e 54 (STJ)", ["Súmula 326 do STJ", "Súmula 362 do STJ", "Súmula 54 do STJ"]),
        ("Súmula 7 e 30 (trinta) dias", ["Súmula 7"]),
        ("Súmula 5 e Súmula 7, ambas do STJ", ["Súmula 5 do STJ", "Súmula 7 do STJ"]),
        ("a Súmula 7 do STJ não incide. A Súmula 7, repito,", ["Súmula 7 do STJ", "Súmula 7 do STJ"]),
        (
            "Tema 69/STF, Tema 69/STJ e, adiante, o Tema 69",
            ["Tema 69 da repercussão geral", "Tema 69 dos repetitivos", "Tema 69"],
        ),
        ("a Súmula 7 não incide; nem a Súmula 83 do STJ", ["Súmula 7", "Súmula 83 do STJ"]),
        ("arts. 926 a 928 do CPC", ["arts. 926 a 928 do CPC"]),
        ("o art. 186, bem como o art. 927, do CC", ["art. 186 do CC", "art. 927 do CC"]),
        ("CPC, art. 300, e art. 5º, XXXV, da CF", ["art. 300 do CPC", "art. 5º, XXXV, da CF"]),
        ("art. 300 do CPC. O art. 12 da portaria", ["art. 300 do CPC", "art. 12 da Portaria"]),
        ("Lei 8.078/90, art. 6º, VIII", ["art. 6º, VIII, da Lei 8.078/1990"]),
        ("arts. 98/102 do CPC", ["arts. 98 a 102 do CPC"]),
        ("arts. 5/2020", ["art. 5º"]),
        (
            "art. 1º ao 3º da LINDB e incs. I ao IV do art. 1.022 do CPC",
            ["arts. 1º a 3º da LINDB", "art. 1.022, I ao IV, do CPC"],
        ),
        ("art. 700 usque 702 do CPC", ["arts. 700 a 702 do CPC"]),
        (
            "art. 7º, 6, da CADH e art. 8.2.h da CADH",
            [
                "art. 7º, 6, da Convenção Americana de Direitos Humanos",
                "art. 8º da Convenção Americana de Direitos Humanos",
            ],
        ),
        ("art. primeiro do Código Penal; o artigo segundo da revista", ["art. 1º do CP"]),
        ("artigo 1o., § 2o., da Lei n. 9.613/98", ["art. 1º, § 2º, da Lei 9.613/1998"]),
        ("art-10 do CPC e art. 6º do C.D.C.", ["art. 10 do CPC", "art. 6º do CDC"]),
        ("R.Esp. 1.234.567/SP e H.C. 123.456/SP", ["REsp 1.234.567/SP", "HC 123.456/SP"]),
        ("ADI 4.277/ADPF 132; Campo Grande/MS 79.002", ["ADI 4.277", "ADPF 132"]),
        ("IAC 10/STJ, IRDR 5 do TJSP e REspe 12345/SP", ["IAC 10", "IRDR 5", "REspe 12.345/SP"]),
        ("Tema 21 de IRR; Tema 6 da Tabela de Recursos de Revista Repetitivos", ["Tema 21 do TST", "Tema 6 do TST"]),
        ("Ap. Cív. 1.0000.20.123456-7/001", ["Apelação Cível 1.0000.20.123456-7/001"]),
        ("NR-15, a NR 6 e o registro NR 45; NR-99", ["NR 15", "NR 6"]),
        ("Convenção nº 158 da OIT; convenção 3 do bairro", ["Convenção 158 da OIT"]),
        ("Circular BACEN 3.978/2020; Circular Interna 5/2020", ["Circular BACEN 3.978/2020"]),
        ("0010123-73.2024.5.18.\n  0007", ["0010123-73.2024.5.18.0007"]),
        ("O sr. R. E. 2020 e a sra. M. S. 12.345; S. V. 12", []),
        ("a lei 9099; a lei 2023; o decreto 1234", ["Lei 9.099"]),
        ("RR-1000-71.2012.5.06.0018", ["0001000-71.2012.5.06.0018"]),
        ("REsp 1.861.961/SP e 30.000 reais", ["REsp 1.861.961/SP"]),
    ],
)
def test_what_stands_around_says_which_court_and_which_law(text: str, expected: list[str]) -> None:
    assert [citation.normalized for citation in find(text)] == expected


def test_an_article_far_from_any_law_is_of_none() -> None:
    (code, article) = find("O art. 300 do CPC exige urgência. Noutra ordem de ideias, o art. 12 nada diz.")
    assert code.law is not None
    assert article.law is None


def test_a_decision_names_its_class_its_state_and_the_court_it_belongs_to() -> None:
    (found,) = find("AgInt no AREsp 1.834.567/SP")
    assert (found.category, found.number, found.state, found.court) == ("AgInt no AREsp", 1834567, "SP", "STJ")


def test_words_in_quotation_marks_belong_to_the_citation_that_introduces_them() -> None:
    before = 'Dispõe a Súmula 7 do STJ que "a pretensão de simples reexame de prova não enseja recurso especial".'
    after = "“A pretensão de simples reexame de prova não enseja recurso especial” (Súmula 7 do STJ)."
    block = "Súmula 7 do STJ:\n\n> A pretensão de simples reexame de prova\n> não enseja recurso especial.\n"
    for text in (before, after, block):
        (found,) = find(text)
        assert found.quotation is not None, text
        assert text[found.quotation.start : found.quotation.end] == found.quotation.text
        assert "reexame de prova" in found.quotation.text


@pytest.mark.parametrize(
    "text",
    [
        'Aplicou a Súmula 7 do STJ porque o autor afirmou "que a prova dos autos era insuficiente para tanto".',
        'As Súmulas 5 e 7 do STJ: "a simples interpretação de cláusula contratual não enseja recurso especial".',
        'Súmula 7 do STJ: "prova".',
    ],
)
def test_words_that_may_be_somebody_elses_are_given_to_no_citation(text: str) -> None:
    assert [found.quotation for found in find(text)] == [None] * len(find(text))


def test_of_a_long_list_none_is_left_out() -> None:
    found = find(f"Súmulas {', '.join(map(str, range(1, 200)))} e 200 do STJ")
    assert [(one.number, one.court) for one in found] == [(number, "STJ") for number in range(1, 201)]


def test_what_a_note_s_mark_stands_in_is_given_as_it_is_written() -> None:
    text = 'Nota¹: a Súmula 7¹ do STJ² diz que "a pretensão de simples reexame³ de prova".'
    (found,) = find(text)
    assert found.text == "Súmula 7¹ do STJ"
    assert found.quotation is not None
    assert "reexame³" in found.quotation.text
    assert says("A pretensão de simples reexame de prova não enseja recurso.", found.quotation.text)


def test_dates_of_a_decision_come_with_it_up_to_the_next() -> None:
    first, second = find(
        "REsp 1.000.001/SP, j. 12/09/2017, DJe de 1º de outubro de 2017; REsp 1.000.002/SP, julgado em 31/02/2018."
    )
    assert [str(date.day) for date in first.dates] == ["2017-09-12", "2017-10-01"]
    assert [date.day for date in second.dates] == [None]


# Any text -----------------------------------------------------------------------------------------

PIECES = ["art.", "arts.", "artigo", "§", "§§", "inciso", "alínea", "caput", "parágrafo", "único", "I", "II", "XXXV", "a", "b", "e", "c/c", "do", "da", "dos", "das", "ambos", "todos", "CPC", "CC", "CF", "Lei", "lei", "nº", "n.", "8.078/90", "1.022", "5º", "1.240-A", "300", "0", "99999999999", "Súmula", "Súmulas", "Vinculante", "SV", "STJ", "STF", "TST", "TJSP", "TRF", "da", "4ª", "Região", "Tema", "Temas", "RG", "OJ", "SDI-1", "PN", "REsp", "AgInt", "no", "AREsp", "EDcl", "HC", "RE", "MS", "/SP", "/XX", "-", "–", "(", ")", ",", ".", ";", ":", '"', "“", "”", ">", "\n", "\n\n", "1234567-03.2025.8.09.0051", "12345670320258090051", "julgado", "em", "31/02/2030", "de", "1990", "²", "①", "é́", "\xa0", "\u200b", "�", "٣", "５", "ª", "%"]  # fmt: skip


def made(seed: int, pieces: int) -> str:
    chance = random.Random(seed)
    return "".join(chance.choice(PIECES) + chance.choice(["", " ", " ", "\n"]) for _ in range(pieces))


@pytest.mark.parametrize("seed", range(60))
def test_any_text_is_read_and_what_is_found_lies_where_it_says(seed: int) -> None:
    text = made(seed, 400)
    end = 0
    for found in find(text):
        assert found.text == text[found.start : found.end]
        assert end <= found.start < found.end, "none inside another, in the order of the text"
        assert found.normalized
        end = found.end


@pytest.mark.parametrize("seed", range(20))
def test_characters_at_random_are_read_too(seed: int) -> None:
    chance = random.Random(seed)
    text = "".join(chr(chance.randrange(1, 0x2FFF)) for _ in range(5000))
    for found in find(text):
        assert found.text == text[found.start : found.end]


def seconds(text: str) -> float:
    """Of the processor, the best of three: what else runs on the machine counts little."""
    spent = []
    for _ in range(3):
        started = time.process_time()
        find(text)
        spent.append(time.process_time() - started)
    return min(spent)


HOSTILE = (
    "art. ", "art. 1, 2, 3, ", "§ ", "inciso I do ", "alínea a, b e c do ", '"', "“abcdefghijklmnopqrstu", "1", "1.", "12345678901234567890 ",
    "1234567-", "Súmula 5, ", "Súmulas ", "I, ", " ", "\n> ", "EDcl no ", "REsp 1.000.000, ", "Lei nº 1, ", "Código de Processo ", "E-",
    "Constituição da República ", "tema 5 ", "do STJ ", "julgado em ", "A", "arts. 1/2", "C.P.", "R.", "S.V. ",
    "Súmulas aplicáveis: ", "art. 8º, 2, h, ", "ADI 4.277/", "0010123-73.2024. \n", "Convenção da OIT ", "art. quinto ",
)  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_the_length_and_no_faster(piece: str) -> None:
    """Four times as long may take eight times as long, not sixteen; below some milliseconds there is nothing to compare."""
    short = seconds(piece * (20_000 // len(piece)))
    long = seconds(piece * (80_000 // len(piece)))
    assert long < max(8 * short, 0.1)
