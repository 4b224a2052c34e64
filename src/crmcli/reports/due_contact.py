"""``report due-contact``: who has not been contacted for longer than the cadence allows, the longest overdue first."""

import sqlite3

from crmcli.reports.flow_sets import DUE_CONTACT
from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult

_OF = {"contact": "due_contact", "organization": "due_contact_organizations", "lead": "due_contact_leads"}
_ABOUT = {"contact": ("organization",), "organization": (), "lead": ("company_name",)}
REPORTS = {
    entity: Listed(
        "Contact is due",
        records,
        ("ref", "name", *_ABOUT[entity], "last_contacted_at", "next_contact_on", "follow_every", "owner"),
        (Part("due", "Due", _OF[entity]),),
        (("owners", "owner"),),
        sort="next_contact_on",
    )
    for entity, records in DUE_CONTACT.items()
}
KEYS = tuple(_OF.values())


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the contacts that are due, or the organizations or leads."""
    return report(con, options, REPORTS[options.entity or "contact"])
