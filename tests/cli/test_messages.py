"""What a refusal says: the person's own terms, in their own zone, with something to type next."""

import json

import pytest

from tests.cli.workspace import Workspace


@pytest.fixture
def busy(workspace: Workspace) -> Workspace:
    def make() -> None:
        for words in (
            ["lead", "add", "Anna Rossi"],
            ["org", "add", "Acme"],
            ["org", "add", "Bell", "--set", "parent=Acme"],
            ["deal", "add", "Order", "--org", "O1"],
            ["ticket", "open", "Help", "--org", "O1"],
            ["task", "add", "Call", "--due", "tomorrow"],
        ):
            workspace.ok(*words)

    return workspace.once(make)


@pytest.mark.parametrize(
    ("code", "words", "said"),
    [
        (4, ["pipeline", "edit", "sales", "--rm-stage", "potential"], "stage potential refused: it holds 1 deal; "),
        (4, ["pipeline", "edit", "sales", "--set", "is_default=no"], "pipeline sales refused: "),
        (4, ["pipeline", "edit", "sales", "--stage", "won", "--probability", "50"], "a won stage is at 100 %"),
        (4, ["org", "rm", "O1", "--yes"], "O1 refused: it has 1 open deal; "),
        (4, ["event", "add", "Demo"], "event refused: start_at: is required\n"),
        (4, ["event", "add", "Demo", "--start", "tomorrow 10:00", "--end", "today 9:00"],
         "end_at: 2026-03-18 09:00 is before the start 2026-03-19 10:00"),
        (4, ["log", "call", "Hi", "--with", "L1", "--when", "2030-01-01"], "2030-01-01 00:00 is in the future"),
        (4, ["ticket", "edit", "K1", "--set", "duplicate_of=K1"], "duplicate_of: cannot be K1 itself"),
        (4, ["org", "edit", "O1", "--set", "parent=O2"], "parent: O2 leads back to O1"),
        (4, ["org", "edit", "O1", "--set", "employees=-1"], "employees: must be at least 0"),
        (4, ["field", "add", "lead", "Two Words"], "'Two Words' is not in snake_case, such as two_words"),
        (4, ["field", "add", "lead", "area", "--type", "enum"], "--option north --option south"),
        (3, ["lead", "show", "O1"], "hint: O1 would be an organization: crm org show O1"),
        (3, ["lead", "show", "L9"], "hint: crm lead list"),
        (3, ["show", "X9"], "hint: crm find TEXT"),
        (3, ["deal", "add", "Order", "--org", "Zeta"], "hint: crm org list or --create adds it on the way"),
        (2, ["lead", "list", "--where", "zzz = 1"], "hint: crm field list lead"),
        (2, ["lead", "list", "--where", "score >"], "hint: crm help conditions"),
        (2, ["lead", "list", "--where", ""], "the condition is empty\n  hint: crm help conditions"),
        (2, ["export", "lead", "--where", " "], "the condition is empty"),
        (2, ["view", "save", "all", "--on", "lead", "--where", ""], "the condition is empty"),
        (2, ["deal", "rm", "D1", "--where", "amount > 1"], "give either refs or a condition, not both"),
        (2, ["deal", "rm"], "name the records, or give a condition by --where"),
        (2, ["deal", "move", "D1", "negotiation", "--at", "yesterday"], "hint: crm deal move D1 negotiation"),
        (2, ["task", "add", "Call", "--due", "blah"], "hint: crm help dates"),
        (2, ["task", "snooze", "T1", "blah"], "'blah' is neither a task nor a time\n  hint: a time is +3d, tomorrow"),
        (3, ["task", "snooze", "T1", "T9"], "no task 'T9'"),
        (2, ["deal", "edit", "D1", "--set", "closed_at=today"], "hint: crm deal --help"),
    ],
)  # fmt: skip
def test_a_refusal_speaks_of_what_the_person_knows(busy: Workspace, code: int, words: list[str], said: str) -> None:
    told = busy.refused(code, *words)
    assert said in told
    assert not any(inner in told for inner in ("_wall", "_bp", "_minor", "_id", "10000", "Input should", "T23:00:00Z"))


def test_what_was_removed_is_told_as_such(busy: Workspace) -> None:
    busy.ok("lead", "rm", "L1", "--yes")
    assert "hint: it was removed; crm lead restore L1 brings it back" in busy.refused(3, "lead", "show", "L1")
    assert "crm lead rm L1" in busy.ok("history", "L1")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('currency = "EUR"\nrows = = 3\n', "config.toml, line 2, column 8: "),
        ('currency = "EUR"\ncountry = "IT', "config.toml, line 2, column 14: "),
        ("rows = [1,\n", "config.toml, line 1, column 11: "),
        ('currency = "EUR"\nrows = "many"\n', "config.toml, line 2: rows must be a whole number"),
    ],
)
def test_a_mistake_of_the_configuration_has_a_place(workspace: Workspace, text: str, place: str) -> None:
    (workspace.home / "config" / "config.toml").write_text(text, encoding="utf-8")
    done = workspace.crm("lead", "list")
    assert done.code == 2
    assert place in done.err
    assert "hint: crm config edit" in done.err


@pytest.mark.parametrize(
    "words", [["lead", "show", "L9"], ["lead", "list", "--where", "x"], ["task", "snooze", "T1", "x"]]
)
def test_a_hint_is_there_for_programs_too(busy: Workspace, words: list[str]) -> None:
    assert json.loads(busy.crm(*words, "-o", "json").err)["error"]["hint"]
