"""Customers scored by recency, frequency and value (RFM), and the segment in which the scores put each of them.

Scores run from 1 to 5, by quintile: of equal customers all get the better score. Fewer than 25 customers are scored by
the fixed bounds of the settings. Recency is the days since the last purchase, frequency the purchases of 365 days, both
reckoned from the last day of the period or today; value is that of all purchases of the period.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache
from math import lcm
from operator import attrgetter, sub
from typing import NamedTuple

from crmcli.domain.money import exponent
from crmcli.domain.zones import numbering, to_utc
from crmcli.errors import UsageError
from crmcli.queries.amounts import parts_of, whole
from crmcli.reports.acts import ACTS
from crmcli.reports.customers import CustomerFrame, purchases
from crmcli.reports.measures import AMOUNT, MONEY, Excluded

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


class Scored(NamedTuple):
    """What a customer bought in the period, the three scores of that, and the segment that they make.

    ``recency`` is in days, ``value`` in the parts of the ``Scoring``; so many purchases as ``unknown`` add none to it.
    """

    customer: int
    group: object
    recency: int
    frequency: int
    purchases: int
    unknown: int
    value: int
    r: int
    f: int
    m: int
    segment: str

    @property
    def is_valued(self) -> bool:
        """Whether any purchase has an amount in the base currency."""
        return self.unknown < self.purchases


class Scoring(NamedTuple):
    """Scored customers; ``rule`` tells by what they were.

    Values are in 1/``parts`` of a minor unit of the base currency, and ``last`` is the day from which recency counts.
    """

    customers: Sequence[Scored]
    rule: str
    parts: int
    last: date


class _Bought(NamedTuple):
    """What customers bought, a column each, in the order of their numbers; see ``Scored`` and ``Scoring``."""

    customers: Sequence[int] = ()
    groups: Sequence[object] = ()
    recency: Sequence[int] = ()
    frequency: Sequence[int] = ()
    purchases: Sequence[int] = ()
    unknown: Sequence[int] = ()
    values: Sequence[int] = ()
    parts: int = 1


class _Foreign(NamedTuple):
    """What customers paid in other currencies than the base one: in its parts, and of how many purchases."""

    paid: dict[int, tuple[int, int]]
    parts: int


def scored(frame: CustomerFrame) -> Scoring:
    """Return the customers who bought in the period, the best first."""
    refuse_groups_of_deals(frame)
    last = last_day(frame)
    found = _bought(frame, last)
    if len(found.customers) < _FEWEST:
        rule = f"fixed bounds, as there are fewer than {_FEWEST} customers"
        rules, unit = frame.rules, 10 ** exponent(frame.options.currency) * found.parts
        recency = [_BEST - sum(days > bound for bound in rules.recency) for days in found.recency]
        frequency = [1 + sum(times >= bound for bound in rules.frequency) for times in found.frequency]
        value = [1 + sum(each >= bound * unit for bound in rules.value) for each in found.values]
    else:
        rule = "quintiles"
        recency = _quintiles([-days for days in found.recency])
        frequency = _quintiles(found.frequency)
        value = _quintiles(found.values)
    segments = map(segment_of, recency, frequency, value)
    customers = [*map(Scored, *found[:-1], recency, frequency, value, segments)]
    customers.sort(key=attrgetter("value"), reverse=True)  # of equal ones the first stays the first
    customers.sort(key=_by_scores, reverse=True)
    return Scoring(customers, rule, found.parts, last)


def _by_scores(one: Scored) -> int:
    """Return a number by which customers are in order: by the sum of their scores, then by each of these."""
    return 1100 * one.r + 1010 * one.f + 1001 * one.m


@cache
def segment_of(r: int, f: int, m: int) -> str:
    """Return the first segment that three scores fit."""
    return next(name for name, fits in SEGMENTS.items() if fits(r, f, m))


def _bought(frame: CustomerFrame, last: date) -> _Bought:
    """Return what each customer bought in the period."""
    minor, currency, _ = MONEY
    bought = purchases(frame, f"CASE WHEN {currency} = :base THEN {minor} END AS minor", period=frame.period)
    sql = (
        f"SELECT customer, grp, MAX(at), SUM(at >= :year), COUNT(*), COUNT(minor), {', '.join(parts_of('minor'))}"
        f" FROM ({bought.sql}) WHERE customer IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    year = to_utc((last - timedelta(days=364)).isoformat(), frame.zone)
    rows = frame.con.execute(sql, {**bought.parameters, "year": year}).fetchall()
    if not rows:
        return _Bought()
    customers, groups, latest, frequency, acts, valued, high, low = zip(*rows, strict=True)
    today, number = last.toordinal(), numbering(frame.zone)
    recency = [today - number(at) for at in latest]
    foreign = _foreign(frame)
    values = [whole(*parts) * foreign.parts for parts in zip(high, low, strict=True)]
    unknown = [*map(sub, acts, valued)]
    for place, customer in enumerate(customers if foreign.paid else ()):
        if customer in foreign.paid:
            paid, count = foreign.paid[customer]
            values[place] += paid
            unknown[place] -= count
    return _Bought(customers, groups, recency, frequency, acts, unknown, values, foreign.parts)


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
    score: dict[int, int] = {}
    for better, value in enumerate(sorted(values, reverse=True)):
        score.setdefault(value, _BEST - better * _BEST // len(values))
    return [score[value] for value in values]
