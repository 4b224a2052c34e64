import pytest

from tests.cli.workspace import Workspace


def test_save_show_replace_and_remove(workspace: Workspace) -> None:
    assert (
        workspace.ok("view", "save", "hot-it", "--on", "lead", "--where", "rating = hot", "--sort", "-score")
        == "hot_it"
    )
    workspace.ok("view", "save", "hot-it", "--on", "lead", "--where", "rating = warm", "--columns", "ref,name")
    view = workspace.json("view", "show", "hot-it")
    assert (view["entity"], view["condition"], view["columns"], view["sort"]) == (
        "lead", "rating = warm", ["ref", "name"], None,
    )  # fmt: skip
    assert workspace.ok("view", "list", "-o", "ids") == "hot_it"
    workspace.ok("view", "rm", "hot-it", "--yes")
    assert workspace.ok("view", "list") == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--on", "laed"], "did you mean lead?"),
        (["--on", "lead", "--where", "raitng = hot"], "did you mean rating"),
        (["--on", "lead", "--columns", "ref,nmae"], "did you mean name"),
        ([], "missing option '--on'"),
    ],
)
def test_a_view_that_means_nothing_is_not_saved(workspace: Workspace, words: list[str], said: str) -> None:
    assert said in workspace.refused(2, "view", "save", "v", *words)
