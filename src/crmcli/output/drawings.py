"""Charts as SVG for a page: bars around a zero line, lines, funnels and heat maps; colours come from the page.

Every text is escaped, and each mark tells its value as its title. The same charts made of characters are in ``charts``.
"""

from collections.abc import Mapping, Sequence
from html import escape

from crmcli.output.charts import named, number, told
from crmcli.output.safe import safe
from crmcli.reports.result import Chart, Sheet

_WIDE, _LABELS, _TEXTS = 760, 170, 110  # units of the drawing, of its labels and of the values beside bars
_ROW, _GAP = 22, 6
_PLOT = 200  # height of a line chart
_SQUARE = 26
_MOST = 60  # rows that are drawn
_SERIES = 6  # colours of the page


def drawing(sheet: Sheet, currency: str, locale: str) -> str:
    """Return the chart of a sheet as SVG; an empty text where it has none or no number to draw."""
    sheet, chart = sheet.drawn, sheet.chart
    rows = sheet.rows[:_MOST]
    if chart is None or not any(number(row.get(key)) is not None for row in rows for key in chart.values):
        return ""
    return _KINDS[chart.kind](sheet._replace(rows=rows), chart, currency, locale)


def _svg(height: float, body: Sequence[str], told_as: str) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDE} {height:.0f}" role="img" aria-label="{_text(told_as)}"'
        f' xmlns="http://www.w3.org/2000/svg">{"".join(body)}</svg>\n'
    )


def _text(text: object) -> str:
    return escape(safe(str(text)))


