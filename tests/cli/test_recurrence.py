"""Recurrence on the command line: ``--every``, ``--on`` with ``--this``, ``--following`` and ``--all``."""

from typing import Any

import pytest

from tests.cli.workspace import Workspace


def agenda(workspace: Workspace, days: str) -> list[tuple[str, str, str]]:
    rows: list[dict[str, Any]] = workspace.json("agenda", days)
    return [(row["day"], row["time"], row["ref"]) for row in rows]


@pytest.fixture
def stand_up(workspace: Workspace) -> Workspace:
    """A workspace with E1, every weekday at half past nine from Monday, 23 March 2026."""
    workspace.ok("event", "add", "Stand-up", "--start", "monday 9:30", "--duration", "15m", "--every", "weekday")
    return workspace


def test_a_task_and_the_next_one(workspace: Workspace) -> None:
    task = workspace.json("task", "add", "Figures", "--every", "last friday of the month")
    assert (task["due_at"], task["rrule"], task["recur_mode"]) == ("2026-03-27", "FREQ=MONTHLY;BYDAY=-1FR", "schedule")
    done = workspace.crm("task", "done", "T1")
    assert (done.code, done.out, done.err) == (0, "T1\n", "next: T2  Figures, due 2026-04-24\n")
    assert workspace.json("task", "show", "T2")["recurrence"] == "every month on the last Friday"
    assert "recurrence\tevery month on the last Friday" in workspace.ok("task", "show", "T2")
    workspace.ok("undo", "--yes")
    assert workspace.ok("task", "list", "-o", "ids") == "T1"
    workspace.ok("task", "cancel", "T1", "--stop")
    assert workspace.ok("task", "list", "--where", "open", "-o", "ids") == ""


def test_what_was_missed_is_told(workspace: Workspace) -> None:
    workspace.ok("task", "add", "Report", "--due", "2026-03-02", "--every", "monday")
    assert workspace.crm("task", "done", "T1").err == "next: T2  Report, due 2026-03-16 (1 date missed)\n"


def test_a_rule_is_given_to_a_task_and_taken_away(workspace: Workspace) -> None:
    workspace.ok("task", "add", "Report", "--due", "2026-03-20")
    assert workspace.json("task", "edit", "T1", "--every", "2 weeks")["rrule"] == "FREQ=WEEKLY;INTERVAL=2"
    assert workspace.ok("task", "list", "--where", "rrule is not empty", "-o", "ids") == "T1"
    assert workspace.json("task", "edit", "T1", "--unset", "rrule")["rrule"] is None
    workspace.ok("task", "edit", "T1", "--set", "every=week", "--recur-mode", "after_done")
    workspace.ok("task", "done", "T1")
    assert workspace.json("task", "show", "T2")["due_at"] == "2026-03-25"


def test_a_dry_run_tells_the_next_five(workspace: Workspace) -> None:
    words = ("task", "add", "Water", "--due", "tomorrow", "--every", "2 weeks until 31 dec", "--dry-run")
    assert "2026-03-19, 2026-04-02, 2026-04-16, 2026-04-30, 2026-05-14" in workspace.ok(*words)
    nightly = ("event", "add", "Call", "--start", "2026-03-28 02:30", "--every", "day", "--dry-run")
    (change,) = workspace.json(*nightly)["changes"]
    assert change["occurrences"] == [
        "2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z", "2026-03-31T00:30:00Z",
        "2026-04-01T00:30:00Z",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--every", "sometimes"], 2, "cannot read 'sometimes' as a recurrence"),
        (["--every", "FREQ=SECONDLY"], 2, "does not recur"),
        (["--every", "day until yesterday"], 4, "ends before"),
        (["--every", "monday at 9"], 2, "names a time of day"),
    ],
)
def test_what_is_no_recurrence(workspace: Workspace, words: list[str], code: int, said: str) -> None:
    assert said in workspace.refused(code, "event", "add", "Demo", "--start", "tomorrow 15:00", *words)


