"""``report clv``: what a customer is worth over a whole life, or has been worth to date."""

import sqlite3

from crmcli.domain.periods import up_to
from crmcli.reports.customers import open_frame
from crmcli.reports.grouped import Part
from crmcli.reports.purchasing import Shape, Told, explained, report
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.windows import windows

_EXPECTED = Shape(
    "Customer lifetime value",
    (
        Part("clv", "Lifetime value", "clv"),
        Part("average", "Average purchase", "average_purchase"),
        Part("frequency", "Frequency", "frequency"),
        Part("churn", "Churn", "churn"),
    ),
)
_HISTORIC = Shape(
    "Margin to date",
    (
        Part("clv", "Margin to date", "clv_historic"),
        Part("sales", "Sales", "customer_sales"),
        Part("buyers", "Buyers", "buyers"),
    ),
)
KEYS = (*_EXPECTED.keys, *_HISTORIC.keys)


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the worth of customers; to date, from their first purchase on."""
    is_historic = bool(options.own.get("historic"))
    shape = _HISTORIC if is_historic else _EXPECTED
    if is_historic:
        options = options._replace(period=up_to(options.period))
    if options.explain is not None:
        return explained(con, options, shape)
    frame = open_frame(con, options)
    margin = frame.margin
    facts = [("Margin", "not known" if margin is None else f"{margin} %")]
    if not is_historic:
        facts.append(("Lost when", windows(frame).rule))
    return report(frame, shape, Told(tuple(facts)))
