import pytest

from tests.cli.workspace import Workspace


def test_add_show_and_find_by_domain(workspace: Workspace) -> None:
    assert (
        workspace.ok("org", "add", "Acme Srl", "--website", "https://www.acme.example.com/it", "--country", "IT")
        == "O1"
    )
    found = workspace.json("org", "show", "acme.example.com")
    assert (found["ref"], found["domain"], found["billing_country"]) == ("O1", "acme.example.com", "IT")
    assert workspace.json("show", "acme")["ref"] == "O1", "the legal form is no part of the name"


@pytest.mark.parametrize("typed", ["Italy", "italia", "ITA", "it"])
def test_countries_are_kept_by_their_code_and_found_by_any_name(workspace: Workspace, typed: str) -> None:
    workspace.ok("org", "add", "Acme", "--country", typed, "--set", "shipping_country=Regno Unito")
    workspace.ok("org", "add", "Beta", "--country", "Lombardia")
    acme, beta = workspace.json("org", "list", "--sort", "name")
    assert (acme["billing_country"], acme["shipping_country"], beta["country"]) == ("IT", "GB", "Lombardia")
    others = ("country in [France, Italy]", "billing_country = Italy", "country != lombardia")
    for condition in (f"country = {typed}", *others):
        assert [row["name"] for row in workspace.json("org", "list", "--where", condition)] == ["Acme"], condition
    assert workspace.json("org", "list", "--where", "country = Lombardia")[0]["name"] == "Beta"


def test_a_custom_field_called_country_holds_what_was_typed(workspace: Workspace) -> None:
    workspace.ok("field", "add", "deal", "country", "--type", "text")
    workspace.ok("org", "add", "Acme", "--country", "Italy")
    workspace.ok("deal", "add", "Offer", "--org", "O1", "--set", "country=Italy")
    found = workspace.json("deal", "list", "--where", "country = Italy and organization.country = Italia")
    assert [row["custom"] for row in found] == [{"country": "Italy"}]
    assert workspace.json("deal", "list", "--where", "country = IT") == []


def test_a_name_is_needed(workspace: Workspace) -> None:
    assert "missing argument 'NAME'" in workspace.refused(2, "org", "add")
    assert "name" in workspace.refused(4, "org", "add", " ")


def test_a_strong_key_belongs_to_one(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme", "--vat", "IT 01234567890")
    assert "O1 Acme has VAT number IT01234567890" in workspace.refused(
        5, "org", "add", "Other", "--vat", "it01234567890"
    )


def test_several_of_a_name_are_never_guessed(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok("org", "add", "ACME")
    said = workspace.refused(5, "org", "edit", "acme", "--city", "Rome")
    assert "O1 Acme" in said
    assert "O2 ACME" in said


def test_on_a_terminal_one_of_several_is_picked(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok("org", "add", "ACME")
    code, screen = workspace.at_terminal("org", "edit", "acme", "--city", "Rome", typed="2\n")
    assert code == 0
    assert "  2  O2  ACME" in screen
    assert workspace.ok("org", "list", "--where", "city = Rome", "-o", "ids") == "O2"
    assert workspace.at_terminal("org", "edit", "acme", "--city", "Bari", typed="\n")[0] == 5


def test_with_yes_nobody_is_asked_which_one(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok("org", "add", "ACME")
    code, screen = workspace.at_terminal("org", "edit", "acme", "--city", "Rome", "--yes")
    assert code == 5
    assert "Which one" not in screen
    assert "O2 ACME" in screen


def test_a_group_has_no_circle(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Parent")
    workspace.ok("org", "add", "Child", "--set", "parent=O1")
    assert "O2 leads back to O1" in workspace.refused(4, "org", "edit", "O1", "--set", "parent=O2")
    assert workspace.json("org", "edit", "O2", "--unset", "parent")["parent"] is None


def test_the_card_shows_people_and_deals(workspace: Workspace) -> None:
    workspace.ok("contact", "add", "Anna Rossi", "--org", "Acme", "--create")
    workspace.ok("deal", "add", "Order", "--org", "O1", "--amount", "12k")
    card = workspace.json("org", "show", "O1")
    assert [person["ref"] for person in card["people"]] == ["C1"]
    assert [deal["ref"] for deal in card["open_deals"]] == ["D1"]
    screen = workspace.at_terminal("org", "show", "O1")[1]
    assert "Open deals" in screen
    assert "€12,000.00" in screen


@pytest.mark.parametrize("columns", [80, 200])
def test_lists_fit_the_screen(workspace: Workspace, columns: int) -> None:
    workspace.ok("org", "add", "A company with a rather long name " * 4, "--industry", "steel", "--city", "Forlì")
    screen = workspace.at_terminal("org", "list", columns=columns)[1]
    assert max(map(len, screen.splitlines())) <= columns


def test_a_website_is_a_web_address(workspace: Workspace) -> None:
    assert "website: 'no page' is not a web address" in workspace.refused(2, "org", "add", "A", "--website", "no page")
    workspace.ok("org", "add", "A", "--website", "www.example.com/shop")
