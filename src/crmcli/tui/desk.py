"""What every screen works with: the store to read, the way to write, the settings; nothing here draws.

Reading and writing block, so screens call these in threads, each with a connection of its own that is soon closed.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from crmcli.config.settings import Settings
from crmcli.store.reader import driver_options, open_reader

if TYPE_CHECKING:
    from crmcli.conditions.expression import Clause
    from crmcli.services.results import Context

T = TypeVar("T")


class Desk(NamedTuple):
    """Where the store is, which rules act on it, and whose settings are in force."""

    store: Path
    rules_folder: Path
    settings: Settings

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what a reading of the store finds, in one short snapshot."""
        with closing(open_reader(self.store, self.settings.timezone, cadences=self.settings.follow)) as con:
            return work(con)

    def context(self, command: str, kind: str = "write") -> "Context":
        """Return what a service is called with; ``command`` is the command line that does the same."""
        from crmcli.services.results import Command, Context

        return Context(self.store, self.settings, Command(command, kind=kind), self.rules_folder)

    def condition(self, con: sqlite3.Connection, text: str, entity: str) -> "Clause | None":
        """Return the condition that a text means on records of a kind, None for a blank one; ConditionError."""
        from crmcli.catalogue import ENTITIES
        from crmcli.conditions.condition import compile
        from crmcli.queries.scope import make_scope, user_id

        if not text.strip():
            return None
        settings = self.settings
        me = user_id(con, settings.user)
        scope = make_scope(con, settings.timezone, settings.locale, me, settings.country)
        return compile(text, ENTITIES[entity], scope).clause()


class Watch:
    """Tells whether anybody wrote to the store since one last asked, by SQLite's ``data_version``."""

    def __init__(self, store: Path) -> None:
        self._con = sqlite3.connect(
            f"{store.absolute().as_uri()}?mode=rw", uri=True, check_same_thread=False, **driver_options(0)
        )
        self._con.execute("PRAGMA query_only=ON")
        self._seen = 0

    def has_changed(self) -> bool:
        """Say whether there was a write since the last call; of a store that is being written, say it next time."""
        try:
            before, self._seen = self._seen, self._version()
        except sqlite3.OperationalError:
            return False
        return before != self._seen

    def close(self) -> None:
        """Let go of the store."""
        self._con.close()

    def _version(self) -> int:
        version: int = self._con.execute("PRAGMA data_version").fetchone()[0]
        return version
