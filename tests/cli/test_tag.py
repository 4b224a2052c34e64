import pytest

from tests.cli.workspace import Workspace


def test_tags_go_on_records_of_any_kind_in_one_step(workspace: Workspace) -> None:
    workspace.ok("lead", "add", "Anna")
    workspace.ok("org", "add", "Acme")
    assert workspace.ok("tag", "add", "L1", "acme", "vip, north") == "L1\nO1"
    assert workspace.json("lead", "show", "L1")["tags"] == ["vip", "north"]
    assert workspace.ok("tag", "list", "--columns", "name,records") == "vip\t2\nnorth\t2"
    before = workspace.ok("export", "all")
    assert workspace.ok("tag", "rm", "O1", "VIP") == "O1"
    assert workspace.json("org", "show", "O1")["tags"] == ["north"]
    workspace.ok("undo", "--yes")
    assert workspace.ok("export", "all") == before


def test_refs_come_from_standard_input(workspace: Workspace) -> None:
    workspace.ok("lead", "add", "Anna")
    assert workspace.ok("tag", "add", "-", "vip", stdin="L1\n") == "L1"
    assert [row["tags"] for row in [workspace.json("tag", "rm", "L1", "vip")]] == [[]]


def test_wrong_words_change_nothing(workspace: Workspace) -> None:
    workspace.ok("lead", "add", "Anna")
    assert "name the records and then the tag" in workspace.refused(2, "tag", "add", "vip")
    assert "no record 'L9'" in workspace.refused(3, "tag", "add", "L9", "vip")
    assert "name the tag" in workspace.refused(2, "tag", "add", "L1", " ,")


def test_only_a_tag_that_there_is_is_taken_off(workspace: Workspace) -> None:
    workspace.ok("lead", "add", "Anna", "--tag", "vip", "--tag", "2026")
    for words in (["tag", "rm", "L1", "vpi"], ["lead", "edit", "L1", "--rm-tag", "vpi"]):
        said = workspace.refused(3, *words)
        assert "no tag 'vpi'" in said
        assert "did you mean vip?" in said
    workspace.ok("tag", "rm", "L1", "2026")
    workspace.ok("tag", "rm", "L1", "2026")  # it has it no more, and there is such a tag
    assert workspace.json("lead", "show", "L1")["tags"] == ["vip"]


@pytest.mark.parametrize("tag", ["a\tb", "bell\a", "line\nline", "escape\x1b[0m", "line\u2028line"])
def test_a_tag_that_no_screen_can_show_is_refused(workspace: Workspace, tag: str) -> None:
    workspace.ok("lead", "add", "Anna")
    for words in (
        ["tag", "add", "L1", tag],
        ["lead", "edit", "L1", "--add-tag", tag],
        ["lead", "add", "B", "--tag", tag],
    ):
        assert "holds a control character" in workspace.refused(2, *words)
