"""Mail from the shell to a real server, and a secret that is to be seen nowhere on its way."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.command import PROGRAM, crm
from tests.unit.integrations.servers import make_authority
from tests.unit.integrations.smtp_servers import mail_server

CANARY = "c4nary-s3cret-of-mail"
RULE = """
schema = 1

[[rule]]
id = "welcome"
on = ["lead.created"]

[[rule.do]]
action = "email"
template = "welcome"
to = "{{ record.email }}"
purpose = "service"
"""
CONFIG = """
[rules]
send = true

[accounts.work]
from = "Acme <info@example.com>"
host = "localhost"
port = PORT
user = "anna"
"""
WAYS = ("environment", "program", "file")


class Watch:
    """Everything that the command line of any process showed, and whether the secret was in it."""

    def __init__(self) -> None:
        self.rounds = 0
        self.hits: set[bytes] = set()

    def look(self) -> None:
        self.rounds += 1
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes()
            except OSError:
                continue
            if CANARY.encode() in line:
                self.hits.add(line)


@contextmanager
def watching() -> Iterator[Watch]:
    watch, over = Watch(), threading.Event()

    def run() -> None:
        while not over.is_set():
            watch.look()
            time.sleep(0.001)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()


def prepared(home: Path, port: int) -> None:
    assert crm(home, "init", "-q").returncode == 0
    config = home / "config"
    (config / "config.toml").write_text(CONFIG.replace("PORT", str(port)), encoding="utf-8")
    for folder in ("rules", "templates"):
        (config / folder).mkdir(mode=0o700, exist_ok=True)
    (config / "rules" / "welcome.toml").write_text(RULE, encoding="utf-8")
    (config / "templates" / "welcome.txt").write_text("Subject: Hi\n\nDear {{ record.full_name }}\n", encoding="utf-8")
    for path in (config / "rules", config / "rules" / "welcome.toml"):
        path.chmod(0o700)
    assert crm(home, "rule", "trust", "welcome.toml").returncode == 0


def keep(home: Path, way: str) -> dict[str, str]:
    """Keep the secret in one of the ways, and return what the environment then needs."""
    if way == "environment":
        return {"CRMCLI_WORK_PASSWORD": CANARY}
    if way == "file":
        done = crm(home, "secret", "set", "work", "--insecure-storage", stdin=CANARY)
        assert done.returncode == 0
        assert CANARY not in done.stdout + done.stderr
        return {}
    program = home / "tell"
    program.write_text(f"#!/bin/sh\nread line < {home}/vault; echo $line\n", encoding="utf-8")
    program.chmod(0o700)
    (home / "vault").write_text(f"{CANARY}\n", encoding="utf-8")
    with (home / "config" / "config.toml").open("a", encoding="utf-8") as file:
        file.write(f'password_command = ["{program}"]\n')
    return {}


@pytest.mark.parametrize("way", WAYS)
def test_74_a_secret_is_seen_nowhere_on_its_way(tmp_path: Path, way: str) -> None:
    root, tls = make_authority(tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    with mail_server(tls, "tls", CANARY) as server, watching() as watch:
        prepared(home, server.port)
        env = {**keep(home, way), "SSL_CERT_FILE": str(root)}
        told = [
            crm(home, *words, program=PROGRAM, env=env)  # what a process shows of itself is looked at
            for words in (
                ("lead", "add", "Luca Bianchi", "--email", "luca@example.org", "--wait", "--explain", "-v", "--debug"),
                ("secret", "status", "-o", "json"),
                ("config", "get"),
                ("rule", "runs", "-o", "json"),
                ("history",),
                ("doctor",),
                ("export", "all"),
            )
        ]
        server.password = "another"
        words = ("lead", "add", "Eva", "--email", "eva@example.org", "--wait", "--debug")
        told.append(crm(home, *words, program=PROGRAM, env=env))
    assert [done.returncode for done in told if done.args[3] != "doctor"] == [0] * 7, [done.stderr for done in told]
    assert "refused user or password" in told[-1].stderr
    assert [taken.recipients for taken in server.taken] == [["luca@example.org"]]
    assert {password for _, password in server.log_ins} == {CANARY.encode()}
    assert not any(CANARY in done.stdout + done.stderr for done in told)
    kept = {home / "vault", home / "config" / "secrets" / "work"}
    files = [path for path in home.rglob("*") if path.is_file() and path not in kept]
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]
    assert (watch.hits, watch.rounds > 50) == (set(), True)


def test_75_without_a_keyring_the_mail_waits_and_the_write_stands(tmp_path: Path) -> None:
    root, tls = make_authority(tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    with mail_server(tls, "tls", CANARY) as server:
        prepared(home, server.port)
        env = {"SSL_CERT_FILE": str(root)}
        done = crm(home, "lead", "add", "Luca", "--email", "luca@example.org", "--wait", env=env)
        assert (done.returncode, done.stdout) == (0, "L1\n")
        assert "no password for work" in done.stderr
        assert "crm secret set work" in done.stderr
        assert "tries again" in done.stderr
        ticked = crm(home, "tick", env={**env, "CRMCLI_NOW": "2036-01-01T09:00:00Z"})
        assert (ticked.returncode, "crm secret set work" in ticked.stderr) == (8, True)
        assert server.taken == []
        env |= {"CRMCLI_NOW": "2036-01-01T10:00:00Z", "CRMCLI_WORK_PASSWORD": CANARY}
        ticked = crm(home, "tick", env=env)
        assert (ticked.returncode, ticked.stdout) == (0, "")
    assert [taken.recipients for taken in server.taken] == [["luca@example.org"]]
