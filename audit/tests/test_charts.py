"""Charts by day: the bars' heights are the values, the axis is round, and everything is said in words too."""

import itertools
from datetime import date, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string

from audit.charts import (
    HEIGHT,
    WIDTH,
    Chart,
    axis,
    calls_chart,
    charts,
    cost_chart,
    plain,
    seconds,
    short,
    tokens_chart,
)
from audit.costs import Line, Report, Sums

FIRST = date(2026, 10, 24)


def report(*sums: Sums) -> Report:
    days = [Line(f"{FIRST + timedelta(days=n):%d/%m/%Y}", one, FIRST + timedelta(days=n)) for n, one in enumerate(sums)]
    return Report(FIRST, FIRST + timedelta(days=len(sums) - 1), sum(sums, Sums()), days, [], [])


def costing(*values: str) -> Report:
    return report(*(Sums(calls=1, cost_usd=Decimal(value)) for value in values))


def heights(chart: Chart) -> list[float]:
    return [sum(float(piece.height) for piece in bar.pieces) for bar in chart.bars]


def test_a_bar_is_as_high_as_its_value() -> None:
    first, second, third = heights(cost_chart(costing("1", "2", "4")))
    assert second == pytest.approx(2 * first, abs=0.2)
    assert third == pytest.approx(4 * first, abs=0.2)


def test_a_day_without_anything_has_a_place_and_no_bar() -> None:
    chart = cost_chart(costing("1", "0", "1"))
    assert [len(bar.pieces) for bar in chart.bars] == [1, 0, 1]
    left, right = (float(bar.pieces[0].x) for bar in (chart.bars[0], chart.bars[2]))
    assert right - left == pytest.approx(2 / 3 * (WIDTH - 68), abs=1)


def test_what_a_bar_is_made_of_stands_on_each_other() -> None:
    chart = tokens_chart(report(Sums(tokens_input=100, tokens_output=50, cache_read_tokens=200)))
    pieces = chart.bars[0].pieces
    assert [piece.style for piece in pieces] == ["s1", "s2", "s3"]
    for lower, upper in itertools.pairwise(pieces):
        assert float(upper.y) + float(upper.height) == pytest.approx(float(lower.y), abs=0.2)
    assert [one.name for one in chart.series] == ["Entrada", "Saída", "Lidos do cache", "Gravados no cache"]


def test_failed_calls_are_part_of_the_calls() -> None:
    (bar,) = calls_chart(report(Sums(calls=10, failed=4))).bars
    well, failed = (float(piece.height) for piece in bar.pieces)
    assert failed / well == pytest.approx(4 / 6, abs=0.01)
    assert bar.words == "24/10/2026: sem erro 6, com erro 4"


@pytest.mark.parametrize("days", [7, 30, 90])
def test_everything_is_inside_the_picture_and_dates_do_not_crowd(days: int) -> None:
    for chart in charts(costing(*[str(n) for n in range(days)])):
        for bar in chart.bars:
            for piece in bar.pieces:
                assert 0 <= float(piece.x) <= float(piece.x) + float(piece.width) <= WIDTH
                assert 0 <= float(piece.y) <= float(piece.y) + float(piece.height) <= HEIGHT
        assert 4 <= len(chart.dates) <= 7
        assert chart.dates[-1].words == f"{FIRST + timedelta(days=days - 1):%d/%m}"


@pytest.mark.parametrize(
    ("highest", "least", "steps"),
    [
        ("0", "0", ["0", "1"]), ("1", "0", ["0", "0.5", "1.0"]), ("9", "0", ["0", "5", "10"]),
        ("4", "0", ["0", "1", "2", "3", "4"]), ("4.1", "0", ["0", "2", "4", "6"]), ("1", "1", ["0", "1"]),
        ("123456", "1", ["0", "50000", "100000", "150000"]), ("0.00001", "0", ["0", "0.000005", "0.00001"]),
    ],
)  # fmt: skip
def test_the_axis_has_few_round_steps_and_reaches_the_highest(highest: str, least: str, steps: list[str]) -> None:
    found = axis(Decimal(highest), Decimal(least))
    assert found == [Decimal(step) for step in steps]


@pytest.mark.parametrize("highest", [Decimal(n) / 7 for n in range(1, 3000, 41)])
def test_no_axis_has_more_than_five_steps_or_is_much_too_long(highest: Decimal) -> None:
    steps = axis(highest)
    assert 2 <= len(steps) <= 6
    assert highest <= steps[-1] <= 2 * highest + steps[1]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"),
        (999, "999"),
        (9999, "9.999"),
        (12_500, "12,5 mil"),
        (50_000, "50 mil"),
        (3_000_000, "3 mi"),
        (2_500_000_000, "2,5 bi"),
    ],
)
def test_large_numbers_at_the_axis_are_short(value: int, words: str) -> None:
    assert short(Decimal(value)) == words


def test_other_words_at_the_axis() -> None:
    assert [plain(Decimal(value)) for value in ("0", "100", "0.50", "0.000005")] == ["0", "100", "0,5", "0,000005"]
    assert seconds(Decimal("2.54")) == "2,5 s"


def test_what_the_eye_sees_is_said() -> None:
    chart = cost_chart(costing("1", "3.5", "2"))
    assert chart.summary == "De 24/10/2026 a 26/10/2026; o dia mais alto foi 25/10/2026, com US$ 3,50."
    assert chart.bars[1].words == "25/10/2026: US$ 3,50"
    assert cost_chart(costing("0", "0")).summary == "Nada no período."


def test_the_picture_is_svg_that_a_parser_reads_with_points_and_not_commas() -> None:
    html = render_to_string("costs/_chart.html", {"chart": tokens_chart(report(Sums(tokens_input=1, tokens_output=2)))})
    figure = ElementTree.fromstring(html[html.index("<figure") :])
    picture = figure.find("svg")
    assert picture is not None
    assert picture.get("role") == "img"
    assert picture.get("viewBox") == f"0 0 {WIDTH} {HEIGHT}"
    for element in picture.iter():
        for name in ("x", "y", "width", "height", "x1", "y2"):
            if element.get(name):
                float(str(element.get(name)))
    named = {picture.get("aria-labelledby"), picture.get("aria-describedby")}
    assert named == {element.get("id") for element in figure.iter() if element.get("id")}


def test_nothing_in_a_picture_can_be_markup() -> None:
    chart = cost_chart(costing("1"))
    html = render_to_string("costs/_chart.html", {"chart": Chart(**{**vars(chart), "title": "<b>x</b>"})})
    assert "<b>" not in html
