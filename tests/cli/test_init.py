import stat
from pathlib import Path

from tests.cli.workspace import Workspace
from tests.command import crm


def test_init_makes_a_private_store_and_a_commented_configuration(tmp_path: Path) -> None:
    done = crm(tmp_path / "home", "init")
    assert (done.returncode, done.stdout) == (0, "")
    assert "created the store" in done.stderr
    store, config = tmp_path / "home/data/crm.db", tmp_path / "home/config/config.toml"
    assert {stat.S_IMODE(path.stat().st_mode) for path in (store, config)} == {0o600}
    assert all(line.startswith("#") or not line for line in config.read_text(encoding="utf-8").splitlines())
    assert crm(tmp_path / "home", "check").returncode == 0


def test_again_it_says_that_the_store_is_there(tmp_path: Path) -> None:
    crm(tmp_path, "init")
    (tmp_path / "config/config.toml").write_text("rows = 7\n", encoding="utf-8")
    before = (tmp_path / "data/crm.db").read_bytes()
    done = crm(tmp_path, "init")
    assert (done.returncode, done.stdout) == (0, "")
    assert "the store is there" in done.stderr
    assert (tmp_path / "data/crm.db").read_bytes() == before
    assert crm(tmp_path, "config", "get", "rows").stdout == "7\n"


def test_a_foreign_file_is_left_alone(tmp_path: Path) -> None:
    store = tmp_path / "data/crm.db"
    store.parent.mkdir()
    store.write_bytes(b"something else altogether, and long enough to be looked at as a database" * 20)
    before = store.read_bytes()
    assert crm(tmp_path, "init").returncode == 7
    assert store.read_bytes() == before


def test_commands_before_it_say_what_to_do(tmp_path: Path) -> None:
    done = crm(tmp_path, "lead", "list")
    assert (done.returncode, done.stdout) == (7, "")
    assert "hint: crm init" in done.stderr


def test_there_is_a_folder_to_copy_rules_into(workspace: Workspace) -> None:
    folder = Path(workspace.ok("config", "path", "rules"))
    assert folder.is_dir()
    assert folder.stat().st_mode & 0o777 == 0o700
