"""``report sources``: where leads and deals come from, and what becomes of them."""

import sqlite3

from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult

REPORT = Listed(
    "Sources",
    None,
    (),
    (
        Part("leads", "Leads", "leads_created"),
        Part("converted", "Converted", "leads_converted"),
        Part("lost", "Leads lost", "leads_lost"),
        Part("conversion", "Conversion", "lead_conversion_rate"),
        Part("deals", "Deals", "deals_created"),
        Part("won", "Won", "deals_won"),
        Part("won_amount", "Amount won", "won_amount"),
    ),
    (("sources", "source"),),
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return leads, deals and won amount by source."""
    return report(con, options, REPORT)
