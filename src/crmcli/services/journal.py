"""What a write leaves behind: operation and change rows for audit and undo, and the log of states."""

import uuid
from collections.abc import Iterable, Sequence
from operator import methodcaller
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.domain.enums import kind
from crmcli.domain.schema import Entity
from crmcli.services.image_texts import texts_of, texts_of_columns
from crmcli.services.images import Columns
from crmcli.services.results import Command, Saved
from crmcli.store.unit_of_work import UnitOfWork

TRACKED = {name: tuple(field for field in entity.fields.values() if field.tracked) for name, entity in ENTITIES.items()}
_CHANGE = ("entity", "record_id", "action", "before", "after", "cause")
_OPERATION = (
    "INSERT INTO operation (id, uid, at, actor_kind, actor_id, kind, command, reason, rules, undo_of_id, batch_uid)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_LEAVE = (
    "UPDATE state_log SET left_at = ?1,"
    " seconds = CAST(ROUND((julianday(?1) - julianday(entered_at)) * 86400) AS INTEGER)"
    " WHERE entity = ?2 AND record_id = ?3 AND field = ?4 AND left_at IS NULL"
)
_ENTER = (
    "INSERT INTO state_log (entity, record_id, field, from_value, to_value, from_kind, to_kind, entered_at,"
    " amount_minor, probability_bp, actor_id, cause, reason, operation_id)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


Move = tuple[dict[str, Any] | None, dict[str, Any], str]  # a record before and after, and why


class Journal:
    """The journal of one transaction. Nothing is written before the first change."""

    def __init__(self, unit: UnitOfWork, command: Command, now: str, actor_id: int | None, undo_of: int | None) -> None:
        self._unit = unit
        self._command = command
        self._at = now
        self.now = now  # when states are entered and left
        self._actor = actor_id
        self._undo_of = undo_of
        self._seq = 0
        self.operation_id: int | None = None

    def write(self, saved: Iterable[Saved]) -> None:
        """Keep what was saved, in order."""
        items = list(saved)
        if not items:
            return
        entities, ids, actions, before, after, causes = zip(*items, strict=True)
        self._fill(entities, ids, actions, texts_of(before), texts_of(after), causes)

    def created(self, entity: str, filled: Columns, cause: str) -> None:
        """Keep that records were made, given by their filled columns, in order."""
        self._whole(entity, filled["id"], "create", (None, texts_of_columns(filled)), cause)

    def removed(self, entity: str, ids: Sequence[int], texts: Sequence[str], cause: str) -> None:
        """Keep that records were taken out, given by what the journal keeps of each."""
        self._whole(entity, ids, "remove", (texts, None), cause)

    def _whole(
        self,
        entity: str,
        ids: Sequence[int],
        action: str,
        sides: tuple[Sequence[str] | None, Sequence[str] | None],
        cause: str,
    ) -> None:
        entities, actions, causes, nothing = ([value] * len(ids) for value in (entity, action, cause, None))
        before, after = (nothing if side is None else side for side in sides)
        self._fill(entities, ids, actions, before, after, causes)

    def _fill(self, *columns: Sequence[Any]) -> None:
        first, count = self._seq + 1, len(columns[0])
        self._seq += count
        numbers = {"operation_id": [self.begin()] * count, "seq": range(first, first + count)}
        self._unit.fill("change", numbers | dict(zip(_CHANGE, columns, strict=True)))

    def states(self, entity: Entity, moves: Iterable[Move]) -> None:
        """Keep the states that records (before, after, cause) entered and left."""
        moves = list(moves)
        images = [image for before, after, _ in moves for image in (before, after) if image]
        fields = [field for field in TRACKED[entity.name] if any(map(methodcaller("get", field.column), images))]
        left, entered = [], []
        for before, after, cause in moves if fields else ():
            for field in fields:
                old = before.get(field.column) if before else None
                new = after.get(field.column)
                if old == new:
                    continue
                if old is not None:
                    left.append((self.now, entity.name, after["id"], field.key))
                if new is not None:
                    entered.append(self._entry(entity, field, after, old, new, cause))
        self._unit.execute(_LEAVE, left)
        self._unit.execute(_ENTER, entered)

    def left(self, entity: Entity, columns: Columns) -> None:
        """Keep that records which are no more, given by their filled columns, left the states they were in."""
        for field in TRACKED[entity.name]:
            states = zip(columns["id"], columns.get(field.column, ()), strict=False)
            self._unit.execute(
                _LEAVE, [(self.now, entity.name, one, field.key) for one, state in states if state is not None]
            )

    def _entry(
        self, entity: Entity, field: Any, image: dict[str, Any], old: Any, new: Any, cause: str
    ) -> tuple[Any, ...]:
        return (
            entity.name,
            image["id"],
            field.key,
            None if old is None else str(old),
            str(new),
            self._kind(field, old),
            self._kind(field, new),
            self.now,
            image.get("amount_minor"),
            image.get("probability_bp"),
            self._actor,
            cause,
            self._command.reason,
            self.begin(),
        )

    def _kind(self, field: Any, value: Any) -> str | None:
        if value is None:
            return None
        if field.enum:
            return kind(field.enum, value) or None
        found = self._unit.raw.execute("SELECT kind FROM stage WHERE id = ?", (value,)).fetchone()
        return found[0] if found else None

    def begin(self) -> int:
        """Return the id of the operation, which is stored when it is first asked for."""
        if self.operation_id is None:
            self.operation_id = self._unit.raw.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM operation").fetchone()[0]
            command = self._command
            rules = None if command.rules else "off"
            row = (self.operation_id, str(uuid.uuid4()), self._at, command.actor_kind, self._actor, command.kind,
                   command.text, command.reason, rules, self._undo_of, command.batch_uid)  # fmt: skip
            self._unit.execute(_OPERATION, [row])
        return self.operation_id
