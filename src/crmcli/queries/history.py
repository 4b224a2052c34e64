"""What the journal tells: who did what and when, how a record came to be as it is, and what can be taken back."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from json import loads
from typing import Any, NamedTuple

from crmcli.domain.schema import Entity, Field
from crmcli.queries.children import present_rows
from crmcli.queries.fields import custom_fields
from crmcli.queries.gone import LabelsEver
from crmcli.queries.present import present
from crmcli.store.reader import fetch

STEPS = ("write", "import", "merge", "convert", "restore", "rule")  # kinds of operations that undo takes back
_SILENT = frozenset({"id", "uid", "version", "created_at", "created_by_id", "updated_at", "updated_by_id", "name_key",
                     "score_lines", "score_updated_at"})  # fmt: skip
_OPERATIONS = (
    "SELECT o.id, o.at, COALESCE(u.handle, o.actor_kind) AS who, o.kind, o.command, o.reason, o.undo_of_id,"
    " o.batch_uid,"
    " (SELECT COUNT(*) FROM change c WHERE c.operation_id = o.id) AS records"
    " FROM operation o LEFT JOIN app_user u ON u.id = o.actor_id WHERE {where} ORDER BY o.id DESC LIMIT ?"
)
_CHANGES = (
    "SELECT c.operation_id AS operation, o.at, COALESCE(u.handle, o.actor_kind) AS who, o.command, o.reason, c.action,"
    " c.cause, c.before, c.after FROM change c JOIN operation o ON o.id = c.operation_id"
    " LEFT JOIN app_user u ON u.id = o.actor_id WHERE c.entity = ? AND c.record_id = ? ORDER BY c.id DESC"
)


_HEAD = ("operation", "at", "who", "command", "reason", "action", "cause")


class FieldChange(NamedTuple):
    """One field of one change. ``old`` and ``new`` are presented; ``key`` is empty where only the action is told."""

    operation: int
    at: str
    who: str
    command: str
    reason: str | None
    action: str
    cause: str
    key: str = ""
    label: str = ""
    type: str = "text"
    old: object = None
    new: object = None
    currency: str = ""


_UNTOLD = FieldChange(0, "", "", "", None, "", "")


def operations(con: sqlite3.Connection, limit: int | None = None) -> list[dict[str, Any]]:
    """Return the operations, the newest first.

    Keys: id, at, who (handle, or ``import``, ``rule``, ...), kind, command, reason, undo_of_id, records (how many it
    changed) and ``undone``, whether it is taken back at present.
    """
    gone = taken_back(con)
    rows = fetch(con, _OPERATIONS.format(where="TRUE"), (-1 if limit is None else limit,))
    told = [{**row, "undone": row["id"] in gone} for row in rows]
    for row in told:
        del row["batch_uid"]
    return told


def undo_stack(con: sqlite3.Connection, limit: int | None = None) -> list[dict[str, Any]]:
    """Return the steps that can be undone now, the next one first.

    A step is one operation, or all of one batch: keys as in ``operations`` of the newest, ``records`` of all, and
    ``ids``, the operations to be taken back in that order.
    """
    kinds = ", ".join(f"'{kind}'" for kind in STEPS)
    return _standing(con, f"o.kind IN ({kinds})", limit)


def redo_stack(con: sqlite3.Connection, limit: int | None = None) -> list[dict[str, Any]]:
    """Return the undo steps that stand, the latest first: taking one back does again what it took back.

    ``command`` is the one that would be done again.
    """
    told = "SELECT command FROM operation WHERE id = ?"
    steps = _standing(con, "o.kind = 'undo'", limit)
    return [step | {"command": con.execute(told, (step["undo_of_id"],)).fetchone()[0]} for step in steps]


def newer_than(con: sqlite3.Connection, steps: Sequence[Mapping[str, Any]]) -> str | None:
    """Return when something was done after what steps of the redo stack took back, which forbids to redo them."""
    standing = next((step["id"] for step in undo_stack(con, 1)), 0)
    for step in steps:
        if standing > step["id"]:
            return str(step["at"])
        standing = max(standing, step["undo_of_id"])
    return None


def history_of(con: sqlite3.Connection, entity: Entity, record_id: int) -> list[FieldChange]:
    """Return every change of a record, the newest first, one row for each field that changed."""
    unfolding = _Unfolding(con, entity, record_id)
    told: list[FieldChange] = []
    for row in fetch(con, _CHANGES, (entity.name, record_id)):
        whole = FieldChange(**{key: row[key] for key in _HEAD})
        told += unfolding.changes(whole, loads(row["before"] or "{}"), loads(row["after"] or "{}"))
    return told


def uid_of(con: sqlite3.Connection, entity: Entity, record_id: int) -> str | None:
    """Return the uid that a record got when it was created, also of one that was taken back."""
    sql = "SELECT json_extract(after, '$.uid') FROM change WHERE entity = ? AND record_id = ? AND action = 'create'"
    row = con.execute(sql, (entity.name, record_id)).fetchone()
    return row[0] if row else None


def unfold(
    con: sqlite3.Connection, entity: Entity, record_id: int, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[FieldChange]:
    """Return the fields between two stored images of a record, as ``history_of`` does for those of the journal.

    Who did it, when and by what command is empty.
    """
    return _Unfolding(con, entity, record_id).changes(_UNTOLD, before, after)


def _standing(con: sqlite3.Connection, kinds: str, limit: int | None) -> list[dict[str, Any]]:
    """Return the steps of some kinds of operations that are not taken back."""
    where = f"{kinds} AND o.id NOT IN (SELECT value FROM json_each(?))"
    gone = "[" + ",".join(map(str, sorted(taken_back(con)))) + "]"
    steps: dict[str | int, dict[str, Any]] = {}
    for row in fetch(con, _OPERATIONS.format(where=where), (gone, -1)):
        batch = row.pop("batch_uid")
        step = steps.get(batch or row["id"])
        if step:
            step["ids"].append(row["id"])
            step["records"] += row["records"]
        elif len(steps) != limit:
            steps[batch or row["id"]] = {**row, "undone": False, "ids": [row["id"]]}
        elif not any(isinstance(key, str) for key in steps):
            break  # there is no batch whose other operations may still come
    return list(steps.values())


def taken_back(con: sqlite3.Connection) -> set[int]:
    """Return the operations that are taken back: by a newer one that is not taken back itself."""
    gone: set[int] = set()
    for operation, of in con.execute(
        "SELECT id, undo_of_id FROM operation WHERE undo_of_id IS NOT NULL ORDER BY id DESC"
    ):
        if operation not in gone:
            gone.add(of)
    return gone


class _Unfolding:
    """Turns the images of changes into fields with presented values."""

    def __init__(self, con: sqlite3.Connection, entity: Entity, record_id: int) -> None:
        self._names = LabelsEver(con)
        self._fields = {field.column or field.key: field for field in entity.fields.values() if not field.derived}
        self._custom = custom_fields(con).get(entity.name, {})
        self._currency = self._stored_currency(con, entity, record_id)

    def changes(self, whole: FieldChange, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
        """Return the fields of one change, each told as ``whole``; that alone when none of them is for people."""
        currency = after.get("currency") or before.get("currency") or self._currency
        fields = [
            whole._replace(
                key=field.key,
                label=field.label,
                type=field.type,
                old=self._present(field, old, currency),
                new=self._present(field, new, currency),
                currency=currency or "",
            )
            for field, old, new in self._pairs(before, after)
        ]
        return fields or [whole]

    def _pairs(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[Field, Any, Any]]:
        """Yield each changed field with its stored values, in the catalogue's order; custom fields one by one."""
        for column, field in self._fields.items():
            old, new = before.get(column), after.get(column)
            if column == "custom":
                yield from self._custom_pairs(loads(old or "{}"), loads(new or "{}"))
            elif column not in _SILENT and old != new:
                yield field, old, new

    def _custom_pairs(self, old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[Field, Any, Any]]:
        for key in sorted(old.keys() | new.keys()):
            if old.get(key) != new.get(key):
                field = self._custom.get(key, Field(key, "text", key))
                yield field._replace(key=f"custom.{key}"), old.get(key), new.get(key)

    def _present(self, field: Field, value: Any, currency: str | None) -> object:
        if field.multi:
            return present_rows(field.key, value or [], self._names)
        if field.type == "ref" and value is not None:
            self._names.want(field.ref, [value])
            return self._names.name(field.ref, value) or str(value)
        return present(field, value, currency)

    @staticmethod
    def _stored_currency(con: sqlite3.Connection, entity: Entity, record_id: int) -> str | None:
        if "currency" not in entity.fields:
            return None
        row = con.execute(f"SELECT currency FROM {entity.table} WHERE id = ?", (record_id,)).fetchone()
        return row[0] if row else None
