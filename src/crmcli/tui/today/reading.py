"""What the screen of the day reads: what is late, what today holds, what comes, and what would else be forgotten.

Blocks. Where each thing comes from is known to ``queries``: the agenda, what one is reminded of, the week's leads.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.text import Text

from crmcli import clock
from crmcli.config.remind_settings import RemindSettings
from crmcli.domain.zones import local_date
from crmcli.integrations.foreign import foreign_events
from crmcli.output.days import due_table
from crmcli.queries.agenda import agenda
from crmcli.queries.card_parts import Part
from crmcli.queries.occurrences import Row as Entry
from crmcli.queries.occurrences import Span, shifted
from crmcli.queries.reminders import present
from crmcli.queries.status import new_leads
from crmcli.queries.watch import Thing, Watch
from crmcli.tui.desk import Desk, record_of
from crmcli.tui.pages import table_rows
from crmcli.tui.rows import Row
from crmcli.tui.today.stale import waiting

_AHEAD = 7  # days
_MOST = 50  # rows of a section that are shown
_LATE = ("task", "next_step")


class Section(NamedTuple):
    """Rows under a heading, the first of ``total``; they are like those of the agenda."""

    key: str
    title: str
    rows: Sequence[Entry]
    total: int


def watch_of(desk: Desk) -> Watch:
    """Return how one looks for what is late or stands still, whatever of it one wants to be reminded of."""
    settings = desk.settings
    kinds = RemindSettings(kinds=(*_LATE, "idle", "ticket"))
    return Watch(kinds, settings.timezone, None, None, settings.calendar, settings.service_levels)


def read_today(desk: Desk) -> list[Section]:
    """Return the sections of the day that hold anything."""
    watch = watch_of(desk)
    span = Span(watch.today, shifted(watch.today, _AHEAD), watch.zone)
    elsewhere = foreign_events(desk.settings.foreign, desk.paths.cache, span).rows

    def work(con: sqlite3.Connection) -> list[Section]:
        things, days = waiting(con, watch), agenda(con, span, elsewhere)
        late = [thing for thing in things if thing.kind in _LATE and thing.urgency == "overdue"]
        overdue = _told(con, "overdue", "Overdue", late)
        known = {row["ref"] for row in overdue.rows}
        ahead = [row for row in days if not row["earlier"]]
        return [
            overdue,
            _section("today", "Today", _today(ahead, watch.today, known)),
            _section("ahead", "Next seven days", (row for row in ahead if str(row["day"]) > watch.today)),
            _leads(new_leads(con, watch.zone), watch.zone),
            _told(con, "idle", "Idle deals", [thing for thing in things if thing.kind == "idle"]),
            _told(con, "tickets", "Tickets at risk", [thing for thing in things if thing.kind == "ticket"]),
            _section("follow_ups", "Follow-ups due", (row for row in days if _is_due(row, watch.today))),
        ]

    return [section for section in desk.read(work) if section.rows]


def section_rows(sections: Sequence[Section], desk: Desk, width: int) -> Iterator[Row]:
    """Yield the lines of sections for a list, each with its heading and its count; the columns are those of all."""
    if not sections:
        yield Row(Text("nothing waits", style="dim"))
        return
    entries = [row for section in sections for row in section.rows]
    today = local_date(clock.now_text(), desk.settings.timezone)
    lines = list(table_rows(due_table(entries, desk.settings.locale, today), desk, width))
    drawn = iter(lines[len(lines) - len(entries) :])
    for section in sections:
        yield _heading(section)
        for entry in section.rows:
            yield Row(next(drawn).text, record_of(str(entry["ref"])), entry, section.key)


def _heading(section: Section) -> Row:
    shown = f", the first {len(section.rows)}" if len(section.rows) < section.total else ""
    return Row(Text(section.title, style="bold").append(f"  {section.total:,}{shown}", style="dim"))


def _today(rows: Iterable[Entry], today: str, late: set[object]) -> Iterator[Entry]:
    """Yield what lies on this day and is not late, follow-ups apart."""
    for row in rows:
        is_late = row["ref"] in late and row["kind"] in _LATE
        if row["day"] == today and row["kind"] != "follow_up" and not is_late:
            yield row


def _is_due(row: Entry, today: str) -> bool:
    return row["kind"] == "follow_up" and str(row["day"]) <= today


def _section(key: str, title: str, rows: Iterable[Entry]) -> Section:
    found = list(rows)
    return Section(key, title, found[:_MOST], len(found))


def _told(con: sqlite3.Connection, key: str, title: str, things: Sequence[Thing]) -> Section:
    """Return things as rows of the agenda, of which only those shown are read."""
    rows = [{**row, "earlier": False} for row in present(con, things[:_MOST])]
    return Section(key, title, rows, len(things))


def _leads(part: Part, zone: str) -> Section:
    rows: list[Entry] = [
        {
            "day": local_date(str(row["created_at"]), zone), "time": None, "until": None, "kind": "lead",
            "ref": row["ref"], "title": row["name"], "about": row["company_name"],
            "detail": row["rating"] or row["source"], "earlier": False,
        }
        for row in part.rows
    ]  # fmt: skip
    return Section("leads", "New leads", rows, part.total)
