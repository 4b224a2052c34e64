"""``report hot-leads-by-industry``: the leads rated hot, by industry."""

import sqlite3

from crmcli.reports.flow_sets import LEADS_HOT
from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult

REPORT = Listed(
    "Hot leads by industry",
    LEADS_HOT,
    ("ref", "name", "company_name", "industry", "status", "score", "owner", "created_at"),
    (Part("leads", "Hot leads", "leads_hot"), Part("open", "Open", "leads_hot_open")),
    (("industries", "industry"),),
    sort="-created_at",
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the hot leads."""
    return report(con, options, REPORT)
