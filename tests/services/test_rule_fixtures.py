"""Tests of rules beside their files: what happens is held against what is expected, in a store that is thrown away."""

import shutil
from pathlib import Path

import pytest

from crmcli import clock
from crmcli.errors import ConfigError
from crmcli.rules.files import load_files
from crmcli.rules.fixtures import load_cases
from crmcli.services.results import Command, Context
from crmcli.services.rule_tests.bench import run_cases
from tests.services.ruled import HOT_LEAD, QUOTE_GUARD, Ruled, rule
from tests.services.world import SETTINGS

EXAMPLES = Path(__file__).parents[2] / "examples" / "rules"
HEAD = 'schema = 1\n[[test]]\nname = "it"\n'
HOT = HEAD + 'given = [{ lead = "Anna Rossi", score = 60 }]\ndo = [{ edit = "Anna Rossi", score = 75 }]\n'
TASK = '{ created = "task", subject = "Call Anna Rossi (private)", due_at = "2026-03-20", for = "Anna Rossi" }'


def failures(ruled: Ruled, text: str) -> list[str]:
    (ruled.folder / "tests").mkdir(exist_ok=True)
    (ruled.folder / "tests" / "all.toml").write_text(text, encoding="utf-8")
    before = ruled.store.export()
    found = [line for one in run_cases(load_cases(ruled.folder), ruled.context()) for line in one.differences]
    assert ruled.store.export() == before
    assert clock.fixed_at() is None
    return found


def test_what_is_expected_and_happens_is_no_difference(ruled: Ruled) -> None:
    ruled.given(HOT_LEAD)
    record = '{ record = "Anna Rossi", rating = "hot", tags = ["chase"], score = 75, city = "", when = "score > 70" }'
    assert failures(ruled, HOT + f"expect = [{record}, {TASK}]") == []


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        (f'{{ record = "Anna Rossi", rating = "cold" }}, {TASK}', "L1 rating: expected cold, found hot"),
        (f'{{ record = "Anna Rossi", when = "score > 80" }}, {TASK}', "L1: score > 80 is not so: score is 75"),
        (f'{{ record = "Anna Rossi", tags = [] }}, {TASK}', "L1 tags: expected nothing, found ['chase']"),
        ("", 'also created: task "Call Anna Rossi (private)"'),
        (TASK.replace("20", "21"), "T1 due_at: expected 2126-03-21, found"),
        (f'{TASK}, {{ created = "event" }}', "no event was created"),
        (f'{TASK}, {{ sent = "email" }}', "no email was sent"),
        (f'{TASK}, {{ refused = "no" }}', "refused: expected 'no', found nothing"),
        (f'{TASK}, {{ warned = "no" }}', "warned: expected 'no', found nothing"),
    ],
)
def test_a_difference_is_told_in_a_line(ruled: Ruled, expect: str, told: str) -> None:
    ruled.given(HOT_LEAD)
    (line,) = failures(ruled, HOT + f"expect = [{expect}]")
    assert line.startswith(told)


def test_a_refusal_is_expected_or_a_difference(ruled: Ruled) -> None:
    ruled.given(QUOTE_GUARD)
    given = 'given = [{ org = "Acme" }, { deal = "Site", organization = "Acme" }]\n'
    text = f'{HEAD}{given}do = [{{ move = "Site", stage = "quote_sent" }}]\n'
    refused = '{ refused = "needs an amount" }, { record = "Site", stage = "potential" }'
    assert failures(ruled, f"{text}expect = [{refused}]") == []
    (line,) = failures(ruled, text)
    assert line.startswith("refused: D1 refused by rule quote-needs-amount")


def test_what_would_be_sent_is_expected_and_nothing_is_sent(ruled: Ruled) -> None:
    hook = '{ action = "webhook", url = "https://example.com/hook", body = { name = "{{ record.full_name }}" } }'
    ruled.given(rule("tell", '["lead.created"]', hook))
    text = HEAD + 'do = [{ lead = "Anna Rossi" }]\n'
    sent = 'sent = "webhook", url = "https://example.com/hook", status = "pending"'
    assert failures(ruled, f'{text}expect = [{{ {sent}, body = {{ name = "Anna Rossi" }} }}]') == []
    (line,) = failures(ruled, f'{text}expect = [{{ {sent}, body = {{ name = "Bea" }} }}]')
    assert line == "webhook body: expected {'name': 'Bea'}, found {'name': 'Anna Rossi'}"
    (line,) = failures(ruled, text)
    assert line.startswith('also sent: {"kind": "webhook"')
    assert ruled.store.rows("SELECT * FROM outbox") == []


def test_a_test_knows_users_and_custom_fields_of_the_store(ruled: Ruled) -> None:
    ruled.store.add("custom_field", entity="lead", key="budget", label="Budget", type="int")
    ruled.store.add("user", handle="bruno")
    ruled.given(
        rule("rich", '["lead.updated"]', '{ action = "set", values = { owner = "bruno" } }', when='"budget > 10"')
    )
    text = HEAD + 'given = [{ lead = "Anna Rossi" }]\ndo = [{ edit = "Anna Rossi", budget = 20 }]\n'
    assert failures(ruled, text + 'expect = [{ record = "Anna Rossi", owner = "bruno" }]') == []


def test_a_line_about_nobody_is_told(ruled: Ruled) -> None:
    ruled.given(HOT_LEAD)
    (line,) = failures(ruled, HEAD + 'do = [{ edit = "Anna Rossi", score = 75 }]')
    assert line == "the test itself cannot be run: there is no record called 'Anna Rossi'; there are none yet"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("schema = 1\n", "test: is missing"),
        ("schema = 2\n[[test]]\nname = 'x'\ndo = [{ lead = 'a' }]", "another version"),
        (HEAD + "do = [{ edti = 'Anna' }]", "begins with 'edti'"),
        (HEAD + "do = [{ lead = 'Anna' }]\nexpcet = []", "there is no such key"),
        (HEAD + "expect = []", "do: is missing"),
    ],
)
def test_a_mistake_in_a_test_has_its_place(ruled: Ruled, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        failures(ruled, text)
    assert told in str(caught.value)


def test_the_examples_pass_their_tests(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(EXAMPLES, folder)
    shutil.copytree(EXAMPLES.parent / "templates", tmp_path / "templates")
    load_files.cache_clear()
    context = Context(tmp_path / "none.db", SETTINGS, Command("crm rule test"), folder)
    verdicts = list(run_cases(load_cases(folder), context))
    assert [(one.case.name, one.differences) for one in verdicts if one.differences] == []
    assert {case.file for case in load_cases(folder)} == {f"tests/{file.name}" for file in EXAMPLES.glob("*.toml")}
