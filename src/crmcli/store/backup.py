"""Backups that are consistent under load, checked when taken, and restored as a whole.

A backup is a store file of its own. What a backup must contain to be called good is counted, not only opened.
"""

import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from crmcli import clock
from crmcli.errors import CrmError, StoreError
from crmcli.store.contents import strange_objects
from crmcli.store.index_check import is_of_index
from crmcli.store.queue import write_queue
from crmcli.store.reader import BOTH, LOCK_WAIT_S, driver_options, stamps, store_error
from crmcli.store.version import APPLICATION_ID

SUFFIX = ".crmbackup"


class Backup(NamedTuple):
    """One backup file: ``at`` is its moment as written in the name, ``size`` in bytes."""

    path: Path
    at: str
    label: str
    size: int


def create_backup(store: Path, folder: Path, label: str = "manual") -> Path:
    """Write a checked copy of the store into a folder (0600) and return its path; StoreError leaves nothing behind."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = _free_name(folder, label)
    with _temporary(target) as temporary:
        copy_store(store, temporary)
        problems = damage(temporary)
        if problems:
            raise StoreError(f"the backup of {store} is not good: {problems[0]}", hint="crm doctor")
        temporary.replace(target)
    _sync(folder)
    return target


def copy_store(store: Path, target: Path) -> None:
    """Copy a store into a new file while others may write: writers wait in the queue for one bounded moment."""
    if not store.exists():
        raise StoreError(f"no store at {store}", hint="crm init", code="store.missing")
    deadline = time.monotonic() + LOCK_WAIT_S
    try:
        with (
            write_queue(store, "crm backup", deadline),
            closing(_connect(store)) as holder,
        ):
            holder.execute("BEGIN IMMEDIATE")  # nobody commits while the pages are read
            _copy_pages(store, target)
            holder.rollback()
    except sqlite3.Error as error:
        raise store_error(error, store) from error


def _copy_pages(source: Path, target: Path) -> None:
    with closing(_connect(source)) as pages, closing(sqlite3.connect(target, **driver_options())) as copy:
        pages.backup(copy, pages=-1)
    _sync(target)


def damage(path: Path) -> list[str]:
    """Return what is wrong with a store file as SQLite sees it, its search index apart; empty when it is whole."""
    try:
        with closing(_connect(path)) as con:
            if stamps(con)[0] != APPLICATION_ID:
                return ["it is not a crmcli store"]
            found = [row[0] for row in con.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]
            found = [message for message in found if not is_of_index(message)]
            broken = con.execute("PRAGMA foreign_key_check").fetchall()
            return found + [f"{table} row {row} points to a missing {parent}" for table, row, parent, _ in broken[:20]]
    except sqlite3.Error as error:
        return [str(error)]


def strangers(path: Path) -> list[str]:
    """Return what the schema of a whole store file holds that no migration made, or lacks of what they make."""
    with closing(_connect(path)) as con:
        return strange_objects(con)


def backups(folder: Path) -> list[Backup]:
    """Return the backups in a folder, newest first."""
    found = []
    for path in folder.glob(f"*{SUFFIX}"):
        at, _, label = path.stem.partition("_")
        found.append(Backup(path, at, label, path.stat().st_size))
    return sorted(found, key=lambda backup: backup.path.name, reverse=True)


def prune(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest ``keep`` backups and return what went."""
    gone = [backup.path for backup in backups(folder)[keep:]]
    for path in gone:
        path.unlink()
    return gone


def restore(backup: Path, store: Path, folder: Path) -> Path | None:
    """Put a backup in the place of the store, after a safety copy of what was there; return that copy's path."""
    problems = damage(backup)
    if problems:
        raise StoreError(f"{backup} cannot be restored: {problems[0]}", hint="crm backup list", code="backup.bad")
    if strange := strangers(backup):
        raise StoreError(
            f"{backup} cannot be restored: {strange[0]}",
            hint=f"crm --db {backup} doctor --recover FILE saves its records",
            code="backup.foreign",
        )
    deadline = time.monotonic() + LOCK_WAIT_S
    safety = create_backup(store, folder, "before-restore") if store.exists() else None
    with _temporary(store) as temporary:
        _copy_pages(backup, temporary)  # nobody writes to a backup: it needs no lock
        with write_queue(store, "crm restore", deadline):
            for leftover in ("-wal", "-shm", "-journal"):
                store.with_name(store.name + leftover).unlink(missing_ok=True)
            temporary.replace(store)
    _sync(store.parent)
    return safety


@contextmanager
def _temporary(target: Path) -> Iterator[Path]:
    """Give a private empty file beside the target, gone again unless it was moved into place."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(descriptor)
    path = Path(name)
    try:
        yield path
    except OSError as error:
        raise CrmError(f"{target} cannot be written: {error.strerror}") from error
    finally:
        path.unlink(missing_ok=True)


def _connect(path: Path) -> sqlite3.Connection:
    con: sqlite3.Connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, **driver_options())
    for pragma in BOTH:
        con.execute(f"PRAGMA {pragma}")
    return con


def _free_name(folder: Path, label: str) -> Path:
    stamp = clock.now().strftime("%Y%m%dT%H%M%SZ")
    path = folder / f"{stamp}_{label}{SUFFIX}"
    number = 1
    while path.exists():
        number += 1
        path = folder / f"{stamp}_{label}-{number}{SUFFIX}"
    return path


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
