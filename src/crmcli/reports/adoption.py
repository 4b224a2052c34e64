"""``report adoption``: which users write, how much, and what share of the open deals nobody touches."""

import sqlite3

from crmcli.queries.columns import Shown
from crmcli.reports.figures import figure
from crmcli.reports.frame import Frame
from crmcli.reports.grouped import Part, for_people, grouped, values_of
from crmcli.reports.groups import WHOLE
from crmcli.reports.presenting import entry, figure_sheets, for_programs, head
from crmcli.reports.quality_sets import USERS, WRITES
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Chart, Options, ReportResult, Sheet

KEYS = ("adoption", "stale_share")
_PARTS = (Part("share_writing", "Adoption", "adoption"),)
_COLUMNS = (
    Shown("user", "User", "text"), Shown("name", "Name", "text"), Shown("team", "Team", "text"),
    Shown("writes", "Writes", "int"), Shown("days", "Days", "int"), Shown("last", "Last write", "instant"),
)  # fmt: skip


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the active users with what they wrote, the busiest first; condition and groups are about users."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    frame = Frame(con, options)
    frame.settle("user")
    deals = Frame(con, options._replace(by=None, where=None))
    deals.settle("deal")
    whole = options._replace(by=None)
    totals = [figure(frame, KPIS["adoption"], WHOLE), figure(deals, KPIS["stale_share"], WHOLE)]
    rows = _rows(frame)
    users = Sheet("Users", _COLUMNS, rows[: options.rows], "users", len(rows), "user", ("writes",),
                  Chart("bars", "user", ("writes",)))  # fmt: skip
    tables = {"groups": _groups(frame)} if options.by else {}
    people = [for_people(table, options.by) for table in tables.values()]
    return ReportResult(
        "Adoption",
        options.period,
        options.currency,
        (figure_sheets(totals, whole, "Total")[0], *people, users),
        users,
        {
            **head(options.period, options),
            "totals": [entry(total, whole) for total in totals],
            **{key: for_programs(table).rows for key, table in tables.items()},
            "users": rows,
        },
        sum(bool(row["writes"]) for row in rows),
    )


def _rows(frame: Frame) -> list[dict[str, object]]:
    kind, clause = frame.selection(USERS, frame.period)
    sql = (
        "SELECT r.handle, r.name, r.team, COUNT(w.day), COUNT(DISTINCT w.day), MAX(w.at)"
        f" FROM {kind.table} r LEFT JOIN (SELECT o.actor_id, o.at, crm_day(o.at) AS day FROM operation o"
        f" WHERE {WRITES}) w ON w.actor_id = r.id WHERE r.deleted_at IS NULL AND {clause.sql} GROUP BY r.id"
        " ORDER BY 4 DESC, r.handle"
    )
    keys = [column.key for column in _COLUMNS]
    return [dict(zip(keys, row, strict=True)) for row in frame.con.execute(sql, clause.parameters)]


def _groups(frame: Frame) -> Sheet:
    by = frame.by_column("user")
    return grouped(
        frame, f"By {by.label.lower()}", _PARTS, frame.groups("user", values_of(frame, _PARTS)), by, "share_writing"
    )