def _label(x: float, y: float, text: object, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{_text(text)}</text>'


def _box(x: float, y: float, width: float, height: float, look: str, title: str) -> str:
    return (
        f'<rect class="{look}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}">'
        f"<title>{_text(title)}</title></rect>"
    )


def _title(sheet: Sheet, chart: Chart, row: Mapping[str, object], key: str, value: str) -> str:
    """Return what a mark tells of itself: its row, its column and its value."""
    return f"{_short(row.get(chart.label), 80)}, {named(sheet, key)}: {value}"


def _short(text: object, most: int = 26) -> str:
    whole = str("(none)" if text is None else text)
    return whole if len(whole) <= most else whole[: most - 1] + "…"


def _bars(sheet: Sheet, chart: Chart, currency: str, locale: str) -> str:
    entries = [
        (row, key, series)
        for row in sheet.rows
        for series, key in enumerate(chart.values)
        if number(row.get(key)) is not None
    ]
    figures = [number(row.get(key)) or 0.0 for row, key, _ in entries]
    highest, lowest = max([*figures, 0.0]), min([*figures, 0.0])
    room = _WIDE - _LABELS - _TEXTS
    scale = room / ((highest - lowest) or 1.0)
    zero = _LABELS - lowest * scale
    body = [f'<line class="axis" x1="{zero:.1f}" x2="{zero:.1f}" y1="0" y2="{len(entries) * _ROW}"/>']
    for place, ((row, key, series), figure) in enumerate(zip(entries, figures, strict=True)):
        top = place * _ROW
        text = told(sheet, key, row.get(key), currency, locale)
        if place == 0 or entries[place - 1][0] is not row:
            body.append(_label(_LABELS - 8, top + _ROW * 0.7, _short(row.get(chart.label)), "end"))
        left = zero if figure >= 0 else zero + figure * scale
        title = _title(sheet, chart, row, key, text)
        body.append(_box(left, top + _GAP / 2, abs(figure) * scale, _ROW - _GAP, _look(series), title))
        body.append(_label(max(left + abs(figure) * scale, zero) + 6, top + _ROW * 0.7, text))
    return _svg(len(entries) * _ROW, body, sheet.title) + _legend(sheet, chart)


def _line(sheet: Sheet, chart: Chart, currency: str, locale: str) -> str:
    cells = [[number(row.get(key)) for row in sheet.rows] for key in chart.values]
    known = [figure for series in cells for figure in series if figure is not None]
    highest, lowest = max([*known, 0.0]), min([*known, 0.0])
    step = (_WIDE - 40) / max(len(sheet.rows) - 1, 1)
    scale = (_PLOT - 20) / ((highest - lowest) or 1.0)
    zero = 10 + highest * scale
    body = [f'<line class="axis" x1="20" x2="{_WIDE - 20}" y1="{zero:.1f}" y2="{zero:.1f}"/>']
    for series, (key, figures) in enumerate(zip(chart.values, cells, strict=True)):
        points = [(20 + n * step, zero - figure * scale, n) for n, figure in enumerate(figures) if figure is not None]
        body.append(f'<path class="{_look(series)}" d="{_path(points)}"/>')
        for x, y, place in points:
            dot = f'<circle class="{_look(series)}" cx="{x:.1f}" cy="{y:.1f}" r="3">'
            row = sheet.rows[place]
            title = _title(sheet, chart, row, key, told(sheet, key, row.get(key), currency, locale))
            body.append(f"{dot}<title>{_text(title)}</title></circle>")
    every = max(1, len(sheet.rows) // 8)
    for place in range(0, len(sheet.rows), every):
        anchor = "start" if place == 0 else "middle" if place < len(sheet.rows) - 1 else "end"
        body.append(_label(20 + place * step, _PLOT + 14, _short(sheet.rows[place].get(chart.label), 12), anchor))
    return _svg(_PLOT + 20, body, sheet.title) + _legend(sheet, chart)


def _path(points: Sequence[tuple[float, float, int]]) -> str:
    """Return a line through points (x, y, place), broken where a place has none."""
    places = {place for _, _, place in points}
    return " ".join(f"{'L' if place - 1 in places else 'M'}{x:.1f} {y:.1f}" for x, y, place in points)


def _funnel(sheet: Sheet, chart: Chart, currency: str, locale: str) -> str:
    key = chart.values[0]
    figures = [max(number(row.get(key)) or 0.0, 0.0) for row in sheet.rows]
    room, widest = _WIDE - _LABELS - _TEXTS, max(figures) or 1.0
    body = []
    for place, (row, figure) in enumerate(zip(sheet.rows, figures, strict=True)):
        top, wide = place * (_ROW + _GAP), figure / widest * room
        before = figures[place - 1] if place else 0.0
        text = told(sheet, key, row.get(key), currency, locale) + (f"  {figure / before:.1%}" if before else "")
        label = _short(row.get(chart.label))
        body.append(_label(_LABELS - 8, top + _ROW * 0.7, label, "end"))
        body.append(_box(_LABELS + (room - wide) / 2, top, wide, _ROW, _look(0), f"{label}: {text}"))
        body.append(_label(_WIDE - _TEXTS + 6, top + _ROW * 0.7, text))
    return _svg(len(figures) * (_ROW + _GAP), body, sheet.title)


def _heat(sheet: Sheet, chart: Chart, currency: str, locale: str) -> str:
    cells = [[number(row.get(key)) for key in chart.values] for row in sheet.rows]
    highest = max(figure or 0.0 for row in cells for figure in row) or 1.0
    square = min(_SQUARE * 2, (_WIDE - _LABELS) / max(len(chart.values), 1))
    body = []
    for down, (row, figures) in enumerate(zip(sheet.rows, cells, strict=True)):
        body.append(_label(_LABELS - 8, (down + 0.7) * _SQUARE, _short(row.get(chart.label)), "end"))
        for across, (key, figure) in enumerate(zip(chart.values, figures, strict=True)):
            if figure is None:
                continue
            title = _title(sheet, chart, row, key, told(sheet, key, row.get(key), currency, locale))
            left, top = _LABELS + across * square, down * _SQUARE
            strength = f'<g fill-opacity="{0.08 + 0.92 * max(figure, 0.0) / highest:.2f}">'
            body.append(strength + _box(left, top, square - 1, _SQUARE - 1, _look(0), title) + "</g>")
    every = max(1, len(chart.values) // 12)
    foot = len(cells) * _SQUARE + 14
    body += [
        _label(_LABELS + place * square, foot, _short(named(sheet, chart.values[place]), 10))
        for place in range(0, len(chart.values), every)
    ]
    return _svg(foot + 6, body, sheet.title)


def _legend(sheet: Sheet, chart: Chart) -> str:
    """Return what each colour means where there are several."""
    if len(chart.values) < 2:
        return ""
    items = (
        f'<li><span class="{_look(series)}"></span>{_text(named(sheet, key))}</li>'
        for series, key in enumerate(chart.values)
    )
    return f'<ul class="legend">{"".join(items)}</ul>\n'


def _look(series: int) -> str:
    return f"c{series % _SERIES}"


_KINDS = {"bars": _bars, "line": _line, "funnel": _funnel, "heat": _heat}