def test_one_occurrence(stand_up: Workspace) -> None:
    assert stand_up.ok("event", "edit", "E1", "--on", "2026-03-24", "--start", "11:00") == "E2"
    assert stand_up.ok("event", "cancel", "E1", "--on", "2026-03-25", "--this") == "E3"
    assert stand_up.ok("event", "rm", "E1", "--on", "2026-03-26", "--yes") == "E1"
    assert agenda(stand_up, "2026-03-23..2026-03-27") == [
        ("2026-03-23", "09:30", "E1"), ("2026-03-24", "11:00", "E2"), ("2026-03-27", "09:30", "E1"),
    ]  # fmt: skip
    assert stand_up.json("event", "show", "E1")["recurrence"] == "every weekday"


def test_this_one_and_the_following(stand_up: Workspace) -> None:
    assert stand_up.ok("event", "edit", "E1", "--on", "2026-03-26", "--following", "--start", "10:00") == "E1\nE2"
    assert agenda(stand_up, "2026-03-25..2026-03-27") == [
        ("2026-03-25", "09:30", "E1"), ("2026-03-26", "10:00", "E2"), ("2026-03-27", "10:00", "E2"),
    ]  # fmt: skip
    stand_up.ok("event", "rm", "E2", "--on", "2026-03-27", "--following", "--yes")
    assert [day for day, _, _ in agenda(stand_up, "2026-03-25..2026-03-31")] == ["2026-03-25", "2026-03-26"]
    assert stand_up.json("event", "show", "E1")["recurrence"] == "every weekday until 25 Mar 2026"


def test_all(stand_up: Workspace) -> None:
    stand_up.ok("event", "edit", "E1", "--on", "2026-03-24", "--start", "11:00")
    stand_up.ok("event", "edit", "E1", "--all", "--title", "Daily")
    assert stand_up.ok("event", "list", "--columns", "title") == "Daily\nDaily"
    stand_up.ok("event", "cancel", "E1")
    assert agenda(stand_up, "2026-03-23..2026-03-27") == []
    stand_up.ok("event", "rm", "E1", "--yes")
    assert stand_up.ok("event", "list", "-o", "ids") == ""


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["edit", "E1", "--on", "2026-03-28", "--title", "X"], 3, "no occurrence of E1 '2026-03-28'"),
        (["edit", "E1", "--this", "--title", "X"], 2, "which occurrence of E1?"),
        (["edit", "E1", "--on", "2026-03-24", "--this", "--all", "--title", "X"], 2, "not both"),
        (["edit", "E1", "--on", "2026-03-24"], 2, "nothing to change"),
        (["edit", "--where", "title = X", "--on", "2026-03-24", "--title", "X"], 2, "those of one event"),
        (["rm", "E1", "--on", "2026-03-24"], 2, "Say so with --yes"),
    ],
)
def test_occurrences_that_are_not_said_well(stand_up: Workspace, words: list[str], code: int, said: str) -> None:
    assert said in stand_up.refused(code, "event", *words)


SLIPS = pytest.mark.parametrize(
    ("words", "doubt"),
    [
        (("task", "add", "A", "--due", "2062-03-20"), "2062-03-20 is more than two years ahead"),
        (("event", "add", "A", "--start", "2026-03-17 10:00"), "2026-03-17 10:00 is in the past"),
        (("task", "snooze", "T1", "2026-03-01"), "2026-03-01 is in the past"),
        (("snooze", "C1", "2026-03-01"), "2026-03-01 is in the past"),
        (("contact", "edit", "C1", "--set", "next_contact_on=2062-01-01"), "more than two years ahead"),
    ],
)


