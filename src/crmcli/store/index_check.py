"""Whether the full-text index is sound in itself, by FTS5's own look at it.

FTS5 only looks where it may write, so a copy of the index is made that nobody else sees: whoever checks a store waits
for nobody and keeps nobody waiting. Whether the words are those of the records is a matter of ``queries.index_checks``.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from crmcli.store.reader import open_reader, store_error
from crmcli.store.search import DDL

_COPY = "search_copy"
_MAKE = DDL.replace("search_index", f"temp.{_COPY}", 1)
_LOOK = f"INSERT INTO temp.{_COPY} ({_COPY}) VALUES ('integrity-check')"
_PARTS = ("data", "idx", "content", "docsize", "config")  # the tables of an FTS5 table


def index_damage(path: Path) -> str:
    """Return what is wrong with the full-text index of a store, empty when it is sound; StoreError as a reader does."""
    with closing(open_reader(path)) as con:
        con.execute("PRAGMA query_only=OFF")
        con.execute("PRAGMA temp_store=FILE")  # so that memory does not grow with the index
        try:
            con.execute(_MAKE)
            for part in _PARTS:
                con.execute(f"DELETE FROM temp.{_COPY}_{part}")
                con.execute(f"INSERT INTO temp.{_COPY}_{part} SELECT * FROM main.search_index_{part}")
            con.execute(_LOOK)
        except sqlite3.Error as error:
            if not error.sqlite_errorname.startswith("SQLITE_CORRUPT"):
                raise store_error(error, path) from error
            return str(error)
    return ""


def is_of_index(message: str) -> bool:
    """Say whether a message of SQLite's check of a whole file is of an index that can be written anew (since 3.44)."""
    return "for FTS5 table" in message
