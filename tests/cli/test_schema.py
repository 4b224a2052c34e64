import json
import sqlite3
from typing import Any

import pytest

from crmcli.catalogue import ENTITIES
from tests.cli.workspace import Workspace

RECORDS = {
    "org": ["Acme"],
    "contact": ["Anna Rossi", "--email", "anna@example.com"],
    "lead": ["Bruno Verdi", "--expected-amount", "12k"],
    "deal": ["Support", "--org", "O1", "--amount", "12k"],
    "task": ["Call", "--for", "O1", "--due", "2026-03-20"],
    "event": ["Fair", "--start", "2026-05-04"],
}


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Say whether a value has the type that a schema tells; as much of JSON Schema as ours use."""
    if "anyOf" in schema:
        return any(fits(value, one) for one in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    types = schema.get("type", [])
    names = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    name = names.get(type(value), "object")
    wanted = [types] if isinstance(types, str) else types
    return not wanted or name in wanted or (name == "integer" and "number" in wanted)


def test_records_are_as_their_schema_says(workspace: Workspace) -> None:
    for noun, words in RECORDS.items():
        workspace.ok(noun, "add", *words)
    for noun in RECORDS:
        schema = json.loads(workspace.ok("schema", "json", noun))
        for document in (workspace.json(noun, "list")[0], workspace.json(noun, "show", "1")):
            assert set(schema["required"]) <= document.keys()
            for key, value in document.items():
                assert key in schema["properties"], key
                assert fits(value, schema["properties"][key]), (key, value)


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=lambda entity: str(entity.noun))
def test_every_noun_has_a_schema(workspace: Workspace, entity: Any) -> None:
    schema = json.loads(workspace.ok("schema", "json", entity.noun))
    assert schema["title"] == entity.label
    assert schema["properties"].keys() >= entity.fields.keys()


def test_custom_fields_are_in_it(workspace: Workspace) -> None:
    workspace.ok("field", "add", "lead", "budget", "--type", "money", "--label", "Budget")
    custom = json.loads(workspace.ok("schema", "json", "lead"))["properties"]["custom"]
    assert custom["properties"]["budget"] == {"title": "Budget", "type": ["number", "null"]}


def test_an_unknown_noun(workspace: Workspace) -> None:
    assert "did you mean lead?" in workspace.refused(2, "schema", "json", "leed")


def test_sql_makes_an_empty_store(workspace: Workspace) -> None:
    con = sqlite3.connect(":memory:")
    con.create_function("fold", 1, str, deterministic=True)
    con.executescript(workspace.ok("schema", "sql"))
    tables = {row[0] for row in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables >= {entity.table for entity in ENTITIES.values()}
    con.close()


def test_diagram_names_every_entity_and_link(workspace: Workspace) -> None:
    lines = workspace.ok("schema", "diagram").splitlines()
    assert lines[0] == "erDiagram"
    assert {f"    {name} {{" for name in ENTITIES} <= set(lines)
    assert '    organization |o--o{ deal : "organization"' in lines
