"""The record of what rules decided: a row for each run, for what rested, and for what a bound of the chain stopped.

A row with a trigger key says that its rule may not run so again; ``taken_back`` frees the key with its write.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crmcli import clock
from crmcli.rules.actions import Step
from crmcli.rules.events import Change, event_name
from crmcli.rules.ruleset import ReadyRule
from crmcli.services.automation.outcome import Outcome
from crmcli.services.automation.posting import Posting
from crmcli.services.results import Context, manner_of
from crmcli.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

INSERT = (
    "INSERT INTO rule_run (rule_id, rule_hash, event, entity, record_id, operation_id, depth, at, status, reason,"
    " actions, trigger_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
ENDED = "ended"  # the status of a row that is there for its key alone, and is nothing that a rule decided
_KEPT = 20  # decisions to rest that are kept of a record, beside those of its last write
_PRUNE = (
    "DELETE FROM rule_run WHERE entity = ?1 AND record_id = ?2 AND status = 'skipped' AND operation_id IS NOT ?3"
    " AND id NOT IN (SELECT id FROM rule_run WHERE entity = ?1 AND record_id = ?2 AND status = 'skipped'"
    " ORDER BY id DESC LIMIT ?4)"
)
Row = tuple[Any, ...]


class RunLog:
    """The runs of one transaction. What actions said is not kept, since it may be personal."""

    def __init__(self, writer: "Writer") -> None:
        self.keeps_rests = False  # whether to note which rules rested
        self._writer = writer
        self._rows: list[Row] = []
        self._rested: set[tuple[str, int]] = set()
        self.posting = Posting(writer)

    def add(self, ready: ReadyRule, change: Change, outcomes: Sequence[tuple[Step, Outcome]], key: str | None) -> None:
        """Note a run: ``failed`` when some action did, ``done`` when some had an effect, else ``matched``."""
        actions = [{"number": step.number, "action": step.kind, "status": outcome.status} for step, outcome in outcomes]
        found = {outcome.status for _, outcome in outcomes}
        has_effect = any(outcome.is_done for _, outcome in outcomes)
        status = "failed" if "failed" in found else "done" if has_effect else "matched"
        if any(outcome.outgoing for _, outcome in outcomes):
            self._writer.journal.begin()  # what goes out belongs to an operation, even where nothing is saved
        for step, outcome in outcomes:
            self.posting.add(len(self._rows), ready.rule, change, step.number, outcome.outgoing)
        self._note(ready, change, status, None, actions, key)

    def rests(self, ready: ReadyRule, change: Change, reason: str) -> None:
        """Note that a rule about a change did not run, where that is kept."""
        if self.keeps_rests:
            self._note(ready, change, "skipped", reason)
            self._rested.add((change.entity, change.id))

    def ended(self, ready: ReadyRule, change: Change, key: str) -> None:
        """Note that the condition of a rule does not hold any more, so that its next match is another one."""
        self._note(ready, change, ENDED, None, key=key)

    def blocked(self, ready: ReadyRule, change: Change, reason: str) -> Row:
        """Return the row of a run that passed a bound, which is stored when its write has been rolled back."""
        return _row(ready, change, None, self._writer.now, "blocked", reason, [], None)

    def keep(self) -> None:
        """Store what was noted."""
        first = self.posting.first_run()
        self._writer.unit.execute(INSERT, self._rows)
        self.posting.keep(first, [row[-1] for row in self._rows])
        operation = self._writer.journal.operation_id
        self._writer.unit.execute(_PRUNE, [(*record, operation, _KEPT) for record in sorted(self._rested)])
        self.drop()

    def drop(self) -> None:
        """Forget what was noted and not stored."""
        self._rows = []
        self._rested = set()
        self.posting.drop()

    def _note(
        self,
        ready: ReadyRule,
        change: Change,
        status: str,
        reason: str | None,
        actions: Sequence[Any] = (),
        key: str | None = None,
    ) -> None:
        operation = self._writer.journal.operation_id
        self._rows.append(_row(ready, change, operation, self._writer.now, status, reason, actions, key))


def note_apart(
    context: Context, ready: ReadyRule, change: Change, status: str, reason: str | None, key: str | None = None
) -> None:
    """Store a decision that no write holds: that a rule could not run, since its write was rolled back, or need not."""
    row = _row(ready, change, None, clock.now_text(), status, reason, [], key)
    with UnitOfWork(context.store, manner_of(context.settings), context.command.text) as unit:
        unit.execute(INSERT, [row])
        unit.commit()


def _row(
    ready: ReadyRule,
    change: Change,
    operation: int | None,
    at: str,
    status: str,
    reason: str | None,
    actions: Sequence[Any],
    key: str | None,
) -> Row:
    """Return a row of ``rule_run``. A record that the blocked write had just created has no number: 0."""
    rule = ready.rule
    event = next((event for event in rule.events if event in change.events), min(change.events, default=""))
    record_id = 0 if status == "blocked" and change.is_new else change.id
    named = event_name(rule.entity, event)
    return (
        rule.id, rule.sha256, named, change.entity, record_id, operation, len(change.chain), at,
        status, reason, json.dumps(actions) if actions else None, key,
    )  # fmt: skip
