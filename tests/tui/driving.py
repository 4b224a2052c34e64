"""Drives the application by keys on a real store, and waits until its threads have come back."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import textual.app
import textual.pilot
from textual.app import App
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

import crmcli.tui.app
from crmcli.cli.report_options import own_options
from crmcli.config import paths
from crmcli.config.settings import load
from crmcli.tui.app import CrmApp
from crmcli.tui.board.screen import BoardScreen
from crmcli.tui.desk import Desk
from tests.cli.workspace import ENVIRONMENT, Workspace
from tests.command import environment
from tests.forker import forker

PATIENCE_S = 60
_NEVER_S = 1_000_000
_CALM = 3  # looks in a row that find nothing to do
_TURNS = 5  # of the loop, in which a key goes from the terminal to who handles it
Story = Callable[["Driver"], Awaitable[None]]


class Driver:
    """A person at the keyboard, who has a shell in another window."""

    def __init__(self, app: CrmApp, pilot: Pilot[None], home: Path) -> None:
        self.app = app
        self.pilot = pilot
        self._home = home

    def crm(self, *words: str) -> str:
        """Run a command in the other window, which must succeed, and return its output."""
        done = forker().run(words, environment(self._home, **{**ENVIRONMENT, "CRMCLI_HOME": str(self._home)}))
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def shown(self, noun: str, ref: str) -> Any:
        """Return a record as the other window shows it."""
        return json.loads(self.crm(noun, "show", ref, "-o", "json"))

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until what they set off is done."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.pilot.press(*("space" if letter == " " else letter for letter in text))
        await self.settle()

    async def settle(self) -> None:
        """Wait for the threads, and for what they send."""
        await settle(self.pilot)

    @property
    def board(self) -> BoardScreen:
        """The board, which must be what is shown."""
        assert isinstance(self.app.screen, BoardScreen)
        return self.app.screen

    @property
    def lanes(self) -> dict[str, list[str]]:
        """The titles of the cards by lane."""
        views = [column.view for column in self.board.columns]
        return {view.lane.label: [view.cards[place].title for place in sorted(view.cards)] for view in views}

    @property
    def card(self) -> str:
        """The title of the card that the cursor is on."""
        view = self.board.view
        return view.card.title if view and view.card else ""

    @property
    def told(self) -> list[str]:
        """What was told in the corner."""
        return [note.message for note in self.app._notifications]

    def screen_text(self) -> str:
        """Everything on the screen, as lines."""
        return "\n".join(
            "".join(segment.text for segment in strip) for strip in self.app.screen._compositor.render_strips()
        )


async def settle(pilot: Pilot[None]) -> None:
    """Wait until no thread works and nobody has a message left to handle, however busy the machine is."""
    calm = 0
    async with asyncio.timeout(PATIENCE_S):
        while calm < _CALM:
            with suppress(WorkerCancelled):  # one reading takes the place of another
                await pilot.app.workers.wait_for_complete()
            await pilot.pause()
            await asyncio.sleep(0)
            calm = calm + 1 if _is_calm(pilot.app) else 0


def _is_calm(app: App[None]) -> bool:
    """Say whether nobody works, has a message, or waits to be drawn."""
    screen = app.screen
    nodes = [app, *screen.walk_children(with_self=True)]
    is_drawn = screen.is_mounted and not (screen._layout_required or screen._dirty_widgets)
    is_idle = all(worker.is_finished for worker in app.workers)
    return is_drawn and is_idle and not any(node.message_queue_size for node in nodes)


async def _turn(*_given: object) -> None:
    """Let everything that waits for its turn have it."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)


@contextmanager
def unhurried() -> Iterator[None]:
    """Let nothing of what is driven depend on how fast the machine is.

    The pilot waits for what there is to do instead of for a processor that is idle, which a busy one never is; what was
    told stays; and the store is looked at when a story says so.
    """
    with pytest.MonkeyPatch.context() as patch:
        for module in (textual.app, textual.pilot):
            patch.setattr(module, "wait_for_idle", _turn)
        patch.setattr(App, "NOTIFICATION_TIMEOUT", _NEVER_S)
        for name in ("_WATCHED_S", "_SETTLED_S", "_PROMPT_S"):
            patch.setattr(crmcli.tui.app, name, _NEVER_S)
        yield


def drive(workspace: Workspace, story: Story, place: str = "deal", size: tuple[int, int] = (120, 40)) -> None:
    """Start the application on the store of a workspace and let a story happen."""

    async def run() -> None:
        found = paths.locate(os.environ, None)
        app = CrmApp(Desk(found, load(found, os.environ), own_options), place)
        app.animation_level = "none"
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot, workspace.home)
            await driver.settle()
            await story(driver)
            app.exit()

    with unhurried():
        asyncio.run(run())
