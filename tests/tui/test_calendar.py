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
        await user.press("h", "v")
        assert "9-13 14-18" in user.screen_text(), "in the week every day says its own"
        assert user.screen_text().count(" off") >= 3
        await user.press("v")
        assert "working 09:00-13:00, 14:00-18:00" in user.screen_text()

    drive(planned, story, "calendar", size=(80, 40))


def test_a_day_is_chosen_by_the_mouse(planned: Workspace) -> None:
    async def story(user: Driver) -> None:
        lines = user.screen_text().splitlines()
        row = next(number for number, line in enumerate(lines) if line.startswith("23 "))
        await user.pilot.click(Sheet, offset=(1, row))
        await user.settle()
        assert sheet(user).day == "2026-03-23"

    drive(planned, story, "calendar")


async def carry(user: Driver, title: str, day: str) -> None:
    """Take an entry of the list with the mouse, and hold it over a day of this month."""
    lines = user.screen_text().splitlines()
    row = next(number for number, line in enumerate(lines) if title in line and number > lines.index(over(user)))
    await user.pilot.mouse_down(offset=(10, row))
    number = next(number for number, line in enumerate(lines) if line.startswith(f"{day} "))
    await user.pilot.hover(offset=(1, number))
    await user.settle()


def over(user: Driver) -> str:
    """The line over the list."""
    return next(line for line in reversed(user.screen_text().splitlines()) if "March 2026" in line or "→" in line)


def test_an_entry_is_carried_to_another_day(planned: Workspace) -> None:
    async def story(user: Driver) -> None:
        await carry(user, "Workshop", "23")
        assert "Workshop → 2026-03-23" in over(user)
        assert day_of(user, "E1") == "2026-03-18T15:00", "nothing is done before it is let go"
        await user.pilot.mouse_up(offset=(1, next_line(user, "23 ")))
        await user.settle()
        assert day_of(user, "E1") == "2026-03-23T15:00"
        assert entries(user) == ["Send the offer"]
        await user.press("u")
        assert day_of(user, "E1") == "2026-03-18T15:00"

    drive(planned, story, "calendar")


def next_line(user: Driver, beginning: str) -> int:
    lines = user.screen_text().splitlines()
    return next(number for number, line in enumerate(lines) if line.startswith(beginning))


def test_an_entry_that_is_let_go_of_stays(planned: Workspace) -> None:
    async def story(user: Driver) -> None:
        before = user.crm("undo", "--list")
        await carry(user, "Workshop", "23")
        await user.press("escape")
        assert "→" not in over(user)
        await user.pilot.mouse_up(offset=(1, next_line(user, "23 ")))
        await user.settle()
        assert user.crm("undo", "--list") == before

    drive(planned, story, "calendar")


def test_what_lies_in_calendars_of_others_is_only_looked_at(planned: Workspace) -> None:
    file = planned.home / "club.ics"
    event = "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Lunch of the club\r\nDTSTART:20260318T110000Z\r\nEND:VEVENT\r\n"
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{event}END:VCALENDAR\r\n"
    file.write_bytes(text.encode())
    config = planned.home / "config" / "config.toml"
    config.write_text(f'[[calendar.foreign]]\nname = "Club"\npath = "{file}"\n', encoding="utf-8")

    async def story(user: Driver) -> None:
        assert entries(user) == ["Send the offer", "Lunch of the club", "Workshop"]
        before = user.crm("undo", "--list")
        for keys in (["e"], ["L"], ["J"], ["x"], ["d"], ["s"], ["c"], ["enter"]):
            await user.press("tab", "g", "j", *keys)
            assert isinstance(user.app.screen, CalendarScreen), keys
            await user.press("shift+tab")
        await carry(user, "Lunch of the club", "23")
        assert "→" not in over(user)
        await user.pilot.mouse_up(offset=(1, next_line(user, "23 ")))
        await user.settle()
        assert user.crm("undo", "--list") == before
        assert file.read_bytes() == text.encode()

    drive(planned, story, "calendar")