@SLIPS
def test_a_slip_is_asked_about_where_somebody_can_answer(
    workspace: Workspace, words: tuple[str, ...], doubt: str
) -> None:
    workspace.ok("task", "add", "First", "--due", "tomorrow")
    workspace.ok("contact", "add", "Luca Bianchi")
    before = workspace.state()
    code, screen = workspace.at_terminal(*words, typed="n\n", asked="[y/N]")
    assert (code, f"{doubt}. Is that meant?" in screen, workspace.state()) == (1, True, before)
    code, screen = workspace.at_terminal(*words, typed="y\n", asked="[y/N]")
    assert (code, workspace.state() == before) == (0, False), screen


@SLIPS
def test_elsewhere_a_slip_is_warned_of(workspace: Workspace, words: tuple[str, ...], doubt: str) -> None:
    workspace.ok("task", "add", "First", "--due", "tomorrow")
    workspace.ok("contact", "add", "Luca Bianchi")
    done = workspace.crm(*words)
    assert (done.code, doubt in done.err) == (0, True), done.err


def test_what_was_held_is_no_slip(workspace: Workspace) -> None:
    words = ("event", "add", "Talk", "--start", "yesterday 10:00", "--status", "held")
    code, screen = workspace.at_terminal(*words)
    assert (code, "Is that meant" in screen) == (0, False)


def test_an_hour_by_itself_keeps_the_days(stand_up: Workspace) -> None:
    stand_up.ok("event", "edit", "E1", "--all", "--start", "10:15")
    assert agenda(stand_up, "2026-03-18..2026-03-31")[:2] == [
        ("2026-03-23", "10:15", "E1"),
        ("2026-03-24", "10:15", "E1"),
    ]
    assert stand_up.json("event", "show", "E1")["recurrence"] == "every weekday"
    stand_up.ok("event", "edit", "E1", "--start", "8am", "--end", "8:30")
    assert agenda(stand_up, "2026-03-18..2026-03-23") == [("2026-03-23", "08:00", "E1")]


def test_an_hour_by_itself_keeps_the_day_of_a_single_event(workspace: Workspace) -> None:
    workspace.ok("event", "add", "Fair", "--start", "2026-03-23 10:00", "--end", "2026-03-24 12:00")
    workspace.ok("event", "add", "Demo", "--start", "2026-03-25 10:00")
    workspace.ok("event", "edit", "E1", "--end", "17:00")
    assert workspace.json("event", "show", "E1")["end_at"] == "2026-03-24T16:00:00Z"
    workspace.ok("event", "edit", "E2", "--start", "11:00")
    assert workspace.json("event", "show", "E2")["start_at"] == "2026-03-25T10:00:00Z"
    workspace.ok("event", "edit", "E2", "--start", "2026-03-26 11:00", "--end", "13:00")
    assert workspace.json("event", "show", "E2")["end_at"] == "2026-03-26T12:00:00Z"
    assert "of one event" in workspace.refused(2, "event", "edit", "E1", "E2", "--start", "11:00")


@pytest.mark.parametrize(
    ("every", "days"),
    [
        ("other tuesday", ["2026-03-24", "2026-04-07", "2026-04-21"]),
        ("ogni 2 settimane di martedì", ["2026-03-24", "2026-04-07", "2026-04-21"]),
        ("2 weeks on monday and thursday", ["2026-03-23", "2026-03-26", "2026-04-06"]),
        ("2 months on the 1st", ["2026-04-01", "2026-06-01", "2026-08-01"]),
        ("2 weeks", ["2026-03-20", "2026-04-03", "2026-04-17"]),
    ],
)
def test_a_longer_rhythm_begins_with_the_next_day_that_fits(workspace: Workspace, every: str, days: list[str]) -> None:
    workspace.ok("event", "add", "Demo", "--start", "2026-03-20 10:00", "--every", every)
    assert [day for day, _, _ in agenda(workspace, "2026-03-18..2026-09-01")][:3] == days


def test_a_task_with_a_longer_rhythm_begins_with_the_next_day_that_fits(workspace: Workspace) -> None:
    workspace.ok("task", "add", "Call", "--every", "other tuesday")
    assert workspace.json("task", "show", "T1")["due_at"] == "2026-03-24"
