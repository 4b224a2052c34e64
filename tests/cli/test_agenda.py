"""The agenda and the calendar: everything of a day in its turn, recurring events on their days, free time between."""

from datetime import date, timedelta

import pytest

from tests.cli.workspace import Workspace


@pytest.fixture
def busy(workspace: Workspace) -> Workspace:  # today is Wednesday, 18 March 2026, 12:00 in Rome
    def make() -> None:
        workspace.ok("org", "add", "Acme")
        workspace.ok("contact", "add", "Anna Rossi", "--org", "O1", "--set", "birthdate=1986-03-20")
        workspace.ok("contact", "edit", "C1", "--set", "next_contact_on=2026-03-19")
        workspace.ok(
            "deal",
            "add",
            "Support",
            "--org",
            "O1",
            "--contact",
            "C1",
            "--amount",
            "12k",
            "--expected-close",
            "2026-03-20",
        )
        workspace.ok("deal", "edit", "D1", "--set", "next_step=Send it", "--set", "next_step_due=2026-03-19")
        workspace.ok("task", "add", "Late", "--due", "2026-03-16", "--for", "C1")
        workspace.ok("task", "add", "Call", "--due", "today 15:00", "--for", "D1", "--priority", "high")
        workspace.ok("task", "add", "Any time", "--due", "today")
        workspace.ok(
            "event",
            "add",
            "Demo",
            "--start",
            "today 14:00",
            "--end",
            "today 16:00",
            "--location",
            "Milan",
            "--with",
            "C1",
        )
        workspace.ok("event", "add", "Fair", "--start", "2026-03-19", "--end", "2026-03-20")
        workspace.ok("event", "add", "Stand-up", "--start", "2026-03-16 09:30", "--set", "rrule=FREQ=DAILY")

    return workspace.once(make)


def told(workspace: Workspace, *words: str) -> list[tuple[str, str | None, str, str]]:
    return [(row["day"], row["time"], row["kind"], row["title"]) for row in workspace.json("agenda", *words)]


def test_a_day_is_in_the_order_of_time_and_begins_with_what_is_overdue(busy: Workspace) -> None:
    assert told(busy) == [
        ("2026-03-16", None, "task", "Late"),
        ("2026-03-18", None, "task", "Any time"),
        ("2026-03-18", "09:30", "event", "Stand-up"),
        ("2026-03-18", "14:00", "event", "Demo"),
        ("2026-03-18", "15:00", "task", "Call"),
    ]
    assert [row["overdue"] for row in busy.json("agenda")] == [True, False, False, False, False]


def test_what_is_late_is_late_whichever_days_are_asked_for(busy: Workspace) -> None:
    busy.ok("contact", "add", "Luca Bianchi", "--set", "next_contact_on=2026-03-17")
    busy.ok("task", "add", "This morning", "--due", "today 09:00")
    busy.ok("deal", "add", "Old", "--contact", "C2", "--expected-close", "2026-03-12")
    busy.ok("deal", "edit", "D2", "--set", "next_step=Ask", "--set", "next_step_due=2026-03-13")
    late = {"Late", "Luca Bianchi", "This morning", "Old", "Ask"}
    for words in (["agenda"], ["agenda", "week"], ["agenda", "this-week"], ["agenda", "2026-03-01..2026-03-17"],
                  ["calendar"], ["calendar", "2026"]):  # fmt: skip
        rows = busy.json(*words)
        assert {row["title"] for row in rows if row["overdue"]} == late & {row["title"] for row in rows}, words
    assert late <= {row["title"] for row in busy.json("calendar")}


def test_days_ahead_have_events_of_whole_days_next_steps_follow_ups_closes_and_birthdays(busy: Workspace) -> None:
    assert told(busy, "2026-03-19..2026-03-20") == [
        ("2026-03-19", None, "event", "Fair"),
        ("2026-03-19", None, "next_step", "Send it"),
        ("2026-03-19", None, "follow_up", "Anna Rossi"),
        ("2026-03-19", "09:30", "event", "Stand-up"),
        ("2026-03-20", None, "event", "Fair"),
        ("2026-03-20", None, "close", "Support"),
        ("2026-03-20", None, "birthday", "Anna Rossi"),
        ("2026-03-20", "09:30", "event", "Stand-up"),
    ]
    close = next(row for row in busy.json("agenda", "2026-03-20") if row["kind"] == "close")
    assert (close["about"], close["detail"], close["amount"]) == ("Anna Rossi · Acme", "Potential", 12_000)


def test_rows_say_whom_they_are_about(busy: Workspace) -> None:
    about = {row["title"]: (row["about"], row["detail"]) for row in busy.json("agenda")}
    assert about["Demo"] == ("C1 Anna Rossi · Acme", "Milan")
    assert about["Call"][1] == "high"


def test_the_screen_names_each_day_once(busy: Workspace) -> None:
    code, screen = busy.at_terminal("agenda", "week", "--no-pager")
    assert code == 0
    assert screen.count("Thu 19 Mar") == 1
    assert "Overdue" in screen
    assert "turns 40" in screen
    assert "14:00-16:00" in screen


