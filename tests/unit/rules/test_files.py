"""What rule files may hold, and that everything else is told with its place."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import ConfigError
from crmcli.rules.action_keys import ACTIONS, LATER_ACTIONS
from crmcli.rules.files import RuleFiles, load_files, parse_rules
from crmcli.rules.lines import Lines
from crmcli.rules.mistakes import Mistake, Place, refuse
from tests.unit.rules.world import rule, understood

EXAMPLES = Path(__file__).parents[3] / "examples" / "rules"


def test_the_examples_are_sound() -> None:
    files = load_files(EXAMPLES)
    assert len(files.rules) >= 8
    assert files.mistakes == ()


def test_a_folder_without_files_holds_no_rules(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    assert not load_files(tmp_path)
    assert not load_files(tmp_path / "missing")


def test_defaults() -> None:
    ((ready,), mistakes) = understood(rule())
    assert mistakes == []
    found = ready.rule
    assert (found.name, found.order, found.enabled, found.imports, found.crossed) == ("a", 100, True, False, False)
    assert (found.entity, found.events, ready.watch) == ("lead", ("updated",), frozenset())


def test_an_edited_rule_has_another_hash() -> None:
    hashes = [understood(text)[0][0].rule.sha256 for text in (rule(), rule() + "\n", rule(order="7"))]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize(
    ("text", "key", "reason", "hint"),
    [
        (rule(wen='"x"'), "wen", "there is no such key", "did you mean when?"),
        (rule(order='"1"'), "order", "must be a whole number, not '1'", None),
        (rule(enabled="1"), "enabled", "must be true or false, not 1", None),
        (rule(once='"per_rekord"'), "once", "'per_rekord' is not one of its values", None),
        (rule(once='"per_anchor"'), "once", "per_anchor needs an anchor", None),
        (rule(**{"as": '"nobody"'}), "as", "no user 'nobody'", None),
        (rule(time="{ anchor = 'closed_at' }"), "time", "is only for the event time", 'on = ["lead.time"]'),
        (rule(react_to_self="1"), "react_to_self", "must be true or false, not 1", None),
        (rule(guard="{ max_runs = 1 }"), "guard.max_runs", "there is no such key", None),
        (rule(guard="{ max_actions = 0 }"), "guard.max_actions", "must be at least 1, not 0", None),
        (rule(guard="{ max_runs_per_hour = '1' }"), "guard.max_runs_per_hour", "must be a whole number", None),
        (rule(once='"per_match"'), "once", "needs a condition that can become true", None),
        (rule(rule_id="Hot lead"), "id", "'Hot lead' is not kebab-case", "small letters, digits and -"),
        (rule(on='["lead.time"]'), "time", "is missing", None),
        (rule(on='["ticket.updated", "ticket.sla_at_risk"]'), "on", "a change and the passing of time", None),
        (rule(on='["task.merged"]'), "on", "task has no event 'merged'; ", None),
        (rule(on='["campaign.granted"]'), "on", "'campaign' raises no events in this version; ", None),
        (rule(on='["lead.won"]'), "on", "lead has no event 'won'; ", None),
        (rule(on='["lead"]'), "on", "'lead' is not an event; write lead.updated", None),
        (rule(on='["quote.accepted"]'), "on", "'quote' raises no events in this version; ", None),
        (rule(on='["lead.created", "deal.created"]'), "on", "the events concern lead and deal", None),
        (rule(on="[]"), "on", "is empty", None),
        (rule(do=""), "do", "is empty", None),
        (rule(do='{ action = "wran" }'), "do[1].action", "'wran' is no action", "did you mean warn?"),
        (rule(do='{ action = "follow" }'), "do[1].action", "'follow' is not supported in this version", None),
        (rule(do='{ action = "stop", delay = "+1d" }'), "do[1].delay", "there is no such key", None),
        (rule(do='{ action = "untag", remove = ["a"], on_error = "retry" }'), "do[1].on_error",
         "'retry' is not one of its values", "there is fail, continue"),
        (rule(do='{ action = "assign", pool = 1 }'), "do[1].pool", "must be text or a list of texts, not 1", None),
        (rule(do='{ action = "increment", field = "score", by = "1" }'), "do[1].by", "must be a number, not '1'", None),
        (rule(do='{ action = "set" }'), "do[1].values", "is missing", None),
        (rule(do='{ action = "tag", add = [1] }'), "do[1].add", "must be a list of texts, not [1]", None),
    ],
)  # fmt: skip
def test_mistakes_of_form(text: str, key: str, reason: str, hint: str | None) -> None:
    ready, mistakes = understood(text)
    assert ready == []
    (mistake,) = mistakes
    assert (mistake.place.file, mistake.place.key) == ("a.toml", key)
    assert mistake.reason.startswith(reason)
    assert hint is None or mistake.hint == hint


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (rule(order='"1"'), 5),
        (rule(wen='"x"'), 5),
        (rule(do='\n{ action = "stop" },\n{ action = "tag" }'), 7),  # the action that lacks a key
        (rule(do='{ action = "set", values = {\nrating = """\nhto""" } }'.replace("{\nr", "{ r")), 5),
        (rule() + "\n\n" + rule("b", on='["lead.won"]'), 9),
        (rule(do='{ action = "set", values = { "a.b" = 1 } }'), 5),
    ],
)
def test_mistakes_name_the_line(text: str, line: int) -> None:
    _, (mistake,) = understood(text)
    assert mistake.place.line == line
    assert str(mistake).startswith(f"a.toml:{line}, rule ")


def test_a_file_that_lacks_a_key_is_told_from_its_first_line() -> None:
    mistakes: list[Mistake] = []
    parse_rules("\n\nschema = 1", "a.toml", mistakes)
    assert [str(mistake) for mistake in mistakes] == ["a.toml:1, rule: is missing"]


def test_syntax_errors_name_the_line() -> None:
    mistakes: list[Mistake] = []
    assert parse_rules('schema = 1\n[[rule]\nid = "a"', "a.toml", mistakes) == []
    assert str(mistakes[0]) == "a.toml:2: expected ']]' at the end of an array declaration, at column 7"
    assert mistakes[0].row["line"] == 2


@pytest.mark.parametrize("schema", ["", "schema = 2", 'schema = "1"'])
def test_the_format_version_is_demanded(schema: str) -> None:
    mistakes: list[Mistake] = []
    parse_rules(f"{schema}\n{rule()}", "a.toml", mistakes)
    assert [mistake.place.key for mistake in mistakes] == ["schema"]


def test_an_id_is_unique_over_all_files(tmp_path: Path) -> None:
    for name in ("one.toml", "two.toml"):
        (tmp_path / name).write_text(f"schema = 1\n{rule()}")
    files = load_files(tmp_path)
    assert [str(mistake) for mistake in files.mistakes] == ["two.toml:3, rule a, id: is taken by a rule of one.toml"]


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "b.toml").mkdir()
    assert [mistake.place.file for mistake in load_files(tmp_path).mistakes] == ["a.toml", "b.toml"]


def test_all_mistakes_are_one_error() -> None:
    refuse([])
    two = [Mistake(Place("a.toml", "x", "on"), "is missing"), Mistake(Place("b.toml"), "no", "yes")]
    with pytest.raises(ConfigError) as caught:
        refuse(two)
    assert caught.value.message == ("2 mistakes in the rule files: a.toml, rule x, on: is missing; b.toml: no (yes)")
    assert [problem["file"] for problem in caught.value.details["problems"]] == ["a.toml", "b.toml"]


def test_of_many_mistakes_the_first_are_told() -> None:
    with pytest.raises(ConfigError) as caught:
        refuse([Mistake(Place(f"{number}.toml"), "no") for number in range(1, 12)])
    assert caught.value.message == "11 mistakes in the rule files: 1.toml: no; 2.toml: no; 3.toml: no; and 8 more"
    assert len(caught.value.details["problems"]) == 11


def test_a_pipe_is_no_rule_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.toml")
    assert [str(mistake) for mistake in load_files(tmp_path).mistakes] == ["a.toml: cannot be read: not a regular file"]


def test_a_byte_order_mark_and_capital_letters_in_the_name_are_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "WINDOWS.TOML").write_text("\ufeffschema = 1\n" + rule(), encoding="utf-8")
    assert [one.id for one in load_files(tmp_path).rules] == ["a"]


def test_what_an_editor_leaves_while_a_rule_is_written_is_no_rule_file(tmp_path: Path) -> None:
    (tmp_path / ".#leads.toml").symlink_to("anna@host.1234")
    (tmp_path / ".leads.toml").write_text("half a ru")
    assert not load_files(tmp_path)


def test_a_mistake_in_a_template_has_the_line_of_its_key() -> None:
    place = Place("a.toml", line_of=Lines("[[rule]]\n[[rule.do]]\naction = 1\ntemplate = 2\n").of_table("rule", 1))
    assert place.at("do[1].template (hello.txt, line 3)").line == 4


def test_no_action_is_both_built_and_later() -> None:
    assert LATER_ACTIONS.isdisjoint(ACTIONS)


@given(st.text(max_size=60))
def test_any_text_is_rules_or_mistakes(text: str) -> None:
    mistakes: list[Mistake] = []
    found = parse_rules(text, "a.toml", mistakes)
    assert mistakes or not found


VALUES = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.text("ab-.{}|", max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["action", "values", "if", "add", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["id", "on", "when", "watch", "do", "crossed", "order", "name", "zz"]), VALUES, max_size=7
    )
)
def test_any_values_are_a_rule_or_mistakes(table: dict[str, object]) -> None:
    import tomlkit

    text = tomlkit.dumps({"schema": 1, "rule": [table]})
    ready, mistakes = understood(text.removeprefix("schema = 1\n"))
    assert len(ready) == 1 or mistakes


def test_rule_files_are_true_when_there_is_something() -> None:
    assert not RuleFiles()
    assert RuleFiles(mistakes=(Mistake(Place("a.toml"), "x"),))
