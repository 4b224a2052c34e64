"""``report lead-conversion``: which share of the leads was converted, by the day of the outcome or of creation."""

import sqlite3

from crmcli.reports.flow_sets import LEADS_STILL_OPEN
from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed
from crmcli.reports.narrowing import with_basis
from crmcli.reports.result import Options, ReportResult

_GROUPS = (("sources", "source"), ("owners", "owner"))
BY_OUTCOME = Listed(
    "Lead conversion",
    None,
    (),
    (
        Part("conversion", "Conversion", "lead_conversion_rate"),
        Part("converted", "Converted", "leads_converted"),
        Part("lost", "Lost", "leads_lost"),
    ),
    _GROUPS,
)
CREATED = Listed(
    "Conversion of the leads created",
    LEADS_STILL_OPEN,
    ("ref", "name", "company_name", "status", "source", "owner", "created_at"),
    (
        Part("conversion", "Conversion", "lead_conversion_created"),
        Part("created", "Created", "leads_created"),
        Part("converted", "Converted", "leads_since_converted"),
        Part("open", "Open", "leads_still_open"),
    ),
    _GROUPS,
    sort="-created_at",
    noun="open leads",
)
KEYS = BY_OUTCOME.keys + CREATED.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the conversion with its basis; ``cohort`` picks that, ``no_junk`` leaves junk out."""
    listed = CREATED if options.own.get("cohort") == "created" else BY_OUTCOME
    condition = "status != junk" if options.own.get("no_junk") else None
    lost = "leads_created" if listed is CREATED else "leads_lost"
    return with_basis(con, options, listed, condition, (lost, "junk"))
