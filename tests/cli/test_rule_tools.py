"""``crm rule new``, ``rule test`` and ``rule why``, as somebody meets them who writes rules."""

import shutil
from pathlib import Path

import pytest

from crmcli.rules.events import EVENTS
from crmcli.rules.files import load_files
from tests.cli.workspace import Workspace

EXAMPLES = Path(__file__).parents[2] / "examples" / "rules"


@pytest.fixture
def ruled(workspace: Workspace) -> Workspace:
    """A workspace with the rules about leads of the examples, and their tests."""
    folder = workspace.home / "config" / "rules"
    (folder / "tests").mkdir(parents=True)
    for name in ("leads.toml", "tests/leads.toml"):
        shutil.copy(EXAMPLES / name, folder / name)
    load_files.cache_clear()
    return workspace


@pytest.mark.parametrize("event", [f"{noun}.{event}" for noun in ("lead", "deal") for event in EVENTS[noun]])
def test_a_new_rule_is_sound_and_switched_off(workspace: Workspace, event: str) -> None:
    path = Path(workspace.ok("rule", "new", "my-rule", "--on", event))
    assert path == workspace.home / "config" / "rules" / "my-rule.toml"
    load_files.cache_clear()
    assert "1 rule, no mistakes" in workspace.crm("rule", "check").err
    (row,) = workspace.json("rule", "list")
    assert (row["ref"], row["state"], row["on"]) == ("my-rule", "disabled", event)


def test_what_a_new_rule_offers_as_comments_is_sound_too(workspace: Workspace) -> None:
    text = workspace.ok("rule", "new", "--on", "lead.updated")
    folder = workspace.home / "config" / "rules"
    assert list(folder.glob("*.toml")) == []
    lines = [line.removeprefix("# ") if " = " in line else line for line in text.splitlines()]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.toml").write_text("\n".join(lines).replace("enabled = false", "enabled = true"), encoding="utf-8")
    load_files.cache_clear()
    assert "1 rule, no mistakes" in workspace.crm("rule", "check").err


def test_a_new_rule_never_takes_the_place_of_one(ruled: Workspace) -> None:
    assert "there is a rule hot-lead in" in ruled.refused(5, "rule", "new", "hot-lead")
    ruled.ok("rule", "new", "own")
    assert "there is a rule own in" in ruled.refused(5, "rule", "new", "own")
    assert "not kebab-case" in ruled.refused(2, "rule", "new", "../own")
    assert "lead has no event 'wonn'" in ruled.refused(2, "rule", "new", "own", "--on", "lead.wonn")


def test_a_rule_is_tried_on_a_change(ruled: Workspace) -> None:
    ruled.ok("lead", "add", "Anna Rossi", "--set", "score=60")
    before = ruled.state()
    done = ruled.crm("rule", "test", "hot-lead", "L1", "--set", "score=75")
    assert ruled.state() == before
    assert done.out.splitlines()[:2] == ["condition\tand\tyes\t", "condition\t  score >= 70\tyes\tscore is 75"]
    assert done.out.splitlines()[-2:] == [
        "effect\tset rating = hot, lifecycle_stage = mql\t\t",
        'effect\ttask T1 "Call Anna Rossi (private)"\t\t',
    ]
    assert done.err == "rule hot-lead on L1 would act; nothing was kept\n"
    done = ruled.crm("rule", "test", "hot-lead", "L1", "--set", "score=65")
    assert done.err == "rule hot-lead on L1 would rest: its condition does not hold; nothing was kept\n"


def test_a_rule_that_is_not_there_is_told_with_the_nearest(ruled: Workspace) -> None:
    for words in (("rule", "test", "hot-led", "L1"), ("rule", "run", "hot-led", "L1"), ("rule", "disable", "hot-led")):
        assert "did you mean hot-lead?" in ruled.refused(3, *words)


