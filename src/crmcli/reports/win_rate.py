"""``report win-rate``: which share of the deals was won, of those closed in the period or of those created in it."""

import sqlite3

from crmcli.reports.flow_sets import DEALS_STILL_OPEN
from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed
from crmcli.reports.narrowing import with_basis
from crmcli.reports.result import Options, ReportResult

_GROUPS = (("owners", "owner"), ("sources", "source"))
CLOSED = Listed(
    "Win rate",
    None,
    (),
    (
        Part("win_rate", "Win rate", "win_rate"),
        Part("won", "Won", "deals_won"),
        Part("lost", "Lost", "deals_lost"),
        Part("win_rate_amount", "By amount", "win_rate_amount"),
    ),
    _GROUPS,
)
CREATED = Listed(
    "Win rate of the deals created",
    DEALS_STILL_OPEN,
    ("ref", "name", "organization", "stage", "amount", "created_at", "owner"),
    (
        Part("win_rate", "Win rate", "win_rate_created"),
        Part("created", "Created", "deals_created"),
        Part("won", "Won", "cohort_won"),
        Part("lost", "Lost", "cohort_lost"),
        Part("open", "Open", "cohort_open"),
    ),
    _GROUPS,
    sort="-created_at",
    noun="open deals",
)
KEYS = CLOSED.keys + CREATED.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the win rate with its basis; ``cohort`` picks that, ``exclude_reason`` names losses that do not count."""
    listed = CREATED if options.own.get("cohort") == "created" else CLOSED
    excluded = options.own.get("exclude_reason") or ()
    reasons = ", ".join(excluded)
    condition = f"lost_reason not in [{reasons}]" if reasons else None
    lost = "cohort_lost" if listed is CREATED else "deals_lost"
    result = with_basis(con, options, listed, condition, (lost, f"lost for {reasons}"))
    if options.explain is not None:
        return result
    return result._replace(document={**result.document, "excluded_reasons": [*excluded]})
