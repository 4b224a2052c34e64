"""A pivot as a report: one sheet, whose columns are those of the pivot, and a document for programs."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from crmcli.domain.money import from_minor
from crmcli.domain.plurals import counted
from crmcli.errors import UsageError
from crmcli.queries.columns import Shown
from crmcli.reports.pivot import Grid
from crmcli.reports.pivot_axes import TOTAL, Member, inside
from crmcli.reports.pivot_measures import Cell, exact, shown
from crmcli.reports.presenting import head, rounded
from crmcli.reports.result import Chart, Options, ReportResult, Sheet

SHARES = ("row", "col", "all")
_OTHERS = "(others)"
_TAKEN = frozenset({"ref", "key", "unit", "currency", "total"})  # keys of a row that mean something else


def result(grid: Grid, options: Options) -> ReportResult:
    """Return a pivot as a report; with ``share`` each cell is its part of its row, its column or of everything."""
    question, share = grid.question, options.own.get("share")
    if share is not None:
        _refuse_share(grid, share)
    sheet = _sheet(grid, options, share)
    total = grid.cell(())
    sides = " and ".join(inside(axis.heading) for axis in question.axes)
    warnings = _warnings(question.kind.plural, total, options.currency)
    return ReportResult(
        f"{question.kind.plural.capitalize()}: {inside(question.measure.label)} by {sides}",
        options.period,
        options.currency,
        (sheet,),
        sheet,
        _document(grid, options, share, sheet),
        total.count if total else 0,
        warnings=warnings,
    )


def _refuse_share(grid: Grid, share: str) -> None:
    from crmcli.domain.schema import did_you_mean

    if share not in SHARES:
        hint = did_you_mean(share, [*SHARES]) or "one of row, col, all"
        raise UsageError(f"there are no shares of {share!r}", hint=hint)
    if share == "row" and grid.question.cols is None:
        raise UsageError("shares of a row need columns", hint="--cols stage, or --share col")
    measure = grid.question.measure
    if not measure.adds_up:
        raise UsageError(f"{measure.name} does not add up, so it has no shares", hint="--measure count")


def _sheet(grid: Grid, options: Options, share: str | None) -> Sheet:
    question = grid.question
    heads = [Shown(axis.name, axis.heading, "text") for axis in question.rows]
    keys = _keys(grid.columns, {head.key for head in heads})
    kind = "ratio" if share else question.measure.type
    label = f"Share of {inside(question.measure.label)}" if share else question.measure.label
    columns = (
        *heads,
        Shown(
            "total", TOTAL if question.cols else label, kind
        ),  # where it stands whatever the columns, and however narrow the screen
        *(Shown(key, member.heading, kind) for key, member in zip(keys, grid.columns, strict=True)),
    )
    rows = [_row(grid, options, share, keys, row) for row in grid.rows]
    if grid.beyond:
        rows.append(_row(grid, options, share, keys, None))
    if rows:
        rows.append(_row(grid, options, share, keys, ()))
    chart = Chart("heat", heads[0].key, tuple(keys), 1) if keys else Chart("bars", heads[0].key, ("total",), 1)
    return Sheet("", columns, rows, "rows", chart=chart)


def _row(
    grid: Grid, options: Options, share: str | None, keys: Sequence[str], row: "tuple[Member, ...] | None"
) -> dict[str, object]:
    """Return a row as it is printed: that of some members, without any that of the totals, None that of the others."""
    names = [axis.name for axis in grid.question.rows]
    told: dict[str, object] = dict.fromkeys(names, "")
    if row:
        told |= {name: member.printed for name, member in zip(names, row, strict=True)}
    else:
        told[names[0]] = _OTHERS if row is None else TOTAL
    columns: list[tuple[Any, ...]] = [*((member.value,) for member in grid.columns), ()]
    for key, column in zip((*keys, "total"), columns, strict=True):
        told[key] = _printed(grid, options, share, row, column)
    return told | {"currency": options.currency}


def _printed(
    grid: Grid, options: Options, share: str | None, row: "tuple[Member, ...] | None", column: tuple[Any, ...]
) -> object:
    measure = grid.question.measure
    cell = _cell(grid, row, column)
    if share is None:
        return shown(measure, cell, options.currency)
    whole = {"row": _cell(grid, row, ()), "col": grid.cell((), column), "all": grid.cell(())}[share]
    part, of = exact(measure, cell), exact(measure, whole)
    return rounded(Fraction(part) / Fraction(of), "ratio", options.currency) if part is not None and of else None


def _cell(grid: Grid, row: "tuple[Member, ...] | None", column: tuple[Any, ...]) -> Cell | None:
    return grid.others.get(column) if row is None else grid.cell([member.value for member in row], column)


def _document(grid: Grid, options: Options, share: str | None, sheet: Sheet) -> dict[str, object]:
    question = grid.question
    keys = [column.key for column in sheet.columns[len(question.rows) + 1 :]]
    *rows, totals = sheet.rows or [{"total": shown(question.measure, None, options.currency)}]
    groups = [*grid.rows, *([None] if grid.beyond else [])]
    unit = "ratio" if share else {"int": "n", "percent": "percent"}.get(question.measure.type, question.measure.type)
    total = grid.cell(())
    return {
        **head(options.period, options),
        "noun": question.kind.noun,
        "where": options.where,
        "rows": [axis.name for axis in question.rows],
        "cols": question.cols.name if question.cols else None,
        "measure": question.measure.name,
        "share": share,
        "unit": unit,
        "columns": [_named(member) for member in grid.columns],
        "groups": [
            {
                "row": [_named(member) for member in group] if group else [{"label": _OTHERS}],
                "cells": [row[key] for key in keys],
                "total": row["total"],
            }
            for group, row in zip(groups, rows, strict=True)
        ],
        "totals": [totals.get(key) for key in keys],
        "total": totals["total"],
        "count": total.count if total else 0,
        "unconverted": [
            {"currency": currency, "count": count, "amount": from_minor(minor, currency)}
            for currency, (count, minor) in sorted((total.apart if total else {}).items())
        ],
    }


def _named(member: Member) -> dict[str, object]:
    """Return what a row or a column is called: null where the records have no value."""
    told: dict[str, object] = {"label": None if member.value is None else member.label}
    return told | ({"ref": member.ref} if member.ref else {})


def _keys(columns: Sequence[Member], taken: set[str]) -> list[str]:
    """Return the key of each column in the rows, which is its heading too where a format has no other."""
    used, keys = {*taken, *_TAKEN}, []
    for member in columns:
        tries = (member.printed, *(f"{member.printed} ({number})" for number in range(2, len(columns) + len(used) + 3)))
        keys.append(next(key for key in tries if key not in used))
        used.add(keys[-1])
    return keys


def _warnings(noun: str, total: Cell | None, base: str) -> tuple[str, ...]:
    return tuple(
        f"{noun}: {counted(count, 'amount')} worth {from_minor(minor, currency)} {currency} stand apart,"
        f" no rate from {currency} to {base}"
        for currency, (count, minor) in sorted((total.apart if total else {}).items())
    )
