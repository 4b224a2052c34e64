"""The full-screen application: which screens there are, how one gets there, and that they stay up to date."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.command import Provider
from textual.dom import DOMNode
from textual.screen import Screen

from crmcli.config.screen import Tui
from crmcli.errors import CrmError
from crmcli.output.safe import safe
from crmcli.queries.board import KINDS
from crmcli.tui.actions import TARGETS, bindings
from crmcli.tui.board.reading import View
from crmcli.tui.board.screen import BoardScreen
from crmcli.tui.calendar.screen import CalendarScreen
from crmcli.tui.desk import Desk, Record, Watch, Written
from crmcli.tui.dialogs import PageDialog
from crmcli.tui.keymap import read_keymap
from crmcli.tui.pages import help_page
from crmcli.tui.record.screen import RecordScreen
from crmcli.tui.reports.screen import ReportsScreen
from crmcli.tui.screen import DeskScreen
from crmcli.tui.search.screen import SearchScreen
from crmcli.tui.state import State, read_state, write_state
from crmcli.tui.themes import NAMES, THEMES
from crmcli.tui.threads import is_there
from crmcli.tui.today.screen import TodayScreen

_OTHERS: dict[str, Callable[[Desk, Mapping[str, str]], DeskScreen]] = {
    "today": TodayScreen,
    "calendar": CalendarScreen,
    "search": SearchScreen,
    "reports": ReportsScreen,
}
PLACES = tuple(dict.fromkeys(("today", *KINDS, *_OTHERS)))  # in the order of their keys
_TERMINAL = 0  # standard input, by its descriptor
_LEAVING = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)  # a terminal that went away, or somebody who ends it
_WATCHED_S = 1.0  # how often is looked whether somebody else wrote


def _looks() -> type[Provider]:
    from crmcli.tui.palette import Looks

    return Looks


class CrmApp(App[None]):
    """crmcli on the whole screen."""

    TITLE = "crmcli"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {*App.COMMANDS, _looks}
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]

    def __init__(self, desk: Desk, place: str = "") -> None:
        super().__init__()
        self.desk = desk
        self.keys = read_keymap(desk.paths.config / "keys.toml")
        self._state_file = desk.paths.state / "tui.json"
        self._state = read_state(self._state_file)
        self._made: dict[str, DeskScreen] = {}
        self._first = place or self._state.place
        self._watch: Watch | None = None
        self._writer = ThreadPoolExecutor(1, "write")  # one after another, as they were asked for
        self._starter = os.getppid()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = NAMES[(desk.settings.tui or Tui()).theme]

    def on_mount(self) -> None:
        """Show the first screen, and begin to watch the store."""
        self.set_keymap(self.keys)
        for entity in KINDS:
            self.add_mode(entity, partial(self._make, entity, partial(BoardScreen, self.desk, entity)))
        for place, screen in _OTHERS.items():
            self.add_mode(place, partial(self._make, place, partial(screen, self.desk)))
        for number in _LEAVING:
            asyncio.get_running_loop().add_signal_handler(number, self.exit)
        self._watch = Watch(self.desk.paths.store)
        self.set_interval(_WATCHED_S, self._look)
        self.action_show(self._first if self._first in PLACES else PLACES[0])

    async def on_unmount(self) -> None:
        """Write what was asked for, let go of the store, and keep what the screens look like for the next time."""
        await asyncio.get_running_loop().run_in_executor(None, self._writer.shutdown)
        if self._watch:
            self._watch.close()
        with suppress(CrmError):  # where that cannot be kept nothing is lost
            kept = {place: screen.kept() for place, screen in self._made.items()}
            write_state(self._state_file, State(self.current_mode, {**self._state.kept, **kept}))

    def _make(self, place: str, screen: Callable[[Mapping[str, str]], DeskScreen]) -> DeskScreen:
        """Make the screen of a place with what it kept."""
        self._made[place] = screen(self._state.kept.get(place, {}))
        return self._made[place]

    def _look(self) -> None:
        """Read the screen again when anybody wrote to the store; end when the terminal is gone without a signal."""
        if self._is_alone():
            self.exit()
        elif self._watch and self._watch.has_changed():
            self.reload()

    def _is_alone(self) -> bool:
        """Say whether nobody can see the screen any more: the terminal is gone, or the server of the page."""
        if self.is_web:
            return os.getppid() != self._starter
        return not self.is_headless and not os.isatty(_TERMINAL)

    def action_show(self, place: str) -> None:
        """Show a board or another place, as it was left."""
        self.switch_mode(place)
        self.reload()

    async def show_report(self, name: str) -> None:
        """Show a report."""
        if isinstance(screen := await self._base("reports"), ReportsScreen):
            screen.show_report(name)

    async def show_view(self, entity: str, view: View) -> None:
        """Show a board through a view that was saved."""
        if isinstance(screen := await self._base(entity), BoardScreen):
            screen.narrow(view)

    async def _base(self, place: str) -> Screen[object]:
        """Show the screen of a place, without what was opened from it."""
        await self.switch_mode(place)
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        return self.screen

    def reload(self) -> None:
        """Read the screen again, if it is one of records that is there by now and still."""
        if isinstance(self.screen, DeskScreen) and is_there(self.screen):
            self.screen.action_reload()

    def write_next(
        self, act: Callable[[], Written], then: Callable[[Written], None], failed: Callable[[CrmError], None]
    ) -> None:
        """Write in a thread, after all that was asked for before, and go on with what came of it.

        A key that takes back must find the step of the key before it, however long that takes to be written.
        """
        self.run_worker(self._written(self._writer.submit(act), then, failed), group="write")

    async def _written(
        self, written: Future[Written], then: Callable[[Written], None], failed: Callable[[CrmError], None]
    ) -> None:
        try:
            done = await asyncio.shield(asyncio.wrap_future(written))  # who leaves calls off nothing
        except CrmError as error:
            self.call_later(failed, error)
        else:
            self.call_later(then, done)

    def refuse(self, error: CrmError) -> None:
        """Say why something was not done."""
        self.notify(safe(str(error)), severity="error", markup=False)

    def open_record(self, record: Record) -> None:
        """Show a record whole."""
        self.push_screen(RecordScreen(self.desk, record))

    def leave(self) -> None:
        """Go back to where a screen was opened, which may show what was done there."""
        self.pop_screen()
        self.reload()

    def action_show_help(self) -> None:
        """Show every key with what it does."""
        self.push_screen(PageDialog(help_page(self.keys)))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every action in the palette, beside those of Textual."""
        yield from super().get_system_commands(screen)
        found = {"app": self, **(screen.targets() if isinstance(screen, DeskScreen) else {})}
        for target, where in found.items():
            for one in TARGETS[target]:
                yield SystemCommand(
                    one.label, f"{self.keys[f'{target}.{one.id}']}   {one.twin}", self._runner(one.name, where)
                )

    def _runner(self, name: str, where: DOMNode) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            await self.run_action(name, where)

        return run
