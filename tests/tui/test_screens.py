"""What all screens have in common: places, palette, help, keys of one's own, logging, editing, and what is kept."""

import asyncio
import json
from itertools import combinations

import pytest
from textual.command import CommandList
from textual.widgets import Input

from crmcli.errors import ConfigError
from crmcli.tui.actions import PLACES, TARGETS
from crmcli.tui.board.screen import BoardScreen
from crmcli.tui.record.screen import RecordScreen
from crmcli.tui.reports.screen import ReportsScreen
from crmcli.tui.rows import RowList
from crmcli.tui.search.screen import SearchScreen
from tests.cli.workspace import Workspace
from tests.tui.driving import PATIENCE_S, Driver, drive


@pytest.fixture
def customers(workspace: Workspace) -> Workspace:
    def make() -> None:
        workspace.ok("org", "add", "Acme", "--website", "https://acme.example")
        workspace.ok("contact", "add", "Anna Rossi", "--org", "O1", "--email", "anna@example.com")
        workspace.ok("deal", "add", "Spring order", "--org", "O1", "--contact", "C1", "--amount", "40k")
        workspace.ok("task", "add", "Send the offer", "--for", "D1", "--due", "2026-03-20")

    return workspace.once(make)


def test_every_action_is_in_the_palette_and_the_help(customers: Workspace) -> None:
    customers.ok("deal", "add", "Without a next step", "--org", "O1")
    offered: set[str] = set()

    async def story(user: Driver) -> None:
        for keys in ([], ["enter"], ["escape", "0"], ["r"], ["escape", "4"], ["5"], ["tab", "6"], ["enter"]):
            await user.press(*keys)
            offered.update(command.title for command in user.app.get_system_commands(user.app.screen))
        await user.press("enter", "question_mark")
        assert "crm deal move" in user.screen_text()

    drive(customers, story)
    assert {one.label for name, actions in TARGETS.items() if name != "rows" for one in actions} <= offered


def test_the_palette_finds_reports_and_saved_views(customers: Workspace) -> None:
    customers.ok("view", "save", "Huge [red] ones", "--on", "deal", "--where", "amount > 1m")

    async def look_up(user: Driver, words: str) -> None:
        await user.press("ctrl+p")
        await user.type(words)
        async with asyncio.timeout(PATIENCE_S):
            while not user.app.screen.query_one(CommandList).option_count:
                await user.pilot.pause(0.01)
        await user.press("enter")

    async def story(user: Driver) -> None:
        await look_up(user, "Report win-rate")
        assert isinstance(user.app.screen, ReportsScreen)
        assert user.app.screen.name_of_report == "win-rate"
        await look_up(user, "Huge [red]")
        assert user.board.wanted.view == "Huge [red] ones"
        assert "0 of 1 deal" in user.screen_text()

    drive(customers, story, "today")


def test_the_help_keeps_its_columns_on_a_narrow_screen(customers: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("question_mark")
        lines = [line for line in user.screen_text().splitlines() if "crm tui" in line]
        assert len(lines) > 5
        assert len({line.index("crm tui") for line in lines}) == 1
        assert not any(line.strip(" │").startswith(("tickets", "calendar", "REF")) for line in lines)
        await user.press("escape", "0", "r")
        assert all(word in user.screen_text().splitlines()[-1] for word in ("Next", "Leave"))

    customers.ok("deal", "add", "Without a next step", "--org", "O1")
    drive(customers, story, size=(80, 24))


def test_no_key_means_two_things_in_one_place() -> None:
    for place in PLACES:
        for one, other in combinations([action for target in place for action in TARGETS[target]], 2):
            assert not set(one.keys.split(",")) & set(other.keys.split(",")), (place, one.id, other.id)


def test_keys_can_be_changed(customers: Workspace) -> None:
    own = '[board]\nwin = "W"\nlose = "ctrl+x,f8,underscore,[,ò"\n'
    (customers.home / "config" / "keys.toml").write_text(own, encoding="utf-8")

    async def story(user: Driver) -> None:
        await user.press("w")
        assert user.shown("deal", "D1")["outcome"] == "open"
        await user.press("question_mark")
        assert any("W " in line and "crm deal win" in line for line in user.screen_text().splitlines())
        await user.press("escape", "W")
        assert user.shown("deal", "D1")["outcome"] == "won"

    drive(customers, story)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[board]\nwin = "x"', "both"),
        ('[board]\nwon = "W"', "board.win"),
        ('[board]\nwin = ""', "commas"),
        ("board = 3", "table"),
        ("[board", "line 1"),
        ('[app]\nquit = "nosuchkey"', "no key 'nosuchkey'"),
        ('[board]\nwin = "ctlr+w"', "no key 'ctlr+w'"),
        ('[app]\nhelp = "ctrl+p"', "the palette"),
    ],
)
def test_wrong_keys_are_told_before_the_screen_is_taken(customers: Workspace, text: str, reason: str) -> None:
    (customers.home / "config" / "keys.toml").write_text(text, encoding="utf-8")

    async def story(_: Driver) -> None:
        raise AssertionError("it started")

    with pytest.raises(ConfigError) as caught:
        drive(customers, story)
    assert reason in f"{caught.value} {caught.value.hint}"


