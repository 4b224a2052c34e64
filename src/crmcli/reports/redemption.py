"""``report redemption``: how many of a target responded, and how many contacts each response took."""

import sqlite3

from crmcli.catalogue import ENTITIES
from crmcli.reports.figures import figure, group_values
from crmcli.reports.grouped import Part, for_people, grouped
from crmcli.reports.groups import WHOLE
from crmcli.reports.presenting import entry, figure_sheets, for_programs, head
from crmcli.reports.registry import KPIS
from crmcli.reports.responses import ResponseFrame
from crmcli.reports.result import Options, ReportResult, Sheet

_PARTS = (
    Part("redemption", "Redemption", "redemption"),
    Part("responses", "Responses", "responses"),
    Part("reached", "Reached", "reached"),
    Part("contacts", "Contacts", "contacts_made"),
    Part("per_response", "Per response", "contacts_per_response"),
)
KEYS = tuple(part.kpi for part in _PARTS)


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the redemption of the target, and of its groups."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    frame = ResponseFrame(con, options)
    frame.settle(frame.entity)
    whole = options._replace(by=None)
    totals = [figure(frame, KPIS[key], WHOLE) for key in KEYS]
    people, machine = figure_sheets(totals, whole, "Total")
    groups = _groups(frame) if options.by else None
    plural = ENTITIES[frame.entity].plural
    target = options.own.get("target")
    document = {
        **head(options.period, options),
        "entity": frame.entity,
        "target": target,
        "responded": options.own.get("responded"),
        "totals": [entry(total, whole) for total in totals],
        **({"groups": for_programs(groups).rows} if groups else {}),
    }
    facts = (
        ("Target", f"{plural}: {target}, as of today" if target else f"all {plural}"),
        ("Responded", options.own.get("responded") or "nobody said who"),
    )
    sheets = (people, *([for_people(groups, options.by)] if groups else []))
    main = for_programs(groups) if groups else machine
    matched = totals[0].records
    return ReportResult("Redemption", options.period, options.currency, sheets, main, document, matched, facts)


def _groups(frame: ResponseFrame) -> Sheet:
    by = frame.by_column(frame.entity)
    groups = frame.groups(frame.entity, group_values(frame, KPIS["redemption"]))
    return grouped(frame, f"By {by.label.lower()}", _PARTS, groups, by, bar="redemption")
