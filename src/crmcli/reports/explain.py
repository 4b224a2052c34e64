"""One figure taken apart: its formula with the numbers in it, and every record behind it.

The rows add up again to numerator and denominator; those left out say why. The median is the middle of the values.
"""

import sqlite3
from collections.abc import Sequence
from decimal import Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from crmcli.domain.columns import Keyed
from crmcli.domain.money import exponent, from_minor
from crmcli.domain.periods import Period
from crmcli.domain.rows import Rows, joined
from crmcli.queries.columns import Shown
from crmcli.reports.definitions.kpi import CUSTOMERS, Kpi
from crmcli.reports.figures import Figure, entities, figures, own_module, terms
from crmcli.reports.frame import Frame
from crmcli.reports.measures import Excluded
from crmcli.reports.presenting import (
    currency_sheets,
    entry,
    figure_sheets,
    head,
    named,
    rates_told,
    rates_used,
    rounded,
    value_of,
    warnings,
)
from crmcli.reports.registry import KPIS, find_kpi
from crmcli.reports.result import Options, ReportResult, Sheet
from crmcli.reports.terms import Term

if TYPE_CHECKING:
    from crmcli.reports.measures import Exact

_CELLS = ("numerator", "denominator", "excluded", "unit")
_EXACT = Context(prec=100)
_PER_RECORD = ("mean", "velocity")  # ways of computing in which each record counts once below the line
_WHOLE = ("n", "d", "ratio")  # units in which a record counts wholly or not at all
_FORMULAS = {
    "count": "{key} = {count} {noun} = {value}",
    "sum": "{key} = sum over {count} {noun} = {value}",
    "total": "{key} = sum over {count} of {among} = {value}",
    "mean": "{key} = sum over {count} {noun} / {count} = {above} / {below} = {value}",
    "median": "{key} = middle of the values of {count} {noun} = {value}",
    "p90": "{key} = what nine in ten of the values of {count} {noun} do not exceed = {value}",
    "ratio": "{key} = {noun} / ({among}) = {above} / {below} = {value}",
    "velocity": "{key} = {parts} = {value}",
}


