"""The registry of references knows every column of the model that can point to a record."""

from sqlalchemy import Integer
from sqlmodel import SQLModel

from crmcli.model import automation, journal, snapshot
from crmcli.model.registry import load_all
from crmcli.queries.fields import custom_fields
from crmcli.services.referrers import find_referrer, pointers
from crmcli.store.collections import CHILDREN
from crmcli.store.reader import open_reader
from tests.services.world import Store

_HISTORY = {
    cls.__tablename__
    for module in (journal, automation, snapshot)
    for cls in vars(module).values()
    if isinstance(cls, type) and issubclass(cls, SQLModel) and hasattr(cls, "__table__")
}  # they tell what happened to a record, or was expected of it, under the number it had
_NO_RECORDS = {"team_id"}  # there are no teams
_CHAIN = {"merged_into_id"}


def test_every_reference_of_the_model_is_known(store: Store) -> None:
    load_all()
    with open_reader(store.path, "UTC") as con:
        known = {(pointer.table, pointer.member or pointer.key) for pointer in pointers(con)}
    owners = {(child.table, child.owner) for child in CHILDREN.values()}
    missing = (
        {
            (table.name, column.name)
            for table in SQLModel.metadata.tables.values()
            if table.name not in _HISTORY
            for column in table.columns
            if isinstance(column.type, Integer) and (column.name.endswith("_id") or column.foreign_keys)
        }
        - known
        - owners
    )
    assert {name for _, name in missing} <= _NO_RECORDS | _CHAIN


def test_every_custom_reference_is_known(store: Store) -> None:
    store.add("custom_field", entity="task", key="guide", label="Guide", type="ref", options=["contact"])
    store.add("contact", last_name="Rossi")
    store.add("task", subject="Call", guide=1)
    with open_reader(store.path, "UTC") as con:
        assert custom_fields(con)["task"]["guide"].ref == "contact"
        assert find_referrer(con, "contact", [1]) == (1, "task", 1)


def test_a_tag_is_pointed_to_by_what_is_tagged(store: Store) -> None:
    store.add("contact", last_name="Rossi", tags=["vip"])
    with open_reader(store.path, "UTC") as con:
        assert find_referrer(con, "tag", [1]) == (1, "contact", 1)
