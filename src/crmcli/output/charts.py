"""Charts made of characters: bars around a zero line, sparklines, funnels and heat maps, with ASCII where need be.

What a chart shows is said by ``Sheet.chart``; the same charts as drawings for a page are in ``drawings``.
"""

from collections.abc import Sequence
from typing import NamedTuple

from crmcli.output.bars import bar
from crmcli.output.cells import cut, pad, people, width
from crmcli.output.safe import safe
from crmcli.reports.result import Chart, Sheet

_SPARKS = ("▁▂▃▄▅▆▇█", "_.-=+*#@")
_SHADES = (" ░▒▓█", " .:*#")
_ZERO = ("│", "|")
_LABEL = 24  # cells of the longest label
_CELL = 2  # cells of a square of a heat map
_WIDEST = 60  # cells of the longest bar


class Look(NamedTuple):
    """How wide a chart may be, in cells, in which language, whose currency, and whether beyond ASCII."""

    width: int
    currency: str
    locale: str = "en"
    unicode: bool = True


def chart_lines(sheet: Sheet, look: Look) -> list[str]:
    """Return the chart of a sheet as lines; none where it says none, has nothing to draw, or its table has bars."""
    sheet, chart = sheet.drawn, sheet.chart
    has_bars = any(column.type == "bar" for column in sheet.columns)
    if chart is None or not sheet.rows or (chart.kind == "bars" and has_bars):
        return []
    drawn = _KINDS[chart.kind](sheet, chart, look)
    return [cut(line, look.width) if look.unicode else line[: look.width] for line in drawn]


def number(value: object) -> float | None:
    """Return what is drawn of a presented value; None of one that is no number."""
    from decimal import Decimal

    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None


def told(sheet: Sheet, key: str, value: object, currency: str, locale: str) -> str:
    """Return a value of a column as people read it."""
    kind = next((column.type for column in sheet.columns if column.key == key), "text")
    return people(value, "number" if kind == "figure" else kind, currency=currency, locale=locale) or "n/a"


def named(sheet: Sheet, key: str) -> str:
    """Return the label of a column."""
    return next((column.label for column in sheet.columns if column.key == key), key)


def _labels(sheet: Sheet, chart: Chart) -> list[str]:
    return [cut(safe(str(row.get(chart.label) or "(none)")), _LABEL) for row in sheet.rows]


def _bars(sheet: Sheet, chart: Chart, look: Look) -> list[str]:
    """Draw a bar for each row and value; where some are below zero, all begin at a zero line."""
    several = len(chart.values) > 1
    entries = [
        (f"{label}  {named(sheet, key)}" if several else label, row.get(key), key)
        for row, label in zip(sheet.rows, _labels(sheet, chart), strict=True)
        for key in chart.values
        if number(row.get(key)) is not None or not several
    ]
    figures = [number(value) for _, value, _ in entries]
    texts = [told(sheet, key, value, look.currency, look.locale) for _, value, key in entries]
    names = max((width(label) for label, _, _ in entries), default=0)
    room = min(max(look.width - names - max(map(width, texts), default=0) - 4, 4), _WIDEST)
    return [
        f"{pad(label, names)}  {drawn}  {text}".rstrip()
        for (label, _, _), drawn, text in zip(entries, _around_zero(figures, room, look.unicode), texts, strict=True)
    ]


def _around_zero(figures: Sequence[float | None], room: int, unicode: bool) -> list[str]:
    """Return a bar for each figure, all of one width; the part below zero stands left of a zero line."""
    highest, lowest = (edge([figure or 0.0 for figure in figures] + [0.0]) for edge in (max, min))
    span = (highest - lowest) or 1.0
    left = 0 if lowest == 0 else min(max(1, round(-lowest / span * room)), room - 1)
    right = room - left - (1 if left else 0)
    drawn = []
    for figure in figures:
        value = figure or 0.0
        above = bar(value / highest if highest else 0.0, width=right, unicode=unicode) if value > 0 else ""
        below = ("█" if unicode else "#") * max(1, round(value / lowest * left)) if value < 0 else ""
        drawn.append((below.rjust(left) + _ZERO[not unicode] if left else "") + pad(above, right))
    return drawn


