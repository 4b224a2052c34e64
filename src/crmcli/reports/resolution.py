"""``report resolution``: how long it took to resolve the tickets resolved in a period, in the end or at first."""

import sqlite3

from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.sets import TICKETS_CLOSED, RecordSet
from crmcli.reports.ticket_sets import TICKETS_FIRST_RESOLVED

_GROUPS = (("priorities", "priority"), ("categories", "category"), ("owners", "owner"))


def _listed(title: str, records: RecordSet, resolved: str, key: str, *more: Part) -> Listed:
    columns = ("ref", "subject", "priority", "assignee", "opened_at", resolved, "reopened_count")
    parts = (
        Part("median", "Median", f"{key}_median"),
        Part("mean", "Mean", f"{key}_mean"),
        Part("p90", "Nine in ten", f"{key}_p90"),
        *more,
    )
    return Listed(title, records, columns, parts, _GROUPS, sort=f"-{resolved}")


FINAL = _listed(
    "Resolution", TICKETS_CLOSED, "resolved_at", "ticket_resolution_hours", Part("closed", "Closed", "tickets_closed")
)
FIRST = _listed("First resolution", TICKETS_FIRST_RESOLVED, "first_resolved_at", "ticket_first_resolution_hours")
KEYS = FINAL.keys + FIRST.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return how long the resolutions took; ``first`` asks for those before any reopening."""
    return report(con, options, FIRST if options.own.get("first") else FINAL)
