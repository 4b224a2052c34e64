"""Entries of the calendar that the mouse carries from the list to another day of the sheet."""

from rich.text import Text
from textual.events import MouseDown, MouseEvent, MouseMove, MouseUp
from textual.widgets import Static

from crmcli.output.safe import safe
from crmcli.tui.calendar.sheet import Sheet
from crmcli.tui.rows import Row, RowList
from crmcli.tui.working import WorkScreen


class CarryingScreen(WorkScreen):
    """A screen with a list of entries and a sheet of days."""

    _held: Row | None = None
    title_text = Text()

    async def take_to(self, row: Row, day: str) -> None:
        """Take an entry to another day."""
        raise NotImplementedError

    def on_mouse_down(self, event: MouseDown) -> None:
        """Take hold of an entry that is a record of ours."""
        rows = self.query_one(RowList)
        place = event.style.meta.get("option") if rows.region.contains_point(event.screen_offset) else None
        row = rows.row_at(place) if event.button == 1 and isinstance(place, int) else None
        self._held = row if row and row.record and row.entry else None

    def on_mouse_move(self, event: MouseMove) -> None:
        """Say to which day that would go which the mouse holds."""
        if self._held and self._held.entry:
            day = self._target(event)
            self._say(Text(safe(f"{self._held.entry['title']} → {day}"), style="bold") if day else self.title_text)

    async def on_mouse_up(self, event: MouseUp) -> None:
        """Take what the mouse holds to the day where it is let go."""
        held, day = self._held, self._target(event)
        self.action_let_go()
        if held and day:
            await self.take_to(held, day)

    def action_let_go(self) -> None:
        """Leave what the mouse holds on its day."""
        if self._held:
            self._held = None
            self._say(self.title_text)

    def _target(self, event: MouseEvent) -> str | None:
        """Return the other day that the mouse is over."""
        sheet, entry = self.query_one(Sheet), self._held.entry if self._held else None
        if entry is None or not sheet.region.contains_point(event.screen_offset):
            return None
        day = sheet.day_under(event.screen_offset - sheet.region.offset)
        return day if day != entry["day"] else None

    def _say(self, text: Text) -> None:
        self.query_one("#title", Static).update(text)
