"""``report backlog``: how many tickets were open or paused at the end of each day, week or month of a period, and why.

Each opening and reopening adds one, each resolution takes one away, by the moment at which it happened.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from crmcli.domain.buckets import bucket
from crmcli.domain.periods import utc_edges
from crmcli.domain.zones import local_date
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


class Event(NamedTuple):
    """Something that changed the backlog at a stored instant: opened, reopened or resolved."""

    what: str
    at: str


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the backlog at the end of each day, week or month; with ``by`` the figures of the groups stand beside."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    frame = Frame(con, options)
    frame.settle("ticket")
    events = sorted(_events(frame), key=lambda event: event.at)
    first, last = _days(frame, events)
    every = options.own.get("every") or _usual(first, last)
    rows = _rows(frame, events, _buckets(first, last, every, frame.zone), every)
    listed = Sheet(f"By {every}", _COLUMNS, rows, "rows", chart=Chart("line", "when", ("open",)))
    found = [figure for key in KEYS for figure in figures(frame, key)]
    totals, _ = figure_sheets(found, options, "Total")
    document = {
        **head(options.period, options),
        "every": every,
        "totals": [entry(figure, options) for figure in found],
        "backlog": rows,
    }
    return ReportResult("Backlog", options.period, options.currency, (totals, listed), listed, document, len(events))


def _events(frame: Frame) -> Iterator[Event]:
    """Yield what is known to have happened to the tickets, in any order."""
    everything = frame.whole()
    yield from (Event("opened", at) for (at,) in everything.read(_TICKETS, "r.opened_at"))
    done = RecordSet("ticket", "tickets done", "{is_open} = 0")
    yield from (Event("resolved", at) for (at,) in everything.read(done, "r.resolved_at"))
    kind, clause = everything.selection(_TICKETS, everything.period)
    chosen = f"SELECT r.id FROM {kind.table} r WHERE r.deleted_at IS NULL AND {clause.sql}"
    sql = (
        f"SELECT x.resolved_at, x.reopened_at FROM ({REOPENINGS}) x"
        f" WHERE x.record_id IN ({chosen}) AND x.reopened_at < COALESCE(:until, '~')"
    )
    for resolved, reopened in frame.con.execute(sql, clause.parameters):
        yield from (Event("resolved", resolved), Event("reopened", reopened))


def _days(frame: Frame, events: list[Event]) -> tuple[date, date]:
    """Return first and last day of the period, as far as it has come; without limits, of what happened."""
    today = frame.today
    tomorrow = (date.fromisoformat(today) + timedelta(days=1)).isoformat()
    start = frame.period.start or (local_date(events[0].at, frame.zone) if events else today)
    end = min(frame.period.end or tomorrow, tomorrow)
    return date.fromisoformat(start), date.fromisoformat(end) - timedelta(days=1)


def _usual(first: date, last: date) -> str:
    span = (last - first).days + 1
    return next((unit for unit, longest in _LONGEST.items() if span <= longest), "month")


def _buckets(first: date, last: date, every: str, zone: str) -> list[str]:
    days = ((first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1))
    return list(dict.fromkeys(bucket(day, every, zone) for day in days))


def _rows(frame: Frame, events: list[Event], buckets: list[str], every: str) -> list[dict[str, object]]:
    start, end = utc_edges(frame.period, frame.zone)
    weight = {"opened": 1, "reopened": 1, "resolved": -1}
    still_open = sum(weight[event.what] for event in events if start and event.at < start)
    counts = Counter(
        (bucket(event.at, every, frame.zone), event.what)
        for event in events
        if event.at >= (start or "") and (end is None or event.at < end)
    )
    rows: list[dict[str, object]] = []
    for when in buckets:
        cells = {what: counts[when, what] for what in weight}
        change = sum(weight[what] * count for what, count in cells.items())
        still_open += change
        rows.append({"when": when, **cells, "change": change, "open": still_open})
    return rows
