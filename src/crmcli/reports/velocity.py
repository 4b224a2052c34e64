"""``report velocity``: what the pipeline yields a day, and the four figures that it comes from."""

import sqlite3

from crmcli.reports.definitions.kpi import TRAILING_DAYS
from crmcli.reports.frame import Frame
from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult

REPORT = Listed(
    "Sales velocity",
    None,
    (),
    (
        Part("velocity", "Velocity", "sales_velocity"),
        Part("open", "Open deals", "deals_open"),
        Part("win_rate", "Win rate", "win_rate"),
        Part("average", "Average deal", "average_deal"),
        Part("cycle", "Cycle, mean", "cycle_days_mean"),
    ),
    (("owners", "owner"),),
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the velocity and its parts, all over the same trailing days, as the velocity itself is reckoned."""
    return report(con, options._replace(period=Frame(con, options).trailing(TRAILING_DAYS)), REPORT)
