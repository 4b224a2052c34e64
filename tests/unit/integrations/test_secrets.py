"""Where a secret comes from: the order, the limits, and what is refused."""

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as NullKeyring

from crmcli.config.paths import Paths, locate
from crmcli.errors import ExternalError, UsageError
from crmcli.integrations import hidden, keyrings, secret_commands
from crmcli.integrations.secrets import WEBHOOK, Wanted, find_secret, get_secret, put_secret, remove_secret, source_of

WORK = Wanted("work", "CRMCLI_WORK_PASSWORD")


class Vault(KeyringBackend):
    """A keyring that holds what it is given, and counts how often it is asked."""

    priority = 1

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}
        self.slow_s = 0.0

    def get_password(self, service: str, username: str) -> str | None:
        time.sleep(self.slow_s)
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


class PlainVault(Vault):
    """Stands for ``keyrings.alt``, which writes plain text and is picked by itself where it is installed."""


class Desktop(Vault):
    """Stands for a keyring that encrypts."""


Desktop.__module__ = "keyring.backends.SecretService"
PlainVault.__module__ = "keyrings.alt.file"


@pytest.fixture(autouse=True)
def no_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]  # the library has no types there
    hidden.forget()
    yield
    hidden.forget()
    keyring.set_keyring(before)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return locate({"CRMCLI_HOME": str(tmp_path)})


def program(folder: Path, script: str) -> tuple[str, ...]:
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o700)
    return (str(path),)


def test_the_order_is_environment_program_keyring_file(paths: Paths, tmp_path: Path) -> None:
    with pytest.raises(ExternalError, match="no password for work") as caught:
        get_secret(WORK, paths)
    assert caught.value.exit_code == 8
    assert "crm secret set work" in str(caught.value.hint)
    assert put_secret(WORK, paths, "from file", insecure=True) == str(paths.secrets / "work")
    assert (source_of(WORK, paths).kind, get_secret(WORK, paths)) == ("file", "from file")
    keyring.set_keyring(vault := Desktop())
    vault.held[f"crmcli {paths.config}", "work"] = "from keyring"
    assert (source_of(WORK, paths)[:2], get_secret(WORK, paths)) == (("keyring", "Secret Service"), "from keyring")
    telling = WORK._replace(command=program(tmp_path, "echo from program; echo more"))
    assert (source_of(telling, paths).kind, get_secret(telling, paths)) == ("command", "from program")
    environ = {"CRMCLI_WORK_PASSWORD": "from environment", "CRMCLI_OTHER_PASSWORD": "", "CRMCLI_ROWS": "5"}
    hidden.take(environ)
    assert environ == {"CRMCLI_ROWS": "5"}
    assert (source_of(telling, paths)[:2], get_secret(telling, paths)) == (
        ("environment", "CRMCLI_WORK_PASSWORD"),
        "from environment",
    )


def test_what_is_known_of_a_secret_never_shows_it(paths: Paths) -> None:
    keyring.set_keyring(Desktop())
    put_secret(WORK, paths, "canary")
    assert "canary" not in repr(source_of(WORK, paths)) + repr(keyrings.find(f"crmcli {paths.config}", "work"))


def test_the_keyring_keeps_and_forgets(paths: Paths, tmp_path: Path) -> None:
    keyring.set_keyring(Desktop())
    put_secret(WORK, paths, "in the open", insecure=True)
    assert put_secret(WORK, paths, "s3cret") == "the keyring (Secret Service)"
    assert not (paths.secrets / "work").exists(), "the plain text does not stay behind"
    elsewhere = locate({"CRMCLI_HOME": str(tmp_path / "other")})
    assert source_of(WORK, elsewhere).kind == "none", "another workspace has other accounts"
    put_secret(WORK, paths, "in the open", insecure=True)
    assert source_of(WORK, paths).kind == "file", "it would come first in the keyring"
    assert remove_secret(WORK, paths) == [str(paths.secrets / "work")]
    put_secret(WORK, paths, "s3cret")
    assert (remove_secret(WORK, paths), remove_secret(WORK, paths)) == (["the keyring"], [])


@pytest.mark.parametrize("backend", [NullKeyring, PlainVault, NoKeyring, Vault])
def test_a_keyring_that_loses_or_does_not_encrypt_is_refused(paths: Paths, backend: type[KeyringBackend]) -> None:
    keyring.set_keyring(picked := backend())
    with pytest.raises(ExternalError, match="the secret is not kept") as caught:
        put_secret(WORK, paths, "s3cret")
    assert "--insecure-storage" in str(caught.value.hint)
    assert getattr(picked, "held", {}) == {}
    assert source_of(WORK, paths).kind == "none"
    assert remove_secret(WORK, paths) == []


