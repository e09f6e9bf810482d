"""What the checks find of numbers that carry their own proof: registrations, amounts, numbers in words, dates."""

import pytest

from documents import types
from documents.checking import values
from documents.checking.paper import Level
from documents.checking.words import cents
from documents.tests.test_checks import found


@pytest.mark.parametrize(
    "number",
    ["529.982.247-25", "CPF nº 52998224725", "11.222.333/0001-81", "CNPJ 11222333000181", "12.ABC.345/01DE-35"],
)
def test_registrations_with_their_check_digits_are_left_in_peace(number: str) -> None:
    assert found(values.registrations, f"<p>inscrita sob {number}.</p>") == []


@pytest.mark.parametrize(
    "number",
    [
        "529.982.247-26",
        "CPF: 52998224752",
        "111.111.111-11",
        "11.222.333/0001-82",
        "CNPJ/MF 11222333000118",
        "12.ABC.345/01DE-36",
        "00.000.000/0000-00",
    ],
)
def test_registrations_without_them_are_wrong(number: str) -> None:
    assert found(values.registrations, f"<p>inscrita sob {number}.</p>") == [(Level.WRONG, 0)]


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("mil e quinhentos reais", 150_000), ("um real", 100), ("cem reais e um centavo", 10_001), ("cinquenta centavos", 50),
        ("dois milhões de reais", 200_000_000), ("um milhão, duzentos e trinta e quatro mil, quinhentos e sessenta e sete reais e oitenta e nove centavos", 123_456_789),
        ("vinte e um mil reais", 2_100_000), ("novecentos e noventa e nove bilhões de reais", 99_900_000_000_000), ("quatorze reais", 1400), ("catorze reais", 1400),
        ("mil cento e um reais", 110_100), ("zero reais", 0),
        ("mil e quinhentos", None), ("mil dólares", None), ("muitos reais", None), ("", None),
    ],
)  # fmt: skip
def test_amounts_in_words_are_read(words: str, count: int | None) -> None:
    assert cents(words) == count


@pytest.mark.parametrize(
    "said",
    [
        "R$ 1.500,00 (mil e quinhentos reais)", "R$ 1.500 (mil e quinhentos reais)", "R$1500,00 (mil e quinhentos reais)", "R$ 0,50 (cinquenta centavos)",
        "mil e quinhentos reais (R$ 1.500,00)", "no valor de cem reais (R$ 100,00)", "R$ 1.500,00 (valor histórico)", "R$ 2 milhões", "R$ 10,00.", "R$ 10,00, e",
        "R$ 1.500,00 (Mil e Quinhentos Reais)",
    ],
)  # fmt: skip
def test_amounts_that_agree_are_left_in_peace(said: str) -> None:
    assert found(values.amounts, f"<p>pagar {said}</p>") == []


@pytest.mark.parametrize(
    "said",
    [
        "R$ 1.500,00 (mil e seiscentos reais)",
        "R$ 1.500,50 (mil e quinhentos reais)",
        "mil e quinhentos reais (R$ 15.000,00)",
        "R$ 1,500.00",
        "R$ 1.50,00",
        "R$ 1.500,0",
    ],
)
def test_amounts_that_do_not_agree_or_are_none_are_wrong(said: str) -> None:
    assert found(values.amounts, f"<p>pagar {said}</p>") == [(Level.WRONG, 0)]


def test_before_an_amount_in_brackets_only_words_of_an_amount_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that stands before each would be ten seconds of a long text."""
    asked, unaccented = list[str](), types.unaccented
    monkeypatch.setattr("documents.checking.paper.unaccented", lambda word: asked.append(word) or unaccented(word))
    monkeypatch.setattr("documents.checking.values.unaccented", lambda word: asked.append(word) or unaccented(word))
    assert found(values.amounts, f"<p>{'o valor de (R$ 1,00) ' * 100}</p>") == []
    assert len(asked) < 500
    assert found(values.amounts, "<p>o valor de vinte reais (R$ 1,00)</p>") == [(Level.WRONG, 0)]


@pytest.mark.parametrize("said", ["R$ 0,6562 por kWh", "R$ 5,899 o litro", "R$ 1.234,567"])
def test_prices_of_a_unit_may_be_right(said: str) -> None:
    assert found(values.amounts, f"<p>a {said}</p>") == [(Level.LOOK, 0)]


def test_what_cannot_be_read_as_an_amount_is_to_be_looked_at() -> None:
    assert found(values.amounts, "<p>R$ 1.500,00 (mil e quinhetos reais)</p>") == [(Level.LOOK, 0)]


@pytest.mark.parametrize(
    "said",
    [
        "15 (quinze) dias",
        "2 (duas) vias",
        "10% (dez por cento)",
        "art. 5 (caput)",
        "3 (três vezes)",
        "200 (duzentas) ações",
        "1 (um mês e meio)",
    ],
)
def test_numbers_that_agree_with_their_words_are_left_in_peace(said: str) -> None:
    assert found(values.counts, f"<p>em {said}</p>") == []


@pytest.mark.parametrize("said", ["15 (cinco) dias", "30 (trinta e um) dias", "10% (vinte por cento)", "2 (três) vias"])
def test_numbers_that_do_not_are_wrong(said: str) -> None:
    assert found(values.counts, f"<p>em {said}</p>") == [(Level.WRONG, 0)]


@pytest.mark.parametrize(
    "said",
    [
        "31/12/2025", "29/02/2024", "1º de março de 2026", "segunda-feira, 3 de agosto de 2026", "segunda-feira, 03/08/2026", "Lei 8.078/1990", "13/2026",
        "30 de abril", "29 de fevereiro", "Goiânia, 28 de novembro de 2026.", "processo 45/99/2020/1", "12 de março de 1990", "fls. 31/32",
    ],
)  # fmt: skip
def test_days_that_there_are_are_left_in_peace(said: str) -> None:
    assert found(values.dates, f"<p>em {said}</p>") == []


@pytest.mark.parametrize(
    "said",
    [
        "31/02/2026",
        "29/02/2023",
        "31 de novembro de 2026",
        "00/10/2025",
        "12/13/2025",
        "31 de abril",
        "terça-feira, 3 de agosto de 2026",
        "sexta-feira (03/08/2026)",
    ],
)
def test_days_that_there_are_not_are_wrong(said: str) -> None:
    assert found(values.dates, f"<p>em {said}</p>") == [(Level.WRONG, 0)]


@pytest.mark.parametrize("said", ["10/10/2206", "3 de maio de 1202"])
def test_years_that_are_far_off_are_to_be_looked_at(said: str) -> None:
    assert found(values.dates, f"<p>em {said}</p>") == [(Level.LOOK, 0)]
