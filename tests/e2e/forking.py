"""Runs commands in this process or in forks of it: a real terminal, without the start of an interpreter.

What a process is given when it starts (arguments from the kernel, ``env -i``, an entry point) is not seen this way;
tests of that use ``tests.command``.
"""

import fcntl
import gc
import os
import pty
import signal
import struct
import sys
import termios
import time
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import IO, NamedTuple, NoReturn

from crmcli import clock
from crmcli.cli.entries import walk
from crmcli.cli.main import run
from crmcli.cli.registry import ROOT
from tests.command import environment

SECONDS = 60  # after which a command that hangs is killed
FIXED = {"CRMCLI_NOW": "2026-03-18T12:00:00+01:00", "CRMCLI_TIMEZONE": "Europe/Rome", "CRMCLI_USER": "anna"}
BROKEN = 99  # exit code of an exception that ``run`` let through

for _name in {entry.module for _, entry in walk(ROOT)}:
    import_module(f"crmcli.cli.{_name}")  # once for all forks; the write side, too
import_module("crmcli.services.records")


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
    files = [os.memfd_create(name) for name in ("in", "out", "err")]
    child = fork(arguments, files, {"HOME": str(home), "PATH": os.defpath}, closed=True)
    _, status = os.waitpid(child, 0)
    texts = [_whole(file) for file in files[1:]]
    for file in files:
        os.close(file)
    return Ran(os.waitstatus_to_exitcode(status), *texts)


def at_terminal(home: Path, *arguments: str, columns: int = 80, typed: str = "", **env: str) -> Ran:
    """Run a command on a terminal of so many columns; without a pager unless one is named."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    settings = {"TERM": "xterm-256color", "PAGER": "cat", "EDITOR": "true", **env}
    child = fork(arguments, [terminal] * 3, environment(home, **FIXED, **settings))
    os.close(terminal)
    os.write(controller, typed.encode())
    screen = b"".join(iter(lambda: _part(controller), b""))
    os.close(controller)
    _, status = os.waitpid(child, 0)
    return Ran(os.waitstatus_to_exitcode(status), screen.decode(errors="surrogateescape").replace("\r\n", "\n"))


def fork(arguments: Sequence[str], descriptors: list[int], environ: Mapping[str, str], *, closed: bool = False) -> int:
    """Start a command in its home on these descriptors, standard input ``closed`` or not, and return its process."""
    child = os.fork()
    if child == 0:
        _become(arguments, descriptors, environ, closed)
    return child


def _become(arguments: Sequence[str], descriptors: list[int], environ: Mapping[str, str], closed: bool) -> NoReturn:
    """Be a process that runs one command, and end as one."""
    code = BROKEN
    try:
        gc.freeze()  # what the parent made is not to be collected here, which would copy its memory
        signal.alarm(SECONDS)
        os.setsid()
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
        streams = [open(number, mode, encoding="utf-8") for number, mode in enumerate("rww")]  # noqa: PTH123, SIM115
        if closed:
            streams[0].close()
        _settle(Path(environ["HOME"]), environ, (None if closed else streams[0], *streams[1:]))
        code = _code_of(arguments)
    finally:
        os._exit(code)


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


def _whole(file: int) -> str:
    return os.pread(file, os.fstat(file).st_size, 0).decode(errors="surrogateescape")
