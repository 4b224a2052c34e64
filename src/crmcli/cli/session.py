"""What one run of the program knows: the global options and the things that open on first use.

Command functions ask ``current()``; nothing here is opened for a command that does not need it.
"""

import os
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from crmcli import clock
from crmcli.config import paths as _paths
from crmcli.errors import CrmError
from crmcli.integrations import hidden

if TYPE_CHECKING:
    import sqlite3

    from crmcli.config.paths import Paths
    from crmcli.config.settings import Settings
    from crmcli.output.streams import Streams
    from crmcli.services.results import Context


class Session:
    """The global options as given, and paths, settings, streams and store, each opened when first asked for."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        if environ is None:
            hidden.take(os.environ)
        self.environ: Mapping[str, str] = os.environ if environ is None else environ
        self.arguments: list[str] = []  # the command line as it was typed
        self.db: str | None = None
        self.as_of: str | None = None  # as typed: a report reads what was known then
        self.color = "auto"
        self.quiet = False
        self.verbose = 0
        self.debug = False
        self.no_pager = False
        self.plain = False
        self.writing: list[Context] = []  # what services were called with: they may have left something to deliver
        self._reader: sqlite3.Connection | None = None

    @cached_property
    def paths(self) -> "Paths":
        """Where everything lies."""
        return _paths.locate(self.environ, self.db)

    @cached_property
    def settings(self) -> "Settings":
        """The settings in force; ConfigError if the file is wrong. Their zone is that of the clock from then on."""
        from crmcli.config.settings import load

        settings = load(self.paths, self.environ)
        clock.reckon_in(settings.timezone)
        return settings

    @cached_property
    def streams(self) -> "Streams":
        """Standard output and error, with the decisions about colour and width."""
        from crmcli.output.streams import Streams

        return Streams.system(color=self.color, quiet=self.quiet, plain=self.plain)

    @property
    def zone(self) -> str:
        """IANA name of the zone that dates are read and shown in."""
        return self.settings.timezone

    @property
    def locale(self) -> str:
        """``en`` or ``it``: how dates and amounts are read and written."""
        return self.settings.locale

    @property
    def store_path(self) -> Path:
        """The database file, which may not exist yet."""
        return self.paths.store

    def reader(self) -> "sqlite3.Connection":
        """Return the one reading connection of this run."""
        if self._reader is None:
            from crmcli.store.reader import open_reader

            self._reader = open_reader(self.store_path, self.zone, cadences=self.settings.follow)
        return self._reader

    @property
    def is_interactive(self) -> bool:
        """Whether there is a person to ask: standard input and output are a terminal, and nobody said --yes."""
        says_yes = not {"--yes", "-y"}.isdisjoint(self.arguments)
        return self.streams.is_terminal and sys.stdin is not None and sys.stdin.isatty() and not says_yes

    def close(self) -> None:
        """Close what was opened."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None


_current: Session | None = None


def start(session: Session) -> Session:
    """Make a session the current one and return it."""
    global _current
    _current = session
    return session


def current() -> Session:
    """Return the session of this run."""
    if _current is None:
        raise CrmError("no command is running")
    return _current
