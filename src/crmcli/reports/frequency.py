"""``report frequency``: how often those who bought in a period did so."""

import sqlite3

from crmcli.reports.customers import open_frame
from crmcli.reports.grouped import Part
from crmcli.reports.purchasing import Shape, Told, explained, report
from crmcli.reports.result import Options, ReportResult

_SHAPE = Shape(
    "Purchase frequency",
    (
        Part("frequency", "Frequency", "frequency"),
        Part("purchases", "Purchases", "purchases"),
        Part("buyers", "Buyers", "buyers"),
    ),
    by_deal=True,
)
KEYS = _SHAPE.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the frequency of purchases."""
    if options.explain is not None:
        return explained(con, options, _SHAPE)
    return report(open_frame(con, options, by_deal=_SHAPE.by_deal), _SHAPE, Told())
