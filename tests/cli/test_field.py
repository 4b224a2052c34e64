import json
import sqlite3
from contextlib import closing

import pytest

from tests.cli.workspace import Workspace


@pytest.mark.parametrize(
    ("kind", "typed", "shown"),
    [
        ("text", "north", "north"),
        ("int", "40", 40),
        ("decimal", "1.50", 1.5),
        ("money", "3k", 3000),
        ("bool", "yes", True),
        ("date", "tomorrow", "2026-03-19"),
        ("datetime", "2026-03-20 09:00", "2026-03-20T08:00:00Z"),
        ("url", " https://example.com/shop ", "https://example.com/shop"),
        ("url", "http://intranet/wiki", "http://intranet/wiki"),
        ("url", "example.com", "example.com"),
        ("email", " Anna@Example.COM ", "anna@example.com"),
        ("phone", "06 1234 5678", "+390612345678"),
        ("phone", "0039 06 12345678 ext. 4", "+390612345678 ext. 4"),
        ("json", '{"a": 1}', {"a": 1}),
    ],
)
def test_a_field_of_each_type(workspace: Workspace, kind: str, typed: str, shown: object) -> None:
    assert workspace.ok("field", "add", "lead", "extra", "--type", kind) == "lead.extra"
    assert workspace.json("lead", "add", "Anna", "--set", f"extra={typed}")["custom"] == {"extra": shown}
    assert workspace.json("lead", "edit", "L1", "--unset", "extra")["custom"] == {}


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("email", "anna", "'anna' is not an e-mail address"),
        ("phone", "ask at the desk", "'ask at the desk' is not a phone number"),
        ("phone", "12", "'12' is not a phone number"),
        ("url", "not a page", "'not a page' is not a web address"),
        ("url", "page", "'page' is not a web address"),
        ("url", "anna@example.com", "is not a web address"),
        ("int", "1.5", "is not a whole number"),
        ("decimal", "1,5", "has a decimal comma; write 1.5"),
        ("decimal", "1.085", "can be read two ways"),
        ("bool", "perhaps", "neither yes nor no"),
        ("datetime", "someday", "someday"),
    ],
)
def test_a_value_that_is_none_of_its_type_is_told(workspace: Workspace, kind: str, typed: str, said: str) -> None:
    workspace.ok("field", "add", "lead", "extra", "--type", kind)
    assert said in workspace.refused(2, "lead", "add", "Anna", "--set", f"extra={typed}")


def test_text_with_a_form_is_compared_as_text(workspace: Workspace) -> None:
    workspace.ok("field", "add", "lead", "billing", "--type", "email")
    workspace.ok("lead", "add", "Anna", "--set", "billing=Bills@example.com")
    assert workspace.ok("lead", "list", "--where", "billing ~ BILLS", "-o", "ids") == "L1"
    assert workspace.ok("lead", "list", "--where", "billing = bills@example.com", "-o", "ids") == "L1"


def test_choices_are_kept_to(workspace: Workspace) -> None:
    workspace.ok("field", "add", "deal", "region", "--type", "enum", "--option", "north", "--option", "south")
    workspace.ok("field", "add", "deal", "lines", "--type", "multi_enum", "--option", "a", "--option", "b")
    words = ["deal", "add", "Order", "--org", "Acme", "--create", "--set"]
    assert "'west' is not one of north, south" in workspace.refused(2, *words, "region=west")
    assert workspace.json(*words, "region=north", "--set", "lines=a, b")["custom"] == {
        "region": "north",
        "lines": ["a", "b"],
    }


def test_a_required_field_is_demanded_of_new_records(workspace: Workspace) -> None:
    workspace.ok("lead", "add", "Before")
    workspace.ok("field", "add", "lead", "budget", "--type", "money", "--required")
    assert "budget: is required" in workspace.refused(4, "lead", "add", "Anna")
    workspace.ok("lead", "edit", "L1", "--city", "Rome")
    workspace.ok("field", "edit", "lead.budget", "--optional", "--label", "Budget of the year")
    workspace.ok("lead", "add", "Anna")
    assert workspace.json("field", "list", "lead", "--custom")[0]["label"] == "Budget of the year"


