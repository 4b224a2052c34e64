"""Figures computed from their definitions: exact fractions, rounded once when they are presented.

What a figure is made of stands in ``registry``; which records are read, in ``frame``.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from crmcli.domain.periods import Period
from crmcli.reports.currencies import Own, in_each
from crmcli.reports.definitions.kpi import TRAILING_DAYS, Kpi
from crmcli.reports.frame import Frame
from crmcli.reports.groups import WHOLE, Group, greatest
from crmcli.reports.registry import KPIS
from crmcli.reports.sums import Reasons
from crmcli.reports.terms import Term

if TYPE_CHECKING:
    from types import ModuleType

    from crmcli.reports.measures import Exact

_FEW = 5
_IN_EACH = ("velocity", "quotients", "lifetime")
_MONEY = ("money", "money/d")


class Exclusion(NamedTuple):
    """Records left out of a figure, and why; ``minor`` is their amount in a currency that has no rate."""

    reason: str
    records: int
    currency: str = ""
    minor: int = 0


class Side(NamedTuple):
    """What stands above or below the line: an exact number in ``unit`` and the records behind it."""

    number: Fraction
    records: int
    unit: str
    excluded: tuple[Exclusion, ...] = ()
    currencies: tuple[Own, ...] = ()


class Figure(NamedTuple):
    """A computed figure of a group. ``value`` is None when it is undefined, and ``reason`` says why.

    ``currencies`` are its parts by currency, if it is money.
    """

    kpi: Kpi
    group: Group
    value: Fraction | None
    records: int
    reason: str | None = None
    above: Side | None = None
    below: Side | None = None
    excluded: tuple[Exclusion, ...] = ()
    currencies: tuple[Own, ...] = ()

    @property
    def is_small(self) -> bool:
        """Whether so few records are behind it that it says little."""
        counted = self.kpi.how in ("count", "sum", "total") or self.kpi.unit == "n" or self.kpi.key == "target_amount"
        return not counted and self.value is not None and self.records < _FEW


def figures(frame: Frame, key: str) -> list[Figure]:
    """Return a figure of the whole, or of each group that has records of it, with ``top`` of the greatest alone."""
    kpi = KPIS[key]
    if frame.options.by is None:
        return [figure(frame, kpi, WHOLE)]
    found = [figure(frame, kpi, group) for group in frame.groups(kpi.entity, group_values(frame, kpi))]
    return greatest(found, lambda one: one.value, frame.options.top)


def figure(frame: Frame, kpi: Kpi, group: Group) -> Figure:
    """Return a figure of one group, of money in each currency too."""
    found = computed(frame, kpi, group)
    if kpi.how not in _IN_EACH or kpi.unit not in _MONEY or found.value is None:
        return found
    return found._replace(currencies=in_each(frame, lambda alone: computed(alone, kpi, group)))


def each(frame: Frame, kpi: Kpi, groups: Sequence[Group]) -> list[Figure]:
    """Return a figure of each group; mere counts, of which there may be very many, are looked up together."""
    if kpi.how != "count" or kpi.term.measure is not None:
        return [figure(frame, kpi, group) for group in groups]
    counts = frame.count_each(kpi.term.records, frame.period, groups)
    sides = {count: Side(Fraction(count), count, "n") for count in set(counts)}
    found = zip(groups, map(sides.__getitem__, counts), strict=True)
    return [Figure(kpi, group, side.number, side.records, None, side) for group, side in found]


def computed(frame: Frame, kpi: Kpi, group: Group) -> Figure:
    """Return a figure of one group; of money that is no sum only in the base currency."""
    own = own_module(kpi)
    found: Figure = own.figure(frame, kpi, group) if own else _HOW[kpi.how](frame, kpi, group, frame.period)
    return found


def own_module(kpi: Kpi) -> "ModuleType | None":
    """Return the module that makes a figure in a way of its own.

    It has ``figure(frame, kpi, group)``, ``group_values(frame, kpi)``, and for ``--explain`` ``formula(frame, figure)``
    and ``rows(frame, kpi)``, which yields each record's stored group and its cells; without, the rows are those of
    the parts.
    """
    if kpi.how in _HOW:
        return None
    from importlib import import_module

    return import_module(f"crmcli.reports.{kpi.how}")


def terms(frame: Frame, kpi: Kpi) -> list[tuple[Kpi, Term, Period]]:
    """Return the terms that a figure counts or adds up, those of its parts too, each with its period."""
    period = frame.trailing(TRAILING_DAYS) if kpi.parts else frame.period
    parts = [KPIS[part] for part in kpi.parts] or [kpi]
    return [(part, term, period) for part in parts for term in part.terms]


def group_values(frame: Frame, kpi: Kpi) -> set[object]:
    """Return the stored values of the groups that have records of a figure."""
    if own := own_module(kpi):
        found: set[object] = own.group_values(frame, kpi)
        return found
    return {value for _, term, period in terms(frame, kpi) for value in frame.counts(term.records, period)}


def entities(kpi: Kpi) -> dict[str, None]:
    """Return the entities whose records a figure is made of; a figure of its own way names its parts in words."""
    parts = [kpi] if own_module(kpi) else [KPIS[part] for part in kpi.parts] or [kpi]
    return {term.records.entity: None for part in parts for term in part.terms}


def _side(frame: Frame, term: Term, group: Group, period: Period) -> Side:
    if term.measure is None:
        count = frame.count(term.records, period, group)
        return Side(Fraction(count), count, "n")
    found = frame.add_up(term, period, group)
    currencies = tuple(
        Own(currency, count, _exact(term, total, currency)) for currency, (count, total) in sorted(found.own.items())
    )
    total = _exact(term, found.total, frame.options.currency)
    return Side(total, found.size, term.measure.unit, _exclusions(found.excluded), currencies)


def _exact(term: Term, small: int | Fraction, currency: str) -> Fraction:
    """Return a number of small units in whole ones: money in major units, days, hours."""
    if term.measure is None:
        return Fraction(small)
    if term.measure.unit == "money":
        from crmcli.domain.money import exponent

        return Fraction(small, term.measure.scale * 10 ** exponent(currency))
    return Fraction(small, term.measure.scale)


def _exclusions(excluded: Reasons) -> tuple[Exclusion, ...]:
    return tuple(
        Exclusion(reason, count, currency, minor) for (reason, currency), (count, minor) in sorted(excluded.items())
    )


def _count(frame: Frame, kpi: Kpi, group: Group, period: Period) -> Figure:
    side = _side(frame, kpi.term, group, period)
    if kpi.term.measure is not None:
        side = Side(Fraction(side.records), side.records, "n")
    return Figure(kpi, group, side.number, side.records, None, side)


def _sum(frame: Frame, kpi: Kpi, group: Group, period: Period) -> Figure:
    """Add up; no record and no amount are zero, but amounts of which none can be converted are unknown."""
    return _added(kpi, group, _side(frame, kpi.term, group, period))


def _added(kpi: Kpi, group: Group, side: Side) -> Figure:
    foreign = tuple(exclusion for exclusion in side.excluded if exclusion.currency)
    if side.records or not foreign:
        return Figure(kpi, group, side.number, side.records, None, side, None, side.excluded, side.currencies)
    return Figure(kpi, group, None, 0, _reasons(foreign), None, None, side.excluded, side.currencies)


def _total(frame: Frame, kpi: Kpi, group: Group, period: Period) -> Figure:
    """Add up several terms as one; see the sum."""
    sides = [_side(frame, term, group, period) for term in kpi.among]
    own: dict[str, Own] = {}
    for each in (each for side in sides for each in side.currencies):
        known = own.get(each.currency, Own(each.currency, 0, Fraction(0)))
        own[each.currency] = Own(each.currency, known.records + each.records, known.value + each.value)
    side = Side(
        sum((side.number for side in sides), Fraction(0)),
        sum(side.records for side in sides),
        sides[0].unit,
        tuple(exclusion for side in sides for exclusion in side.excluded),
        tuple(own.values()),
    )
    return _added(kpi, group, side)


def _mean(frame: Frame, kpi: Kpi, group: Group, period: Period) -> Figure:
    side = _side(frame, kpi.term, group, period)
    below = Side(Fraction(side.records), side.records, "n")
    means = tuple(own._replace(value=own.value / own.records) for own in side.currencies)
    return _quotient(kpi, group, side, below, side.excluded)._replace(currencies=means)


def _ratio(frame: Frame, kpi: Kpi, group: Group, period: Period) -> Figure:
    above = _side(frame, kpi.term, group, period)
    sides = [_side(frame, term, group, period) for term in kpi.among]
    excluded = tuple(exclusion for side in sides for exclusion in side.excluded)
    records = sum(side.records for side in sides)
    below = Side(sum((side.number for side in sides), Fraction(0)), records, above.unit)
    return _quotient(kpi, group, above, below, excluded)


def _quotient(kpi: Kpi, group: Group, above: Side, below: Side, excluded: tuple[Exclusion, ...]) -> Figure:
    if below.number:
        return Figure(kpi, group, above.number / below.number, below.records, None, above, below, excluded)
    reason = kpi.missing if below.records or not excluded else _reasons(excluded)
    return Figure(kpi, group, None, below.records, reason, above, below, excluded)


def _median(frame: Frame, kpi: Kpi, group: Group, period: Period) -> Figure:
    return _ranked(frame, kpi, group, period, _middle)


def _middle(ordered: "Sequence[Exact]") -> Fraction:
    half = len(ordered) // 2
    twice = ordered[half] + ordered[-half - 1]  # the same one twice when their number is odd
    return Fraction(twice, 2)


def _p90(frame: Frame, kpi: Kpi, group: Group, period: Period) -> Figure:
    """Take the smallest value that nine in ten of all values do not exceed (the nearest rank)."""
    return _ranked(frame, kpi, group, period, lambda ordered: ordered[-(-len(ordered) * 9 // 10) - 1])


def _ranked(
    frame: Frame, kpi: Kpi, group: Group, period: Period, choose: "Callable[[Sequence[Exact]], Exact]"
) -> Figure:
    """Return what is chosen of the values in their order."""
    sample = frame.sample(kpi.term, period, group)
    excluded = _exclusions(sample.excluded)
    currencies = tuple(
        Own(currency, values.size, _exact(kpi.term, choose(values.ordered), currency))
        for currency, values in sorted(sample.own.items())
    )
    if not sample.size:
        reason = _reasons(excluded) if excluded else kpi.missing
        return Figure(kpi, group, None, 0, reason, excluded=excluded, currencies=currencies)
    value = _exact(kpi.term, choose(sample.ordered), frame.options.currency)
    return Figure(kpi, group, value, sample.size, excluded=excluded, currencies=currencies)


def _velocity(frame: Frame, kpi: Kpi, group: Group, _period: Period) -> Figure:
    """Multiply open deals, win rate and average deal, and divide by the mean cycle in days."""
    trailing = frame.trailing(TRAILING_DAYS)
    found = {part: _HOW[KPIS[part].how](frame, KPIS[part], group, trailing) for part in kpi.parts}
    parts = tuple(found.values())
    excluded = tuple(dict.fromkeys(exclusion for part in parts for exclusion in part.excluded))
    count = found["win_rate"].records
    if unknown := next((part for part in parts if part.value is None), None):
        return Figure(kpi, group, None, count, unknown.reason, excluded=excluded)
    deals, rate, average, days = (part.value or Fraction(0) for part in parts)
    if not days:
        return Figure(kpi, group, None, count, "the mean cycle is 0 days", excluded=excluded)
    above = Side(deals * rate * average, count, "money")
    below = Side(days, found["cycle_days_mean"].records, "d")
    return Figure(kpi, group, above.number / days, count, None, above, below, excluded)


def _reasons(excluded: tuple[Exclusion, ...]) -> str:
    return ", ".join(dict.fromkeys(exclusion.reason for exclusion in excluded))


_HOW: dict[str, Callable[[Frame, Kpi, Group, Period], Figure]] = {
    "count": _count,
    "sum": _sum,
    "total": _total,
    "mean": _mean,
    "median": _median,
    "p90": _p90,
    "ratio": _ratio,
    "velocity": _velocity,
}
