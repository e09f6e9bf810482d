"""Bars as SVG, by ourselves: readable in light and in dark, on a telephone's width and printed; no script, no font file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH, LABEL, RIGHT = 760, 250, 150
ROW, TITLE, GAP = 26, 30, 18
STYLE = """
svg{color-scheme:light dark;font:13px system-ui,-apple-system,'Segoe UI',sans-serif}
.paper{fill:#ffffff}.text{fill:#1f2430}.soft{fill:#5a6375}.bar{fill:#2f5fb3}.floor{fill:#a8b0bf}
.aim{stroke:#b3261e;stroke-width:2}.title{font-weight:600;font-size:14px}
@media (prefers-color-scheme:dark){.paper{fill:#161a22}.text{fill:#e8ebf2}.soft{fill:#a9b2c3}.bar{fill:#7aa5f0}
.floor{fill:#5b6579}.aim{stroke:#ff8a80}}
"""


@dataclass(frozen=True)
class Bar:
    """What was found; beside it what no product can beat (`floor`), and what was aimed at, in the chart's unit."""

    label: str
    value: float
    floor: float | None = None
    aim: float | None = None


@dataclass(frozen=True)
class Chart:
    """Bars on one scale. With `more_is_better` an aim is a least, and the floor a ceiling."""

    title: str
    unit: str
    bars: Sequence[Bar] = field(default_factory=list)
    more_is_better: bool = False


def number(value: float) -> str:
    """As many digits as one reads: 0.42, 3.1, 27, 1,204."""
    if value and abs(value) < 1:
        return f"{value:.2f}"
    return f"{value:.1f}" if abs(value) < 10 and value != int(value) else f"{value:,.0f}"


def draw(heading: str, below: str, charts: Sequence[Chart]) -> str:
    """The whole picture; `below` says when and where it was measured."""
    parts, y = [f'<text class="text title" x="16" y="28" style="font-size:17px">{escape(heading)}</text>'], 48
    for chart in charts:
        drawn, height = _chart(chart, y)
        parts += drawn
        y += height
    words = f'<text class="soft" x="16" y="{y + 14}" style="font-size:11px">{escape(below)}</text>'
    height = y + 30
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(heading)}"><style>{STYLE}</style>'
        f'<rect class="paper" width="{WIDTH}" height="{height}"/>{"".join(parts)}{words}</svg>\n'
    )


def _chart(chart: Chart, top: int) -> tuple[list[str], int]:
    highest = max((max(bar.value, bar.floor or 0, bar.aim or 0) for bar in chart.bars), default=0) or 1
    scale = (WIDTH - LABEL - RIGHT) / highest
    aim = "at least" if chart.more_is_better else "at most"
    legend = "  grey: the floor" if any(bar.floor is not None for bar in chart.bars) else ""
    legend += f"  red: the aim ({aim})" if any(bar.aim is not None for bar in chart.bars) else ""
    parts = [
        f'<text class="text title" x="16" y="{top + 18}">{escape(chart.title)}, {escape(chart.unit)}'
        f'<tspan class="soft" style="font-weight:400;font-size:11px">{escape(legend)}</tspan></text>'
    ]
    y = top + TITLE
    for bar in chart.bars:
        parts += _bar(bar, y, scale)
        y += ROW
    return parts, y - top + GAP


def _bar(bar: Bar, y: int, scale: float) -> list[str]:
    parts = [
        f'<text class="text" x="{LABEL - 8}" y="{y + 14}" text-anchor="end">{escape(bar.label)}</text>',
        f'<rect class="bar" x="{LABEL}" y="{y + 2}" width="{max(bar.value * scale, 1):.1f}" height="11" rx="2"/>',
    ]
    words = number(bar.value)
    if bar.floor is not None:
        width = max(bar.floor * scale, 1)
        parts.append(f'<rect class="floor" x="{LABEL}" y="{y + 14}" width="{width:.1f}" height="5" rx="2"/>')
        ratio = f" ×{number(bar.value / bar.floor)}" if bar.floor else ""
        words += f" ({number(bar.floor)}){ratio}"
    if bar.aim is not None:
        x = LABEL + bar.aim * scale
        parts.append(f'<line class="aim" x1="{x:.1f}" x2="{x:.1f}" y1="{y}" y2="{y + 20}"/>')
    end = LABEL + max(bar.value, bar.floor or 0, bar.aim or 0) * scale
    parts.append(f'<text class="text" x="{end + 6:.1f}" y="{y + 13}">{escape(words)}</text>')
    return parts
