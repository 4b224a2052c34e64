"""The formats that the help of a command offers are those that it writes."""

import re

import pytest

from crmcli.cli.entries import Entry
from crmcli.cli.lazy import load
from crmcli.output.formats import FORMATS
from tests.architecture.test_commands import ARGUMENTS, COMMANDS, words
from tests.cli.workspace import Workspace


def offered(entry: Entry) -> tuple[str, ...]:
    """Return the formats of the option's help; none without the option."""
    helps = [str(getattr(option, "help", "")) for option in load(entry).params if "--output" in option.opts]
    return tuple(re.findall(r"[a-z]+", helps[0].partition(". Default")[0].replace(" or ", ", "))) if helps else ()


READING = {path: offered(entry) for path, entry in COMMANDS.items() if entry.reads and offered(entry)}


@pytest.fixture
def lived_in(workspace: Workspace) -> Workspace:
    """A workspace with a record of each kind and what else the commands are about."""

    def make() -> None:
        for line in (
            ["lead", "add", "Anna Rossi"],
            ["org", "add", "Acme"],
            ["contact", "add", "Anna Rossi", "--org", "O1", "--allow-duplicate"],
            ["deal", "add", "Order", "--org", "O1"],
            ["task", "add", "Call", "--due", "today"],
            ["event", "add", "Demo", "--start", "today 15:00"],
            ["log", "call", "Hi", "--with", "L1"],
            ["ticket", "open", "Help"],
            ["view", "save", "mine", "--on", "lead", "--where", "owner = me"],
            ["backup", "create"],
            ["target", "add", "won_amount", "--period", "2026-Q1", "--value", "250k"],
        ):
            workspace.ok(*line)
        (workspace.home / "people.csv").write_text("name\nBruno Verdi\n", encoding="utf-8")
        workspace.ok("import", "lead", str(workspace.home / "people.csv"))

    return workspace.once(make)


@pytest.mark.parametrize("path", READING, ids=words)
def test_offered_formats_are_written_and_no_others(lived_in: Workspace, path: tuple[str, ...]) -> None:
    command = [*path, *ARGUMENTS.get(path, [])]
    for name in FORMATS:
        done = lived_in.crm(*command, "-o", name)
        assert done.code == (0 if name in READING[path] else 2), (name, done.err)
