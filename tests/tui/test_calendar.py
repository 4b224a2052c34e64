"""The calendar by keys on a real store: views, planning in words, moving, recurring events, done and called off."""

import json

import pytest
from textual.widgets import Input

from crmcli.tui.calendar.screen import CalendarScreen
from crmcli.tui.calendar.sheet import Sheet
from crmcli.tui.rows import RowList
from tests.cli.workspace import Workspace
from tests.tui.driving import Driver, drive


@pytest.fixture
def planned(workspace: Workspace) -> Workspace:
    def make() -> None:
        workspace.ok("org", "add", "Acme")
        workspace.ok("contact", "add", "Anna Rossi", "--org", "O1")
        workspace.ok("event", "add", "Workshop", "--start", "2026-03-18 15:00", "--with", "C1")
        workspace.ok("task", "add", "Send the offer", "--for", "C1", "--due", "2026-03-18")
        workspace.ok("deal", "add", "Spring order", "--org", "O1", "--expected-close", "2026-03-23")
        workspace.ok("event", "add", "Stand-up", "--start", "2026-03-23 09:00", "--every", "weekday")

    return workspace.once(make)


def sheet(user: Driver) -> Sheet:
    assert isinstance(user.app.screen, CalendarScreen)
    return user.app.screen.query_one(Sheet)


def entries(user: Driver) -> list[str]:
    rows = user.app.screen.query_one(RowList)
    return [str(row.entry["title"]) for row in rows._rows if row.entry]


def day_of(user: Driver, ref: str, key: str = "start_wall") -> str:
    return str(user.shown({"E": "event", "T": "task", "D": "deal"}[ref[0]], ref)[key])


def test_a_month_with_its_days_and_what_lies_on_them(planned: Workspace) -> None:
    async def story(user: Driver) -> None:
        assert sheet(user).day == "2026-03-18"
        assert "March 2026" in user.screen_text()
        assert entries(user) == ["Send the offer", "Workshop"]
        for key, day in (("l", "03-19"), ("j", "03-26"), ("left", "03-25"), ("up", "03-18"), ("pagedown", "04-18")):
            await user.press(key)
            assert sheet(user).day == f"2026-{day}"
        assert "April 2026" in user.screen_text()
        await user.press("l", "l")
        assert entries(user) == ["Stand-up"]
        await user.press("t")
        assert sheet(user).day == "2026-03-18"

    drive(planned, story, "calendar")


