"""Today: what is late, what the day holds, what comes, and what would else be forgotten, in one list of headings."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.events import Resize
from textual.widgets import Footer, Static

from crmcli.errors import CrmError
from crmcli.tui.actions import bindings
from crmcli.tui.desk import Desk, Record
from crmcli.tui.rows import RowList
from crmcli.tui.today.reading import Section, read_today, section_rows, watch_of
from crmcli.tui.today.review import ReviewScreen
from crmcli.tui.today.stale import stale_deals
from crmcli.tui.today.walk import Walk, walk_of
from crmcli.tui.working import WorkScreen

_MARGIN = 4  # cells beside a list


class TodayScreen(WorkScreen):
    """What is to be done, and the way into the review of stale deals."""

    DEFAULT_CSS = "TodayScreen #title { height: 1; padding: 0 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("today")]

    def __init__(self, desk: Desk, kept: Mapping[str, str]) -> None:
        super().__init__(desk)
        self._walk = walk_of(kept.get("review", ""))
        self._sections: list[Section] = []

    def compose(self) -> ComposeResult:
        """Draw the frame; the rows come with the first reading."""
        yield Static(id="title")
        yield RowList()
        yield Footer()

    def on_mount(self) -> None:
        """Read the day."""
        self.action_reload()

    def targets(self) -> dict[str, DOMNode]:
        """Add those of this screen."""
        return {**super().targets(), "today": self}

    def kept(self) -> dict[str, str]:
        """Return the review that was left before its end."""
        return {"review": self._walk.text() if self._walk else ""}

    # reading

    @work(thread=True, exclusive=True, group="read")
    def read(self) -> None:
        """Read the day."""
        try:
            found = read_today(self.desk)
        except CrmError as error:
            self.refuse_from_thread(error)
        else:
            self.later(self._show, found)

    def _show(self, sections: list[Section]) -> None:
        self._sections = sections
        title = Text(f"{date.fromisoformat(watch_of(self.desk).today):%A %d %B %Y}", style="bold")
        if self._walk and self._walk.deal is not None:
            title.append(f"  a review goes on at {self._walk.place + 1} of {len(self._walk.ids)}", style="dim")
        self.query_one("#title", Static).update(title)
        self._draw(self.followed())

    def _draw(self, follow: Record | None = None) -> None:
        rows = self.query_one(RowList)
        rows.show(section_rows(self._sections, self.desk, self.size.width - _MARGIN), follow)

    def on_resize(self, _: Resize) -> None:
        """Fit the columns to the width."""
        if self._sections:
            self._draw()

    # the review

    @work(thread=True, exclusive=True, group="review")
    def action_review(self) -> None:
        """Walk through the stale deals, from where it was left."""
        try:
            reasons = self.desk.read(lambda con: stale_deals(con, watch_of(self.desk)))
        except CrmError as error:
            self.refuse_from_thread(error)
        else:
            self.later(self._walk_through, reasons)

    def _walk_through(self, reasons: Mapping[int, str]) -> None:
        if self._walk:
            self._walk.go_on(reasons)
        if self._walk is None or self._walk.deal is None:
            self._walk = Walk(reasons)
        if self._walk.deal is None:
            self.notify("no deal stands still, and each has its next step")
        else:
            self.app.push_screen(ReviewScreen(self.desk, self._walk, reasons))
