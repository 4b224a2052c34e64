"""Taking back and doing again: the inverse of an operation's changes, as a new operation.

The journal holds what each change put before and after; undo puts back what was before, provided that what is there
now is still what the change put there. Redo is the undo of an undo.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter, eq
from typing import Any, NamedTuple

from pydantic_core import from_json

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity
from crmcli.errors import ConflictError
from crmcli.services import exact, images
from crmcli.services.automation.taken_back import free_keys
from crmcli.services.collector import collector_at_rest
from crmcli.services.delivery.retraction import retract
from crmcli.services.invariants.scores import SCORE, is_only_reckoned, taken_back
from crmcli.services.removed import Removed
from crmcli.services.results import Context, Result, Saved
from crmcli.services.writer import Writer, write

_BATCH = 1000
_CHANGES = (
    "SELECT seq, entity, record_id, action, before, after FROM change WHERE operation_id = ? AND seq < ?"
    " ORDER BY seq DESC LIMIT ?"
)
OUR_OWN = frozenset({"version", "updated_at", "updated_by_id"})  # move with every write, so they are no conflict


def take_back(context: Context, operation_id: int, *, force: bool = False) -> Result:
    """Undo one operation (or, given an undo, redo what it took back) exactly, or raise ConflictError.

    The conflict names each record and both values; ``force`` puts the old values back over later changes.
    """
    with collector_at_rest():
        return write(context, lambda writer: reverse(writer, operation_id, force=force), undo_of=operation_id)


def take_back_all(context: Context, operation_ids: Sequence[int], *, force: bool = False) -> list[Result]:
    """Undo the operations of one step, each as ``take_back`` does, so that they are one step for redo as well."""
    if len(operation_ids) == 1:
        return [take_back(context, operation_ids[0], force=force)]
    command = replace(context.command, batch_uid=str(uuid.uuid4()))
    key = command.idempotency_key
    return [
        take_back(
            replace(context, command=replace(command, idempotency_key=key and f"{key} {number}")), one, force=force
        )
        for number, one in enumerate(operation_ids)
    ]


def reverse(writer: Writer, operation_id: int, *, force: bool = False, keep_later: bool = False) -> None:
    """Do what ``take_back`` does inside an open write, whose operation takes back that one.

    With ``keep_later`` a value that changed since is no conflict and stays; a created record goes nevertheless.
    """
    _Reversal(writer, operation_id, force, keep_later).run()
    retract(writer, operation_id)


def preview(context: Context, operation_ids: Sequence[int], *, force: bool = False) -> Result:
    """Return what taking back operations one after the other would do, as a dry run; raises as ``take_back`` does."""
    trial = replace(context, command=replace(context.command, dry_run=True))

    def work(writer: Writer) -> None:
        for operation_id in operation_ids:
            reverse(writer, operation_id, force=force)

    return write(trial, work, undo_of=operation_ids[0])


class _Change(NamedTuple):
    """One change of the journal, as ``_CHANGES`` reads it."""

    seq: int
    entity: str
    record_id: int
    action: str
    before: str | None
    after: str | None


_RECORD = attrgetter("entity", "record_id")
_KIND = attrgetter("entity", "action")


class _Reversal:
    def __init__(self, writer: Writer, operation_id: int, force: bool, keep_later: bool) -> None:
        self._writer = writer
        self._operation = operation_id
        self._force = force
        self._keep_later = keep_later
        self._clashes: list[str] = []
        self._removed = Removed(writer)

    def run(self) -> None:
        for batch in self._batches():
            current = self._current(batch)
            for (entity, action), changes in groupby(batch, _KIND):
                if action == "create":
                    self._take_out(ENTITIES[entity], list(changes))
                else:
                    self._reverse(ENTITIES[entity], action, list(changes), current[entity])
            if self._clashes and not self._force:
                raise ConflictError(
                    f"changed since then: {'; '.join(self._clashes[:5])}" + _more(len(self._clashes) - 5),
                    code="undo.stale",
                    details={"conflicts": self._clashes},
                )
        self._removed.refuse_referrers()
        free_keys(self._writer, self._operation)

    def _batches(self) -> Iterator[list[_Change]]:
        """Yield the changes from the last to the first; a batch holds each record once, so that one look is enough."""
        last = 2**62
        while rows := self._writer.unit.raw.execute(_CHANGES, (self._operation, last, _BATCH)).fetchall():
            batch = _once(list(map(_Change._make, rows)))
            last = batch[-1].seq
            yield batch

    def _current(self, batch: list[_Change]) -> dict[str, dict[int, images.Image]]:
        ids: dict[str, list[int]] = {}
        for change in batch:
            if change.action != "create":
                ids.setdefault(change.entity, []).append(change.record_id)
        return {entity: images.load(self._writer.unit.raw, ENTITIES[entity], found) for entity, found in ids.items()}

    def _take_out(self, kind: Entity, changes: list[_Change]) -> None:
        """Take out records of one kind that were made, all at once; what is not as it was made needs a look first."""
        there = exact.load(self._writer, kind, [change.record_id for change in changes])
        if there.texts != [change.after for change in changes]:
            self._check_removals(kind, changes, there)
        exact.remove(self._writer, kind, there, "undo")
        self._removed.add(kind, there.columns["id"])

    def _check_removals(self, kind: Entity, changes: list[_Change], there: exact.Stored) -> None:
        texts = dict(zip(there.columns["id"], there.texts, strict=True))
        other = [change for change in changes if texts.get(change.record_id) != change.after]
        current = images.load(self._writer.unit.raw, kind, [change.record_id for change in other])
        for change in other:
            now = current.get(change.record_id)
            if now is not None:
                self._check_removal(kind, now, _image(change.after))
            elif change.after:
                self._clash(kind, change.record_id, "it is gone")

    def _reverse(self, kind: Entity, action: str, changes: list[_Change], current: dict[int, images.Image]) -> None:
        """Take back changes of one kind to different records that were there before."""
        coming = []
        for change in changes:
            record_id, now = change.record_id, current.get(change.record_id)
            before, after = _image(change.before), _image(change.after)
            if now is None and not before and not after:
                continue
            if action == "remove":
                coming += self._coming_back(kind, before, now)
            elif now is None:
                self._clash(kind, record_id, "it is gone")
            else:
                self._put_back(kind, record_id, now, before, after)
        exact.insert(self._writer, kind, coming, "undo")

    def _check_removal(self, kind: Entity, now: images.Image, after: dict[str, Any]) -> None:
        if now.get("merged_into_id") and not after.get("merged_into_id"):
            self._clash(kind, now["id"], f"was merged into {kind.ref(now['merged_into_id'])}")
        if not self._keep_later and images.full(now) != after:  # as it was made, most often
            self._compare(kind, now["id"], now, images.blank(kind.name) | after)

    def _coming_back(self, kind: Entity, image: dict[str, Any], now: images.Image | None) -> list[images.Image]:
        if now is not None:
            self._clash(kind, now["id"], "it is there already")
            return []
        return [images.blank(kind.name) | image]

    def _put_back(
        self, kind: Entity, record_id: int, now: images.Image, before: dict[str, Any], after: dict[str, Any]
    ) -> None:
        if after.get("merged_into_id"):
            self._check_survivor(kind, record_id, after["merged_into_id"])
        if self._keep_later:
            before = {key: value for key, value in before.items() if key in OUR_OWN or now[key] == after[key]}
        else:
            self._compare(kind, record_id, now, after)
        if "score_lines" in after and now["score_lines"] != after["score_lines"] and is_only_reckoned(now, after):
            before |= taken_back(now, before)
        record = now | before | {"version": now["version"] + 1}
        self._writer.put(kind, record, now)
        self._writer.journal.states(kind, [(now, record, "undo")])
        was = {key: now[key] for key in before}
        self._writer.note([Saved(kind.name, record_id, "update", was, before, "undo")])

    def _compare(self, kind: Entity, record_id: int, now: images.Image, after: dict[str, Any]) -> None:
        if all(map(eq, map(now.__getitem__, after), after.values())):
            return
        derived = SCORE if kind.name == "lead" and is_only_reckoned(now, after) else frozenset()
        for key, value in after.items():
            if key not in OUR_OWN | derived and now[key] != value:
                field = next((f for f in kind.fields.values() if key in (f.column, f.key)), None)
                self._clash(kind, record_id, f"{field.label if field else key} {_said(now[key], value)}")

    def _check_survivor(self, kind: Entity, record_id: int, survivor_id: int) -> None:
        """Note a clash where the survivor of a merge was merged itself: what it took has moved on."""
        found = self._writer.one(f"SELECT merged_into_id FROM {kind.table} WHERE id = ?", survivor_id)
        if found and found["merged_into_id"]:
            further = kind.ref(found["merged_into_id"])
            self._clash(kind, record_id, f"went to {kind.ref(survivor_id)}, which was merged into {further} since")

    def _clash(self, kind: Entity, record_id: int, what: str) -> None:
        self._clashes.append(f"{kind.ref(record_id) if kind.letter else kind.noun} {what}")


def _once(changes: list[_Change]) -> list[_Change]:
    """Return changes up to the first one of a record that is among those before it."""
    seen: set[tuple[str, int]] = set()
    for place, record in enumerate(map(_RECORD, changes)):
        if record in seen:
            return changes[:place]
        seen.add(record)
    return changes


def _image(text: str | None) -> dict[str, Any]:
    """Return what a side of a change tells of its record."""
    found: dict[str, Any] = from_json(text) if text else {}
    return found


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""


def _said(now: Any, was: Any) -> str:
    """Tell what a field holds that should hold something else, in words for people."""
    if isinstance(now, list | dict) or isinstance(was, list | dict):
        return "was changed"
    told = ["empty" if value in (None, "") else repr(value) for value in (now, was)]
    return f"is now {told[0]}, not {told[1]}"
