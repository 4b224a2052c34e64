"""Columns of a list: names resolved to fields, the SQL that reads them, and how a row of the store becomes cells.

Names are those of conditions: keys and aliases, hops such as ``organization.country``, custom fields by their key.
Which rows are read belongs to ``records``.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from crmcli.conditions.clause import value
from crmcli.conditions.operands import Hop, Operand, resolve, title
from crmcli.conditions.scope import Fields
from crmcli.conditions.tokens import Source
from crmcli.conditions.tree import Path
from crmcli.domain.schema import Entity, Field
from crmcli.errors import ConditionError, UsageError
from crmcli.queries.children import present_children
from crmcli.queries.fields import custom_fields
from crmcli.queries.labels import Labels, own_ref_sql
from crmcli.queries.present import is_plain, present

Cell = Callable[[Sequence[Any]], object]  # a row of the store to a presented value
_SORTED_BY_POSITION = frozenset({"stage", "pipeline"})


class Shown(NamedTuple):
    """A column of a list: the key of its values in the rows, its label and the type of its field."""

    key: str
    label: str
    type: str


def find_operand(name: str, entity: Entity, fields: Fields) -> Operand:
    """Return the field that a name means, seen from an entity; UsageError with the nearest names when there is none."""
    try:
        return resolve(Path(tuple(name.split(".")), 0), entity, fields, Source(name))
    except ConditionError as error:
        raise UsageError(error.problem, hint=error.hint, code="field.unknown") from None


def order_sql(operand: Operand, fields: Fields) -> str:
    """Return the expression by which a column is sorted: folded text, enums and stages in their own order."""
    field, stored = operand.field, value(operand.hops, operand.field.sql)
    if field.multi:
        raise UsageError(f"a list cannot be sorted by {operand.path}", code="field.unsortable")
    if field.type == "ref":
        hops = (*operand.hops, Hop(field, fields.entity(field.ref)))
        if field.ref in _SORTED_BY_POSITION:
            return value(hops, "r.position")
        return f"fold({value(hops, title(operand, hops[-1].target).field.sql)})"
    if field.type == "enum" and field.enum:
        from crmcli.domain.enums import values  # the lists are needed only for their order

        places = " ".join(f"WHEN '{key}' THEN {place}" for place, key in enumerate(values(field.enum)))
        return f"CASE {stored} {places} END"
    if operand.path == "ref":
        return "r.id"
    return f"fold({stored})" if field.type == "text" else stored


class Reading:
    """What a list reads of each record, and how it turns rows of the store into rows of presented values.

    ``sql`` holds the expressions after SELECT; every row has ref, id and uid, and ``currency`` beside money.
    """

    def __init__(self, con: sqlite3.Connection, entity: Entity, names: Iterable[str]) -> None:
        self._con = con
        self._entity = entity
        self._labels = Labels(con)
        self._customs = custom_fields(con)
        self._fields = Fields(None, self._customs)
        self._children: list[tuple[Operand, int]] = []  # collections, with where the id of their record is
        self._loaded: dict[str, Mapping[int, list[object]]] = {}
        self._references: list[tuple[str, int]] = []  # entities pointed to, with where the id is
        self.sql: list[str] = []
        self.shown: list[Shown] = []
        self._cells: dict[str, Cell] = {}
        self._read("ref", own_ref_sql(entity))
        self._read("id", "r.id")
        self._read("uid", "r.uid")
        for name in names:
            self._add(find_operand(name, entity, self._fields))

    def present(self, rows: Sequence[Sequence[Any]]) -> list[dict[str, object]]:
        """Return rows of the store, as selected by ``sql``, as rows of presented values."""
        self._labels.forget()
        for operand, at in self._children:
            ids = list({row[at] for row in rows if row[at] is not None})
            self._loaded[operand.path] = present_children(
                self._con, operand.field, operand.entity.name, ids, self._labels
            )
        for entity, at in self._references:
            self._labels.want(entity, (row[at] for row in rows))
        cells = list(self._cells.items())
        return [{key: cell(row) for key, cell in cells} for row in rows]

    def _add(self, operand: Operand) -> None:
        path, field = operand.path, operand.field
        self.shown.append(Shown(path, _label(operand), field.type))
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
            self._cells[key] = lambda row: present(field, row[at], None)

    def _add_children(self, operand: Operand) -> None:
        at = self._select(value(operand.hops[:-1], operand.hops[-1].reference.sql) if operand.hops else "r.id")
        self._children.append((operand, at))
        self._cells[operand.path] = lambda row: self._loaded[operand.path].get(row[at], [])

    def _add_reference(self, operand: Operand) -> None:
        target, labels = operand.field.ref, self._labels
        at = self._select(value(operand.hops, operand.field.sql))
        self._references.append((target, at))
        self._cells[operand.path] = lambda row: labels.name(target, row[at])
        self._cells[f"{operand.path}_ref"] = lambda row: labels.ref(target, row[at])

    def _add_money(self, operand: Operand) -> None:
        field = operand.field
        at = self._select(value(operand.hops, field.sql))
        currency = self._currency(operand)
        self._cells[operand.path] = lambda row: present(field, row[at], None if currency is None else row[currency])

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

        def read(row: Sequence[Any]) -> object:
            unit = None if money_at is None else row[money_at]
            stored = loads(row[at]) if row[at] else {}
            return {key: present(known.get(key, _TEXT), item, unit) for key, item in stored.items()}

        self._cells[operand.path] = read


_TEXT = Field("", "text", "")


def _label(operand: Operand) -> str:
    """Return the heading of a column: that of the field, after those of the references on the way."""
    return " ".join([*(hop.reference.label for hop in operand.hops), operand.field.label])
