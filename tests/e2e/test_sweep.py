"""Promises that every command keeps, checked on all of them: the registry is walked, so that none is forgotten."""

import shutil
from pathlib import Path

import pytest

from crmcli.cli.lazy import load
from tests.e2e import audit
from tests.e2e.forking import crm, crm_bare

# What makes or replaces whole files and not records; it has nothing of a record to preview.
WITHOUT_DRY_RUN = {
    ("init",),
    ("demo",),
    ("config", "set"),
    ("config", "edit"),
    ("tui",),
    ("secret", "set"),
    ("secret", "status"),
    ("secret", "rm"),
    ("backup", "create"),
    ("import", "preset", "save"),
    ("rule", "new"),
    ("report", "new"),
    ("cron", "check"),  # only looks
    ("rule", "test"),  # is a dry run itself
}
ALWAYS_REFUSED = {
    ("import", "task"),
    ("import", "event"),
    ("import", "auto"),
    ("import", "resume"),
    ("import", "all"),
    ("redo",),
}  # as the audit calls them
READERS = {path for path, entry in audit.COMMANDS.items() if entry.reads}


def words(path: tuple[str, ...]) -> str:
    return " ".join(path)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where the calls of the audit can succeed; never written to."""
    home = tmp_path_factory.mktemp("sweep")
    for name, place, up in (("data", ".local/share", "../.."), ("config", ".config", "..")):
        (home / name).mkdir()
        (home / place).mkdir(parents=True)
        (home / place / "crmcli").symlink_to(f"{up}/{name}")  # where it lies for those who set nothing
    (home / "people.csv").write_text("Last Name,Email\nRossi,anna@example.com\n", encoding="utf-8")
    for call in (
        ("init",),
        ("import", "lead", "people.csv", "--map", "Last Name=last_name"),
        *(("lead", "add", f"Lead {number}") for number in (2, 3)),
        *(("org", "add", f"Company {number}") for number in (1, 2)),
        *(("contact", "add", f"Person {number}") for number in (1, 2)),
        *(("deal", "add", f"Deal {number}", "--org", "O1") for number in (1, 2)),
        *(("task", "add", f"Task {number}") for number in (1, 2, 3)),
        ("event", "add", "Fair", "--start", "tomorrow 9:00"),
        ("log", "note", "Met", "--for", "C1"),
        *(("ticket", "open", f"Ticket {number}", "--contact", "C1") for number in (1, 2)),
        ("pipeline", "add", "Partners", "--preset", "sales"),
        ("tag", "add", "L1", "vip"),
        ("field", "add", "lead", "remark"),
        ("view", "save", "kept", "--on", "lead"),
        ("target", "add", "won_amount", "--period", "2026-Q1", "--value", "250k"),
        ("rate", "add", "USD", "--rate", "0.92", "--on", "2026-01-01"),
        ("backup", "create"),
    ):
        done = crm(home, *call)
        assert done.code == 0, (call, done.err)
    return home


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Path:
    shutil.copytree(prepared, tmp_path / "home", symlinks=True)
    return tmp_path / "home"


def store(home: Path) -> bytes:
    return (home / "data" / "crm.db").read_bytes()


@pytest.mark.parametrize("path", audit.COMMANDS, ids=words)
def test_what_every_command_promises(home: Path, path: tuple[str, ...]) -> None:
    call, sure, parameters = audit.calls(path)[0], audit.without_questions(path), load(audit.COMMANDS[path]).params
    before = store(home)
    if "--output" in audit.options_of(path):
        check_unknown_format(home, path, (*path, *call, *sure))
    if any("--dry-run" in parameter.opts for parameter in parameters):
        audit.check_quiet(path, crm(home, *path, *call, "--dry-run"))
    else:
        assert path in READERS | WITHOUT_DRY_RUN
    assert store(home) == before, "neither of them writes"
    ran = crm_bare(home, *path, *call, *sure)
    audit.check_quiet(path, ran)
    if ran.code and not (ran.code == 1 and path in audit.EMPTY_IS_1) and path not in audit.VERDICTS:
        audit.check_told_in_one_line(ran)


def check_unknown_format(home: Path, path: tuple[str, ...], call: tuple[str, ...]) -> None:
    """Check that an unknown format is refused, and before anything is done."""
    ran = crm(home, *call, "-o", "yaml")
    assert ran.code in ((2, 3, 4) if path in ALWAYS_REFUSED else (2,)), ran
    assert ran.out == ""
    assert "yaml" in ran.err or path in ALWAYS_REFUSED
