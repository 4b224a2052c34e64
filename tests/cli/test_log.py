import pytest

from crmcli.cli.registry import LOG_KINDS
from tests.cli.workspace import Workspace


@pytest.fixture
def anna(workspace: Workspace) -> str:
    return workspace.ok("contact", "add", "Anna Rossi")


def test_a_call_with_everything(workspace: Workspace, anna: str) -> None:
    workspace.ok("deal", "add", "Support", "--contact", anna)
    call = workspace.json(
        "log", "call", "Spoke about the offer", "--with", anna, "--with", "D1", "--duration", "20m",
        "--outcome", "connected", "--when", "yesterday 15:00",
    )  # fmt: skip
    assert (call["ref"], call["kind"], call["direction"], call["user"]) == ("A1", "call", "out", "anna")
    assert (call["body"], call["outcome"], call["duration_seconds"]) == ("Spoke about the offer", "connected", 1200)
    assert call["occurred_at"] == "2026-03-17T14:00:00Z"
    assert [link["ref"] for link in call["links"]] == [anna, "D1"]
    assert workspace.json("show", anna)["last_contacted_at"] == "2026-03-17T14:00:00Z"


@pytest.mark.parametrize("kind", LOG_KINDS)
def test_every_kind_is_logged_now_unless_said_otherwise(workspace: Workspace, anna: str, kind: str) -> None:
    logged = workspace.json("log", kind, "Words", "--with", anna)
    assert (logged["kind"], logged["occurred_at"]) == (kind, "2026-03-18T11:00:00Z")
    assert logged["direction"] == (None if kind in ("note", "visit") else "out")


def test_a_bare_time_or_weekday_lies_behind(workspace: Workspace, anna: str) -> None:
    assert workspace.json("log", "call", "--with", anna, "--when", "15:00")["occurred_at"] == "2026-03-17T14:00:00Z"
    assert workspace.json("log", "call", "--with", anna, "--when", "monday 9:00")["occurred_at"].startswith(
        "2026-03-16"
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["call", "Words", "--with", "C9"], 3, "no record 'C9'"),
        (["call", "Words", "--when", "tomorrow"], 4, "future"),
        (["call", "Words", "--when", "whenever"], 2, "whenever"),
        (["call", "Words", "--duration", "a while"], 2, "--duration"),
        (["call", "Words", "--outcome", "conected"], 2, "did you mean connected"),
        (["fax", "Words"], 2, "has no command 'fax'"),
    ],
)
def test_what_is_refused(workspace: Workspace, words: list[str], code: int, said: str) -> None:
    assert said in workspace.refused(code, "log", *words)


def test_the_list_tells_what_an_interaction_is_about(workspace: Workspace, anna: str) -> None:
    workspace.ok("log", "note", "Prefers the morning", "--with", anna)
    workspace.ok("log", "email", "Dear Anna", "--with", anna, "--subject", "Our offer")
    screen = workspace.at_terminal("log", "list", columns=120)[1]
    assert "Prefers the morning" in screen and "Our offer" in screen and "Dear Anna" not in screen


def test_list_show_edit_rm(workspace: Workspace, anna: str) -> None:
    workspace.ok("log", "note", "Prefers the morning", "--with", anna)
    assert workspace.ok("log", "list", "-o", "ids", "--where", "kind = note") == "A1"
    assert "title\tPrefers the morning" in workspace.ok("log", "show", "A1")
    assert workspace.json("log", "edit", "A1", "--subject", "Habits")["subject"] == "Habits"
    assert workspace.ok("log", "rm", "A1", "--yes") == "A1"
    assert workspace.ok("log", "list") == ""


def test_time_and_length_can_be_corrected(workspace: Workspace, anna: str) -> None:
    workspace.ok("log", "call", "Spoke", "--with", anna)
    workspace.ok("log", "call", "Spoke again", "--with", anna)
    call = workspace.json("log", "edit", "A1", "--when", "monday 9:00", "--duration", "1h30", "--outcome", "connected")
    assert (call["occurred_at"], call["duration_seconds"], call["outcome"]) == (
        "2026-03-16T08:00:00Z",
        5400,
        "connected",
    )
    workspace.ok("log", "edit", "--where", "kind = call", "--duration", "5m", "--yes")
    assert [row["duration_seconds"] for row in workspace.json("log", "list")] == [300, 300]
    assert "--duration" in workspace.refused(2, "log", "edit", "A1", "--duration", "soon")
