"""Rows on their way into the store, batch by batch: known ones left alone, the others matched, linked and saved.

What to do with rows that are refused, and how the whole is told, is decided in ``job``.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmcli.errors import Problem
from crmcli.importing.rows import Draft
from crmcli.services.drafts import Draft as Stored
from crmcli.services.imports.afterwards import Afterwards
from crmcli.services.imports.kept_rows import Kept
from crmcli.services.imports.linking import Linker, Resolved, count_links
from crmcli.services.imports.matching import EXTERNAL, Key, Match, Matcher
from crmcli.services.imports.memory import Ids, Job, Known, Memory
from crmcli.services.imports.outcome import Outcome, Tally
from crmcli.services.imports.places import Place, Places
from crmcli.services.imports.values import adapted, external_ref, lesser, record_values
from crmcli.services.imports.waiting import Late, merged
from crmcli.services.invariants.links import LINKED, link_rows
from crmcli.services.ledger import add_unknown
from crmcli.services.results import Wanted

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_SAME = "rows that say the same as another one count once"
_REPEATED = "rows repeat a record with other values: the later row counts"
_LEFT = "records were here already, found by {}, and are left as they are (--update changes them)"
_ADOPTED = "records were here already, found by {}: they get the id, and keep their values (--update changes them)"
_REMOVED = "removed here since"
_NO_LINKS = Resolved({})
_NO_CONSENT = "what cannot be said of consent is left out"
_BANS = ("do_not_call", "do_not_email")
_NO_PLACE = Place({})
_UNDATED = "closed deals without a closing date are dated to this import"


@dataclass(slots=True)
class _Plan:
    """What to do with a row: create (``id`` None), change as the row says, or (not ``whole``) only add its id.

    ``by_id``: the record was found by its id in the other system, and has that already.
    """

    draft: Draft
    id: int | None
    whole: bool = True
    by_id: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    links: Resolved = _NO_LINKS


class Saving:
    """Saves the rows of one file.

    ``custom`` are the keys of the custom fields its preset brings. ``update`` lets rows change records that were found
    by other keys than their id.
    """

    def __init__(
        self,
        writer: "Writer",
        job: Job,
        memory: Memory,
        matcher: Matcher,
        linker: Linker,
        places: Places,
        tally: Tally,
        *,
        custom: Iterable[str],
        update: bool,
    ) -> None:
        self._writer = writer
        self._custom = tuple(custom)
        self._job = job
        self._memory = memory
        self._matcher = matcher
        self._linker = linker
        self._places = places
        self._update = update
        self._first_new = tally.first_new
        self._changed = tally.changed
        self._recent: dict[str, Known] = {}
        self._marked: list[tuple[str, int]] = []  # what the last ``save`` put among the changed
        self._afterwards = Afterwards(writer, linker, tally)

    def save(self, entity: str, drafts: Sequence[Draft]) -> Outcome:
        """Save rows of one entity, and return what became of each."""
        outcome = Outcome()
        self._recent.clear()
        self._marked.clear()
        self._afterwards.mark()
        self._afterwards.merged.extend(merged(draft) for draft in drafts if draft.master)
        lacking = self.lacking(entity)
        rounds = self._rounds(adapted(draft, lacking) for draft in drafts if not draft.master)
        for rows in rounds:
            done = self._save_round(entity, rows)
            if rows is not rounds[-1]:
                self._recent |= {kept.row_hash: Known(kept.record_id, 0) for kept in done.kept}
            outcome.add(done)
        return outcome

    def finish(self) -> Outcome:
        """Set what had to wait for the end of the file: references among its own records, and merged ones."""
        return self._afterwards.save()

    def forget(self) -> None:
        """Drop what the last ``save`` found and noted: that part of the write was taken back."""
        for entity, record_id in self._marked:
            self._changed[entity].discard(record_id)
        self._afterwards.forget()
        self._linker.forget()
        self._places.forget()

    def lacking(self, entity: str) -> frozenset[str]:
        """Return the custom fields that the preset brings and the store lacks."""
        return frozenset(self._custom) - self._writer.custom_fields(entity).keys()

    def _rounds(self, drafts: Iterable[Draft]) -> list[list[tuple[Draft, list[Key]]]]:
        """Split rows into rounds in which no two can be about the same record, so that the later finds the earlier."""
        rounds: list[list[tuple[Draft, list[Key]]]] = [[]]
        last: dict[Key | str, int] = {}
        for draft in drafts:
            keys = self._matcher.keys(draft)
            marks: tuple[Key | str, ...] = (draft.row_hash, *keys)
            met = not last.keys().isdisjoint(marks)
            number = max(last[mark] + 1 for mark in marks if mark in last) if met else 0
            for mark in marks:
                last[mark] = number
            if number == len(rounds):
                rounds.append([])
            rounds[number].append((draft, keys))
        return rounds

    def _save_round(self, entity: str, rows: Sequence[tuple[Draft, list[Key]]]) -> Outcome:
        outcome = Outcome()
        known = self._memory.recall(entity, [draft.row_hash for draft, _ in rows]) | self._recent
        unknown = []
        for draft, keys in rows:
            if found := known.get(draft.row_hash):
                self._leave_known(found, outcome)
            else:
                unknown.append((draft, keys))
        plans: dict[int, _Plan] = {}
        postponed = []
        matches = self._matcher.match(entity, unknown, self._first_new.get(entity))
        earlier = self._memory.recall(entity, [lesser(draft.row_hash) for draft, _ in unknown]) if self._custom else {}
        for row, match in zip(unknown, matches, strict=True):
            if earlier and (found := earlier.get(lesser(row[0].row_hash))):
                match = Match(found.id, EXTERNAL, gone=found.id is None)
            plan = self._plan(row[0], match, outcome)
            if plan is not None and plan.id in plans:  # another row of this round is about the same record
                postponed.append(row)
            elif plan is not None:
                plans[plan.id or -row[0].line] = plan
        self._store(entity, list(plans.values()), outcome)
        if postponed:
            outcome.add(self._save_round(entity, postponed))
        return outcome

    def _leave_known(self, found: Known, outcome: Outcome) -> None:
        if found.id is None:
            outcome.skip(_REMOVED)
        elif found.job in (0, self._job.id):
            outcome.leave(_SAME)
        else:
            outcome.leave()
            outcome.figures.earlier_job = max(found.job, outcome.figures.earlier_job or 0)

    def _plan(self, draft: Draft, match: Match, outcome: Outcome) -> _Plan | None:
        """Return what to do with a row that was not seen before; None when there is nothing to do."""
        if match.problem:
            outcome.reject(draft, match.problem)
        elif match.gone:
            outcome.skip(_REMOVED)
        elif match.id is None:
            return _Plan(draft, None)
        elif match.by == EXTERNAL or self._update:
            if self._is_repeated(draft.entity, match.id):
                outcome.figures.warnings[_REPEATED] += 1
            return _Plan(draft, match.id, by_id=match.by == EXTERNAL)
        elif draft.external:
            outcome.figures.warnings[_ADOPTED.format(match.by)] += 1
            return _Plan(draft, match.id, whole=False)
        elif _forbids(draft):  # whoever asks to be left alone is, whatever else the file may not change
            outcome.figures.warnings[_LEFT.format(match.by)] += 1
            return _Plan(draft, match.id, whole=False)
        else:
            outcome.leave(_LEFT.format(match.by))
        return None

    def _is_repeated(self, entity: str, record_id: int) -> bool:
        is_new = entity in self._first_new and record_id >= self._first_new[entity]
        return is_new or record_id in self._changed.get(entity, ())

    def _store(self, entity: str, plans: Sequence[_Plan], outcome: Outcome) -> None:
        ready = self._ready(entity, plans, outcome)
        refused: dict[int, list[Problem]] = {}
        wanted = [Wanted(plan.values, plan.id, intent="import") for plan in ready]
        stored = iter(self._writer.save_many(entity, wanted, refused.__setitem__))
        notes: list[Wanted] = []
        for position, plan in enumerate(ready):
            if position in refused:
                outcome.reject(plan.draft, "; ".join(map(str, refused[position])))
            else:
                self._tell(plan, next(stored), outcome, notes)
        if notes:
            self._writer.save_many("interaction", notes)

    def _ready(self, entity: str, plans: Sequence[_Plan], outcome: Outcome) -> list[_Plan]:
        """Return the plans with their values; rows whose links or stage cannot be found are set aside.

        The stage comes first: nothing is made on the way for a row that has none.
        """
        ready = []
        converted = self._converted(entity, plans)
        whole = [plan for plan in plans if plan.whole]
        deals = whole if entity == "deal" else ()
        places = {plan.draft.line: self._places.place(plan.draft, plan.id) for plan in deals}
        placed = [plan for plan in whole if not places.get(plan.draft.line, _NO_PLACE).problem]
        found = self._linker.resolve(entity, [plan.draft for plan in placed])
        links = {plan.draft.line: resolved for plan, resolved in zip(placed, found, strict=True)}
        for plan in plans:
            draft = plan.draft
            resolved = links.get(draft.line, plan.links)
            place = places.get(draft.line, _NO_PLACE)
            problem = place.problem or resolved.problem
            if problem:
                outcome.reject(draft, problem)
                continue
            plan.links = resolved
            plan.values = self._values(plan, resolved, place.values)
            if plan.id in converted:
                plan.values.pop("status", None)
            if warnings := draft.warnings + resolved.warnings + place.warnings:
                outcome.figures.warnings.update(warnings)
            ready.append(plan)
        return ready

    def _converted(self, entity: str, plans: Sequence[_Plan]) -> set[int | None]:
        """Return which of the records are leads that were converted here: they stay so, whatever a file says."""
        ids = [plan.id for plan in plans if plan.id is not None] if entity == "lead" else []
        sql = "SELECT id FROM lead WHERE status = 'converted' AND id IN (SELECT value FROM json_each(?))"
        return {row["id"] for row in self._writer.all(sql, json.dumps(ids))} if ids else set()

    def _values(self, plan: _Plan, links: Resolved, placed: dict[str, Any]) -> dict[str, Any]:
        draft, fresh = plan.draft, plan.id is None
        if plan.whole:
            values = record_values(draft, links.ids, placed, self._writer.zone, fresh=fresh)
        else:
            values = {key: True for key in _BANS if draft.values.get(key)}
        if draft.external and not fresh and not plan.by_id:
            values["+external_refs"] = [external_ref(*draft.external)]
        return values

    def _record_consents(self, plan: _Plan, record_id: int, outcome: Outcome) -> bool:
        """Record what a row says of consent, and return whether the ledger did not know it; a refused one is told."""
        if not plan.draft.consents:
            return False
        events = [event for event in plan.draft.consents if plan.whole or event["action"] == "withdraw"]
        if not events:
            return False
        fresh: list[bool] = []
        person = (plan.draft.entity, record_id)
        problems = self._writer.attempt(lambda: fresh.append(add_unknown(self._writer, person, events)))
        outcome.figures.warnings.update(f"{_NO_CONSENT}: {problem.reason}" for problem in problems)
        return any(fresh)

    def _tell(self, plan: _Plan, stored: Stored, outcome: Outcome, notes: list[Wanted]) -> None:
        draft, figures, entity, record_id = plan.draft, outcome.figures, plan.draft.entity, stored.id
        has_consented = self._record_consents(plan, record_id, outcome)
        if stored.before is None:
            action = "created"
            self._first_new.setdefault(entity, record_id)
            if draft.notes and entity in LINKED:
                notes += [_note(text, draft, record_id) for text in draft.notes]
            if entity == "deal" and draft.values.get("outcome", "open") != "open" and "closed_at" not in draft.values:
                figures.warnings[_UNDATED] += 1
        elif has_consented or stored.record["version"] != stored.before["version"]:
            action = "updated"
            if not self._is_repeated(entity, record_id):
                self._marked.append((entity, record_id))
            self._changed.setdefault(entity, Ids()).add(record_id)
        else:
            action = "unchanged"
        setattr(figures, action, getattr(figures, action) + 1)
        if action != "unchanged":
            figures.links += count_links(plan.links.ids, entity)
        if plan.links.late:
            self._afterwards.late.extend(Late(entity, record_id, name, link) for name, link in plan.links.late)
        if plan.whole:
            outcome.kept.append(Kept(draft.line, draft.row_hash, entity, record_id, action))


def _forbids(draft: Draft) -> bool:
    """Say whether a row tells that somebody wants no mail or calls, or withdraws a consent."""
    return any(draft.values.get(ban) for ban in _BANS) or any(one["action"] == "withdraw" for one in draft.consents)


def _note(text: str, draft: Draft, record_id: int) -> Wanted:
    values: dict[str, Any] = {"kind": "note", "body": text, "links": link_rows([(draft.entity, record_id)])}
    if draft.created_at:
        values["occurred_at"] = draft.created_at
    return Wanted(values, intent="import")
