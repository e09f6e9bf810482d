"""The number of a processo: read in any form, checked, and said in words when it is wrong."""

from datetime import datetime
from unittest import mock
from zoneinfo import ZoneInfo

import pytest

from projects.cnj import CaseNumber, WrongNumber, check_digits_of, masked, parse
from projects.courts import COURTS

VALID = {
    "5001234-32.2026.4.03.6100": "TRF3",
    "0010123-73.2024.5.18.0007": "TRT18",
    "1234567-03.2025.8.09.0051": "TJGO",
    "5123456-19.2026.8.07.0001": "TJDFT",
    "0600001-90.2026.6.26.0001": "TRE-SP",
    "0123456-22.2026.3.00.0000": "STJ",
    "7000001-96.2025.7.00.0000": "STM",
    "0800123-33.2026.9.13.0001": "TJMMG",
    "0000042-12.2023.8.26.9001": "TJSP",
}
NOW = datetime(2026, 11, 25, 12, tzinfo=ZoneInfo("America/Sao_Paulo"))


@pytest.fixture(autouse=True)
def _now():
    with mock.patch("django.utils.timezone.now", return_value=NOW):
        yield


@pytest.mark.parametrize(("number", "sigla"), VALID.items())
def test_a_valid_number_names_its_court(number, sigla):
    found = parse(number)
    assert found.court.sigla == sigla
    assert str(found) == number
    assert found.digits == "".join(filter(str.isdigit, number))


@pytest.mark.parametrize(
    "typed",
    [
        "12345670320258090051",
        " 1234567-03.2025.8.09.0051\n",
        "1234567 03 2025 8 09 0051",
        "1234567.03.2025.8.09.0051",
        "1234567\u201103.2025.8.09.0051",
    ],
)
def test_any_mask_or_none_is_the_same_number(typed):
    assert parse(typed) == CaseNumber("12345670320258090051")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("0000001-17.2099.8.26.0001", "O ano do número, 2099, está no futuro"),
        ("0000001-23.2026.8.26.0100", "o dígito verificador deveria ser 68"),
        ("1234567-30.2025.8.09.0051", "o dígito verificador deveria ser 03"),
        ("1234576-03.2025.8.09.0051", "Um dos algarismos está errado"),
        ("1234567-03.2025.8.09.005", "tem 20 algarismos; aqui há 19"),
        ("1234567-03.2025.8.09.00511", "tem 20 algarismos; aqui há 21"),
        ("1234567-03.2025.8.09.OO51", "só tem algarismos"),
        ("١٢٣٤٥٦٧٠٣٢٠٢٥٨٠٩٠٠٥١", "só tem algarismos"),
        ("", "só tem algarismos"),
        ("7", "aqui há 1 algarismo."),
    ],
)
def test_a_wrong_number_is_refused_with_what_is_wrong(typed, words):
    with pytest.raises(WrongNumber, match=words):
        parse(typed)


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("20258280001", "Não existe o tribunal 28 no segmento 8, Justiça dos Estados"),
        ("20259010001", "Não existe o tribunal 01 no segmento 9, Justiça Militar Estadual"),
        ("20250260001", "Não existe o segmento da Justiça 0"),
        ("18998260001", "O ano do número, 1899, não é possível"),
    ],
)
def test_a_court_that_does_not_exist_is_refused_though_the_digits_agree(rest, words):
    right = check_digits_of(f"123456700{rest}")
    with pytest.raises(WrongNumber, match=words):
        parse(f"1234567{right}{rest}")


def test_the_year_that_has_begun_in_sao_paulo_is_not_the_future():
    number = "5001234-32.2026.4.03.6100"
    for moment, is_future in [(datetime(2026, 1, 1, 2, tzinfo=ZoneInfo("UTC")), True), (NOW.replace(month=1), False)]:
        with mock.patch("django.utils.timezone.now", return_value=moment):
            if is_future:
                with pytest.raises(WrongNumber, match="futuro"):
                    parse(number)
            else:
                assert parse(number).year == 2026


@pytest.mark.parametrize("number", VALID)
def test_every_single_wrong_digit_is_noticed(number):
    digits = parse(number).digits
    for place, right in enumerate(digits):
        for wrong in set("0123456789") - {right}:
            with pytest.raises(WrongNumber):
                parse(digits[:place] + wrong + digits[place + 1 :])


@pytest.mark.parametrize("number", VALID)
def test_every_swap_of_neighbours_is_noticed(number):
    digits = parse(number).digits
    for place in range(19):
        swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
        if swapped != digits:
            with pytest.raises(WrongNumber):
                parse(swapped)


def test_there_are_as_many_courts_as_the_resolution_names():
    by_branch = {branch: sum(1 for j, _ in COURTS if j == branch) for branch in range(1, 10)}
    assert by_branch == {1: 1, 2: 1, 3: 1, 4: 7, 5: 26, 6: 28, 7: 13, 8: 27, 9: 3}
    assert COURTS[8, 26].name == "Tribunal de Justiça de São Paulo"
    assert COURTS[6, 7].name == "Tribunal Regional Eleitoral do Distrito Federal"


@pytest.mark.parametrize("text", ["", "2019.0001", "processo antigo", "1234567032025809005X"])
def test_what_is_no_number_is_shown_as_it_is(text):
    assert masked(text) == text
