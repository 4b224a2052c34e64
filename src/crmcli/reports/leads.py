"""``report leads``: the leads of a period: created, converted, lost, by source, industry or owner."""

import sqlite3

from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.sets import LEADS_CREATED

REPORT = Listed(
    "Leads",
    LEADS_CREATED,
    ("ref", "name", "company_name", "status", "rating", "source", "industry", "owner", "created_at"),
    (
        Part("created", "Created", "leads_created"),
        Part("converted", "Converted", "leads_converted"),
        Part("lost", "Lost", "leads_lost"),
        Part("conversion", "Conversion", "lead_conversion_rate"),
    ),
    (("sources", "source"), ("industries", "industry"), ("owners", "owner")),
    sort="-created_at",
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the leads created, with what became of leads in the period."""
    return report(con, options, REPORT)
