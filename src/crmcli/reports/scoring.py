"""Customers scored by recency, frequency and value (RFM), and the segment in which the scores put each of them.

Scores run from 1 to 5, by quintile: of equal customers all get the better score. Fewer than 25 customers are scored by
the fixed bounds of the settings. Recency is the days since the last purchase, frequency the purchases of 365 days, both
reckoned from the last day of the period or today; value is that of all purchases of the period.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from itertools import groupby
from math import lcm
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.domain.money import exponent
from crmcli.domain.zones import day_number, to_utc
from crmcli.errors import UsageError
from crmcli.queries.amounts import parts_of, whole
from crmcli.reports.acts import ACTS, CUSTOMER
from crmcli.reports.customers import CustomerFrame
from crmcli.reports.measures import AMOUNT, MONEY, Excluded

if TYPE_CHECKING:
    from crmcli.reports.measures import Exact

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


class Bought(NamedTuple):
    """What a customer bought in the period: ``value`` in minor units of the base currency, ``unknown`` without one."""

    customer: int
    group: object
    last_at: str
    recency: int
    frequency: int
    purchases: int
    value: "Exact"
    unknown: int

    @property
    def is_valued(self) -> bool:
        """Whether any purchase has an amount in the base currency."""
        return self.unknown < self.purchases


class Scored(NamedTuple):
    """A customer with the three scores and the segment that they make."""

    bought: Bought
    r: int
    f: int
    m: int
    segment: str


def scored(frame: CustomerFrame) -> list[Scored]:
    """Return the customers who bought in the period, the best first."""
    found = bought(frame)
    if len(found) < _FEWEST:
        rules, minor = frame.rules, 10 ** exponent(frame.options.currency)
        recency = [_BEST - sum(each.recency > bound for bound in rules.recency) for each in found]
        frequency = [1 + sum(each.frequency >= bound for bound in rules.frequency) for each in found]
        value = [1 + sum(each.value >= bound * minor for bound in rules.value) for each in found]
    else:
        recency = _quintiles([-each.recency for each in found])
        frequency = _quintiles([each.frequency for each in found])
        value = _quintiles(_whole_numbers([each.value for each in found]))
    scores = zip(found, recency, frequency, value, strict=True)
    all_scored = [Scored(each, r, f, m, segment_of(r, f, m)) for each, r, f, m in scores]
    worth = _whole_numbers([one.bought.value for one in all_scored])
    order = [
        (-one.r - one.f - one.m, -one.r, -one.f, -one.m, -value, one.bought.customer, place)
        for place, (one, value) in enumerate(zip(all_scored, worth, strict=True))
    ]
    return [all_scored[place] for *_, place in sorted(order)]


@cache
def segment_of(r: int, f: int, m: int) -> str:
    """Return the first segment that three scores fit."""
    return next(name for name, fits in SEGMENTS.items() if fits(r, f, m))


def rule_of(found: list[Scored]) -> str:
    """Tell by what customers were scored."""
    return "quintiles" if len(found) >= _FEWEST else f"fixed bounds, as there are fewer than {_FEWEST} customers"


def bought(frame: CustomerFrame) -> list[Bought]:
    """Return what each customer bought in the period, in the order of their numbers."""
    refuse_groups_of_deals(frame)
    last = last_day(frame)
    kind, clause = frame.selection(ACTS, frame.period)
    minor, currency, rate = MONEY
    sql = (
        "SELECT customer, grp, currency, rate, MAX(at), SUM(at >= :year), COUNT(*), COUNT(minor),"
        f" {', '.join(parts_of('minor'))} FROM (SELECT {CUSTOMER} AS customer,"
        f" {frame.group_sql(ACTS.entity)} AS grp, r.closed_at AS at, {minor} AS minor, {currency} AS currency,"
        f" {rate} AS rate FROM {kind.table} r WHERE r.deleted_at IS NULL AND {clause.sql})"
        " WHERE customer IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 1"
    )
    year = to_utc((last - timedelta(days=364)).isoformat(), frame.zone)
    rows = frame.con.execute(sql, {**clause.parameters, "year": year})
    return [_bought(frame, customer, list(those), last) for customer, those in groupby(rows, itemgetter(0))]


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


def _bought(frame: CustomerFrame, customer: int, rows: list[tuple[Any, ...]], last: date) -> Bought:
    """Add up the rows of a customer, one for each currency and rate."""
    value: Exact = 0
    unknown = acts = year = 0
    for _, _, currency, rate, _, of_year, count, amounts, high, low in rows:
        acts, year, unknown = acts + count, year + of_year, unknown + count - amounts
        if not amounts:
            continue
        converted = AMOUNT.value(frame.world, whole(high, low), currency, rate)
        if isinstance(converted, Excluded):
            unknown += amounts
        else:
            value += converted
    latest = max(row[4] for row in rows)
    days = last.toordinal() - day_number(latest, frame.zone)
    return Bought(customer, rows[0][1], latest, days, year, acts, value, unknown)


def _whole_numbers(values: "list[Exact]") -> list[int]:
    """Return numbers of the same order and proportions that are quick to compare: all by their common denominator."""
    common = lcm(*(value.denominator for value in values))
    return [value.numerator * (common // value.denominator) for value in values]


def _quintiles(values: list[int]) -> list[int]:
    """Return the score of each value by the share of values that are greater."""
    score: dict[int, int] = {}
    for better, value in enumerate(sorted(values, reverse=True)):
        score.setdefault(value, _BEST - better * _BEST // len(values))
    return [score[value] for value in values]
