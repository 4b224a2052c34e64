"""The connection on which SQL that users wrote is run: it can read the tables and views of the store, and nothing else.

Four walls, each enough by itself against writing: the file is opened for reading only, ``query_only``, an authorizer
that lets only reading through when a statement is compiled, and one statement at a time. A progress handler ends what
takes too long.
"""

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

from crmcli.store.functions import register
from crmcli.store.reader import BOTH, driver_options, open_reader, store_error

_READS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})
_ACTIONS = {
    getattr(sqlite3, name): name.removeprefix("SQLITE_").replace("_", " ").replace("VTABLE", "VIRTUAL TABLE")
    for name in dir(sqlite3)
    if name.startswith((
        "SQLITE_CREATE_", "SQLITE_DROP_", "SQLITE_INSERT", "SQLITE_UPDATE", "SQLITE_DELETE", "SQLITE_ATTACH",
        "SQLITE_DETACH", "SQLITE_PRAGMA", "SQLITE_TRANSACTION", "SQLITE_SAVEPOINT", "SQLITE_ALTER_", "SQLITE_REINDEX",
        "SQLITE_ANALYZE",
    ))
}  # fmt: skip
_SCHEMA = ("sqlite_master", "sqlite_temp_master")
OF_SQLITE = "a table of SQLite's own, such as pragma_table_info,"
_ON_SCHEMA = {"INSERT": "CREATE", "UPDATE": OF_SQLITE, "DELETE": "DROP"}
_REFUSED_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer"})
_LIMITS = (  # what one text, one column list or one pattern may come to
    (sqlite3.SQLITE_LIMIT_LENGTH, 32 << 20),
    (sqlite3.SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
    (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 500),
    (sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 100),
    (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
)
_TABLES_OF_MODULES = ("json_each('[]')", "json_tree('[]')", "search_index")
_STEPS = 10_000  # of SQLite's machine between two looks at the clock


class Guarded:
    """A connection that only reads. ``refused`` names what the last statement wanted to do besides.

    ``beside`` is the ordinary reader, which is closed after it: only who may write can tidy up what a log leaves.
    """

    def __init__(self, con: sqlite3.Connection, beside: sqlite3.Connection) -> None:
        self.con = con
        self._beside = beside
        self.refused: str | None = None
        for limit, most in _LIMITS:
            con.setlimit(limit, most)
        con.execute("BEGIN")
        for table in _TABLES_OF_MODULES:  # which SQLite declares when they are first named, and then only reads
            con.execute(f"SELECT 1 FROM {table} LIMIT 0")
        con.execute("PRAGMA query_only=ON")
        con.set_authorizer(self._permit)

    def __enter__(self) -> "Guarded":
        return self

    def __exit__(self, *_: object) -> None:
        self.con.close()
        self._beside.close()

    def run_until(self, deadline_s: float) -> None:
        """Interrupt statements from a moment of ``time.monotonic`` on."""
        from time import monotonic

        self.con.set_progress_handler(lambda: monotonic() > deadline_s, _STEPS)

    def _permit(self, action: int, first: str | None, second: str | None, _base: str | None, _view: str | None) -> int:
        allowed = (
            action in _READS
            or (action == sqlite3.SQLITE_FUNCTION and second not in _REFUSED_FUNCTIONS)
            or (action == sqlite3.SQLITE_PRAGMA and first == "data_version")  # which the search itself asks for
        )
        if allowed:
            return sqlite3.SQLITE_OK
        self.refused = _named(action, first, second)
        return sqlite3.SQLITE_DENY


def _named(action: int, first: str | None, second: str | None) -> str:
    """Return what a statement wanted to do, as people call it: SQLite sees what it does to its own list of tables."""
    if action == sqlite3.SQLITE_FUNCTION:
        return f"{second}()"
    named = _ACTIONS.get(action, "writing")
    if first in _SCHEMA and named in _ON_SCHEMA:
        return _ON_SCHEMA[named]
    return f"{named} {first}" if named == "PRAGMA" else named


def open_guarded(path: Path, zone: str, views: Iterable[str], prepare: Callable[[sqlite3.Connection], None]) -> Guarded:
    """Open the store for SQL that users wrote; ``views`` are made for this connection alone, after ``prepare``.

    StoreError when there is no store, or one that is not ours to read.
    """
    beside = open_reader(path, zone)  # settles what a crash may have left, which one that only reads cannot
    try:
        con = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, **driver_options())
        for pragma in BOTH:
            con.execute(f"PRAGMA {pragma}")
        register(con, zone)
        prepare(con)
        for view in views:
            con.execute(view)
        return Guarded(con, beside)
    except sqlite3.Error as error:
        beside.close()
        raise store_error(error, path) from error
