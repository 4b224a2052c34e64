"""``report sla``: how many tickets kept the targets of their service levels, and which are those with a target."""

import sqlite3

from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.ticket_sets import TICKETS_TO_RESOLVE

REPORT = Listed(
    "Service levels",
    TICKETS_TO_RESOLVE,
    ("ref", "subject", "sla", "priority", "assignee", "opened_at", "resolution_due", "resolved_at"),
    (
        Part("resolution", "Resolved in time", "sla"),
        Part("first_response", "Answered in time", "sla_first_response"),
        Part("closed", "Closed", "tickets_closed"),
    ),
    (("levels", "sla"), ("priorities", "priority"), ("owners", "owner")),
    sort="-opened_at",
)
KEYS = REPORT.keys
_NO_LEVELS = "there are no service levels, so no ticket has a target: crm config edit, [[sla]]"


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the share of tickets in time."""
    result = report(con, options, REPORT)
    return result if options.levels else result._replace(notes=(*result.notes, _NO_LEVELS))
