import os
from pathlib import Path

import pytest

from tests.cli.workspace import Workspace
from tests.command import crm


def test_add_list_and_edit(workspace: Workspace) -> None:
    assert workspace.ok("user", "add", "Bruno", "--name", "Bruno Bianchi") == "bruno"
    assert workspace.ok("user", "list", "-o", "ids") == "anna\nbruno"
    assert workspace.json("user", "edit", "bruno", "--email", "Bruno@example.com")["email"] == "bruno@example.com"
    lead = workspace.json("lead", "add", "Carla", "--owner", "bruno")
    assert (lead["owner"], lead["owner_ref"]) == ("bruno", "bruno")
    assert workspace.ok("lead", "list", "--where", "owner = bruno", "-o", "ids") == "L1"


def test_a_team_is_all_its_active_users(workspace: Workspace) -> None:
    for handle in ("bruno", "carla", "dario"):
        workspace.ok("user", "add", handle, "--team", "Sales")
        workspace.ok("lead", "add", handle, "--owner", handle)
    workspace.ok("user", "edit", "dario", "--set", "is_active=no")
    assert workspace.ok("lead", "list", "--where", "owner = team:sales", "-o", "ids", "--sort", "id") == "L1\nL2"
    assert "fits several records" in workspace.refused(5, "lead", "add", "X", "--owner", "team:sales")
    assert "did you mean team:Sales?" in workspace.refused(3, "lead", "add", "X", "--owner", "team:sale")


def test_wrong_words_change_nothing(workspace: Workspace) -> None:
    assert "one word" in workspace.refused(4, "user", "add", "two words")
    assert "a user anna already" in workspace.refused(5, "user", "add", "ANNA")
    assert "no user 'carla'" in workspace.refused(3, "user", "edit", "carla", "--name", "C")
    assert "no time zone 'Nope'" in workspace.refused(2, "user", "edit", "anna", "--timezone", "Nope")
    assert "is not an e-mail address" in workspace.refused(2, "user", "edit", "anna", "--email", "anna@")


@pytest.mark.parametrize(
    ("handle", "said"), [("me", "whoever types it"), ("12", "the number of a record"), ("Team:x", "taken for a team")]
)
def test_a_handle_is_not_taken_for_something_else(workspace: Workspace, handle: str, said: str) -> None:
    assert said in workspace.refused(4, "user", "add", handle)
    assert said in workspace.refused(2, "config", "set", "user", handle)


@pytest.mark.parametrize("login", ["me", "1000", "anna rossi"])
def test_a_login_that_is_no_handle_gets_one(tmp_path: Path, login: str) -> None:
    assert crm(tmp_path, "init", env={"LOGNAME": login}).returncode == 0
    handle = crm(tmp_path, "user", "list", "-o", "ids", env={"LOGNAME": login}).stdout
    assert handle == f"user{os.getuid()}\n"
