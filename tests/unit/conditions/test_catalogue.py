"""Every field of the real catalogue, with every operator it takes, as SQL that the real schema accepts."""

import sqlite3
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from crmcli.catalogue import ENTITIES
from crmcli.conditions.condition import Scope, compile
from crmcli.conditions.operators import kind, operators
from crmcli.domain.enums import values
from crmcli.domain.schema import Entity, Field
from crmcli.model import registry
from crmcli.store.functions import register
from tests.unit.conditions.world import NOW

LITERALS = {"emails": "anna@example.com", "phones": "'02 1234567'", "date": "today", "instant": "-14d", "bool": "yes"}
LITERALS |= dict.fromkeys(("int", "decimal", "rate", "money", "percent"), "10")
FIELDS = [(entity, field) for entity in ENTITIES.values() for field in entity.fields.values()]
FORMS = {"in": "in [{0}]", "between": "between {0} and {0}", "has": "has [{0}]"}


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    con = sqlite3.connect(":memory:")
    registry.load_all()
    engine = create_engine("sqlite://", creator=lambda: con)
    SQLModel.metadata.create_all(engine)
    register(con, "Europe/Rome")
    yield con
    engine.dispose()


def literal(field: Field) -> str:
    if kind(field) == "enum":
        return f'"{values(field.enum)[0]}"'
    return LITERALS.get(kind(field), "x")


def run(connection: sqlite3.Connection, entity: Entity, text: str) -> None:
    condition = compile(text, entity, Scope(NOW, "Europe/Rome", "en", lambda _entity, _text: (1, 2)))
    sql, parameters = condition.clause()
    connection.execute(f"SELECT r.id FROM {entity.table} r WHERE {sql}", parameters).fetchall()
    condition.match(dict.fromkeys(condition.paths))


@pytest.mark.parametrize(("entity", "field"), FIELDS, ids=[f"{entity.name}.{field.key}" for entity, field in FIELDS])
def test_every_field_with_every_operator(connection: sqlite3.Connection, entity: Entity, field: Field) -> None:
    for operator in operators(field):
        run(connection, entity, f"{field.key} {FORMS.get(operator, operator + ' {0}').format(literal(field))}")
    if field.type != "rows":
        run(connection, entity, f"{field.key} is empty")
    if field.type == "ref":
        for further in ENTITIES[field.ref].fields.values():
            if further.type != "rows":
                run(connection, entity, f"{field.key}.{further.key} is not empty")


@pytest.mark.parametrize(
    ("entity", "text"),
    [
        ("deal", "stage = proposal and amount >= 10k and expected_close <= +30d"),
        ("lead", "rating = hot and not (source in [ads, event]) and tags has vip"),
        ("contact", "email is empty or phone is empty"),
        ("deal", "organization.country = IT and last_activity < -14d"),
        ("organization", "name ~ rossi and owner = me"),
        ("lead", "created between 2026-01-01 and 2026-03-31"),
        ("deal", "closed <= 2026-03-31 and pipeline.is_default and organization.parent.owner ~ anna"),
    ],
)
def test_the_examples_of_the_language(connection: sqlite3.Connection, entity: str, text: str) -> None:
    run(connection, ENTITIES[entity], text)