def test_the_views_go_round(planned: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("v")
        text = user.screen_text()
        assert ("Workshop" in text, "Stand-up" in text) == (True, False)
        await user.press("v")
        assert not sheet(user).display
        assert entries(user) == ["Send the offer", "Workshop"]
        await user.press("v")
        assert entries(user)[:4] == ["Send the offer", "Workshop", "Spring order", "Stand-up"]
        await user.press("v")
        assert sheet(user).display

    drive(planned, story, "calendar")


def test_an_event_is_planned_in_words(planned: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("a", "enter")
        await user.type("Lunch")
        await user.press("enter", "end", *["backspace"] * 10)
        await user.type("tomorrow 13:00")
        await user.press("enter", "enter", "enter")
        await user.type("Anna Rossi")
        await user.press("enter")
        lunch = user.shown("event", "E3")
        assert (lunch["title"], lunch["start_wall"], lunch["main"]) == ("Lunch", "2026-03-19T13:00", "C1 Anna Rossi")
        await user.press("u")
        assert "Lunch" not in user.crm("event", "list")

    drive(planned, story, "calendar")


def test_what_is_refused_keeps_its_texts(planned: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("a", "down", "enter")
        await user.type("Call")
        await user.press("enter", "end", *["backspace"] * 10)
        await user.type("whenever")
        await user.press("ctrl+s")
        assert "whenever" in user.screen_text()
        assert "Call" in user.screen_text()

    drive(planned, story, "calendar")


def test_entries_go_to_other_days_and_come_back(planned: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("tab", "L")
        assert day_of(user, "T1", "due_wall") == "2026-03-19"
        assert entries(user) == ["Workshop"]
        await user.press("J")
        assert day_of(user, "E1") == "2026-03-25T15:00"
        await user.press("u", "u")
        assert (day_of(user, "T1", "due_wall"), day_of(user, "E1")) == ("2026-03-18", "2026-03-18T15:00")
        await user.press("shift+tab", *"lllll", "tab", "L")
        assert day_of(user, "D1", "expected_close") == "2026-03-24"

    drive(planned, story, "calendar")


@pytest.mark.parametrize(
    ("answer", "days"),
    [
        (["enter"], ["2026-03-24", "2026-03-24", "2026-03-25"]),
        (["down", "enter"], ["2026-03-24", "2026-03-25", "2026-03-26"]),
    ],
)
def test_of_what_recurs_is_asked_which_is_meant(planned: Workspace, answer: list[str], days: list[str]) -> None:
    planned.ok("deal", "rm", "D1", "--yes")

    async def story(user: Driver) -> None:
        await user.press(*"lllll", "tab", "L", *answer)
        found = user.crm("agenda", "2026-03-23..2026-03-27", "-o", "json")
        assert [day for day in found.split('"') if day.startswith("2026-03")][:3] == days
        await user.press("u")
        assert day_of(user, "E2") == "2026-03-23T09:00"

    drive(planned, story, "calendar")


@pytest.mark.parametrize(
    ("answer", "begins", "places"),
    [
        (["enter"], "2026-03-24 09:00", ["", "Rome", ""]),
        (["down", "enter"], "2026-03-24 09:00", ["", "Rome", "Rome"]),
        (["down", "down", "enter"], "2026-03-23 09:00", ["Rome", "Rome", "Rome"]),
    ],
    ids=["this", "following", "all"],
)
def test_what_recurs_is_edited_this_one_the_later_ones_or_all(
    planned: Workspace, answer: list[str], begins: str, places: list[str]
) -> None:
    planned.ok("deal", "rm", "D1", "--yes")

    async def story(user: Driver) -> None:
        await user.press(*"llllll", "tab", "e", *answer)
        assert user.app.screen.query_one("#field-start_at", Input).value == begins
        await user.press("enter", "enter", "enter")
        await user.type("Rome")
        await user.press("ctrl+s")
        found = json.loads(user.crm("agenda", "2026-03-23..2026-03-25", "-o", "json"))
        assert [row["detail"] or "" for row in found if row["title"] == "Stand-up"] == places
        assert {row["time"] for row in found if row["title"] == "Stand-up"} == {"09:00"}
        await user.press("u")
        assert "Rome" not in user.crm("agenda", "2026-03-23..2026-03-25")

    drive(planned, story, "calendar")


def test_leaving_the_question_changes_nothing(planned: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press(*"lllll", "tab", "j", "x", "escape")
        assert "cancelled" not in user.crm("event", "list", "-o", "csv")

    drive(planned, story, "calendar")


def test_work_is_done_put_off_and_called_off(planned: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("tab", "s", "enter")
        assert day_of(user, "T1", "due_wall") == "2026-03-19"
        await user.press("u", "g", "d")
        assert user.shown("task", "T1")["status"] == "done"
        await user.press("x")
        assert user.shown("event", "E1")["status"] == "cancelled"
        await user.press("u")
        assert user.shown("event", "E1")["status"] == "planned"

    drive(planned, story, "calendar")


def test_working_hours_stand_over_the_day(planned: Workspace) -> None:
    (planned.home / "config" / "config.toml").write_text(
        '[calendar]\nzone = "Europe/Rome"\nwednesday = ["09:00-13:00", "14:00-18:00"]\n', encoding="utf-8"
    )

    async def story(user: Driver) -> None:
        assert "working 09:00-13:00, 14:00-18:00" in user.screen_text()
        await user.press("l")
        assert "day off" in user.screen_text()

    drive(planned, story, "calendar")


def test_a_day_is_chosen_by_the_mouse(planned: Workspace) -> None:
    async def story(user: Driver) -> None:
        lines = user.screen_text().splitlines()
        row = next(number for number, line in enumerate(lines) if line.startswith("23 "))
        await user.pilot.click(Sheet, offset=(1, row))
        await user.settle()
        assert sheet(user).day == "2026-03-23"

    drive(planned, story, "calendar")
