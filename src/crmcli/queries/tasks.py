"""What is to be done by a day: overdue tasks first, then by when they are due."""

import sqlite3

from crmcli import clock
from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause
from crmcli.domain.zones import local_date, local_day_edges
from crmcli.queries.records import ListQuery, Page, list_records

COLUMNS = ("ref", "subject", "due_at", "is_overdue", "priority", "main", "assignee")
_DUE = (
    "r.status IN ('todo', 'doing', 'waiting') AND r.due_at IS NOT NULL"
    " AND CASE r.due_is_date WHEN 1 THEN substr(r.due_wall, 1, 10) <= :day ELSE r.due_at < :end END"
    " AND (r.start_on IS NULL OR r.start_on <= :today)"
)


def due_tasks(con: sqlite3.Connection, until_wall_day: str, assignee: int | None, zone: str) -> list[dict[str, object]]:
    """Return the open tasks due by the end of a local day, overdue ones first; of one assignee, or of all.

    ``zone`` (IANA) is where the day is. Rows: keys of ``COLUMNS``, presented. A task is hidden before its start.
    """
    return list(due_page(con, until_wall_day, assignee, zone).rows)


def due_page(con: sqlite3.Connection, day: str, assignee: int | None, zone: str, limit: int | None = None) -> Page:
    """Return the same tasks as a page, of which only the first may be wanted."""
    end, today = local_day_edges(day, zone)[1], local_date(clock.now_text(), zone)
    parameters: dict[str, int | float | str] = {"day": day, "end": end, "today": today}
    where = _DUE
    if assignee is not None:
        where += " AND r.assignee_id = :assignee"
        parameters["assignee"] = assignee
    query = ListQuery(Clause(where, parameters), sort="-is_overdue,due_at,-priority", columns=COLUMNS, limit=limit)
    return list_records(con, ENTITIES["task"], query)