def test_list_names_ours_and_yours(workspace: Workspace) -> None:
    workspace.ok("field", "add", "lead", "budget")
    rows = {row["key"]: row for row in workspace.json("field", "list", "lead")}
    assert rows["rating"]["values"] == ["hot", "warm", "cold"]
    assert rows["company_name"]["aliases"] == ["company"]
    assert (rows["custom.budget"]["custom"], rows["rating"]["custom"]) == (True, False)
    assert {row["noun"] for row in workspace.json("field", "list")} >= {"lead", "org", "deal", "ticket"}


def test_rm(workspace: Workspace) -> None:
    workspace.ok("field", "add", "lead", "budget")
    assert "--yes" in workspace.refused(2, "field", "rm", "lead.budget")
    workspace.ok("field", "rm", "lead.budget", "--yes")
    assert "lead has no field 'budget'" in workspace.refused(2, "lead", "list", "--columns", "budget")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["add", "lead", "Rating Two"], 4, "snake_case"),
        (["add", "lead", "rating"], 5, "has a field rating already"),
        (["add", "laed", "x"], 2, "did you mean lead?"),
        (["add", "lead", "x", "--type", "txt"], 2, "did you mean text"),
        (["add", "lead", "x", "--type", "enum"], 4, "such as --option north"),
        (["edit", "lead.x", "--label", "X"], 3, "no field 'lead.x'"),
    ],
)
def test_wrong_words_change_nothing(workspace: Workspace, words: list[str], code: int, said: str) -> None:
    assert said in workspace.refused(code, "field", *words)


def test_the_shape_of_json_is_the_same_for_a_list_and_a_record(workspace: Workspace) -> None:
    workspace.ok("contact", "add", "Bruno Neri")
    workspace.ok("field", "add", "lead", "area")
    workspace.ok("field", "add", "lead", "adviser", "--type", "ref", "--option", "contact")
    workspace.ok("lead", "add", "Anna", "--set", "area=north", "--set", "adviser=C1")
    customs = {"area": "north", "adviser": "C1"}
    assert workspace.json("lead", "show", "L1")["custom"] == customs
    assert [row["custom"] for row in workspace.json("lead", "list")] == [customs]
    rows = workspace.json("lead", "list", "--columns", "ref,area,name,custom.adviser")
    assert [list(row) for row in rows] == [["ref", "id", "uid", "name", "custom"]]
    assert rows[0]["custom"] == customs
    assert workspace.json("lead", "list", "--columns", "area,custom")[0]["custom"] == customs
    assert workspace.ok("lead", "list", "--columns", "ref,area,adviser", "-o", "csv") == (
        "ref,custom.area,custom.adviser\nL1,north,Bruno Neri"
    )


def test_types_are_listed_as_they_were_defined(workspace: Workspace) -> None:
    for kind in ("email", "phone", "url", "datetime", "json"):
        workspace.ok("field", "add", "lead", f"own_{kind}", "--type", kind)
    workspace.ok("field", "add", "lead", "own_multi_enum", "--type", "multi_enum", "--option", "a", "--option", "b")
    rows = workspace.json("field", "list", "lead", "--custom")
    assert all(row["key"] == f"custom.own_{row['type']}" for row in rows)
    assert rows[-1]["values"] == ["a", "b"]
    schema = json.loads(workspace.ok("schema", "json", "lead"))["properties"]["custom"]["properties"]
    assert schema["own_email"]["format"] == "email"
    assert schema["own_multi_enum"]["items"] == {"enum": ["a", "b"]}


@pytest.fixture
def regions(workspace: Workspace) -> Workspace:
    """Three deals, two of them in the north, and a field of several choices."""

    def make() -> None:
        words = [word for option in ("north", "south", "west") for word in ("--option", option)]
        workspace.ok("field", "add", "deal", "region", "--type", "enum", *words)
        workspace.ok("field", "add", "deal", "lines", "--type", "multi_enum", "--option", "a", "--option", "b")
        for region, lines in (("North", "a, b"), ("north", "B"), ("south", '["a"]')):
            values = ["--set", f"region={region}", "--set", f"lines={lines}"]
            workspace.ok("deal", "add", "Order", "--org", "Acme", "--create", *values)

    return workspace.once(make)


def customs(workspace: Workspace) -> list[dict[str, object]]:
    return [row["custom"] for row in workspace.json("deal", "list")]


def test_an_option_in_use_cannot_be_dropped(regions: Workspace) -> None:
    words = ["field", "edit", "deal.region", "--option", "south", "--option", "west"]
    said = regions.refused(4, *words)
    assert "'north' is held by 2 deals; rename it with --rename-option north=NEW" in said
    regions.ok("deal", "rm", "D1", "D2", "--yes")
    regions.ok(*words)


