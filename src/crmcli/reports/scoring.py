"""Customers scored by recency, frequency and value (RFM), and the segment in which the scores put each of them.

Scores run from 1 to 5, by quintile: of equal customers all get the better score. Fewer than 25 customers are scored by
the fixed bounds of the settings. Recency is the days since the last purchase, frequency the purchases of 365 days, both
reckoned from the last day of the period or today; value is that of all purchases of the period.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from math import lcm
from typing import NamedTuple

from crmcli.domain.columns import Keyed, mapped
from crmcli.domain.money import exponent
from crmcli.domain.rows import Rows
from crmcli.domain.zones import to_utc
from crmcli.errors import UsageError
from crmcli.queries.amounts import parts_of, whole
from crmcli.queries.buckets import with_days
from crmcli.reports.acts import ACTS
from crmcli.reports.customers import CustomerFrame, purchases
from crmcli.reports.measures import AMOUNT, MONEY, Excluded
from crmcli.store.reader import fetch_columns

_FEWEST = 25
_BEST = 5
_HIGH, _MIDDLE, _LOW = 4, 3, 2
SEGMENTS: dict[str, Callable[[int, int, int], bool]] = {  # in this order: the first that fits
    "champions": lambda r, f, m: min(r, f, m) >= _HIGH,
    "at_risk": lambda r, f, _: r <= _LOW and f >= _MIDDLE,
    "loyal": lambda _r, f, _m: f >= _HIGH,
    "new": lambda r, f, _: r == _BEST and f == 1,
    "lost": lambda r, f, _: r == 1 and f <= _LOW,
    "others": lambda _r, _f, _m: True,
}
Scores = tuple[int, int, int]  # of recency, of frequency and of value


class Scoring(NamedTuple):
    """Scored customers, the best first; ``rule`` tells by what they were.

    Of each there is the number (``customer``), its ``group``, the days of its ``recency``, its ``frequency`` and its
    ``purchases``, of which so many as ``unknown`` add none to the ``value``; the three ``scores``, and the ``segment``
    that they make. Values are in 1/``parts`` of a minor unit of the base currency, and ``last`` is the day from which
    recency counts.
    """

    customers: Rows
    rule: str
    parts: int
    last: date

    def by(self, key: str) -> defaultdict[object, Rows]:
        """Return the customers by their values of a column, in their order; none of any other value."""
        places: defaultdict[object, list[int]] = defaultdict(list)
        for place, value in enumerate(self.customers.column(key)):
            places[value].append(place)
        found = {value: self.customers.at(those) for value, those in places.items()}
        return defaultdict(lambda: self.customers[:0], found)


class _Foreign(NamedTuple):
    """What customers paid in other currencies than the base one: in its parts, and of how many purchases."""

    paid: dict[int, tuple[int, int]]
    parts: int


def scored(frame: CustomerFrame) -> Scoring:
    """Return the customers who bought in the period, the best first."""
    refuse_groups_of_deals(frame)
    last = last_day(frame)
    found, parts = _bought(frame, last)
    if len(found) < _FEWEST:
        rule = f"fixed bounds, as there are fewer than {_FEWEST} customers"
        rules, unit = frame.rules, 10 ** exponent(frame.options.currency) * parts
        recency = [_BEST - sum(days > bound for bound in rules.recency) for days in found.column("recency")]
        frequency = [1 + sum(times >= bound for bound in rules.frequency) for times in found.column("frequency")]
        value = [1 + sum(each >= bound * unit for bound in rules.value) for each in found.column("value")]
    else:
        rule = "quintiles"
        recency = _quintiles([-days for days in found.column("recency")])
        frequency = _quintiles(found.column("frequency"))
        value = _quintiles(found.column("value"))
    return Scoring(_best(found, list(zip(recency, frequency, value, strict=True))), rule, parts, last)


def _best(found: Rows, scores: Sequence[Scores]) -> Rows:
    """Return customers with scores and segments, in order: by the sum of the scores, by each of them, by value."""
    sums = [1100 * r + 1010 * f + 1001 * m for r, f, m in scores]  # by which they stand in this order
    told = Keyed(sums, dict(zip(sums, scores, strict=True)))
    best = sorted(range(len(found)), key=found.column("value").__getitem__, reverse=True)
    best.sort(key=sums.__getitem__, reverse=True)  # of equal ones the first stays the first
    return found.having(scores=told, segment=mapped(segment_of, told)).at(best)


def segment_of(scores: Scores) -> str:
    """Return the first segment that three scores fit."""
    return next(name for name, fits in SEGMENTS.items() if fits(*scores))


def _bought(frame: CustomerFrame, last: date) -> tuple[Rows, int]:
    """Return what each customer bought in the period, in the order of their numbers, and the parts of the values."""
    minor, currency, _ = MONEY
    bought = purchases(frame, f"CASE WHEN {currency} = :base THEN {minor} END AS minor", period=frame.period)
    sql = (
        "SELECT r.customer, r.grp, :last - crm_day(r.latest), r.year, r.acts, r.acts - r.valued, r.high, r.low FROM ("
        "SELECT customer, grp, MAX(at) AS latest, SUM(at >= :year) AS year, COUNT(*) AS acts, COUNT(minor) AS valued,"
        f" {' AS high, '.join(parts_of('minor'))} AS low"
        f" FROM ({bought.sql}) WHERE customer IS NOT NULL GROUP BY 1) r ORDER BY 1"
    )
    year = to_utc((last - timedelta(days=364)).isoformat(), frame.zone)
    given = {**bought.parameters, "year": year, "last": last.toordinal()}
    *columns, high, low = fetch_columns(frame.con.execute(with_days(sql, frame.zone), given))
    customers, groups, recency, frequency, acts, unknown = columns
    foreign = _foreign(frame)
    values = [value * foreign.parts for value in map(whole, high, low)]
    for place, customer in enumerate(customers if foreign.paid else ()):
        if customer in foreign.paid:
            paid, count = foreign.paid[customer]
            values[place] += paid
            unknown[place] -= count
    told = {"customer": customers, "group": groups, "recency": recency, "frequency": frequency}
    return Rows({**told, "purchases": acts, "unknown": unknown, "value": values}), foreign.parts


def _foreign(frame: CustomerFrame) -> _Foreign:
    """Return what was not paid in the base currency, at the rates of the purchases; what has none is left out."""
    minor, currency, rate = MONEY
    those = ACTS.narrowed(f"{currency} <> :base AND {minor} IS NOT NULL")
    columns = (f"{minor} AS minor", f"{currency} AS currency", f"{rate} AS rate")
    bought = purchases(frame, *columns, records=those, period=frame.period)
    sql = (
        f"SELECT customer, currency, rate, COUNT(*), {', '.join(parts_of('minor'))}"
        f" FROM ({bought.sql}) WHERE customer IS NOT NULL GROUP BY 1, 2, 3"
    )
    rows = frame.con.execute(sql, bought.parameters).fetchall() if frame.is_mixed(ACTS.entity) else []
    ones = {key: AMOUNT.value(frame.world, 1, *key) for key in {(currency, rate) for _, currency, rate, *_ in rows}}
    factors = {key: one for key, one in ones.items() if not isinstance(one, Excluded)}
    parts = lcm(*(factor.denominator for factor in factors.values()))
    paid: dict[int, tuple[int, int]] = {}
    for customer, currency, rate, count, high, low in rows:
        if (factor := factors.get((currency, rate))) is not None:
            value, known = paid.get(customer, (0, 0))
            times = factor.numerator * (parts // factor.denominator)
            paid[customer] = (value + whole(high, low) * times, known + count)
    return _Foreign(paid, parts)


def last_day(frame: CustomerFrame) -> date:
    """Return the last day of the period, or today where that is earlier."""
    today = date.fromisoformat(frame.today)
    return min(date.fromisoformat(frame.period.end) - timedelta(days=1), today) if frame.period.end else today


def refuse_groups_of_deals(frame: CustomerFrame) -> None:
    """Raise UsageError where customers should be grouped by what only deals have."""
    if frame.options.by is not None and not frame.groups_customers:
        told = f"customers cannot be grouped by {frame.options.by} of their deals"
        raise UsageError(
            told, hint="--by industry, or any field of organizations or contacts", code="field.ungroupable"
        )


def _quintiles(values: Sequence[int]) -> list[int]:
    """Return the score of each value by the share of values that are greater."""
    ordered = sorted(values)
    bounds = [ordered[len(ordered) * part // _BEST] for part in range(1, _BEST)]
    return [1 + bisect_right(bounds, value) for value in values]
