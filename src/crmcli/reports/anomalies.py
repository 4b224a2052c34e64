"""``report anomalies``: open deals whose amount or age is far from that of the closed deals of their pipeline."""

import sqlite3
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.queries.columns import Shown
from crmcli.reports.frame import Frame
from crmcli.reports.groups import Group
from crmcli.reports.measures import AMOUNT, CYCLE, Excluded, Measure
from crmcli.reports.presenting import head
from crmcli.reports.result import Options, ReportResult, Sheet
from crmcli.reports.samples import Sample
from crmcli.reports.sets import DEALS_CLOSED, RecordSet
from crmcli.reports.terms import Term

if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction

KEYS: tuple[str, ...] = ()
_FEWEST = 5  # closed deals that a mean stands on
_OPEN = RecordSet("deal", "open deals", "r.outcome = 'open'", "r.expected_close", by_day=True)
_AGE = Measure("d", ("crm_day(crm_now()) - crm_day(r.created_at)",), CYCLE.value)
_LOOKED_AT = (("amount", "Amount", AMOUNT, AMOUNT), ("age", "Age", _AGE, CYCLE))  # key, label, of open, of closed deals
_ONE_SIDED = frozenset({"age"})  # a young deal is nothing unusual
_COLUMNS = (
    Shown("ref", "Ref", "text"),
    Shown("name", "Name", "text"),
    Shown("pipeline", "Pipeline", "text"),
    Shown("what", "What", "text"),
    Shown("value", "Value", "figure"),
    Shown("usual", "Usual", "figure"),
    Shown("z", "Z-score", "number"),
    Shown("count", "Closed deals", "int"),
)


class _Usual(NamedTuple):
    """Mean and standard deviation (of a sample) of the closed deals of a pipeline, and how many they are."""

    mean: "Fraction"
    deviation: float
    closed: int


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the open deals far from the usual, the farthest first, and how many could not be judged."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    limit = options.own.get("limit", 2.0)
    frame = Frame(con, options._replace(by="pipeline"))
    frame.settle("deal")
    rows: list[dict[str, Any]] = []
    left_out: dict[str, int] = {}
    for key, label, of_open, of_closed in _LOOKED_AT:
        found, unjudged = _far(con, frame, Term(_OPEN, of_open), Term(DEALS_CLOSED, of_closed), limit)
        rows += [row | {"what": label, "key": key} for row in found if key not in _ONE_SIDED or row["z"] > 0]
        for reason, count in unjudged.items():
            left_out[f"{label.lower()}: {reason}"] = count
    rows.sort(key=lambda row: -abs(row["z"]))
    total = len(rows)
    sheet = Sheet("Deals", _COLUMNS, rows[: options.top or options.rows], "deals", total)
    return ReportResult(
        "Anomalies",
        options.period,
        options.currency,
        (sheet,),
        sheet,
        {**head(options.period, options), "limit": limit, "deals": sheet.rows, "left_out": left_out},
        total,
        facts=(("Limit", f"{limit:g} standard deviations"),),
        notes=tuple(f"{count} left out, {reason}" for reason, count in left_out.items()),
    )


def _far(
    con: sqlite3.Connection, frame: Frame, term: Term, closed: Term, limit: float
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return the open deals beyond the limit, and how many were not judged, by reason."""
    from crmcli.domain.periods import ALL

    everything = Frame(con, frame.options._replace(where=None, period=ALL))
    everything.settle("deal")
    names = dict(con.execute("SELECT id, name FROM pipeline").fetchall())
    # All of them before the open deals are read: the frames keep the past in tables of the same name.
    usual: dict[object, _Usual | None] = {one: _usual(everything.sample(closed, ALL, Group((one,)))) for one in names}
    shown = {one: _shown(frame, term, found.mean) for one, found in usual.items() if found}
    unit = term.measure.unit if term.measure else "n"
    rows: list[dict[str, Any]] = []
    left_out: dict[str, int] = {}
    for row in frame.rows(term, frame.period):
        found = usual[row.group]
        reason = row.value.reason if isinstance(row.value, Excluded) else "too few closed deals" if not found else None
        if reason is not None or isinstance(row.value, Excluded) or found is None:
            left_out[reason or ""] = left_out.get(reason or "", 0) + 1
            continue
        z = _distance(row.value, found.mean) / found.deviation if found.deviation else 0.0
        if abs(z) >= limit:
            cells = {"value": _shown(frame, term, row.value), "usual": shown[row.group]}
            rows.append({"ref": row.ref, "name": row.title, "pipeline": names.get(row.group), **cells,
                         "z": _two(z), "count": found.closed, "unit": unit})  # fmt: skip
    return rows, left_out


def _usual(sample: Sample) -> _Usual | None:
    from fractions import Fraction
    from math import sqrt

    if sample.size < _FEWEST:
        return None
    mean = Fraction(sample.total) / sample.size
    squares = sum(value * value for value in sample.whole) + sum(value * value for value in sample.parts)
    spread = (squares - mean * mean * sample.size) / (sample.size - 1)
    return _Usual(mean, sqrt(spread), sample.size)


def _distance(value: "int | Fraction", mean: "Fraction") -> float:
    """Return how far a value is from the mean, exact until it is rounded once."""
    if isinstance(value, int):  # most are, and fractions are slow
        return (value * mean.denominator - mean.numerator) / mean.denominator
    return float(value - mean)


def _shown(frame: Frame, term: Term, small: "int | Fraction") -> object:
    """Return a number of small units as it is printed."""
    from decimal import Decimal
    from fractions import Fraction

    from crmcli.domain.money import exponent, from_minor
    from crmcli.reports.presenting import rounded

    unit = term.measure.unit if term.measure else "n"
    if isinstance(small, int):
        return from_minor(small, frame.options.currency) if unit == "money" else Decimal(small)
    scale = 10 ** exponent(frame.options.currency) if unit == "money" else 1
    return rounded(Fraction(small) / scale, unit, frame.options.currency)


def _two(number: float) -> "Decimal":
    from decimal import Decimal

    return Decimal(f"{number:.2f}")
