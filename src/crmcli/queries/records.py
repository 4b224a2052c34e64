"""Records read whole or in lists: one query for the rows, one per 500 rows for each kind of child row and name.

A presented record is a dict by field key. A reference is two keys: ``organization``, its name, and
``organization_ref``, what to type; users are named by their handle, stages and pipelines are typed by their key.
Custom fields are one object under ``custom``. Which text means which record belongs to ``references``.
"""

import sqlite3
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from crmcli.conditions.expression import Clause
from crmcli.conditions.scope import Fields
from crmcli.domain.rows import Rows, Streamed
from crmcli.domain.schema import Entity
from crmcli.queries.columns import Shown, find_operand, order_sql
from crmcli.queries.fields import custom_fields
from crmcli.queries.reading import Reading
from crmcli.store.reader import fetch_columns

__all__ = ["ListQuery", "Page", "Shown", "count_records", "default_columns", "get_record", "list_records"]

_CHUNK = 500  # rows read before their child rows and names are fetched together


class ListQuery(NamedTuple):
    """What a list asks for.

    ``sort`` names columns, ``-`` before one turns it round; ties are broken by id, the newest first where the last
    instant named is. Without ``sort`` records come by id, oldest first, which touches no more rows than are shown.
    Empty values come last either way. ``columns`` without names means those for people. ``deleted`` lists deleted
    records too. ``portable`` is for files that other stores read as well; see ``Reading``.
    """

    where: Clause | None = None
    sort: str = ""
    columns: tuple[str, ...] = ()
    limit: int | None = None
    offset: int = 0
    deleted: bool = False
    portable: bool = False


class Page(NamedTuple):
    """Rows of presented values, with ref, id and uid in each, and ``currency`` beside money; they are read once."""

    columns: tuple[Shown, ...]
    cursor: sqlite3.Cursor
    reading: Reading
    count_all: Callable[[], int]

    @property
    def rows(self) -> Streamed:
        """The rows as they are read."""
        chunks = iter(partial(self.cursor.fetchmany, _CHUNK), [])
        return Streamed(self.reading.present(list(zip(*chunk, strict=True))) for chunk in chunks)

    @property
    def whole(self) -> Rows:
        """All the rows, in memory."""
        return self.reading.present(fetch_columns(self.cursor))

    @property
    def total(self) -> int:
        """How many records meet the condition, whatever the limit; counted when asked."""
        return self.count_all()


def get_record(
    con: sqlite3.Connection, entity: Entity, record_id: int, fields: Iterable[str] | None = None
) -> dict[str, object] | None:
    """Return one presented record, deleted ones too; None when there is none. All fields, or those that are named."""
    columns = tuple(entity.fields) if fields is None else tuple(fields)
    this = Clause("r.id = :record_id", {"record_id": record_id})
    return next(list_records(con, entity, ListQuery(this, columns=columns, deleted=True)).rows, None)


def list_records(con: sqlite3.Connection, entity: Entity, query: ListQuery) -> Page:
    """Return the records that meet a condition; UsageError names a column or an order that does not exist."""
    columns = query.columns or default_columns(entity, machine=False)
    reading = Reading(con, entity, columns, portable=query.portable)
    sql = (
        f"SELECT {', '.join(reading.sql)} FROM {entity.table} r WHERE {_where(query)}"
        f" ORDER BY {_order(con, entity, query.sort)} LIMIT :row_limit OFFSET :row_offset"
    )
    limit = -1 if query.limit is None else query.limit
    parameters = {**_parameters(query), "row_limit": limit, "row_offset": query.offset}
    cursor = con.execute(sql, parameters)
    return Page(tuple(reading.shown), cursor, reading, lambda: count_records(con, entity, query))


def count_records(con: sqlite3.Connection, entity: Entity, query: ListQuery) -> int:
    """Return how many records meet the condition of a query, whatever its limit."""
    sql = f"SELECT COUNT(*) FROM {entity.table} r WHERE {_where(query)}"
    count: int = con.execute(sql, _parameters(query)).fetchone()[0]
    return count


def default_columns(entity: Entity, machine: bool) -> tuple[str, ...]:
    """Return the columns of a list that names none: a few for people; for programs all but costly derived figures."""
    if not machine:
        return entity.columns
    return tuple(key for key, field in entity.fields.items() if not field.derived or key in entity.columns)


def _where(query: ListQuery) -> str:
    living = "TRUE" if query.deleted else "r.deleted_at IS NULL"
    return f"{living} AND {query.where.sql}" if query.where else living


def _parameters(query: ListQuery) -> dict[str, object]:
    return dict(query.where.parameters) if query.where else {}


def order_of(con: sqlite3.Connection, entity: Entity, name: str) -> str:
    """Return the expression by which a column is sorted, upwards."""
    fields = Fields(None, custom_fields(con))
    return order_sql(find_operand(name, entity, fields), fields)


def _order(con: sqlite3.Connection, entity: Entity, sort: str) -> str:
    """Return the ORDER BY terms of ``amount,-created_at``: empty values last, ties by id, which follows the time."""
    if not sort.strip():
        return "r.id"
    fields = Fields(None, custom_fields(con))
    terms, tie = [], "ASC"
    for name in filter(None, map(str.strip, sort.split(","))):
        operand = find_operand(name.removeprefix("-"), entity, fields)
        direction = "DESC" if name.startswith("-") else "ASC"
        tie = direction if operand.field.type == "instant" else tie
        terms.append(f"{order_sql(operand, fields)} {direction} NULLS LAST")
    return ", ".join([*terms, f"r.id {tie}"])
