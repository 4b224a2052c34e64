"""``report sales``: what was sold in a period, to how many, how often and for how much at a time."""

import sqlite3

from crmcli.reports.customers import open_frame
from crmcli.reports.grouped import Part
from crmcli.reports.purchasing import Shape, Told, explained, report
from crmcli.reports.result import Options, ReportResult

_SHAPE = Shape(
    "Sales",
    (
        Part("sales", "Sales", "sales"),
        Part("purchases", "Purchases", "purchases"),
        Part("buyers", "Buyers", "buyers"),
        Part("average", "Average", "average_purchase"),
        Part("frequency", "Frequency", "frequency"),
        Part("value", "Per buyer", "value_per_buyer"),
    ),
    by_deal=True,
)
KEYS = _SHAPE.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the sales."""
    if options.explain is not None:
        return explained(con, options, _SHAPE)
    return report(open_frame(con, options, by_deal=_SHAPE.by_deal), _SHAPE, Told())
