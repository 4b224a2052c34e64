import json
import os
from pathlib import Path

from tests.command import crm


def test_path_names_every_place(tmp_path: Path) -> None:
    places = json.loads(crm(tmp_path, "config", "path", "-o", "json").stdout)
    assert [row["place"] for row in places] == [
        "config",
        "rules",
        "hooks",
        "templates",
        "data",
        "state",
        "cache",
        "store",
    ]
    assert crm(tmp_path, "config", "path", "rules").stdout == f"{tmp_path}/config/rules\n"
    assert crm(tmp_path, "config", "path").stdout.splitlines()[0] == f"config\t{tmp_path}/config/config.toml"


def test_an_unknown_place_is_told(tmp_path: Path) -> None:
    done = crm(tmp_path, "config", "path", "logs")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no place 'logs'" in done.stderr


def test_get_shows_value_and_origin(tmp_path: Path) -> None:
    crm(tmp_path, "config", "set", "currency", "USD")
    rows = json.loads(crm(tmp_path, "config", "get", "-o", "json", env={"CRMCLI_ROWS": "9"}).stdout)
    origins = {row["key"]: (row["value"], row["origin"]) for row in rows}
    assert origins["currency"] == ("USD", f"{tmp_path}/config/config.toml")
    assert origins["rows"] == ("9", "CRMCLI_ROWS")
    assert origins["allow_network_fs"] == ("false", "default")


def test_set_and_unset(tmp_path: Path) -> None:
    file = tmp_path / "config" / "config.toml"
    assert crm(tmp_path, "config", "set", "timezone", "Europe/Rome").returncode == 0
    assert 'timezone = "Europe/Rome"' in file.read_text(encoding="utf-8").splitlines()
    assert crm(tmp_path, "config", "get", "timezone").stdout == "Europe/Rome\n"
    assert crm(tmp_path, "config", "set", "timezone", "--unset").returncode == 0
    assert crm(tmp_path, "config", "get", "timezone").stdout == "UTC\n"


def test_set_refuses_what_would_not_load(tmp_path: Path) -> None:
    for words in (["currency", "euro"], ["curency", "EUR"], ["rows", "many"], ["rows"], ["rows", "5", "--unset"]):
        done = crm(tmp_path, "config", "set", *words)
        assert (done.returncode, done.stdout) == (2, "")
    assert not (tmp_path / "config").exists()


def test_check_finds_the_line(tmp_path: Path) -> None:
    assert "all defaults" in crm(tmp_path, "config", "check").stderr
    crm(tmp_path, "config", "set", "rows", "7")
    assert "1 setting, no mistakes" in crm(tmp_path, "config", "check").stderr
    file = tmp_path / "config" / "config.toml"
    file.write_text('rows = 7\n\n[tui]\ntheme = "dark"\n', encoding="utf-8")
    assert "2 settings, no mistakes" in crm(tmp_path, "config", "check").stderr, "a table counts as one"
    file.write_text("rows = 7\n\ncolour = true\n", encoding="utf-8")
    done = crm(tmp_path, "config", "check")
    assert done.returncode == 2
    assert f"{file}, line 3: there is no setting 'colour'" in done.stderr


def editor(folder: Path, script: str) -> dict[str, str]:
    """Return an environment whose editor runs a shell script over the file, as ``$1``."""
    program = folder / "editor"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o700)
    return {"VISUAL": str(program)}


def test_edit_takes_effect_when_it_is_right(tmp_path: Path) -> None:
    done = crm(tmp_path, "config", "edit", env=editor(tmp_path, "echo 'rows = 7' >> \"$1\""))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "configuration changed\n")
    assert crm(tmp_path, "config", "get", "rows").stdout == "7\n"
    assert not list(tmp_path.rglob("*draft*"))


def test_edit_without_a_change_writes_nothing(tmp_path: Path) -> None:
    done = crm(tmp_path, "config", "edit", env=editor(tmp_path, "true"))
    assert (done.returncode, done.stderr) == (0, "nothing changed\n")
    assert not (tmp_path / "config" / "config.toml").exists()


def test_edit_keeps_what_was_written_wrong_and_opens_it_again(tmp_path: Path) -> None:
    done = crm(tmp_path, "config", "edit", env=editor(tmp_path, "echo 'rowz = 7' >> \"$1\""))
    assert done.returncode == 2
    assert "there is no setting 'rowz'" in done.stderr
    assert crm(tmp_path, "config", "get", "rows").stdout == "50\n"
    done = crm(tmp_path, "config", "edit", env=editor(tmp_path, 'sed -i s/rowz/rows/ "$1"'))
    assert done.returncode == 0
    assert crm(tmp_path, "config", "get", "rows").stdout == "7\n"


def test_an_editor_that_fails_changes_nothing(tmp_path: Path) -> None:
    done = crm(tmp_path, "config", "edit", env=editor(tmp_path, "echo 'rows = 7' >> \"$1\"; exit 3"))
    assert done.returncode == 1
    assert "ended with code 3" in done.stderr
    assert crm(tmp_path, "config", "edit", env={"EDITOR": "no-such-editor"}).returncode == 2
    assert crm(tmp_path, "config", "get", "rows").stdout == "50\n"


def test_what_is_no_file_is_no_configuration(tmp_path: Path) -> None:
    file = tmp_path / "config" / "config.toml"
    file.parent.mkdir()
    os.mkfifo(file)
    for words in (["edit"], ["check"], ["set", "currency", "USD"], ["get"]):
        done = crm(tmp_path, "config", *words, env=editor(tmp_path, "true"))
        assert (done.returncode, done.stderr) == (2, f"crm: {file}: not a regular file\n")
