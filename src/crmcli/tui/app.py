"""The full-screen application: which screens there are, how one gets there, and that they stay up to date."""

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Timer
from typing import ClassVar

from textual import work
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.command import Provider
from textual.dom import DOMNode
from textual.screen import Screen

from crmcli.config.screen import Tui
from crmcli.errors import CrmError
from crmcli.output.safe import safe
from crmcli.tui.actions import TARGETS, bindings
from crmcli.tui.desk import Desk, Record, Watch, Written
from crmcli.tui.dialogs import PageDialog
from crmcli.tui.keymap import read_keymap
from crmcli.tui.places import PLACES, get_ready, make_record_screen, make_screen
from crmcli.tui.screen import DeskScreen
from crmcli.tui.state import State, read_state, write_state
from crmcli.tui.themes import NAMES, THEMES
from crmcli.tui.threads import is_there

_TERMINAL = 0  # standard input, by its descriptor
_LEAVING = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)  # a terminal that went away, or somebody who ends it
_WRITES = "write"  # the group of the workers that write
_SETTLED_S = 0.7  # after which the first screen is there
_LONGEST_S = 60.0  # for what is still to be written, and for a terminal that is gone and takes nothing any more
_PROMPT_S = 1.0  # after which somebody who waits for a write is told so
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
        self._state_file = desk.paths.state / "tui.json"
        self._state = read_state(self._state_file)
        first = place or self._state.place
        self.DEFAULT_MODE = first if first in PLACES else PLACES[0]  # type: ignore[misc] # no empty screen before it
        super().__init__()
        self.desk = desk
        self.keys = read_keymap(desk.paths.config / "keys.toml")
        self._made: dict[str, DeskScreen] = {}
        self._watch: Watch | None = None
        self._writer = ThreadPoolExecutor(1, "write")  # one after another, as they were asked for
        self._starter = os.getppid()
        for place in PLACES:
            self.add_mode(place, partial(self._make, place))
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = NAMES[(desk.settings.tui or Tui()).theme]

    def on_mount(self) -> None:
        """Begin to watch the store."""
        self.set_keymap(self.keys)
        self.app_resume_signal.subscribe(self, self._draw_anew)
        for number in _LEAVING:
            asyncio.get_running_loop().add_signal_handler(number, self._end)
        self._watch = Watch(self.desk.paths.store)
        self.set_interval(_WATCHED_S, self._look)
        self.set_timer(_SETTLED_S, self._get_ready)

    async def on_unmount(self) -> None:
        """Write what was asked for, let go of the store, and keep what the screens look like for the next time."""
        await asyncio.get_running_loop().run_in_executor(None, self._writer.shutdown)
        if self._watch:
            self._watch.close()
        with suppress(CrmError):  # where that cannot be kept nothing is lost
            kept = {place: screen.kept() for place, screen in self._made.items()}
            write_state(self._state_file, State(self.current_mode, {**self._state.kept, **kept}))

    def _make(self, place: str) -> DeskScreen:
        """Make the screen of a place with what it kept."""
        self._made[place] = make_screen(place, self.desk, self._state.kept.get(place, {}))
        return self._made[place]

    @work(thread=True)
    def _get_ready(self) -> None:
        """Take the time for what the first screen did not need."""
        get_ready()
        gc.enable()  # this run is long
        gc.freeze()  # what is there by now stays, and need not be gone through when a key is pressed

    def _look(self) -> None:
        """Read the screen again when anybody wrote to the store; end when the terminal is gone without a signal."""
        if self._is_alone():
            self._end()
        elif self._watch and self._watch.has_changed():
            self.reload()

    def _end(self) -> None:
        """Leave, at last without what a terminal that is gone keeps waiting: nobody is there to end the process."""
        last = Timer(_LONGEST_S, os._exit, (0,))
        last.daemon = True
        last.start()
        self.exit()

    def _draw_anew(self, _: object) -> None:
        """Draw everything, since what the terminal showed is gone, and what others wrote in the meantime."""
        self.refresh(layout=True)
        self._look()

    def _is_alone(self) -> bool:
        """Say whether nobody can see the screen any more: the terminal is gone, or the server of the page."""
        if self.is_web:
            return os.getppid() != self._starter
        return not self.is_headless and not os.isatty(_TERMINAL)

    def action_show(self, place: str) -> None:
        """Show a board or another place, as it was left."""
        self.switch_mode(place)
        self.reload()

    async def show_bare(self, place: str) -> Screen[object]:
        """Show the screen of a place, without what was opened from it."""
        await self.switch_mode(place)
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        return self.screen

    def reload(self) -> None:
        """Read the screen again, that under a dialog too, if it is one of records that is there by now and still."""
        screen = next((one for one in reversed(self.screen_stack) if isinstance(one, DeskScreen)), None)
        if screen and is_there(screen):
            screen.action_reload()

    def write(
        self, act: Callable[[], Written], then: Callable[[Written], None], failed: Callable[[CrmError], None]
    ) -> None:
        """Write in a thread, after all that was asked for before, and go on with what came of it.

        A key that takes back must find the step of the key before it, however long that takes to be written, and what
        was asked for is written even when one leaves.
        """
        self.run_worker(self._written(self._writer.submit(act), then, failed), group=_WRITES)

    async def _written(
        self, written: Future[Written], then: Callable[[Written], None], failed: Callable[[CrmError], None]
    ) -> None:
        sign = self.set_timer(_PROMPT_S, partial(self.notify, "still saving: the store is busy"))
        try:
            done = await asyncio.shield(asyncio.wrap_future(written))  # who leaves calls off nothing
        except CrmError as error:
            failed(error)
        else:
            then(done)
        finally:
            sign.stop()

    @property
    def is_writing(self) -> bool:
        """Whether anything that was begun is not written yet."""
        return any(worker.group == _WRITES for worker in self.workers if not worker.is_finished)

    async def action_quit(self) -> None:
        """Leave when everything is written."""
        for worker in [*self.workers]:
            if worker.group == _WRITES:
                await worker.wait()
        self.exit()

    def refuse(self, error: CrmError) -> None:
        """Say why something was not done."""
        self.notify(safe(str(error)), severity="error", markup=False)

    def open_record(self, record: Record) -> None:
        """Show a record whole."""
        self.push_screen(make_record_screen(self.desk, record))

    def leave(self) -> None:
        """Go back to where a screen was opened, which may show what was done there."""
        self.pop_screen()
        self.reload()

    def action_show_help(self) -> None:
        """Show every key with what it does."""
        from crmcli.tui.pages import help_page

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
