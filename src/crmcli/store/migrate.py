"""Bring a store to the present schema: create it, or migrate an older one after a backup.

Alembic is imported only here and only when there is something to do. The whole upgrade is one transaction, together
with the version stamp, so a store is exactly old or exactly new.
"""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from crmcli.domain.plurals import counted
from crmcli.errors import StoreError
from crmcli.store.engine import claim_file, make_engine
from crmcli.store.manner import Manner
from crmcli.store.reader import driver_options, stamps, store_error
from crmcli.store.version import APPLICATION_ID, SCHEMA_VERSION


def is_current(path: Path) -> bool:
    """Return whether the store is at the present schema; StoreError when it is foreign or newer."""
    con = sqlite3.connect(path, **driver_options())
    try:
        application, version = stamps(con)
        empty = con.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0] == 0
    except sqlite3.Error as error:
        raise store_error(error, path) from error
    finally:
        con.close()
    if application != APPLICATION_ID and not empty:
        raise StoreError(f"{path} is not a crmcli store", code="store.foreign")
    if version > SCHEMA_VERSION:
        raise StoreError(f"{path} was made by a newer version", hint="update crmcli", code="store.newer")
    return version == SCHEMA_VERSION


def upgrade(path: Path, manner: Manner) -> None:
    """Create the schema in a claimed file, or bring an older one up to date; all or nothing."""
    claim_file(path, allow_network_fs=manner.allow_network_fs)
    engine = make_engine(path, manner)

    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys=OFF")  # inside a transaction it would be a no-op
        connection.begin()
        _run_migrations(connection)
        broken = raw.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise StoreError(f"{path}: migration would break {counted(len(broken), 'reference')}; nothing changed")
        raw.execute(f"PRAGMA application_id={APPLICATION_ID}")
        raw.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        connection.commit()
    engine.dispose()


def _run_migrations(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "crmcli.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
