"""What every screen works with: the store to read, the way to write, the settings; nothing here draws.

Reading and writing block, so screens call these in threads, each with a connection of its own that is soon closed.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from crmcli.catalogue import ENTITIES
from crmcli.config.paths import Paths
from crmcli.config.settings import Settings
from crmcli.errors import CrmError
from crmcli.store.reader import driver_options, open_reader, store_error

if TYPE_CHECKING:
    from crmcli.conditions.expression import Clause
    from crmcli.services.results import Context, Result

T = TypeVar("T")


class Record(NamedTuple):
    """A record, by its kind and number."""

    entity: str
    id: int

    @property
    def ref(self) -> str:
        """How the command line calls it."""
        return ENTITIES[self.entity].ref(self.id)


def record_of(ref: str) -> Record | None:
    """Return the record that a ref names, None for a ref of something else."""
    kind = next((name for name, entity in ENTITIES.items() if entity.letter and entity.letter == ref[:1]), None)
    return Record(kind, int(ref[1:])) if kind and ref[1:].isdecimal() else None


class Written(NamedTuple):
    """What came of a write: its results, and what is to be told of them, what rules did and sent included."""

    results: "Sequence[Result]"
    told: list[str]

    def first(self, entity: str = "") -> Record | None:
        """Return the first record that was written, of a kind where one is named."""
        written = (Record(one.entity, one.id) for result in self.results for one in result.saved)
        return next((record for record in written if entity in ("", record.entity)), None)


class Desk(NamedTuple):
    """Where the store and everything of this workspace lies, and whose settings are in force.

    ``own_of`` reads what a table of the settings asks one report alone.
    """

    paths: Paths
    settings: Settings
    own_of: Callable[[str, Mapping[str, Any]], Mapping[str, Any]] | None = None

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what a reading of the store finds, in one short snapshot."""
        try:
            settings = self.settings
            with closing(open_reader(self.paths.store, settings.timezone, cadences=settings.follow)) as con:
                return work(con)
        except sqlite3.Error as error:
            raise store_error(error, self.paths.store) from error

    def write(self, command: str, work: "Callable[[Context], Sequence[Result]]", kind: str = "write") -> Written:
        """Return what services did; ``command`` is the command line that does the same.

        What rules have to send goes out as after a command: a failure of that is told, and undoes nothing.
        """
        from crmcli.services.delivery.deliver import deliver_posted
        from crmcli.services.results import Command, Context

        context = Context(self.paths.store, self.settings, Command(command, kind=kind), self.paths.rules, self.paths)
        results = work(context)
        told = [line for result in results for line in (*result.warnings, *result.effects)]
        try:
            sent = deliver_posted(context)
        except CrmError as error:
            return Written(results, [*told, f"what rules send waits for crm tick: {error}"])
        return Written(results, [*told, *sent.notices, *sent.warnings])

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
    """Tells whether anybody wrote to the store since one last asked, or put another file in its place.

    Writes by SQLite's ``data_version``; another file, as after ``crm restore``, by its number.
    """

    def __init__(self, store: Path) -> None:
        self._store = store
        self._open()

    def _open(self) -> None:
        file = self._number()
        con = sqlite3.connect(
            f"{self._store.absolute().as_uri()}?mode=rw", uri=True, check_same_thread=False, **driver_options(0)
        )
        con.execute("PRAGMA query_only=ON")
        self._file, self._con, self._seen = file, con, 0

    def has_changed(self) -> bool:
        """Say whether there was a write since the last call; of a store that is being written, say it next time."""
        try:
            if self._number() != self._file:
                before_that = self._con
                self._open()
                before_that.close()
            before, self._seen = self._seen, self._version()
        except (sqlite3.Error, OSError):  # it is away, or being put there
            return False
        return before != self._seen

    def close(self) -> None:
        """Let go of the store."""
        self._con.close()

    def _number(self) -> tuple[int, int]:
        found = self._store.stat()
        return found.st_dev, found.st_ino

    def _version(self) -> int:
        version: int = self._con.execute("PRAGMA data_version").fetchone()[0]
        return version
