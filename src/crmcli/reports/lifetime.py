"""What a customer is worth: average purchase x purchases a year x margin x the years that customers stay.

The years are those of a whole life of the customers at the yearly churn of the period; where nobody was lost, or nobody
could be, as many as the settings count on. Without a margin nothing is said.
"""

from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from crmcli.reports.acts import ACTS
from crmcli.reports.customers import CustomerFrame
from crmcli.reports.definitions.kpi import Kpi
from crmcli.reports.figures import Figure
from crmcli.reports.figures import figure as figure_of
from crmcli.reports.figures import group_values as values_of
from crmcli.reports.frame import Frame
from crmcli.reports.groups import Group
from crmcli.reports.presenting import rounded, value_of
from crmcli.reports.registry import KPIS
from crmcli.reports.tallies import frame_for

_NO_MARGIN = "no margin: --margin, or margin in the table [customers] of the settings"
_HISTORIC = "clv_historic"


class _Factors(NamedTuple):
    """What is multiplied; each is None where it is unknown."""

    average: Fraction | None
    a_year: Fraction | None
    margin: Fraction | None
    years: Fraction
    flag: str | None


def figure(frame: Frame, kpi: Kpi, group: Group) -> Figure:
    """Return what a customer of a group is worth, or was worth to date."""
    mine = frame_for(frame)
    parts = [figure_of(mine, KPIS[part], group) for part in kpi.parts]
    excluded = tuple(dict.fromkeys(exclusion for part in parts for exclusion in part.excluded))
    count = parts[1].records
    if mine.margin is None:
        return Figure(kpi, group, None, count, _NO_MARGIN, excluded=excluded)
    unknown = next((part for part in parts[:2] if part.value is None), None)
    if unknown is not None:
        return Figure(kpi, group, None, count, unknown.reason, excluded=excluded)
    if kpi.key == _HISTORIC:
        return _historic(mine, kpi, group, parts, count)
    found = _factors(mine, parts)
    value = (found.average or 0) * (found.a_year or 0) * (found.margin or 0) * found.years
    return Figure(kpi, group, Fraction(value), count, found.flag, excluded=excluded)


def group_values(frame: Frame, kpi: Kpi) -> set[object]:
    """Return the stored values of the groups of what was bought."""
    return values_of(frame_for(frame), KPIS[kpi.parts[0]])


def formula(frame: Frame, found: Figure) -> str:
    """Return how a figure comes about, with the numbers in it."""
    mine, kpi, currency = frame_for(frame), found.kpi, frame.options.currency
    told = "n/a" if found.value is None else value_of(found, currency)
    parts = [figure_of(mine, KPIS[part], found.group) for part in kpi.parts]
    if found.value is None:
        return f"{kpi.key} = n/a"
    if kpi.key == _HISTORIC:
        numbers = (value_of(part, currency) for part in parts)
        return f"{kpi.key} = customer_sales x margin / buyers = {' / '.join(map(str, numbers))} x {mine.margin} %"
    factors = _factors(mine, parts)
    a_year, years = (rounded(factor or Fraction(0), "x", currency) for factor in (factors.a_year, factors.years))
    return (
        f"{kpi.key} = average purchase x purchases a year x margin x years"
        f" = {value_of(parts[0], currency)} x {a_year} x {mine.margin} % x {years} = {told}"
    )


def years_of(frame: CustomerFrame) -> Fraction:
    """Return how many years of the period are over: whole months as twelfths, else days of 365.

    A period without a beginning begins with the first purchase of all.
    """
    tomorrow = date.fromisoformat(frame.today) + timedelta(days=1)
    end = min(date.fromisoformat(frame.period.end), tomorrow) if frame.period.end else tomorrow
    start = date.fromisoformat(frame.period.start or _first_day(frame) or frame.today)
    if start.day == end.day == 1 and start < end:
        return Fraction(end.year * 12 + end.month - start.year * 12 - start.month, 12)
    return Fraction(max((end - start).days, 1), 365)


def _factors(frame: CustomerFrame, parts: list[Figure]) -> _Factors:
    average, frequency, churn = (part.value for part in parts)
    years, most = years_of(frame), frame.rules.max_years
    a_year = None if frequency is None else frequency / years
    margin = Fraction(frame.margin or 0, 100)
    if churn:
        return _Factors(average, a_year, margin, years / churn, None)
    told = "is 0" if churn is not None else f"is not known, {parts[2].reason}"
    return _Factors(average, a_year, margin, Fraction(most), f"churn {told}: counted for {most} years")


def _historic(frame: CustomerFrame, kpi: Kpi, group: Group, parts: list[Figure], count: int) -> Figure:
    sales, buyers = (part.value or Fraction(0) for part in parts)
    excluded = parts[0].excluded
    if not buyers:
        return Figure(kpi, group, None, 0, kpi.missing, excluded=excluded)
    value = sales * Fraction(frame.margin or 0, 100) / buyers
    return Figure(kpi, group, value, count, excluded=excluded)


def _first_day(frame: CustomerFrame) -> str | None:
    from crmcli.domain.zones import local_date

    (first,) = frame.con.execute(
        f"SELECT MIN(r.closed_at) FROM deal r WHERE r.deleted_at IS NULL AND {ACTS.condition}"
    ).fetchone()
    return local_date(first, frame.zone) if first else None
