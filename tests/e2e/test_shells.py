"""Completion in real shells: keys are typed at a terminal, and what the command is then called with is looked at."""

import os
import pty
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from select import select

import pytest

from tests.command import PROGRAM, crm, environment

PATIENCE = 120  # seconds after which a shell that calls nothing is given up
START = {
    "bash": ["bash", "--noprofile", "--norc", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
PREPARE = {
    "bash": "source {script}",
    "zsh": "autoload -Uz compinit; compinit -u; source {script}",
    "fish": "source {script}",
}
ODD = "Zoe $(touch pwned) `touch pwned` 'x\" * é"
# the program for completion; called for anything else it writes down the words it was called with
STAND_IN = f"""#!{sys.executable}
import os, sys
if "_CRM_COMPLETE" not in os.environ:
    with open("told.new", "w") as file:
        file.write("\\0".join(sys.argv[1:]))
    os.rename("told.new", "told")
    sys.exit()
{PROGRAM}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a ``crm`` to call, the scripts of the shells, and records of harmless and of hostile names."""
    home = tmp_path_factory.mktemp("shells")
    program = home / "bin" / "crm"
    program.parent.mkdir()
    program.write_text(STAND_IN, encoding="utf-8")
    program.chmod(0o700)
    for words in (
        ["init", "-q"],
        ["lead", "add", "Anna Rossi", "--email", "a.rossi@example.com", "--tag", "vip"],
        ["lead", "add", ODD],
        ["lead", "add", "Esc \x1b[31mred"],
        ["deal", "add", "Spring order", "--org", "Acme", "--create"],
        ["pipeline", "add", "Support", "--stage", "Neglected:40"],
    ):
        done = crm(home, *words)
        assert done.returncode == 0, done.stderr
    for shell in START:
        (home / f"crm.{shell}").write_text(crm(home, "completion", shell).stdout, encoding="utf-8")
    return home


@pytest.fixture(params=START)
def shell(home: Path, request: pytest.FixtureRequest) -> Iterator[int]:
    """The keyboard and screen of an interactive shell that knows the script, of each kind that is installed."""
    name = request.param
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed")
    env = environment(home, TERM="xterm", LC_ALL="C.UTF-8", PATH=f"{home}/bin:{os.environ['PATH']}")
    child, keyboard = pty.fork()  # a terminal that the shell controls, as fish insists
    if child == 0:
        os.chdir(home)
        os.execvpe(name, START[name], env)
    os.write(keyboard, PREPARE[name].format(script=home / f"crm.{name}").encode() + b"\n")
    yield keyboard
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(keyboard)


def called(home: Path, keyboard: int, keys: str) -> tuple[list[str], str]:
    """Type keys and return the words with which ``crm`` came to be called, and what the screen showed meanwhile."""
    told, shown, end = home / "told", b"", time.monotonic() + PATIENCE
    told.unlink(missing_ok=True)
    os.write(keyboard, keys.encode())
    while not told.exists() and time.monotonic() < end:
        if select([keyboard], [], [], 0.05)[0]:
            shown += os.read(keyboard, 65536)
    assert told.exists(), shown.decode(errors="replace")
    return told.read_text(encoding="utf-8").split("\0"), shown.decode(errors="replace")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("crm conf", ["config"]),
        ("crm lead show Ann", ["lead", "show", "Anna Rossi"]),
        ("crm lead show anna\\ r", ["lead", "show", "anna rossi"]),
        ("crm lead show 'anna r", ["lead", "show", "anna rossi"]),
        ("crm lead show a.r", ["lead", "show", "a.rossi@example.com"]),
        ("crm lead show a.rossi@ex", ["lead", "show", "a.rossi@example.com"]),
        ("crm show D", ["show", "D1"]),
        ("crm deal move D1 neg", ["deal", "move", "D1", "negotiation"]),
        ("crm lead add X --tag v", ["lead", "add", "X", "--tag", "vip"]),
        ("crm lead add X --set rating=h", ["lead", "add", "X", "--set", "rating=hot"]),
        ("crm lead list --where 'rating = h", ["lead", "list", "--where", "rating = hot"]),
        ("crm lead show Zo", ["lead", "show", ODD]),
        ('crm lead show "Zo', ["lead", "show", ODD]),
    ],
)
def test_a_word_is_completed(home: Path, shell: int, typed: str, words: list[str]) -> None:
    assert called(home, shell, f"{typed}\t\n")[0] == words


def test_what_a_name_holds_is_never_acted_upon(home: Path, shell: int) -> None:
    words, shown = called(home, shell, "crm lead show Es\t\n")
    assert words == ["lead", "show", "Es"], "not offered: a terminal would act on it"
    assert "\x1b[31mred" not in shown
    assert not (home / "pwned").exists()
