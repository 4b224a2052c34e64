"""Runs commands in forks of this process: real descriptors and a real terminal, without the start of an interpreter.

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
from pathlib import Path
from typing import NamedTuple, NoReturn

from crmcli import clock
from crmcli.cli.main import run
from crmcli.cli.registry import ROOT, walk
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


def crm(home: Path, *arguments: str, stdin: str | None = "", bare: bool = False, **env: str) -> Ran:
    """Run a command off a terminal; with ``bare`` in an environment of HOME and PATH alone, ``stdin`` None closed."""
    files = [os.memfd_create(name) for name in ("in", "out", "err")]
    os.write(files[0], (stdin or "").encode(errors="surrogateescape"))
    os.lseek(files[0], 0, os.SEEK_SET)
    environ = {"HOME": str(home), "PATH": os.defpath} if bare else environment(home, **FIXED, **env)
    child = fork(arguments, files, environ, closed=stdin is None)
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
    code: object = BROKEN
    try:
        gc.freeze()  # what the parent made is not to be collected here, which would copy its memory
        signal.alarm(SECONDS)
        os.setsid()
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
        os.chdir(environ["HOME"])
        os.environ.clear()
        os.environ.update(environ)
        time.tzset()
        clock.fix(None)
        sys.stdin, sys.stdout, sys.stderr = (
            open(number, mode, encoding="utf-8")  # noqa: PTH123, SIM115 - the streams of a process
            for number, mode in enumerate("rww")
        )
        if closed:
            sys.stdin.close()
            sys.stdin = None  # as the interpreter has it
        sys.argv = ["crm", *arguments]
        code = run(list(arguments))
        sys.stdout.flush()
    except SystemExit as end:
        code = end.code
    except BaseException:
        os.write(2, traceback.format_exc().encode(errors="backslashreplace"))
    finally:
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def _part(controller: int) -> bytes:
    try:
        return os.read(controller, 1 << 16)
    except OSError:  # how Linux tells that the other side is closed
        return b""


def _whole(file: int) -> str:
    return os.pread(file, os.fstat(file).st_size, 0).decode(errors="surrogateescape")
