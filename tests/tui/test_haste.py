"""Keys that come faster than the store answers, and answers that come when the keys have gone on."""

import asyncio
from collections.abc import Callable
from threading import Event
from typing import TypeVar

import pytest
from textual.widgets import Input

import crmcli.tui.board.frame
from crmcli.errors import CrmError
from crmcli.tui.desk import Desk
from crmcli.tui.search.screen import SearchScreen
from crmcli.tui.today.review import ReviewScreen
from tests.cli.workspace import Workspace
from tests.tui.driving import PATIENCE_S, Driver, drive

T = TypeVar("T")


@pytest.fixture
def pipeline(workspace: Workspace) -> Workspace:
    workspace.ok("org", "add", "Acme")
    for name, close in (("First", "2026-04-01"), ("Second", "2026-04-02"), ("Third", "2026-04-03")):
        workspace.ok("deal", "add", name, "--org", "O1", "--amount", "5k")
        workspace.ok("deal", "edit", name, "--expected-close", close)
    return workspace


def stage_of(user: Driver, ref: str) -> str:
    return str(user.shown("deal", ref)["stage_ref"])


async def at_once(user: Driver, *keys: str) -> None:
    """Press keys before the store has answered any of them, and then wait for what they set off."""
    answers = Event()

    def late(ask: Callable[..., T]) -> Callable[..., T]:
        def asked(*given: object) -> T:
            assert answers.wait(PATIENCE_S)
            return ask(*given)

        return asked

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Desk, "read", late(Desk.read))
        patch.setattr(Desk, "write", late(Desk.write))
        await user.app._press_keys(keys)
        answers.set()
        await user.settle()


def test_a_card_goes_as_many_lanes_as_the_key_is_pressed(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        await at_once(user, "L", "L")
        assert (stage_of(user, "D1"), user.card) == ("quote_sent", "First")
        await at_once(user, "H", "L", "H", "H")
        assert (stage_of(user, "D1"), user.card) == ("potential", "First")

    drive(pipeline, story)


def test_undo_takes_back_what_was_asked_for_last(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        await at_once(user, "L", "u")
        assert stage_of(user, "D1") == "potential"
        assert user.shown("deal", "D3")["expected_close"] == "2026-04-03", "what was done before stays"

    drive(pipeline, story)


def test_what_was_asked_for_is_written_before_one_leaves(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.pilot.press("L", "L", "q")
        async with asyncio.timeout(PATIENCE_S):
            while not user.app._exit:
                await asyncio.sleep(0.01)

    drive(pipeline, story)
    assert pipeline.json("deal", "show", "D1")["stage_ref"] == "quote_sent"


def test_what_is_typed_for_a_form_that_opens_does_nothing_to_records(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        await at_once(user, "e", "w", "x", "enter")
        await user.press("escape", "escape")
        assert user.shown("deal", "D1")["outcome"] == "open"
        assert user.card == "First"

    drive(pipeline, story)


def test_a_condition_that_is_typed_keeps_the_keys_when_a_card_arrives(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        await at_once(user, "L", "slash", *"owner")
        assert stage_of(user, "D1") == "negotiation"
        line = user.board.query_one("#filter", Input)
        assert user.app.focused is line
        assert line.value == "owner"

    drive(pipeline, story)


def test_the_cursor_stays_with_its_card_when_others_write(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("j")
        user.crm("deal", "add", "Before all", "--org", "O1", "--expected-close", "2026-03-20")
        user.app._look()
        await user.settle()
        assert user.lanes["Potential"] == ["Before all", "First", "Second", "Third"]
        assert user.card == "Second"
        user.crm("deal", "rm", "D2", "--yes")
        user.app._look()
        await user.settle()
        assert user.card == "Third", "where that is gone it stays on its place"

    drive(pipeline, story)


def test_what_others_write_is_there_when_a_window_closes(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("question_mark")
        user.crm("deal", "add", "Meanwhile", "--org", "O1")
        user.app._look()
        await user.settle()
        await user.press("escape")
        assert "Meanwhile" in user.lanes["Potential"]

    drive(pipeline, story)


def test_no_deal_is_closed_before_it_was_shown(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("r")
        assert isinstance(user.app.screen, ReviewScreen)
        await at_once(user, "w", "w", "w")
        assert user.crm("deal", "list", "--where", "outcome = won", "-o", "ids") == "D1"
        await at_once(user, "n", "x", "enter")
        assert user.crm("deal", "list", "--where", "outcome = lost", "-o", "ids") == ""

    drive(pipeline, story, "today")


def test_what_comes_back_counts_for_the_deal_it_was_asked_for(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("r")
        await at_once(user, "w", "n")
        walk = user.app.screen._walk  # type: ignore[attr-defined] # of the review
        assert [(step.deal, step.what) for step in walk.steps] == [(1, "won")]
        assert walk.deal == 2

    drive(pipeline, story, "today")


def test_keys_that_come_before_the_first_cards_are_no_condition(
    pipeline: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unread(*_: object) -> None:
        raise CrmError("not now")

    monkeypatch.setattr(crmcli.tui.board.frame, "read_board", unread)

    async def story(user: Driver) -> None:
        assert user.told == ["not now"]
        board = user.board
        await user.press("j", "5")
        assert isinstance(user.app.screen, SearchScreen)
        assert board.query_one("#filter", Input).value == ""

    drive(pipeline, story)
