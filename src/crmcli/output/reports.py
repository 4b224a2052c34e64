"""Lays out reports for people: the same for a terminal, a letter and the whole screen."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from crmcli.output.cells import people
from crmcli.output.tables import Column, Table
from crmcli.reports.result import ReportResult, Sheet

if TYPE_CHECKING:
    from crmcli.output.records import Card

_TYPES = {"n": "int", "money": "money", "money/d": "money", "ratio": "ratio", "d": "days", "h": "hours", "x": "number"}
_ENDINGS = {"money/d": " a day", "d": " d", "h": " h"}


def report_card(result: ReportResult, locale: str) -> "Card":
    """Return a report as people read it."""
    from crmcli.output.records import Card, Fact, Section

    sections = tuple(
        Section(headed(sheet), sheet_table(sheet, result.currency, locale), _picture(sheet, result.currency, locale))
        for sheet in result.sheets
    )
    return Card(result.title, told_of(result), tuple(Fact(label, text) for label, text in result.facts), sections)


def _picture(sheet: Sheet, currency: str, locale: str) -> Callable[[int, bool], list[str]] | None:
    """Return what draws a sheet that has a chart."""
    if sheet.chart is None:
        return None

    def draw(width: int, unicode: bool) -> list[str]:
        from crmcli.output.charts import Look, chart_lines

        return chart_lines(sheet, Look(width, currency, locale, unicode))

    return draw


def told_of(result: ReportResult) -> str:
    """Tell the period and the currency of a report."""
    return f"{span_of(result)}, in {result.currency}"


def span_of(result: ReportResult) -> str:
    """Tell the period, its days where its name is not made of them, and when this was known, if that is not now."""
    period, dates = result.period, f"{result.period.start or ''}..{result.period.end or ''}"
    days = "" if dates == ".." or ".." in period.label else f" ({dates}, end excluded)"
    known = f", as known on {result.document['as_of']}" if "as_of" in result.document else ""
    return f"period {period.label}{days}{known}"


def headed(sheet: Sheet) -> str:
    """Return the title of a sheet, and where it counts its rows how many of them are shown."""
    shown = len(sheet.rows)
    if sheet.total is None:
        return sheet.title
    return f"{sheet.title} ({shown} of {sheet.total})" if shown < sheet.total else f"{sheet.title} ({shown})"


def sheet_columns(sheet: Sheet) -> tuple[Column, ...]:
    """Return the columns of a sheet as a table has them."""
    return tuple(Column(key, label, "number" if kind == "figure" else kind) for key, label, kind in sheet.columns)


def sheet_table(sheet: Sheet, currency: str, locale: str) -> Table:
    """Return a sheet for people: figures, whose units differ from row to row, are drawn by the unit of their row."""
    drawn = [key for key, _, kind in sheet.columns if kind == "figure"]

    def shown(row: Mapping[str, object]) -> dict[str, object]:
        return {**row, **{key: _drawn(row.get(key), str(row["unit"]), currency, locale) for key in drawn}}

    return Table(sheet_columns(sheet), [*map(shown, sheet.rows)], noun=sheet.noun)


def _drawn(value: object, unit: str, currency: str, locale: str) -> object:
    if value is None or isinstance(value, str):
        return value
    text = people(value, _TYPES[unit], currency=currency, locale=locale)
    return text + _ENDINGS.get(unit, "")
