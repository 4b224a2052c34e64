"""``report first-response``: how long the tickets opened in a period waited for their first answer."""

import sqlite3

from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.sets import TICKETS_OPENED

REPORT = Listed(
    "First response",
    TICKETS_OPENED,
    ("ref", "subject", "priority", "channel", "assignee", "opened_at", "first_response_at"),
    (
        Part("median", "Median", "ticket_first_response_hours_median"),
        Part("mean", "Mean", "ticket_first_response_hours_mean"),
        Part("p90", "Nine in ten", "ticket_first_response_hours_p90"),
        Part("opened", "Opened", "tickets_opened"),
    ),
    (("priorities", "priority"), ("channels", "channel"), ("owners", "owner")),
    sort="-opened_at",
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return how long the answers took."""
    return report(con, options, REPORT)