def test_a_call_is_logged_by_two_keys(customers: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("c", "enter")
        logged = user.shown("log", "A1")
        assert (logged["kind"], logged["subject"], [one["ref"] for one in logged["links"]]) == ("call", "Call", ["D1"])
        await user.press("u")
        assert user.crm("log", "list", "-o", "ids") == ""

    drive(customers, story)


def test_what_was_logged_with_a_task_is_with_its_customer(customers: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("5")
        await user.type("offer")
        await user.press("enter", "c", "enter")
        assert [one["ref"] for one in user.shown("log", "A1")["links"]] == ["D1"]

    drive(customers, story)


def test_words_find_records_and_enter_opens_one(customers: Workspace) -> None:
    async def story(user: Driver) -> None:
        assert isinstance(user.app.screen, SearchScreen)
        await user.type("anna")
        assert "Anna Rossi" in user.screen_text()
        await user.press("enter", "enter")
        assert isinstance(user.app.screen, RecordScreen)
        assert "anna@example.com" in user.screen_text()
        await user.press("escape")
        assert isinstance(user.app.screen, SearchScreen)

    drive(customers, story, "search")


def test_what_was_found_is_gone_through_by_n(customers: Workspace) -> None:
    customers.ok("contact", "add", "Anna Verdi")

    async def story(user: Driver) -> None:
        await user.type("anna")
        await user.press("escape")
        rows = user.app.screen.query_one(RowList)
        first = rows.record
        await user.press("n")
        second = rows.record
        assert first and second and first != second
        await user.press("N")
        assert rows.record == first
        assert user.app.screen.query_one(Input).value == "anna"

    drive(customers, story, "search")


def test_a_record_has_its_tabs_and_they_lead_on(customers: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("enter")
        screen = user.app.screen
        assert isinstance(screen, RecordScreen)
        assert "€40,000.00" in user.screen_text()
        await user.press("l", "l")
        assert screen.query_one("#open_tasks", RowList).has_focus
        assert "Send the offer" in user.screen_text()
        await user.press("enter")
        assert "task T1" in user.screen_text()
        await user.press("escape", "h", "h")
        assert "€40,000.00" in user.screen_text()
        await user.press("h")
        assert "Field" in user.screen_text(), "the last tab is the history"

    drive(customers, story)


def test_a_form_drops_what_was_typed_when_escape_is_pressed_twice(customers: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("e", "escape")
        assert user.app.screen is user.board, "nothing was typed"
        await user.press("e")
        await user.type("!")
        await user.press("escape")
        assert "Escape once more drops it" in user.screen_text()
        await user.type("?")
        await user.press("escape")
        assert "Escape once more drops it" in user.screen_text(), "more was typed since"
        await user.press("escape")
        assert user.app.screen is user.board
        assert user.shown("deal", "D1")["name"] == "Spring order"

    drive(customers, story)


def test_editing_a_record_tells_mistakes_while_one_types(customers: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("enter", "e", "enter", "enter")
        await user.type("lots")
        assert "Amount" in str(user.app.screen.query_one("#problem").render())
        await user.press(*["backspace"] * 20)
        await user.type("50k")
        assert not str(user.app.screen.query_one("#problem").render())
        await user.press("ctrl+s")
        assert user.shown("deal", "D1")["amount"] == 50000
        assert "€50,000.00" in user.screen_text()

    drive(customers, story)


@pytest.mark.parametrize(("answer", "name"), [(["enter"], "Theirs"), (["down", "enter"], "Spring order!")])
def test_a_clash_lets_the_user_say_which_it_is_to_be(customers: Workspace, answer: list[str], name: str) -> None:
    async def story(user: Driver) -> None:
        await user.press("e", "end")
        await user.type("!")
        user.crm("deal", "edit", "D1", "--set", "name=Theirs")
        await user.press("ctrl+s")
        assert "Theirs (stored), Spring order! (yours)" in user.screen_text()
        await user.press(*answer)
        assert user.shown("deal", "D1")["name"] == name

    drive(customers, story)


def test_a_clash_can_go_back_to_the_form(customers: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("e", "end")
        await user.type("!")
        user.crm("deal", "edit", "D1", "--set", "name=Theirs")
        await user.press("ctrl+s", "down", "down", "enter")
        assert user.app.screen.query(Input).first().value == "Spring order!"
        await user.press("ctrl+s")
        assert user.shown("deal", "D1")["name"] == "Spring order!"

    drive(customers, story)


def test_addresses_are_opened_by_the_configured_program_and_copied(customers: Workspace) -> None:
    program = customers.home / "open.sh"
    program.write_text(f'#!/bin/sh\nprintf "%s" "$1" > {customers.home}/opened.txt\n', encoding="utf-8")
    program.chmod(0o700)
    config = customers.home / "config" / "config.toml"
    config.write_text(f'[tui]\ntheme = "high-contrast"\nopener = ["{program}"]\n', encoding="utf-8")

    async def story(user: Driver) -> None:
        assert user.app.theme == "crm-high-contrast"
        await user.type("anna")
        await user.press("enter", "o")
        opened = customers.home / "opened.txt"
        async with asyncio.timeout(PATIENCE_S):
            while not (opened.exists() and opened.read_text()):
                await user.pilot.pause(0.05)
        assert opened.read_text() == "mailto:anna@example.com"
        await user.press("y")
        assert user.app.clipboard == "anna@example.com"

    drive(customers, story, "search")


def test_it_begins_where_it_was_left(customers: Workspace) -> None:
    async def leave(user: Driver) -> None:
        await user.press("slash")
        await user.type("amount > 1k")
        await user.press("enter", "l", "5")

    async def come_back(user: Driver) -> None:
        assert isinstance(user.app.screen, SearchScreen)
        await user.press("tab", "1")
        assert (user.board.wanted.condition, user.board._current) == ("amount > 1k", 1)

    drive(customers, leave)
    drive(customers, come_back, "")


@pytest.mark.parametrize("text", ["", "[]", '{"place": 3, "kept": []}', '{"place": "moon", "kept": {}}'])
def test_a_strange_memory_is_as_good_as_none(customers: Workspace, text: str) -> None:
    file = customers.home / "state" / "tui.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")

    async def story(user: Driver) -> None:
        assert "Spring order" in user.screen_text()

    drive(customers, story, "")


def test_a_filter_that_has_no_meaning_any_more_is_forgotten(customers: Workspace) -> None:
    file = customers.home / "state" / "tui.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"place": "deal", "kept": {"deal": {"filter": "custom.gone = 1"}}}), encoding="utf-8")

    async def story(user: Driver) -> None:
        assert "Spring order" in user.screen_text()
        assert user.board.wanted.condition == ""

    drive(customers, story, "")


def test_a_screen_that_is_left_while_it_is_read_is_left_in_peace(customers: Workspace) -> None:
    async def story(user: Driver) -> None:
        for _ in range(5):
            await user.pilot.press("enter", "escape")
            await user.pilot.press("e", "escape", "0", "r", "escape", "1")
            await user.pilot.press("enter", "u", "escape", "ctrl+r")
        await user.settle()
        for _ in range(20):  # where the keys led depends on how fast the reading was
            await user.press("escape", "escape", "1")
            if isinstance(user.app.screen, BoardScreen):
                break
        assert user.board.columns

    drive(customers, story)
