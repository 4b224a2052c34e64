"""``report best-customers``: customers in the order of recency, frequency and value, with what they leave."""

import sqlite3

from crmcli.reports.customers import open_frame
from crmcli.reports.ranking import ranked
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.scoring import scored

KEYS: tuple[str, ...] = ()


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the customers, the best first."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    frame = open_frame(con, options)
    return ranked(frame, "Best customers", scored(frame))
