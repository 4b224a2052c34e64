"""Drives the application by keys on a real store, and waits until its threads have come back."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from crmcli.config import paths
from crmcli.config.settings import load
from crmcli.tui.app import CrmApp
from crmcli.tui.board.screen import BoardScreen
from crmcli.tui.desk import Desk
from tests.cli.workspace import ENVIRONMENT, Workspace
from tests.command import PROGRAM, environment

Story = Callable[["Driver"], Awaitable[None]]


class Driver:
    """A person at the keyboard, who has a shell in another window."""

    def __init__(self, app: CrmApp, pilot: Pilot[None], home: Path) -> None:
        self.app = app
        self.pilot = pilot
        self._home = home

    def crm(self, *words: str) -> str:
        """Run a command in the other window, which must succeed, and return its output."""
        argv = [sys.executable, "-c", PROGRAM, *words]
        env = environment(self._home, **{**ENVIRONMENT, "CRMCLI_HOME": str(self._home)})
        return subprocess.run(argv, env=env, capture_output=True, text=True, check=True).stdout.strip()

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
        for _ in range(3):
            with suppress(WorkerCancelled):  # one reading takes the place of another
                await self.app.workers.wait_for_complete()
            await self.pilot.pause()

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


def drive(workspace: Workspace, story: Story, place: str = "deal", size: tuple[int, int] = (120, 40)) -> None:
    """Start the application on the store of a workspace and let a story happen."""

    async def run() -> None:
        found = paths.locate(os.environ, None)
        app = CrmApp(Desk(found, load(found, os.environ)), place)
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot, workspace.home)
            await driver.settle()
            await story(driver)

    asyncio.run(run())
