"""A small catalogue with a field of every type, a store for it, and the records of both back ends made from one value.

``thing`` is the record in question; it belongs to a ``company``, which may have a parent company.
"""

import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crmcli.conditions.condition import Condition, Scope, compile
from crmcli.domain.schema import Entity, Field
from crmcli.domain.text import fold
from crmcli.errors import NotFoundError
from crmcli.store.functions import register

NOW = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)
STAGES = {"potential": (1,), "proposal": (2, 5), "quote_sent": (2,), "won": (3,)}


def _stored(key: str, kind: str, column: str = "", **more: Any) -> Field:
    column = column or key
    return Field(key, kind, key.capitalize(), column=column, sql=f"r.{column}", **more)


def _entity(name: str, title: str, fields: list[Field]) -> Entity:
    by_key = {field.key: field for field in fields}
    return Entity(name, name, name, name[0].upper(), name, f"{name}s", title, (), by_key)


COMPANY = _entity(
    "company",
    "COALESCE(r.name, 'r.nameless')",
    [
        _stored("name", "text"),
        _stored("country", "text"),
        _stored("revenue", "money", "revenue_minor"),
        _stored("currency", "text"),
        _stored("parent", "ref", "parent_id", ref="company"),
        Field("tags", "tags", "Tags"),
    ],
)
THING = _entity(
    "thing",
    "r.name",
    [
        _stored("name", "text", aliases=("title",)),
        _stored("city", "text"),
        _stored("source", "enum", enum="source"),
        _stored("rating", "enum", enum="rating"),
        _stored("score", "int"),
        _stored("quantity", "decimal"),
        _stored("amount", "money", "amount_minor"),
        _stored("currency", "text"),
        _stored("probability", "percent", "probability_bp"),
        _stored("active", "bool", aliases=("on",)),
        _stored("expected_close", "date"),
        _stored("created_at", "instant", aliases=("created",)),
        _stored("stage", "ref", "stage_id", ref="stage"),
        _stored("company", "ref", "company_id", ref="company"),
        _stored("custom", "json"),
        Field("half_score", "int", "Half the score", sql="r.score / 2"),
        Field("emails", "emails", "E-mails"),
        Field("phones", "phones", "Phones"),
        Field("socials", "socials", "Profiles"),
        Field("tags", "tags", "Tags"),
        Field("links", "links", "Links"),
        Field("external_refs", "rows", "Ids in other systems"),
    ],
)
STAGE = _entity("stage", "r.name", [_stored("name", "text"), _stored("kind", "enum", enum="stage_kind")])
ENTITIES = {entity.name: entity for entity in (COMPANY, THING, STAGE)}
CUSTOM = {
    "thing": {
        "budget": Field("budget", "int", "Budget", sql="json_extract(r.custom, '$.budget')"),
        "colours": Field("colours", "json", "Colours", sql="json_extract(r.custom, '$.colours')"),
        "size": Field("size", "enum", "Size", sql="json_extract(r.custom, '$.size')"),
    }
}
_CHILDREN = {"emails": "email", "phones": "phone", "socials": "social"}
_TABLES = """
CREATE TABLE company (id INTEGER PRIMARY KEY, name TEXT, country TEXT, revenue_minor INTEGER, currency TEXT,
    parent_id INTEGER) STRICT;
CREATE TABLE stage (id INTEGER PRIMARY KEY, name TEXT, kind TEXT) STRICT;
CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT, city TEXT, source TEXT, rating TEXT, score INTEGER,
    quantity TEXT, amount_minor INTEGER, currency TEXT, probability_bp INTEGER, active INTEGER, expected_close TEXT,
    created_at TEXT, stage_id INTEGER, company_id INTEGER, custom TEXT) STRICT;
CREATE TABLE contact_point (entity TEXT, record_id INTEGER, kind TEXT, value TEXT, value_norm TEXT) STRICT;
CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT, name_key TEXT) STRICT;
CREATE TABLE tagging (tag_id INTEGER, entity TEXT, record_id INTEGER) STRICT;
CREATE TABLE activity_link (activity_entity TEXT, activity_id INTEGER, entity TEXT, record_id INTEGER) STRICT;
"""


