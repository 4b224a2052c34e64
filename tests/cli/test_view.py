import pytest

from tests.cli.workspace import Workspace


def test_save_show_replace_and_remove(workspace: Workspace) -> None:
    assert (
        workspace.ok("view", "save", "hot-it", "--on", "lead", "--where", "rating = hot", "--sort", "-score")
        == "hot-it"
    )
    workspace.ok("view", "save", "hot-it", "--on", "lead", "--where", "rating = warm", "--columns", "ref,name")
    view = workspace.json("view", "show", "hot-it")
    assert (view["entity"], view["condition"], view["columns"], view["sort"]) == (
        "lead", "rating = warm", ["ref", "name"], None,
    )  # fmt: skip
    assert workspace.ok("view", "list", "-o", "ids") == "hot-it"
    workspace.ok("view", "rm", "hot-it", "--yes")
    assert workspace.ok("view", "list") == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--on", "laed"], "did you mean lead?"),
        (["--on", "lead", "--where", "raitng = hot"], "did you mean rating"),
        (["--on", "lead", "--columns", "ref,nmae"], "did you mean name"),
        (["--on", "deal", "--columns", "ref,organization.nmae"], "did you mean name"),
        (["--on", "lead", "--sort", "-scroe"], "did you mean score"),
        (["--on", "lead", "--sort", "tags"], "cannot be sorted by tags"),
        ([], "missing option '--on'"),
    ],
)
def test_a_view_that_means_nothing_is_not_saved(workspace: Workspace, words: list[str], said: str) -> None:
    assert said in workspace.refused(2, "view", "save", "v", *words)


@pytest.mark.parametrize("typed", ["hot-it", "hot_it", "Hot It", "HOT-IT"])
def test_a_view_is_found_by_what_was_typed(workspace: Workspace, typed: str) -> None:
    workspace.ok("lead", "add", "Anna", "--rating", "hot")
    workspace.ok("view", "save", "hot-it", "--on", "lead", "--where", "rating = hot")
    assert workspace.json("view", "show", typed)["key"] == "hot-it"
    assert workspace.ok("lead", "list", "--view", typed, "-o", "ids") == "L1"
    assert workspace.ok("view", "save", typed, "--on", "lead", "--where", "rating = warm") == "hot-it"


def test_a_name_that_is_no_word_becomes_one(workspace: Workspace) -> None:
    assert workspace.ok("view", "save", "Più caldi!", "--on", "lead") == "piu_caldi"
    assert workspace.json("view", "show", "più caldi")["name"] == "Più caldi!"
    assert "neither letter nor digit" in workspace.refused(4, "view", "save", "!!!", "--on", "lead")
