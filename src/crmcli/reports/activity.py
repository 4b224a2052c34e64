"""``report activity``: who had which contacts with customers, and how many calls connected."""

import sqlite3

from crmcli.reports.crossed import Crossing, beside
from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult

REPORT = Listed(
    "Activity",
    None,
    (),
    (
        Part("activities", "Activities", "activities"),
        Part("attempted", "Calls attempted", "calls_attempted"),
        Part("connect_rate", "Connect rate", "connect_rate"),
    ),
    (("kinds", "kind"), ("owners", "owner")),
)
CROSSING = Crossing("owner", "kind", (Part("activities", "Activities", "activities"),))
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the interactions by kind and by owner, and both at once."""
    return beside(con, options, report(con, options, REPORT), CROSSING, "By owner and kind", "pairs")
