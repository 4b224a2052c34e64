"""``report forecast-accuracy``: what kept forecasts promised for a period, and what was won in it."""

import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

from crmcli.errors import UsageError
from crmcli.queries.columns import Shown
from crmcli.reports.accuracy import chosen_day, days, judged, kept, trouble
from crmcli.reports.figures import figure, group_values
from crmcli.reports.frame import Frame
from crmcli.reports.grouped import for_people
from crmcli.reports.groups import WHOLE, Group, greatest
from crmcli.reports.presenting import entry, figure_sheets, head, rounded, value_of, warnings
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Chart, Options, ReportResult, Sheet

KEYS = ("won_amount", "forecast_accuracy", "forecast_bias")
_BEFORE = timedelta(days=92)  # of which forecasts are told that were made before the period
_COLUMNS = (
    Shown("forecast", "Forecast", "money"),
    Shown("won", "Won", "money"),
    Shown("shown", "Accuracy", "ratio"),
    Shown("bias", "Bias", "change"),
)
Row = dict[str, object]


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return how true the forecast of the beginning was, and how the forecasts came closer, week by week."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    _check(options)
    frame = Frame(con, options)
    frame.settle("deal")
    known = [] if trouble(frame) else days(frame)
    day = chosen_day(frame, known)
    totals = [figure(frame, KPIS[key], WHOLE) for key in KEYS]
    whole = options._replace(by=None)
    sheet = _by_group(frame, day) if options.by else _by_day(frame, _weekly(frame, known))
    return ReportResult(
        "Forecast accuracy",
        options.period,
        options.currency,
        (figure_sheets(totals, whole, "Total")[0], for_people(sheet, options.by)),
        _for_programs(sheet),
        {
            **head(options.period, options),
            "day": day,
            "totals": [entry(total, whole) for total in totals],
            "groups" if options.by else "forecasts": _for_programs(sheet).rows,
        },
        len(known),
        facts=(("Forecast of", day),) if day else (),
        notes=() if known else ("no forecast was kept: crm report snapshot",) if not trouble(frame) else (),
        warnings=warnings(totals),
    )


def _check(options: Options) -> None:
    day = options.own.get("day")
    try:
        date.fromisoformat(day or "2026-01-01")
    except ValueError:
        raise UsageError(f"--day takes a date such as 2026-03-01, not {day!r}") from None


def _weekly(frame: Frame, known: list[str]) -> Iterator[str]:
    """Yield the first day of each week of which a forecast was kept, from a quarter before the period to its end."""
    start, end = frame.period.start, frame.period.end
    if start is None or end is None:
        return
    first = (date.fromisoformat(start) - _BEFORE).isoformat()
    week = None
    for day in known:
        mine = date.fromisoformat(day).isocalendar()[:2]
        if first <= day < end and mine != week:
            yield day
            week = mine


def _by_day(frame: Frame, known: Iterator[str]) -> Sheet:
    rows = [_row(frame, {"day": day}, WHOLE, day) for day in known]
    chart = Chart("line", "day", ("forecast", "won"))
    return Sheet("Forecasts", (Shown("day", "Day", "date"), *_COLUMNS), rows, "forecasts", None, "day", (), chart)


def _by_group(frame: Frame, day: str | None) -> Sheet:
    by = frame.by_column("deal")
    groups = frame.groups("deal", group_values(frame, KPIS["forecast_accuracy"])) if day else []
    shown = greatest(groups, lambda group: figure(frame, KPIS["won_amount"], group).value, frame.options.top)
    rows = [_row(frame, {"group": group.label, "group_ref": group.ref}, group, day or "") for group in shown]
    return Sheet(f"By {by.label.lower()}", (by, *_COLUMNS), rows, "groups", None, "group")


def _row(frame: Frame, head_cells: Row, group: Group, day: str) -> Row:
    """Return a forecast with what was won; for people an accuracy below nothing is nothing."""
    currency = frame.options.currency
    accuracy, bias = (judged(frame, KPIS[key], group, day) for key in KEYS[1:])
    won = figure(frame, KPIS["won_amount"], group)
    found = kept(frame, day)
    mine = [one.forecast for value, one in found.items() if group.values is None or value in group.values]
    known = None if None in mine else sum((one or Fraction(0) for one in mine), Fraction(0))
    told = value_of(accuracy, currency)
    return {
        **head_cells,
        "forecast": None if known is None else rounded(known, "money", currency),
        "won": value_of(won, currency),
        "accuracy": told,
        "shown": told if told is None else max(told, 0),
        "bias": value_of(bias, currency),
        "reason": accuracy.reason,
        "currency": currency,
    }


def _for_programs(sheet: Sheet) -> Sheet:
    """Return a sheet with every accuracy as it is."""
    columns = (Shown("accuracy", *column[1:]) if column.key == "shown" else column for column in sheet.columns)
    rows = [{key: cell for key, cell in row.items() if key != "shown"} for row in sheet.rows]
    return sheet._replace(columns=tuple(columns), rows=rows)
