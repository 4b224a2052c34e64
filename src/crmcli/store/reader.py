"""The reading connection: standard library only, one short snapshot, never a write.

``mode=rw`` and not ``ro``, so that the journal of a crashed writer can be rolled back on opening.
"""

import os
import sqlite3
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcli.errors import StoreError
from crmcli.store.functions import register
from crmcli.store.version import APPLICATION_ID, SCHEMA_VERSION

if TYPE_CHECKING:
    from crmcli.domain.cadences import Cadences

LOCK_WAIT_S = 30.0
_TURNED = 500  # rows turned into columns together: so few are told from memory that is at hand
BOTH = ("foreign_keys=ON", "trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "temp_store=MEMORY")
Parameters = Mapping[str, Any] | Sequence[Any]


def driver_options(wait_s: float = LOCK_WAIT_S) -> dict[str, Any]:
    """Return the connection options of both sides: no hidden BEGIN or COMMIT, a bounded wait."""
    options: dict[str, Any] = {"timeout": wait_s, "isolation_level": None}
    if sys.version_info >= (3, 12):
        options["autocommit"] = sqlite3.LEGACY_TRANSACTION_CONTROL
    return options


def check_file(path: Path) -> None:
    """Refuse a store that is missing, or that is not a private, regular file of the user with a single name."""
    try:
        info = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        raise StoreError(f"no store at {path}", hint="crm init", code="store.missing") from None
    except PermissionError as error:
        told = f"{path} cannot be read: {error.strerror}"
        raise StoreError(told, hint=f"chmod 700 {path.parent}", code="store.not_readable") from None
    if not stat.S_ISREG(info.st_mode) or info.st_nlink != 1 or info.st_uid != os.getuid():
        raise StoreError(f"{path}: not a regular file of yours with a single name", code="store.foreign")
    if info.st_mode & 0o077:
        raise StoreError(f"{path} can be read by others", hint=f"chmod 600 {path}", code="store.not_private")
    if not info.st_mode & stat.S_IRUSR:
        raise StoreError(f"{path} cannot be read", hint=f"chmod 600 {path}", code="store.not_readable")


def open_reader(
    path: Path,
    zone: str = "UTC",
    wait_s: float = LOCK_WAIT_S,
    *,
    private: bool = True,
    cadences: "Cadences | None" = None,
) -> sqlite3.Connection:
    """Open the store for reading inside one snapshot; StoreError when there is none or it is not ours to read.

    Without ``private`` it may be a file that others can read, such as a backup from another place. ``cadences`` are
    those by which a next contact falls due.
    """
    if private:
        check_file(path)
    try:
        con: sqlite3.Connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw", uri=True, **driver_options(wait_s)
        )
        for pragma in (*BOTH, "query_only=ON"):
            con.execute(f"PRAGMA {pragma}")
        con.execute("BEGIN")
        check_version(con, path)
    except sqlite3.Error as error:
        raise store_error(error, path) from error
    register(con, zone, cadences)
    return con


def keep(
    con: sqlite3.Connection,
    name: str,
    columns: str,
    sql: str,
    parameters: Parameters = (),
    *,
    rows: Iterable[Sequence[Any]] | None = None,
    index: str = "",
) -> None:
    """Keep the rows of a query in memory as ``temp.NAME``, in place of what was kept so before, with its own index.

    With ``rows`` these are kept, one by one, and ``sql`` are their VALUES. The table lasts as long as the connection.
    Nothing of the store is written.
    """
    (guarded,) = con.execute("PRAGMA query_only").fetchone()
    con.execute("PRAGMA query_only=OFF")
    try:
        con.execute(f"DROP TABLE IF EXISTS temp.{name}")
        con.execute(f"CREATE TEMP TABLE {name} ({columns})")
        if rows is None:
            con.execute(f"INSERT INTO temp.{name} {sql}", parameters)
        else:
            con.executemany(f"INSERT INTO temp.{name} {sql}", rows)
        if index:
            con.execute(f"CREATE INDEX temp.ix_{name} ON {name} ({index})")
    finally:
        con.execute(f"PRAGMA query_only={int(guarded)}")


def check_version(con: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that is not ours, or made by a newer program; an older one is migrated by the next write.

    Views are refused too: no store of ours has any.
    """
    application, version = stamps(con)
    if application != APPLICATION_ID:
        raise StoreError(f"{path} is not a crmcli store", code="store.foreign")
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{path} was made by a newer version (schema {version}, this program knows {SCHEMA_VERSION})",
            hint="update crmcli",
            code="store.newer",
        )
    if version < SCHEMA_VERSION:
        raise StoreError(f"{path} was made by an older version", hint="crm init", code="store.older")
    view = con.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchone()
    if view:  # it may stand in the place of a table, and have no end
        raise foreign(path, f"view {view[0]}")


def foreign(path: Path, what: str) -> StoreError:
    """Say that something in the file was put there by another program, and could act."""
    return StoreError(f"{path}: {what} is not of this program", hint="crm doctor", code="store.foreign")


def stamps(con: sqlite3.Connection) -> tuple[int, int]:
    """Return the application id and the schema version written in the file."""
    application: int = con.execute("PRAGMA application_id").fetchone()[0]
    version: int = con.execute("PRAGMA user_version").fetchone()[0]
    return application, version


def fetch(con: sqlite3.Connection, sql: str, parameters: Parameters = ()) -> Iterator[dict[str, Any]]:
    """Yield the rows of a query as dicts keyed by column name."""
    cursor = con.execute(sql, parameters)
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))


def fetch_one(con: sqlite3.Connection, sql: str, parameters: Parameters = ()) -> dict[str, Any] | None:
    """Return the first row of a query as a dict, or None."""
    return next(fetch(con, sql, parameters), None)


def fetch_columns(cursor: sqlite3.Cursor, most: int | None = None) -> list[list[Any]]:
    """Return what a query yields, or the first rows of it, column by column; without a row each column is empty."""
    columns: list[list[Any]] = [[] for _ in cursor.description]
    rows = islice(cursor, most)
    while some := list(islice(rows, _TURNED)):
        for column, cells in zip(columns, zip(*some, strict=True), strict=True):
            column.extend(cells)
    return columns


def store_error(error: sqlite3.Error, path: Path) -> StoreError:
    """Tell a failure of SQLite in one line, with what to do."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreError(
            f"{path} is locked by another program; nothing saved",
            hint="try again when it has ended",
            code="store.locked",
        )
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR_WRITE")):
        return StoreError(f"disk full, nothing saved: {path}", hint="make room and type it again", code="store.full")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
        return StoreError(f"{path} cannot be written: {error}; nothing saved", code="store.readonly")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return StoreError(f"{path} is damaged or not a store: {error}", hint="crm doctor", code="store.corrupt")
    return StoreError(f"{path}: {error}", code="store.failed")
