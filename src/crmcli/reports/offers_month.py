"""``report offers-month``: the deals opened and closed in a month, as the offers that they are."""

import sqlite3

from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.sets import DEALS_CREATED

REPORT = Listed(
    "Offers",
    DEALS_CREATED,
    ("ref", "name", "organization", "stage", "amount", "outcome", "owner", "created_at", "closed_at"),
    (
        Part("opened", "Opened", "deals_created"),
        Part("opened_amount", "Amount", "created_amount"),
        Part("closed", "Closed", "deals_closed"),
        Part("closed_amount", "Amount closed", "closed_amount"),
        Part("won", "Won", "deals_won"),
        Part("won_amount", "Amount won", "won_amount"),
        Part("lost", "Lost", "deals_lost"),
        Part("lost_amount", "Amount lost", "lost_amount"),
    ),
    (("owners", "owner"),),
    sort="-created_at",
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the offers of a month."""
    return report(con, options, REPORT)
