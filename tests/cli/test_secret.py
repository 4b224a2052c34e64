"""Passwords of accounts as a user keeps them; what a keyring does is tested with ``integrations``."""

import json
from pathlib import Path

import pytest

from tests.cli.workspace import Workspace
from tests.command import crm

ACCOUNTS = """
[accounts.work]
from = "Acme <info@example.com>"
host = "smtp.example.com"
user = "info@example.com"

[accounts.relay]
from = "info@example.com"
host = "localhost"
security = "none"

[mail]
account = "work"
"""
CANARY = "c4nary-s3cret"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text(ACCOUNTS, encoding="utf-8")
    return tmp_path


def sources(home: Path, **environ: str) -> dict[str, tuple[str, str]]:
    done = crm(home, "secret", "status", "-o", "json", env=environ)
    assert CANARY not in done.stdout + done.stderr
    return {row["account"]: (row["source"], row["where"]) for row in json.loads(done.stdout)}


def test_a_secret_is_kept_shown_by_source_and_forgotten(home: Path) -> None:
    assert {name: source for name, (source, _) in sources(home).items()} == {"work": "none", "webhook": "none"}
    done = crm(home, "secret", "set", "work", "--insecure-storage", stdin=f"{CANARY}\nmore")
    file = home / "config" / "secrets" / "work"
    assert (done.returncode, done.stdout, file.read_text()) == (0, "", f"{CANARY}\n")
    assert f"warning: {file} is not encrypted" in done.stderr
    assert sources(home)["work"] == ("file", str(file))
    assert sources(home, CRMCLI_WORK_PASSWORD=CANARY)["work"] == ("environment", "CRMCLI_WORK_PASSWORD")
    assert crm(home, "secret", "rm", "work").returncode == 0
    assert not file.exists()
    assert crm(home, "secret", "rm", "work").returncode == 3


def test_without_a_keyring_nothing_is_kept_in_silence(home: Path) -> None:
    done = crm(home, "secret", "set", "work", stdin=CANARY)
    assert (done.returncode, done.stdout) == (8, "")
    assert "--insecure-storage" in done.stderr
    assert not (home / "config" / "secrets").exists()
    for name in ("keyring.backends.null.Keyring", "tests.unit.integrations.test_secrets.PlainVault"):
        env = {
            "PYTHON_KEYRING_BACKEND": name,
            "PYTHONPATH": f"{Path(__file__).parents[2]}/src:{Path(__file__).parents[2]}",
        }
        done = crm(home, "secret", "set", "work", stdin=CANARY, env=env)
        assert (done.returncode, "is not one that is safe" in done.stderr) == (8, True), done.stderr


def test_a_secret_is_no_argument(home: Path) -> None:
    done = crm(home, "secret", "set", "work", CANARY, stdin="x")
    assert (done.returncode, CANARY in done.stderr) == (2, False)
    assert crm(home, "secret", "set", "work", "--password", CANARY, stdin="x").returncode == 2
    assert crm(home, "secret", "set", "work", "--insecure-storage", stdin="").returncode == 2
    assert not (home / "config" / "secrets").exists()


def test_only_what_needs_a_secret_has_one(home: Path) -> None:
    done = crm(home, "secret", "set", "wrok", stdin="x")
    assert (done.returncode, "no account 'wrok'" in done.stderr) == (3, True)
    done = crm(home, "secret", "set", "relay", stdin="x")
    assert (done.returncode, "has no user" in done.stderr) == (2, True)


def test_one_that_is_not_used_is_told(home: Path) -> None:
    done = crm(home, "secret", "set", "work", "--insecure-storage", stdin="x", env={"CRMCLI_WORK_PASSWORD": CANARY})
    assert "warning: CRMCLI_WORK_PASSWORD comes first" in done.stderr


def test_a_person_types_it_unseen(workspace: Workspace) -> None:
    (workspace.home / "config" / "config.toml").write_text(ACCOUNTS, encoding="utf-8")
    words = ("secret", "set", "work", "--insecure-storage")
    code, screen = workspace.at_terminal(*words, typed=f"{CANARY}\n", asked="Secret of work: ")
    assert (code, CANARY in screen) == (0, False), screen
    assert (workspace.home / "config" / "secrets" / "work").read_text() == f"{CANARY}\n"


def test_no_child_inherits_a_secret(home: Path) -> None:
    editor = home / "editor"
    editor.write_text(f"#!/bin/sh\nenv > {home}/seen\n", encoding="utf-8")
    editor.chmod(0o700)
    env = {"EDITOR": str(editor), "CRMCLI_WORK_PASSWORD": CANARY, "CRMCLI_WEBHOOK_SECRET": CANARY}
    assert crm(home, "config", "edit", env=env).returncode == 0
    seen = (home / "seen").read_text()
    assert ("CRMCLI_HOME" in seen, CANARY in seen) == (True, False)
