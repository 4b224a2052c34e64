"""Child rows of records as lists of plain dicts: how each multi-valued field is loaded and stored.

In a record's image a collection is a list of dicts with the content columns below, in order; that image is what the
journal keeps, so undo and redo restore child rows with the record they belong to.
"""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from crmcli.domain.columns import OneEach
from crmcli.store.among import among

Rows = list[dict[str, Any]]


class Child(NamedTuple):
    """A child table: which columns point to the record, which fixed values select the kind, what the content is."""

    table: str
    owner: str  # column holding the record's id
    entity: str  # column holding the record's entity, or empty
    content: tuple[str, ...]
    kind: str = ""  # fixed value of the column ``kind``
    order: str = "position"


_POINT = ("value", "value_norm", "label", "extension", "is_primary", "status")
CHILDREN = {
    "emails": Child("contact_point", "record_id", "entity", _POINT, "email"),
    "phones": Child("contact_point", "record_id", "entity", _POINT, "phone"),
    "socials": Child("contact_point", "record_id", "entity", _POINT, "social"),
    "tags": Child("tagging", "record_id", "entity", ("tag_id",), order="id"),
    "external_refs": Child("external_ref", "record_id", "entity", ("system", "external_id", "url"), order="id"),
    "organizations": Child(
        "organization_contact", "contact_id", "", ("organization_id", "role", "is_primary", "is_active")
    ),
    "contacts": Child("deal_contact", "deal_id", "", ("contact_id", "role")),
    "dates": Child("contact_date", "contact_id", "", ("label", "day", "remind")),
    "links": Child("activity_link", "activity_id", "activity_entity", ("entity", "record_id", "is_main", "role")),
    "attendees": Child("attendee", "event_id", "", ("entity", "record_id", "response")),
    "distinct_from": Child("distinction", "owner_id", "owner_entity", ("entity", "record_id"), order="id"),
}
POSITIONED = frozenset(name for name, child in CHILDREN.items() if child.order == "position")
_CHUNK = 500


def load(con: sqlite3.Connection, name: str, entity: str, ids: Sequence[int]) -> dict[int, Rows]:
    """Return the rows of one collection for many records, keyed by record id; records without rows are absent."""
    found: dict[int, Rows] = {}
    for start in range(0, len(ids), _CHUNK):
        _keep(found, CHILDREN[name].content, _fetched(con, name, entity, ids[start : start + _CHUNK]))
    return found


def load_column(con: sqlite3.Connection, name: str, entity: str, ids: Sequence[int]) -> Sequence[Rows]:
    """Return the rows of one collection, one list for each id: by column where no record has more than one."""
    content = CHILDREN[name].content
    rows = _fetched(con, name, entity, ids)
    own = {row[0]: row for row in rows}
    if not rows or len(own) < len(rows):
        found: dict[int, Rows] = {}
        _keep(found, content, rows)
        return [found.get(one, []) for one in ids]
    nothing = (None,) * (len(content) + 1)
    _, *columns = zip(*[own.get(one, nothing) for one in ids], strict=True)
    return OneEach(dict(zip(content, columns, strict=True)))


def remove_sql(name: str, entity: str, ids: Sequence[int]) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that deletes the rows of records in a collection, and what it binds."""
    child = CHILDREN[name]
    where, parameters = _selection(child, entity, ids)
    return f"DELETE FROM {child.table} WHERE {where}", parameters


def columns(name: str, entity: str, ids: Sequence[int], rows_of: Sequence[Rows]) -> dict[str, Sequence[Any]]:
    """Return the rows of many records, one list for each id, as the columns of their table."""
    child = CHILDREN[name]
    if isinstance(rows_of, OneEach):
        found = {column: rows_of.present(rows_of.rows[column]) for column in child.content}
        owners = rows_of.present(ids)
        places: Sequence[int] = [0] * len(owners)
    else:
        found = _content(child, list(chain.from_iterable(rows_of)))
        owners = [one for one, own in zip(ids, rows_of, strict=True) for _ in own]
        places = [place for own in rows_of for place in range(len(own))]
    found[child.owner] = owners
    if child.entity:
        found[child.entity] = [entity] * len(owners)
    if child.kind:
        found["kind"] = [child.kind] * len(owners)
    if name in POSITIONED:
        found["position"] = places
    return found


def _content(child: Child, rows: Rows) -> dict[str, Sequence[Any]]:
    """Return the content columns of rows; what a row lacks, such as one of an older journal, is NULL."""
    try:
        return {column: list(map(itemgetter(column), rows)) for column in child.content}
    except KeyError:
        return {column: [row.get(column) for row in rows] for column in child.content}


def _fetched(con: sqlite3.Connection, name: str, entity: str, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """Return the rows of records in a collection, each after the number of its owner."""
    child = CHILDREN[name]
    where, parameters = _selection(child, entity, ids)
    return con.execute(
        f"SELECT {child.owner}, {', '.join(child.content)} FROM {child.table}"
        f" WHERE {where} ORDER BY {child.owner}, {child.order}",
        parameters,
    ).fetchall()


def _keep(found: dict[int, Rows], content: Collection[str], rows: Iterable[tuple[Any, ...]]) -> None:
    for owner, *values in rows:
        found.setdefault(owner, []).append(dict(zip(content, values, strict=True)))


def _selection(child: Child, entity: str, ids: Sequence[int]) -> tuple[str, tuple[Any, ...]]:
    """Return the condition on the rows of records, and what it binds."""
    where, parameters = "", []
    if child.entity:
        where += f"{child.entity} = ? AND "
        parameters.append(entity)
    if child.kind:
        where += "kind = ? AND "
        parameters.append(child.kind)
    owned, numbers = among(child.owner, ids)
    return where + owned, (*parameters, *numbers)
