"""Costs, tokens and times in words, for the pages about them."""

from decimal import Decimal

from django import template

from audit import money
from audit.costs import Sums

register = template.Library()


@register.filter
def usd(value: Decimal) -> str:
    return money.dollars(value)


@register.filter
def brl(value: Decimal) -> str:
    """About how many reais; "" without a rate."""
    return money.reais(value)


@register.filter
def whole(value: Decimal | int | None) -> str:
    """A number of things; a dash when it is not known."""
    return "–" if value is None else money.number(value)


@register.filter
def share_of(part: Decimal | int, all_of_it: Decimal | int) -> str:
    return money.percent(part, all_of_it)


@register.filter
def secs(value: float | None) -> str:
    """Seconds; a dash when nothing was measured."""
    return "–" if value is None else f"{money.number(value, 1)} s"


@register.filter
def unknown(sums: Sums) -> str:
    """How many calls have no known price; "" when all have one."""
    if not sums.unpriced:
        return ""
    calls = "1 chamada" if sums.unpriced == 1 else f"{money.number(sums.unpriced)} chamadas"
    return f"preço desconhecido: {calls}"
