"""The search: words over a list of the records that have them, read while one types."""

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.widgets import Footer, Input, Static
from textual.worker import Worker

from crmcli.catalogue import ENTITIES
from crmcli.domain.plurals import counted
from crmcli.errors import CrmError
from crmcli.output.safe import safe
from crmcli.queries.search import Hit, find
from crmcli.tui.actions import bindings
from crmcli.tui.desk import Desk, Record
from crmcli.tui.rows import Row, RowList
from crmcli.tui.screen import DeskScreen
from crmcli.tui.visible import Visible

_EXAMPLE = "words, beginnings of words, a mail, a phone"
_MOST = 200  # records shown


class SearchScreen(DeskScreen):
    """Everything that has the words."""

    DEFAULT_CSS = "SearchScreen #told { height: 1; padding: 0 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("search")]

    def __init__(self, desk: Desk, kept: Mapping[str, str]) -> None:
        super().__init__(desk)
        self._words = kept.get("words", "")

    def compose(self) -> ComposeResult:
        """Draw the line for the words and the list."""
        yield Input(self._words, placeholder=_EXAMPLE, id="words", compact=True, highlighter=Visible())
        yield Static(id="told")
        yield RowList()
        yield Footer()

    def chosen(self) -> list[Record]:
        """Return the record the cursor is on."""
        record = self.query_one(RowList).record
        return [record] if record else []

    def targets(self) -> dict[str, DOMNode]:
        """Add those of this screen."""
        return {**super().targets(), "search": self}

    def kept(self) -> dict[str, str]:
        """Return the words."""
        return {"words": self._words}

    def action_words(self) -> None:
        """Go to the line of the words."""
        self.query_one(Input).focus()

    def action_found(self) -> None:
        """Go to what was found."""
        self.query_one(RowList).focus()

    def action_hit(self, step: int) -> None:
        """Go to the next of what was found, or the one before."""
        rows = self.query_one(RowList)
        (rows.action_cursor_down if step > 0 else rows.action_cursor_up)()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while typing."""
        self._words = event.value
        self.action_reload()

    def on_input_submitted(self) -> None:
        """Go to what was found."""
        self.action_found()

    def on_option_list_option_selected(self) -> None:
        """Show the record that was chosen."""
        self.action_open_record()

    def read(self) -> Worker[None]:
        """Search."""
        return self._search(self._words)

    @work(thread=True, exclusive=True, group="read")
    def _search(self, words: str) -> None:
        try:
            hits = self.desk.read(lambda con: find(con, words, limit=_MOST, country=self.desk.settings.country))
        except CrmError as error:
            self.refuse_from_thread(error)
        else:
            self.later(self._show, hits, words)

    def _show(self, hits: list[Hit], words: str) -> None:
        self.query_one(RowList).show(map(_row, hits), self.followed())
        count = f"the first {_MOST} records" if len(hits) == _MOST else counted(len(hits), "record")
        self.query_one("#told", Static).update(Text(count if words.strip() else "", style="dim"))


def _row(hit: Hit) -> Row:
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{hit.ref:<7}", style="dim").append(f"{safe(hit.title)}  ")
    text.append(f"{ENTITIES[hit.entity].label.lower()}  {safe(hit.excerpt)}", style="dim")
    return Row(text, Record(hit.entity, hit.id))
