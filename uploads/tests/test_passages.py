"""What counts as the same passage, and what does not: a lawyer has to be able to rely on either."""

import time
import unicodedata

import pytest

from uploads.passages import find, shortened

PAGE = (
    "Vistos. Trata-se de ação de indeni-\nzação proposta por MARIA D’ÁVILA em face do BANCO S.A.,\n"
    "alegando que, em 12/03/2021, teve o nome inscrito — indevidamente — no cadastro. O valor da\n\n"
    "causa é de R$ 1.000.000,00. “Não há prova”, disse o guarda-\nchuva, do processo 0001234-\n56.2020.8.26.0100.\n"
    "Art. 55. A ﬁança e o oﬁcial…\r\nFim da página."
)


def found(quoted: str, text: str = PAGE) -> str | None:
    span = find(text, quoted)
    return text[slice(*span)] if span else None


@pytest.mark.parametrize(
    ("quoted", "there"),
    [
        ("Trata-se de ação", "Trata-se de ação"),
        ("ação de indenização proposta", "ação de indeni-\nzação proposta"),
        ("ação de indeni-\nzação proposta", "ação de indeni-\nzação proposta"),
        ("disse o guarda-chuva", "disse o guarda-\nchuva"),
        ('"Não há prova", disse', "“Não há prova”, disse"),
        ("MARIA D'ÁVILA", "MARIA D’ÁVILA"),
        ("inscrito - indevidamente – no", "inscrito — indevidamente — no"),
        ("O valor da causa", "O valor da\n\ncausa"),
        ("  em\u00a0face\ndo   BANCO ", "em face do BANCO"),
        ("processo 0001234-56.2020.8.26.0100", "processo 0001234-\n56.2020.8.26.0100"),
        ("A fiança e o oficial...", "A ﬁança e o oﬁcial…"),
        (unicodedata.normalize("NFD", "ação de"), "ação de"),
        ("causa é de R$ 1.000.000,00", "causa é de R$ 1.000.000,00"),
        ("Fim da página.", "Fim da página."),
    ],
)
def test_a_passage_is_found_whatever_its_lines_and_its_marks_look_like(quoted: str, there: str) -> None:
    assert found(quoted) == there


@pytest.mark.parametrize(
    "quoted",
    [
        "acao de indenizacao",  # accents
        "Ação de indenização",  # capitals
        "R$ 1.000.000,01",  # digits
        "R$ 1.000.000",  # a number cut short
        "causa é de R$ 1.000",
        "000.000,00",
        "Art. 5",  # another article
        "Tratase de",  # a hyphen that is no line's end
        "indenizaçã",  # half a word
        "zação proposta",
        "guarda",
        "000123456.2020",  # a hyphen between digits is part of the number
        "em face da BANCO",
        "o valor da causa é de R$ 500",
        "",
        "   ",
        "-",
    ],
)
def test_what_is_not_word_for_word_on_the_page_is_not_found(quoted: str) -> None:
    assert found(quoted) is None


def test_a_second_place_is_found_when_the_first_cuts_a_word() -> None:
    assert find("réus e réu", "réu") == (7, 10)


def test_a_page_with_accents_in_two_characters_gives_the_place_in_its_own_text() -> None:
    text = unicodedata.normalize("NFD", "A petição está à página.")
    assert found("está à página", text) == unicodedata.normalize("NFD", "está à página")


def test_soft_hyphens_and_invisible_characters_do_not_hide_a_passage() -> None:
    assert found("prescrição intercorrente", "A pres\u00adcri\u00ad\nção\u200b intercorrente") is not None


def test_a_footnotes_number_behind_a_word_does_not_hide_it() -> None:
    assert found("do direito", "a extinção do direito1 alegado") == "do direito"


def test_a_shortened_passage_ends_with_a_word_and_is_still_found() -> None:
    text = "palavra " * 200 + "fim"
    assert len(shortened(text, 100)) <= 100
    assert shortened(text, 100).endswith("palavra")
    assert found(shortened(text, 100), text)
    assert shortened("curto", 100) == "curto"
    assert shortened("a palavra inteira", 9) == "a palavra"
    assert shortened("x" * 200, 100) == "x" * 100


def test_a_long_page_and_hostile_repetitions_are_looked_through_in_no_time() -> None:
    began = time.process_time()
    assert find("a" * 100_000, "a" * 50_000 + "b") is None
    assert find("ab-\n" * 20_000, "ab" * 5_000) is None
    assert time.process_time() - began < 3


@pytest.mark.parametrize("text", ["a-" + "\r" * 30_000, "a-" + " \r" * 15_000, "1-" + "\x0b\r" * 15_000])
def test_white_space_that_somebody_has_put_there_to_stop_us_stops_nobody(text: str) -> None:
    began = time.process_time()
    assert find(text + "!", "abc") is None
    assert time.process_time() - began < 10


@pytest.mark.parametrize("end", ["\n", "\r", " \r\n\t ", "\u00a0\n\n"])
def test_a_word_broken_at_any_kind_of_lines_end_is_one_word(end: str) -> None:
    assert found("indenização", f"a indeni-{end}zação") == f"indeni-{end}zação"
