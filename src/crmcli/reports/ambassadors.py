"""``report ambassadors``: which contacts brought others, how many of those bought, and for how much."""

import sqlite3
from collections import defaultdict
from fractions import Fraction

from crmcli.catalogue import ENTITIES
from crmcli.queries.columns import Shown
from crmcli.queries.labels import labels
from crmcli.reports.figures import Figure, figure
from crmcli.reports.frame import Frame
from crmcli.reports.grouped import for_people
from crmcli.reports.groups import WHOLE, Group, Groups, greatest
from crmcli.reports.presenting import entry, figure_sheets, head, rounded, unconverted, value_of, warnings
from crmcli.reports.referrals import REFERRED, REFERRER, SUCCESSFUL
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Chart, Options, ReportResult, Sheet
from crmcli.reports.sets import RecordSet

KEYS = ("referrals", "successful_referrals", "referred_revenue", "ambassadors")
_COLUMNS = (
    Shown("ref", "Ref", "text"), Shown("name", "Ambassador", "text"), Shown("referrals", "Referrals", "int"),
    Shown("successful", "Bought", "int"), Shown("rate", "Rate", "ratio"), Shown("revenue", "Revenue", "money"),
    Shown("satisfied", "Satisfied", "ratio"),
)  # fmt: skip
_CONTACTS = RecordSet("contact", "contacts")
_SUMMED = ("referrals", "successful")
_GROUPS = (Shown("ambassadors", "Ambassadors", "int"), *_COLUMNS[2:4], _COLUMNS[5])
Row = dict[str, object]
Found = dict[int, tuple[Row, Figure]]  # by referrer: the row of the list, and what those they brought bought


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the contacts who referred somebody, those with the greatest revenue first; a condition is about them."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    whole = options._replace(by=None, where=None)
    frame = _frame(con, whole)
    totals = [] if options.where else [figure(frame, KPIS[key], WHOLE) for key in KEYS]
    referrers = _referrers(_frame(con, whole), _chosen(con, options))
    rows, revenues = [row for row, _ in referrers.values()], [revenue for _, revenue in referrers.values()]
    groups = _groups(con, options, referrers) if options.by else None
    total, top = len(rows), options.top or options.rows
    drawn = "revenue" if any(row["revenue"] for row in rows) else "referrals"
    listed = Sheet("Ambassadors", _COLUMNS, rows[:top], "contacts", total, "name", ("referrals", "revenue"),
                   Chart("bars", "name", (drawn,)))  # fmt: skip
    sheets = [figure_sheets(totals, whole, "Total")[0]] if totals else []
    return ReportResult(
        "Ambassadors",
        options.period,
        options.currency,
        (*sheets, *([for_people(groups, options.by)] if groups else []), listed),
        groups or listed,
        {
            **head(options.period, options),
            "totals": [entry(found, whole) for found in totals],
            "unconverted": unconverted(revenues),
            **({"groups": groups.rows} if groups else {}),
            "ambassadors": rows[: options.top],
        },
        total,
        warnings=warnings(revenues),
    )


def _frame(con: sqlite3.Connection, options: Options) -> Frame:
    frame = Frame(con, options)
    for entity in (*REFERRED, "deal", "ticket"):
        frame.settle(entity)
    return frame


def _chosen(con: sqlite3.Connection, options: Options) -> set[object] | None:
    """Return the contacts who meet the condition; None without one."""
    if not options.where:
        return None
    frame = Frame(con, options._replace(by=None))
    frame.settle("contact")
    return {record_id for (record_id,) in frame.whole().read(_CONTACTS, "r.id")}


def _groups(con: sqlite3.Connection, options: Options, referrers: Found) -> Sheet:
    """Return what the referrers of each group brought."""
    frame = Frame(con, options)
    frame.settle("contact")
    by_group: defaultdict[object, list[tuple[Row, Figure]]] = defaultdict(list)
    for who, value in frame.whole().read(_CONTACTS, "r.id", frame.group_sql("contact")):
        if who in referrers:
            by_group[value].append(referrers[who])
    revenues = {
        value: sum((revenue.value or Fraction(0) for _, revenue in those), Fraction(0))
        for value, those in by_group.items()
    }
    rows = [
        {
            **group.cells,
            "ambassadors": len(by_group[group.value]),
            **{key: sum(int(str(row[key])) for row, _ in by_group[group.value]) for key in _SUMMED},
            "revenue": rounded(revenues[group.value], "money", options.currency),
            "currency": options.currency,
        }
        for group in greatest(frame.groups("contact", {*by_group}), lambda one: revenues[one.value], options.top)
    ]
    by = frame.by_column("contact")
    columns = (by, *_GROUPS)
    chart = Chart("bars", "group", ("ambassadors",))
    return Sheet(f"By {by.label.lower()}", columns, rows, "groups", None, "group", (*_SUMMED, "revenue"), chart)


def _referrers(frame: Frame, chosen: set[object] | None) -> Found:
    """Return the referrers, those with the greatest revenue first."""
    by = ENTITIES["lead"].fields["referred_by"]
    for entity in REFERRED:
        frame.group_by(entity, Groups("r.referred_by_id", by))
    frame.group_by("deal", Groups(REFERRER, by))
    frame.group_by("ticket", Groups("r.contact_id", by))
    counts = [[frame.counts(records, frame.period) for records in sets.values()] for sets in (REFERRED, SUCCESSFUL)]
    deals = frame.counts(KPIS["referred_revenue"].term.records, frame.period)
    found = {who for each in (*counts[0], deals) for who in each if isinstance(who, int)}
    known = labels(frame.con, ENTITIES["contact"], [who for who in found if chosen is None or who in chosen])
    revenues = {who: figure(frame, KPIS["referred_revenue"], Group((who,))) for who in known}
    everything = frame.whole()
    rows: Found = {}
    for who in sorted(known, key=lambda who: (-(revenues[who].value or 0), who)):
        made, bought = (sum(part.get(who, 0) for part in side) for side in counts)
        satisfied = figure(everything, KPIS["csat"], Group((who,)))
        rows[who] = ({
            "ref": known[who].ref,
            "name": known[who].name,
            "referrals": made,
            "successful": bought,
            "rate": rounded(Fraction(bought, made), "ratio", "") if made else None,
            "revenue": value_of(revenues[who], frame.options.currency),
            "satisfied": value_of(satisfied, frame.options.currency),
            "currency": frame.options.currency,
        }, revenues[who])  # fmt: skip
    return rows
