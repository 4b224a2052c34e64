"""Live completion, as the shells ask for it."""

import pytest

from crmcli.cli.main import run
from tests.cli.workspace import Workspace


@pytest.fixture
def typed(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]  # a function
    """Return a function from the words before the cursor to what bash is offered."""
    workspace.ok("lead", "add", "Anna Rossi", "--tag", "vip", "--rating", "hot")
    workspace.ok("field", "add", "lead", "budget", "--type", "money")
    workspace.ok("view", "save", "hot", "--on", "lead", "--where", "rating = hot")
    workspace.ok("deal", "add", "Order", "--org", "Acme", "--create")

    def complete(*words: str) -> list[str]:
        line = " ".join(["crm", *(f"'{word}'" if " " in word else word for word in words)])
        with monkeypatch.context() as patch:
            patch.setenv("_CRM_COMPLETE", "complete_bash")
            patch.setenv("COMP_WORDS", line)
            patch.setenv("COMP_CWORD", str(len(words)))
            capsys.readouterr()
            assert run([]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return [line for line in out.splitlines() if line]

    return complete


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["lead", "show", "L"], ["L1"]),
        (["show", "D"], ["D1"]),
        (["lead", "edit", "L1", "--rating", ""], ["hot", "warm", "cold"]),
        (["lead", "edit", "L1", "--owner", ""], ["anna"]),
        (["lead", "add", "--tag", "v"], ["vip"]),
        (["lead", "add", "--set", "bud"], ["budget="]),
        (["lead", "add", "--set", "rating=h"], ["rating=hot"]),
        (["lead", "list", "--view", ""], ["hot"]),
        (["lead", "list", "--columns", "ref,compan"], ["ref,company_name"]),
        (["lead", "list", "--sort", "name,-compan"], ["name,-company_name"]),
        (["lead", "list", "--where", "ratin"], ["rating"]),
        (["lead", "list", "--where", "budg"], ["budget"]),
        (["deal", "move", "D1", "neg"], ["negotiation"]),
        (["deal", "lose", "D1", "--reason", "pri"], ["price"]),
        (["pipeline", "show", ""], ["sales"]),
        (["pipeline", "add", "X", "--preset", "sa"], ["sales", "salesforce"]),
        (["field", "edit", ""], ["lead.budget"]),
        (["field", "list", "le"], ["lead"]),
        (["tag", "add", "L1", "vi"], ["vip"]),
        (["lead", "convert", "L1", "--activities", ""], ["move", "link"]),
        (["lead", "show", "Z"], []),
    ],
)
def test_completions(typed, words: list[str], offered: list[str]) -> None:  # type: ignore[no-untyped-def]  # the fixture
    assert typed(*words) == offered


def test_without_a_store_there_is_silence(tmp_path, monkeypatch: pytest.MonkeyPatch, typed) -> None:  # type: ignore[no-untyped-def]  # the fixture
    monkeypatch.setenv("CRMCLI_HOME", str(tmp_path / "nowhere"))
    assert typed("lead", "show", "") == []
    assert not (tmp_path / "nowhere").exists()
