"""Reports on the whole screen: a tab for each, a period for all; a figure leads to the records behind it."""

from collections.abc import Mapping
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.widgets import Footer, Tab, Tabs
from textual.worker import Worker

from crmcli.errors import CrmError
from crmcli.tui.actions import bindings
from crmcli.tui.desk import Desk, Record
from crmcli.tui.dialogs import Choice, ChooseDialog
from crmcli.tui.reports.reading import PERIODS, read_report, summaries, told, usual_period
from crmcli.tui.rows import Row, RowList
from crmcli.tui.screen import DeskScreen

_MARGIN = 4  # cells beside a list


class FiguresScreen(DeskScreen):
    """A report, or the records behind one of its figures."""

    def __init__(self, desk: Desk, name: str, period: str = "", explain: str | None = None) -> None:
        super().__init__(desk)
        self.name_of_report = name
        self._period = period
        self._explain = explain

    def chosen(self) -> list[Record]:
        """Return the record of the row the cursor is on."""
        record = self.query_one(RowList).record
        return [record] if record else []

    def on_option_list_option_selected(self) -> None:
        """Show the record of the row, or the records behind its figure."""
        self.action_open_record()

    def action_open_record(self) -> None:
        """Show the record of the row, or the records behind its figure."""
        row = self.query_one(RowList).row
        key = row.entry.get("key") if row and row.entry and self._explain is None else None
        if key:
            self.app.push_screen(DrillScreen(self.desk, self.name_of_report, self._period, str(key)))
        else:
            super().action_open_record()

    def read(self) -> Worker[None]:
        """Run the report."""
        return self._read(self.name_of_report, self._period)

    @work(thread=True, exclusive=True, group="read")
    def _read(self, name: str, period: str) -> None:
        try:
            rows = read_report(self.desk, name, period, self._explain, self.size.width - _MARGIN)
        except CrmError as error:
            rows = [told(error)]  # in the place of the report, so that none seems to be another one
        self.later(self._show, rows)

    def _show(self, rows: list[Row]) -> None:
        self.query_one(RowList).show(rows, self.followed())


class ReportsScreen(FiguresScreen):
    """Every report in a tab of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("reports")]

    def __init__(self, desk: Desk, kept: Mapping[str, str]) -> None:
        name = kept.get("report", "kpi")
        self._reports = summaries(desk)
        super().__init__(desk, name if name in self._reports else "kpi", kept.get("period", ""))

    def compose(self) -> ComposeResult:
        """Draw a tab for each report and the list."""
        yield Tabs(*(Tab(name, id=name) for name in self._reports), active=self.name_of_report)
        yield RowList()
        yield Footer()

    def on_mount(self) -> None:
        """Begin in the list."""
        self.query_one(RowList).focus()

    def targets(self) -> dict[str, DOMNode]:
        """Add those of this screen."""
        return {**super().targets(), "reports": self}

    def kept(self) -> dict[str, str]:
        """Return the report and the period."""
        return {"report": self.name_of_report, "period": self._period}

    def on_tabs_tab_activated(self, event: Tabs.TabActivated) -> None:
        """Run the report of the tab."""
        if event.tab.id:
            self.name_of_report = event.tab.id
            self.action_reload()

    def action_next_tab(self, step: int) -> None:
        """Go to the next report, or the one before."""
        names = list(self._reports)
        self.query_one(Tabs).active = names[(names.index(self.name_of_report) + step) % len(names)]

    def show_report(self, name: str) -> None:
        """Show a report, if it is one of those with a tab."""
        if name in self._reports:
            self.query_one(Tabs).active = name

    def action_choose(self) -> None:
        """Ask which report."""

        def change(name: str | None) -> None:
            if name is not None:
                self.show_report(name)

        choices = [Choice(name, f"{name}  {summary}") for name, summary in self._reports.items()]
        self.app.push_screen(ChooseDialog("Report", choices), change)

    def action_period(self) -> None:
        """Ask for the period."""

        def change(period: str | None) -> None:
            if period is not None:
                self._period = period
                self.action_reload()

        usual = Choice("", f"usual ({usual_period(self.desk, self.name_of_report)})")
        self.app.push_screen(ChooseDialog("Period", [usual, *(Choice(one, one) for one in PERIODS)]), change)


class DrillScreen(FiguresScreen):
    """The records behind a figure, with its formula."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("drill")]

    def compose(self) -> ComposeResult:
        """Draw the list."""
        yield RowList()
        yield Footer()

    def on_mount(self) -> None:
        """Read the records."""
        self.action_reload()

    def targets(self) -> dict[str, DOMNode]:
        """Add those of this screen."""
        return {**super().targets(), "drill": self}

    def action_leave(self) -> None:
        """Go back to the report."""
        self.app.leave()
