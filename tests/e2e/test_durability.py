"""The fast tier of the durability figures; the scripts in ``tests/stress`` take the full numbers."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def figures(script: str, folder: Path, *numbers: int | str) -> dict[str, Any]:
    argv = [sys.executable, "-m", f"tests.stress.{script}", str(folder), *map(str, numbers)]
    done = subprocess.run(
        argv, cwd=ROOT, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": "src"}, capture_output=True, text=True
    )
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_fifty_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    found = figures("killer", tmp_path, 50)
    assert found["acknowledged"] >= 50
    assert (found["lost"], found["broken"]) == (0, [])


@pytest.mark.parametrize(("kind", "kills"), [("webhook", 15), ("email", 5)])
def test_kills_of_the_deliverer_lose_no_message(tmp_path: Path, kind: str, kills: int) -> None:
    found = figures("deliverer", tmp_path, kills, kind)
    assert found["messages"] == found["leads"] >= kills
    assert (found["lost"], found["unknown_keys"], found["not_done"], found["broken"]) == (0, 0, 0, [])


def test_kills_of_reminders_forget_nobody(tmp_path: Path) -> None:
    found = figures("reminder", tmp_path, 5)
    assert found["people"] >= found["mails"] >= 5
    assert (found["forgotten"], found["told_under_two_keys"], found["not_done"], found["broken"]) == (0, 0, 0, [])
    assert found["repeated_with_other_words"] == 0


def test_eight_writers_lose_nothing_and_none_is_refused(tmp_path: Path) -> None:
    found = figures("writers", tmp_path, 8, 50)
    assert (found["refused"], found["lost"], found["records"], found["broken"]) == (0, 0, 400, [])
