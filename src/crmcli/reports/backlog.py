"""``report backlog``: how many tickets were open or paused at the end of each day, week or month of a period, and why.

Each opening and reopening adds one, each resolution takes one away, by the moment at which it happened.
"""

import sqlite3
from bisect import bisect_left
from datetime import date, timedelta

from crmcli.domain.buckets import bucket
from crmcli.domain.periods import utc_edges
from crmcli.domain.zones import local_date, to_utc
from crmcli.queries.columns import Shown
from crmcli.reports.figures import figures
from crmcli.reports.frame import Frame
from crmcli.reports.presenting import entry, figure_sheets, head
from crmcli.reports.result import Chart, Options, ReportResult, Sheet
from crmcli.reports.sets import RecordSet
from crmcli.reports.ticket_sets import REOPENINGS

KEYS = ("tickets_open", "tickets_opened", "tickets_reopened", "tickets_resolved")
EVERY = ("day", "week", "month")
_LONGEST = {"day": 31, "week": 183}  # days of a period that is told by the day, by the week
_TICKETS = RecordSet("ticket", "tickets")
_COLUMNS = (
    Shown("when", "When", "text"),
    Shown("opened", "Opened", "int"),
    Shown("reopened", "Reopened", "int"),
    Shown("resolved", "Resolved", "int"),
    Shown("change", "Change", "int"),
    Shown("open", "Open at the end", "int"),
)


_WEIGHT = {"opened": 1, "reopened": 1, "resolved": -1}
Moments = dict[str, list[str]]  # the stored instants at which the backlog changed, in order, by what happened


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the backlog at the end of each day, week or month; with ``by`` the figures of the groups stand beside."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    frame = Frame(con, options)
    frame.settle("ticket")
    moments = _moments(frame)
    first, last = _days(frame, moments)
    every = options.own.get("every") or _usual(first, last)
    rows = _rows(moments, *_stretches(frame, first, last, every))
    listed = Sheet(f"By {every}", _COLUMNS, rows, "rows", chart=Chart("line", "when", ("open",)))
    found = [figure for key in KEYS for figure in figures(frame, key)]
    totals, _ = figure_sheets(found, options, "Total")
    document = {
        **head(options.period, options),
        "every": every,
        "totals": [entry(figure, options) for figure in found],
        "backlog": rows,
    }
    return ReportResult(
        "Backlog", options.period, options.currency, (totals, listed), listed, document, sum(map(len, moments.values()))
    )


def _moments(frame: Frame) -> Moments:
    """Return what is known to have happened to the tickets."""
    everything = frame.whole()
    done = RecordSet("ticket", "tickets done", "{is_open} = 0")
    kind, clause = everything.selection(_TICKETS, everything.period)
    chosen = f"SELECT r.id FROM {kind.table} r WHERE r.deleted_at IS NULL AND {clause.sql}"
    sql = (
        f"SELECT x.resolved_at, x.reopened_at FROM ({REOPENINGS}) x"
        f" WHERE x.record_id IN ({chosen}) AND x.reopened_at < COALESCE(:until, '~')"
    )
    undone = frame.con.execute(sql, clause.parameters).fetchall()
    return {
        "opened": sorted(at for (at,) in everything.read(_TICKETS, "r.opened_at")),
        "reopened": sorted(at for _, at in undone),
        "resolved": sorted([*(at for (at,) in everything.read(done, "r.resolved_at")), *(at for at, _ in undone)]),
    }


def _days(frame: Frame, moments: Moments) -> tuple[date, date]:
    """Return first and last day of the period, as far as it has come; without limits, of what happened."""
    today = frame.today
    tomorrow = (date.fromisoformat(today) + timedelta(days=1)).isoformat()
    earliest = min((found[0] for found in moments.values() if found), default=None)
    start = frame.period.start or (local_date(earliest, frame.zone) if earliest else today)
    end = min(frame.period.end or tomorrow, tomorrow)
    return date.fromisoformat(start), date.fromisoformat(end) - timedelta(days=1)


def _usual(first: date, last: date) -> str:
    span = (last - first).days + 1
    return next((unit for unit, longest in _LONGEST.items() if span <= longest), "month")


def _stretches(frame: Frame, first: date, last: date, every: str) -> tuple[list[str], list[str]]:
    """Return the days, weeks or months of the period, and the stored instants at which they begin; one more ends them.

    The last one is over with the period, or else when it is itself.
    """
    start, end = utc_edges(frame.period, frame.zone)
    names: list[str] = []
    edges: list[str] = []
    day = first
    while (when := bucket(day.isoformat(), every, frame.zone)) in names[-1:] or day <= last:
        if when not in names[-1:]:
            names.append(when)
            edges.append(to_utc(day.isoformat(), frame.zone) if edges else start or "")
        day += timedelta(days=1)
    over = to_utc(day.isoformat(), frame.zone)
    return names, [*edges, min(over, end or over)]


def _rows(moments: Moments, names: list[str], edges: list[str]) -> list[dict[str, object]]:
    before = {what: [bisect_left(found, edge) for edge in edges] for what, found in moments.items()}
    still_open = sum(weight * before[what][0] for what, weight in _WEIGHT.items())
    rows: list[dict[str, object]] = []
    for place, when in enumerate(names):
        cells = {what: counts[place + 1] - counts[place] for what, counts in before.items()}
        change = sum(_WEIGHT[what] * count for what, count in cells.items())
        still_open += change
        rows.append({"when": when, **cells, "change": change, "open": still_open})
    return rows
