"""Options that leave records out of a report: conditions beside the one that is asked for, and what they leave out."""

import sqlite3

from crmcli.reports.figures import figure
from crmcli.reports.groups import WHOLE
from crmcli.reports.listed import Listed, report, settled
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Options, ReportResult


def narrowed(options: Options, condition: str | None) -> Options:
    """Return options whose records meet a further condition, in the language of conditions."""
    if not condition:
        return options
    return options._replace(where=f"({options.where}) and ({condition})" if options.where else condition)


def left_out(con: sqlite3.Connection, options: Options, condition: str | None, key: str, why: str) -> tuple[str, ...]:
    """Return a line that tells how many records of a figure a further condition leaves out, if there are any."""
    if not condition:
        return ()
    whole = options._replace(by=None)
    counts = [
        figure(settled(con, asked, (key,)), KPIS[key], WHOLE).records for asked in (whole, narrowed(whole, condition))
    ]
    missing = counts[0] - counts[1]
    return (f"{missing} left out: {why}",) if missing else ()


def with_basis(
    con: sqlite3.Connection, options: Options, listed: Listed, condition: str | None, left: tuple[str, str]
) -> ReportResult:
    """Return a report that tells the definition of its first figure, since others go round.

    ``left`` is the figure of the records that a further condition leaves out, and why it does.
    """
    result = report(con, narrowed(options, condition), listed)
    if options.explain is not None:
        return result
    basis = KPIS[listed.parts[0].kpi].definition
    return result._replace(
        document={**result.document, "basis": basis},
        facts=(("Basis", basis), *result.facts),
        notes=(*result.notes, *left_out(con, options, condition, *left)),
    )
