"""``report interventions``: what agents wrote on tickets in a period, for whom, and how many tickets were opened."""

import sqlite3

from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.ticket_sets import INTERVENTIONS

REPORT = Listed(
    "Interventions",
    INTERVENTIONS,
    ("ticket", "organization", "occurred_at", "author", "visibility", "body"),
    (Part("interventions", "Interventions", "interventions"), Part("opened", "Tickets opened", "tickets_opened")),
    (("organizations", "organization"), ("owners", "owner")),
    sort="-occurred_at",
    noun="interventions",
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the interventions."""
    return report(con, options, REPORT)
