"""A workspace that tests type commands into, and a terminal for those that need one."""

import io
import json
import os
import pty
import select
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from crmcli.cli.main import run
from tests.command import environment
from tests.forker import SECONDS, forker

ENVIRONMENT = {
    "CRMCLI_NOW": "2026-03-18T12:00:00+01:00",
    "CRMCLI_TIMEZONE": "Europe/Rome",
    "CRMCLI_USER": "anna",
    "COLUMNS": "100",
}


class Done(NamedTuple):
    """What came of a command."""

    code: int
    out: str
    err: str


class Workspace:
    """A home with a store, at 18 March 2026 noon in Rome, used by ``anna``."""

    def __init__(self, home: Path, kept: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._kept = kept
        self._patch = patch
        self._capture = capture
        self._first = self._files()

    def crm(self, *arguments: str, stdin: str | None = None) -> Done:
        """Run one command in this process, off a terminal."""
        self._patch.setattr(sys, "stdin", io.StringIO(stdin or ""))
        self._capture.readouterr()
        code = run(list(arguments))
        return Done(code, *self._capture.readouterr())

    def ok(self, *arguments: str, stdin: str | None = None) -> str:
        """Run a command that must succeed and return its output without the last line end."""
        done = self.crm(*arguments, stdin=stdin)
        assert done.code == 0, done.err
        return done.out.rstrip("\n")

    def json(self, *arguments: str) -> Any:
        """Run a command that must succeed and return its JSON."""
        return json.loads(self.ok(*arguments, "-o", "json"))

    def refused(self, code: int, *arguments: str) -> str:
        """Run a command that must end with a code, print and write nothing; return what it says."""
        before = self.state()
        done = self.crm(*arguments)
        assert (done.code, done.out) == (code, ""), done.err
        assert self.state() == before, "nothing is written on an error"
        return done.err

    def once(self, make: Callable[[], object]) -> "Workspace":
        """Be where a function leads that runs commands on a new store.

        The first test that needs it runs it, and what it leaves in the home is kept by the name of the function: the
        others begin with a copy.
        """
        assert self._files() == self._first, "what was done before would be lost where the home is a copy"
        kept = self._kept / f"{make.__module__}.{make.__qualname__}"
        if kept.exists():
            shutil.rmtree(self.home)
            shutil.copytree(kept, self.home)
        else:
            make()
            shutil.copytree(self.home, kept)
        return self

    def _files(self) -> dict[Path, tuple[int, int]]:
        found = [path for path in self.home.rglob("*") if path.is_file()]
        return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in found}

    def state(self) -> list[str]:
        """Return everything the store holds, as text."""
        import sqlite3
        from contextlib import closing

        with closing(sqlite3.connect(self.home / "data" / "crm.db")) as con:
            return list(con.iterdump())

    def at_terminal(
        self,
        *arguments: str,
        typed: str = "",
        columns: int = 100,
        env: Mapping[str, str] | None = None,
        asked: str = "",
    ) -> tuple[int, str]:
        """Run a command as a person does, in a process on a terminal; return its code and the screen's text.

        What is typed is typed at once, or when the screen has ``asked`` for it.
        """
        more = {**ENVIRONMENT, "CRMCLI_HOME": str(self.home), "COLUMNS": str(columns), "TERM": "xterm", **(env or {})}
        controller, terminal = pty.openpty()
        forker().start(arguments, [terminal] * 3, environment(self.home, NO_COLOR="1", **more))
        os.close(terminal)
        screen = _read(controller, asked) if asked else ""
        os.write(controller, typed.encode())
        screen += _read(controller)
        os.close(controller)
        return forker().wait(), screen.replace("\r\n", "\n")


def _read(controller: int, until: str = "") -> str:
    """Return all that a terminal shows until its program has gone, or the screen says something."""
    shown = b""
    while not (until and until.encode() in shown) and select.select([controller], [], [], SECONDS)[0]:
        try:
            part = os.read(controller, 65536)
        except OSError:  # how Linux tells that the other side is closed
            break
        if not part:
            break
        shown += part
    return shown.decode(errors="replace")
