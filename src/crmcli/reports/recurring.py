"""Recurring value won and lost: revenue churn and net revenue retention, of the recurring amounts of deals won.

A customer's recurring value at an instant is that of the deals won before it, a month's worth each: a renewal stands
in for all that came before it, any other deal is added. A customer is lost when the relationship reached its end
(``lifecycle_phase`` is ``dissolution`` by then), or when the question says of whom that is so (``--lost``).
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from crmcli.domain.money import exponent
from crmcli.domain.periods import ALL
from crmcli.reports.acts import ACTS, CUSTOMER
from crmcli.reports.customers import CustomerFrame, customer_labels
from crmcli.reports.definitions.kpi import Kpi
from crmcli.reports.figures import Exclusion, Figure, Side
from crmcli.reports.frame import Frame
from crmcli.reports.groups import Group
from crmcli.reports.measures import AMOUNT, MONEY, Excluded
from crmcli.reports.presenting import rounded, value_of
from crmcli.reports.tallies import frame_for
from crmcli.reports.windows import windows

_PER_MONTH = {"month": 1, "year": 12}
_UNLIMITED = "the period has no beginning"
_ENDED = (
    "SELECT w.record_id * 2 + (w.entity = 'contact') FROM state_log w WHERE w.entity IN ('organization', 'contact')"
    " AND w.field = 'lifecycle_phase' AND w.to_value = 'dissolution' AND w.entered_at < :at"
    " AND (w.left_at IS NULL OR w.left_at >= :at)"
)


class _Customer(NamedTuple):
    """A customer's recurring value at the start and at the end of the period, in minor units of the base currency."""

    customer: int
    group: object
    start: Fraction
    end: Fraction


class _Book(NamedTuple):
    """All customers with recurring value at the start, and what could not be counted."""

    customers: list[_Customer]
    excluded: dict[str, int]


def figure(frame: Frame, kpi: Kpi, group: Group) -> Figure:
    """Return the share of recurring value that was lost, or kept, of one group."""
    mine = frame_for(frame, group)
    book = _book(mine)
    excluded = tuple(Exclusion(reason, count) for reason, count in sorted(book.excluded.items()))
    if mine.period.start is None:
        return Figure(kpi, group, None, 0, _UNLIMITED, excluded=excluded)
    those = [each for each in book.customers if group.values is None or each.group in group.values]
    unit = 10 ** exponent(mine.options.currency)
    above = sum((_above(kpi, each) for each in those), Fraction(0)) / unit
    below = sum((each.start for each in those), Fraction(0)) / unit
    sides = Side(above, len(those), "money"), Side(below, len(those), "money")
    value = above / below if below else None
    return Figure(kpi, group, value, len(those), None if below else kpi.missing, *sides, excluded)


def group_values(frame: Frame, kpi: Kpi) -> set[object]:
    """Return the stored values of the groups with recurring value at the start."""
    return {each.group for each in _book(frame_for(frame)).customers}


def rows(frame: Frame, kpi: Kpi) -> Iterator[tuple[object, dict[str, object]]]:
    """Yield the group and the cells of each customer with recurring value at the start."""
    mine = frame_for(frame)
    if mine.period.start is None:
        return
    those = _book(mine).customers
    labels = customer_labels(mine.con, [each.customer for each in those])
    unit, currency = 10 ** exponent(mine.options.currency), mine.options.currency
    for each, label in zip(those, labels, strict=True):
        numerator, denominator = (rounded(side / unit, "money", currency) for side in (_above(kpi, each), each.start))
        told: dict[str, object] = {"ref": label["ref"], "title": label["name"], "numerator": numerator}
        yield each.group, told | {"denominator": denominator, "excluded": None, "unit": "money"}


def formula(frame: Frame, found: Figure) -> str:
    """Return how a figure comes about, with the numbers in it."""
    currency = frame.options.currency
    sides = " / ".join(
        str(rounded(side.number, "money", currency)) if side else "n/a" for side in (found.above, found.below)
    )
    value = "n/a" if found.value is None else value_of(found, currency)
    return f"{found.kpi.key} = {found.kpi.numerator} / {found.kpi.denominator} = {sides} = {value}"


def _above(kpi: Kpi, each: _Customer) -> Fraction:
    return max(each.start - each.end, Fraction(0)) if kpi.key == "churn_revenue" else each.end


def _book(frame: CustomerFrame) -> _Book:
    if "recurring" not in frame.kept:
        frame.kept["recurring"] = _read(frame)
    found: _Book = frame.kept["recurring"]
    return found


def _read(frame: CustomerFrame) -> _Book:
    """Read the recurring deals customer by customer; a deal without a rate is left out and counted."""
    around = windows(frame).parameters
    start, end = around["p_from"], min(around["p_to"], around.get("e_to", around["p_to"]))
    gone_before, gone = _gone(frame, start, end)
    excluded: dict[str, int] = {}
    found: list[_Customer] = []
    for (customer, group), deals in groupby(_deals(frame, end), itemgetter(0, 1)):
        if customer is None:
            excluded["no customer"] = excluded.get("no customer", 0) + len(list(deals))
            continue
        held = {start: Fraction(0), end: Fraction(0)}
        for _, _, at, kind, value in deals:
            if isinstance(value, Excluded):
                excluded[value.reason] = excluded.get(value.reason, 0) + 1
                continue
            for edge in {edge for edge in (start, end) if at < edge}:
                held[edge] = value + (0 if kind == "renewal" else held[edge])
        if held[start] and customer not in gone_before:
            found.append(_Customer(customer, group, held[start], Fraction(0) if customer in gone else held[end]))
    return _Book(found, excluded)


def _deals(frame: CustomerFrame, end: str) -> Iterator[tuple[Any, ...]]:
    """Yield customer, group, instant, type and monthly value of each recurring deal won, in the order of time."""
    kind, clause = frame.selection(ACTS, ALL)
    sql = (
        f"SELECT {CUSTOMER}, {frame.group_sql(ACTS.entity)}, r.closed_at, r.type, r.recurring_period,"
        f" r.recurring_amount_minor, {', '.join(MONEY[1:])} FROM {kind.table} r WHERE r.deleted_at IS NULL"
        f" AND {clause.sql} AND r.recurring_amount_minor IS NOT NULL AND r.closed_at < :end ORDER BY 1, 2, 3, r.id"
    )
    for customer, group, at, type_, per, *money in frame.con.execute(sql, {**clause.parameters, "end": end}):
        value = AMOUNT.value(frame.world, *money)
        monthly = value if isinstance(value, Excluded) else Fraction(value, _PER_MONTH.get(per, 1))
        yield customer, group, at, type_, monthly


def _gone(frame: CustomerFrame, start: str, end: str) -> tuple[set[int], set[int]]:
    """Return the customers who were lost before the period, and those lost by its end."""
    lost = frame.options.own.get("lost")
    if lost is not None:
        those = frame.those(lost, "l")
        return set(), {row[0] for row in frame.con.execute(f"SELECT customer FROM ({those.sql})", those.parameters)}
    before, after = ({row[0] for row in frame.con.execute(_ENDED, {"at": edge})} for edge in (start, end))
    return before, after
