"""Sums that the store itself adds up: records alike in all but the amount come as one row, whatever their number."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.queries.amounts import parts_of, whole
from crmcli.reports.measures import Excluded, Measure, Surroundings

if TYPE_CHECKING:
    from crmcli.reports.measures import Exact

Reasons = dict[tuple[str, str], tuple[int, int]]  # (reason, currency) -> (records, minor units)


class Sum(NamedTuple):
    """Records of a group alike in ``rest``, the columns of a measure but the first, and what that adds up to."""

    group: object
    rest: tuple[Any, ...]
    records: int
    valued: int
    total: int


class Total(NamedTuple):
    """What the values of a group add up to, and what was left out.

    ``own`` are the same values in their own currency, what has no rate too: currency -> (records, sum).
    """

    total: "Exact"
    size: int
    excluded: Reasons
    own: dict[str, tuple[int, "Exact"]]


def sum_columns(columns: list[str]) -> tuple[tuple[str, ...], str]:
    """Return what is selected behind the group to add up a measure's columns, and the clause that groups it."""
    first, *rest = columns
    places = ", ".join(str(place) for place in range(1, len(rest) + 2))
    return (*rest, "COUNT(*)", f"COUNT({first})", *parts_of(first)), f" GROUP BY {places}"


def sum_of(group: object, *cells: Any) -> Sum:
    """Return a row of such a query."""
    *rest, records, valued, high, low = cells
    return Sum(group, tuple(rest), records, valued, whole(high, low))


def add_up(world: Surroundings, measure: Measure, sums: Iterable[Sum]) -> Total:
    """Return several sums as one, in the base currency."""
    total: Exact = 0
    size = 0
    excluded: Reasons = {}
    own: dict[str, tuple[int, Exact]] = {}
    for one in sums:
        if one.records > one.valued:
            _leave_out(excluded, measure.value(world, None, *one.rest), one.records - one.valued)
        if not one.valued:
            continue
        number, mine = (
            measure.value(there, one.total, *one.rest) for there in (world, world._replace(currency=one.rest[0]))
        )
        if isinstance(mine, Excluded):
            raise TypeError("an amount in its own currency needs no rate")
        count, before = own.get(one.rest[0], (0, 0))
        own[one.rest[0]] = (count + one.valued, before + mine)
        if isinstance(number, Excluded):
            _leave_out(excluded, number, one.valued)
        else:
            total, size = total + number, size + one.valued
    return Total(total, size, excluded, own)


def _leave_out(excluded: Reasons, why: "Exact | Excluded", count: int) -> None:
    if isinstance(why, Excluded):
        key = (why.reason, why.currency)
        known, minor = excluded.get(key, (0, 0))
        excluded[key] = (known + count, minor + why.minor)
