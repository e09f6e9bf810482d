"""Bar charts by day as SVG: the geometry here, the markup in `costs/_chart.html`, the colours in `costs.css`.

Numbers for SVG are text already: a template would write them with decimal commas.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from audit.costs import Report, Sums
from audit.money import dollars, number

WIDTH, HEIGHT = 440, 190
LEFT, RIGHT, TOP, BOTTOM = 58, 10, 10, 28  # around the bars, for the axes' words
DATES = 5  # labels on the axis of days
STEPS = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))

Read = Callable[[Sums], Decimal | int | float]
Words = Callable[[Decimal], str]


@dataclass(frozen=True)
class Series:
    """One of the values that a bar is made of; `style` is its class in the style sheet."""

    name: str
    style: str
    read: Read


@dataclass(frozen=True)
class Piece:
    style: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Bar:
    words: str  # what the bar says: the day and its values
    pieces: Sequence[Piece]


@dataclass(frozen=True)
class Mark:
    """A label on an axis, in the middle of `x` or left of it."""

    x: str
    y: str
    words: str


@dataclass(frozen=True)
class Chart:
    id: str
    title: str
    summary: str  # the same in a sentence, for who does not see it
    series: Sequence[Series]
    bars: Sequence[Bar]
    heights: Sequence[Mark]  # the axis of values, with its lines
    dates: Sequence[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    below: int = HEIGHT - 8


def chart(
    id: str, title: str, report: Report, series: Sequence[Series], words: Words, mark: Words, least: Decimal | int = 0
) -> Chart:
    """Stacked bars, one a day. `words` writes a value, `mark` one at the axis, whose steps are not below `least`."""
    days = [line.key for line in report.days]
    values = [[Decimal(one.read(line.sums)) for one in series] for line in report.days]
    steps = axis(max((sum(parts, Decimal(0)) for parts in values), default=Decimal(0)), Decimal(least))
    return Chart(
        id=id,
        title=title,
        summary=_summary(days, values, words),
        series=series,
        bars=_bars(days, values, series, steps[-1], words),
        heights=[Mark(str(LEFT - 6), _number(_y(step, steps[-1])), mark(step)) for step in steps],
        dates=_dates(days),
    )


def axis(highest: Decimal, least: Decimal = Decimal(0)) -> list[Decimal]:
    """Round values from 0 to the highest or a little more, `least` or more apart; five at most."""
    if highest <= 0:
        return [Decimal(0), Decimal(1)]
    magnitude = Decimal(10) ** (highest / 4).adjusted()
    step = max(least, next(size * magnitude for size in STEPS if size * magnitude * 4 >= highest))
    return [step * n for n in range(math.ceil(highest / step) + 1)]


def _bars(
    days: Sequence[date], values: Sequence[Sequence[Decimal]], series: Sequence[Series], top: Decimal, words: Words
) -> list[Bar]:
    slot = Decimal(WIDTH - LEFT - RIGHT) / max(len(days), 1)
    bars = []
    for place, (day, parts) in enumerate(zip(days, values, strict=True)):
        pieces, low = [], Decimal(0)
        for one, value in zip(series, parts, strict=True):
            if value > 0:
                upper, lower = _y(low + value, top), _y(low, top)
                x, width = LEFT + slot * (place + Decimal("0.1")), slot * Decimal("0.8")
                pieces.append(Piece(one.style, _number(x), _number(upper), _number(width), _number(lower - upper)))
                low += value
        bars.append(Bar(_words_of(day, parts, series, words), pieces))
    return bars


def _words_of(day: date, parts: Sequence[Decimal], series: Sequence[Series], words: Words) -> str:
    if len(series) == 1:
        return f"{day:%d/%m/%Y}: {words(parts[0])}"
    said = ", ".join(f"{one.name.lower()} {words(value)}" for one, value in zip(series, parts, strict=True))
    return f"{day:%d/%m/%Y}: {said}"


def _dates(days: Sequence[date]) -> list[Mark]:
    slot = Decimal(WIDTH - LEFT - RIGHT) / max(len(days), 1)
    every = -(-len(days) // DATES)
    return [
        Mark(_number(LEFT + slot * (place + Decimal("0.5"))), str(HEIGHT - 8), f"{day:%d/%m}")
        for place, day in enumerate(days)
        if (len(days) - 1 - place) % every == 0
    ]


def _summary(days: Sequence[date], values: Sequence[Sequence[Decimal]], words: Words) -> str:
    """What the eye would take from the bars."""
    sums = [sum(parts, Decimal(0)) for parts in values]
    if not any(sums):
        return "Nada no período."
    highest = max(range(len(sums)), key=sums.__getitem__)
    span = f"De {days[0]:%d/%m/%Y} a {days[-1]:%d/%m/%Y}"
    return f"{span}; o dia mais alto foi {days[highest]:%d/%m/%Y}, com {words(sums[highest])}."


def _y(value: Decimal, top: Decimal) -> Decimal:
    return Decimal(HEIGHT - BOTTOM) - value / top * (HEIGHT - BOTTOM - TOP)


def _number(value: Decimal) -> str:
    return f"{value:.1f}"


# The charts of a report --------------------------------------------------------------------------


def charts(report: Report) -> list[Chart]:
    return [cost_chart(report), tokens_chart(report), calls_chart(report), first_token_chart(report)]


def cost_chart(report: Report) -> Chart:
    series = [Series("Custo", "s1", lambda sums: sums.cost_usd)]
    return chart("custo", "Custo por dia, em US$", report, series, dollars, plain)


def tokens_chart(report: Report) -> Chart:
    series = [
        Series("Entrada", "s1", lambda sums: sums.tokens_input),
        Series("Saída", "s2", lambda sums: sums.tokens_output),
        Series("Lidos do cache", "s3", lambda sums: sums.cache_read_tokens),
        Series("Gravados no cache", "s4", lambda sums: sums.cache_write_tokens),
    ]
    return chart("tokens", "Tokens por dia", report, series, number, short, least=1)


def calls_chart(report: Report) -> Chart:
    series = [
        Series("Sem erro", "s1", lambda sums: sums.calls - sums.failed),
        Series("Com erro", "bad", lambda sums: sums.failed),
    ]
    return chart("chamadas", "Chamadas por dia", report, series, number, short, least=1)


def first_token_chart(report: Report) -> Chart:
    series = [Series("Tempo médio", "s2", lambda sums: sums.first_token_seconds or 0)]
    return chart("espera", "Tempo médio até o primeiro token, em segundos", report, series, seconds, plain)


def plain(value: Decimal) -> str:
    """With as many decimals as it has, up to six."""
    return number(value, min(6, max(0, -int(value.normalize().as_tuple().exponent))))


def short(value: Decimal) -> str:
    """`1.250`, `12,5 mil`, `3 mi`, `2 bi`."""
    for from_, size, name in ((10**9, 10**9, "bi"), (10**6, 10**6, "mi"), (10**4, 10**3, "mil")):
        if value >= from_:
            return f"{plain(round(value / size, 1))} {name}"
    return number(value)


def seconds(value: Decimal) -> str:
    return f"{number(value, 1)} s"
