"""The one registry of references: every column, of records and of their child rows, that can point to a record.

It is derived from the catalogue, the child tables and the custom fields of a store, so that a new reference is known
here as soon as it is there. The journal, the state log and the memory of imports tell of records and do not refer to
them: they keep the number that a record had.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.queries.fields import custom_fields, value_sql
from crmcli.store.among import among
from crmcli.store.collections import CHILDREN

_CHUNK = 1000
_SUFFIX = "_id"
_ANY = ""
_MERGED = "merged_into_id"


class Pointer(NamedTuple):
    """Where records of a kind, the source, hold ids of other records.

    In the image of a source ``key`` is a column, a collection, or ``custom``; ``member`` is then the column of the
    collection's rows, or the key of the custom field. A ``target`` that is empty stands in the column ``entity`` of
    each row. The others are SQL over alias ``r``: where the ids are, which rows count, whose they are.
    """

    source: str
    target: str
    key: str
    member: str
    table: str
    value: str
    owner: str
    scope: str = ""

    def picking(self, entity: str) -> str:
        """Return the condition that picks the rows which point to a kind of record."""
        parts = [self.scope, "" if self.target else f"r.entity = '{entity}'"]
        return "".join(f"{part} AND " for part in parts if part)


def pointers_to(con: sqlite3.Connection, entity: str) -> Iterator[Pointer]:
    """Yield every place of a store that can point to records of a kind."""
    return (pointer for pointer in pointers(con) if pointer.target in (entity, _ANY))


def pointers(con: sqlite3.Connection) -> Iterator[Pointer]:
    """Yield every place of a store that can point to records."""
    customs = custom_fields(con)
    for source in ENTITIES.values():
        for field in source.fields.values():
            if field.ref and field.column:
                column = field.column
                yield Pointer(source.name, field.ref, column, "", source.table, f"r.{column}", "r.id")
            elif field.multi:
                yield from _in_rows(source.name, field.key)
        for key, field in customs.get(source.name, {}).items():
            if field.ref:
                yield Pointer(source.name, field.ref, "custom", key, source.table, value_sql(key), "r.id")


def find_referrer(con: sqlite3.Connection, entity: str, ids: Sequence[int]) -> tuple[int, str, int] | None:
    """Return one of the ids that is pointed to, with the kind and number of the record that points; None if free.

    A record that was merged into one of them points to it, too.
    """
    for pointer in (*pointers_to(con, entity), *_merges(entity)):
        found = next(referrers(con, pointer, entity, ids), None)
        if found:
            return found[0], pointer.source, found[1]
    return None


def referrers(con: sqlite3.Connection, pointer: Pointer, entity: str, ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield which of the ids are pointed to from one place, each with the number of the record that points."""
    sql = f"SELECT {pointer.value}, {pointer.owner} FROM {pointer.table} r WHERE {pointer.picking(entity)}"
    for portion in (
        [ids] if isinstance(ids, range) else [ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK)]
    ):
        where, numbers = among(pointer.value, portion)
        yield from con.execute(sql + where, numbers)


def _merges(entity: str) -> Iterator[Pointer]:
    """Yield where a merged record tells its survivor. A chain of merges stays as it is, so no other merge moves it."""
    kind = ENTITIES[entity]
    if _MERGED in kind.fields:
        yield Pointer(entity, entity, _MERGED, "", kind.table, f"r.{_MERGED}", "r.id")


def _in_rows(source: str, name: str) -> Iterator[Pointer]:
    """Yield the places in the rows of a collection: columns called after a kind of record, or ``record_id`` of any."""
    child = CHILDREN[name]
    scopes = [f"r.{child.entity} = '{source}'"] if child.entity else []
    scopes += [f"r.kind = '{child.kind}'"] if child.kind else []
    for column in child.content:
        target = _ANY if column == "record_id" else column.removesuffix(_SUFFIX)
        if column.endswith(_SUFFIX) and (target in ENTITIES or target == _ANY):
            yield Pointer(
                source, target, name, column, child.table, f"r.{column}", f"r.{child.owner}", " AND ".join(scopes)
            )
