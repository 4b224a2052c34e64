"""The record of what rules decided: a row for each run, and for the run that a bound of the chain stopped."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crmcli.rules.actions import Step
from crmcli.rules.events import Change
from crmcli.rules.ruleset import ReadyRule
from crmcli.services.automation.outcome import Outcome
from crmcli.services.automation.posting import Posting

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

INSERT = (
    "INSERT INTO rule_run (rule_id, rule_hash, event, entity, record_id, operation_id, depth, at, status, reason,"
    " actions) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
Row = tuple[Any, ...]


class RunLog:
    """The runs of one transaction. What actions said is not kept, since it may be personal."""

    def __init__(self, writer: "Writer") -> None:
        self._writer = writer
        self._rows: list[Row] = []
        self.posting = Posting(writer)

    def add(self, ready: ReadyRule, change: Change, outcomes: Sequence[tuple[Step, Outcome]]) -> None:
        """Note a run: ``done`` when some action had an effect, else ``matched``."""
        actions = [{"number": step.number, "action": step.kind, "status": outcome.status} for step, outcome in outcomes]
        status = "done" if any(outcome.is_done for _, outcome in outcomes) else "matched"
        for step, outcome in outcomes:
            self.posting.add(len(self._rows), ready.rule, change, step.number, outcome.outgoing)
        operation = self._writer.journal.operation_id
        self._rows.append(_row(ready, change, operation, self._writer.now, status, None, actions))

    def blocked(self, ready: ReadyRule, change: Change, reason: str) -> Row:
        """Return the row of a run that passed a bound, which is stored when its write has been rolled back."""
        return _row(ready, change, None, self._writer.now, "blocked", reason, [])

    def keep(self) -> None:
        """Store what was noted."""
        first = self.posting.first_run()
        self._writer.unit.execute(INSERT, self._rows)
        self.posting.keep(first, [None] * len(self._rows))
        self._rows = []

    def drop(self) -> None:
        """Forget what was noted and not stored."""
        self._rows = []
        self.posting.drop()


def _row(
    ready: ReadyRule,
    change: Change,
    operation: int | None,
    at: str,
    status: str,
    reason: str | None,
    actions: list[Any],
) -> Row:
    """Return a row of ``rule_run``. A record that the blocked write had just created has no number: 0."""
    rule = ready.rule
    event = next(event for event in rule.events if event in change.events)
    record_id = 0 if status == "blocked" and change.is_new else change.id
    return (
        rule.id, rule.sha256, f"{rule.entity}.{event}", change.entity, record_id, operation, len(change.chain), at,
        status, reason, json.dumps(actions) if actions else None,
    )  # fmt: skip
