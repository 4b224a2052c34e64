"""What every table shares: identity, ownership, times, version; and how a table class is finished."""

from typing import Any, ClassVar, NamedTuple

from pydantic import ConfigDict
from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from crmcli.model.columns import instant, integer, json, ref, text

SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

STRICT: dict[str, Any] = {"sqlite_strict": True}
COUNTED: dict[str, Any] = {"sqlite_strict": True, "sqlite_autoincrement": True}  # ids are never given twice


class Derived(NamedTuple):
    """A field computed on reading; ``sql`` is an expression over alias ``r``."""

    key: str
    type: str
    label: str
    sql: str
    ref: str = ""
    enum: str = ""
    writable: bool = False  # a writer may set it by another way, as the organization of a contact
    option: bool = False
    aliases: tuple[str, ...] = ()


class Collection(NamedTuple):
    """A multi-valued field kept in a child table; ``store.collections`` knows the tables."""

    key: str
    type: str  # emails, phones, socials, tags, links, rows
    label: str
    writable: bool = True


class Described(NamedTuple):
    """How the product names an entity and shows it."""

    entity: str
    noun: str
    letter: str
    label: str
    plural: str
    title: str  # SQL expression over alias r
    columns: tuple[str, ...]  # default columns of a list
    derived: tuple[Derived, ...] = ()
    collections: tuple[Collection, ...] = ()


class Input(SQLModel):
    """Validated input: strict types, unknown names refused, built on first use."""

    model_config = ConfigDict(defer_build=True, strict=True, extra="forbid")  # type: ignore[assignment]  # SQLModel narrows the type of its config
    about: ClassVar[Described]


class Stored(SQLModel):
    """Columns of every stored row that is journalled."""

    id: int | None = Field(
        default=None, primary_key=True, sa_column_kwargs={"info": {"type": "int", "label": "Number", "writable": False}}
    )
    uid: str = text("Identity", required=True, index=True, writable=False)
    created_at: str = instant("Created", required=True, writable=False)
    created_by_id: int | None = ref("Created by", "user", "app_user", index=False, writable=False)
    updated_at: str = instant("Updated", required=True, writable=False)
    updated_by_id: int | None = ref("Updated by", "user", "app_user", index=False, writable=False)
    version: int = integer("Version", default=1, writable=False)
    deleted_at: str | None = instant("Deleted", writable=False)


class Owned(Stored):
    """Columns of every record that people work on."""

    owner_id: int | None = ref("Owner", "user", "app_user", option=True)
    team_id: int | None = integer("Team", writable=False)
    merged_into_id: int | None = integer("Merged into", writable=False)
    custom: str | None = json("Custom fields")


def stored(cls: type[SQLModel]) -> Any:
    """Finish a table class: references are checked at commit, days and truths by the table, indexes stay small."""
    table = cls.__table__  # type: ignore[attr-defined]  # set by SQLModel on table classes
    for constraint in table.foreign_key_constraints:
        constraint.deferrable, constraint.initially = True, "DEFERRED"
    for column in table.columns:
        rule = _CHECKS.get(column.info.get("type", ""))
        if rule:
            table.append_constraint(CheckConstraint(rule.format(column.name), name=column.name))
    for index in table.indexes:
        (first, *others) = index.columns
        if first.nullable and not others:  # most rows leave a reference empty: do not index what is not there
            index.dialect_options["sqlite"]["where"] = first.is_not(None)
    return cls


_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
_CHECKS = {
    "date": f"{{0}} GLOB '{_DAY}'",
    "instant": f"{{0}} GLOB '{_DAY}T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
    "bool": "{0} IN (0, 1)",
    "percent": "{0} BETWEEN 0 AND 10000",
}
