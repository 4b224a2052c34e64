"""A migrated store and a builder that fills it by plain SQL, rows and child rows as the writer leaves them."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crmcli import clock
from crmcli.catalogue import ENTITIES
from crmcli.domain.text import fold
from crmcli.store import collections, search
from crmcli.store.functions import register
from crmcli.store.manner import Manner
from crmcli.store.migrate import upgrade

NOW = "2026-03-18T11:00:00Z"  # a Wednesday, noon in Rome
ZONE = "Europe/Rome"
DEFAULTS: dict[str, dict[str, Any]] = {
    "lead": {"currency": "EUR", "status": "new"},
    "organization": {"currency": "EUR", "type": "prospect"},
    "deal": {"currency": "EUR", "outcome": "open", "probability_source": "stage", "stage_entered_at": NOW},
    "stage": {"kind": "open"},
    "task": {"status": "todo", "priority": "normal"},
    "event": {"status": "planned", "visibility": "public", "zone": ZONE},
    "interaction": {"kind": "call", "occurred_at": NOW},
    "ticket": {"status": "new", "priority": "normal", "channel": "manual", "opened_at": NOW},
    "ticket_comment": {"visibility": "public", "occurred_at": NOW},
    "custom_field": {"type": "text"},
    "view": {"kind": "list", "entity": "lead"},
    "user": {"is_active": 1},
}


class World:
    """Records in a store: each ``add`` returns the id of the new record."""

    def __init__(self, con: sqlite3.Connection) -> None:
        self.con = con
        self._uids = 0

    def insert(self, table: str, /, **values: Any) -> int:
        columns = ", ".join(values)
        marks = ", ".join("?" * len(values))
        cursor = self.con.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(values.values()))
        return int(cursor.lastrowid or 0)

    def add(self, entity: str, /, **values: Any) -> int:
        """Insert a record; emails, phones and tags are lists of text, other collections lists of dicts."""
        children = {name: values.pop(name) for name in list(values) if name in collections.CHILDREN}
        table = ENTITIES[entity].table
        self._uids += 1
        row = {"uid": f"{self._uids:08x}-0000-4000-8000-000000000000", "created_at": NOW, "updated_at": NOW,
               "version": 1, **DEFAULTS.get(entity, {}), **self._keys(entity, values), **values}  # fmt: skip
        record_id = self.insert(table, **{**self._blanks(table), **row})
        image = {**row, **{name: self._child_rows(name, rows) for name, rows in children.items()}}
        for name in children:
            columns = collections.columns(name, entity, [record_id], [image[name]])
            for child in zip(*columns.values(), strict=True):
                self.insert(collections.CHILDREN[name].table, **dict(zip(columns, child, strict=True)))
        if entity in search.SEARCHED and not row.get("deleted_at"):
            self.con.execute(search.INSERT, search.entry(entity, record_id, image))
        return record_id

    def tag(self, name: str) -> int:
        found = self.con.execute("SELECT id FROM tag WHERE name = ?", (name,)).fetchone()
        return int(found[0]) if found else self.add("tag", name=name)

    def pipeline(self, key: str = "sales", **values: Any) -> dict[str, int]:
        """Add a pipeline with the default stages; return the ids by key, the pipeline's own included."""
        pipeline = self.add("pipeline", key=key, name=key.capitalize(), **values)
        stages = (
            ("potential", "Potential", "open", 1000, '["qualification"]'),
            ("quote_sent", "Quote sent", "open", 6500, '["proposal"]'),
            ("won", "Won", "won", 10000, '["closed won"]'),
            ("lost", "Lost", "lost", 0, None),
        )
        ids = {key: pipeline}
        for position, (stage, name, kind, points, aliases) in enumerate(stages):
            ids[stage] = self.add("stage", pipeline_id=pipeline, key=stage, name=name, kind=kind,
                                  probability_bp=points, aliases=aliases, position=position)  # fmt: skip
        return ids

    def link(self, activity: str, activity_id: int, entity: str, record_id: int, *, main: bool = True) -> None:
        self.insert("activity_link", activity_entity=activity, activity_id=activity_id, entity=entity,
                    record_id=record_id, is_main=int(main), position=0)  # fmt: skip

    def operation(self, kind: str = "write", **values: Any) -> int:
        self._uids += 1
        return self.insert("operation", **{"uid": f"op{self._uids}", "at": NOW, "actor_kind": "user", "kind": kind,
                                           "command": "crm", **values})  # fmt: skip

    def _keys(self, entity: str, values: dict[str, Any]) -> dict[str, Any]:
        if entity == "organization":
            return {"name_key": fold(values["name"]).removesuffix(" srl")}
        return {"name_key": fold(values["name"])} if entity == "tag" else {}

    def _blanks(self, table: str) -> dict[str, Any]:
        """Return zeros for the numbers that may not be missing, which the writer takes from the model."""
        rows = self.con.execute(f"PRAGMA table_info({table})").fetchall()
        return {name: 0 for _, name, kind, needed, _, key in rows if needed and not key and kind == "INTEGER"}

    def _child_rows(self, name: str, rows: list[Any]) -> collections.Rows:
        if name == "tags":
            return [{"tag_id": self.tag(tag)} for tag in rows]
        if name in ("emails", "phones", "socials"):
            return [{"value": text, "value_norm": fold(text).replace(" ", ""), "label": None, "extension": None,
                     "is_primary": int(place == 0), "status": None} for place, text in enumerate(rows)]  # fmt: skip
        return [{**dict.fromkeys(("is_primary", "is_active", "is_main", "remind"), 0), **row} for row in rows]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "empty.db"
    upgrade(path, Manner(ZONE))
    return path


@pytest.fixture
def world(template: Path, tmp_path: Path) -> Iterator[World]:
    """A builder on an empty store in memory, with the clock fixed at ``NOW``."""
    clock.fix(NOW)
    con = sqlite3.connect(":memory:", isolation_level=None)
    source = sqlite3.connect(template)
    source.backup(con)
    source.close()
    register(con, ZONE)
    con.execute("PRAGMA foreign_keys=ON")
    yield World(con)
    con.close()
    clock.fix(None)
