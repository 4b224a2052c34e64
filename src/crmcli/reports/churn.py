"""``report churn``: how many customers, or how much recurring value, were lost in a period."""

import sqlite3

from crmcli.domain.periods import ALL
from crmcli.reports.customers import open_frame
from crmcli.reports.grouped import Part
from crmcli.reports.purchasing import Shape, Told, explained, is_unfinished, report
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.windows import windows

_CUSTOMERS = Shape("Churn", (Part("churn", "Churn", "churn"), Part("active", "Active at start", "customers_active")))
_REVENUE = Shape(
    "Revenue churn", (Part("churn", "Revenue churn", "churn_revenue"), Part("nrr", "Net retention", "nrr"))
)
_ENDED = "the relationship is in dissolution"
KEYS = (*_CUSTOMERS.keys, *_REVENUE.keys)


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the churn."""
    shape = _REVENUE if options.own.get("revenue") else _CUSTOMERS
    if options.explain is not None:
        return explained(con, options, shape)
    frame = open_frame(con, options)
    lost = options.own.get("lost")
    rule = (lost or _ENDED) if options.own.get("revenue") else windows(frame).rule
    notes = ("the period is not over",) if frame.period != ALL and is_unfinished(frame, frame.period.end) else ()
    return report(frame, shape, Told((("Lost when", rule),), notes=notes))
