"""Numbers and money as Brazilians write them. Costs are US dollars; reais stand beside them where a rate is set."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings

SMALLEST = Decimal("0.0001")


def number(value: Decimal | float, places: int = 0) -> str:
    """1234.5 as `1.234,5`."""
    return f"{value:,.{places}f}".translate(str.maketrans(",.", ".,"))


def dollars(value: Decimal) -> str:
    """`US$ 1.234,56`; what is less than a cent with four places, so that it is not taken for nothing."""
    return f"US$ {_amount(value)}"


def reais(value: Decimal) -> str:
    """About how much that is, `≈ R$ 1.234,56`; "" when no rate is set."""
    rate: Decimal | None = settings.USD_BRL_RATE
    return "" if rate is None else f"≈ R$ {_amount(value * rate)}"


def both(value: Decimal) -> str:
    """The dollars, with the reais in brackets where a rate is set."""
    about = reais(value)
    return f"{dollars(value)} ({about})" if about else dollars(value)


def rate_words() -> str:
    """By which rate reais are computed; "" when none is set."""
    if settings.USD_BRL_RATE is None:
        return ""
    when = f", de {settings.USD_BRL_DATE}" if settings.USD_BRL_DATE else ""
    return f"Reais são uma aproximação, a R$ {number(settings.USD_BRL_RATE, 4)} por dólar{when}."


def percent(part: Decimal | int, whole: Decimal | int) -> str:
    """`12,3%`; a dash where there is nothing to have a share of."""
    return f"{number(Decimal(part) * 100 / Decimal(whole), 1)}%" if whole else "–"


def _amount(value: Decimal) -> str:
    if value == 0 or abs(value) >= Decimal("0.01"):
        return number(value, 2)
    if abs(value) < SMALLEST:
        return "menos de 0,0001" if value > 0 else "mais de -0,0001"
    return number(value, 4)