def test_a_rule_is_tried_on_all_records_of_a_condition(ruled: Workspace) -> None:
    for number in range(8):
        ruled.ok("lead", "add", f"Anna {number}", "--set", f"score={number * 20}", "--no-rules")
    done = ruled.crm("rule", "test", "hot-lead", "--where", "score >= 40", "-o", "json")
    assert "6 leads fit the condition, and 4 of them that of the rule too" in done.err
    assert done.out.count('"effect"') == 8
    told = ruled.crm("rule", "test", "hot-lead", "--where", "score = 80").err
    assert "1 lead fits the condition, and 1 of them that of the rule too" in told
    before = ruled.state()
    ruled.refused(2, "rule", "test", "hot-lead", "--where", "score >= abc")
    assert ruled.state() == before


def test_the_tests_of_the_examples_are_run(ruled: Workspace) -> None:
    done = ruled.crm("rule", "test", "--all")
    assert done.code == 0
    assert "0 failed" in done.err
    path = ruled.home / "config" / "rules" / "tests" / "leads.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('rating = "hot"', 'rating = "cold"'), encoding="utf-8")
    done = ruled.crm("rule", "test", "--all", "-o", "json")
    assert done.code == 1
    assert "L1 rating: expected cold, found hot" in done.err
    assert '"differences": ["L1 rating: expected cold, found hot"]' in done.out


@pytest.mark.parametrize(
    "words", [[], ["hot-lead"], ["hot-lead", "L1", "--all"], ["--all", "--set", "a=b"], ["--where", "score > 1"]]
)
def test_what_is_to_be_tried_must_be_clear(ruled: Workspace, words: list[str]) -> None:
    assert "say what to try" in ruled.refused(2, "rule", "test", *words)


def test_complaint_5_why_tells_what_rules_decided_about_a_record(ruled: Workspace) -> None:
    ruled.ok("lead", "add", "Anna Rossi", "--set", "score=90", "--source", "website")
    rows = ruled.json("rule", "why", "L1")
    assert [(row["rule"], row["status"], row["why"], row["event"]) for row in rows] == [
        ("lead-without-source", "skipped", "`source is empty` does not hold", "lead.created"),
        ("hot-lead", "done", "set done, task done", "lead.created"),
    ]
    assert rows[0]["command"].startswith("crm lead add")
    ruled.ok("org", "add", "Acme")
    assert "no rule was about any change of it" in ruled.crm("rule", "why", "O1").err


def test_why_tells_which_writes_rules_were_not_asked_about(ruled: Workspace) -> None:
    ruled.ok("lead", "add", "Anna Rossi", "--source", "website")
    ruled.ok("lead", "edit", "L1", "--set", "score=90", "--no-rules")
    ruled.ok("undo", "--yes")
    (ruled.home / "l.csv").write_text("name\nBruno Neri\n")
    ruled.ok("import", "lead", str(ruled.home / "l.csv"))
    rows = [(row["rule"], row["status"], row["why"]) for row in ruled.json("rule", "why", "L1")]
    assert rows[:2] == [
        (None, "skipped", "rules do not act on what is taken back or done again"),
        (None, "skipped", "no rule was to act: --no-rules"),
    ]
    (row,) = ruled.json("rule", "why", "L2")
    assert row["why"].startswith("an import: only rules with imports = true act on it")


def test_why_names_the_rules_that_their_files_switch_off(ruled: Workspace) -> None:
    ruled.ok("rule", "new", "later", "--on", "lead.updated")
    load_files.cache_clear()
    ruled.ok("lead", "add", "Anna Rossi")
    told = ruled.crm("rule", "why", "L1").err
    assert "rule later is about leads too, but switched off in later.toml" in told


def test_why_of_a_survivor_knows_what_rules_did_on_the_other(ruled: Workspace) -> None:
    ruled.ok("lead", "add", "Anna Rossi", "--set", "score=90", "--source", "website")
    ruled.ok("lead", "add", "Anna Rosi", "--source", "website", "--no-rules")
    ruled.ok("lead", "merge", "L2", "L1", "--yes")
    rows = ruled.json("rule", "why", "L2")
    assert ("L1", "hot-lead", "done") in [(row["record"], row["rule"], row["status"]) for row in rows]
    assert "L1" in ruled.ok("rule", "why", "L2", "-o", "table")
