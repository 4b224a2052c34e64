"""``report win-rate``: which share of the deals was won, of those closed in the period or of those created in it.

The basis is always told, since other definitions go round.
"""

import sqlite3

from crmcli.reports.flow_sets import DEALS_STILL_OPEN
from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.narrowing import left_out, narrowed
from crmcli.reports.registry import KPIS
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
    reasons = ", ".join(options.own.get("exclude_reason") or ())
    condition = f"lost_reason not in [{reasons}]" if reasons else None
    result = report(con, narrowed(options, condition), listed)
    if options.explain is not None:
        return result
    basis = KPIS[listed.parts[0].kpi].definition
    lost = "cohort_lost" if listed is CREATED else "deals_lost"
    notes = left_out(con, options, condition, lost, f"lost for {reasons}")
    told = {**result.document, "basis": basis, "excluded_reasons": list(options.own.get("exclude_reason") or ())}
    return result._replace(document=told, facts=(("Basis", basis), *result.facts), notes=(*result.notes, *notes))
