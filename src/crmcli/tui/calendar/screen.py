"""The calendar: a sheet of days over the list of what lies on them; entries are planned, moved, done and called off."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from functools import partial
from typing import Any, ClassVar, cast

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.widgets import Footer, Static
from textual.worker import Worker

from crmcli.errors import CrmError
from crmcli.output.safe import safe
from crmcli.tui.actions import bindings
from crmcli.tui.calendar import work as acts
from crmcli.tui.calendar.carrying import CarryingScreen
from crmcli.tui.calendar.reading import VIEWS, Days, entry_rows, read_days, today
from crmcli.tui.calendar.sheet import Sheet
from crmcli.tui.calendar.work import Scope
from crmcli.tui.desk import Desk, Record, Written
from crmcli.tui.dialogs import Asked, Choice, ChooseDialog, FormDialog
from crmcli.tui.records import draft_of
from crmcli.tui.rows import Row, RowList

_MARGIN = 4  # cells beside a list
_SCOPES = (
    Choice("this", "This one only"),
    Choice("following", "This one and all later ones"),
    Choice("all", "All of them"),
)
_KINDS = (Choice("event", "Event"), Choice("task", "Task"))
_FORMS = {  # what is asked of something new
    "event": {"title": "Title", "start_at": "From", "end_at": "Until", "location": "Place", "with": "With"},
    "task": {"subject": "What", "due_at": "Due", "priority": "Priority", "with": "For"},
}
Act = Callable[[Mapping[str, Any], Record, Scope | None], Written]


class CalendarScreen(CarryingScreen):
    """Days by month, week or one by one, or the agenda of the days to come."""

    DEFAULT_CSS = "CalendarScreen #title { height: 1; padding: 0 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("calendar")]

    def __init__(self, desk: Desk, kept: Mapping[str, str]) -> None:
        super().__init__(desk)
        self._view = kept.get("view", VIEWS[0])

    def compose(self) -> ComposeResult:
        """Draw the frame; the days come with the first reading."""
        yield Sheet(today(self.desk))
        yield Static(id="title")
        yield RowList()
        yield Footer()

    def on_mount(self) -> None:
        """Read the days."""
        self.action_reload()

    def targets(self) -> dict[str, DOMNode]:
        """Add those of this screen."""
        return {**super().targets(), "calendar": self, "sheet": self.query_one(Sheet)}

    def kept(self) -> dict[str, str]:
        """Return the view."""
        return {"view": self._view}

    def on_sheet_moved(self) -> None:
        """Read the days around the cursor."""
        self.action_reload()

    def action_view(self) -> None:
        """Go on to the next view: month, week, day, agenda."""
        self._view = VIEWS[(VIEWS.index(self._view) + 1) % len(VIEWS)]
        self.action_reload()

    def action_today(self) -> None:
        """Put the cursor on today."""
        self.query_one(Sheet).day = today(self.desk)

    # reading

    def read(self) -> Worker[None]:
        """Read the days."""
        return self._read(self._view, self.query_one(Sheet).day)

    @work(thread=True, exclusive=True, group="read")
    def _read(self, view: str, day: str) -> None:
        try:
            found = read_days(self.desk, view, day)
        except CrmError as error:
            self.refuse_from_thread(error)
        else:
            self.later(self._show, found)

    def _show(self, days: Days) -> None:
        sheet, rows = self.query_one(Sheet), self.query_one(RowList)
        sheet.display = days.month is not None
        if days.month:
            sheet.show(days.month)
        self.title_text = Text(days.title, style="bold")
        self.query_one("#title", Static).update(self.title_text)
        rows.show(entry_rows(days.entries, self.desk, self.size.width - _MARGIN), self.followed())
        if not sheet.display:
            rows.focus()

    # writing

    def action_add(self, texts: Mapping[str, str] | None = None, kind: str | None = None, error: str = "") -> None:
        """Plan an event or a task; dates may be in words."""
        if kind is None:
            choose = ChooseDialog("What is planned?", _KINDS)
            self.app.push_screen(choose, lambda kind: self.action_add(texts, kind) if kind else None)
            return
        given = texts or {"start_at": self.query_one(Sheet).day, "due_at": self.query_one(Sheet).day}
        lines = [Asked(key, label, given.get(key, "")) for key, label in _FORMS[kind].items()]

        def create(filled: Mapping[str, str] | None) -> None:
            if filled is not None:
                self.submit(
                    lambda: acts.plan(self.desk, kind, filled),
                    lambda error: self.action_add(filled, kind, safe(str(error))),
                    kind,
                )

        self.app.push_screen(FormDialog(f"New {kind}", lines, error), create)

    async def action_edit(self) -> None:
        """Open the short form of the entry; of an event that recurs ask first which of them are meant."""

        async def edit(row: Mapping[str, Any], record: Record, scope: Scope | None) -> None:
            draft = partial(acts.draft_of_some, self.desk, row, record, scope) if scope else None
            await self.find_out(draft or partial(draft_of, self.desk, record), self.ask_edit)

        await self._with_scope("Edit", edit, self.query_one(RowList).row)

    async def action_shift(self, days: int) -> None:
        """Take the entry to another day."""
        await self._shift(self.query_one(RowList).row, days)

    async def take_to(self, row: Row, day: str) -> None:
        """Take an entry to another day."""
        if row.entry:
            await self._shift(row, (date.fromisoformat(day) - date.fromisoformat(str(row.entry["day"]))).days)

    async def _shift(self, row: Row | None, days: int) -> None:
        def move(entry: Mapping[str, Any], record: Record, scope: Scope | None) -> Written:
            return acts.move(self.desk, entry, record, days, scope)

        await self._write_to("Move", move, row)

    async def action_call_off(self) -> None:
        """Call the event off, or cancel the task."""

        def call_off(entry: Mapping[str, Any], record: Record, scope: Scope | None) -> Written:
            return acts.call_off(self.desk, entry, record, scope)

        await self._write_to("Call off", call_off, self.query_one(RowList).row)

    async def _write_to(self, what: str, act: Act, row: Row | None) -> None:
        async def write(row: Mapping[str, Any], record: Record, scope: Scope | None) -> None:
            self.write(lambda: act(row, record, scope), entity=record.entity)

        await self._with_scope(what, write, row)

    async def _with_scope(
        self, what: str, act: Callable[[Mapping[str, Any], Record, Scope | None], Awaitable[None]], row: Row | None
    ) -> None:
        """Do something to an entry of ours; of an event that recurs ask first to which of them."""
        if row is None or row.record is None or row.entry is None:
            return
        record, entry = row.record, row.entry

        async def go_on(scope: str | None) -> None:
            if scope is not None:
                await act(entry, record, cast("Scope | None", scope or None))

        async def ask(is_series: bool) -> None:
            if is_series:
                self.app.push_screen(ChooseDialog(f"{what}:", _SCOPES), go_on)
            else:
                await go_on("")

        await self.find_out(lambda: acts.recurs(self.desk, record), ask)
