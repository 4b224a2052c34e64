"""``report cohort``: how many customers of each month of first purchase were active again, month after month.

A month that is not over yet is marked, and stays out of the rates of all cohorts or of groups together.
"""

import sqlite3
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from crmcli.queries.columns import Shown
from crmcli.reports.acts import ACTS
from crmcli.reports.cohorts import Cell, Months, cells_of, months_of
from crmcli.reports.customers import CustomerFrame, open_frame, target_fact
from crmcli.reports.groups import greatest
from crmcli.reports.presenting import head, named, rounded
from crmcli.reports.result import Chart, Options, ReportResult, Sheet

KEYS: tuple[str, ...] = ()
Row = dict[str, object]
_SHOWN = 12  # months
_LONG = (
    Shown("cohort", "Cohort", "text"),
    Shown("month", "Month", "int"),
    Shown("customers", "Customers", "int"),
    Shown("active", "Active", "int"),
    Shown("retention", "Retention", "ratio"),
    Shown("incomplete", "Not over", "bool"),
)


class _Active(NamedTuple):
    """How many were active so many months later, of how many, and whether that month is not over."""

    active: int
    among: int
    incomplete: bool = False


class _Line(NamedTuple):
    """A cohort, or several together: its name, its customers, and how many were active later, by months."""

    label: object
    customers: int
    later: dict[int, _Active]


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the cohorts; programs get a row for each cohort and month."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    frame = open_frame(con, options)
    months = months_of(frame)
    cells = cells_of(frame, months)
    together = _together("all", cells, months.current)
    lines = _by_group(frame, cells, months) if options.by else _by_month(cells, months)
    name = frame.by_column(ACTS.entity).label if options.by else "Cohort"
    listed = _sheet(frame, f"By {name.lower()}" if options.by else "Cohorts", lines, name)
    sheets = (
        listed if options.by else listed._replace(identity=None),  # months of another period are others
        _sheet(frame, "Together", [together], "")._replace(chart=None),
    )
    rows = _long(lines)
    document = {
        **head(options.period, options),
        "target": frame.target,
        "cohorts": rows,
        "together": _long([together]),
    }
    facts = (target_fact(frame), ("Not over", months.names[months.current]))
    machine = Sheet("Cohorts", _LONG, rows, "cells")
    return ReportResult(
        "Cohorts", options.period, options.currency, sheets, machine, document, together.customers, facts
    )


def _by_month(cells: list[Cell], months: Months) -> list[_Line]:
    """Return a line for each month in which somebody bought for the first time."""
    active: dict[int, dict[int, int]] = {}
    for cell in cells:
        later = active.setdefault(cell.first, {})
        later[cell.later] = later.get(cell.later, 0) + cell.active
    return [
        _Line(
            months.names[first],
            later[0],
            {
                k: _Active(later.get(k, 0), later[0], first + k == months.current)
                for k in range(months.current - first + 1)
            },
        )
        for first, later in sorted(active.items())
    ]


def _by_group(frame: CustomerFrame, cells: list[Cell], months: Months) -> list[_Line]:
    """Return a line for each group, whatever the months of first purchase."""
    groups = frame.groups(ACTS.entity, {cell.group for cell in cells})
    lines = [
        _together(named(group.label, frame.options.by), [c for c in cells if c.group == group.value], months.current)
        for group in groups
    ]
    return greatest(lines, lambda line: line.customers, frame.options.top)


def _together(label: object, cells: list[Cell], current: int) -> _Line:
    """Return several cohorts as one: of each number of months later, only those whose month is over count."""
    sizes: dict[int, int] = {}
    active: dict[int, int] = {}
    for cell in cells:
        if cell.later == 0:
            sizes[cell.first] = sizes.get(cell.first, 0) + cell.active
        if cell.first + cell.later < current:
            active[cell.later] = active.get(cell.later, 0) + cell.active
    among = {
        k: sum(size for first, size in sizes.items() if first + k < current)
        for k in range(current - min(sizes, default=current))
    }
    return _Line(label, sum(sizes.values()), {k: _Active(active.get(k, 0), of) for k, of in among.items()})


def _long(lines: Iterable[_Line]) -> list[Row]:
    """Return a row for each cohort and each number of months later, none being the month itself."""
    return [
        {
            "cohort": line.label, "month": k, "customers": found.among, "active": found.active,
            "retention": _rate(found), "incomplete": found.incomplete,
        }
        for line in lines
        for k, found in line.later.items()
    ]  # fmt: skip


def _sheet(frame: CustomerFrame, title: str, lines: list[_Line], name: str) -> Sheet:
    """Return a row for each cohort with a column for each number of months later."""
    most = frame.options.own.get("months") or _SHOWN
    shown = range(1, min(most, max((max(line.later, default=0) for line in lines), default=0)) + 1)
    rows = [
        {
            "cohort": line.label,
            "customers": line.customers,
            "incomplete": next((f"m{k}" for k, found in line.later.items() if found.incomplete), None),
            **{f"m{k}": _rate(line.later.get(k)) for k in shown},
        }
        for line in lines
    ]
    heads = [Shown("cohort", name, "text"), Shown("customers", "Customers", "int")]
    if any(row["incomplete"] for row in rows):
        heads.append(Shown("incomplete", "Not over", "text"))
    columns = (*heads, *(Shown(f"m{k}", f"m{k}", "ratio") for k in shown))
    chart = Chart("heat", "cohort", tuple(f"m{k}" for k in shown)) if shown else None
    measures = tuple(column.key for column in columns if column.type != "text")
    return Sheet(title, columns, rows, "cohorts", None, "cohort", measures, chart)


def _rate(found: _Active | None) -> object:
    return rounded(Fraction(found.active, found.among), "ratio", "") if found and found.among else None
