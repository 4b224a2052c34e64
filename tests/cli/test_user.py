from tests.cli.workspace import Workspace


def test_add_list_and_edit(workspace: Workspace) -> None:
    assert workspace.ok("user", "add", "Bruno", "--name", "Bruno Bianchi") == "bruno"
    assert workspace.ok("user", "list", "-o", "ids") == "anna\nbruno"
    assert workspace.json("user", "edit", "bruno", "--email", "Bruno@example.com")["email"] == "bruno@example.com"
    lead = workspace.json("lead", "add", "Carla", "--owner", "bruno")
    assert (lead["owner"], lead["owner_ref"]) == ("bruno", "bruno")
    assert workspace.ok("lead", "list", "--where", "owner = bruno", "-o", "ids") == "L1"


def test_wrong_words_change_nothing(workspace: Workspace) -> None:
    assert "one word" in workspace.refused(4, "user", "add", "two words")
    assert "a user anna already" in workspace.refused(4, "user", "add", "anna")
    assert "no user 'carla'" in workspace.refused(3, "user", "edit", "carla", "--name", "C")