def test_a_secret_that_need_not_be_there_is_not_asked_for_in_vain(paths: Paths) -> None:
    keyring.set_keyring(vault := Desktop())
    vault.slow_s = 60.0
    assert find_secret(WEBHOOK, paths) is None
    vault.slow_s = 0.0
    put_secret(WEBHOOK, paths, "s3cret")
    assert find_secret(WEBHOOK, paths) == "s3cret"
    assert not any("s3cret" in file.read_text() for file in paths.secrets.iterdir())
    keyring.set_keyring(Desktop())
    with pytest.raises(ExternalError, match="no password for webhook"):
        find_secret(WEBHOOK, paths)  # to send without it would not be what was asked for
    keyring.set_keyring(vault)
    remove_secret(WEBHOOK, paths)
    assert (find_secret(WEBHOOK, paths), list(paths.secrets.iterdir())) == (None, [])


def test_of_a_chain_only_the_safe_ones_are_used(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, desktop = PlainVault(), Desktop()
    monkeypatch.setattr(ChainerBackend, "backends", [plain, desktop])
    keyring.set_keyring(ChainerBackend())  # type: ignore[no-untyped-call]  # the library has no types there
    plain.held[f"crmcli {paths.config}", "work"] = "planted"
    put_secret(WORK, paths, "s3cret")
    assert get_secret(WORK, paths) == "s3cret"
    assert list(plain.held.values()) == ["planted"]


def test_a_keyring_that_does_not_answer_is_left_alone(paths: Paths) -> None:
    keyring.set_keyring(vault := Desktop())
    vault.slow_s = 60.0
    begun = time.monotonic()
    with pytest.raises(keyrings.UnavailableError, match=r"does not answer within 0\.1 seconds"):
        keyrings.find("crmcli", "work", limit_s=0.1)
    assert time.monotonic() - begun < 30


def test_what_a_keyring_raises_is_not_repeated(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*words: str) -> None:
        raise RuntimeError(f"cannot keep {words[-1]}")

    monkeypatch.setattr(Desktop, "set_password", staticmethod(fail))
    keyring.set_keyring(Desktop())
    with pytest.raises(ExternalError, match="the keyring failed: RuntimeError") as caught:
        put_secret(WORK, paths, "canary")
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 3", "failed with code 3"),
        ("echo canary; exit 2", "failed with code 2"),
        ("true", "says nothing"),
        ("echo; echo canary", "says nothing"),
        ("sleep 60", "did not end within 0.5 seconds"),
        ("sleep 60 & echo $! > pid; wait", "did not end within 0.5 seconds"),
    ],
)
def test_a_program_that_fails_is_told_without_its_words(tmp_path: Path, script: str, reason: str) -> None:
    with pytest.raises(ExternalError, match=reason) as caught:
        secret_commands.read(program(tmp_path, f"cd {tmp_path}; {script}"), limit_s=0.5)
    assert (caught.value.exit_code, "canary" in str(caught.value)) == (8, False)
    if (tmp_path / "pid").exists():
        assert is_gone(int((tmp_path / "pid").read_text()))


def test_a_program_that_floods_or_stays_is_ended(tmp_path: Path) -> None:
    with pytest.raises(ExternalError, match="failed with code"):
        secret_commands.read(program(tmp_path, "exec yes"), limit_s=20)
    assert secret_commands.read(program(tmp_path, "echo s3cret; exec >&-; sleep 60"), limit_s=20) == "s3cret"


def test_a_program_gets_no_shell_no_input_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRMCLI_WORK_PASSWORD", "canary")
    monkeypatch.setenv("CRMCLI_WEBHOOK_SECRET", "canary")
    hidden.take(os.environ)
    words = (*program(tmp_path, 'echo "$1 $(env | grep -c canary) $(wc -c) $(pwd)"'), "$(touch pwn);`id`")
    assert secret_commands.read(words) == "$(touch pwn);`id` 0 0 /"
    with pytest.raises(ExternalError, match="cannot be started: No such file"):
        secret_commands.read(["no-such-program-at-all"])


def test_a_file_is_for_its_owner_alone(paths: Paths, tmp_path: Path) -> None:
    os.umask(0)
    put_secret(WORK, paths, "s3cret", insecure=True)
    os.umask(0o077)
    file = paths.secrets / "work"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(paths.secrets.stat().st_mode) == 0o700
    file.chmod(0o640)
    with pytest.raises(ExternalError, match="can be read by others") as caught:
        get_secret(WORK, paths)
    assert caught.value.hint == f"chmod 600 {file}"
    file.unlink()
    target = tmp_path / "target"
    target.write_text("kept")
    file.symlink_to(target)
    with pytest.raises(ExternalError, match="cannot be read"):
        get_secret(WORK, paths)
    with pytest.raises(ExternalError, match="is a link"):
        put_secret(WORK, paths, "s3cret", insecure=True)
    assert target.read_text() == "kept"
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(ExternalError, match="not a regular file"):
        get_secret(WORK, paths)


@pytest.mark.parametrize("text", ["", "two\nlines", "bell\a", "x" * 1001])
def test_what_is_no_secret_is_not_kept(paths: Paths, text: str) -> None:
    with pytest.raises(UsageError):
        put_secret(WORK, paths, text, insecure=True)
    assert not paths.secrets.exists()


def is_gone(pid: int) -> bool:
    """Say whether a process has ended; a dead one may wait for its parent."""
    for _ in range(1200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False
