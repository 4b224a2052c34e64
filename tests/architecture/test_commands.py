"""The registry and the command modules agree, and reading commands start without the write side."""

import inspect
from importlib import import_module
from pathlib import Path

import pytest

from crmcli.catalogue import ENTITIES
from crmcli.cli.entries import Entry, walk
from crmcli.cli.lazy import load, name_of
from crmcli.cli.registry import ROOT
from tests.command import crm

COMMANDS = dict(walk(ROOT))
GROUPS = sorted({(path[:-1], entry.module) for path, entry in COMMANDS.items() if len(path) > 1})
READING = [path for path, entry in COMMANDS.items() if entry.reads]
HEAVY = ("sqlmodel", "sqlalchemy", "pydantic", "alembic", "textual", "keyring", "rich")
PROGRAM = f"""
import sys
from crmcli.cli.main import run
code = run(sys.argv[1:])
print("loaded:", *(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)
sys.exit(code)
"""
ARGUMENTS: dict[tuple[str, ...], list[str]] = {
    ("find",): ["rossi"],
    ("query",): ["example"],
    ("rule", "why"): ["L1"],
    ("show",): ["C1"],
    ("consent", "show"): ["C1"],
    ("sql",): ["SELECT 'D1' AS ref"],
    ("export", "warehouse"): ["--to", "warehouse", "--format", "sqlite"],
    ("pivot",): ["deal", "--rows", "stage", "--drill", "Potential"],
    ("pipeline", "show"): ["sales"],
    ("view", "show"): ["mine"],
    ("target", "show"): ["won_amount/2026-Q1"],
    ("report", "show"): ["kpi"],
    ("lifecycle", "show"): ["O1"],
    ("deal", "why"): ["D1"],
    ("import", "show"): ["1"],
    ("import", "preset", "show"): ["hubspot"],
    ("backup", "verify"): ["latest"],
    ("schema", "json"): ["lead"],
    ("help",): ["exit-codes"],
    ("completion",): ["bash"],
    **{(entity.noun, "show"): [entity.ref(1)] for entity in ENTITIES.values() if entity.letter},
}


def words(path: tuple[str, ...]) -> str:
    return " ".join(path)


@pytest.mark.parametrize("path", COMMANDS, ids=words)
def test_every_command_imports_and_says_what_the_registry_says(path: tuple[str, ...]) -> None:
    entry = COMMANDS[path]
    command = load(entry)
    assert command.name == entry.name
    lines = inspect.cleandoc(command.help or "").splitlines()
    assert lines[0] == entry.summary
    assert any(line.startswith(f"    crm {words(path)}") for line in lines), "help has an example of the command"


@pytest.mark.parametrize(("path", "module"), GROUPS, ids=lambda value: words(value) if isinstance(value, tuple) else "")
def test_the_registry_lists_every_command_of_a_module(path: tuple[str, ...], module: str) -> None:
    app = import_module(f"crmcli.cli.{module}").app
    listed = {entry.name for command, entry in COMMANDS.items() if entry.module == module}
    assert {name_of(info) for info in app.registered_commands} == listed


def test_names_are_unique_and_words() -> None:
    def check(entry: Entry) -> None:
        names = [verb.name for verb in entry.verbs]
        assert len(set(names)) == len(names)
        assert all(name.replace("-", "").isalpha() and name.islower() for name in names)
        for verb in entry.verbs:
            assert verb.summary.endswith(".")
            check(verb)

    check(ROOT)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the sample data of ``crm demo``."""
    home = tmp_path_factory.mktemp("demo")
    done = crm(home, "demo", str(home))
    assert done.returncode == 0, done.stderr
    return home


@pytest.mark.parametrize("path", READING, ids=words)
def test_reading_commands_load_nothing_heavy(workspace: Path, path: tuple[str, ...]) -> None:
    done = crm(workspace, *path, *ARGUMENTS.get(path, []), program=PROGRAM)
    assert done.returncode in (0, 3), done.stderr
    assert done.stderr.splitlines()[-1] == "loaded:"
