from tests.cli.workspace import Workspace


def test_names_come_before_texts_and_accents_do_not_matter(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Caffè Forlì")
    workspace.ok("task", "add", "Call", "--description", "about the caffe machine")
    assert [row["ref"] for row in workspace.json("find", "caffe")] == ["O1", "T1"]
    assert workspace.ok("find", "CAFFE", "forl").startswith("O1\tCaffè Forlì\torganization")


def test_an_exact_key_comes_first(workspace: Workspace) -> None:
    workspace.ok("lead", "add", "Bruno", "--description", "knows anna@example.com")
    workspace.ok("contact", "add", "Anna Rossi", "--email", "anna@example.com")
    assert workspace.json("find", "anna@example.com")[0]["ref"] == "C1"


def test_words_are_never_syntax(workspace: Workspace) -> None:
    workspace.ok("org", "add", 'Acme "AND" (Sons)')
    for words in ('"AND"', "(sons", "acme AND", "*", "NEAR(", "a' OR 1=1 --"):
        assert workspace.crm("find", words).code == 0
    assert workspace.ok("find", '"AND"', "-o", "ids") == "O1"


def test_nothing_found(workspace: Workspace) -> None:
    assert workspace.crm("find", "nobody") == (0, "", "")
    assert workspace.crm("find", "nobody", "--exit-code").code == 1
    assert workspace.json("find", "nobody") == []
    assert workspace.refused(2, "find", "x", "-o", "jsn")
