"""Customers by the local month of their first purchase, and the months in which they bought again."""

from datetime import date
from itertools import pairwise
from json import dumps
from typing import NamedTuple

from crmcli.domain.periods import step, utc_edges
from crmcli.domain.zones import local_date, to_utc
from crmcli.reports.customers import CustomerFrame, purchases

_COUNTED = """
WITH m AS MATERIALIZED (
    SELECT key AS place, json_extract(value, '$[0]') AS since, json_extract(value, '$[1]') AS till
    FROM json_each(:months)
), active AS (
    SELECT a.customer, a.grp, CASE WHEN substr(a.at, 9, 2) BETWEEN '02' AND '27'
        THEN substr(a.at, 1, 4) * 12 + substr(a.at, 6, 2) - :origin
        ELSE (SELECT m.place FROM m WHERE a.at >= m.since AND a.at < m.till) END AS place, MIN(a.at) AS at
    FROM ({acts}) a WHERE a.customer IS NOT NULL AND a.at < :end GROUP BY 1, 2, 3
), traced AS (
    SELECT grp, place, MIN(place) OVER w AS first, MIN(at) OVER w AS first_at FROM active
    WINDOW w AS (PARTITION BY customer, grp)
)
SELECT grp, first, place - first, COUNT(*) FROM traced WHERE first_at >= :since AND first_at < :till GROUP BY 1, 2, 3
"""


class Months(NamedTuple):
    """Local months by their places: names, stored edges, and the place of the month of today."""

    names: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]
    current: int


class Cell(NamedTuple):
    """How many customers of a group and a cohort, by the place of its month, were active so many months later."""

    group: object
    first: int
    later: int
    active: int


def months_of(frame: CustomerFrame) -> Months:
    """Return the months from the first purchase of all to today, with one more on either side."""
    acts = purchases(frame)
    (first,) = frame.con.execute(f"SELECT MIN(at) FROM ({acts.sql})", acts.parameters).fetchone()
    this_month = date.fromisoformat(frame.today).replace(day=1)
    day = min(date.fromisoformat(local_date(first, frame.zone)).replace(day=1) if first else this_month, this_month)
    days, end = [step("m", day, -1)], step("m", this_month, 2)
    while days[-1] < end:
        days.append(step("m", days[-1], 1))
    stored = [to_utc(day.isoformat(), frame.zone) for day in days]
    return Months(tuple(day.isoformat()[:7] for day in days[:-1]), tuple(pairwise(stored)), len(days) - 3)


def cells_of(frame: CustomerFrame, months: Months) -> list[Cell]:
    """Count the customers whose first purchase lies in the period.

    Within a month the days of a zone and those of UTC agree; only near its edges the instants of the zone are asked.
    """
    acts = purchases(frame)
    since, till = utc_edges(frame.period, frame.zone)
    year, month = months.names[0].split("-")
    given = {"months": dumps(months.edges), "origin": int(year) * 12 + int(month)}
    given |= {"since": since or "", "till": till or "9999", "end": months.edges[months.current][1]}
    rows = frame.con.execute(_COUNTED.format(acts=acts.sql), {**acts.parameters, **given})
    return [Cell(*row) for row in rows]
