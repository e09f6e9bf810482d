"""Numbers, dollars and reais in words."""

from decimal import Decimal

import pytest
from pytest_django import Settings

from audit import money


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0", "US$ 0,00"), ("0.004", "US$ 0,0040"), ("0.00999", "US$ 0,0100"), ("0.01", "US$ 0,01"), ("1", "US$ 1,00"),
        ("1234.5", "US$ 1.234,50"), ("1234567.891", "US$ 1.234.567,89"), ("-2.5", "US$ -2,50"),
        ("0.00004", "US$ menos de 0,0001"), ("-0.00004", "US$ mais de -0,0001"),
    ],
)  # fmt: skip
def test_dollars_are_written_as_in_brazil_and_little_is_not_nothing(value: str, words: str) -> None:
    assert money.dollars(Decimal(value)) == words


def test_reais_stand_beside_them_only_with_a_rate_and_as_an_approximation(settings: Settings) -> None:
    settings.USD_BRL_RATE = None
    assert (money.reais(Decimal(10)), money.both(Decimal(10)), money.rate_words()) == ("", "US$ 10,00", "")
    settings.USD_BRL_RATE = Decimal("5.4321")
    assert money.reais(Decimal(10)) == "≈ R$ 54,32"
    assert money.both(Decimal(1000)) == "US$ 1.000,00 (≈ R$ 5.432,10)"
    assert money.rate_words() == "Reais são uma aproximação, a R$ 5,4321 por dólar."
    settings.USD_BRL_DATE = "20/11/2026"
    assert money.rate_words().endswith("a R$ 5,4321 por dólar, de 20/11/2026.")


@pytest.mark.parametrize(("part", "whole", "words"), [(1, 3, "33,3%"), (0, 3, "0,0%"), (3, 3, "100,0%"), (0, 0, "–")])
def test_a_share_of_nothing_is_a_dash(part: int, whole: int, words: str) -> None:
    assert money.percent(part, whole) == words
