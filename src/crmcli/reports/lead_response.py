"""``report lead-response``: how long leads waited for the first contact by a person."""

import sqlite3

from crmcli.reports.flow_sets import LEADS_ANSWERED
from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult

REPORT = Listed(
    "Lead response",
    LEADS_ANSWERED,
    ("ref", "name", "company_name", "source", "owner", "created_at", "first_responded_at"),
    (
        Part("leads", "Leads", "leads_created"),
        Part("mean", "Mean", "lead_response_hours_mean"),
        Part("median", "Median", "lead_response_hours_median"),
        Part("in_time", "In time", "lead_response_in_time"),
    ),
    (("owners", "owner"),),
    sort="-created_at",
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return how long leads waited, and how many were answered in time."""
    return report(con, options, REPORT)
