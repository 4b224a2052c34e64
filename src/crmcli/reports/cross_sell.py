"""``report cross-sell``: what customers of one thing bought too, by lift, and who has the one without the other.

The lift of two things is how much oftener customers have both than they would if the one had nothing to do with the
other: P(A and B) / (P(A) x P(B)), over the customers who bought anything in the period.
"""

import sqlite3
from collections.abc import Mapping
from fractions import Fraction

from crmcli.domain.plurals import counted
from crmcli.errors import UsageError
from crmcli.queries.columns import Shown
from crmcli.reports.acts import ACTS
from crmcli.reports.customers import CustomerFrame, customer_labels, open_frame, target_fact
from crmcli.reports.figures import figure
from crmcli.reports.groups import WHOLE, Group
from crmcli.reports.items import Items, items_of, names_of
from crmcli.reports.presenting import head, named, rounded
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Options, ReportResult, Sheet

KEYS = ("buyers",)
Row = dict[str, object]
_LEAST = 5
_TAGS = "tags"
_COLUMNS = (
    Shown("has", "Has", "text"),
    Shown("lacks", "Lacks", "text"),
    Shown("lift", "Lift", "number"),
    Shown("both", "Both", "int"),
    Shown("candidates", "Candidates", "int"),
    Shown("customers", "Have the first", "int"),
)


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return pairs of things by lift; or the customers who have one thing and lack another, where both are named."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    frame = open_frame(con, options)
    items = items_of(frame, options.own.get("item") or _TAGS)
    has, lacks = options.own.get("has"), options.own.get("lacks")
    if (has is None) != (lacks is None):
        raise UsageError("--has and --lacks go together", hint="--has Rock --lacks Jazz")
    size = figure(frame, KPIS["buyers"], WHOLE).records
    least = options.own.get("least") or _LEAST
    sheet = _pairs(frame, items, least) if has is None or lacks is None else _lacking(frame, items, has, lacks)
    facts = (target_fact(frame), ("Buyers", str(size)), ("Least support", f"{counted(least, 'customer')} with both"))
    document = {**head(options.period, options), "target": frame.target, "item": items.label, "buyers": size}
    document |= {"least_support": least, sheet.noun: sheet.rows}
    matched = sheet.total if sheet.total is not None else len(sheet.rows)
    people = sheet._replace(rows=[_named(row, options.by) for row in sheet.rows])
    return ReportResult("Cross-selling", options.period, options.currency, (people,), sheet, document, matched, facts)


def _pairs(frame: CustomerFrame, items: Items, least: int) -> Sheet:
    """Return ordered pairs of things, the greatest lift first; those that too few customers have both of are hidden.

    Groups have pairs of their own, of what their customers bought.
    """
    sql = f"SELECT grp, item, COUNT(*) FROM ({items.bought.sql}) GROUP BY 1, 2"
    counts = {(group, item): count for group, item, count in frame.con.execute(sql, items.bought.parameters)}
    names = names_of(frame, items, {item for _, item in counts})
    groups = _groups(frame, {group for group, _ in counts})
    sizes = {value: figure(frame, KPIS["buyers"], group).records for value, group in groups.items()}
    sql = (
        f"WITH bought AS MATERIALIZED ({items.bought.sql}) SELECT x.grp, x.item, y.item, COUNT(*) FROM bought x"
        " JOIN bought y ON y.customer = x.customer AND y.grp IS x.grp AND y.item <> x.item GROUP BY 1, 2, 3"
        " HAVING COUNT(*) >= :least"
    )
    found = [
        (Fraction(both * sizes[group], counts[group, has] * counts[group, lacks]), both, groups[group], has, lacks)
        for group, has, lacks, both in frame.con.execute(sql, {**items.bought.parameters, "least": least})
    ]
    found.sort(key=lambda each: (-each[0], -each[1], str(each[2].label), str(names[each[3]]), str(names[each[4]])))
    rows: list[Row] = [
        {
            **_told(frame, group), "has": names[has], "lacks": names[lacks], "lift": rounded(lift, "x", ""),
            "both": both, "candidates": counts[group.value, has] - both, "customers": counts[group.value, has],
        }
        for lift, both, group, has, lacks in found
    ]  # fmt: skip
    bound = frame.options.top or frame.options.rows
    columns = (*_by(frame), *_COLUMNS)
    return Sheet(
        "Bought together", columns, rows[:bound], "pairs", len(rows), "has", ("lift", "both"), within=("group", "lacks")
    )


def _lacking(frame: CustomerFrame, items: Items, has: str, lacks: str) -> Sheet:
    """Return the customers who have one thing and lack another; things are called as the pairs call them."""
    owners = _owners(frame, items)
    names = names_of(frame, items, set(owners))
    by_name = {str(name).casefold(): item for item, name in names.items()}
    for name in (has, lacks):
        if name.casefold() not in by_name:
            from crmcli.domain.schema import did_you_mean

            hint = did_you_mean(name, [str(known) for known in names.values()]) or "crm report cross-sell"
            raise UsageError(f"nobody bought {name!r} in the period", hint=hint)
    those = owners[by_name[has.casefold()]] - owners[by_name[lacks.casefold()]]
    groups = _groups(frame, {group for group, _ in those})
    place = {value: number for number, value in enumerate(groups)}
    listed = sorted(those, key=lambda each: (place[each[0]], each[1]))[: frame.options.top or frame.options.rows]
    labels = customer_labels(frame.con, [customer for _, customer in listed])
    rows: list[Row] = [
        {**_told(frame, groups[group]), **label} for (group, _), label in zip(listed, labels, strict=True)
    ]
    columns = (*_by(frame), Shown("ref", "Ref", "text"), Shown("name", "Name", "text"))
    return Sheet(f"With {has}, without {lacks}", columns, rows, "customers", len(those))


def _owners(frame: CustomerFrame, items: Items) -> dict[object, set[tuple[object, int]]]:
    """Return who bought each item: group and customer."""
    owners: dict[object, set[tuple[object, int]]] = {}
    for customer, item, group in frame.con.execute(items.bought.sql, items.bought.parameters):
        owners.setdefault(item, set()).add((group, customer))
    return owners


def _groups(frame: CustomerFrame, values: set[object]) -> dict[object, Group]:
    """Return the groups that hold these stored values, in their order."""
    return {group.value: group for group in frame.groups(ACTS.entity, values)}


def _by(frame: CustomerFrame) -> tuple[Shown, ...]:
    """Return the column of the groups, where they are asked for."""
    return (frame.by_column(ACTS.entity),) if frame.options.by else ()


def _told(frame: CustomerFrame, group: Group) -> Row:
    return {"group": group.label, "group_ref": group.ref} if frame.options.by else {}


def _named(row: Mapping[str, object], by: str | None) -> Mapping[str, object]:
    """Return a row as people read it: a group without a value has a name, too."""
    return {**row, "group": named(row["group"], by)} if by else row
