"""Case numbers in a text: those that are ones, each once, however they are written."""

from __future__ import annotations

import pytest

from projects.cnj import find_all

ONE, OTHER = "5001234-32.2026.4.03.6100", "0010123-73.2024.5.18.0007"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"Nos autos {ONE}, e no {OTHER}.", [ONE, OTHER]),
        (f"{ONE} e outra vez {ONE.replace('.', '').replace('-', '')}", [ONE]),
        (f"(processo nº {ONE})", [ONE]),
        (f"{ONE}\n{OTHER}", [ONE, OTHER]),
        ("5001234–32.2026.4.03.6100", [ONE]),
        ("0000001-23.2026.8.26.0100", []),  # should be 68
        ("0000001-17.2099.8.26.0001", []),  # in the future
        (f"9{ONE}", []),
        (f"{ONE}9", []),
        ("REsp 1.234.567/SP, conta 12345678901234567890123", []),
        ("", []),
    ],
)
def test_numbers_in_a_text(text: str, found: list[str]) -> None:
    assert [str(number) for number in find_all(text)] == found


def test_a_long_text_without_any_is_looked_through_at_once() -> None:
    assert find_all("1234567-" * 100_000) == []
