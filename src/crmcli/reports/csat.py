"""``report csat``: how satisfied customers were with the tickets resolved in a period."""

import sqlite3

from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.ticket_sets import TICKETS_SCORED

REPORT = Listed(
    "Satisfaction",
    TICKETS_SCORED,
    ("ref", "subject", "csat_score", "organization", "contact", "assignee", "resolved_at"),
    (
        Part("satisfied", "Satisfied", "csat"),
        Part("answered", "Answered", "csat_response_rate"),
        Part("closed", "Closed", "tickets_closed"),
    ),
    (("categories", "category"), ("owners", "owner")),
    sort="-resolved_at",
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the satisfaction."""
    return report(con, options, REPORT)