def test_one_instance_that_was_called_off_or_moved_stands_where_it_is_now(busy: Workspace) -> None:
    series = busy.json("event", "show", "E3")
    calendar = "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//example.org//test",
            "BEGIN:VEVENT",
            f"UID:{series['ical_uid']}",
            "RECURRENCE-ID;TZID=Europe/Rome:20260319T093000",
            "DTSTART;TZID=Europe/Rome:20260319T170000",
            "DTEND;TZID=Europe/Rome:20260319T173000",
            "SUMMARY:Stand-up\\, late",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )
    file = busy.home / "moved.ics"
    file.write_text(calendar, encoding="utf-8")
    busy.ok("import", "event", str(file))
    busy.ok("event", "edit", "E3", "--set", 'exdates=["2026-03-20T09:30"]')
    found = [row for row in told(busy, "2026-03-18..2026-03-21") if row[3].startswith("Stand-up")]
    assert found == [
        ("2026-03-18", "09:30", "event", "Stand-up"),
        ("2026-03-19", "17:00", "event", "Stand-up, late"),
        ("2026-03-21", "09:30", "event", "Stand-up"),
    ]


def test_only_what_is_of_one_user(busy: Workspace) -> None:
    busy.ok("user", "add", "bruno")
    busy.ok("task", "add", "His", "--due", "today", "--assignee", "bruno")
    assert told(busy, "--owner", "bruno") == [("2026-03-18", None, "task", "His")]


def test_a_birthday_of_the_29th_of_february_is_kept_in_other_years(workspace: Workspace) -> None:
    workspace.ok("contact", "add", "Leo Bianchi", "--set", "birthdate=2000-02-29")
    found = [(row["day"], row["detail"]) for row in workspace.json("agenda", "2027-01-01..2028-12-31")]
    assert found == [("2027-02-28", "27"), ("2028-02-29", "28")]


def test_free_time_is_what_the_working_hours_leave(busy: Workspace) -> None:
    rows = busy.json("agenda", "--free", "90m", "--within", "1d")
    assert [(row["day"], row["time"], row["until"]) for row in rows] == [
        ("2026-03-18", "12:00", "14:00"),
        ("2026-03-18", "16:00", "18:00"),
        ("2026-03-19", "10:30", "12:00"),
    ]


@pytest.mark.parametrize(
    ("days", "last"),
    [("7d", "2026-03-24"), ("+7d", "2026-03-24"), ("week", "2026-03-24"), ("2w", "2026-03-31"), ("1m", "2026-04-17"),
     ("month", "2026-04-17")],
)  # fmt: skip
def test_a_length_of_time_is_that_to_come(workspace: Workspace, days: str, last: str) -> None:
    after = (date.fromisoformat(last) + timedelta(1)).isoformat()
    for day in ("2026-03-17", "2026-03-18", last, after):
        workspace.ok("event", "add", day, "--start", f"{day} 10:00")
    assert [row["title"] for row in workspace.json("agenda", days)] == ["2026-03-18", last]


@pytest.mark.parametrize(
    "words",
    [["nonsense"], ["9999y"], ["2026-03-01.."], ["all"], ["--free", "soon"], ["--free", "0h"], ["--free", "-1h"],
              ["--within", "x", "--free", "1h"], ["--within", "0d", "--free", "1h"],
              ["--within", "999999w", "--free", "1h"]],
)  # fmt: skip
def test_what_is_no_time_is_told_in_one_line(busy: Workspace, words: list[str]) -> None:
    assert busy.refused(2, "agenda", *words).startswith("crm: ")


def test_nothing_is_exit_1_only_when_asked(workspace: Workspace) -> None:
    assert workspace.crm("agenda")[:2] == (0, "")
    assert workspace.crm("agenda", "--exit-code").code == 1


def test_a_month_shows_its_days(busy: Workspace) -> None:
    code, screen = busy.at_terminal("calendar", "--no-pager", columns=80)
    assert code == 0
    lines = screen.splitlines()
    assert lines[0].strip() == "March 2026"
    assert lines[1].split() == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    assert sum("09:30 Sta" in line for line in lines) >= 3
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("month", "title"),
    [("feb", "February 2026"), ("february 2027", "February 2027"), ("Febbraio", "February 2026"),
     ("dic 2026", "December 2026"), ("may-2026", "May 2026"), ("next-month", "April 2026")],
)  # fmt: skip
def test_a_month_is_called_by_its_name(busy: Workspace, month: str, title: str) -> None:
    assert busy.at_terminal("calendar", month, "--no-pager")[1].splitlines()[0].strip() == title


def test_what_is_no_month_names_some_that_are(busy: Workspace) -> None:
    assert "hint: crm calendar december" in busy.refused(2, "calendar", "febuary")


def test_a_month_in_other_formats_is_the_agenda(busy: Workspace) -> None:
    assert busy.json("calendar", "2026-04") == busy.json("agenda", "2026-04")


def test_titles_cannot_act_on_the_terminal(workspace: Workspace) -> None:
    workspace.ok("event", "add", "\x1b[2Jgone", "--start", "today 15:00")
    for words in (["agenda"], ["calendar"]):
        _, screen = workspace.at_terminal(*words, "--no-pager")
        assert "\x1b[2J" not in screen
    assert workspace.json("agenda")[0]["title"] == "\x1b[2Jgone"
