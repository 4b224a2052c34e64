"""``report push``: deals that were put off to a later month, and those put off beyond the period."""

import sqlite3

from crmcli.reports.flow_sets import DEALS_PUSHED
from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult

REPORT = Listed(
    "Deals put off",
    DEALS_PUSHED,
    ("ref", "name", "organization", "amount", "push_count", "expected_close", "stage", "owner"),
    (
        Part("deals", "Put off", "push"),
        Part("amount", "Amount", "pushed_amount"),
        Part("beyond", "Beyond", "deals_pushed_out"),
        Part("amount_beyond", "Amount beyond", "pushed_out_amount"),
    ),
    (("owners", "owner"),),
    sort="-push_count",
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the deals put off."""
    return report(con, options, REPORT)
