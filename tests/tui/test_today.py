"""The screen of the day and the review of stale deals, by keys on a real store."""

import json

import pytest

from crmcli.tui.record.screen import RecordScreen
from crmcli.tui.rows import RowList
from crmcli.tui.today.review import ReviewScreen
from crmcli.tui.today.screen import TodayScreen
from tests.cli.workspace import Workspace
from tests.tui.driving import Driver, drive

HOURS = (
    '[calendar]\nzone = "Europe/Rome"\nwednesday = ["09:00-18:00"]\ntuesday = ["09:00-18:00"]\n'
    '[[sla]]\nname = "standard"\nfirst_response = "1h"\n'
)


@pytest.fixture
def day(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    def make() -> None:
        monkeypatch.setenv("CRMCLI_NOW", "2026-01-07T10:00:00+01:00")
        workspace.ok("pipeline", "edit", "sales", "--stage", "potential", "--rotting-days", "9")
        workspace.ok("org", "add", "Acme")
        workspace.ok("contact", "add", "Anna Rossi", "--org", "O1")
        workspace.ok("deal", "add", "Old order", "--org", "O1", "--set", "next_step=Call back")
        workspace.ok("lead", "add", "Last year")
        monkeypatch.setenv("CRMCLI_NOW", "2026-03-18T12:00:00+01:00")
        workspace.ok("task", "add", "Send the offer", "--for", "O1", "--due", "2026-03-16")
        workspace.ok("task", "add", "Ring the bank", "--due", "2026-03-18 09:00")
        workspace.ok("event", "add", "Workshop", "--start", "2026-03-18 15:00", "--with", "C1")
        workspace.ok("event", "add", "Dinner", "--start", "2026-03-20 20:00")
        workspace.ok("event", "add", "Fair", "--start", "2026-03-26 10:00")
        workspace.ok("lead", "add", "Bruno Verdi", "--company", "Verdi Srl")
        workspace.ok("contact", "edit", "C1", "--set", "next_contact_on=2026-03-17")
        workspace.ok("deal", "add", "Spring order", "--org", "O1", "--expected-close", "2026-03-23")
        workspace.ok("deal", "edit", "D2", "--set", "next_step=Visit", "--set", "next_step_due=2026-03-17")

    return workspace.once(make)


def sections(user: Driver) -> dict[str, list[str]]:
    """Return the refs of the rows by section."""
    found: dict[str, list[str]] = {}
    for row in user.app.screen.query_one(RowList)._rows:
        if row.record:
            found.setdefault(row.group, []).append(row.record.ref)
    return found


def cursor(user: Driver) -> tuple[str, str]:
    row = user.app.screen.query_one(RowList).row
    assert row is not None
    assert row.record is not None
    return row.group, row.record.ref


async def go_to(user: Driver, group: str, ref: str) -> None:
    await user.press("g")
    for _ in range(30):
        if cursor(user) == (group, ref):
            return
        await user.press("j")
    raise AssertionError(f"{ref} is not in {group}")


def test_the_day_is_what_one_sees_first(day: Workspace) -> None:
    (day.home / "config" / "config.toml").write_text(HOURS, encoding="utf-8")

    async def story(user: Driver) -> None:
        assert isinstance(user.app.screen, TodayScreen)
        assert sections(user) == {
            "overdue": ["T1", "D2", "T2"], "today": ["E1"], "ahead": ["E2", "D2"], "leads": ["L2"], "idle": ["D1"],
            "follow_ups": ["C1"],
        }  # fmt: skip
        text = user.screen_text()
        assert "Wednesday 18 March 2026" in text
        for heading in ("Overdue  3", "Today  1", "Next seven days  2", "New leads  1", "Idle deals  1", "Follow-ups"):
            assert heading in text
        assert "nothing for 70 days" in text

    drive(day, story, "")


def test_tickets_that_run_late_are_at_risk(day: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    (day.home / "config" / "config.toml").write_text(HOURS, encoding="utf-8")
    monkeypatch.setenv("CRMCLI_NOW", "2026-03-17T10:00:00+01:00")
    day.ok("ticket", "open", "All is down", "--priority", "urgent")
    monkeypatch.setenv("CRMCLI_NOW", "2026-03-18T12:00:00+01:00")

    async def story(user: Driver) -> None:
        assert sections(user)["tickets"] == ["K1"]
        assert "late" in user.screen_text()

    drive(day, story, "today")


def test_an_empty_day_says_so(workspace: Workspace) -> None:
    async def story(user: Driver) -> None:
        assert "nothing waits" in user.screen_text()
        await user.press("d", "s", "c", "enter", "r")
        assert any("no deal stands still" in note for note in user.told)

    drive(workspace, story, "today")


def test_zero_comes_back_to_the_day(day: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("1", "0")
        assert isinstance(user.app.screen, TodayScreen)

    drive(day, story, "deal")


def test_tasks_events_and_next_steps_are_done(day: Workspace) -> None:
    async def story(user: Driver) -> None:
        await go_to(user, "overdue", "T1")
        await user.press("d")
        assert user.shown("task", "T1")["status"] == "done"
        assert "T1" not in sections(user)["overdue"]
        await user.press("u")
        assert (user.shown("task", "T1")["status"], cursor(user)) == ("todo", ("overdue", "T1"))
        await go_to(user, "overdue", "D2")
        await user.press("d")
        deal = user.shown("deal", "D2")
        assert (deal["next_step"], deal["next_step_due"]) == (None, None)
        await go_to(user, "today", "E1")
        await user.press("d")
        assert user.shown("event", "E1")["status"] == "held"
        await go_to(user, "leads", "L2")
        await user.press("d")
        assert any("only tasks, events and next steps" in note for note in user.told)

    drive(day, story, "today")


def test_a_follow_up_is_done_by_what_happened(day: Workspace) -> None:
    async def story(user: Driver) -> None:
        await go_to(user, "follow_ups", "C1")
        await user.press("d", "enter")
        assert [one["ref"] for one in user.shown("log", "A1")["links"]] == ["C1"]
        assert "follow_ups" not in sections(user)

    drive(day, story, "today")


def test_what_is_put_off_comes_on_its_day(day: Workspace) -> None:
    async def story(user: Driver) -> None:
        await go_to(user, "overdue", "T1")
        await user.press("s", "enter")
        assert user.shown("task", "T1")["due_wall"] == "2026-03-19"
        assert sections(user)["ahead"][0] == "T1"
        assert cursor(user)[0] == "overdue", "the cursor stays for the next one"
        await go_to(user, "follow_ups", "C1")
        await user.press("s")
        await user.type("2026-03-20")
        await user.press("enter")
        assert user.shown("contact", "C1")["next_contact_on"] == "2026-03-20"
        assert "C1" in sections(user)["ahead"]
        assert "follow_ups" not in sections(user)
        await go_to(user, "idle", "D1")
        await user.press("s")
        await user.type("2026-04-01")
        await user.press("enter")
        assert user.shown("deal", "D1")["next_step_due"] == "2026-04-01"
        assert "idle" not in sections(user), "what was put off waits in peace"
        await user.press("u")
        assert cursor(user) == ("idle", "D1")
        await go_to(user, "overdue", "D2")
        await user.press("s", "enter")
        assert user.shown("deal", "D2")["next_step_due"] == "2026-03-19"
        await go_to(user, "leads", "L2")
        await user.press("s", "enter")
        assert user.shown("lead", "L2")["next_contact_on"] == "2026-03-19"

    drive(day, story, "today")


def test_a_day_that_is_none_is_refused_and_asked_again(day: Workspace) -> None:
    async def story(user: Driver) -> None:
        await go_to(user, "follow_ups", "C1")
        for text in ("whenever", ""):
            await user.press("s", "backspace")
            await user.type(text)
            await user.press("enter")
            assert str(user.app.screen.query_one("#problem").render())
            await user.press("escape", "escape")
        assert user.shown("contact", "C1")["next_contact_on"] == "2026-03-17"
        await go_to(user, "today", "E1")
        await user.press("s", "enter")
        assert "cannot be put off" in str(user.app.screen.query_one("#problem").render())

    drive(day, story, "today")


def test_records_are_opened_edited_and_called(day: Workspace) -> None:
    async def story(user: Driver) -> None:
        await go_to(user, "idle", "D1")
        await user.press("c", "enter")
        assert [one["ref"] for one in user.shown("log", "A1")["links"]] == ["D1"]
        assert "idle" not in sections(user), "an interaction is a sign of life"
        await user.press("u")
        assert sections(user)["idle"] == ["D1"]
        await go_to(user, "idle", "D1")
        await user.press("enter")
        assert isinstance(user.app.screen, RecordScreen)
        await user.press("e")
        await user.type("Older order")
        await user.press("ctrl+s", "escape")
        assert "Older order" in user.screen_text()

    drive(day, story, "today")


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
def test_it_fits_and_shows_what_is_hostile_as_text(day: Workspace, size: tuple[int, int]) -> None:
    day.ok("task", "add", "[red]x[/] \x1b]0;owned\x07 \u202eoffer", "--due", "2026-03-17")
    day.ok("deal", "edit", "D1", "--set", "name=[bold]\x1b[2J", "--set", "next_step=[/]")

    async def story(user: Driver) -> None:
        text = user.screen_text()
        assert "[red]x[/]" in text
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
        await user.press("r")
        assert "[bold]" in user.screen_text()
        assert "\x1b" not in user.screen_text()

    drive(day, story, "today", size)


# the review


@pytest.fixture
def stale(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    def make() -> None:
        monkeypatch.setenv("CRMCLI_NOW", "2026-01-07T10:00:00+01:00")
        workspace.ok("pipeline", "edit", "sales", "--stage", "potential", "--rotting-days", "9")
        workspace.ok("org", "add", "Acme")
        workspace.ok("deal", "add", "Idle", "--org", "O1", "--set", "next_step=Call back")
        monkeypatch.setenv("CRMCLI_NOW", "2026-03-18T12:00:00+01:00")
        for name in ("Two", "Three", "Four", "Five", "Six"):
            workspace.ok("deal", "add", name, "--org", "O1")
        workspace.ok("deal", "add", "Planned", "--org", "O1", "--set", "next_step=Visit")

    return workspace.once(make)


def at(user: Driver) -> str:
    """Return where the review is, such as ``3 of 6``."""
    assert isinstance(user.app.screen, ReviewScreen)
    return str(user.app.screen.query_one("#title").render()).partition("  ")[0]


def tally(user: Driver) -> dict[str, str]:
    lines = str(user.app.screen.query_one("#card").render()).splitlines()
    return {words[0]: " ".join(words[1:]) for words in map(str.split, lines) if words and words[-1] != "back"}


def test_a_review_walks_through_every_action_and_sums_up(stale: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("r")
        assert at(user) == "1 of 6"
        assert "nothing for 70 days" in user.screen_text()
        await user.press("c", "enter")
        assert at(user) == "1 of 6", "after a call there is a next step to be settled"
        assert [one["ref"] for one in user.shown("log", "A1")["links"]] == ["D1"]
        await user.press("s", "enter")
        assert user.shown("deal", "D1")["next_step_due"] == "2026-03-25"
        assert at(user) == "2 of 6"
        assert "Two" in user.screen_text()
        await user.press("m", "down", "enter")
        assert user.shown("deal", "D2")["stage_ref"] != user.shown("deal", "D3")["stage_ref"]
        await user.press("w")
        assert user.shown("deal", "D3")["outcome"] == "won"
        await user.press("x", "enter")
        assert user.shown("deal", "D4")["outcome"] == "lost"
        await user.press("space", "b")
        assert at(user) == "5 of 6"
        await user.press("n", "e", "end")
        await user.type("!")
        await user.press("ctrl+s")
        assert (at(user), user.shown("deal", "D6")["name"]) == ("6 of 6", "Six!")
        await user.press("n")
        assert at(user) == "The review is over"
        assert tally(user) == {
            "6": "deals", "Moved": "1", "Logged": "1", "Put": "off 1", "Closed": "2 1 won, 1 lost",
            "Changed": "1 1 edited", "Skipped": "1",
        }  # fmt: skip
        await user.press("m", "s", "w", "x", "c", "escape")
        assert isinstance(user.app.screen, TodayScreen)

    drive(stale, story, "today")


def test_what_is_taken_back_comes_again_and_counts_no_more(stale: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("r", "n", "w")
        assert at(user) == "3 of 6"
        await user.press("u")
        assert (at(user), user.shown("deal", "D2")["outcome"]) == ("2 of 6", "open")
        await user.press("ctrl+r")
        assert (at(user), user.shown("deal", "D2")["outcome"]) == ("3 of 6", "won")
        await user.press("c", "enter", "u", *"nnnn")
        assert (tally(user)["Closed"], tally(user)["Logged"], tally(user)["Skipped"]) == ("1 1 won", "0", "5")

    drive(stale, story, "today")


def test_a_review_is_left_and_goes_on_another_time(stale: Workspace) -> None:
    async def leave(user: Driver) -> None:
        await user.press("r", "n", "w", "escape")
        assert "a review goes on at 3 of 6" in user.screen_text()

    async def come_back(user: Driver) -> None:
        assert "a review goes on at 3 of 6" in user.screen_text()
        user.crm("deal", "lose", "D4", "--reason", "price")
        user.crm("deal", "add", "Seven", "--org", "O1")
        await user.press("r")
        assert at(user) == "3 of 6"
        assert "Three" in user.screen_text()
        await user.press(*"nnnn")
        assert (tally(user)["Closed"], tally(user)["Skipped"]) == ("1 1 won", "5")
        await user.press("escape", "r")
        assert at(user) == "1 of 5", "a review that is over begins anew"

    drive(stale, leave, "today")
    drive(stale, come_back, "today")


def test_a_deal_that_is_gone_is_passed_over(stale: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("r")
        user.crm("deal", "rm", "D2", "--yes")
        await user.press("n")
        assert at(user) == "2 of 5"
        assert "Three" in user.screen_text()

    drive(stale, story, "today")


@pytest.mark.parametrize("text", ["", "{", "[]", "[[1], 5, []]", '[["x"], 0, []]', '[[1, 2], 0, [["a"]]]', "3"])
def test_a_strange_memory_of_a_review_is_as_good_as_none(stale: Workspace, text: str) -> None:
    file = stale.home / "state" / "tui.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"place": "today", "kept": {"today": {"review": text}}}), encoding="utf-8")

    async def story(user: Driver) -> None:
        await user.press("r")
        assert at(user) == "1 of 6"

    drive(stale, story, "")


def test_leaving_a_question_changes_nothing(stale: Workspace) -> None:
    async def story(user: Driver) -> None:
        before = user.crm("deal", "list", "-o", "csv")
        await user.press("r", "m", "escape", "x", "escape", "s", "escape", "c", "escape")
        assert at(user) == "1 of 6"
        assert user.crm("deal", "list", "-o", "csv") == before

    drive(stale, story, "today")
