"""The board by keys on a real store: every action, what it tells, and that the store holds it afterwards."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from sqlite3 import Connection, connect
from threading import Event

import pytest
from textual.widgets import Input

from crmcli.conditions.expression import Clause
from crmcli.rules.files import load_files
from crmcli.tui.board.screen import BoardScreen
from crmcli.tui.desk import Desk
from tests.cli.workspace import Workspace
from tests.tui.driving import PATIENCE_S, Driver, drive


@pytest.fixture
def pipeline(workspace: Workspace) -> Workspace:
    def make() -> None:
        workspace.ok("org", "add", "Acme")
        workspace.ok("deal", "add", "Big", "--org", "O1", "--amount", "40k")
        workspace.ok("deal", "add", "Small", "--org", "O1", "--amount", "2k", "--stage", "negotiation")
        workspace.ok("deal", "edit", "D2", "--expected-close", "2026-03-30")
        workspace.ok("deal", "add", "Other", "--org", "O1", "--amount", "5k")
        workspace.ok("deal", "edit", "D1", "--expected-close", "2026-04-30")

    return workspace.once(make)


def under_rules(workspace: Workspace, rule: str) -> None:
    """Put a rule in force, its id apart."""
    file = workspace.home / "config" / "rules" / "own.toml"
    file.write_text(f'schema = 1\n[[rule]]\nid = "own"\n{rule}', encoding="utf-8")
    load_files.cache_clear()  # the commands before read the folder, too


def stage_of(user: Driver, ref: str) -> str:
    return str(user.shown("deal", ref)["stage_ref"])


def test_lanes_have_their_cards_counts_and_sums(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        assert user.lanes == {"Potential": ["Big", "Other"], "Negotiating": ["Small"], "Quote sent": []}
        text = user.screen_text()
        assert "€45,000.00" in text
        assert "~€4,500.00" in text
        assert "3 deals" in text

    drive(pipeline, story)


def test_a_card_moves_and_comes_back(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        assert user.card == "Big"
        await user.press("L")
        assert user.lanes["Negotiating"] == ["Small", "Big"]
        assert user.card == "Big", "the cursor goes with the card"
        assert stage_of(user, "D1") == "negotiation"
        await user.press("shift+right")
        assert stage_of(user, "D1") == "quote_sent"
        await user.press("H")
        assert stage_of(user, "D1") == "negotiation"
        await user.press("u", "u", "u")
        assert stage_of(user, "D1") == "potential"
        await user.press("ctrl+r")
        assert stage_of(user, "D1") == "negotiation"
        assert "did again: crm deal move D1 2" in user.told

    drive(pipeline, story)


def test_what_was_taken_back_is_not_done_again_after_another_step(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("L", "u")
        user.crm("deal", "edit", "D3", "--amount", "6k")
        await user.press("ctrl+r")
        assert "something else was done since: it cannot be done again" in user.told
        assert stage_of(user, "D1") == "potential"

    drive(pipeline, story)


def test_arrows_and_letters_move_the_cursor(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        for keys, card in (
            (["down"], "Other"),
            (["k"], "Big"),
            (["j"], "Other"),
            (["l"], "Small"),
            (["left"], "Other"),
        ):
            await user.press(*keys)
            assert user.card == card

    drive(pipeline, story)


def test_several_cards_move_together(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("space", "j", "space", "m")
        await user.press("down", "down", "enter")
        assert user.lanes["Quote sent"] == ["Big", "Other"]
        await user.press("u")
        assert user.lanes["Potential"] == ["Big", "Other"], "what was done together is taken back together"
        await user.press("g", "space", "j", "space", "w")
        assert user.lanes == {"Potential": [], "Negotiating": ["Small"], "Quote sent": []}
        await user.press("u")
        assert user.lanes["Potential"] == ["Big", "Other"]

    drive(pipeline, story)


def test_winning_and_losing(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("w")
        assert user.shown("deal", "D1")["outcome"] == "won"
        assert user.card == "Other"
        await user.press("x", "escape")
        assert user.shown("deal", "D3")["outcome"] == "open", "leaving changes nothing"
        await user.press("x", "enter")
        lost = user.shown("deal", "D3")
        assert (lost["outcome"], bool(lost["lost_reason"])) == ("lost", True)

    drive(pipeline, story)


def test_adding_and_what_is_refused_keeps_its_texts(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("a")
        await user.type("Fresh")
        await user.press("enter")
        await user.type("Acme")
        await user.press("enter")
        await user.type("lots")
        await user.press("ctrl+s")
        assert "lots" in user.screen_text(), "the form is open again, with the text"
        assert "Amount" in user.screen_text()
        await user.press("end", *["backspace"] * 4)  # it begins where it was refused
        await user.type("7000")
        await user.press("ctrl+s")
        assert "Fresh" in user.lanes["Potential"]
        assert user.card == "Fresh"
        assert user.shown("deal", "D4")["amount"] == 7000

    drive(pipeline, story)


def test_editing_and_a_clash_with_somebody_else(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("e")
        await user.press("end")
        await user.type("ger")
        user.crm("deal", "edit", "D1", "--set", "name=Huge")
        await user.press("ctrl+s")
        assert user.shown("deal", "D1")["name"] == "Huge", "nothing is overwritten in silence"
        assert "Bigger" in user.screen_text(), "the form is open again, with the text"
        await user.press("escape", "e", "end")
        await user.type("!")
        await user.press("ctrl+s")
        assert user.shown("deal", "D1")["name"] == "Huge!"

    drive(pipeline, story)


def test_the_filter_narrows_and_tells_mistakes(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("slash")
        await user.type("amount > 3k")
        assert user.lanes == {"Potential": ["Big", "Other"], "Negotiating": [], "Quote sent": []}
        assert "2 of 3 deals" in user.screen_text()
        await user.type(" and nonsense = 1")
        assert "nonsense" in user.screen_text().splitlines()[0]
        assert user.lanes["Potential"] == ["Big", "Other"], "the last condition that had a meaning stays"

    drive(pipeline, story)


def test_of_a_wrong_condition_nothing_stays(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("slash")
        await user.type("amount>3k")
        await user.press("enter", "slash", "end")
        await user.type(" and foo=1")
        await user.press("enter")
        assert "foo" in user.screen_text().splitlines()[0], "it is told as long as it stands there"
        await user.press("escape")
        assert "2 of 3 deals  / amount>3k" in user.screen_text().splitlines()[0]
        await user.press("slash", "end", "ctrl+u", "enter")
        assert "Sales  3 deals" in user.screen_text()

    drive(pipeline, story)


def test_a_filter_that_is_not_seen_takes_no_keys(pipeline: Workspace) -> None:
    async def before_the_lanes(user: Driver) -> None:
        await user.board.query("#lanes > *").remove()
        user.board.columns = []
        await user.pilot.press("G", "a", "x")
        assert user.board.query_one("#filter", Input).value == ""
        await user.press("0")
        assert not isinstance(user.app.screen, BoardScreen)

    drive(pipeline, before_the_lanes)


def test_a_pipeline_without_stages_can_be_left(pipeline: Workspace) -> None:
    with closing(connect(pipeline.home / "data" / "crm.db")) as con:
        con.execute("DELETE FROM deal")
        con.execute("DELETE FROM stage")
        con.commit()

    async def story(user: Driver) -> None:
        assert "no stages; crm pipeline edit" in user.screen_text()
        await user.press("a", "0")
        assert not isinstance(user.app.screen, BoardScreen)

    drive(pipeline, story)


def test_an_answer_that_comes_late_does_not_take_the_place_of_a_newer_one(
    pipeline: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, later = Desk.condition, BoardScreen.later
    is_asked, is_free, is_back = Event(), Event(), Event()

    def held(desk: Desk, con: Connection, text: str, entity: str) -> Clause | None:
        if text == "amount >":
            is_asked.set()
            assert is_free.wait(PATIENCE_S)
        return read(desk, con, text, entity)

    def told(screen: BoardScreen, call: Callable[..., object], *arguments: object) -> None:
        later(screen, call, *arguments)
        if "red" in arguments:
            is_back.set()

    monkeypatch.setattr(Desk, "condition", held)
    monkeypatch.setattr(BoardScreen, "later", told)

    async def story(user: Driver) -> None:
        line = user.board.query_one("#filter", Input)
        line.value = "amount >"
        assert await asyncio.to_thread(is_asked.wait, PATIENCE_S)
        line.value = "amount > 3k"
        await user.settle()
        assert "2 of 3 deals" in user.screen_text()
        is_free.set()
        assert await asyncio.to_thread(is_back.wait, PATIENCE_S)
        assert "2 of 3 deals" in user.screen_text()

    drive(pipeline, story)


def test_what_others_write_appears(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        user.crm("deal", "add", "From elsewhere", "--org", "O1")
        user.app._look()
        await user.settle()
        assert "From elsewhere" in user.lanes["Potential"]

    drive(pipeline, story)


def test_a_refusal_is_told_and_nothing_moves(pipeline: Workspace) -> None:
    under_rules(pipeline, 'on = ["deal.stage_changed"]\n[[rule.do]]\naction = "refuse"\nmessage = "not on Mondays"\n')

    async def story(user: Driver) -> None:
        await user.press("L")
        assert "not on Mondays" in "".join(user.told)
        assert user.lanes["Potential"] == ["Big", "Other"]

    drive(pipeline, story)


def test_what_is_refused_for_one_of_several_is_done_to_none(pipeline: Workspace) -> None:
    under_rules(
        pipeline,
        'on = ["deal.stage_changed"]\nwhen = "amount < 10k"\n[[rule.do]]\naction = "refuse"\nmessage = "too little"\n',
    )

    async def story(user: Driver) -> None:
        await user.press("space", "j", "space", "L")
        assert "too little" in "".join(user.told)
        assert user.lanes["Potential"] == ["Big", "Other"]

    drive(pipeline, story)


def test_what_rules_send_goes_out_as_from_a_command(pipeline: Workspace) -> None:
    hooks = pipeline.home / "config" / "hooks"
    hooks.mkdir(mode=0o700)
    program = hooks / "keep.sh"
    program.write_text("#!/bin/sh\ncat > kept.json\n", encoding="utf-8")
    program.chmod(0o700)
    under_rules(pipeline, 'on = ["deal.won"]\n[[rule.do]]\naction = "run"\nargv = ["keep.sh"]\n')
    pipeline.ok("rule", "trust", "own.toml")
    load_files.cache_clear()

    async def story(user: Driver) -> None:
        await user.press("w")
        assert (pipeline.home / "state" / "kept.json").exists()

    drive(pipeline, story)


def test_hostile_names_leave_the_screen_whole(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok("deal", "add", "[red]\x1b[2J\u202e[/nope]" + "x" * 300, "--org", "O1")

    async def story(user: Driver) -> None:
        text = user.screen_text()
        assert "[red]" in text
        assert "\x1b" not in text
        assert "\u202e" not in text
        await user.press("enter")
        assert "[red]" in user.screen_text()

    drive(workspace, story)


@pytest.mark.parametrize(
    ("entity", "add"), [("ticket", ["ticket", "open", "Help"]), ("lead", ["lead", "add", "Anna Rossi"])]
)
def test_tickets_and_leads_have_boards_by_status(workspace: Workspace, entity: str, add: list[str]) -> None:
    ref = workspace.ok(*add)

    async def story(user: Driver) -> None:
        first, second, *_ = user.lanes
        assert len(user.lanes[first]) == 1
        await user.press("L")
        assert len(user.lanes[second]) == 1
        assert user.shown(entity, ref)["status"] == user.board.columns[1].view.lane.key
        await user.press("u")
        assert len(user.lanes[first]) == 1

    drive(workspace, story, entity)


def test_small_screens_keep_the_lane_in_use(pipeline: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("l", "l")
        shown = [not column.view.has_class("-collapsed") for column in user.board.columns]
        assert shown == [False, False, True]

    drive(pipeline, story, size=(40, 20))


def test_many_cards_are_read_as_they_come_into_sight(pipeline: Workspace) -> None:
    lines = ["name,organization,amount", *(f"Deal {number:04},Acme,{number}" for number in range(600))]
    file = pipeline.home / "deals.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    pipeline.ok("import", "deal", str(file))

    async def story(user: Driver) -> None:
        view = user.board.columns[0].view
        assert (view.lane.records, len(view.cards)) == (602, 100)
        await user.press("G")
        assert view.cursor == 601
        assert view.card is not None
        await user.press("g")
        assert view.cursor == 0

    drive(pipeline, story)
