"""How a list reads its columns: the SQL that selects them, and how a row of the store becomes presented values.

Which rows are read belongs to ``records``, what the names of columns mean to ``columns``.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import value
from crmcli.conditions.operands import Operand
from crmcli.conditions.scope import Fields
from crmcli.domain.columns import Later
from crmcli.domain.rows import Rows
from crmcli.domain.schema import Entity, Field
from crmcli.queries.columns import Shown, find_operand, heading
from crmcli.queries.fields import custom_fields
from crmcli.queries.labels import Labels, has_id_in_ref, own_ref_sql, refs_of
from crmcli.queries.present import is_plain, present, present_column

Columns = Sequence[Sequence[Any]]  # the rows of a chunk turned round: what each expression yielded, row by row
Cells = Callable[[Columns], Sequence[object]]  # the presented values of one key, row by row
_TEXT = Field("", "text", "")  # what a value is whose custom field is gone


class Reading:
    """What a list reads of each record, and how it turns rows of the store into rows of presented values.

    ``sql`` holds the expressions after SELECT; every row has ref, id and uid, and ``currency`` beside money. What is
    ``portable`` has more columns: beside the name of a record its ref and uid, beside addresses their labels.
    """

    def __init__(self, con: sqlite3.Connection, entity: Entity, names: Iterable[str], *, portable: bool) -> None:
        self._con = con
        self._portable = portable
        self._labels = Labels(con, with_uids=portable)
        self._customs = custom_fields(con)
        self._fields = Fields(None, self._customs)
        self._children: list[tuple[Operand, int]] = []  # collections, with where the id of their record is
        self._loaded: dict[str, Mapping[int, list[object]]] = {}
        self._references: list[tuple[str, int]] = []  # entities pointed to, with where the id is
        self.sql: list[str] = []
        self.shown: list[Shown] = []
        self._cells: dict[str, Cells] = {}
        self._read_ref(entity)
        self._read("id", "r.id")
        self._read("uid", "r.uid")
        for name in names:
            self._add(find_operand(name, entity, self._fields))

    def present(self, columns: Columns) -> Rows:
        """Return the columns that ``sql`` selected of some rows of the store as rows of presented values.

        Most columns are what they are in the store, and cost nothing.
        """
        self._labels.forget()
        for operand, at in self._children:
            self._load(operand, list(set(columns[at]) - {None}))
        for entity, at in self._references:
            self._labels.want(entity, columns[at])
        return Rows({key: read(columns) for key, read in self._cells.items()})

    def _load(self, operand: Operand, ids: list[int]) -> None:
        """Read a collection of some records."""
        from crmcli.queries.children import present_children, present_labels  # many lists have none

        path, entity = operand.path, operand.entity.name
        self._loaded[path] = present_children(self._con, operand.field, entity, ids, self._labels)
        if self._has_labels(operand.field):
            self._loaded[f"{path}_labels"] = present_labels(self._con, operand.field, entity, ids)

    def _add(self, operand: Operand) -> None:
        path, field = operand.path, operand.field
        self.shown.append(Shown(path, heading(operand), field.type))
        if path in self._cells:
            return
        if field.multi:
            self._add_children(operand)
        elif field.type == "ref":
            self._add_reference(operand)
        elif field.type == "money":
            self._add_money(operand)
        elif field.column == "custom":
            self._add_customs(operand)
        else:
            self._read(path, value(operand.hops, field.shown or field.sql), field)

    def _select(self, sql: str) -> int:
        if sql not in self.sql:
            self.sql.append(sql)
        return self.sql.index(sql)

    def _read(self, key: str, sql: str, field: Field | None = None) -> None:
        at = self._select(sql)
        if field is None or is_plain(field):
            self._cells[key] = itemgetter(at)
        else:
            self._cells[key] = lambda columns: present_column(field, columns[at])

    def _read_ref(self, entity: Entity) -> None:
        """Read the ref of the record itself, which is often made of the id."""
        if not has_id_in_ref(entity):
            self._read("ref", own_ref_sql(entity))
            return
        at = self._select("r.id")
        self._cells["ref"] = lambda columns: Later(len(columns[at]), lambda: refs_of(entity, columns[at]))

    def _add_children(self, operand: Operand) -> None:
        at = self._select(value(operand.hops[:-1], operand.hops[-1].reference.sql) if operand.hops else "r.id")
        self._children.append((operand, at))
        keys = [operand.path, *([f"{operand.path}_labels"] if self._has_labels(operand.field) else ())]
        for key in keys:
            self._cells[key] = self._collection(key, at)
        self.shown += [Shown(key, key, "tags") for key in keys[1:]]

    def _collection(self, key: str, at: int) -> Cells:
        return lambda columns: [self._loaded[key].get(record_id, []) for record_id in columns[at]]

    def _has_labels(self, field: Field) -> bool:
        return self._portable and field.type in ("emails", "phones")

    def _add_reference(self, operand: Operand) -> None:
        target, labels = operand.field.ref, self._labels
        at = self._select(value(operand.hops, operand.field.sql))
        self._references.append((target, at))
        self._cells[operand.path] = lambda columns: labels.names(target, columns[at])
        self._cells[f"{operand.path}_ref"] = lambda columns: labels.refs(target, columns[at])
        if self._portable and ENTITIES[target].letter:
            self._cells[f"{operand.path}_uid"] = lambda columns: labels.uids(target, columns[at])
            self.shown += [Shown(f"{operand.path}_{key}", f"{operand.path} {key}", "text") for key in ("ref", "uid")]

    def _add_money(self, operand: Operand) -> None:
        field = operand.field
        at = self._select(value(operand.hops, field.sql))
        currency = self._currency(operand)

        def read(columns: Columns) -> Sequence[object]:
            return present_column(field, columns[at], *([] if currency is None else [columns[currency]]))

        self._cells[operand.path] = read

    def _currency(self, operand: Operand) -> int | None:
        """Make the currency of an amount part of the row and return where it is."""
        if operand.currency is None:
            return None
        at = self._select(value(operand.hops, operand.currency.field.sql))
        self._cells.setdefault(operand.currency.path, itemgetter(at))
        return at

    def _add_customs(self, operand: Operand) -> None:
        """Present the custom fields as one object, by their types as far as they are still defined."""
        from json import loads

        at = self._select(value(operand.hops, operand.field.sql))
        currency = operand.entity.find("currency")
        money_at = None if currency is None else self._select(value(operand.hops, currency.sql))
        known = self._customs.get(operand.entity.name, {})

        def read(stored: str | None, unit: str | None) -> object:
            items = loads(stored).items() if stored else ()
            return {key: _custom_value(known.get(key, _TEXT), item, unit) for key, item in items}

        self._cells[operand.path] = lambda columns: list(
            map(read, columns[at], repeat(None) if money_at is None else columns[money_at])
        )


def _custom_value(field: Field, stored: Any, currency: str | None) -> object:
    if field.type == "ref" and isinstance(stored, int):
        return ENTITIES[field.ref].ref(stored)
    return present(field, stored, currency)
