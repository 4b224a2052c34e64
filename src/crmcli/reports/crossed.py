"""Figures by two fields at once: a row for each pair for programs, and a grid of one figure for people."""

import json
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from crmcli.queries.columns import Shown
from crmcli.reports.figures import Figure, figure
from crmcli.reports.frame import Frame
from crmcli.reports.grouped import Part
from crmcli.reports.groups import Group, Groups
from crmcli.reports.listed import settled
from crmcli.reports.presenting import named, value_of
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Chart, Options, ReportResult, Sheet


class Crossing(NamedTuple):
    """Two fields, that of the rows and that of the columns, and the figures of each pair; the first one is drawn."""

    rows: str
    columns: str
    parts: tuple[Part, ...]


class Cell(NamedTuple):
    """A pair of groups that has records, and its figures by the key of their part."""

    row: Group
    column: Group
    figures: dict[str, Figure]


def beside(
    con: sqlite3.Connection, options: Options, result: ReportResult, asked: Crossing, title: str, key: str
) -> ReportResult:
    """Return a report with its figures by two fields as well: as a grid, and as pairs under a key of its document."""
    if options.explain is not None or options.by is not None:
        return result
    cells = crossed(con, options, asked)
    told = pairs(cells, asked, options.currency)
    sheets = (*result.sheets, grid(cells, asked, title))
    return result._replace(sheets=sheets, main=told, document={**result.document, key: told.rows})


def crossed(con: sqlite3.Connection, options: Options, asked: Crossing, frame: Frame | None = None) -> list[Cell]:
    """Return the pairs that have records, row by row, each in the order of its groups."""
    keys = [part.kpi for part in asked.parts]
    entity = KPIS[keys[0]].entity
    fields = [settled(con, options._replace(by=field), keys, frame) for field in (asked.rows, asked.columns)]
    both = settled(con, options._replace(by=None), keys, frame)
    both.group_by(entity, Groups(f"json_array({', '.join(one.group_sql(entity) for one in fields)})"))
    pairs = {tuple(json.loads(str(value))): value for value in both.counts(KPIS[keys[0]].term.records, both.period)}
    rows, columns = (one.groups(entity, {pair[place] for pair in pairs}) for place, one in enumerate(fields))
    return [
        Cell(row, column, {part.key: figure(both, KPIS[part.kpi], Group((pairs[row.value, column.value],)))
                           for part in asked.parts})
        for row in rows
        for column in columns
        if (row.value, column.value) in pairs
    ]  # fmt: skip


def grid(cells: Sequence[Cell], asked: Crossing, title: str) -> Sheet:
    """Return the first figure of each pair as a grid with the totals of its rows."""
    part = asked.parts[0]
    columns = list(dict.fromkeys(cell.column for cell in cells))
    keys = {column: f"column_{place}" for place, column in enumerate(columns, start=1)}
    rows: dict[Group, dict[str, object]] = {}
    for cell in cells:
        row = rows.setdefault(cell.row, {"row": named(cell.row.label, asked.rows), "total": 0})
        count = cell.figures[part.key].records
        row[keys[cell.column]] = count
        row["total"] = int(str(row["total"])) + count
    shown = (
        Shown("row", asked.rows.replace("_", " ").capitalize(), "text"),
        *(Shown(keys[column], str(named(column.label, asked.columns)), "int") for column in columns),
        Shown("total", "Total", "int"),
    )
    filled = [{**dict.fromkeys(keys.values(), 0), **row} for row in rows.values()]
    return Sheet(title, shown, filled, "groups", chart=Chart("heat", "row", tuple(keys.values())))


def pairs(cells: Sequence[Cell], asked: Crossing, currency: str) -> Sheet:
    """Return a row for each pair with all its figures."""
    shown = [Shown(field, field.replace("_", " ").capitalize(), "text") for field in (asked.rows, asked.columns)]
    shown += [Shown(part.key, part.label, "money" if KPIS[part.kpi].unit == "money" else "int") for part in asked.parts]
    rows = [
        {asked.rows: cell.row.label, asked.columns: cell.column.label}
        | {key: value_of(found, currency) for key, found in cell.figures.items()}
        | {"currency": currency}
        for cell in cells
    ]
    return Sheet("Pairs", tuple(shown), rows, "pairs")
