"""``report reopen-rate``: which tickets were taken up again in a period, of how many resolved."""

import sqlite3

from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.ticket_sets import TICKETS_REOPENED

REPORT = Listed(
    "Tickets reopened",
    TICKETS_REOPENED,
    ("ref", "subject", "status", "category", "assignee", "reopened_count", "last_reopened_at"),
    (
        Part("rate", "Rate", "reopen_rate"),
        Part("reopened", "Reopened", "tickets_reopened"),
        Part("resolved", "Resolved", "tickets_resolved"),
    ),
    (("categories", "category"), ("owners", "owner")),
    sort="-last_reopened_at",
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the tickets reopened."""
    return report(con, options, REPORT)
