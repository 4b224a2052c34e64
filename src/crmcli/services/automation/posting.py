"""Puts what rules send into the outbox, in the transaction of the write that caused it.

The key of a row names rule, record, trigger and action, so that one cause is one message however often it is tried.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.domain.plurals import counted
from crmcli.errors import UsageError
from crmcli.rules.action_keys import MESSAGES
from crmcli.rules.events import Change
from crmcli.rules.figures import entity_of
from crmcli.rules.rule import Rule
from crmcli.services.automation.outcome import Outgoing

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_MOST_MAILS = 50  # that one command may send without saying so
_INSERT = (
    "INSERT INTO outbox (operation_id, rule_id, rule_hash, action_no, kind, payload, key, status, attempts,"
    " max_attempts, not_before, last_error, run_id, entity, record_id, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?)"
    # what was called off with its write waits again; what went out does not go twice
    " ON CONFLICT (key) DO UPDATE SET operation_id = excluded.operation_id, rule_hash = excluded.rule_hash,"
    " payload = excluded.payload, status = excluded.status, attempts = 0, max_attempts = excluded.max_attempts,"
    " not_before = excluded.not_before, last_error = excluded.last_error, run_id = excluded.run_id,"
    " created_at = excluded.created_at WHERE outbox.status = 'cancelled'"
)


class Posted(NamedTuple):
    """What one action of one run sends. ``run`` is the place of the run among those of the transaction."""

    run: int
    rule: Rule
    change: Change
    action: int
    outgoing: Outgoing


class Posting:
    """What the rules of one transaction send. ``operations`` are those that left something to be delivered."""

    def __init__(self, writer: "Writer") -> None:
        self.operations: set[int] = set()
        self._writer = writer
        self._items: list[Posted] = []
        self._mails = 0
        self._times: dict[tuple[str, str, int], int] = {}

    def add(self, run: int, rule: Rule, change: Change, action: int, outgoing: Sequence[Outgoing]) -> None:
        """Note what an action sends."""
        self._items += [Posted(run, rule, change, action, one) for one in outgoing]

    def drop(self) -> None:
        """Forget what was noted and not stored."""
        self._items = []

    def first_run(self) -> int:
        """Return the id that the next run of the transaction gets, asked for before the runs are stored."""
        if not self._items:
            return 0
        found = self._writer.one("SELECT COALESCE(MAX(id), 0) + 1 AS id FROM rule_run") or {}
        return int(found["id"])

    def keep(self, first_run: int, triggers: Sequence[str | None]) -> None:
        """Store what was noted. ``first_run`` is the id of the first run, ``triggers`` what each acts on but once."""
        if not self._items:
            return
        self._check_count()
        operation = self._writer.journal.begin()
        found = self._writer.one("SELECT uid FROM operation WHERE id = ?", operation) or {}
        fresh: dict[int, str] = {}
        rows = []
        for item in self._items:
            trigger = triggers[item.run]
            if trigger is None:
                trigger = fresh.get(item.run) or fresh.setdefault(item.run, self._next(item, found["uid"]))
            rows.append(self._row(item, operation, first_run + item.run, trigger))
        self._writer.unit.execute(_INSERT, rows)
        self.operations.add(operation)
        self._items = []

    def _check_count(self) -> None:
        """Refuse to send more mails at once than a slip of a finger should."""
        self._mails += sum(item.outgoing.kind in MESSAGES and not item.outgoing.blocked for item in self._items)
        most = self._writer.context.command.most
        if self._mails > (_MOST_MAILS if most is None else most):
            told = f"{counted(self._mails, 'message')} would go out"
            raise UsageError(told, hint=f"--max {self._mails} allows it, --no-rules sends none", code="mass.limit")

    def _next(self, item: Posted, operation_uid: str) -> str:
        """Return the trigger of a run that may act as often as it is asked: the operation, and how many there were."""
        which = (item.rule.id, item.change.entity, item.change.id)
        self._times[which] = self._times.get(which, 0) + 1
        return f"{operation_uid} {self._times[which]}"

    def _row(self, item: Posted, operation: int, run_id: int, trigger: str) -> tuple[Any, ...]:
        rule, change, one = item.rule, item.change, item.outgoing
        table = entity_of(change.entity).table  # a key figure has none
        record = self._writer.one(f"SELECT uid FROM {table} WHERE id = ?", change.id) if table else None
        key = _key(rule.id, record["uid"] if record else change.ref, trigger, str(item.action), one.part)
        status = "blocked" if one.blocked else "pending"
        payload = json.dumps(one.payload, ensure_ascii=False)
        return (
            operation, rule.id, rule.sha256, item.action, one.kind, payload, key, status, one.max_attempts,
            one.not_before, one.blocked or None, run_id, change.entity, change.id, self._writer.now,
        )  # fmt: skip


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="backslashreplace")).hexdigest()
