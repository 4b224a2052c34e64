"""What strangers wrote into every field stays text: nothing of it acts on the terminal or bends the screen."""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

from crmcli import clock
from crmcli.tui.desk import Record
from crmcli.tui.record.screen import RecordScreen
from tests.cli.workspace import ENVIRONMENT, Workspace
from tests.e2e.filling import Filled, fill
from tests.e2e.naughty import OWN
from tests.tui.driving import Driver, drive
from tests.unit.output.hostile import FORBIDDEN, HOSTILE

SIZE = (100, 30)
OPENED = ("organization", "contact", "lead", "deal", "task", "event", "interaction", "ticket")
Walk = Callable[[Driver, Filled], Awaitable[None]]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """A store that holds our own list everywhere; never written to."""
    clock.fix(ENVIRONMENT["CRMCLI_NOW"])
    found = fill(tmp_path_factory.mktemp("strangers"), OWN)
    clock.fix(None)
    return found


@pytest.fixture
def strange(
    filled: Filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Workspace:
    home = tmp_path / "home"
    shutil.copytree(filled.home, home)
    for name, value in {**ENVIRONMENT, "CRMCLI_HOME": str(home), "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    return Workspace(home, tmp_path / "kept", monkeypatch, capsys)


def check_whole(user: Driver) -> None:
    """Check that every line is as wide as the screen, and that no character does anything to a terminal."""
    lines = user.screen_text().split("\n")
    assert len(lines) == SIZE[1]
    for line in lines:
        assert not FORBIDDEN.search(line), ascii(line)
        assert cell_len(line) == SIZE[0], ascii(line)


async def go_through(user: Driver, *keys: str) -> None:
    for key in keys:
        await user.press(key)
        check_whole(user)


async def on_a_board(user: Driver, _: Filled) -> None:
    """Go through the cards, in groups too, and ask for lanes and views."""
    await go_through(
        user, *["pagedown"] * 6, "z", *["pageup"] * 6, "l", "h", "m", "end", "escape", "v", "end", "escape"
    )
    await go_through(user, "e", "escape", "enter", "escape", "slash", *"<[/\\", "escape")


async def in_the_search(user: Driver, _: Filled) -> None:
    """Find the strings by words of theirs, and words that are none."""
    for words in ("red", "x", "alert", "[red]", "\\", '"', "*", "e-mail", "東京"):
        await user.type(words)
        check_whole(user)
        await go_through(user, "tab", *["pagedown"] * 3, "slash", *["backspace"] * len(words))


async def in_the_calendar(user: Driver, _: Filled) -> None:
    """Look at the days in all views, and at an entry."""
    await go_through(user, "v", "v", "pagedown", "G", "e", "escape", "v", *["pagedown"] * 6, "enter", "escape")


async def on_the_day(user: Driver, _: Filled) -> None:
    """Look at everything that waits, and begin the review."""
    await go_through(user, *["pagedown"] * 4, "G", "s", "escape", "r", "n", "n", "m", "escape", "x", "escape", "escape")


async def in_reports(user: Driver, _: Filled) -> None:
    """Look at every report."""
    await go_through(user, *["right_square_bracket"] * 30, "p", "escape")


async def in_records(user: Driver, filled: Filled) -> None:
    """Open records of every kind, with their history and the form."""
    for place, text in enumerate(HOSTILE):
        entity = OPENED[place % len(OPENED)]
        kept = next((one for one in filled.kept if (one.entity, one.text) == (entity, text)), None)
        if kept:
            user.app.open_record(Record(entity, kept.id))
            await user.settle()
            check_whole(user)
            await go_through(user, "h", "e", "escape", "escape")
            assert not isinstance(user.app.screen, RecordScreen)


@pytest.mark.parametrize(
    ("place", "walk"),
    [
        ("deal", on_a_board),
        ("ticket", on_a_board),
        ("lead", on_a_board),
        ("search", in_the_search),
        ("calendar", in_the_calendar),
        ("today", on_the_day),
        ("reports", in_reports),
        ("deal", in_records),
    ],
    ids=["deals", "tickets", "leads", "search", "calendar", "today", "reports", "records"],
)
def test_what_strangers_wrote_leaves_the_screen_whole(
    strange: Workspace, filled: Filled, place: str, walk: Walk
) -> None:
    if place == "lead":
        strange.ok("lead", "edit", "--where", "status = junk", "--set", "status=new", "--yes")

    async def story(user: Driver) -> None:
        check_whole(user)
        await walk(user, filled)
        assert user.app.is_running

    drive(strange, story, place, SIZE)
