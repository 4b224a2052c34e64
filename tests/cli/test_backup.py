import shutil
import stat
from pathlib import Path

import pytest

from tests.cli.workspace import Workspace


@pytest.fixture
def backed_up(workspace: Workspace) -> Workspace:
    """A workspace with one organization in a backup, and a second one since then."""
    workspace.ok("org", "add", "Acme")
    workspace.ok("backup", "create")
    workspace.ok("org", "add", "Beta")
    return workspace


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


def test_verify_finds_damage(backed_up: Workspace) -> None:
    path = Path(backed_up.json("backup", "list")[0]["path"])
    content = bytearray(path.read_bytes())
    content[8192:16384] = b"\xff" * 8192
    path.write_bytes(content)
    assert backed_up.refused(7, "backup", "verify")
    assert backed_up.refused(7, "restore", "latest", "--yes")


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
