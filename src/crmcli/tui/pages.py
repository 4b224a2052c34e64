"""Texts that are shown on a page of their own: what a command prints of a record or a month, and the keys."""

import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rich.text import Text
from textual.keys import format_key

from crmcli.output.months import Month, month_lines
from crmcli.output.records import Card, write_card
from crmcli.output.streams import Streams
from crmcli.output.tables import Column, Options, Table, table_lines
from crmcli.queries.card_parts import Part
from crmcli.tui.actions import TARGETS, TITLES
from crmcli.tui.desk import Desk, record_of
from crmcli.tui.keymap import Keymap
from crmcli.tui.rows import Row

if TYPE_CHECKING:
    from rich.console import ConsoleRenderable


def card_page(card: Card, desk: Desk, width: int) -> Text:
    """Return a card as ``crm show`` prints it on a terminal of a width."""
    return _printed(width, lambda streams: write_card(card, streams, _options(desk)))


def part_rows(part: Part, desk: Desk, width: int) -> Iterator[Row]:
    """Yield the lines of the table of a part as rows of a list."""
    return table_rows(Table(tuple(Column(*column) for column in part.columns), part.rows, part.total), desk, width)


def table_rows(table: Table, desk: Desk, width: int) -> Iterator[Row]:
    """Yield the lines of a table, its header as headings; rows that have a ref are records."""
    rows = list(table.rows)
    lines, _ = table_lines(table, _streams(io.StringIO(), width), _options(desk))
    head = len(lines) - len(rows)
    for number, line in enumerate(lines):
        ref = rows[number - head].get("ref") if number >= head else None
        yield Row(Text.from_ansi(line, no_wrap=True), record_of(str(ref)) if ref else None)


def month_page(month: Month, width: int) -> Text:
    """Return the sheet of a month or a week as ``crm calendar`` prints it on a terminal of a width."""
    return Text.from_ansi("\n".join(month_lines(month, _streams(io.StringIO(), width))), no_wrap=True)


def _options(desk: Desk) -> Options:
    return Options(desk.settings.locale, desk.settings.timezone, pager=False)


def _printed(width: int, draw: Callable[[Streams], object]) -> Text:
    """Return what is printed on a terminal of a width, as a text with its styles."""
    paper = io.StringIO()
    draw(_streams(paper, width))
    return Text.from_ansi(paper.getvalue())


def _streams(paper: io.StringIO, width: int) -> Streams:
    return Streams(paper, paper, color="always", environ={"COLUMNS": str(width)})


def help_page(keymap: Keymap) -> "ConsoleRenderable":
    """Return the user's keys with what they do and the command that does the same, each in a column of its own."""
    from rich.table import Table as Grid

    page = Grid.grid(padding=(0, 2))
    for target, actions in TARGETS.items():
        page.add_row(Text(TITLES[target], style="bold"))
        for one in actions:
            keys = ", ".join(map(format_key, keymap[f"{target}.{one.id}"].split(",")))
            page.add_row(Text(f"  {keys}", style="cyan"), Text(one.label), Text(one.twin, style="dim"))
        page.add_row()
    return page
