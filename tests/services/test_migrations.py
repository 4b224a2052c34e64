"""Migrations: they lead to what the models say, and a store of any earlier version comes along with its records."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from crmcli.model.registry import load_all
from crmcli.services.results import manner_of
from crmcli.services.setup import create_store
from crmcli.store import migrate
from crmcli.store.contents import strange_objects
from crmcli.store.version import SCHEMA_VERSION
from tests.services.world import SETTINGS, Store


def test_the_migrations_lead_to_the_models(store: Store) -> None:
    load_all()
    engine = create_engine(f"sqlite:///{store.path}")
    with engine.connect() as connection:
        options: dict[str, Any] = {"include_object": lambda _object, name, *_rest: not str(name).startswith("search_")}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), SQLModel.metadata)
    engine.dispose()
    assert found == []


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_an_older_store_comes_along(version: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "crm.db"
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "SCHEMA_VERSION", version)
        patch.setattr(migrate, "_run_migrations", lambda connection: _migrate(connection, version))
        migrate.upgrade(path, manner_of(SETTINGS))
    with closing(sqlite3.connect(path)) as con:
        con.execute(
            "INSERT INTO app_user (uid, created_at, updated_at, version, handle, is_active)"
            " VALUES ('u', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 1, 'anna', 1)"
        )
        con.commit()
    create_store(path, SETTINGS)
    assert migrate.is_current(path)
    with closing(sqlite3.connect(path)) as con:
        assert strange_objects(con) == []
        assert con.execute("SELECT handle FROM app_user").fetchall() == [("anna",)]


def _migrate(connection: Any, version: int) -> None:
    config = Config()
    config.set_main_option("script_location", "crmcli.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, f"{version:04}")
