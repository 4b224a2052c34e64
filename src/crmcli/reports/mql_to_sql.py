"""``report mql-to-sql``: which leads that marketing qualified were taken over by sales in time."""

import sqlite3
from datetime import date, timedelta

from crmcli import clock
from crmcli.domain.plurals import counted
from crmcli.domain.zones import local_date
from crmcli.reports.flow_sets import MQLS
from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.sets import ASKED

REPORT = Listed(
    "MQL to SQL",
    MQLS,
    ("ref", "name", "company_name", "lifecycle_stage", "status", "source", "owner"),
    (
        Part("rate", "Rate", "mql_to_sql"),
        Part("mqls", "By marketing", "mqls"),
        Part("taken_over", "Taken over", "mqls_taken_over"),
    ),
    (("sources", "source"), ("owners", "owner")),
    sort="-created_at",
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the rate; ``within`` is how many days sales has, ``accepted`` counts only what a person moved on."""
    result = report(con, options, REPORT)
    if options.explain is not None:
        return result
    days = int(options.own.get("within") or ASKED["within"])
    today = date.fromisoformat(local_date(clock.now_text(), options.scope.zone))
    end = date.fromisoformat(options.period.end) if options.period.end else today + timedelta(days=1)
    is_incomplete = end + timedelta(days=days) > today
    note = f"incomplete: sales has {counted(days, 'day')}, which are not over for all of these leads"
    return result._replace(
        document={**result.document, "within_days": days, "incomplete": is_incomplete},
        facts=(("Within", counted(days, "day")), *result.facts),
        notes=(*result.notes, *([note] if is_incomplete else [])),
    )
