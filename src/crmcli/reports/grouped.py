"""Several figures side by side, a row for each group, as the reports on deals show them."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, NamedTuple

from crmcli.queries.columns import Shown
from crmcli.reports.figures import Figure, each
from crmcli.reports.frame import Frame
from crmcli.reports.groups import Group, greatest
from crmcli.reports.presenting import DRAWN, named, values_told
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Chart, Sheet

_TYPES = {"n": "int", "money": "money", "ratio": "ratio", "d": "days", "h": "hours", "x": "number", "money/d": "money"}
_APART = {"no_amount": "No amount", "no_rate": "No rate"}  # counts of the records left out of the sums
_FIGURES = frozenset(_TYPES.values())
_UNDEFINED = "n/a"


class Part(NamedTuple):
    """A column of grouped figures: its key in the rows, its label and the figure it shows."""

    key: str
    label: str
    kpi: str


def grouped(
    frame: Frame, title: str, parts: Iterable[Part], groups: Iterable[Group], by: Shown, bar: str,
    above: Callable[[Group], dict[str, object]] | None = None,
) -> Sheet:  # fmt: skip
    """Return a sheet with a row for each group; ``bar`` is the key of the part whose share of the largest is drawn.

    ``no_amount`` and ``no_rate`` count the records that the first sum of money leaves out. With ``top`` the greatest
    rows of that part come first, and only so many. ``above`` tells the cells of what a group belongs to. A row with
    figures that are undefined has the ``reasons``.
    """
    parts, groups = list(parts), list(groups)
    keys, is_money = [part.key for part in parts], any(KPIS[part.kpi].unit.startswith("money") for part in parts)
    found = [each(frame, KPIS[part.kpi], groups) for part in parts]
    told = [values_told(figures, frame.options.currency) for figures in found]
    rows: list[dict[str, Any]] = [
        {
            **(above(group) if above else {}),
            **_head(by, group),
            **dict(zip(keys, values, strict=True)),
            **(_left_out(frame, figures) if is_money else {}),
            **(_reasons(keys, figures) if None in values else {}),
        }
        for group, figures, values in zip(groups, zip(*found, strict=True), zip(*told, strict=True), strict=True)
    ]
    columns = [by]
    for part in parts:
        columns.append(Shown(part.key, part.label, _TYPES[KPIS[part.kpi].unit]))
        if part.key == bar:
            columns.append(Shown(DRAWN, "Share", "bar"))
    if is_money:
        columns += [Shown(key, label, "int") for key, label in _APART.items()]
    drawn = [figure.value for figure in found[keys.index(bar)]]
    rows = _with_shares(rows, drawn)
    total, top = len(rows), frame.options.top
    rows = [row for _, row in greatest(zip(drawn, rows, strict=True), lambda pair: pair[0], top)]
    compared = tuple(part.key for part in parts[:2])
    chart = Chart("bars", by.key, (bar,))
    return Sheet(title, tuple(columns), rows, "groups", total if top else None, by.key, compared, chart)


def values_of(frame: Frame, parts: Iterable[Part]) -> set[object]:
    """Return the groups that have records of any of these figures."""
    kpis = [KPIS[part.kpi] for part in parts]
    sets = {term.records for kpi in kpis for term in (*kpi.among, kpi.term)}
    return {value for records in sets for value in frame.counts(records, frame.period)}


def for_people(sheet: Sheet, by: str | None = None) -> Sheet:
    """Return a sheet that counts records left out only where there are some, and names every group.

    What is undefined says so.

    ``by`` is the field of the groups, which decides how that without a value is called.
    """
    kept = [
        column for column in sheet.columns if column.key not in _APART or any(row[column.key] for row in sheet.rows)
    ]
    told = sheet.identity or ""
    shown = [column.key for column in sheet.columns if column.type in _FIGURES]
    rows = [
        {**row, **{key: _UNDEFINED for key in shown if row[key] is None}}
        | ({told: named(row[told], by)} if told in row else {})
        for row in sheet.rows
    ]
    return sheet._replace(columns=tuple(kept), rows=rows)


def _head(by: Shown, group: Group) -> dict[str, object]:
    return {by.key: group.label, **({f"{by.key}_ref": group.ref} if group.ref else {})}


def _reasons(keys: Iterable[str], figures: Iterable[Figure]) -> dict[str, object]:
    """Return why figures of a group are undefined, by their key."""
    return {"reasons": {key: found.reason for key, found in zip(keys, figures, strict=True) if found.value is None}}


def _left_out(frame: Frame, figures: Iterable[Figure]) -> dict[str, object]:
    left_out = next((found.excluded for found in figures if found.kpi.how == "sum"), ())
    return {
        "no_amount": sum(item.records for item in left_out if not item.currency),
        "no_rate": sum(item.records for item in left_out if item.currency),
        "currency": frame.options.currency,
    }


def _with_shares(rows: list[dict[str, Any]], values: list[Fraction | None]) -> list[dict[str, Any]]:
    """Give each row its share of the largest value; nothing is drawn below zero."""
    alike = {id(value): value for value in values}  # many groups have the very same number
    largest = max((value for value in alike.values() if value is not None), default=Fraction(0))
    shares = {number: 0.0 if value is None or value <= 0 else _share(value, largest) for number, value in alike.items()}
    for row, value in zip(rows, values, strict=True):
        row[DRAWN] = shares[id(value)]
    return rows


def _share(value: Fraction, largest: Fraction) -> float:
    """Divide by integers, which is quicker than by fractions and as exact."""
    return value.numerator * largest.denominator / (value.denominator * largest.numerator)
