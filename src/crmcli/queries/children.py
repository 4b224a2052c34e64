"""Multi-valued fields in their presented form, for many records at once.

Tags, e-mails and phones are lists of text; other collections are lists of objects, in which a record is named by its
ref and its name. How child rows are stored is known to ``store.collections`` alone.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from crmcli.domain.lists import NOTHING
from crmcli.domain.schema import Field
from crmcli.queries.labels import Labels
from crmcli.store import collections

Row = Mapping[str, Any]
_POINTS = frozenset({"emails", "phones"})
_BY_COLUMN = {"tags": ("tag", "tag_id"), "organizations": ("organization", "organization_id"),
              "contacts": ("contact", "contact_id")}  # fmt: skip
_BY_ENTITY = frozenset({"links", "attendees", "distinct_from"})
_TRUTHS = frozenset({"is_primary", "is_active", "is_main", "remind"})


def present_children(
    con: sqlite3.Connection, field: Field, entity: str, ids: Sequence[int], names: Labels
) -> dict[int, list[object]]:
    """Return the presented values of one collection by record id; records without any are absent."""
    loaded = collections.load(con, field.key, entity, ids)
    _want(field.key, (row for rows in loaded.values() for row in rows), names)
    reader = _reader(field.key, names)
    return {record_id: [reader(row) for row in rows] for record_id, rows in loaded.items()}


def present_rows(key: str, rows: collections.Rows, names: Labels) -> list[object]:
    """Return one record's rows of a collection, as ``store.collections`` and the journal hold them, presented."""
    _want(key, rows, names)
    return list(map(_reader(key, names), rows))


def present_labels(con: sqlite3.Connection, field: Field, entity: str, ids: Sequence[int]) -> dict[int, list[object]]:
    """Return the labels of e-mails or phones by record id, in their order; ``-`` where there is none."""
    loaded = collections.load(con, field.key, entity, ids)
    return {record_id: [row["label"] or NOTHING for row in rows] for record_id, rows in loaded.items()}


def stored_texts(con: sqlite3.Connection, field: Field, entity: str, ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the values of records as the texts that conditions compare, by id: normal forms, and names of tags."""
    return texts_of(con, field, collections.load(con, field.key, entity, ids))


def texts_of(con: sqlite3.Connection, field: Field, rows_of: Mapping[int, collections.Rows]) -> dict[int, list[str]]:
    """Return what ``stored_texts`` does for rows that are known, by the id of their record."""
    names = Labels(con)
    column = "value_norm" if field.key in _POINTS else "value" if field.key == "socials" else ""
    return {
        record_id: [row[column] for row in rows] if column else list(map(str, present_rows(field.key, rows, names)))
        for record_id, rows in rows_of.items()
    }


def _want(key: str, rows: Iterable[Row], names: Labels) -> None:
    """Make the labels of the records known that the rows name."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if key in _BY_COLUMN:
            target, column = _BY_COLUMN[key]
            wanted.setdefault(target, set()).add(row[column])
        elif key in _BY_ENTITY:
            wanted.setdefault(row["entity"], set()).add(row["record_id"])
    for target, ids in wanted.items():
        names.want(target, ids)


def _reader(key: str, names: Labels) -> Callable[[Row], object]:
    """Return the function that presents one row of a collection."""
    if key in _POINTS:
        return lambda row: row["value"]
    if key == "tags":
        return lambda row: names.name("tag", row["tag_id"])
    if key in _BY_COLUMN:
        target, column = _BY_COLUMN[key]
        return lambda row: {
            target: names.name(target, row[column]),
            f"{target}_ref": names.ref(target, row[column]),
            **({f"{target}_uid": names.uid(target, row[column])} if names.with_uids else {}),
            **_rest(row, column),
        }
    if key in _BY_ENTITY:
        return lambda row: {
            "ref": names.ref(row["entity"], row["record_id"]),
            "name": names.name(row["entity"], row["record_id"]),
            **({"uid": names.uid(row["entity"], row["record_id"])} if names.with_uids else {}),
            **_rest(row, "record_id"),
        }
    return lambda row: _rest(row, "value_norm")


def _rest(row: Row, column: str) -> dict[str, object]:
    """Return a row as an object without a column that has made way for names, truths as such."""
    return {key: bool(value) if key in _TRUTHS else value for key, value in row.items() if key != column}
