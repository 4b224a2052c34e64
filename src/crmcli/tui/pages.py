"""Texts that are shown on a page of their own: what a command prints of a record or of the days, and the keys."""

import io
from collections.abc import Callable
from datetime import date, timedelta

from rich.text import Text

from crmcli import clock
from crmcli.catalogue import ENTITIES
from crmcli.domain.zones import local_date
from crmcli.output.cards import card_of
from crmcli.output.days import day_table
from crmcli.output.records import write_card
from crmcli.output.streams import Streams
from crmcli.output.tables import Options, write_table
from crmcli.queries.agenda import agenda
from crmcli.queries.cards import sheet
from crmcli.queries.occurrences import Span
from crmcli.tui.actions import TARGETS
from crmcli.tui.desk import Desk

_TITLES = {"app": "Everywhere", "board": "On a board", "lane": "In a lane"}
_WEEK = 7  # days, today included


def record_page(desk: Desk, entity: str, record_id: int, width: int) -> Text:
    """Return a record as ``crm show`` prints it on a terminal of a width."""
    card = card_of(desk.read(lambda con: sheet(con, ENTITIES[entity], record_id)))
    return _printed(width, lambda streams: write_card(card, streams, _options(desk)))


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
    draw(Streams(paper, paper, color="always", environ={"COLUMNS": str(width)}))
    return Text.from_ansi(paper.getvalue())


def help_page() -> Text:
    """Return every key with what it does and the command that does the same."""
    page = Text()
    for target, actions in TARGETS.items():
        page.append(f"{_TITLES[target]}\n", style="bold")
        for one in actions:
            page.append(f"  {one.keys:<18}", style="cyan").append(f"{one.label:<24}").append(
                f"{one.twin}\n", style="dim"
            )
        page.append("\n")
    return page
