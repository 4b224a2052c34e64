"""Runs commands in forks of a process that has the whole program loaded, for which nothing has been done yet.

Starting an interpreter and loading the write side takes ten times as long as most commands. What a process is given
when it starts (arguments from the kernel, an encoding, an entry point) is not seen this way; tests of that start one.
"""

import atexit
import gc
import os
import pickle
import pkgutil
import signal
import socket
import struct
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from typing import NoReturn

ROOT = Path(__file__).parents[1]
SECONDS = 180  # after which a command that hangs is killed
BROKEN = 99  # exit code of an exception that the program let through
_NUMBER = struct.Struct("!q")
_APART = ("crmcli.tui", "crmcli.store.migrations")  # the one is not for commands that end, the other is run by Alembic
_LATE = ("alembic.command", "openpyxl", "rich.table", "sqlalchemy.dialects.sqlite", "tomlkit")  # loaded by functions


class Forker:
    """The line to that process. It ends with this one, or when the line is closed."""

    def __init__(self) -> None:
        self._is_busy = False
        self._line, theirs = socket.socketpair()
        env = {"PATH": os.defpath, "PYTHONPATH": str(ROOT / "src")}
        with theirs:
            self._process = subprocess.Popen([sys.executable, "-m", __name__], cwd=ROOT, env=env, stdin=theirs.fileno())
        atexit.register(self._close)

    def start(
        self,
        arguments: Sequence[str],
        descriptors: Sequence[int],
        environ: Mapping[str, str],
        folder: Path | None = None,
        *,
        closed: bool = False,
    ) -> None:
        """Start a command on these descriptors, standard input ``closed`` or not, in a folder, else in its home."""
        if self._is_busy:  # with what a test began that was broken off
            self.wait()
        self._is_busy = True
        place = folder or Path(environ["HOME"])
        told = pickle.dumps((list(arguments), dict(environ), str(place if place.is_dir() else place.root), closed))
        socket.send_fds(self._line, [_NUMBER.pack(len(told))], list(descriptors))
        self._line.sendall(told)

    def wait(self) -> int:
        """Return the exit code of the command that was started, once it has ended."""
        status: int = _NUMBER.unpack(_whole(self._line, _NUMBER.size))[0]
        self._is_busy = False
        return os.waitstatus_to_exitcode(status)

    def run(
        self,
        arguments: Sequence[str],
        environ: Mapping[str, str],
        folder: Path | None = None,
        stdin: str | None = None,
        *,
        closed: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command off a terminal to its end; without ``stdin`` there is nothing to read, or it is ``closed``."""
        with ExitStack() as files:
            given, out, err = (files.enter_context(TemporaryFile()) for _ in range(3))
            given.write((stdin or "").encode(errors="surrogateescape"))
            given.seek(0)
            self.start(arguments, [file.fileno() for file in (given, out, err)], environ, folder, closed=closed)
            code = self.wait()
            told = [os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0) for file in (out, err)]
        return subprocess.CompletedProcess(
            list(arguments), code, *(text.decode(errors="surrogateescape") for text in told)
        )

    def _close(self) -> None:
        self._line.close()
        self._process.terminate()  # whoever else may hold the other end
        self._process.wait()


@cache
def forker() -> Forker:
    """Return the one of this process."""
    return Forker()


def _serve(line: socket.socket) -> None:
    """Fork for each command that comes along a line, until it is closed."""
    gc.collect()
    gc.freeze()  # what was loaded is not to be looked through by the forks, which would copy its memory
    while head := socket.recv_fds(line, _NUMBER.size, 3):
        if not head[0]:
            return
        descriptors = head[1]
        arguments, environ, folder, closed = pickle.loads(_whole(line, _NUMBER.unpack(head[0])[0]))
        child = os.fork()
        if child == 0:
            line.close()
            _become(arguments, descriptors, environ, folder, closed)
        for descriptor in descriptors:
            os.close(descriptor)
        line.sendall(_NUMBER.pack(os.waitpid(child, 0)[1]))


def _become(
    arguments: Sequence[str], descriptors: Sequence[int], environ: Mapping[str, str], folder: str, closed: bool
) -> NoReturn:
    """Be a process that runs one command, and end as one."""
    from crmcli.cli.main import main

    code = BROKEN
    try:
        signal.alarm(SECONDS)
        os.setsid()
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        if closed:
            os.close(0)
        os.environ.clear()
        os.environ.update(environ)
        time.tzset()
        os.chdir(folder)
        sys.stdin = None if closed else open(0, encoding="utf-8", errors="surrogateescape")  # noqa: SIM115
        sys.stdout = open(1, "w", encoding="utf-8", errors="surrogateescape")  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
        sys.argv = ["crm", *arguments]
        main()
        code = 0  # it has come back by itself
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _whole(line: socket.socket, size: int) -> bytes:
    """Return so many bytes that come along a line."""
    found = b""
    while len(found) < size:
        part = line.recv(size - len(found))
        if not part:
            raise EOFError("the process that forks has gone")
        found += part
    return found


def _load() -> None:
    """Load all that a command may need."""
    import crmcli

    for found in pkgutil.walk_packages(crmcli.__path__, "crmcli."):
        if not found.name.startswith(_APART) and not found.name.endswith("__main__"):
            import_module(found.name)
    for name in _LATE:
        import_module(name)


if __name__ == "__main__":
    _load()
    with socket.socket(fileno=os.dup(0)) as line:
        _serve(line)
