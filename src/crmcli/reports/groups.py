"""The groups of ``--by``: the value that a record has in a field, and how it is named and ordered."""

import sqlite3
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from crmcli.catalogue import ENTITIES
from crmcli.conditions.operands import Operand
from crmcli.domain.schema import Entity, Field
from crmcli.errors import UsageError
from crmcli.queries.columns import Shown

if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction

T = TypeVar("T")
_EXPECTED = {  # the same as crm_bucket, but a day in no zone is as quickly told here
    "month": "substr(r.expected_close, 1, 7)",
    "quarter": "substr(r.expected_close, 1, 4) || '-Q' || ((substr(r.expected_close, 6, 2) + 2) / 3)",
}
TIMES = tuple(_EXPECTED)  # by which deals can be grouped
_POSITIONED = {
    "stage": "SELECT r.id FROM stage r JOIN pipeline p ON p.id = r.pipeline_id"
    " ORDER BY p.position, p.id, r.position, r.id",
    "pipeline": "SELECT r.id FROM pipeline r ORDER BY r.position, r.id",
}
_STAGES = "SELECT r.id, r.name, p.name, p.key || '/' || r.key FROM stage r JOIN pipeline p ON p.id = r.pipeline_id"


_UNGROUPED = frozenset({"instant", "json", "money"})  # types whose values are as many as the records
_OWN = frozenset({  # fields by which each record is told from the others
    "id", "ref", "uid", "version", "number", "name", "full_name", "subject", "title", "email", "phone", "description",
})  # fmt: skip
_USUAL = frozenset({"bool", "enum", "ref"})
_NOTHING = "NULL"


class Group(NamedTuple):
    """One group: its stored values (None for everything), its name (None without a value) and, of a record, its ref."""

    values: tuple[object, ...] | None
    label: object = None
    ref: str | None = None

    @property
    def value(self) -> object:
        """The stored value of a group that has one."""
        return self.values[0] if self.values else None

    @property
    def cells(self) -> dict[str, object]:
        """What a row tells of its group."""
        return {"group": self.label, **({"group_ref": self.ref} if self.ref else {})}


WHOLE = Group(None)


class Groups:
    """A grouping: ``sql`` yields the stored value over alias ``r``, ``field`` says what it means.

    Without either all records are one group, which has no value.
    """

    def __init__(self, sql: str = _NOTHING, field: Field | None = None) -> None:
        self.sql = sql
        self.field = field

    @property
    def are_keys(self) -> bool:
        """Whether each stored value is the id of a record or a word of a closed list, or none."""
        return self.sql == _NOTHING or (self.field is not None and self.field.type in ("ref", "enum"))

    def labelled(self, con: sqlite3.Connection, values: set[object]) -> list[Group]:
        """Return values as groups: stages and enums in their own order, others by name, those without a value last."""
        found = self._labelled(con, values)
        order = self._order(con)
        if order:
            return sorted(found, key=lambda group: (group.value is None, order.get(group.value, len(order))))
        told = [
            (group.value is None, label, str(group.ref), str(group.value))
            for group, label in zip(found, _sorting(group.label for group in found), strict=True)
        ]
        return [found[place] for place in sorted(range(len(found)), key=told.__getitem__)]

    def _labelled(self, con: sqlite3.Connection, values: set[object]) -> list[Group]:
        if self.field is None:
            return [Group((value,)) for value in values]
        if self.field.ref == "stage":
            return _stages(con, values)
        if self.field.ref:
            from crmcli.queries.labels import labels

            known = labels(con, ENTITIES[self.field.ref], [value for value in values if isinstance(value, int)])
            named = {value: known[value] for value in values if isinstance(value, int) and value in known}
            return [
                Group((value,), named[value].name, named[value].ref) if value in named else Group((value,))
                for value in values
            ]
        from crmcli.queries.present import present

        return [Group((value,), present(self.field, value, None)) for value in values]

    def _order(self, con: sqlite3.Connection) -> dict[object, int]:
        if self.field is None:
            return {}
        if self.field.ref in _POSITIONED:
            return {row[0]: place for place, row in enumerate(con.execute(_POSITIONED[self.field.ref]))}
        if self.field.enum:
            from crmcli.domain.enums import values

            return {key: place for place, key in enumerate(values(self.field.enum))}
        return {}


class Times(Groups):
    """Deals by the stretch of time (``domain.buckets``) in which they closed, or are to close while they are open."""

    def __init__(self, unit: str) -> None:
        closed = f"crm_bucket(r.closed_at, '{unit}')"
        super().__init__(f"CASE r.outcome WHEN 'open' THEN {_EXPECTED[unit]} ELSE {closed} END")

    def labelled(self, con: sqlite3.Connection, values: set[object]) -> list[Group]:
        """Return stretches of time in their order, what has no date last."""
        return [Group((value,), value) for value in sorted(values, key=lambda value: (value is None, value))]


def by_column(by: str, field: Field | None = None) -> Shown:
    """Return the column of the groups: a custom field is called by its label, others as ``by`` calls them."""
    words = field.label if field and by.startswith("custom.") else by.replace("_", " ").replace(".", " ")
    return Shown("group", words[:1].upper() + words[1:], "text")


def greatest(found: Iterable[T], value: "Callable[[T], Fraction | Decimal | int | None]", top: int | None) -> list[T]:
    """Return so many groups, those of the greatest value first and those without one last; without ``top`` all."""
    if top is None:
        return [*found]
    valued = [(value(one), one) for one in found]
    valued.sort(key=lambda pair: (pair[0] is None, -(pair[0] or 0)))
    return [one for _, one in valued[:top]]


def refuse_ungrouped(operand: Operand, entity: Entity) -> None:
    """Raise UsageError, naming fields that do, for one that makes a group of each record."""
    field = operand.field
    if not (field.multi or field.type in _UNGROUPED or operand.path in _OWN):
        return
    fields = entity.fields.values()
    usual = [known.key for known in fields if (known.type in _USUAL or known.options) and known.key not in _OWN]
    hint = f"by one of {', '.join(usual)}, or any other field that several records share"
    raise UsageError(f"figures cannot be grouped by {operand.path}", hint=hint, code="field.ungroupable")


def _stages(con: sqlite3.Connection, values: set[object]) -> list[Group]:
    """Return stages as groups, with their pipeline where others have the same name."""
    known = {row[0]: row[1:] for row in con.execute(_STAGES) if row[0] in values}
    names = [name for name, _, _ in known.values()]
    found = [
        Group((value,), name if names.count(name) == 1 else f"{name} ({pipeline})", ref)
        for value, (name, pipeline, ref) in known.items()
    ]
    return found + [Group((value,)) for value in values - set(known)]


def _sorting(labels: Iterable[object]) -> list[tuple[int, float, str]]:
    """Return what numbers are ordered by, and texts after them by their folded letters."""
    from decimal import Decimal

    from crmcli.domain.text import fold

    numbers = (int, Decimal)
    return [(0, float(label), "") if isinstance(label, numbers) else (1, 0.0, fold(str(label))) for label in labels]
