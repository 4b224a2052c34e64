"""``crm tick``, ``crm rule run`` and switching rules, as a user and a scheduler meet them."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.command import crm
from tests.forker import forker

RULES = """
schema = 1
[[rule]]
id = "hot"
on = ["lead.created", "lead.updated"]
when = "score >= 70"
crossed = true
once = "per_match"
do = [{ action = "task", subject = "Call {{ record.full_name }}" }]
[[rule]]
id = "old"
on = ["lead.time"]
time = { anchor = "created_at", offset = "+2d", at = "08:00" }
do = [{ action = "tag", add = ["old"] }]
[[rule]]
id = "by-hand"
on = ["lead.manual"]
when = "score < 5"
do = [{ action = "set", values = { rating = "cold" } }]
[[rule]]
id = "moved"
on = ["lead.updated"]
when = "changed(score)"
do = [{ action = "stop" }]
"""
LATER = {"CRMCLI_NOW": "2099-01-01T00:00:00Z"}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    assert crm(home, "init").returncode == 0
    return home


@pytest.fixture
def home(empty: Path, tmp_path: Path) -> Path:
    shutil.copytree(empty, tmp_path / "home")
    (tmp_path / "home" / "config" / "rules").mkdir(exist_ok=True)
    (tmp_path / "home" / "config" / "rules" / "own.toml").write_text(RULES, encoding="utf-8")
    return tmp_path / "home"


def later(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command as the scheduler does, in an environment with next to nothing, long after."""
    return forker().run(words, {"HOME": str(home), "CRMCLI_HOME": str(home), **LATER})


def test_a_tick_is_silent_and_does_what_is_due_once(home: Path) -> None:
    crm(home, "lead", "add", "Anna Rossi")
    for _ in range(2):
        done = crm(home, "tick")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    trial = later(home, "tick", "--dry-run", "-o", "json")
    assert [row["ref"] for row in json.loads(trial.stdout)] == ["L1"]
    done = later(home, "tick")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert json.loads(crm(home, "lead", "show", "L1", "-o", "json").stdout)["tags"] == ["old"]
    assert json.loads(later(home, "tick", "-o", "json").stdout) == []
    (step,) = [row for row in json.loads(crm(home, "history", "-o", "json").stdout) if "tick" in row["command"]]
    assert step["command"].startswith("crm tick (rule old on lead L1)")
    assert crm(home, "undo", "--yes").returncode == 0
    assert json.loads(crm(home, "lead", "show", "L1", "-o", "json").stdout)["tags"] == []


def test_a_tick_tells_what_failed_and_what_tripped(home: Path) -> None:
    text = RULES.replace('add = ["old"]', 'add = ["{{ record.industry }}"]')
    (home / "config" / "rules" / "own.toml").write_text(text, encoding="utf-8")
    crm(home, "lead", "add", "Anna Rossi")
    crm(home, "tick")
    done = later(home, "tick")
    assert (done.returncode, done.stdout) == (1, "")
    assert "warning: rule old on L1: rule old, action 1 (tag) failed" in done.stderr


def test_a_rule_by_hand(home: Path) -> None:
    for name, score in (("Anna Rossi", "90"), ("Bea Verdi", "3")):
        crm(home, "lead", "add", name, "--set", f"score={score}", "--no-rules")
    done = crm(home, "rule", "run", "hot", "L1", "L2")
    assert (done.returncode, done.stdout) == (0, "L1\tran\t\nL2\trested\tits condition does not hold\n")
    assert 'rule hot on L1: task T1 "Call Anna Rossi"' in done.stderr
    assert "its condition began to hold" in crm(home, "rule", "run", "hot", "L1").stdout
    assert crm(home, "rule", "run", "by-hand", "--where", "score > 0").returncode == 2, "nobody said yes"
    done = crm(home, "rule", "run", "by-hand", "--where", "score > 0", "--dry-run", "-o", "json")
    assert [row["outcome"] for row in json.loads(done.stdout)] == ["rested", "ran"]
    crm(home, "rule", "run", "by-hand", "--where", "score > 0", "--yes")
    shown = [json.loads(crm(home, "lead", "show", ref, "-o", "json").stdout)["rating"] for ref in ("L1", "L2")]
    assert shown == [None, "cold"]
    assert crm(home, "undo", "--yes").returncode == 0
    assert json.loads(crm(home, "lead", "show", "L2", "-o", "json").stdout)["rating"] is None


def test_what_cannot_be_run_by_hand(home: Path) -> None:
    crm(home, "lead", "add", "Anna Rossi")
    assert crm(home, "rule", "run", "nobody", "L1").returncode == 3
    done = crm(home, "rule", "run", "moved", "L1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "rule moved cannot be run by hand: when:" in done.stderr
    assert crm(home, "rule", "run", "hot").returncode == 2
    crm(home, "rule", "disable", "hot")
    done = crm(home, "rule", "run", "hot", "L1")
    assert (done.returncode, "crm rule enable hot" in done.stderr) == (4, True)


def test_rules_are_switched_off_and_on(home: Path) -> None:
    def states() -> set[str]:
        return {row["state"] for row in json.loads(crm(home, "rule", "list", "-o", "json").stdout)}

    assert crm(home, "rule", "disable", "hot").stdout == "hot\n"
    crm(home, "lead", "add", "Anna Rossi", "--set", "score=90")
    assert crm(home, "task", "list", "-o", "ids").stdout == ""
    assert states() == {"disabled", "enabled"}
    assert crm(home, "rule", "disable", "--all", "--dry-run").returncode == 0
    assert states() == {"disabled", "enabled"}
    crm(home, "rule", "disable", "--all")
    assert states() == {"disabled"}
    crm(home, "rule", "enable", "--all")
    crm(home, "rule", "enable", "hot")
    assert states() == {"enabled"}
    assert crm(home, "rule", "enable", "nobody").returncode == 3
    assert crm(home, "rule", "disable").returncode == 2


def test_a_tick_without_a_home_says_so(tmp_path: Path) -> None:
    done = crm(tmp_path / "none", "tick")
    assert (done.returncode, done.stdout) == (7, "")
    assert not (tmp_path / "none" / "data").exists()
