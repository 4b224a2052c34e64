"""The one write path: every command, import, rule and screen changes records through here and nowhere else.

Apply, derive, validate, let the rules react, journal, commit, and only then answer. One record and a hundred thousand
take the same way; ``--dry-run`` takes it too and rolls back at the end.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from crmcli import clock
from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity, Field
from crmcli.errors import NotFoundError, Problem, RefusedError
from crmcli.rules.files import RuleFiles
from crmcli.services import images, memory, validation
from crmcli.services.automation.reactions import BLOCKED, Reactions, files_of, keep_blocked
from crmcli.services.custom_book import CustomBook
from crmcli.services.drafts import Draft
from crmcli.services.duplicates import refuse_duplicate
from crmcli.services.invariants.chances import Chances
from crmcli.services.invariants.registry import consequence_of
from crmcli.services.journal import Journal
from crmcli.services.results import Context, Result, Saved, Wanted, manner_of
from crmcli.services.saves import Saves
from crmcli.services.settling import UNCHECKED, guards_keys, settled
from crmcli.services.stage_book import StageBook
from crmcli.services.subjects import Subjects
from crmcli.services.tags import TagBook
from crmcli.services.ticket_numbers import TicketNumbers
from crmcli.services.uids import Uids
from crmcli.store.reader import fetch, fetch_one
from crmcli.store.search import concerns
from crmcli.store.unit_of_work import UnitOfWork, table_of

if TYPE_CHECKING:
    from crmcli.rules.events import Change

_ACTIONS = {"delete": "delete", "restore": "restore", "merged": "merge"}  # how the journal calls an intent
SetAside = Callable[[int, list[Problem]], None]


def write(
    context: Context, work: Callable[["Writer"], object], undo_of: int | None = None, *, rules: bool = True
) -> Result:
    """Run one write as one transaction and one undoable step, and return what it did.

    With an idempotency key that was used before, the first result is returned and ``work`` does not run.
    ``undo_of`` is the operation that this one takes back; no rule reacts to that, nor where ``rules`` is false.
    """
    files = files_of(context) if rules and undo_of is None else RuleFiles()  # read before anybody waits for the lock
    with keep_blocked(context), UnitOfWork(context.store, manner_of(context.settings), context.command.text) as unit:
        try:
            remembered = memory.recall(unit, context)
            if remembered is not None:
                return remembered
            writer = Writer(unit, context, files, undo_of)
            work(writer)
            return writer.finish()
        except Exception as error:
            told = unit.told(error)
            if told is error:
                raise
            raise told from error


class Writer:
    """An open transaction: look-ups, saves, and what they add up to."""

    def __init__(self, unit: UnitOfWork, context: Context, files: RuleFiles, undo_of: int | None = None) -> None:
        self.unit = unit
        self.context = context
        self.settings = context.settings
        self.zone = context.settings.timezone
        self.country = context.settings.country
        self.now = clock.now_text()
        self.cause = "user" if context.command.kind != "import" else "import"
        self.warnings: list[str] = []
        self.told: list[dict[str, Any]] = []
        self.keyboard = self._user_id(context.settings.user)  # who is at it, whoever acts
        self.me = self.keyboard if context.command.actor_kind == "user" else self._user_id(context.command.actor_kind)
        self.uids = Uids()
        self.saves = Saves(self)
        self._undo_of = undo_of
        self._journal: Journal | None = None
        self._open_books()
        self.reactions = Reactions(self, context, files)

    def _open_books(self) -> None:
        """Begin to remember what was looked up, or forget it when a part of the write is taken back."""
        self.stages = StageBook(self)
        self.chances = Chances(self)
        self.subjects = Subjects(self)
        self.ticket_numbers = TicketNumbers(self)
        self._tags = TagBook(self)
        self._custom = CustomBook(self)

    # look-ups

    def one(self, sql: str, *parameters: Any) -> dict[str, Any] | None:
        """Return the first row of a query inside the transaction."""
        return fetch_one(self.unit.raw, sql, parameters)

    def all(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        """Return the rows of a query inside the transaction."""
        return list(fetch(self.unit.raw, sql, parameters))

    def image(self, entity: str, record_id: int) -> dict[str, Any]:
        """Return the stored image of a record; NotFoundError when there is none."""
        found = images.load(self.unit.raw, ENTITIES[entity], [record_id]).get(record_id)
        if found is None:
            raise NotFoundError(ENTITIES[entity].noun, ENTITIES[entity].ref(record_id))
        return found

    def tag_ids(self, names: list[str], *, create: bool = True) -> list[int]:
        """Return the ids of tags, creating those that are new, or leaving them out."""
        return self._tags.ids(names, create=create)

    def custom_fields(self, entity: str) -> Mapping[str, Field]:
        """Return the custom fields of an entity by key."""
        return self._custom.fields(entity)

    def custom_definitions(self, entity: str) -> list[dict[str, Any]]:
        """Return the definitions of an entity's custom fields."""
        return self._custom.definitions(entity)

    def warn(self, text: str) -> None:
        """Note something the caller should hear about; said once."""
        if text not in self.warnings:
            self.warnings.append(text)

    @contextmanager
    def at(self, moment: str) -> Iterator[None]:
        """Let what is saved inside have happened at a stored instant; the operation keeps the time when it was done."""
        present, journal = self.now, self.journal
        self.now = journal.now = moment
        try:
            yield
        finally:
            self.now = journal.now = present

    # saving

    def create(
        self, entity: str, values: dict[str, Any], *, intent: str = "", like: Mapping[str, Any] = MappingProxyType({})
    ) -> Draft:
        """Create one record."""
        return self.save_many(entity, [Wanted(values, intent=intent, like=like)])[0]

    def update(
        self, entity: str, record_id: int, values: dict[str, Any], *, version: int | None = None, intent: str = ""
    ) -> Draft:
        """Change one record."""
        return self.save_many(entity, [Wanted(values, record_id, version, intent)])[0]

    def delete(self, entity: str, record_id: int) -> Draft:
        """Hide a record everywhere but in the journal; its invariant may refuse."""
        return self.save_many(entity, [Wanted({}, record_id, intent="delete")])[0]

    def restore(self, entity: str, record_id: int) -> Draft:
        """Bring a deleted record back."""
        return self.save_many(entity, [Wanted({}, record_id, intent="restore")])[0]

    def save_many(self, entity: str, wanted: Sequence[Wanted], set_aside: SetAside | None = None) -> list[Draft]:
        """Save records of one kind in one go: the only way anything is stored.

        A record that is refused raises with all its problems; with ``set_aside`` it is told by its position in
        ``wanted`` instead, and left out. Returns the drafts stored or found unchanged, in order.
        """
        kind = ENTITIES[entity]
        stored = self._stored(kind, [want.id for want in wanted if want.id is not None])
        uids = self.uids.take(len(wanted))
        drafts = [settled(self, kind, want, stored, uid) for want, uid in zip(wanted, uids, strict=True)]
        validation.check([draft for draft in drafts if draft.intent not in UNCHECKED], self)
        sound: list[Draft] = []
        for position, draft in enumerate(drafts):
            if guards_keys(self, draft):
                refuse_duplicate(draft, self)
            if not draft.problems:
                sound.append(draft)
            elif set_aside:
                set_aside(position, draft.problems)
            else:
                raise draft.refusal()
        self._store(kind, sound)
        return sound

    def _stored(self, kind: Entity, ids: Iterable[int]) -> dict[int, images.Image]:
        """Return the images of records that are there; those just made are known."""
        known = {one: images.blank(kind.name) | new for one in ids if (new := self.saves.new_image(kind.name, one))}
        return known | images.load(self.unit.raw, kind, [one for one in ids if one not in known])

    def blank(self, kind: Entity) -> images.Image:
        """Return the image with which a new record begins, all but its identity."""
        record = images.blank(kind.name)
        record["created_at"] = record["updated_at"] = self.now
        record["created_by_id"] = record["updated_by_id"] = self.me
        if "currency" in record and kind.name != "pipeline":
            record["currency"] = self.settings.currency
        return record

    def _store(self, kind: Entity, drafts: Sequence[Draft]) -> None:
        fresh = [draft for draft in drafts if draft.before is None]
        created = iter(self._insert(kind, fresh))
        saved = [
            self._change(kind, draft)
            if draft.before
            else Saved(kind.name, draft.record["id"], "create", {}, next(created), self.cause)
            for draft in drafts
        ]
        self.journal.states(kind, [(draft.before, draft.record, self.cause) for draft in drafts])
        self.saves.note(saved)
        if kind.name == "custom_field":
            self._custom.forget()
        if kind.name in ("pipeline", "stage"):
            self.stages.forget()
        if consequence := consequence_of(kind.name):
            consequence(drafts, self)

    def _insert(self, kind: Entity, drafts: Sequence[Draft]) -> list[images.Image]:
        records = [draft.record for draft in drafts]
        for record, record_id in zip(records, self.unit.new_ids(table_of(kind.name), len(records)), strict=True):
            record["id"] = record_id
        return images.insert(self.unit, kind, records)

    def _change(self, kind: Entity, draft: Draft) -> Saved:
        before = draft.before or {}
        changed = sorted(key for key, value in draft.record.items() if value != before.get(key))
        if not changed:
            return Saved(kind.name, draft.id, "unchanged", {}, {}, self.cause)
        draft.record |= {"version": before["version"] + 1, "updated_at": self.now, "updated_by_id": self.me}
        self.put(kind, draft.record, before)
        self.saves.renew(kind.name, draft.record)
        changed += [key for key in ("updated_at", "updated_by_id") if draft.record[key] != before[key]]
        action = _ACTIONS.get(draft.intent, "update")
        was, now = ({key: image[key] for key in changed} for image in (before, draft.record))
        return Saved(kind.name, draft.id, action, was, now, self.cause)

    def put(self, kind: Entity, record: dict[str, Any], before: Mapping[str, Any]) -> None:
        """Write the differences between two images of a record, nothing derived and nothing checked."""
        changed = [name for name, value in record.items() if value != before[name]]
        children = images.collections_of(kind)
        columns = {name: record[name] for name in changed if name not in children}
        if columns:
            self.unit.update(table_of(kind.name), record["id"], columns)
        for name in children:
            if name in changed:
                self.unit.replace_children(name, kind.name, record["id"], record[name])
        if concerns(kind.name, changed):
            self.unit.reindex(kind.name, record["id"], record)

    # the end

    def turn_to(self, operation_id: int) -> None:
        """Journal what follows as an operation of its own, which takes back that one."""
        self._undo_of, self._journal = operation_id, None

    @property
    def journal(self) -> Journal:
        """The journal of this transaction."""
        if self._journal is None:
            self._journal = Journal(self.unit, self.context.command, self.now, self.me, self._undo_of)
        return self._journal

    @contextmanager
    def caused_by(self, cause: str) -> Iterator[None]:
        """Journal what is saved inside under another cause."""
        before, self.cause = self.cause, cause
        try:
            yield
        finally:
            self.cause = before

    @contextmanager
    def acting_as(self, user_id: int | None) -> Iterator[None]:
        """Let another user do what is done inside; None changes nothing."""
        before = self.me
        self.me = before if user_id is None else user_id
        try:
            yield
        finally:
            self.me = before

    def call_rule(self, rule_id: str, change: "Change", anchor: str = "") -> str:
        """Run a rule on a record that was not changed, by time or by hand; return why it rests, empty if it ran."""
        self.flush()
        return self.reactions.call(rule_id, change, anchor)

    def end_match(self, rule_id: str, change: "Change") -> None:
        """Note that the condition of a rule does not hold for a record any more, as time has shown."""
        self.reactions.end_match(rule_id, change)

    @contextmanager
    def part(self) -> Iterator[None]:
        """Do a part of the write, of which nothing stays when it fails: neither in the store nor in what is told."""
        told, kept = self.saves.so_far(), {name: copy(getattr(self, name)) for name in ("warnings", "_journal")}
        try:
            with self.unit.part():
                yield
        except Exception:
            vars(self).update(kept)
            self.saves.go_back(told)
            self._open_books()
            self.reactions.forget_values()
            raise

    def attempt(self, work: Callable[[], object]) -> tuple[Problem, ...]:
        """Do a part of the write with what rules make of it; return why it was refused, and then nothing of it stays.

        A bulk load on which rules act does each row so. Passing a bound of the rules still refuses the whole write.
        """
        self.flush()
        told, ran = len(self.reactions.effects), Counter(self.reactions.ran)
        try:
            with self.part():
                work()
                self.flush()
        except RefusedError as error:
            if error.code == BLOCKED:
                raise
            self.reactions.forget(told, ran)
            return error.problems or (Problem("", error.message),)
        return ()

    @property
    def rules_act_on(self) -> frozenset[str]:
        """The entities that some rule of this write is about."""
        return self.reactions.entities

    def flush(self) -> None:
        """Let the rules react to what was saved so far; a bulk load calls this after each batch."""
        self.reactions.react(self.saves.take_pending())
        self.saves.forget_new()

    def finish(self) -> Result:
        """Run the rules, commit (or roll back a dry run) and return the answer."""
        self.flush()
        result = memory.result(self, [*self.reactions.effects, *self.reactions.summary])
        if not self.context.command.dry_run:
            memory.remember(self.unit, self.context, result, self.now)
            self.unit.commit()
            self.context.posted.extend(self.reactions.posted)
        return result

    def _user_id(self, handle: str) -> int | None:
        found = self.one("SELECT id FROM app_user WHERE handle = ? AND deleted_at IS NULL", handle)
        return found["id"] if found else None
