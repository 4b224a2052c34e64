"""Runs what the documentation shows: the ``console`` blocks of a page, typed one after the other at a terminal.

A line that begins with ``$ `` is typed into a shell, and the lines below it are what the screen then shows; ``...``
stands for anything, on a line of its own for any lines. Colours and underlines are left out. A command without lines
below it may print what it likes. ``<!-- setup`` comments hold commands that a reader need not see.
``python -m tests.e2e.consoles PAGE...`` puts what the screen really shows in the place of what differs.
"""

import os
import pty
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fcntl import ioctl
from pathlib import Path
from typing import NamedTuple

from tests.command import PROGRAM, environment
from tests.forker import forker

ROOT = Path(__file__).parents[2]
START = datetime(2026, 3, 18, 8, 0, tzinfo=UTC)  # a Wednesday; each command comes a minute after the one before
_HOME = "/home/anna"  # what pages call the home of the reader
_LINES, _COLUMNS = 50, 100
_QUESTION = b"[y/N]: "
_STYLES = re.compile("\x1b\\[[0-9;]*m")  # colours and underlines, which a page cannot show
_TELLS_CODE = '; echo "exit $?"'  # how a page shows the exit code of a command


class Step(NamedTuple):
    """A command of a page and what the page shows below it; the numbers of the shown lines, from 0, end excluded."""

    command: str
    shown: str = ""
    first: int = 0
    last: int = 0


class Screen(NamedTuple):
    """What a command left behind."""

    code: int
    text: str


def parse(page: str) -> Iterator[Step]:
    """Yield the commands of a page in order, those of its set-up comments too."""
    lines, number, block = page.splitlines(), 0, ""
    while number < len(lines):
        line, number = lines[number], number + 1
        if line in ("```console", "<!-- setup"):
            block = {"```console": "```", "<!-- setup": "-->"}[line]
        elif line == block:
            block = ""
        elif block == "-->":
            yield Step(line)
        elif block and line.startswith("$ "):
            while line.endswith("\\"):
                line, number = f"{line}\n{lines[number]}", number + 1
            first = number
            while lines[number] != block and not lines[number].startswith("$ "):
                number += 1
            yield Step(line.removeprefix("$ "), "\n".join(lines[first:number]), first, number)


def run(steps: list[Step], folder: Path) -> Iterator[Screen]:
    """Type commands one after the other in a new home below ``folder`` and yield what the screen shows of each."""
    home, tools = folder / "home", folder / "bin"
    shutil.copytree(ROOT / "examples", home / "examples")
    tools.mkdir()
    program = tools / "crm"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c {shlex.quote(PROGRAM)} "$@"\n')
    program.chmod(0o755)
    place = environment(home, LOGNAME="anna", CRMCLI_TIMEZONE="Europe/Rome", PAGER="cat", TERM="xterm")
    del place["CRMCLI_HOME"]
    place["PATH"] = f"{tools}{os.pathsep}{place['PATH']}"
    for number, step in enumerate(steps):
        now = (START + timedelta(minutes=number)).isoformat()
        screen = _type(step.command, {**place, "CRMCLI_NOW": now})
        yield screen._replace(text=screen.text.replace(str(home), _HOME))


def _type(command: str, env: dict[str, str]) -> Screen:
    """Run a command on a terminal of its own, answering every question with yes."""
    keyboard, terminal = pty.openpty()
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", _LINES, _COLUMNS, 0, 0))
    words = words_of(command.removesuffix(_TELLS_CODE))
    if words is None:
        wait = _shell(command, terminal, env)
    else:
        forker().start(words, [terminal] * 3, env)
        wait = forker().wait
    os.close(terminal)
    shown = b""
    while part := _read(keyboard):
        shown += part
        if shown.endswith(_QUESTION):
            os.write(keyboard, b"y\n")
    os.close(keyboard)
    code = wait()
    bare = _STYLES.sub("", shown.decode().replace("\r\n", "\n"))
    lines = [line.rstrip() for line in bare.splitlines()]
    if words is not None and command.endswith(_TELLS_CODE):
        lines, code = [*lines, f"exit {code}"], 0
    return Screen(code, "\n".join(lines))


def words_of(command: str) -> list[str] | None:
    """Return the arguments of a plain ``crm`` command, which needs no shell; None for anything else."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    words = list(lexer)
    plain = words[0] == "crm" and "$" not in command and not any(re.fullmatch("[|&;<>()]+", word) for word in words)
    return words[1:] if plain else None


def _shell(command: str, terminal: int, env: dict[str, str]) -> Callable[[], int]:
    """Start a shell command in the home and return who waits for its code; the failure of any part of a pipe counts."""
    argv = ["bash", "-o", "pipefail", "-c", f"cd; {command}"]
    return subprocess.Popen(argv, env=env, stdin=terminal, stdout=terminal, stderr=terminal).wait


def _read(keyboard: int) -> bytes:
    try:
        return os.read(keyboard, 65536)
    except OSError:  # how Linux tells that the other side is closed
        return b""


def agrees(shown: str, screen: str) -> bool:
    """Say whether the lines of a page fit those of the screen."""
    lines = (
        r"(.*\n)*" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r"\n" for line in shown.split("\n")
    )
    return not shown or re.fullmatch("".join(lines), f"{screen}\n") is not None


def rewrite(page: Path) -> None:
    """Put what the screen shows in the place of what a page shows wrongly."""
    text = page.read_text(encoding="utf-8")
    steps, lines = list(parse(text)), text.splitlines()
    with tempfile.TemporaryDirectory() as folder:
        screens = list(run(steps, Path(folder)))
    for step, screen in reversed(list(zip(steps, screens, strict=True))):
        if screen.code:
            sys.stderr.write(f"{page}: exit {screen.code}: {step.command}\n{screen.text}\n")
        if not agrees(step.shown, screen.text):
            lines[step.first : step.last] = screen.text.splitlines()
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        rewrite(Path(name))
