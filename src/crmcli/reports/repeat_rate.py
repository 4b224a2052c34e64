"""``report repeat-rate``: how many of those who bought in a period bought again in it."""

import sqlite3

from crmcli.reports.customers import open_frame
from crmcli.reports.grouped import Part
from crmcli.reports.purchasing import Shape, Told, explained, report
from crmcli.reports.result import Options, ReportResult

_SHAPE = Shape("Repeat rate", (Part("repeat", "Repeat rate", "repeat_rate"), Part("buyers", "Buyers", "buyers")))
KEYS = _SHAPE.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the repeat rate."""
    if options.explain is not None:
        return explained(con, options, _SHAPE)
    return report(open_frame(con, options), _SHAPE, Told())
