import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.workspace import Workspace


@pytest.fixture
def backed_up(workspace: Workspace) -> Workspace:
    """A workspace with one organization in a backup, and a second one since then."""

    def make() -> None:
        workspace.ok("org", "add", "Acme")
        workspace.ok("backup", "create")
        workspace.ok("org", "add", "Beta")

    return workspace.once(make)


def names(workspace: Workspace) -> list[str]:
    return [row["name"] for row in workspace.json("org", "list")]


def test_create_tells_where_and_is_private(workspace: Workspace) -> None:
    path = Path(workspace.ok("backup", "create"))
    assert path.parent == workspace.home / "data" / "backups"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_list(backed_up: Workspace) -> None:
    (row,) = backed_up.json("backup", "list")
    assert (row["at"], row["label"]) == ("2026-03-18T11:00:00Z", "manual")
    assert row["size"] > 0


def test_verify_tells_counts_and_hash(backed_up: Workspace) -> None:
    (row,) = backed_up.json("backup", "verify")
    assert row["counts"]["organization"] == 1
    assert len(row["sha256"]) == 64
    assert backed_up.json("backup", "verify", Path(row["path"]).name) == [row]


@pytest.mark.parametrize("size", [8192, 800_000])
def test_verify_finds_damage(backed_up: Workspace, size: int) -> None:
    path = Path(backed_up.json("backup", "list")[0]["path"])
    content = bytearray(path.read_bytes())
    content[8192 : 8192 + size] = b"\xff" * len(content[8192 : 8192 + size])
    path.write_bytes(content)
    for words in (["backup", "verify"], ["restore", "latest", "--yes"]):
        message, hint = backed_up.refused(7, *words).splitlines()
        assert message.startswith(f"crm: {path} ")
        assert hint == "  hint: crm backup list"


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("CREATE TRIGGER evil AFTER INSERT ON organization BEGIN DELETE FROM deal; END", "trigger evil is not of"),
        ("CREATE VIEW evil AS SELECT 1", "view evil is not of"),
        ("CREATE TABLE evil (x)", "table evil is not of"),
        ("DROP TRIGGER change_no_delete", "trigger change_no_delete is missing"),
    ],
)
def test_a_foreign_schema_is_found(backed_up: Workspace, sql: str, told: str) -> None:
    path = Path(backed_up.json("backup", "list")[0]["path"])
    for store in (path, backed_up.home / "data" / "crm.db"):
        with closing(sqlite3.connect(store)) as con:
            con.execute(sql)
    for words in (["backup", "verify"], ["restore", "latest", "--yes"]):
        assert backed_up.refused(7, *words).startswith(f"crm: {path} cannot be restored: {told}")
    done = backed_up.crm("doctor")
    assert (done.code, f"schema\tfailure\t{told}" in done.out) == (1, True)
    saved = backed_up.home / "saved.db"
    backed_up.ok("--db", str(path), "doctor", "--recover", str(saved))
    assert backed_up.crm("--db", str(saved), "doctor").code == 0
    assert backed_up.ok("--db", str(saved), "org", "list", "-o", "ids") == "O1"


def test_nothing_is_left_beside_backups(backed_up: Workspace) -> None:
    folder = backed_up.home / "data" / "backups"
    backed_up.ok("backup", "verify")
    backed_up.ok("restore", "latest", "--yes")
    assert {path.suffix for path in folder.iterdir()} == {".crmbackup"}


def test_a_backup_may_be_readable_by_others(backed_up: Workspace, tmp_path: Path) -> None:
    copy = tmp_path / "copy.crmbackup"
    shutil.copy(backed_up.json("backup", "list")[0]["path"], copy)
    copy.chmod(0o444)
    backed_up.ok("restore", str(copy), "--yes")
    assert stat.S_IMODE((backed_up.home / "data" / "crm.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("words", [["backup", "verify"], ["restore", "latest", "--yes"], ["restore", "none.db"]])
def test_an_unknown_backup(workspace: Workspace, words: list[str]) -> None:
    assert "no backup" in workspace.refused(3, *words)


def test_restore_puts_it_back_and_keeps_what_was_there(backed_up: Workspace) -> None:
    done = backed_up.crm("restore", "latest", "--yes")
    assert (done.code, done.out) == (0, "")
    assert names(backed_up) == ["Acme"]
    safety = next(row for row in backed_up.json("backup", "list") if row["label"] == "before-restore")
    backed_up.ok("restore", safety["name"], "--yes")
    assert names(backed_up) == ["Acme", "Beta"]
    assert backed_up.ok("check") == ""


def test_restore_asks(backed_up: Workspace) -> None:
    assert "Say so with --yes" in backed_up.refused(2, "restore", "latest")
    backed_up.ok("restore", "latest", "--dry-run")
    assert names(backed_up) == ["Acme", "Beta"]
    code, screen = backed_up.at_terminal("restore", "latest", typed="n\n")
    assert (code, "nothing was changed" in screen) == (1, True)
    assert backed_up.at_terminal("restore", "latest", typed="y\n")[0] == 0
    assert names(backed_up) == ["Acme"]


def test_restore_where_the_store_is_lost(backed_up: Workspace) -> None:
    (backed_up.home / "data" / "crm.db").unlink()
    backed_up.ok("restore", "latest", "--yes")
    assert names(backed_up) == ["Acme"]


def test_a_backup_elsewhere_is_named_by_its_path(backed_up: Workspace, tmp_path: Path) -> None:
    copy = tmp_path / "copy.crmbackup"
    shutil.copy(backed_up.json("backup", "list")[0]["path"], copy)
    backed_up.ok("restore", str(copy), "--yes")
    assert names(backed_up) == ["Acme"]


def test_prune_keeps_the_newest(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    for hour in ("12", "13", "14"):
        monkeypatch.setenv("CRMCLI_NOW", f"2026-03-18T{hour}:00:00Z")
        workspace.ok("backup", "create")
    old = [row["path"] for row in workspace.json("backup", "list")[1:]]
    assert "Say so with --yes" in workspace.refused(2, "backup", "prune", "--keep", "1")
    assert workspace.ok("backup", "prune", "--keep", "1", "--dry-run").splitlines() == old
    assert len(workspace.json("backup", "list")) == 3
    assert workspace.ok("backup", "prune", "--keep", "1", "--yes").splitlines() == old
    assert len(workspace.json("backup", "list")) == 1
    assert "nothing to remove" in workspace.crm("backup", "prune").err
