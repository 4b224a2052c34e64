"""A list of records under headings: one cursor, which stays with its record when the list is read again."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, NamedTuple

from rich.text import Text
from textual.binding import BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from crmcli.tui.actions import bindings
from crmcli.tui.desk import Record


class Row(NamedTuple):
    """A line of the list, of a record or of something else that was read as an ``entry``.

    With neither it is a heading, which the cursor passes over. ``group`` tells apart the headings under which one
    record can stand more than once.
    """

    text: Text
    record: Record | None = None
    entry: Mapping[str, Any] | None = None
    group: str = ""

    @property
    def is_heading(self) -> bool:
        """Whether there is nothing to do with it."""
        return self.record is None and self.entry is None


class RowList(OptionList):
    """Rows to go through by keys. ``OptionSelected`` tells that one was chosen."""

    DEFAULT_CSS = """
    RowList { height: 1fr; border: none; background: transparent; }
    RowList:focus { border: none; }
    RowList > .option-list--option-disabled { color: $foreground; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("rows")]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, compact=True)
        self._rows: list[Row] = []

    @property
    def row(self) -> Row | None:
        """The row that the cursor is on."""
        return self._rows[self.highlighted] if self.highlighted is not None else None

    def row_at(self, place: int) -> Row | None:
        """Return the row at a place."""
        return self._rows[place] if 0 <= place < len(self._rows) else None

    @property
    def record(self) -> Record | None:
        """The record that the cursor is on."""
        return self.row.record if self.row else None

    def show(self, rows: Iterable[Row], follow: Record | None = None) -> None:
        """Show other rows; the cursor goes to the record ``follow``, else stays with its own, else where it was.

        A record that the cursor was on already is followed within its group alone: what leaves that is done with.
        """
        own, place = self.row, self.highlighted or 0
        wanted = follow or self.record
        group = own.group if own and own.record == wanted else None
        self._rows = list(rows)
        self.clear_options()
        self.add_options(Option(row.text, disabled=row.is_heading) for row in self._rows)
        places = [number for number, row in enumerate(self._rows) if not row.is_heading]
        if places:
            found = [number for number in places if wanted and self._rows[number].record == wanted]
            here = [number for number in found if group in (None, self._rows[number].group)]
            self.highlighted = here[0] if here else min(places, key=lambda one: abs(one - place))
