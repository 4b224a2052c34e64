import pytest

from tests.cli.workspace import Workspace


def test_every_command_is_there_with_its_reason(workspace: Workspace) -> None:
    workspace.ok("lead", "add", "Anna Rossi", "--email", "anna@example.com", "--reason", "met at the fair")
    workspace.ok("undo", "--yes")
    newest, step, setup = workspace.json("history")
    assert (newest["command"], newest["kind"], newest["undo_of_id"]) == ("crm undo --yes", "undo", step["id"])
    assert (step["who"], step["reason"], step["undone"], step["records"]) == ("anna", "met at the fair", True, 1)
    assert step["command"] == "crm lead add … --email … --reason …"
    assert setup["command"] == "crm init"
    assert len(workspace.json("history", "--limit", "1")) == 1


def test_a_record_tells_its_fields(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok("deal", "add", "Support", "--org", "O1", "--amount", "12k")
    workspace.ok("deal", "edit", "D1", "--amount", "15k", "--reason", "two more seats")
    change = workspace.json("history", "D1")[0]
    assert (change["key"], change["old"], change["new"], change["currency"]) == ("amount", 12000, 15000, "EUR")
    assert (change["who"], change["action"], change["reason"]) == ("anna", "update", "two more seats")
    code, screen = workspace.at_terminal("history", "D1", "--no-pager", columns=200)
    assert code == 0
    assert "€12,000.00" in screen


def test_links_are_told_by_name(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok("task", "add", "Call", "--for", "O1")
    assert "O1 Acme" in workspace.at_terminal("history", "T1", "--no-pager", columns=200)[1]


def test_child_rows_are_told_by_ref_and_name(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok("contact", "add", "Anna Rossi", "--org", "O1")
    workspace.ok("deal", "add", "Support", "--org", "O1", "--contact", "C1")
    for ref, told in (("C1", "O1 Acme"), ("D1", "C1 Anna Rossi")):
        screen = workspace.at_terminal("history", ref, "--no-pager", columns=200)[1]
        for text in (screen, workspace.ok("history", ref)):
            assert told in text and "{" not in text
    assert {"contact_ref": "C1"}.items() <= workspace.json("history", "D1")[-1]["new"][0].items()


@pytest.mark.parametrize("gone", [["org", "rm", "O1", "--yes"], ["undo", "--yes"]])
def test_what_is_gone_has_a_history(workspace: Workspace, gone: list[str]) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok(*gone)
    assert workspace.json("history", "O1")[-1]["command"] == "crm org add …"


def test_what_a_record_had_is_called_by_the_name_that_it_had_when_it_went(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok("contact", "add", "Anna", "--org", "O1", "--tag", "vip", "--tag", "news")
    workspace.ok("undo", "2", "--yes")
    told = {one["key"]: one["old"] for one in workspace.json("history", "C1") if one["action"] == "remove"}
    assert told["tags"] == ["vip", "news"]
    assert [(one["organization_ref"], one["organization"]) for one in told["organizations"]] == [("O1", "Acme")]
    assert workspace.at_terminal("history", "C1", "--no-pager", columns=200)[1].count("vip, news") == 2


def test_an_unknown_record(workspace: Workspace) -> None:
    assert "no record 'O9'" in workspace.refused(3, "history", "O9")
