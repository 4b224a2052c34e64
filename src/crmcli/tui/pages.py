"""Texts that are shown on a page of their own: what a command prints of a record or of the days, and the keys."""

import io
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from rich.text import Text

from crmcli import clock
from crmcli.domain.zones import local_date
from crmcli.output.days import day_table
from crmcli.output.records import Card, write_card
from crmcli.output.streams import Streams
from crmcli.output.tables import Column, Options, Table, table_lines, write_table
from crmcli.queries.agenda import agenda
from crmcli.queries.card_parts import Part
from crmcli.queries.occurrences import Span
from crmcli.tui.actions import TARGETS, TITLES
from crmcli.tui.desk import Desk, record_of
from crmcli.tui.keymap import Keymap
from crmcli.tui.rows import Row

_WEEK = 7  # days, today included


def card_page(card: Card, desk: Desk, width: int) -> Text:
    """Return a card as ``crm show`` prints it on a terminal of a width."""
    return _printed(width, lambda streams: write_card(card, streams, _options(desk)))


def table_rows(part: Part, desk: Desk, width: int) -> Iterator[Row]:
    """Yield the lines of the table of a part, its header as headings; rows that have a ref are records."""
    table = Table(tuple(Column(*column) for column in part.columns), part.rows, part.total)
    lines, _ = table_lines(table, _streams(io.StringIO(), width), _options(desk))
    head = len(lines) - len(part.rows)
    for number, line in enumerate(lines):
        ref = part.rows[number - head].get("ref") if number >= head else None
        yield Row(Text.from_ansi(line, no_wrap=True), record_of(str(ref)) if ref else None)


def agenda_page(desk: Desk, width: int) -> Text:
    """Return the next seven days as ``crm agenda week`` prints them on a terminal of a width."""
    zone = desk.settings.timezone
    today = local_date(clock.now_text(), zone)
    last = (date.fromisoformat(today) + timedelta(_WEEK - 1)).isoformat()
    rows = desk.read(lambda con: agenda(con, Span(today, last, zone)))
    if not rows:
        return Text("nothing is planned for seven days")
    table = day_table(rows, desk.settings.locale)
    return _printed(width, lambda streams: write_table(table, streams, "table", _options(desk)))


def _options(desk: Desk) -> Options:
    return Options(desk.settings.locale, desk.settings.timezone, pager=False)


def _printed(width: int, draw: Callable[[Streams], object]) -> Text:
    """Return what is printed on a terminal of a width, as a text with its styles."""
    paper = io.StringIO()
    draw(_streams(paper, width))
    return Text.from_ansi(paper.getvalue())


def _streams(paper: io.StringIO, width: int) -> Streams:
    return Streams(paper, paper, color="always", environ={"COLUMNS": str(width)})


def help_page(keymap: Keymap) -> Text:
    """Return the user's keys with what they do and the command that does the same."""
    page = Text()
    for target, actions in TARGETS.items():
        page.append(f"{TITLES[target]}\n", style="bold")
        for one in actions:
            keys = keymap[f"{target}.{one.id}"]
            page.append(f"  {keys:<26}", style="cyan").append(f"{one.label:<24}").append(f"{one.twin}\n", style="dim")
        page.append("\n")
    return page
