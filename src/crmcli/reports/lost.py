"""``report lost``: the deals lost in a period, by the reason and by the stage in which they were lost."""

import sqlite3

from crmcli.reports.breakdown import Breakdown, Grouping, Listing, report
from crmcli.reports.grouped import Part
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.sets import DEALS_LOST

REPORT = Breakdown(
    "Deals lost",
    (Part("deals", "Deals", "deals_lost"), Part("amount", "Amount", "lost_amount")),
    (Grouping("reasons", "lost_reason"), Grouping("last_open_stages", "last_open_stage")),
    Listing(
        DEALS_LOST,
        ("ref", "name", "organization", "amount", "lost_reason", "last_open_stage", "closed_at", "owner"),
        "-closed_at",
    ),
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the deals lost."""
    return report(con, options, REPORT)
