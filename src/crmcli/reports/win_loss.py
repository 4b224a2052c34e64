"""``report win-loss``: deals won and lost beside each other, by reason, competitor, source and owner."""

import sqlite3

from crmcli.reports.grouped import Part
from crmcli.reports.listed import Grouping, Listed, report
from crmcli.reports.result import Options, ReportResult

_LOST = (Part("lost", "Lost", "deals_lost"), Part("lost_amount", "Amount lost", "lost_amount"))
PARTS = (
    Part("won", "Won", "deals_won"),
    Part("won_amount", "Amount won", "won_amount"),
    *_LOST,
    Part("win_rate", "Win rate", "win_rate"),
)
REPORT = Listed(
    "Won and lost",
    None,
    (),
    PARTS,
    (
        Grouping("reasons", "lost_reason", _LOST),
        Grouping("competitors", "competitor"),
        Grouping("sources", "source"),
        Grouping("owners", "owner"),
    ),
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return what was won and lost, and why."""
    return report(con, options, REPORT)
