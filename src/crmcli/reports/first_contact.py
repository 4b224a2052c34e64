"""``report first-contact``: which tickets were settled by the first answer and stayed so."""

import sqlite3

from crmcli.domain.plurals import counted
from crmcli.reports.frame import Frame
from crmcli.reports.grouped import Part
from crmcli.reports.groups import WHOLE
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.ticket_sets import REOPENED_WITHIN_DAYS, TICKETS_JUST_RESOLVED, TICKETS_SETTLED_AT_ONCE

REPORT = Listed(
    "Settled at the first contact",
    TICKETS_SETTLED_AT_ONCE,
    ("ref", "subject", "category", "channel", "assignee", "opened_at", "resolved_at"),
    (Part("rate", "Rate", "first_contact"), Part("resolved", "Resolved", "tickets_resolved")),
    (("categories", "category"), ("channels", "channel"), ("owners", "owner")),
    sort="-resolved_at",
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the tickets settled at once, and how many can still be reopened in time to be none of them."""
    result = report(con, options, REPORT)
    if options.explain is not None:
        return result
    frame = Frame(con, options._replace(by=None))
    frame.settle("ticket")
    fresh = frame.count(TICKETS_JUST_RESOLVED, options.period, WHOLE)
    document = {**result.document, "incomplete": fresh}
    if not fresh:
        return result._replace(document=document)
    told = f"{counted(fresh, 'ticket')} resolved in the last {REOPENED_WITHIN_DAYS} days can still be reopened"
    return result._replace(document=document, notes=(*result.notes, told))
