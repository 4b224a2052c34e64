"""``report anomalies``: open deals whose amount or age is far from that of the closed deals of their pipeline."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import sqrt
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.columns import Keyed, placed
from crmcli.domain.counts import LARGEST
from crmcli.domain.money import from_minor
from crmcli.domain.periods import ALL
from crmcli.domain.rows import Rows
from crmcli.queries.columns import Shown
from crmcli.reports.fields import ref_in_figures
from crmcli.reports.frame import Frame
from crmcli.reports.grouped import for_people
from crmcli.reports.groups import Group, greatest
from crmcli.reports.measures import AMOUNT, CYCLE, Excluded, Measure
from crmcli.reports.presenting import head, rounded
from crmcli.reports.result import Chart, Options, ReportResult, Sheet
from crmcli.reports.samples import Sample
from crmcli.reports.sets import DEALS_CLOSED, RecordSet
from crmcli.reports.terms import Term

KEYS: tuple[str, ...] = ()
Cells = dict[str, Any]
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


class Usual(NamedTuple):
    """Mean and standard deviation (of a sample) of the closed deals of a pipeline, and how many they are."""

    mean: Fraction
    deviation: float
    closed: int

    def near(self, limit: float) -> tuple[int, int]:
        """Return the least and the greatest whole number that are surely within a limit, as SQLite can hold them."""
        low, high = (self.mean + sign * Fraction(limit * self.deviation) for sign in (-1, 1))
        slack = 1 + max(abs(low), abs(high)) // 10**9  # far more than floats err by
        least, most = (max(-LARGEST, min(int(edge), LARGEST)) for edge in (low + slack + 1, high - slack - 1))
        return least, most

    def distance(self, value: int | Fraction) -> float:
        """Return how far a value is from the mean, exact until it is rounded once."""
        if isinstance(value, int):  # most are, and fractions are slow
            return (value * self.mean.denominator - self.mean.numerator) / self.mean.denominator
        return float(value - self.mean)


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the open deals far from the usual, the farthest first, and how many could not be judged."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    limit = options.own.get("limit", 2.0)
    frame = Frame(con, options._replace(by="pipeline"))
    frame.settle("deal")
    found = _Far()
    left_out: dict[str, int] = {}
    for key, label, of_open, of_closed in _LOOKED_AT:
        judge = _Judge(con, frame, Term(DEALS_CLOSED, of_closed), limit, {"what": label, "key": key})
        for reason, count in judge.add_far(Term(_OPEN, of_open), found).items():
            left_out[f"{label.lower()}: {reason}"] = count
    rows = found.rows()
    total = len(rows)
    counted = _by_value(rows)
    groups = _groups(con, options, rows) if options.by else None
    sheet = Sheet("Deals", _COLUMNS, rows[: options.top or options.rows], "deals", total)
    return ReportResult(
        "Anomalies",
        options.period,
        options.currency,
        (counted, *([for_people(groups, options.by)] if groups else []), sheet),
        groups or sheet,
        {
            **head(options.period, options),
            "limit": limit,
            "values": counted.rows,
            **({"groups": groups.rows} if groups else {}),
            "deals": sheet.rows,
            "left_out": left_out,
        },
        total,
        facts=(("Limit", f"{limit:g} standard deviations"),),
        notes=tuple(f"{count} left out, {reason}" for reason, count in left_out.items()),
    )


class _Far:
    """Open deals whose values are too far off, by their place among all looked at, and what is told of them."""

    def __init__(self) -> None:
        self._refs: list[str] = []
        self._names: list[str] = []
        self._told: list[Cells] = []
        self._by_distance: defaultdict[Decimal, list[tuple[list[int], int]]] = defaultdict(list)

    def look_at(self, refs: Sequence[str], names: Sequence[str]) -> int:
        """Take up deals, and return the place of the first."""
        first = len(self._refs)
        self._refs += refs
        self._names += names
        return first

    def add(self, places: list[int], cells: Cells) -> None:
        """Add deals whose values are the same."""
        self._by_distance[abs(cells["z"])].append((places, len(self._told)))
        self._told.append(cells)

    def rows(self) -> Rows:
        """Return them as rows, the farthest first."""
        order: list[int] = []
        told: list[int] = []
        for distance in sorted(self._by_distance, reverse=True):
            alike = self._by_distance[distance]
            if len(alike) == 1:  # few distances are met by chance in several values
                ((places, which),) = alike
                order += places
                told += [which] * len(places)
            else:
                pairs = sorted((place, which) for places, which in alike for place in places)
                order += [place for place, _ in pairs]
                told += [which for _, which in pairs]
        keys = self._told[0] if self._told else [column.key for column in _COLUMNS[2:]]
        columns = {key: Keyed(told, dict(enumerate(cells[key] for cells in self._told))) for key in keys}
        return Rows({"ref": placed(self._refs, order), "name": placed(self._names, order), **columns})


def _by_value(rows: Rows) -> Sheet:
    """Return how many deals are far from the usual by each value."""
    count = Counter(rows.column("key"))
    told = [{"key": key, "what": label, "deals": count[key]} for key, label, *_ in _LOOKED_AT]
    columns = (Shown("what", "What", "text"), Shown("deals", "Deals", "int"))
    return Sheet("By value", columns, told, "values", identity="key", measures=("deals",))


def _groups(con: sqlite3.Connection, options: Options, rows: Rows) -> Sheet:
    """Return how many deals of each group are far from the usual, by each value."""
    frame = Frame(con, options)
    frame.settle("deal")
    group_of = dict(frame.read(_OPEN, ref_in_figures(ENTITIES["deal"]), frame.group_sql("deal")).fetchall())
    count: defaultdict[object, Counter[object]] = defaultdict(Counter)
    for ref, key in zip(rows.column("ref"), rows.column("key"), strict=True):
        count[group_of[ref]][key] += 1
    keys = tuple(key for key, *_ in _LOOKED_AT)
    groups = greatest(frame.groups("deal", {*count}), lambda one: count[one.value].total(), options.top)
    told = [group.cells | {key: count[group.value][key] for key in keys} for group in groups]
    by = frame.by_column("deal")
    columns = (by, *(Shown(key, label, "int") for key, label, *_ in _LOOKED_AT))
    return Sheet(f"By {by.label.lower()}", columns, told, "groups", None, "group", keys, Chart("bars", "group", keys))


class _Judge:
    """Sets values of open deals against those of the closed ones of their pipeline; ``told`` is said of each."""

    def __init__(self, con: sqlite3.Connection, frame: Frame, closed: Term, limit: float, told: dict[str, str]) -> None:
        everything = Frame(con, frame.options._replace(where=None, period=ALL))
        everything.settle("deal")
        self._frame, self._limit, self._told = frame, limit, told
        self._unit = closed.measure.unit if closed.measure else "n"
        self._one = from_minor(1, frame.options.currency) if self._unit == "money" else Decimal(1)
        self._names = dict(con.execute("SELECT id, name FROM pipeline").fetchall())
        # All of them before the open deals are read: the frames keep the past in tables of the same name.
        self._usual = {one: _usual(everything.sample(closed, ALL, Group((one,)))) for one in self._names}
        self._means = {one: self._shown(usual.mean) for one, usual in self._usual.items() if usual}

    def add_far(self, term: Term, found: _Far) -> dict[str, int]:
        """Add the open deals beyond the limit to those found; return how many were not judged, by reason."""
        refs, names, pipelines, values = self._frame.columns(self._suspect(term), self._frame.period)
        alike: defaultdict[tuple[object, Any], list[int]] = defaultdict(list)  # many deals share a value
        for place, key in enumerate(zip(pipelines, values, strict=True), found.look_at(refs, names)):
            alike[key].append(place)
        left_out: dict[str, int] = {}
        for (pipeline, value), places in alike.items():
            usual = self._usual[pipeline]
            if isinstance(value, Excluded) or usual is None:
                reason = value.reason if isinstance(value, Excluded) else "too few closed deals"
                left_out[reason] = left_out.get(reason, 0) + len(places)
            elif cells := self._judged(pipeline, value, usual):
                found.add(places, cells)
        return left_out

    def _suspect(self, term: Term) -> Term:
        """Return a term without the deals whose values are surely near the usual one, as far as the store can tell."""
        if term.measure is None or not term.measure.usual:
            return term
        near: dict[str, int] = {}
        cases = []
        for place, (pipeline, usual) in enumerate(self._usual.items()):
            if usual is not None:
                low, high = usual.near(self._limit)
                near |= {f"of_{place}": pipeline, f"low_{place}": low, f"high_{place}": high}
                cases.append(f"WHEN :of_{place} THEN {term.measure.columns[0]} BETWEEN :low_{place} AND :high_{place}")
        if not cases:
            return term
        is_near = f"{term.measure.usual} AND CASE r.pipeline_id {' '.join(cases)} END"
        records = term.records.narrowed(f"({is_near}) IS NOT TRUE")
        return term._replace(records=records._replace(found=lambda _con: near))

    def _judged(self, pipeline: object, value: int | Fraction, usual: Usual) -> Cells | None:
        """Return what is told of a value that is too far from the usual one."""
        z = usual.distance(value) / usual.deviation if usual.deviation else 0.0
        if abs(z) < self._limit or (self._told["key"] in _ONE_SIDED and _two(z) <= 0):
            return None
        cells = {"pipeline": self._names.get(pipeline), "value": self._shown(value), "usual": self._means[pipeline]}
        return {**cells, "z": _two(z), "count": usual.closed, "unit": self._unit, **self._told}

    def _shown(self, small: int | Fraction) -> object:
        """Return a number of small units as it is printed."""
        if isinstance(small, int):  # most are
            return small * self._one
        return rounded(small * Fraction(self._one), self._unit, self._frame.options.currency)


def _usual(sample: Sample) -> Usual | None:
    if sample.size < _FEWEST:
        return None
    mean = Fraction(sample.total) / sample.size
    spread = (sample.squares - mean * mean * sample.size) / (sample.size - 1)
    return Usual(mean, sqrt(spread), sample.size)


def _two(number: float) -> Decimal:
    return Decimal(f"{number:.2f}")
