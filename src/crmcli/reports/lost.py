"""``report lost``: the deals lost in a period, by the reason and by the stage in which they were lost."""

import sqlite3

from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.sets import DEALS_LOST

REPORT = Listed(
    "Deals lost",
    DEALS_LOST,
    ("ref", "name", "organization", "amount", "lost_reason", "last_open_stage", "closed_at", "owner"),
    (Part("deals", "Deals", "deals_lost"), Part("amount", "Amount", "lost_amount")),
    (("reasons", "lost_reason"), ("last_open_stages", "last_open_stage")),
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the deals lost."""
    return report(con, options, REPORT)
