import pytest

from tests.cli.workspace import Workspace


@pytest.mark.parametrize(
    ("kind", "typed", "shown"),
    [
        ("text", "north", "north"),
        ("int", "40", 40),
        ("decimal", "1,50", 1.5),
        ("money", "3k", 3000),
        ("bool", "yes", True),
        ("date", "tomorrow", "2026-03-19"),
        ("datetime", "2026-03-20 09:00", "2026-03-20T08:00:00Z"),
        ("url", "https://example.com", "https://example.com"),
        ("json", '{"a": 1}', {"a": 1}),
    ],
)
def test_a_field_of_each_type(workspace: Workspace, kind: str, typed: str, shown: object) -> None:
    assert workspace.ok("field", "add", "lead", "extra", "--type", kind) == "lead.extra"
    assert workspace.json("lead", "add", "Anna", "--set", f"extra={typed}")["custom"] == {"extra": shown}
    assert workspace.json("lead", "edit", "L1", "--unset", "extra")["custom"] == {}


def test_choices_are_kept_to(workspace: Workspace) -> None:
    workspace.ok("field", "add", "deal", "region", "--type", "enum", "--option", "north", "--option", "south")
    workspace.ok("field", "add", "deal", "lines", "--type", "multi_enum", "--option", "a", "--option", "b")
    words = ["deal", "add", "Order", "--org", "Acme", "--create", "--set"]
    assert "'west' is not one of north, south" in workspace.refused(4, *words, "region=west")
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
        (["add", "lead", "rating"], 4, "has a field rating already"),
        (["add", "laed", "x"], 2, "did you mean lead?"),
        (["add", "lead", "x", "--type", "txt"], 2, "did you mean text"),
        (["add", "lead", "x", "--type", "enum"], 4, "an enum needs its options"),
        (["edit", "lead.x", "--label", "X"], 3, "no field 'lead.x'"),
    ],
)
def test_wrong_words_change_nothing(workspace: Workspace, words: list[str], code: int, said: str) -> None:
    assert said in workspace.refused(code, "field", *words)
