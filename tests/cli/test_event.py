import pytest

from tests.cli.workspace import Workspace


def test_add_with_a_duration_links_and_guests(workspace: Workspace) -> None:
    workspace.ok("contact", "add", "Anna Rossi")
    event = workspace.json(
        "event", "add", "Demo", "--start", "tomorrow 15:00", "--duration", "45m", "--for", "C1", "--attendee", "C1",
        "--attendee", "me", "--location", "Bologna",
    )  # fmt: skip
    assert (event["ref"], event["location"], event["status"]) == ("E1", "Bologna", "planned")
    assert (event["start_at"], event["end_at"]) == ("2026-03-19T14:00:00Z", "2026-03-19T14:45:00Z")
    assert [link["ref"] for link in event["links"]] == ["C1"]
    assert [guest["ref"] for guest in event["attendees"]] == ["C1", "anna"]


def test_without_an_end_an_hour_or_the_day(workspace: Workspace) -> None:
    assert workspace.json("event", "add", "Talk", "--start", "2026-03-20T09:00")["end_at"] == "2026-03-20T09:00:00Z"
    fair = workspace.json("event", "add", "Fair", "--start", "2026-05-04", "--end", "2026-05-06")
    assert (fair["start_at"], fair["end_at"], fair["all_day"]) == ("2026-05-04", "2026-05-06", True)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--start", "tomorrow 15:00", "--duration", "long"], 2, "--duration"),
        (["--start", "2026-05-04", "--duration", "1h"], 2, "needs a start with a time"),
        (["--duration", "1h"], 2, "goes with --start"),
        (["--start", "tomorrow 15:00", "--end", "tomorrow 16:00", "--duration", "1h"], 2, "without --end"),
        (["--start", "tomorrow 15:00", "--end", "tomorrow 14:00"], 4, "before the start"),
        (["--start", "tomorrow 15:00", "--attendee", "nobody"], 3, "no user 'nobody'"),
        ([], 4, "start_at"),
    ],
)
def test_add_refuses(workspace: Workspace, words: list[str], code: int, said: str) -> None:
    assert said in workspace.refused(code, "event", "add", "Demo", *words)


def test_moving_keeps_the_length(workspace: Workspace) -> None:
    workspace.ok("event", "add", "Demo", "--start", "tomorrow 15:00", "--duration", "45m")
    moved = workspace.json("event", "edit", "E1", "--start", "2026-03-23T10:00")
    assert (moved["start_at"], moved["end_at"]) == ("2026-03-23T09:00:00Z", "2026-03-23T09:45:00Z")


def test_list_show_edit_rm(workspace: Workspace) -> None:
    workspace.ok("event", "add", "Demo", "--start", "tomorrow 15:00")
    assert workspace.ok("event", "list", "-o", "ids", "--where", "start = tomorrow") == "E1"
    assert workspace.json("event", "edit", "E1", "--status", "held")["status"] == "held"
    assert "title\tDemo" in workspace.ok("event", "show", "E1")
    assert workspace.ok("event", "rm", "E1", "--yes") == "E1"
    assert workspace.ok("event", "list") == ""


@pytest.mark.parametrize("rule", ["hello", "FREQ=SECONDLY", "FREQ=DAILY;\nX-EVIL=1:"])
def test_a_recurrence_is_a_rule(workspace: Workspace, rule: str) -> None:
    workspace.ok("event", "add", "Demo", "--start", "2026-03-20 10:00")
    assert "rrule: " in workspace.refused(2, "event", "edit", "E1", "--set", f"rrule={rule}")
    workspace.ok("event", "edit", "E1", "--set", "rrule=rrule:freq=daily")
    assert workspace.json("event", "show", "E1")["rrule"] == "FREQ=DAILY"
