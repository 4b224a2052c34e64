"""The writing connection: SQLAlchemy over SQLite, every transaction BEGIN IMMEDIATE, every commit on disk."""

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import NullPool

from crmcli.errors import StoreError
from crmcli.store.functions import register
from crmcli.store.manner import Manner
from crmcli.store.mounts import NETWORK, file_system_of
from crmcli.store.reader import BOTH, LOCK_WAIT_S, check_file, driver_options
from crmcli.store.wal import wal_is_safe

WRITER = (
    "secure_delete=ON",
    "recursive_triggers=ON",
    "cache_size=-24000",  # KiB: a bulk load comes back to the pages of a dozen indexes
)


def claim_file(path: Path, *, allow_network_fs: bool = False) -> None:
    """Create the store file privately, or check that it is a private, regular, single file on a local disk."""
    system = file_system_of(path)
    if system in NETWORK and not allow_network_fs:
        raise StoreError(
            f"{path} lies on a network file system ({system}), where two writers can lose each other's work",
            hint="crm config set allow_network_fs true, if only one machine ever writes",
            code="store.network",
        )
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NOFOLLOW, 0o600))
    except FileExistsError:
        check_file(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}; nothing saved", code="store.readonly") from None


def make_engine(path: Path, manner: Manner, wait_s: float = LOCK_WAIT_S) -> Engine:
    """Return the engine of a store; bound values never appear in its errors."""
    claim_file(path, allow_network_fs=manner.allow_network_fs)
    engine = create_engine(
        f"sqlite:///{path}", connect_args=driver_options(wait_s), hide_parameters=True, poolclass=NullPool
    )
    journal = "wal" if wal_is_safe() else "delete"

    @event.listens_for(engine, "connect")
    def _prepare(con: sqlite3.Connection, _record: Any) -> None:
        if con.execute("PRAGMA journal_mode").fetchone()[0] != journal:
            con.execute(f"PRAGMA journal_mode={journal}")
        for pragma in (*BOTH, *WRITER, f"synchronous={manner.durability}"):
            con.execute(f"PRAGMA {pragma}")
        if con.execute("PRAGMA foreign_keys").fetchone()[0] != 1:
            raise StoreError("this SQLite was built without foreign keys", code="store.unsafe")
        register(con, manner.zone, manner.cadences)

    @event.listens_for(engine, "begin")
    def _begin(con: Any) -> None:
        con.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
