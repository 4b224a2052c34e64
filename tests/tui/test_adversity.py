"""Small terminals, and stores that cannot be written or read for a while: the screen says so, and stays."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

import crmcli.tui.app
from crmcli.store import engine
from tests.cli.workspace import Workspace
from tests.tui.driving import PATIENCE_S, Driver, drive

PLACES = ("today", "deal", "calendar", "search", "reports")


@pytest.fixture
def customers(workspace: Workspace) -> Workspace:
    def make() -> None:
        workspace.ok("org", "add", "Acme")
        workspace.ok("deal", "add", "Spring order", "--org", "O1", "--amount", "40k")
        workspace.ok("task", "add", "Send the offer", "--for", "D1", "--due", "2026-03-18")

    return workspace.once(make)


async def resize(user: Driver, width: int, height: int) -> None:
    """Give the terminal another size, and wait until the screen has it."""
    await user.pilot.resize_terminal(width, height)
    async with asyncio.timeout(PATIENCE_S):
        while user.screen_text().count("\n") != height - 1:
            await user.pilot.pause(0.01)
    await user.settle()


@pytest.mark.parametrize("place", PLACES)
def test_it_bears_any_size_of_the_terminal(customers: Workspace, place: str) -> None:
    async def story(user: Driver) -> None:
        for size in ((80, 24), (20, 5), (1, 1), (3, 40), (300, 2), (2, 2), (140, 45)):
            await resize(user, *size)
        for keys in (["enter"], ["escape"], ["question_mark"]):
            await resize(user, 4, 3)
            await user.press(*keys)
            await resize(user, 80, 24)
        assert user.app.is_running

    drive(customers, story, place)


@pytest.mark.parametrize(("place", "key"), [("deal", "m"), ("deal", "e"), ("deal", "ctrl+p"), ("reports", "p")])
def test_what_is_asked_bears_any_size_of_the_terminal(customers: Workspace, place: str, key: str) -> None:
    async def story(user: Driver) -> None:
        await user.press(key)
        for size in ((10, 3), (5, 2), (1, 1), (2, 40), (80, 24)):
            await resize(user, *size)
        await user.press("escape")
        assert user.app.is_running

    drive(customers, story, place)


@contextmanager
def locked(workspace: Workspace) -> Iterator[None]:
    """Hold the store as another program that writes for long."""
    with closing(sqlite3.connect(workspace.home / "data" / "crm.db", isolation_level=None)) as con:
        con.execute("BEGIN IMMEDIATE")
        yield
        con.execute("ROLLBACK")


def test_a_write_that_must_wait_keeps_nothing_else_waiting(customers: Workspace) -> None:
    async def story(user: Driver) -> None:
        with locked(customers):
            await user.pilot.press("L", "question_mark")
            async with asyncio.timeout(PATIENCE_S):
                while "Everywhere" not in user.screen_text():
                    await user.pilot.pause(0.01)
            assert user.app.is_writing, "it waits for its turn still"
            await user.pilot.press("escape")
            assert user.lanes["Potential"] == ["Spring order"]
        await user.settle()
        assert user.lanes["Negotiating"] == ["Spring order"]

    drive(customers, story)


def test_who_waits_for_a_write_is_told(customers: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(user: Driver) -> None:
        monkeypatch.setattr(crmcli.tui.app, "_PROMPT_S", 0.01)
        with locked(customers):
            await user.pilot.press("L")
            async with asyncio.timeout(PATIENCE_S):
                while "still saving: the store is busy" not in user.told:
                    await user.pilot.pause(0.01)
        await user.settle()
        assert user.lanes["Negotiating"] == ["Spring order"]

    drive(customers, story)


def test_what_is_pressed_first_is_written_first(customers: Workspace) -> None:
    async def story(user: Driver) -> None:
        with locked(customers):
            await user.pilot.press("L", "u")
        await user.settle()
        assert user.lanes["Potential"] == ["Spring order"]
        assert "took back: crm deal move D1 2" in "\n".join(user.told)
        assert user.crm("task", "list", "-o", "ids") == "T1"  # the step before is as it was

    drive(customers, story)


def test_what_was_pressed_before_leaving_is_written(customers: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.pilot.press("L", "w")  # and leave, before either was written

    drive(customers, story)
    assert customers.json("deal", "show", "D1")["outcome"] == "won"
    steps = [step["command"] for step in customers.json("undo", "--list")]
    assert steps[:2] == ["crm deal win D1", "crm deal move D1 2"]


def test_a_store_that_may_only_be_read_is_looked_at(customers: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "WRITER", (*engine.WRITER, "query_only=ON"))

    async def story(user: Driver) -> None:
        await user.press("L")
        assert "readonly" in "".join(user.told)
        assert user.lanes["Potential"] == ["Spring order"]

    drive(customers, story)


def test_a_store_that_was_restored_is_seen_and_followed(customers: Workspace) -> None:
    async def story(user: Driver) -> None:
        user.crm("backup", "create")
        user.crm("deal", "add", "Later", "--org", "O1")
        user.app._look()
        await user.settle()
        assert sorted(user.lanes["Potential"]) == ["Later", "Spring order"]
        user.crm("restore", user.crm("backup", "list").split()[0], "--yes")
        user.app._look()
        await user.settle()
        assert user.lanes["Potential"] == ["Spring order"]
        user.app._look()  # what the last reading may have done to the file
        user.crm("deal", "add", "After", "--org", "O1")
        user.app._look()
        await user.settle()
        assert sorted(user.lanes["Potential"]) == ["After", "Spring order"]

    drive(customers, story)


def test_two_who_work_at_once_see_each_other(customers: Workspace) -> None:
    async def story(user: Driver) -> None:
        user.crm("deal", "move", "D1", "negotiation")
        await user.press("L")  # before it was read again
        assert user.shown("deal", "D1")["stage_ref"] in ("negotiation", "quote_sent")
        user.app._look()
        await user.settle()
        assert [lane for lane, cards in user.lanes.items() if cards] == ["Negotiating"]
        user.crm("deal", "rm", "D1", "--yes")
        await user.press("enter")
        assert user.app.is_running

    drive(customers, story)
