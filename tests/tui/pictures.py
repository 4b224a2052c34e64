"""Draws the pictures that the docs show of the whole screen, from the sample workspace at a fixed moment.

    python -m tests.tui.pictures

writes them to ``docs/how-to/pictures``; they are looked at before they are kept. ``STORIES`` are the screens that the
snapshots of the tests show, too.
"""

import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest
from textual.pilot import Pilot

from crmcli import clock
from crmcli.cli.main import run
from crmcli.config import paths
from crmcli.config.settings import load
from crmcli.tui.app import CrmApp
from crmcli.tui.desk import Desk
from tests.cli.workspace import ENVIRONMENT
from tests.tui.driving import settle, unhurried

FOLDER = Path(__file__).parents[2] / "docs" / "how-to" / "pictures"
SIZE = (110, 32)
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)  # they would be fetched from elsewhere


class Story(NamedTuple):
    """What is on a picture: a place, and the keys that are pressed there."""

    place: str
    keys: tuple[str, ...] = ()

    async def tell(self, pilot: Pilot[None]) -> None:
        """Go there."""
        await settle(pilot)
        for key in self.keys:
            await pilot.press(key)
            await settle(pilot)


STORIES = {
    "board": Story("deal"),
    "calendar": Story("calendar"),
    "today": Story("today"),
    "record": Story("deal", ("enter",)),
}


def application(place: str) -> CrmApp:
    """Return the application on the store that the environment names."""
    found = paths.locate(os.environ, None)
    app = CrmApp(Desk(found, load(found, os.environ)), place)
    app.animation_level = "none"
    return app


def draw(story: Story, size: tuple[int, int]) -> str:
    """Return a picture as SVG that needs nothing from elsewhere."""

    async def take() -> str:
        app = application(story.place)
        async with app.run_test(size=size) as pilot:
            await story.tell(pilot)
            picture = app.export_screenshot(simplify=True)
            app.exit()
            return picture

    with unhurried():
        return _FONTS.sub("", asyncio.run(take()))


def main() -> None:
    """Build the sample workspace and draw each story."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for name, value in {**ENVIRONMENT, "CRMCLI_HOME": folder, "HOME": folder}.items():
            patch.setenv(name, value)
        clock.fix(ENVIRONMENT["CRMCLI_NOW"])
        if code := run(["demo", folder, "--quiet"]):
            sys.exit(code)
        for name, story in STORIES.items():
            (FOLDER / f"{name}.svg").write_text(draw(story, SIZE), encoding="utf-8")


if __name__ == "__main__":
    main()
