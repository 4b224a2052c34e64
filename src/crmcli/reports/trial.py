"""``report trial``: how many of a target bought for the first time in a period; those who had bought before, apart."""

import sqlite3

from crmcli.domain.periods import ALL, utc_edges
from crmcli.reports.acts import ACTS
from crmcli.reports.customers import CustomerFrame, open_frame
from crmcli.reports.grouped import Part
from crmcli.reports.purchasing import Shape, Told, explained, is_unfinished, report
from crmcli.reports.result import Options, ReportResult

_SHAPE = Shape(
    "Trial",
    (
        Part("trial", "Trial", "trial"),
        Part("new", "New", "trial_customers"),
        Part("before", "Before", "customers_before"),
    ),
)
KEYS = _SHAPE.keys
_NO_HISTORY = "no purchase is known from before the period, so who bought before it was recorded looks new"


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return who bought for the first time."""
    if options.explain is not None:
        return explained(con, options, _SHAPE)
    frame = open_frame(con, options)
    notes: tuple[str, ...] = () if _has_history(frame) else (_NO_HISTORY,)
    if is_unfinished(frame, frame.period.end) and frame.period != ALL:
        notes += ("the period is not over",)
    return report(frame, _SHAPE, Told(notes=notes))


def _has_history(frame: CustomerFrame) -> bool:
    start = utc_edges(frame.period, frame.zone)[0]
    sql = f"SELECT EXISTS (SELECT 1 FROM deal r WHERE r.deleted_at IS NULL AND {ACTS.condition} AND r.closed_at < ?)"
    return bool(start and frame.con.execute(sql, (start,)).fetchone()[0])
