"""A record on one screen: a tab for its fields and one for each kind of thing that belongs to it."""

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.dom import DOMNode
from textual.widgets import ContentSwitcher, Footer, Static, Tab, Tabs

from crmcli.errors import CrmError
from crmcli.output.cards import card_of
from crmcli.queries.card_parts import Part
from crmcli.tui.actions import bindings
from crmcli.tui.desk import Desk, Record
from crmcli.tui.pages import card_page, part_rows
from crmcli.tui.record.reading import Dossier, read_dossier
from crmcli.tui.rows import RowList
from crmcli.tui.screen import DeskScreen, Read
from crmcli.tui.threads import is_there

_FIELDS = "fields"
_MARGIN = 4  # cells beside a page


class PartTabs(Tabs):
    """Tabs that may be taken away while they are being made, with the record they are of."""

    def validate_active(self, active: str) -> str:
        """Make no tab the active one that is not there."""
        return active if active and self.query(f"#tabs-list > #{active}") else ""


class RecordScreen(DeskScreen):
    """One record. What is done is done to the row under the cursor, or to the record itself."""

    DEFAULT_CSS = """
    RecordScreen ContentSwitcher { height: 1fr; }
    RecordScreen #fields { padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("record")]

    def __init__(self, desk: Desk, record: Record) -> None:
        super().__init__(desk)
        self.record = record
        self._keys: list[str] = []

    def compose(self) -> ComposeResult:
        """Draw the frame; the tabs come with the first reading."""
        yield PartTabs(Tab("…", id=_FIELDS))
        with ContentSwitcher(initial=_FIELDS), VerticalScroll(id=_FIELDS):
            yield Static(id="card")
        yield Footer()

    def on_mount(self) -> None:
        """Read the record."""
        self.action_reload()

    def chosen(self) -> list[Record]:
        """Return the record of the row the cursor is on, else this one."""
        return [self._list.record if self._list and self._list.record else self.record]

    def targets(self) -> dict[str, DOMNode]:
        """Add those of this screen."""
        return {**super().targets(), "record": self}

    def action_open_record(self) -> None:
        """Show the record of the row whole."""
        if self.chosen() != [self.record]:
            super().action_open_record()

    def on_option_list_option_selected(self) -> None:
        """Show the record of the row that was chosen."""
        self.action_open_record()

    @work(thread=True, exclusive=True, group="read")
    def read(self) -> None:
        """Read the record."""
        try:
            found = read_dossier(self.desk, self.record)
        except CrmError as error:
            self.refuse_from_thread(error)
        else:
            self.later(self.post_message, Read(found))

    async def on_read(self, message: Read[Dossier]) -> None:
        """Show what was read, unless this screen was left."""
        if not is_there(self) or self.is_late(message):
            return
        found = message.found
        width = self.size.width - _MARGIN
        self.query_one("#card", Static).update(card_page(card_of(found.sheet)._replace(sections=()), self.desk, width))
        await self._lay_out(found.parts)
        if not is_there(self):
            return
        followed = self.followed()
        for part in found.parts:
            self.query_one(f"Tab#{part.key}", Tab).label = _label(part)
            self.query_one(f"#{part.key}", RowList).show(part_rows(part, self.desk, width), followed)

    async def _lay_out(self, parts: tuple[Part, ...]) -> None:
        """Make the tabs and lists anew when there are other parts than before."""
        tabs, pages, keys = self.query_one(Tabs), self.query_one(ContentSwitcher), [part.key for part in parts]
        if keys == self._keys:
            return
        present = tabs.active
        await self.query("PartTabs, RowList").remove()
        if is_there(self):
            lists = [RowList(id=key) for key in keys]
            for each in lists:
                each.display = False
            labels = [Tab(self.record.ref, id=_FIELDS), *(Tab(_label(part), id=part.key) for part in parts)]
            active = present if present in keys else _FIELDS
            drawn = self.mount(PartTabs(*labels, active=active), before=0), pages.mount(*lists)
            self._keys = keys
            for one in drawn:
                await one

    def on_tabs_tab_activated(self, event: Tabs.TabActivated) -> None:
        """Show the page of the tab."""
        pages = self.query_one(ContentSwitcher)
        if event.tab.id and pages.query(f"#{event.tab.id}"):
            pages.current = event.tab.id
            page = self._list or self.query_one("#fields")
            page.focus()

    @property
    def _list(self) -> RowList | None:
        """The list that is shown, None for the fields."""
        current = self.query_one(ContentSwitcher).current
        return None if current in (None, _FIELDS) else self.query_one(f"#{current}", RowList)

    def action_next_tab(self, step: int) -> None:
        """Go to the next tab, or the one before."""
        keys = [_FIELDS, *self._keys]
        tabs = self.query_one(Tabs)
        tabs.active = keys[(keys.index(tabs.active) + step) % len(keys)]

    def action_leave(self) -> None:
        """Go back to where this record was opened."""
        self.app.leave()


def _label(part: Part) -> str:
    return f"{part.title} {part.total}"