def test_an_option_is_renamed_with_the_records_in_one_step(regions: Workspace) -> None:
    before = regions.ok("export", "all")
    regions.ok("field", "edit", "deal.region", "--rename-option", "north=nord")
    assert regions.json("field", "list", "deal", "--custom")[0]["values"] == ["nord", "south", "west"]
    assert [row["region"] for row in customs(regions)] == ["nord", "nord", "south"]
    regions.ok("undo", "--yes")
    assert regions.ok("export", "all") == before


def test_options_can_change_places_and_become_one(regions: Workspace) -> None:
    regions.ok("field", "edit", "deal.region", "--rename-option", "north=south", "--rename-option", "south=north")
    regions.ok("field", "edit", "deal.lines", "--rename-option", "a=b")
    assert [row["region"] for row in customs(regions)] == ["south", "south", "north"]
    assert [row["lines"] for row in customs(regions)] == [["b"], ["b"], ["b"]]
    assert [row["values"] for row in regions.json("field", "list", "deal", "--custom")] == [
        ["south", "north", "west"], ["b"],
    ]  # fmt: skip


def test_a_converted_lead_goes_with_a_renamed_option(workspace: Workspace) -> None:
    workspace.ok("field", "add", "lead", "size", "--type", "enum", "--option", "small")
    workspace.ok("lead", "add", "Anna", "--set", "size=small")
    workspace.ok("lead", "convert", "L1")
    workspace.ok("field", "edit", "lead.size", "--rename-option", "small=S")
    assert workspace.json("lead", "show", "L1")["custom"] == {"size": "S"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--rename-option", "nroth=x"], 3, "no option 'nroth'"),
        (["--rename-option", "north"], 2, "takes OLD=NEW"),
        (["--rename-option", "north=x", "--option", "south"], 4, "'x' is held by 2 deals"),
        ([], 2, "nothing to change"),
    ],
)
def test_options_are_not_renamed_at_random(regions: Workspace, words: list[str], code: int, said: str) -> None:
    assert said in regions.refused(code, "field", "edit", "deal.region", *words)


def test_conditions_know_the_options(regions: Workspace) -> None:
    assert regions.ok("deal", "list", "--where", "region = NORTH", "-o", "ids") == "D1\nD2"
    assert regions.ok("deal", "list", "--where", "lines has b and region in [south, north]", "-o", "ids") == "D1\nD2"
    said = regions.refused(2, "deal", "list", "--where", "region != nroth")
    assert "'nroth' is not one of north, south, west; did you mean north" in said
    assert "'c' is not one of a, b" in regions.refused(2, "deal", "list", "--where", "lines has c")


def test_a_value_that_stands_already_stops_no_other_change(regions: Workspace) -> None:
    with closing(sqlite3.connect(regions.home / "data" / "crm.db")) as con:
        con.execute('UPDATE deal SET custom = \'{"region":"east"}\' WHERE id = 1')
        con.commit()
    regions.ok("deal", "edit", "D1", "--next-step", "Call")
    found = regions.crm("check")
    assert (found.code, found.out.splitlines()[0]) == (1, "deal\tD1\tregion: 'east' is not one of north, south, west")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--type", "ref", "--option", "nope"], "leads to records of one kind"),
        (["--type", "ref", "--option", "org", "--option", "lead"], "leads to records of one kind"),
        (["--type", "text", "--option", "a"], "only a choice has options"),
    ],
)
def test_options_fit_the_type(workspace: Workspace, words: list[str], said: str) -> None:
    assert said in workspace.refused(4, "field", "add", "lead", "extra", *words)


def test_a_name_that_is_taken_is_a_conflict(workspace: Workspace) -> None:
    workspace.ok("field", "add", "lead", "extra")
    assert "there is a custom field lead.extra already" in workspace.refused(5, "field", "add", "lead", "extra")
    assert "there is a pipeline sales already" in workspace.refused(5, "pipeline", "add", "Sales")


@pytest.mark.parametrize("key", ["and", "empty", "me", "old"])
def test_a_word_of_conditions_is_no_key(workspace: Workspace, key: str) -> None:
    assert f"such as {key}_field" in workspace.refused(4, "field", "add", "org", key)
