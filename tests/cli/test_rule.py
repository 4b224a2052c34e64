"""``crm rule`` and what rules do to writing commands, as a user meets them."""

import json
import shutil
from pathlib import Path

import pytest

from tests.command import crm

EXAMPLES = Path(__file__).parents[2] / "examples" / "rules"
PING_PONG = """
schema = 1
[[rule]]
id = "ping"
on = ["lead.updated"]
watch = ["employees"]
do = [{ action = "set", values = { score = "{{ record.employees }}1" } }]
[[rule]]
id = "pong"
on = ["lead.updated"]
watch = ["score"]
do = [{ action = "set", values = { employees = "{{ record.score }}0" } }]
"""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    assert crm(home, "init").returncode == 0
    return home


@pytest.fixture
def home(empty: Path, tmp_path: Path) -> Path:
    """A workspace with some of the example rules."""
    shutil.copytree(empty, tmp_path / "home")
    folder = tmp_path / "home" / "config" / "rules"
    folder.mkdir(exist_ok=True)
    for name in ("deals", "leads", "tickets"):
        shutil.copy(EXAMPLES / f"{name}.toml", folder)
    return tmp_path / "home"


def put(home: Path, text: str) -> None:
    """Put these rules in the place of all others."""
    shutil.rmtree(home / "config" / "rules")
    (home / "config" / "rules").mkdir()
    (home / "config" / "rules" / "own.toml").write_text(text, encoding="utf-8")


def test_list_shows_turns_and_last_runs(home: Path) -> None:
    crm(home, "lead", "add", "Anna Rossi", "--set", "score=90")
    rows = {row["ref"]: row for row in json.loads(crm(home, "rule", "list", "-o", "json").stdout)}
    assert next(iter(rows)) == "quote-needs-amount"
    assert rows["hot-lead"]["on"] == "lead.created, lead.updated"
    assert rows["hot-lead"]["last_run"] is not None
    assert rows["won-thanks"]["last_run"] is None
    assert crm(home, "rule", "list", "-o", "ids").stdout.splitlines() == list(rows)


def test_without_rules_there_is_nothing_to_show(empty: Path) -> None:
    done = crm(empty, "rule", "list")
    assert (done.returncode, done.stdout) == (0, "")
    assert "0 rules, no mistakes" in crm(empty, "rule", "check").stderr


def test_the_examples_have_no_mistakes(home: Path) -> None:
    done = crm(home, "rule", "check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "8 rules, no mistakes\n")


def test_check_warns_of_rules_that_set_each_other_off(home: Path) -> None:
    put(home, PING_PONG)
    done = crm(home, "rule", "check")
    assert done.returncode == 0
    assert "warning: rules may set each other off: ping → pong → ping" in done.stderr
    crm(home, "lead", "add", "Anna Rossi")
    done = crm(home, "lead", "edit", "L1", "--set", "employees=1")
    assert (done.returncode, done.stdout) == (4, "")
    assert "ping → pong → ping → pong → ping → pong" in done.stderr
    assert json.loads(crm(home, "lead", "show", "L1", "-o", "json").stdout)["employees"] is None


def test_a_broken_file_stops_writes_but_not_reading(home: Path) -> None:
    put(home, 'schema = 1\n[[rule]]\nid = "x"\non = ["lead.created"]\nwhen = "scor > 5"\ndo = [{ action = "wran" }]\n')
    done = crm(home, "rule", "check")
    assert (done.returncode, done.stdout) == (2, "")
    assert "own.toml:6, rule x, do[1].action: 'wran' is no action (did you mean warn?)" in done.stderr
    assert "own.toml:5, rule x, when: condition: lead has no field 'scor', at character 1" in done.stderr
    assert "crm: 2 mistakes in the rule files\n" in done.stderr
    done = crm(home, "rule", "check", "-o", "json")
    assert done.returncode == 2
    rows = json.loads(done.stdout)
    assert [(row["file"], row["line"], row["key"]) for row in rows] == [
        ("own.toml", 5, "when"),
        ("own.toml", 6, "do[1].action"),
    ]
    assert rows[1]["hint"] == "did you mean warn?"
    done = crm(home, "lead", "add", "Anna Rossi")
    assert done.returncode == 2
    assert done.stderr.startswith("crm: 2 mistakes in the rule files: own.toml:5, rule x")
    assert "⏎" not in done.stderr
    assert crm(home, "lead", "list").returncode == 0
    assert crm(home, "lead", "list", "-o", "ids").stdout == ""
    done = crm(home, "lead", "add", "Anna Rossi", "--no-rules")
    assert (done.returncode, done.stdout) == (0, "L1\n")


def test_effects_go_to_standard_error(home: Path) -> None:
    done = crm(home, "lead", "add", "Anna Rossi", "--set", "score=90", "--set", "source=web")
    assert (done.returncode, done.stdout) == (0, "L1\n")
    assert done.stderr.splitlines() == [
        "rule hot-lead on L1: set rating = hot, lifecycle_stage = mql",
        'rule hot-lead on L1: task T1 "Call Anna Rossi (private)"',
    ]


def test_explain_tells_why_a_rule_rests(home: Path) -> None:
    done = crm(home, "lead", "add", "Anna Rossi", "--explain", "--set", "source=web")
    assert "rule hot-lead on L1 (created, saved): rests: `score >= 70` does not hold (score is empty)" in done.stderr


def test_a_refusal_is_told_and_nothing_is_stored(home: Path) -> None:
    crm(home, "org", "add", "Acme")
    crm(home, "deal", "add", "Site", "--org", "Acme")
    done = crm(home, "deal", "move", "D1", "quote_sent")
    assert (done.returncode, done.stdout) == (4, "")
    assert "amount: A deal needs an amount and an organization" in done.stderr
    assert json.loads(crm(home, "deal", "show", "D1", "-o", "json").stdout)["stage_ref"] == "potential"


@pytest.mark.parametrize("action", ['action = "tag", add = ["seen"]', 'action = "refuse", message = "not so"'])
def test_no_rule_acts_on_what_is_taken_back(home: Path, action: str) -> None:
    before = crm(home, "export", "all").stdout
    for words in (("lead", "add", "Anna Rossi"), ("lead", "edit", "L1", "--rating", "cold")):
        assert crm(home, *words, "--no-rules").returncode == 0
    put(home, f'schema = 1\n[[rule]]\nid = "r"\non = ["lead.updated"]\ndo = [{{ {action} }}]\n')
    done = crm(home, "undo", "2", "--yes")
    assert done.returncode == 0, done.stderr
    assert crm(home, "export", "all").stdout == before
