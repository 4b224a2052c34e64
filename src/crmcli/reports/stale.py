"""``report stale``: open deals that stand still for longer than their stage allows, and leads without a next step."""

import sqlite3

from crmcli.domain.plurals import counted
from crmcli.reports.flow_sets import DEALS_STALE, DEALS_UNLIMITED
from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report, settled
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.sets import NEXT_STEPS

REPORTS = {
    "deal": Listed(
        "Stale",
        DEALS_STALE,
        ("ref", "name", "organization", "stage", "days_in_stage", "last_activity_at", "amount", "owner", "next_step"),
        (Part("deals", "Deals", "stale"), Part("amount", "Amount", "stale_amount")),
        (("stages", "stage"),),
        sort="-days_in_stage",
    ),
    "lead": Listed(
        "Stale",
        NEXT_STEPS["lead"][0],
        ("ref", "name", "company_name", "status", "rating", "last_activity_at", "created_at", "owner"),
        (Part("leads", "Leads", "leads_without_step"),),
        sort="created_at",
    ),
}
KEYS = tuple(key for one in REPORTS.values() for key in one.keys)


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the deals and the leads that nothing happens with; programs get the deals, or the leads if asked for."""
    if options.explain is not None:
        return report(con, options, REPORTS["deal"])
    results = {
        entity: report(con, options, REPORTS[entity]) for entity in ([options.entity] if options.entity else REPORTS)
    }
    first, *rest = results.values()
    documents = {entity: result.document for entity, result in results.items()}
    for other in rest:
        sheets = tuple(sheet._replace(title=f"{sheet.title}, leads") if sheet.title == "Total" else sheet
                       for sheet in other.sheets)  # fmt: skip
        first = first._replace(sheets=(*first.sheets, *sheets), matched=first.matched + other.matched)
    head = {
        key: value for key, value in first.document.items() if key in ("period", "currency", "known_until", "as_of")
    }
    told = {f"{entity}s": {key: value for key, value in one.items() if key not in head}
            for entity, one in documents.items()}  # fmt: skip
    return first._replace(document={**head, **told}, notes=(*first.notes, *_unlimited(con, options)))


def _unlimited(con: sqlite3.Connection, options: Options) -> tuple[str, ...]:
    """Tell how many open deals cannot be too long in their stage."""
    if options.entity == "lead":
        return ()
    frame = settled(con, options._replace(by=None), REPORTS["deal"].keys)
    count = sum(frame.counts(DEALS_UNLIMITED, options.period).values())
    told = f"{counted(count, 'open deal')} in a stage without a limit: crm pipeline edit sales --rotting-days 14"
    return (told,) if count else ()
