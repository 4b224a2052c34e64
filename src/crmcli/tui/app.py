"""The full-screen application: which screens there are, how one gets there, and that they stay up to date."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.screen import Screen

from crmcli.errors import CrmError
from crmcli.output.safe import safe
from crmcli.queries.board import KINDS
from crmcli.tui.actions import TARGETS, bindings
from crmcli.tui.board.screen import BoardScreen
from crmcli.tui.desk import Desk, Watch
from crmcli.tui.dialogs import PageDialog
from crmcli.tui.pages import agenda_page, help_page, record_page

_LEAVING = (signal.SIGHUP, signal.SIGTERM)  # a terminal that went away, or the end of the machine
_WATCHED_S = 1.0  # how often is looked whether somebody else wrote


class CrmApp(App[None]):
    """crmcli on the whole screen."""

    TITLE = "crmcli"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]

    def __init__(self, desk: Desk, entity: str = "deal") -> None:
        super().__init__()
        self.desk = desk
        self._first = entity
        self._watch: Watch | None = None

    def on_mount(self) -> None:
        """Show the first board, and begin to watch the store."""
        for entity in KINDS:
            self.add_mode(entity, partial(BoardScreen, self.desk, entity))
        for number in _LEAVING:
            asyncio.get_running_loop().add_signal_handler(number, self.exit)
        self._watch = Watch(self.desk.paths.store)
        self.set_interval(_WATCHED_S, self._look)
        self.action_show_board(self._first)

    def on_unmount(self) -> None:
        """Let go of the store."""
        if self._watch:
            self._watch.close()

    def _look(self) -> None:
        """Read the board again when anybody wrote to the store."""
        if self._watch and self._watch.has_changed() and isinstance(self.screen, BoardScreen):
            self.screen.action_reload()

    def action_show_board(self, entity: str) -> None:
        """Show the board of a kind of record, as it was left."""
        self.switch_mode(entity)
        if isinstance(self.screen, BoardScreen) and self.screen.is_mounted:
            self.screen.action_reload()

    @work(thread=True)
    def open_record(self, entity: str, record_id: int) -> None:
        """Show a record whole."""
        self._show(lambda: record_page(self.desk, entity, record_id, self._page_width))

    @work(thread=True)
    def action_show_agenda(self) -> None:
        """Show the next seven days."""
        self._show(lambda: agenda_page(self.desk, self._page_width))

    @property
    def _page_width(self) -> int:
        """How many cells a line of a page may have."""
        return self.size.width * 9 // 10 - 4

    def action_show_help(self) -> None:
        """Show every key with what it does."""
        self.push_screen(PageDialog(help_page()))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every action in the palette, beside those of Textual."""
        yield from super().get_system_commands(screen)
        board = screen if isinstance(screen, BoardScreen) else None
        places = {"app": self, "board": board, "lane": board and board.view}
        for target, actions in TARGETS.items():
            where = places[target]
            if where is not None:
                for one in actions:
                    yield SystemCommand(one.label, f"{one.keys}   {one.twin}", self._runner(one.name, where))

    def _runner(self, name: str, where: DOMNode) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            await self.run_action(name, where)

        return run

    def _show(self, page: Callable[[], Text]) -> None:
        try:
            text = page()
        except CrmError as error:
            self.call_from_thread(self.notify, safe(str(error)), severity="error", markup=False)
        else:
            self.call_from_thread(self.push_screen, PageDialog(text))
