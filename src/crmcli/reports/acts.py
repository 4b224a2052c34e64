"""Purchase acts: which customer bought, when, for how much. Whatever tells what customers buy reads them here.

An act is a won deal, dated by its closing (``purchase_source = deal``); once there are invoices they join here. Its
customer is the organization, or the contact where it has none; an act of neither, or of deleted ones, has no customer.
A customer is one integer, so that both kinds of record group together quickly: see ``customer_of``.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from operator import attrgetter
from typing import NamedTuple

from crmcli.domain.zones import day_number
from crmcli.reports.sets import RecordSet

ACTS = RecordSet("deal", "purchases", "r.outcome = 'won'", "r.closed_at")
KINDS = ("organization", "contact")
CUSTOMER = (  # over the row of a deal, alias r
    "CASE WHEN EXISTS (SELECT 1 FROM organization o WHERE o.id = r.organization_id AND o.deleted_at IS NULL)"
    " THEN r.organization_id * 2 WHEN r.organization_id IS NULL AND EXISTS (SELECT 1 FROM contact c"
    " WHERE c.id = r.contact_id AND c.deleted_at IS NULL) THEN r.contact_id * 2 + 1 END"
)
ACTS_OF_CUSTOMERS = ACTS._replace(
    noun="purchases of customers", condition=f"{ACTS.condition} AND {CUSTOMER} IS NOT NULL"
)
IN_P = "(a.at >= :p_from AND a.at < :p_to)"  # of an act, alias a: whether it is of the period, see ``windows``
IN_NEXT = "(a.at >= :p_to AND a.at < :n_to)"
_LEAST = 3  # acts, between which there are two intervals


class Act(NamedTuple):
    """One purchase: its customer (None for nobody), its instant, its amount in minor units with its frozen rate."""

    customer: int | None
    at: str
    minor: int | None
    currency: str
    rate: str | None
    deal: int


def customer_of(customer: int) -> tuple[str, int]:
    """Return the entity and the id of a customer."""
    return KINDS[customer % 2], customer // 2


def customer_sql(kind: str, record_id: str = "r.id") -> str:
    """Return the expression for the customer that a record of an entity is."""
    return f"({record_id} * 2 + {KINDS.index(kind)})"


def acts(con: sqlite3.Connection, until: str | None = None) -> Iterator[Act]:
    """Yield the acts before a stored instant, or all of them, customer by customer, the earliest first."""
    sql = (
        f"SELECT {CUSTOMER}, r.closed_at, r.amount_minor, r.currency, r.exchange_rate, r.id FROM deal r"
        f" WHERE r.deleted_at IS NULL AND {ACTS.condition} AND r.closed_at < ? ORDER BY 1, 2, r.id"
    )
    return map(Act._make, con.execute(sql, (until or "9999",)))


def own_intervals(found: Iterable[Act], zone: str) -> dict[int, float]:
    """Return the median of the days between consecutive acts by customer, of those with three or more.

    The acts stand as ``acts`` yields them; days are whole local calendar days.
    """
    intervals: dict[int, float] = {}
    for customer, those in groupby(found, attrgetter("customer")):
        days = [day_number(act.at, zone) for act in those]
        interval = own_interval(days)
        if customer is not None and interval is not None:
            intervals[customer] = interval
    return intervals


def own_interval(days: Sequence[int]) -> float | None:
    """Return the median of the days between consecutive acts, given by day numbers in order; None for fewer than 3."""
    if len(days) < _LEAST:
        return None
    gaps = sorted(later - earlier for earlier, later in pairwise(days))
    middle = len(gaps) // 2
    return (gaps[middle] + gaps[-middle - 1]) / 2  # the same one twice when their number is odd