def _line(sheet: Sheet, chart: Chart, look: Look) -> list[str]:
    """Draw a sparkline for each value over all rows, with its least and its greatest, and the ends of the axis."""
    labels = _labels(sheet, chart)
    names = max(width(cut(safe(named(sheet, key)), _LABEL)) for key in chart.values)
    lines = []
    for key in chart.values:
        cells = [row.get(key) for row in sheet.rows]
        known = [cell for cell in cells if number(cell) is not None]
        ends = [told(sheet, key, edge, look.currency, look.locale) for edge in _edges(known)]
        marks = _sparks([number(cell) for cell in cells], look.unicode)
        lines.append(f"{pad(cut(safe(named(sheet, key)), _LABEL), names)}  {marks}  {' to '.join(ends)}".rstrip())
    axis = f"{labels[0]} to {labels[-1]}" if len(labels) > 1 else labels[0]
    return [*lines, " " * (names + 2) + axis]


def _edges(known: list[object]) -> list[object]:
    """Return the least and the greatest of some numbers; nothing of none."""
    ordered = sorted(known, key=lambda cell: number(cell) or 0.0)
    return [ordered[0], ordered[-1]] if ordered else []


def _sparks(figures: Sequence[float | None], unicode: bool) -> str:
    marks = _SPARKS[not unicode]
    known = [figure for figure in figures if figure is not None]
    lowest, highest = min([0.0, *known]), max([0.0, *known])
    span = (highest - lowest) or 1.0
    top = len(marks) - 1
    return "".join(" " if figure is None else marks[round((figure - lowest) / span * top)] for figure in figures)


def _funnel(sheet: Sheet, chart: Chart, look: Look) -> list[str]:
    """Draw steps one below the other, centred, each with its count and its share of the step before."""
    key = chart.values[0]
    figures = [max(number(row.get(key)) or 0.0, 0.0) for row in sheet.rows]
    texts = [told(sheet, key, row.get(key), look.currency, look.locale) for row in sheet.rows]
    shares = [
        "" if place == 0 or not figures[place - 1] else f"{figure / figures[place - 1]:.1%}"
        for place, figure in enumerate(figures)
    ]
    labels = _labels(sheet, chart)
    names, numbers = max(map(width, labels)), max(map(width, texts))
    room = min(max(look.width - names - numbers - 12, 4), _WIDEST)
    widest = max(figures) or 1.0
    mark = "█" if look.unicode else "#"
    return [
        f"{pad(label, names)}  {(mark * max(1 if figure else 0, round(figure / widest * room))).center(room)}"
        f"  {pad(text, numbers, right=True)}  {share}".rstrip()
        for label, figure, text, share in zip(labels, figures, texts, shares, strict=True)
    ]


def _heat(sheet: Sheet, chart: Chart, look: Look) -> list[str]:
    """Draw a square for each value of each row, the darker the greater above zero; what is missing is a dot."""
    shades = _SHADES[not look.unicode]
    figures = [[number(row.get(key)) for key in chart.values] for row in sheet.rows]
    highest = max(0.0, *(figure for row in figures for figure in row if figure is not None), 0.0) or 1.0
    labels = _labels(sheet, chart)
    names = max(map(width, labels))
    fitting = max((look.width - names - 2) // _CELL, 1)

    def square(figure: float | None) -> str:
        if figure is None:
            return pad("·" if look.unicode else "-", _CELL)
        return shades[min(len(shades) - 1, -int(-max(figure, 0.0) / highest * (len(shades) - 1) // 1))] * _CELL

    lines = [
        f"{pad(label, names)}  {''.join(map(square, row[:fitting]))}".rstrip()
        for label, row in zip(labels, figures, strict=True)
    ]
    shown = chart.values[:fitting]
    first, last = (cut(safe(named(sheet, key)), _LABEL) for key in (shown[0], shown[-1]))
    return [*lines, f"{' ' * names}  {first} to {last}, darker is more"]


_KINDS = {"bars": _bars, "line": _line, "funnel": _funnel, "heat": _heat}
