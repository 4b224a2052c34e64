"""``report lost-reasons``: why deals were lost, and in which stage."""

import sqlite3

from crmcli.reports.crossed import Crossing, beside
from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult

_PARTS = (Part("deals", "Deals", "deals_lost"), Part("amount", "Amount", "lost_amount"))
REPORT = Listed("Lost reasons", None, (), _PARTS, (("reasons", "lost_reason"),))
CROSSING = Crossing("lost_reason", "last_open_stage", _PARTS)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the reasons, and each with the stages in which deals were lost for it."""
    return beside(con, options, report(con, options, REPORT), CROSSING, "By reason and last open stage", "stages")
