"""``report at-risk``: customers who bought often and have not bought for long, those of the greatest value first."""

import sqlite3

from crmcli.reports.customers import open_frame
from crmcli.reports.ranking import ranked
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.scoring import scored

KEYS: tuple[str, ...] = ()


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the customers at risk."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    frame = open_frame(con, options)
    found = scored(frame)
    those = found.by("segment")["at_risk"].in_order_of("customer").in_order_of("value", reverse=True)
    facts = (("Customers scored", str(len(found.customers))),)
    return ranked(frame, "Customers at risk", found._replace(customers=those), facts)
