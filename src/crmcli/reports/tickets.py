"""``report tickets``: the tickets opened in a period, and how many were opened, closed and left open."""

import sqlite3

from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.sets import TICKETS_OPENED

REPORT = Listed(
    "Tickets",
    TICKETS_OPENED,
    ("ref", "subject", "status", "priority", "organization", "assignee", "opened_at"),
    (
        Part("opened", "Opened", "tickets_opened"),
        Part("closed", "Closed", "tickets_closed"),
        Part("open", "Open", "tickets_open"),
    ),
    (("priorities", "priority"), ("categories", "category"), ("channels", "channel"), ("owners", "owner")),
    sort="-opened_at",
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the tickets."""
    return report(con, options, REPORT)
