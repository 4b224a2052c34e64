"""Figures beside those of another period: each measured column gets what it was, and by how much it changed.

A change is a fraction of what was before, and undefined where that is missing or zero. What the other period is belongs
to ``domain.periods``.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial

from crmcli.queries.columns import Shown
from crmcli.reports.result import ReportResult, Sheet

_DIGITS = Decimal("0.000001")


def compared(now: ReportResult, then: ReportResult) -> ReportResult:
    """Return a report whose sheets tell the figures of another one too, and whose document holds that one's."""
    sheets = tuple(_beside(sheet, _like(sheet, then.sheets)) for sheet in now.sheets)
    document = {**now.document, "compared_with": then.document}
    facts = (*now.facts, ("Compared with", then.period.label))
    return now._replace(sheets=sheets, main=_beside(now.main, then.main), document=document, facts=facts)


def change(now: object, then: object) -> Decimal | None:
    """Return by which fraction of its size a number changed; None when there is nothing to compare."""
    present, past = _number(now), _number(then)
    if present is None or not past:
        return None
    moved = ((present - past) / abs(past)).quantize(_DIGITS)
    return moved.quantize(Decimal(1)) if moved == moved.to_integral_value() else moved.normalize()


def _like(sheet: Sheet, others: tuple[Sheet, ...]) -> Sheet | None:
    return next((other for other in others if other.title == sheet.title and other.identity == sheet.identity), None)


def _beside(sheet: Sheet, then: Sheet | None) -> Sheet:
    """Return a sheet with the values of another one, matched by what tells its rows apart."""
    if sheet.identity is None or then is None:
        return sheet
    told = partial(_told, identity=sheet.identity, within=sheet.within)
    before = {told(row): row for row in then.rows}
    columns: list[Shown] = []
    for column in sheet.columns:
        columns.append(column)
        if column.key in sheet.measures:
            columns.append(Shown(f"{column.key}_before", "Before", column.type))
            columns.append(Shown(f"{column.key}_change", "Change", "change"))
    rows = [{**row, **_cells(row, before.get(told(row), {}), sheet.measures)} for row in sheet.rows]
    return sheet._replace(columns=tuple(columns), rows=rows)


def _told(row: Mapping[str, object], identity: str, within: tuple[str, ...]) -> tuple[object, ...]:
    return row.get(f"{identity}_ref"), row[identity], *(row.get(key) for key in within)


def _cells(row: Mapping[str, object], before: Mapping[str, object], measures: tuple[str, ...]) -> dict[str, object]:
    cells: dict[str, object] = {}
    for key in measures:
        cells[f"{key}_before"] = before.get(key)
        cells[f"{key}_change"] = change(row.get(key), before.get(key))
    return cells


def _number(value: object) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