def explain(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the one figure that is asked for, taken apart."""
    kpi = find_kpi(options.explain or "")
    frame = frame_of(con, options._replace(top=None), kpi)  # what is taken apart must add up
    for entity in entities(kpi):
        frame.settle(entity)
    found = figures(frame, kpi.key)
    labels = {figure.group.value: figure.group.label for figure in found}
    rows = _all_rows(frame, kpi, labels)
    listed = Sheet("Records", _columns(frame, kpi), rows[: options.rows], "records", len(rows))
    figure_sheet, _ = figure_sheets(found, options, "Figure")
    document = {
        **head(frame.period, options),
        **kpi.defined(),
        "figures": [{**entry(figure, options), "formula": formula(frame, figure)} for figure in found],
        "rows": listed.rows,
    }
    return ReportResult(
        kpi.label,
        frame.period,
        options.currency,
        (figure_sheet, *currency_sheets(found, options), listed),
        listed,
        document,
        len(rows),
        facts=(
            ("Definition", kpi.definition),
            ("Filters", kpi.filters),
            ("Edge", kpi.edge),
            *(("Formula", _told(frame, figure)) for figure in found),
        ),
        notes=rates_told(rates_used(frame, found)),
        warnings=warnings(found),
    )


def frame_of(con: sqlite3.Connection, options: Options, kpi: Kpi) -> Frame:
    """Return the frame in which a figure stands, not settled yet."""
    if kpi.how == "responses":
        from crmcli.reports.responses import ResponseFrame

        return ResponseFrame(con, options)
    if kpi.area != CUSTOMERS:
        return Frame(con, options)
    from crmcli.reports.customers import CustomerFrame

    return CustomerFrame(con, options)


def formula(frame: Frame, figure: Figure) -> str:
    """Return how the value of a figure comes about, with the numbers in it."""
    if own := own_module(figure.kpi):
        told: str = own.formula(frame, figure)
        return told
    kpi, currency = figure.kpi, frame.options.currency
    sides = {
        name: rounded(side.number, side.unit, currency) if side else "n/a"
        for name, side in (("above", figure.above), ("below", figure.below))
    }
    return _FORMULAS[kpi.how].format(
        key=kpi.key,
        count=figure.records,
        noun=kpi.term.records.noun,
        among=" + ".join(term.records.noun for term in kpi.among),
        value="n/a" if figure.value is None else value_of(figure, currency),
        parts=f"{' x '.join(kpi.parts[:-1])} / {kpi.parts[-1]} = {sides['above']} / {sides['below']}"
        if kpi.parts
        else "",
        **sides,
    )


def _told(frame: Frame, figure: Figure) -> str:
    by = frame.options.by
    group = "" if by is None else f"{named(figure.group.label, by)}: "
    return group + formula(frame, figure) + (f" ({figure.reason})" if figure.reason else "")


def _columns(frame: Frame, kpi: Kpi) -> tuple[Shown, ...]:
    """Return the columns of the records; below the line of anything but a ratio stands a count."""
    part = (Shown("part", "Part", "text"),) if kpi.parts else ()
    group = (frame.by_column(kpi.entity),) if frame.options.by else ()
    return (
        *part,
        *group,
        Shown("ref", "Ref", "text"),
        Shown("title", "Name", "text"),
        Shown("numerator", "Numerator", "figure"),
        Shown("denominator", "Denominator", "int" if kpi.how in _PER_RECORD else "figure"),
        Shown("excluded", "Left out", "text"),
    )


def _all_rows(frame: Frame, kpi: Kpi, labels: dict[object, object]) -> Sequence[dict[str, object]]:
    """Return the records of all terms of a figure."""
    own = own_module(kpi)
    if own is None:
        blocks = [_rows(frame, kpi, part, term, period, labels) for part, term, period in terms(frame, kpi)]
        return joined(blocks, _keys(frame, kpi))
    if hasattr(own, "rows"):
        group_of = labels.get if frame.options.by is not None else None
        return [cells | ({"group": group_of(group)} if group_of else {}) for group, cells in own.rows(frame, kpi)]
    rows: list[dict[str, object]] = []
    for key in kpi.parts:
        below = kpi.how == "quotients" and key == kpi.parts[-1]
        for cells in _all_rows(frame, KPIS[key], labels):
            rows.append(
                {"part": key, **cells, **({"numerator": 0, "denominator": cells["numerator"]} if below else {})}
            )
    return rows


def _rows(frame: Frame, asked: Kpi, kpi: Kpi, term: Term, period: Period, labels: dict[object, object]) -> Rows:
    """Return the records of a term; of many of them few differ in the cells that come from their number."""
    refs, titles, groups, values = frame.columns(term, period)
    cells = {value: _cells(frame, kpi, term, value) for value in set(values)}
    columns = {"part": [kpi.key] * len(refs), "ref": refs, "title": titles}
    if frame.options.by is not None:
        columns["group"] = [*map(labels.get, groups)]
    for name in _CELLS:
        told = {value: each[name] for value, each in cells.items()}
        columns[name] = Keyed(values, told)
    return Rows({key: columns[key] for key in _keys(frame, asked)})


def _keys(frame: Frame, kpi: Kpi) -> tuple[str, ...]:
    """Return the keys of the rows of a figure."""
    part = ("part",) if kpi.parts else ()
    group = ("group",) if frame.options.by is not None else ()
    return (*part, "ref", "title", *group, *_CELLS)


def _cells(frame: Frame, kpi: Kpi, term: Term, value: "Exact | Excluded") -> dict[str, object]:
    """Return where the number of a record stands: of a ratio, above the line only that of its first term."""
    unit = term.measure.unit if term.measure and term.measure.unit != "ratio" and kpi.how != "count" else "n"
    if isinstance(value, Excluded):
        reason = value.reason
        if value.currency:
            reason += f": {from_minor(value.minor, value.currency)} {value.currency}"
        return {"numerator": None, "denominator": None, "excluded": reason, "unit": unit}
    number = 1 if kpi.how == "count" else exactly(frame, term, value)
    numerator = number if term == kpi.term or kpi.how == "total" else 0
    below = number if term in kpi.among else 0
    denominator = below if kpi.how == "ratio" else 1 if kpi.how == "mean" else None
    return {"numerator": numerator, "denominator": denominator, "excluded": None, "unit": unit}


def exactly(frame: Frame, term: Term, value: int | Fraction) -> Decimal | int:
    """Return the number of one record without rounding: rates and probabilities are decimals, so it ends.

    Hours, which may not end, have ten decimals.
    """
    if term.measure is None or (term.measure.unit in _WHOLE and term.measure.scale == 1):
        return int(value)
    if term.measure.unit == "money":
        digits = exponent(frame.options.currency)
        major = Fraction(value, term.measure.scale * 10**digits)
        return _EXACT.divide(Decimal(major.numerator), Decimal(major.denominator))
    return round(Decimal(int(value)) / term.measure.scale, 10)
