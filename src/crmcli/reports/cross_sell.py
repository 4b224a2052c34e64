"""``report cross-sell``: what customers of one thing bought too, by lift, and who has the one without the other.

The lift of two things is how much oftener customers have both than they would if the one had nothing to do with the
other: P(A and B) / (P(A) x P(B)), over the customers who bought anything in the period.
"""

import sqlite3
from fractions import Fraction

from crmcli.domain.plurals import counted
from crmcli.errors import UsageError
from crmcli.queries.columns import Shown
from crmcli.reports.customers import CustomerFrame, customer_labels
from crmcli.reports.figures import figure
from crmcli.reports.groups import WHOLE
from crmcli.reports.items import Items, items_of, names_of
from crmcli.reports.presenting import head, rounded
from crmcli.reports.purchasing import open_frame, target_fact
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
    if options.by is not None:
        raise UsageError("things bought together are not grouped", hint='--where or --target, such as "country = IT"')
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
    sheet = _pairs(frame, items, size, least) if has is None or lacks is None else _lacking(frame, items, has, lacks)
    facts = (target_fact(frame), ("Buyers", str(size)), ("Least support", f"{counted(least, 'customer')} with both"))
    document = {**head(options.period, options), "target": frame.target, "item": items.label, "buyers": size}
    document |= {"least_support": least, sheet.noun: sheet.rows}
    matched = sheet.total if sheet.total is not None else len(sheet.rows)
    return ReportResult("Cross-selling", options.period, options.currency, (sheet,), sheet, document, matched, facts)


def _pairs(frame: CustomerFrame, items: Items, size: int, least: int) -> Sheet:
    """Return ordered pairs of things, the greatest lift first; those that too few customers have both of are hidden."""
    sql = f"SELECT item, COUNT(*) FROM ({items.bought.sql}) GROUP BY item"
    counts = dict(frame.con.execute(sql, items.bought.parameters).fetchall())
    names = names_of(frame, items, set(counts))
    sql = (
        f"WITH bought AS MATERIALIZED ({items.bought.sql}) SELECT x.item, y.item, COUNT(*) FROM bought x"
        " JOIN bought y ON y.customer = x.customer AND y.item <> x.item GROUP BY 1, 2 HAVING COUNT(*) >= :least"
    )
    found = frame.con.execute(sql, {**items.bought.parameters, "least": least}).fetchall()
    pairs = [(Fraction(both * size, counts[has] * counts[lacks]), both, has, lacks) for has, lacks, both in found]
    pairs.sort(key=lambda pair: (-pair[0], -pair[1], str(names[pair[2]]), str(names[pair[3]])))
    rows: list[Row] = [
        {
            "has": names[has], "lacks": names[lacks], "lift": rounded(lift, "x", ""), "both": both,
            "candidates": counts[has] - both, "customers": counts[has],
        }
        for lift, both, has, lacks in pairs
    ]  # fmt: skip
    bound = frame.options.top or frame.options.rows
    return Sheet("Bought together", _COLUMNS, rows[:bound], "pairs", len(rows))


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
    those = sorted(owners[by_name[has.casefold()]] - owners[by_name[lacks.casefold()]])
    shown = those[: frame.options.top or frame.options.rows]
    labels = customer_labels(frame.con, shown)
    rows: list[Row] = [{"ref": labels[customer].ref, "name": labels[customer].name} for customer in shown]
    columns = (Shown("ref", "Ref", "text"), Shown("name", "Name", "text"))
    return Sheet(f"With {has}, without {lacks}", columns, rows, "customers", len(those))


def _owners(frame: CustomerFrame, items: Items) -> dict[object, set[int]]:
    """Return the customers who bought each item."""
    owners: dict[object, set[int]] = {}
    for customer, item in frame.con.execute(items.bought.sql, items.bought.parameters):
        owners.setdefault(item, set()).add(customer)
    return owners
