"""``report won``: the deals won in a period, what they add up to, and how long they took."""

import sqlite3

from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.sets import DEALS_WON

REPORT = Listed(
    "Deals won",
    DEALS_WON,
    ("ref", "name", "organization", "amount", "closed_at", "owner", "source"),
    (
        Part("deals", "Deals", "deals_won"),
        Part("amount", "Amount", "won_amount"),
        Part("average", "Average", "average_deal"),
        Part("median", "Median", "median_deal"),
        Part("cycle_mean", "Cycle, mean", "cycle_days_mean"),
        Part("cycle_median", "Cycle, median", "cycle_days_median"),
    ),
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the deals won."""
    return report(con, options, REPORT)
