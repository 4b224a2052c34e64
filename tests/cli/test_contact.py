from tests.cli.workspace import Workspace


def test_add_with_employer_and_title(workspace: Workspace) -> None:
    assert "--create" in workspace.refused(3, "contact", "add", "Anna Rossi", "--org", "Acme")
    person = workspace.json("contact", "add", "Anna Rossi", "--org", "Acme", "--create", "--title", "CTO")
    assert (person["ref"], person["organization_ref"], person["job_title"]) == ("C1", "O1", "CTO")
    assert person["organizations"][0]["role"] == "CTO"


def test_found_by_mail_phone_and_name(workspace: Workspace) -> None:
    workspace.ok("contact", "add", "Rossi, Anna", "--email", "Anna@example.com", "--phone", "02 1234567")
    for key in ("anna@EXAMPLE.com", "+39 02 1234567", "anna rossi", "c1", "1"):
        assert workspace.json("contact", "show", key)["ref"] == "C1"
    uid = workspace.json("contact", "show", "C1")["uid"]
    assert workspace.json("show", uid[:8])["ref"] == "C1"


def test_another_employer_keeps_the_old_one(workspace: Workspace) -> None:
    workspace.ok("contact", "add", "Anna", "--org", "Acme", "--create")
    person = workspace.json("contact", "edit", "C1", "--org", "Brown Ltd", "--create")
    assert person["organization"] == "Brown Ltd"
    assert [place["organization"] for place in person["organizations"]] == ["Brown Ltd", "Acme"]


def test_who_comes_from_a_lead_can_be_named_in_a_deal(workspace: Workspace) -> None:
    workspace.ok("deal", "add", "Order", "--contact", "Anna Rossi", "--create")
    assert workspace.json("contact", "show", "C1")["name"] == "Anna Rossi"
    assert [deal["ref"] for deal in workspace.json("contact", "show", "C1")["open_deals"]] == ["D1"]


def test_undo_takes_an_edit_back_whole(workspace: Workspace) -> None:
    workspace.ok("contact", "add", "Anna", "--email", "anna@example.com", "--tag", "vip")
    before = workspace.ok("export", "all")
    workspace.ok("contact", "edit", "C1", "--add-phone", "02 1234567", "--rm-tag", "vip", "--org", "Acme", "--create")
    workspace.ok("undo", "--yes")
    assert workspace.ok("export", "all") == before
