"""Live completion, as the shells ask for it."""

import shlex
from collections.abc import Callable

import pytest

from crmcli.cli.entries import COMPLETE
from crmcli.cli.main import run
from crmcli.cli.shells import BREAKS, LINE, Line, answer, read_line
from tests.cli.workspace import Workspace

Completed = Callable[..., list[str]]


@pytest.fixture
def completed(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Completed:
    """Return a function from the words before the cursor to what bash is offered."""

    def complete(*words: str) -> list[str]:
        begun = f"'{words[-1]}" if " " in words[-1] else words[-1]
        with monkeypatch.context() as patch:
            patch.setenv(COMPLETE, "fish")
            patch.setenv(LINE, f"{shlex.join(['crm', *words[:-1]])} {begun}")
            capsys.readouterr()
            assert run([]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return [line.partition("\t")[0] for line in out.splitlines()]

    return complete


@pytest.fixture
def typed(workspace: Workspace, completed: Completed) -> Completed:
    """Return that function, in a workspace that has something of everything."""

    def make() -> None:
        workspace.ok("lead", "add", "Anna Rossi", "--email", "anna@example.com", "--tag", "vip", "--rating", "hot")
        workspace.ok("field", "add", "lead", "budget", "--type", "money")
        workspace.ok("view", "save", "hot", "--on", "lead", "--where", "rating = hot")
        workspace.ok("deal", "add", "Order", "--org", "Acme", "--create")
        workspace.ok("pipeline", "add", "Support", "--stage", "Neglected:40", "--stage", "Offer:70")
        workspace.ok("deal", "add", "Care", "--org", "Acme", "--pipeline", "support")
        (workspace.home / "people.csv").write_text("name\nBruno Verdi\n", encoding="utf-8")
        workspace.ok("import", "lead", str(workspace.home / "people.csv"))

    workspace.once(make)
    return completed


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["lead", "show", "L"], ["L2", "L1"]),
        (["lead", "show", ""], ["L2", "L1"]),
        (["lead", "show", "2"], ["2"]),
        (["lead", "show", "Ann"], ["Anna Rossi", "Anna@example.com"]),
        (["lead", "show", "anna r"], ["anna rossi"]),
        (["lead", "show", "Ross"], []),
        (["show", "D"], ["D2", "D1"]),
        (["show", "ac"], ["acme"]),
        (["history", "O"], ["O1", "Order"]),
        (["task", "add", "Call", "--for", ""], ["L2", "L1", "O1", "D2", "D1"]),
        (["task", "due", "--owner", "an"], ["anna"]),
        (["import", "undo", ""], ["1"]),
        (["import", "show", ""], ["1"]),
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
        (["deal", "lose", "D1", "--reason", "pri"], ["price"]),
        (["deal", "move", "D1", "neg"], ["negotiation"]),
        (["deal", "move", "D2", "Neg"], ["Neglected"]),
        (["deal", "edit", "D1", "D2", "--stage", "neg"], ["negotiation", "neglected"]),
        (["deal", "add", "X", "--stage", "neg"], ["negotiation"]),
        (["deal", "add", "X", "--pipeline", "support", "--stage", "O"], ["Offer"]),
        (["deal", "move", "D2", "support/o"], ["support/offer"]),
        (["pipeline", "edit", "support", "--rm-stage", ""], ["neglected", "offer", "won", "lost"]),
        (["deal", "list", "--where", "stage = quote_s"], ["stage = quote_sent"]),
        (["deal", "list", "--where", "owner = a"], ["owner = anna"]),
        (["lead", "list", "--where", "tags has v"], ["tags has vip"]),
        (["lead", "list", "-o", "js"], ["json", "jsonl"]),
        (["pipeline", "show", ""], ["sales", "support"]),
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


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("crm ", Line([], "", "")),
        ("crm lead sh", Line(["lead"], "sh", "sh")),
        ("crm lead show 'Anna R", Line(["lead", "show"], "Anna R", "Anna R", "'")),
        ("crm lead show Anna\\ R", Line(["lead", "show"], "Anna R", "Anna\\ R")),
        ('crm find "a \\" b" c', Line(["find", 'a " b'], "c", "c")),
        ("crm x ''  y", Line(["x", ""], "y", "y")),
        ("crm lead add --set rating=h", Line(["lead", "add", "--set"], "rating=h", "h")),
        ("crm show a@ex", Line(["show"], "a@ex", "@ex")),
        ("crm x 'a=b'c", Line(["x"], "a=bc", "'a=b'c")),
    ],
)
def test_a_line_is_read_as_a_shell_does(text: str, line: Line) -> None:
    assert read_line(text, "@=: ") == line


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("crm lead show Ann", "Anna\\ \\$x\\ \\'y\\'\n"),
        ("crm lead show 'Ann", "Anna $x '\\''y'\\''\n"),
        ('crm lead show "Ann', "Anna \\$x 'y'\n"),
        ("crm lead show --name=Ann", "Anna\\ \\$x\\ \\'y\\'\n"),
    ],
)
def test_bash_gets_what_it_would_have_typed(typed: str, told: str) -> None:
    offers = [("Anna $x 'y'", "L1"), ("Bruno", "L2"), ("Anna\x1b[31m", "L3")]
    assert answer("bash", {LINE: typed, BREAKS: "= "}, lambda words, last: offers) == told
    assert answer("fish", {LINE: typed}, lambda words, last: offers).endswith("Anna $x 'y'\tL1\n")
