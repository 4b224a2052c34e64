"""``report penetration``: how many of a target bought in a period, whatever they bought or item by item."""

import sqlite3
from fractions import Fraction

from crmcli.domain.periods import up_to
from crmcli.queries.columns import Shown
from crmcli.reports.customers import CustomerFrame, open_frame
from crmcli.reports.grouped import Part
from crmcli.reports.items import items_of, names_of
from crmcli.reports.presenting import rounded
from crmcli.reports.purchasing import Shape, Told, explained, report
from crmcli.reports.result import Chart, Options, ReportResult, Sheet

_SHAPE = Shape("Penetration", (Part("penetration", "Penetration", "penetration"), Part("buyers", "Buyers", "buyers")))
KEYS = _SHAPE.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the penetration; cumulative, from the first purchase on."""
    if options.own.get("cumulative"):
        options = options._replace(period=up_to(options.period))
    if options.explain is not None:
        return explained(con, options, _SHAPE)
    frame = open_frame(con, options)
    item = options.own.get("item")
    sheets = (("items", _items(frame, item)),) if item else ()
    return report(frame, _SHAPE, Told(sheets=sheets))


def _items(frame: CustomerFrame, name: str) -> Sheet:
    """Return how many customers bought each item, those of the target being all."""
    items, members = items_of(frame, name), frame.members()
    sql = f"SELECT item, COUNT(DISTINCT customer) FROM ({items.bought.sql}) GROUP BY item"
    found = frame.con.execute(sql, items.bought.parameters)
    buyers = dict(found.fetchall())
    (size,) = frame.con.execute(f"SELECT COUNT(*) FROM ({members.sql})", members.parameters).fetchone()
    names = names_of(frame, items, set(buyers))
    rows = [
        {
            "item": names[item],
            "penetration": rounded(Fraction(count, size), "ratio", frame.options.currency) if size else None,
            "share": count / size if size else 0.0,
            "buyers": count,
            "customers": size,
        }
        for item, count in sorted(buyers.items(), key=lambda each: (-each[1], str(names[each[0]])))
    ]
    columns = (
        Shown("item", items.label, "text"),
        Shown("penetration", "Penetration", "ratio"),
        Shown("share", "Share", "bar"),
        Shown("buyers", "Buyers", "int"),
        Shown("customers", "Customers", "int"),
    )
    top = frame.options.top
    chart = Chart("bars", "item", ("penetration",))
    title = f"By {items.label.lower()}"
    return Sheet(title, columns, rows[:top], "items", len(rows) if top else None, "item", ("penetration",), chart)
