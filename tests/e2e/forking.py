"""Runs commands in this process or in forks of one: a real terminal, without the start of an interpreter."""

import fcntl
import os
import pty
import struct
import sys
import termios
import time
import traceback
from collections.abc import Mapping, Sequence
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import IO, NamedTuple

from crmcli import clock
from crmcli.cli.main import run
from tests.command import environment
from tests.forker import BROKEN, forker

FIXED = {"CRMCLI_NOW": "2026-03-18T12:00:00+01:00", "CRMCLI_TIMEZONE": "Europe/Rome", "CRMCLI_USER": "anna"}


class Ran(NamedTuple):
    """What came of a command. On a terminal ``out`` is the screen, with line ends as a program writes them."""

    code: int
    out: str
    err: str = ""


def crm(home: Path, *arguments: str, stdin: str = "", **env: str) -> Ran:
    """Run a command off a terminal, in this process."""
    given, out, err = (TextIOWrapper(BytesIO(), encoding="utf-8", errors="surrogateescape") for _ in range(3))
    given.write(stdin)
    given.seek(0)
    before = sys.stdin, sys.stdout, sys.stderr, Path.cwd(), dict(os.environ)
    try:
        _settle(home, environment(home, **FIXED, **env), (given, out, err))
        code = _code_of(arguments)
    finally:
        sys.stdin, sys.stdout, sys.stderr, folder, environ = before
        _settle(folder, environ, before[:3])
    return Ran(code, *(stream.buffer.getvalue().decode(errors="surrogateescape") for stream in (out, err)))


def crm_bare(home: Path, *arguments: str) -> Ran:
    """Run a command as ``env -i HOME=... PATH=...`` does, in a fork, with standard input closed."""
    done = forker().run(arguments, {"HOME": str(home), "PATH": os.defpath}, closed=True)
    return Ran(done.returncode, done.stdout, done.stderr)


def at_terminal(home: Path, *arguments: str, columns: int = 80, typed: str = "", **env: str) -> Ran:
    """Run a command on a terminal of so many columns; without a pager unless one is named."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    settings = {"TERM": "xterm-256color", "PAGER": "cat", "EDITOR": "true", **env}
    forker().start(arguments, [terminal] * 3, environment(home, **FIXED, **settings))
    os.close(terminal)
    os.write(controller, typed.encode())
    screen = b"".join(iter(lambda: _part(controller), b""))
    os.close(controller)
    return Ran(forker().wait(), screen.decode(errors="surrogateescape").replace("\r\n", "\n"))


def _settle(folder: Path, environ: Mapping[str, str], streams: Sequence[IO[str] | None]) -> None:
    """Let this process be in a folder, an environment and on streams; a closed one is None."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    clock.fix(None)
    sys.stdin, sys.stdout, sys.stderr = streams


def _code_of(arguments: Sequence[str]) -> int:
    """Run a command to its end and return its exit code; an exception it lets through is told on standard error."""
    code: object = BROKEN
    try:
        code = run(list(arguments))
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else 0 if code is None else 1


def _part(controller: int) -> bytes:
    try:
        return os.read(controller, 1 << 16)
    except OSError:  # how Linux tells that the other side is closed
        return b""
