"""Getting out of a damaged store what can still be read, into a new store. The damaged file is never touched."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from crmcli.errors import ConflictError, StoreError
from crmcli.services.reindexing import fill_index
from crmcli.store import migrate
from crmcli.store.manner import Manner
from crmcli.store.reader import driver_options, store_error

_MADE_ANEW = ("sqlite_", "alembic_", "search_index")
_BEYOND = 10_000  # row numbers tried after the last one that was read, where the end of a table is unknown
Row = tuple[Any, ...]


class Recovery(NamedTuple):
    """Rows by table: how many stand in the new store, and how many were read but left out as broken or unfounded."""

    kept: dict[str, int]
    dropped: dict[str, int]


def recover(store: Path, target: Path, zone: str) -> Recovery:
    """Write a new store from what can be read of a damaged one.

    Raises ConflictError when the target exists, StoreError when nothing can be read at all.
    """
    if target.exists():
        raise ConflictError(f"{target} exists already", hint="name a new file", code="store.exists")
    if not store.exists():
        raise StoreError(f"no store at {store}", code="store.missing")
    with tempfile.TemporaryDirectory(prefix="crm-recover-") as folder:
        try:
            with closing(_open(_copy(store, Path(folder)))) as damaged:
                damaged.execute("SELECT name FROM sqlite_master").fetchall()
                migrate.upgrade(target, Manner(zone))
                with closing(_open(target)) as fresh:
                    return _transfer(damaged, fresh)
        except sqlite3.Error as error:
            raise store_error(error, store) from error


def _copy(store: Path, folder: Path) -> Path:
    """Copy a store with its journals, so that opening it rolls back the copy and not the original."""
    copy = folder / "damaged.db"
    for suffix in ("", "-journal", "-wal"):
        source = store.with_name(store.name + suffix)
        if source.exists():
            shutil.copyfile(source, copy.with_name(copy.name + suffix))
    return copy


def _open(path: Path) -> sqlite3.Connection:
    con: sqlite3.Connection = sqlite3.connect(path, **driver_options())
    con.text_factory = _lenient
    return con


def _lenient(raw: bytes) -> str:
    return raw.decode(errors="replace")


def _transfer(damaged: sqlite3.Connection, fresh: sqlite3.Connection) -> Recovery:
    kept: dict[str, int] = {}
    dropped: dict[str, int] = {}
    there = set(_tables(damaged))  # a view in the place of a table holds nothing, and may have no end
    fresh.execute("BEGIN")
    for table in _tables(fresh):
        kept[table], dropped[table] = _fill(table, damaged, fresh) if table in there else (0, 0)
    _raise_counters(damaged, fresh)
    for table in _unfounded(fresh):
        kept[table] -= 1
        dropped[table] += 1
    fill_index(fresh)
    fresh.execute("COMMIT")
    return Recovery(kept, {table: count for table, count in dropped.items() if count})


def _tables(con: sqlite3.Connection) -> list[str]:
    names = [row[0] for row in con.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return [name for name in names if not name.startswith(_MADE_ANEW)]


def _fill(table: str, damaged: sqlite3.Connection, fresh: sqlite3.Connection) -> tuple[int, int]:
    """Copy the readable rows of a table; return how many were stored and how many the new schema refused."""
    known = _columns(damaged, table)
    columns = [name for name in _columns(fresh, table) if name in known]
    if not columns:
        return 0, 0
    insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    stored = refused = 0
    for row in _rows(damaged, table, columns):
        try:
            fresh.execute(insert, row[1:])
            stored += 1
        except sqlite3.IntegrityError:
            refused += 1
    return stored, refused


def _columns(con: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in con.execute(f"PRAGMA table_info({table})")]


def _rows(con: sqlite3.Connection, table: str, columns: list[str]) -> Iterator[Row]:
    """Yield what can be read: from the start up to the damage, from the end down to it, then between row by row."""
    select = f"SELECT rowid, {', '.join(columns)} FROM {table} NOT INDEXED"
    last, whole = 0, True
    for row in _until_damage(con, f"{select} ORDER BY rowid"):
        if row is None:
            whole = False
            break
        last = row[0]
        yield row
    if whole:
        return
    first = None
    for row in _until_damage(con, f"{select} WHERE rowid > {last} ORDER BY rowid DESC"):
        if row is None:
            break
        first = row[0]
        yield row
    for number in range(last + 1, first or last + _BEYOND):
        yield from filter(None, _until_damage(con, f"{select} WHERE rowid = {number}"))


def _until_damage(con: sqlite3.Connection, sql: str) -> Iterator[Row | None]:
    """Yield the rows of a query, and None where the damage begins."""
    try:
        yield from con.execute(sql)
    except sqlite3.DatabaseError:
        yield None


def _raise_counters(damaged: sqlite3.Connection, fresh: sqlite3.Connection) -> None:
    """Let no number be given again that the damaged store gave to anybody."""
    for row in _until_damage(damaged, "SELECT rowid, name, seq FROM sqlite_sequence"):
        if row is None:
            return  # then the largest number of each table decides, which SQLite keeps itself
        _, name, last = row
        if not fresh.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (last, name)).rowcount:
            fresh.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, last))


def _unfounded(con: sqlite3.Connection) -> Iterator[str]:
    """Cut references to rows that were lost; yield the table of each row that cannot be without its reference."""
    while broken := con.execute("PRAGMA foreign_key_check").fetchall():
        for table, row, _parent, key in broken:
            column = next(link[3] for link in con.execute(f"PRAGMA foreign_key_list({table})") if link[0] == key)
            required = next(info[3] for info in con.execute(f"PRAGMA table_info({table})") if info[1] == column)
            if not required:
                con.execute(f"UPDATE {table} SET {column} = NULL WHERE rowid = ?", (row,))
            elif con.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,)).rowcount:
                yield table
