import shutil
from pathlib import Path

import pytest

from tests.cli.workspace import Workspace


def verdicts(workspace: Workspace) -> dict[str, str]:
    import json

    return {row["subject"]: row["verdict"] for row in json.loads(workspace.crm("doctor", "-o", "json").out)}


def damage(store: Path) -> None:
    """Overwrite the page that holds the lead table's rows."""
    content = bytearray(store.read_bytes())
    place = content.index(b"Lost Record")
    start = place // 4096 * 4096
    content[start : start + 4096] = b"\x00" * 4096
    store.write_bytes(content)


def test_a_sound_workspace(workspace: Workspace) -> None:
    assert workspace.crm("doctor").code == 0
    found = verdicts(workspace)
    assert found["store"] == found["integrity"] == found["schema"] == found["configuration"] == "ok"
    assert found["backups"] == "warning"
    workspace.ok("backup", "create")
    assert verdicts(workspace)["backups"] == "ok"


def test_without_a_store(workspace: Workspace) -> None:
    (workspace.home / "data" / "crm.db").unlink()
    assert workspace.crm("doctor").code == 0
    assert verdicts(workspace)["store"] == "warning"
    assert not (workspace.home / "data" / "crm.db").exists()


def test_a_store_that_others_can_read(workspace: Workspace) -> None:
    (workspace.home / "data" / "crm.db").chmod(0o644)
    assert workspace.crm("doctor").code == 1
    assert verdicts(workspace)["store"] == "failure"


def test_a_broken_configuration_is_a_finding(workspace: Workspace) -> None:
    (workspace.home / "config" / "config.toml").write_text("rowz = 3\n", encoding="utf-8")
    assert workspace.crm("doctor").code == 1
    assert verdicts(workspace)["configuration"] == "failure"


def test_a_synced_folder_is_a_warning(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "Dropbox" / "crm"
    folder.mkdir(parents=True)
    shutil.copy(workspace.home / "data" / "crm.db", folder / "crm.db")
    monkeypatch.setenv("CRMCLI_DB", str(folder / "crm.db"))
    assert verdicts(workspace)["sync folder"] == "warning"


def test_a_file_that_is_no_store(workspace: Workspace) -> None:
    store = workspace.home / "data" / "crm.db"
    store.write_bytes(b"not a database " * 1000)
    assert workspace.crm("doctor").code == 1
    assert verdicts(workspace)["integrity"] == "failure"


def test_recovery_of_a_sound_store_is_the_same_store(workspace: Workspace, tmp_path: Path) -> None:
    workspace.ok("lead", "add", "Anna Rossi", "--email", "anna@example.com", "--tag", "vip")
    before = workspace.ok("export", "all")
    assert workspace.ok("doctor", "--recover", str(tmp_path / "new.db")) == str(tmp_path / "new.db")
    assert workspace.ok("--db", str(tmp_path / "new.db"), "export", "all") == before
    assert workspace.ok("--db", str(tmp_path / "new.db"), "find", "anna", "-o", "ids") == "L1"
    assert workspace.ok("--db", str(tmp_path / "new.db"), "check") == ""


def test_recovery_takes_what_can_be_read(workspace: Workspace, tmp_path: Path) -> None:
    workspace.ok("org", "add", "Acme")
    for number in range(60):
        workspace.ok("lead", "add", f"Lost Record {number}" if number == 30 else f"Person {number}", "-q")
    store = workspace.home / "data" / "crm.db"
    damage(store)
    broken = store.read_bytes()
    new = tmp_path / "new.db"
    done = workspace.crm("doctor", "--recover", str(new))
    assert done.code == 0, done.err
    assert store.read_bytes() == broken, "the damaged store is not touched"
    assert workspace.ok("--db", str(new), "org", "list", "-o", "ids") == "O1"
    assert verdicts(workspace)["integrity"] == "failure"
    assert workspace.crm("--db", str(new), "doctor").code == 0
    assert int(workspace.ok("--db", str(new), "lead", "add", "Next").removeprefix("L")) == 61


def test_recovery_never_overwrites(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "new.db").write_text("mine", encoding="utf-8")
    assert "exists already" in workspace.refused(5, "doctor", "--recover", str(tmp_path / "new.db"))
    assert (tmp_path / "new.db").read_text(encoding="utf-8") == "mine"


def test_accounts_are_looked_at_without_a_network(workspace: Workspace) -> None:
    config = workspace.home / "config" / "config.toml"
    account = '[accounts.work]\nfrom = "info@example.com"\nhost = "smtp.example.com"\nuser = "info"\n'
    config.write_text(account, encoding="utf-8")
    assert verdicts(workspace)["account work"] == "warning"
    workspace.crm("secret", "set", "work", "--insecure-storage", stdin="s3cret\n")
    assert verdicts(workspace)["account work"] == "ok"
    (workspace.home / "config" / "secrets" / "work").chmod(0o644)
    assert verdicts(workspace)["account work"] == "warning"
    config.write_text(account + 'password_command = ["no-such-program"]\n', encoding="utf-8")
    assert verdicts(workspace)["account work"] == "warning"
    config.write_text(account + 'password_command = ["cat", "/no/such/file"]\n', encoding="utf-8")
    assert verdicts(workspace)["account work"] == "ok", "it is not run"
