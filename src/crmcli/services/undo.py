"""Taking back and doing again: the inverse of an operation's changes, as a new operation.

The journal holds what each change put before and after; undo puts back what was before, provided that what is there
now is still what the change put there. Redo is the undo of an undo.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from operator import eq, itemgetter
from typing import Any, NamedTuple

from pydantic_core import from_json

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity
from crmcli.errors import ConflictError
from crmcli.queries.gone import ref_ever
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
    "SELECT entity, action, record_id, seq, before, after FROM change WHERE operation_id = ? AND seq < ?"
    " ORDER BY seq DESC LIMIT ?"
)
Progress = Callable[[int], None]  # changes taken back so far
OUR_OWN = frozenset({"version", "updated_at", "updated_by_id"})  # move with every write, so they are no conflict


def take_back(context: Context, operation_id: int, *, force: bool = False) -> Result:
    """Undo one operation (or, given an undo, redo what it took back) exactly, or raise ConflictError.

    The conflict names each record and both values; ``force`` puts the old values back over later changes.
    """
    return take_back_all(context, [operation_id], force=force)


def take_back_all(
    context: Context, operation_ids: Sequence[int], *, force: bool = False, progress: Progress = lambda _: None
) -> Result:
    """Undo the operations of one step in their order, as ``take_back`` does: all of them, or none.

    Each becomes an operation of its own, and all together one step for redo. ``progress`` is told how many changes are
    taken back so far.
    """
    command = context.command
    if len(operation_ids) > 1:
        command = replace(command, batch_uid=str(uuid.uuid4()))

    def work(writer: Writer) -> None:
        reversal = _Reversal(writer, force=force, progress=progress)
        for operation_id in operation_ids:
            writer.turn_to(operation_id)
            reversal.run(operation_id)
        reversal.close()

    with collector_at_rest():
        return write(replace(context, command=command), work, undo_of=operation_ids[0])


def preview(
    context: Context, operation_ids: Sequence[int], *, force: bool = False, progress: Progress = lambda _: None
) -> Result:
    """Return what taking back operations one after the other would do, as a dry run; raises as ``take_back`` does."""
    trial = replace(context, command=replace(context.command, dry_run=True))
    return take_back_all(trial, operation_ids, force=force, progress=progress)


def reverse(writer: Writer, operation_id: int) -> None:
    """Take one operation back inside an open write: what it made goes, and a value that changed since stays."""
    reversal = _Reversal(writer, keep_later=True)
    reversal.run(operation_id)
    reversal.close()


class _Run(NamedTuple):
    """Changes that stand one after the other in the journal, from the last to the first, given by column.

    They do the same to different records of one kind.
    """

    kind: Entity
    action: str
    seqs: Sequence[int]
    ids: Sequence[int]
    before: Sequence[str | None]
    after: Sequence[str | None]


class _Reversal:
    """The reversal of one operation after the other; what all of them took out is looked after at the end."""

    def __init__(
        self,
        writer: Writer,
        *,
        force: bool = False,
        keep_later: bool = False,
        progress: Progress = lambda _: None,
    ) -> None:
        self._writer = writer
        self._force = force
        self._keep_later = keep_later
        self._progress = progress
        self._done = 0
        self._clashes: list[str] = []
        self._removed = Removed(writer)

    def run(self, operation_id: int) -> None:
        """Take one operation back, but for the look at what it took out."""
        for runs in self._batches(operation_id):
            current = self._current(runs)
            for run in runs:
                if run.action == "create":
                    self._take_out(run)
                else:
                    self._reverse(run, current[run.kind.name])
                self._done += len(run.ids)
            self._refuse_clashes()
            self._progress(self._done)
        free_keys(self._writer, operation_id)
        retract(self._writer, operation_id)

    def close(self) -> None:
        """Let what was taken out be found no more, or raise ConflictError where something belongs to it."""
        self._removed.unindex()
        self._removed.refuse_referrers()

    def _refuse_clashes(self) -> None:
        if self._clashes and not self._force:
            raise ConflictError(
                f"changed since then: {'; '.join(self._clashes[:5])}" + _more(len(self._clashes) - 5),
                code="undo.stale",
                details={"conflicts": self._clashes},
            )

    def _batches(self, operation_id: int) -> Iterator[list[_Run]]:
        """Yield the changes from the last to the first; a batch holds each record once, so that one look is enough."""
        last = 2**62
        while rows := self._writer.unit.raw.execute(_CHANGES, (operation_id, last, _BATCH)).fetchall():
            runs = list(_runs(_once(rows)))
            last = runs[-1].seqs[-1]
            yield runs

    def _current(self, runs: list[_Run]) -> dict[str, dict[int, images.Image]]:
        """Return the records that were there before a change, as they are now, by kind."""
        ids: dict[str, list[int]] = {}
        for run in runs:
            if run.action != "create":
                ids.setdefault(run.kind.name, []).extend(run.ids)
        return {entity: images.load(self._writer.unit.raw, ENTITIES[entity], found) for entity, found in ids.items()}

    def _take_out(self, run: _Run) -> None:
        """Take out records that were made, all at once; what is not as it was made needs a look first."""
        there = exact.load(self._writer, run.kind, run.ids)
        if there.texts != list(run.after):
            self._check_removals(run, there)
        self._removed.take(run.kind, there, "undo")

    def _check_removals(self, run: _Run, there: exact.Stored) -> None:
        texts = dict(zip(there.columns["id"], there.texts, strict=True))
        made = zip(run.ids, run.after, strict=True)
        other = {record_id: after for record_id, after in made if texts.get(record_id) != after}
        current = images.load(self._writer.unit.raw, run.kind, list(other))
        for record_id, after in other.items():
            now = current.get(record_id)
            if now is not None:
                self._check_removal(run.kind, now, _image(after))
            elif after:
                self._clash(run.kind, record_id, "it is gone")

    def _reverse(self, run: _Run, current: dict[int, images.Image]) -> None:
        """Take back changes to records that were there before."""
        kind, coming = run.kind, []
        for record_id, *sides in zip(run.ids, run.before, run.after, strict=True):
            now = current.get(record_id)
            before, after = map(_image, sides)
            if now is None and not before and not after:
                continue
            if run.action == "remove":
                coming += self._coming_back(kind, before, now)
            elif now is None:
                self._clash(kind, record_id, "it is gone")
            else:
                self._put_back(kind, record_id, now, before, after)
        if coming:
            self._removed.unindex()
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
        self._writer.saves.note([Saved(kind.name, record_id, "update", was, before, "undo")])

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
        ref = ref_ever(self._writer.unit.raw, kind, record_id)
        self._clashes.append(f"{ref if kind.letter else f'{kind.noun} {ref}'} {what}")


def _once(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return rows of the journal up to the first one of a record that is among those before it."""
    seen: set[tuple[str, int]] = set()
    for place, record in enumerate(map(itemgetter(0, 2), rows)):
        if record in seen:
            return rows[:place]
        seen.add(record)
    return rows


def _runs(rows: list[tuple[Any, ...]]) -> Iterator[_Run]:
    for (entity, action), run in groupby(rows, itemgetter(0, 1)):
        _, _, ids, seqs, before, after = zip(*run, strict=True)
        yield _Run(ENTITIES[entity], action, seqs, ids, before, after)


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
