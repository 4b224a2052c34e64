"""``report retention``: how many bought in a period and in the one after it, of the target or of those who bought."""

import sqlite3

from crmcli.domain.periods import following
from crmcli.reports.customers import open_frame
from crmcli.reports.grouped import Part
from crmcli.reports.purchasing import Shape, Told, explained, is_unfinished, report
from crmcli.reports.result import Options, ReportResult

_SHAPES = {
    "target": Shape("Retention", (Part("retention", "Retention", "retention"), Part("buyers", "Buyers", "buyers"))),
    "active": Shape(
        "Retention", (Part("retention", "Retention", "retention_active"), Part("buyers", "Buyers", "buyers"))
    ),
}
_BASES = {"target": "all customers of the target", "active": "those of them who bought in the period"}
BASES = tuple(_BASES)
KEYS = ("retention", "retention_active", "buyers")


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the retention."""
    base = options.own.get("base") or BASES[0]
    shape = _SHAPES[base]
    if options.explain is not None:
        return explained(con, options, shape)
    frame = open_frame(con, options)
    after = following(frame.period)
    facts = (("Base", _BASES[base]), ("Next period", after.label if after else "none"))
    notes = ("the next period is not over",) if after and is_unfinished(frame, after.end) else ()
    return report(frame, shape, Told(facts, notes=notes))