def resolve(entity: str, text: str) -> tuple[int, ...]:
    """Stand in for the store's search of records: stages by key, companies by ref."""
    if entity == "stage" and text in STAGES:
        return STAGES[text]
    if entity == "company" and text[:1].upper() == "C" and text[1:].isdecimal():
        return (int(text[1:]),)
    raise NotFoundError(entity, text)


def scope(**more: Any) -> Scope:
    given: dict[str, Any] = {"now": NOW, "zone": "Europe/Rome", "locale": "en", "resolve": resolve}
    return Scope(**{**given, "custom": CUSTOM, "entities": ENTITIES, **more})


def compiled(text: str, **more: Any) -> Condition:
    return compile(text, THING, scope(**more))


class Store:
    """A real store in memory, filled with things and companies given in stored form, keyed by field."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:")
        register(self.connection, "Europe/Rome")
        self.connection.executescript(_TABLES)
        for number, kind in enumerate(("open", "open", "won", "lost", "open"), 1):
            self.connection.execute("INSERT INTO stage VALUES (?, ?, ?)", (number, f"Stage {number}", kind))
        self._companies: dict[int, dict[str, Any]] = {}
        self.records: dict[int, dict[str, Any]] = {}

    def add_company(self, company: Mapping[str, Any]) -> int:
        number = len(self._companies) + 1
        self._companies[number] = dict(company)
        self._insert(COMPANY, number, company)
        return number

    def add(self, thing: Mapping[str, Any]) -> int:
        number = len(self.records) + 1
        self._insert(THING, number, thing)
        self.records[number] = self._record(thing)
        return number

    def selected(self, condition: Condition) -> set[int]:
        """Return the ids of the things that meet a condition, by SQL."""
        sql, parameters = condition.clause()
        assert all(row[0] in (0, 1) for row in self.connection.execute(f"SELECT {sql} FROM thing r", parameters))
        return {row[0] for row in self.connection.execute(f"SELECT r.id FROM thing r WHERE {sql}", parameters)}

    def matching(self, condition: Condition) -> set[int]:
        """Return the ids of the things that meet a condition, in memory."""
        return {
            number
            for number, record in self.records.items()
            if condition.match({path: record[path] for path in condition.paths})
        }

    def _insert(self, entity: Entity, number: int, values: Mapping[str, Any]) -> None:
        stored = [field for field in entity.fields.values() if field.column and field.key in values]
        columns = {field.column: values[field.key] for field in stored}
        marks = ", ".join("?" * (len(columns) + 1))
        names = ", ".join(["id", *columns])
        self.connection.execute(f"INSERT INTO {entity.table} ({names}) VALUES ({marks})", (number, *columns.values()))
        for field, kind in _CHILDREN.items():
            for value in values.get(field, ()):
                point = (entity.name, number, kind, value, value)
                self.connection.execute("INSERT INTO contact_point VALUES (?, ?, ?, ?, ?)", point)
        for tag in values.get("tags", ()):
            self.connection.execute("INSERT INTO tag (name, name_key) VALUES (?, ?)", (tag, fold(tag)))
            self.connection.execute("INSERT INTO tagging VALUES (last_insert_rowid(), ?, ?)", (entity.name, number))
        for link in values.get("links", ()):
            row = (entity.name, number, "company", link)
            self.connection.execute("INSERT INTO activity_link VALUES (?, ?, ?, ?)", row)

    def _record(self, thing: Mapping[str, Any]) -> dict[str, Any]:
        record: dict[str, Any] = {key: thing.get(key) for key in THING.fields}
        record["half_score"] = None if record["score"] is None else int(record["score"] / 2)
        custom = json.loads(thing.get("custom") or "{}")
        for key in CUSTOM["thing"]:
            value = custom.get(key)
            record[f"custom.{key}"] = json.dumps(value) if isinstance(value, list) else value
        stage = record["stage"]
        record["stage.title"] = f"Stage {stage}" if stage else None
        record["stage.kind"] = {1: "open", 2: "open", 3: "won", 4: "lost", 5: "open"}.get(stage)
        self._add_company(record, "company", thing.get("company"))
        self._add_company(record, "company.parent", record["company.parent"])
        return record

    def _add_company(self, record: dict[str, Any], path: str, number: int | None) -> None:
        company = self._companies.get(number or 0)
        for key in COMPANY.fields:
            record[f"{path}.{key}"] = company.get(key) if company else None
        record[f"{path}.title"] = None if company is None else company.get("name") or "r.nameless"
