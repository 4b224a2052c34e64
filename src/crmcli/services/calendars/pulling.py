"""The half of a synchronisation that changes the store: what a server has, and had not, becomes records, as one step.

Runs inside one write, without the network: the items were read before. The state that is kept with it says of every
item what both sides agree on from now on, so that what is still to be sent is found by comparing, however often.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause
from crmcli.config.calendars import Synced
from crmcli.errors import RefusedError
from crmcli.formats.items import joined, patched, without
from crmcli.importing.rows import Draft
from crmcli.services.calendars import state
from crmcli.services.calendars.comparing import LOCAL, Comparison, Decision, Prefer, is_changed, lines_of
from crmcli.services.calendars.items import Item, sent_items
from crmcli.services.calendars.reading import Component, Fields, Reader, Version
from crmcli.services.calendars.report import CONFLICT, FAILED, HERE, Report, Told
from crmcli.services.calendars.state import Known
from crmcli.services.calendars.taking import Taking
from crmcli.services.imports.matching import EXTERNAL, Matcher
from crmcli.services.results import Wanted

if TYPE_CHECKING:
    from crmcli.formats.items import Lines
    from crmcli.integrations.dav import Body
    from crmcli.services.writer import Writer

Key = tuple[str, str]  # entity and UID


class Theirs(NamedTuple):
    """What changed on the server: items with their text by address, and what is gone. ``token``: the mark after it."""

    bodies: Mapping[str, "Body"]
    gone: frozenset[str]
    token: str


@dataclass
class _Work:
    """One item on its way in. ``mine``: our components before, by key, with the ids of their records."""

    href: str
    etag: str
    version: Version
    known: Known | None = None
    mine: dict[str, str] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    entity: str = ""
    uid: str = ""
    decision: Decision = field(default_factory=Decision)
    problem: str = ""
    actions: set[str] = field(default_factory=set)

    @property
    def body(self) -> str:
        return self.version.document.text()


class Pulling:
    """Takes in what changed on the server. ``held``: what stays as it is on both sides, because they contradict."""

    def __init__(self, writer: "Writer", account: Synced, reader: Reader, prefer: Prefer, report: Report) -> None:
        self.held: set[Key] = set()
        self.overruled: list[tuple[str, str]] = []  # names and texts of versions that gave way
        self._writer = writer
        self._account = account
        self._reader = reader
        self._prefer = prefer
        self._report = report
        self._con = writer.unit.raw
        self._matcher = Matcher(writer, reader.system, None, ())
        self._taking = Taking(writer, reader.system, reader.kind)

    def run(self, theirs: Theirs, known: Mapping[str, Known]) -> None:
        """Take everything in, and keep what both sides agree on."""
        versions = self._reader.read([body.text for body in theirs.bodies.values()])
        works = []
        for (href, body), version in zip(theirs.bodies.items(), versions, strict=True):
            if version.is_foreign:
                continue
            work = _Work(href, body.etag, version, known.get(href))
            self._prepare(work, theirs, known)
            works.append(work)
        lost = [known[href] for href in theirs.gone if href in known and known[href].key not in self._moved(works)]
        for work in works:
            if not work.problem:
                self._decide(work)
        self._store([work for work in works if not work.problem])
        forgotten = [href for one in lost for href in self._remove(one)]
        for sql, values in (*state.forget_moved(self._account), state.forget(self._account, forgotten)):
            self._writer.unit.execute(sql, values)
        self._keep(works)
        for work in works:
            self._tell(work)
        token = "" if self.held else theirs.token  # what is not settled must be listed again
        sql, values = state.reached(self._account, token, self._writer.now)
        self._writer.unit.execute(sql, values)

    # what there is

    def _prepare(self, work: _Work, theirs: Theirs, known: Mapping[str, Known]) -> None:
        """Find which item of ours it is."""
        version = work.version
        if version.problem:
            work.problem = version.problem
            return
        if work.known is not None:
            work.entity, work.uid = work.known.key
        else:
            self._find(work, theirs, known)
        if item := self._item(work.entity, work.uid):
            work.mine = {part.key: part.text for part in item.parts}
            work.ids = {part.key: part.record_id for part in item.parts}

    def _find(self, work: _Work, theirs: Theirs, known: Mapping[str, Known]) -> None:
        draft = next(iter(work.version.components.values())).draft
        if draft is None:
            return
        work.entity, work.uid = draft.entity, _uid_said(draft)
        (match,) = self._matcher.match(draft.entity, [(draft, self._matcher.keys(draft))])
        if match.problem:
            work.problem = match.problem
        elif match.id is not None:
            work.uid = self._uid_of(draft.entity, match.id) or work.uid
            before = next((one for one in known.values() if one.key == (work.entity, work.uid)), None)
            if before is not None and before.href in theirs.gone:
                work.known = before
            elif before is not None and match.by == EXTERNAL:
                work.problem = f"it is there twice, as {before.href} too"
            elif before is not None:
                work.uid = _uid_said(draft)
            elif state.is_elsewhere(self._con, self._account, work.entity, work.uid):
                work.problem = "another account keeps it in step"

    def _moved(self, works: Iterable[_Work]) -> set[Key]:
        return {work.known.key for work in works if work.known is not None and work.known.href != work.href}

    def _item(self, entity: str, uid: str) -> Item | None:
        if entity not in ("event", "task", "contact") or not uid:
            return None
        column = "ical_uid" if entity == "event" else "uid"
        clause = Clause(f"r.{column} = :item_uid", {"item_uid": uid})
        return next(iter(sent_items(self._con, {entity: clause})), None)

    def _uid_of(self, entity: str, record_id: int) -> str:
        column = "COALESCE(ical_uid, uid)" if entity == "event" else "uid"
        row = self._writer.one(f"SELECT {column} AS uid FROM {ENTITIES[entity].table} WHERE id = ?", record_id)
        return str(row["uid"]) if row else ""

    def _removed(self, entity: str, uid: str) -> dict[str, int]:
        """Return the removed records of an item by key."""
        key = "COALESCE(recurrence_id, '')" if entity == "event" else "''"
        column = "ical_uid" if entity == "event" else "uid"
        sql = f"SELECT {key} AS key, id FROM {ENTITIES[entity].table} WHERE {column} = ? AND deleted_at IS NOT NULL"
        return {row["key"]: row["id"] for row in self._writer.all(f"{sql} ORDER BY id", uid)}

    # what is to be done

    def _decide(self, work: _Work) -> None:
        comparison = Comparison(self._fields, self._prefer)
        theirs, decision = work.version.components, comparison.decision
        removed = {} if work.mine else self._removed(work.entity, work.uid)
        if work.known is not None and (work.mine or removed):
            (base,) = self._reader.read([work.known.body])
            comparison.with_base(base.components, theirs, work.known.ours, work.mine)
            work.ids = removed | work.ids
        elif work.mine:
            for key, component in theirs.items():
                if key in work.mine:
                    comparison.without_base(key, component, work.mine[key])
                else:
                    decision.create.append(key)
        else:
            decision.restore = [key for key in theirs if key in removed]
            decision.change = {key: frozenset(theirs[key].fields) for key in decision.restore}
            decision.create = [key for key in theirs if key not in removed]
            work.ids = removed
        work.decision = decision
        for told in decision.conflicts:
            self._hold(work.entity, work.uid, _title(work), told)
        if decision.overruled:
            self.overruled.append((work.uid, work.body))

    def _fields(self, components: Iterable["Lines"]) -> list[Fields]:
        drafts = self._reader.drafts(list(components))
        return [Component("", (), draft if isinstance(draft, Draft) else None).fields for draft in drafts]

    def _hold(self, entity: str, uid: str, title: str, told: str) -> None:
        self.held.add((entity, uid))
        item = self._item(entity, uid)
        self._report.told.append(Told(self._account.name, CONFLICT, item.ref if item else "", title, told))

    # doing it

    def _store(self, works: list[_Work]) -> None:
        """Save what was decided; what is refused makes its item wait."""
        wanted: dict[str, list[tuple[_Work, str, Wanted]]] = {}
        for work in works:
            if work.decision.conflicts:
                continue
            try:
                for key, want in self._wanted(work):
                    wanted.setdefault(work.entity, []).append((work, key, want))
            except RefusedError as refused:
                work.problem = "; ".join(map(str, refused.problems)) or refused.message
        for entity, found in wanted.items():
            self._save(entity, [one for one in found if not one[0].problem])

    def _wanted(self, work: _Work) -> list[tuple[str, Wanted]]:
        found: list[tuple[str, Wanted]] = []
        decision, theirs = work.decision, work.version.components
        for key in decision.restore:
            found.append((key, Wanted({}, work.ids[key], intent="restore")))
            work.actions.add(HERE[1])
        for key in decision.create:
            found.append((key, Wanted(self._taking.whole(_draft(theirs[key])), intent="import")))
            work.actions.add(HERE[1] if work.mine else HERE[0])
        for key in decision.change.keys() | decision.join.keys():
            fields, joined_fields = decision.change.get(key, frozenset()), decision.join.get(key, frozenset())
            values = self._taking.some(_draft(theirs[key]), fields, joined_fields)
            found.append((key, Wanted(values, work.ids[key], intent="import")))
            work.actions.add(HERE[1])
        for key in decision.remove:
            found.append((key, Wanted({}, work.ids[key], intent="delete")))
            work.actions.add(HERE[1])
        return found

    def _save(self, entity: str, found: list[tuple[_Work, str, Wanted]]) -> None:
        for intents in (("restore",), ("import",), ("delete",)):
            rows = [one for one in found if one[2].intent in intents]
            refused: dict[int, str] = {}
            saved = iter(
                self._writer.save_many(
                    entity,
                    [want for _, _, want in rows],
                    lambda place, problems: refused.__setitem__(place, "; ".join(map(str, problems))),  # noqa: B023
                )
            )
            for place, (work, key, _) in enumerate(rows):
                if place in refused:
                    work.problem = refused[place]
                else:
                    record = next(saved).record
                    work.ids[key] = record["id"]
                    work.uid = str(record["ical_uid"] if entity == "event" else record["uid"])

    def _remove(self, one: Known) -> list[str]:
        """Remove the records of an item that is gone there; return its address where it is settled."""
        item = self._item(*one.key)
        if item is None:
            return [one.href]
        parts = {part.key: part.text for part in item.parts}
        if is_changed(one.ours, parts) and self._prefer is None:
            self._hold(one.entity, one.uid, item.title, "removed there, changed here")
            return []
        if is_changed(one.ours, parts) and self._prefer == LOCAL:
            return [one.href]  # and so it is sent as a new one
        for part in item.parts:
            self._writer.delete(one.entity, part.record_id)
        self._report.told.append(Told(self._account.name, HERE[2], item.ref, item.title))
        return [one.href]

    # what is agreed on

    def _keep(self, works: list[_Work]) -> None:
        """Keep what both sides agree on: theirs as it is, and ours as it would be without what is still to be sent."""
        kept = []
        for work in works:
            if work.problem or work.decision.conflicts:
                continue
            item = self._item(work.entity, work.uid)
            after = {part.key: part.text for part in item.parts} if item else {}
            kept.append(
                Known(work.href, work.etag, work.entity, work.uid, item.title if item else _title(work), work.body,
                      self._agreed(work, after))
            )  # fmt: skip
        sql, values = state.put(self._account, kept)
        self._writer.unit.execute(sql, values)

    def _agreed(self, work: _Work, after: Mapping[str, str]) -> dict[str, str]:
        was = work.known.ours if work.known and work.mine else None
        found: dict[str, str] = {}
        for key, text in after.items():
            if key in work.decision.push:
                there = work.version.components[key]
                found[key] = joined([without(lines_of(text), there.lines)])
            elif was is None or key not in work.mine:
                if key in work.version.components:
                    found[key] = text
            elif key in was and key not in work.decision.again:
                found[key] = joined([patched(lines_of(text), lines_of(work.mine[key]), lines_of(was[key]))])
        for key, text in (work.known.ours if work.known else {}).items():
            if key not in after and key in work.version.components:
                found[key] = text  # removed here, which is still to be sent
        return found

    def _tell(self, work: _Work) -> None:
        name = self._account.name
        if work.problem:
            self.held.add((work.entity, work.uid))
            self._report.told.append(Told(name, FAILED, "", _title(work) or work.href, work.problem))
            return
        if work.decision.conflicts or not work.actions:
            return
        action = HERE[0] if HERE[0] in work.actions else HERE[1]
        numbers = sorted(work.ids.items())
        ref = ENTITIES[work.entity].ref(numbers[0][1]) if numbers else ""
        self._report.told.append(Told(name, action, ref, _title(work)))


def _draft(component: Component) -> Draft:
    if component.draft is None:
        raise RefusedError(component.problem)
    return component.draft


def _uid_said(draft: Draft) -> str:
    """Return the UID under which a new record will stand here, as far as its text says it."""
    values: dict[str, Any] = draft.values
    return str(values.get("ical_uid") or "") if draft.entity == "event" else ""


def _title(work: _Work) -> str:
    draft = next((one.draft for one in work.version.components.values() if one.draft), None)
    if draft is None:
        return ""
    values = draft.values
    named = " ".join(str(values[key]) for key in ("first_name", "last_name") if values.get(key))
    return str(values.get("title") or values.get("subject") or named or values.get("name") or "")
