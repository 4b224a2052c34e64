"""A store of its own for each test, and short ways to fill it, change it and look at it."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.config.settings import Settings
from crmcli.queries.records import get_record
from crmcli.services.results import Command, Context, Result
from crmcli.services.undo import take_back
from crmcli.services.writer import write
from crmcli.store.reader import fetch, open_reader

NOW = "2026-03-18T12:00:00+01:00"
NOW_STORED = "2026-03-18T11:00:00Z"
SETTINGS = Settings(
    currency="EUR", country="IT", timezone="Europe/Rome", locale="en", user="anna", pipeline="sales", rows=50,
    durability="full", allow_network_fs=False, sql_seconds=10, sql_rows=100_000, snapshots=False,
    origins={},
)  # fmt: skip
_EXPORTED = (
    *dict.fromkeys(entity.table for entity in ENTITIES.values()),
    "contact_point", "tagging", "external_ref", "organization_contact", "deal_contact", "contact_date",
    "activity_link", "attendee", "distinction",
)  # fmt: skip
_UNSTABLE = frozenset({"version", "id"})  # of child rows the id is no content


@dataclass(frozen=True)
class Store:
    """The store of one test, written to by the user ``anna``."""

    path: Path
    settings: Settings = SETTINGS

    def context(self, **command: Any) -> Context:
        """Return what a service is called with; the arguments are those of ``Command``."""
        return Context(self.path, self.settings, Command(**{"text": "crm test", **command}))

    def add(self, entity: str, values: Mapping[str, Any] | None = None, /, *, intent: str = "", **more: Any) -> int:
        """Create a record through the one write path and return its id; values by field key."""
        made: list[int] = []
        write(
            self.context(),
            lambda writer: made.append(writer.create(entity, {**(values or {}), **more}, intent=intent).id),
        )
        return made[0]

    def edit(self, entity: str, record_id: int, values: Mapping[str, Any] | None = None, /, **more: Any) -> Result:
        """Change a record through the one write path."""
        return write(self.context(), lambda writer: writer.update(entity, record_id, {**(values or {}), **more}))

    def undo(self, result: Result) -> Result:
        """Take back the operation of a result."""
        assert result.operation_id is not None
        return take_back(self.context(kind="undo"), result.operation_id)

    def shown(self, entity: str, record_id: int) -> dict[str, Any]:
        """Return the presented record."""
        with closing(open_reader(self.path, self.settings.timezone)) as con:
            record = get_record(con, ENTITIES[entity], record_id)
        assert record is not None
        return record

    def row(self, entity: str, record_id: int) -> dict[str, Any]:
        """Return the stored columns of a record."""
        (row,) = self.rows(f"SELECT * FROM {ENTITIES[entity].table} WHERE id = ?", record_id)
        return row

    def rows(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        """Return the rows of a query."""
        with closing(open_reader(self.path, self.settings.timezone)) as con:
            return list(fetch(con, sql, parameters))

    def count(self, entity: str) -> int:
        """Return how many live records of a kind there are."""
        count: int = self.rows(f"SELECT COUNT(*) AS n FROM {ENTITIES[entity].table} WHERE deleted_at IS NULL")[0]["n"]
        return count

    def stage(self, key: str, pipeline: str = "sales") -> int:
        """Return the id of a stage."""
        sql = "SELECT s.id FROM stage s JOIN pipeline p ON p.id = s.pipeline_id WHERE s.key = ? AND p.key = ?"
        stage_id: int = self.rows(sql, key, pipeline)[0]["id"]
        return stage_id

    def user(self, handle: str = "anna") -> int:
        """Return the id of a user."""
        user_id: int = self.rows("SELECT id FROM app_user WHERE handle = ?", handle)[0]["id"]
        return user_id

    def states(self, entity: str, record_id: int, field: str) -> list[dict[str, Any]]:
        """Return the state log of one field of a record, the oldest first."""
        sql = "SELECT * FROM state_log WHERE entity = ? AND record_id = ? AND field = ? ORDER BY id"
        return self.rows(sql, entity, record_id, field)

    def export(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return everything that undo must restore: all records and child rows, in stored form, without versions."""
        with closing(sqlite3.connect(self.path)) as con:
            con.row_factory = sqlite3.Row
            return {table: self._content(con, table) for table in _EXPORTED}

    @staticmethod
    def _content(con: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
        records = {entity.table for entity in ENTITIES.values()}
        skipped = {"version"} if table in records else _UNSTABLE
        rows = con.execute(f"SELECT * FROM {table}").fetchall()
        return sorted((tuple((k, row[k]) for k in row.keys() if k not in skipped) for row in rows), key=repr)  # noqa: SIM118  # a row is no dict
