"""Promises that every command keeps, checked on all of them: the registry is walked, so that none is forgotten."""

import shutil
from pathlib import Path

import pytest

from crmcli.cli.lazy import load
from tests.e2e import audit
from tests.e2e.forking import at_terminal, crm

# What makes or replaces whole files and not records; it has nothing of a record to preview.
WITHOUT_DRY_RUN = {("init",), ("demo",), ("config", "set"), ("config", "edit"), ("backup", "create")}
ALWAYS_REFUSED = {("import", "task"), ("import", "event"), ("import", "auto"), ("redo",)}  # as the audit calls them
WRITERS = [path for path, entry in audit.COMMANDS.items() if not entry.reads]


def words(path: tuple[str, ...]) -> str:
    return " ".join(path)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where the calls of the audit can succeed; never written to."""
    home = tmp_path_factory.mktemp("sweep")
    (home / "people.csv").write_text("Last Name,Email\nRossi,anna@example.com\n", encoding="utf-8")
    for call in (
        ("init",),
        ("user", "add", "anna"),
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
        ("backup", "create"),
    ):
        done = crm(home, *call, bare=True)
        assert done.code == 0, (call, done.err)
    return home


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Path:
    shutil.copytree(prepared, tmp_path / "home")
    return tmp_path / "home"


def store(home: Path) -> bytes:
    return (home / ".local" / "share" / "crmcli" / "crm.db").read_bytes()


@pytest.mark.parametrize("path", audit.COMMANDS, ids=words)
def test_works_in_an_empty_environment_with_standard_input_closed(home: Path, path: tuple[str, ...]) -> None:
    ran = crm(home, *path, *audit.calls(path)[0], *audit.without_questions(path), bare=True, stdin=None)
    audit.check_quiet(path, ran)
    if ran.code:
        audit.check_told_in_one_line(ran)


@pytest.mark.parametrize("path", [path for path in audit.COMMANDS if "--output" in audit.options_of(path)], ids=words)
def test_an_unknown_format_is_refused_before_anything_is_done(home: Path, path: tuple[str, ...]) -> None:
    before = store(home)
    call = (*path, *audit.calls(path)[0], *audit.without_questions(path), "-o", "yaml")
    ran = crm(home, *call, bare=True)
    assert ran.code in ((2, 3, 4) if path in ALWAYS_REFUSED else (2,)), ran
    assert ran.out == ""
    assert "yaml" in ran.err or path in ALWAYS_REFUSED
    assert store(home) == before


@pytest.mark.parametrize("path", WRITERS, ids=words)
def test_a_dry_run_writes_nothing(home: Path, path: tuple[str, ...]) -> None:
    offered = any("--dry-run" in parameter.opts for parameter in load(audit.COMMANDS[path]).params)
    assert offered != (path in WITHOUT_DRY_RUN)
    if offered:
        before = store(home)
        ran = crm(home, *path, *audit.calls(path)[0], "--dry-run", bare=True)
        audit.check_quiet(path, ran)
        assert store(home) == before


@pytest.mark.parametrize("path", [path for path in WRITERS if audit.without_questions(path)], ids=words)
def test_yes_leaves_no_question(home: Path, path: tuple[str, ...]) -> None:
    """Nobody types anything: a command that asks would wait until it is killed."""
    ran = at_terminal(home, *path, *audit.calls(path)[0], "--yes", CRMCLI_HOME="")
    audit.check_quiet(path, ran)
    assert "[y/N]" not in ran.out
