"""The rows of the outbox: taken by one deliverer at a time, and marked with what came of it.

Taking is a commit of its own, and so is marking: no transaction is open while anybody talks to the outside. A row
whose deliverer died is taken again after its lease where to send it twice does no harm; elsewhere it fails, since
nobody can know whether it was sent.
"""

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from datetime import timedelta
from json import dumps
from typing import Any, NamedTuple

from crmcli import clock
from crmcli.domain.deliveries import DOUBTFUL, UNKNOWN
from crmcli.domain.zones import local_date, to_utc
from crmcli.integrations.sent import Sent
from crmcli.queries.history import taken_back
from crmcli.services.results import Context, manner_of
from crmcli.store.reader import fetch, fetch_one, open_reader
from crmcli.store.unit_of_work import UnitOfWork

LEASE = timedelta(seconds=60)  # longer than anything may take to be sent
PAUSES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))  # before the second attempt, the third, ...
_MINE = "(kind NOT IN ('notify', 'digest') OR (json_valid(payload) AND json_extract(payload, '$.values.to') = :me))"
_WAITS = "(kind = 'digest' AND NOT :digests)"  # until tomorrow, since there is one a day
_DUE = f"(status = 'pending' AND (not_before IS NULL OR not_before <= :now) AND {_MINE} AND NOT {_WAITS})"
_LOST = "(status = 'sending' AND lease_until < :now)"
_AMONG = "(:ids IS NULL OR id IN (SELECT value FROM json_each(:ids)))"
_NEXT = f"SELECT * FROM outbox WHERE {_DUE} AND {_AMONG} ORDER BY id LIMIT 1"
_ERROR = (  # what may have been sent once stays so, whatever comes of later attempts
    f"CASE WHEN last_error {DOUBTFUL} AND ?4 <> '{UNKNOWN}' THEN '{UNKNOWN}; then: ' || ?4 ELSE ?4 END"
)
_TOLD = (
    "SELECT 1 FROM outbox WHERE kind = 'digest' AND status = 'done' AND done_at >= ? AND json_valid(payload)"
    " AND json_extract(payload, '$.values.to') = ? LIMIT 1"
)
_SOME = f"SELECT 1 FROM outbox WHERE ({_DUE} OR {_LOST}) AND {_AMONG} LIMIT 1"


class Row(NamedTuple):
    """A row that is ours until its lease ends. ``attempts`` counts this one too; no rule wants the program's own."""

    id: int
    rule_id: str | None
    rule_hash: str | None
    kind: str
    payload: str
    key: str
    attempts: int
    max_attempts: int
    entity: str | None
    record_id: int | None
    lease_until: str


class Mark(NamedTuple):
    """What a row is marked with: ``done``, ``pending`` until ``not_before``, ``failed`` or ``blocked``."""

    status: str
    not_before: str | None


class Rows:
    """The outbox of a store, as one deliverer sees it. ``ids`` narrows it down to some rows."""

    def __init__(self, context: Context, repeatable: Collection[str], ids: Iterable[int] | None = None) -> None:
        self._context = context
        self._repeatable = dumps(sorted(repeatable))
        self._ids = None if ids is None else dumps(list(ids))
        self._digests: bool | None = None  # whether this is the round in which the user's digest of the day is told

    def take(self) -> Row | None:
        """Take the next row that is due, None when there is none."""
        asked: dict[str, Any] = {"now": clock.now_text(), "me": self._context.settings.user, "ids": self._ids}
        with closing(open_reader(self._context.store, self._context.settings.timezone)) as con:
            if self._digests is None:
                self._digests = self._may_tell_digest(con)
            asked["digests"] = self._digests
            if fetch_one(con, _SOME, asked) is None:
                return None  # without waiting for the lock
        with self._unit() as unit:
            self._give_up_lost(unit, asked["now"])
            found = self._next(unit, asked)
            if found is not None:
                found |= {"attempts": found["attempts"] + 1, "lease_until": clock.stored(clock.now() + LEASE)}
                sql = "UPDATE outbox SET status = 'sending', attempts = ?, lease_until = ? WHERE id = ?"
                unit.execute(sql, [(found["attempts"], found["lease_until"], found["id"])])
            unit.commit()
        return Row(**{name: found[name] for name in Row._fields}) if found else None

    def _next(self, unit: UnitOfWork, asked: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the next row that is due; one that was on its way when its write was taken back is called off."""
        found = fetch_one(unit.raw, _NEXT, asked)
        gone = taken_back(unit.raw) if found else frozenset()
        while found and found["operation_id"] in gone:
            unit.execute("UPDATE outbox SET status = 'cancelled' WHERE id = ?", [(found["id"],)])
            found = fetch_one(unit.raw, _NEXT, asked)
        return found

    def _may_tell_digest(self, con: sqlite3.Connection) -> bool:
        zone = self._context.settings.timezone
        midnight = to_utc(local_date(clock.now_text(), zone), zone)
        return fetch_one(con, _TOLD, (midnight, self._context.settings.user)) is None

    def mark(self, row: Row, sent: Sent, *, was_cut: bool) -> Mark:
        """Mark a row with what came of it, unless its lease has passed to somebody else.

        An attempt that was cut off, since the command could not wait longer, does not count, nor one that only waits.
        """
        attempts = row.attempts - (was_cut or sent.not_before is not None)
        mark = _mark_of(sent, attempts, row.max_attempts)
        done_at = clock.now_text() if mark.status == "done" else None
        with self._unit() as unit:
            sql = (
                f"UPDATE outbox SET status = ?, attempts = ?, not_before = ?, last_error = {_ERROR}, done_at = ?,"
                " lease_until = NULL WHERE id = ? AND status = 'sending' AND attempts = ? AND lease_until = ?"
            )
            values = (mark.status, attempts, mark.not_before, sent.reason or None, done_at)
            unit.execute(sql, [(*values, row.id, row.attempts, row.lease_until)])
            unit.commit()
        return mark

    def _give_up_lost(self, unit: UnitOfWork, now: Any) -> None:
        """Let rows whose deliverer died be taken again, or fail where nobody knows what became of them."""
        again = "kind IN (SELECT value FROM json_each(?))"
        unit.execute(
            "UPDATE outbox SET lease_until = NULL,"
            f" status = CASE WHEN {again} THEN 'pending' ELSE 'failed' END,"
            f" last_error = '{UNKNOWN}' WHERE status = 'sending' AND lease_until < ?",
            [(self._repeatable, now)],
        )

    def _unit(self) -> UnitOfWork:
        return UnitOfWork(self._context.store, manner_of(self._context.settings), self._context.command.text)


def _mark_of(sent: Sent, attempts: int, most: int) -> Mark:
    if sent.status == "temporary" and sent.not_before:
        return Mark("pending", sent.not_before)
    if sent.status == "temporary" and attempts < most:
        pause = PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]
        return Mark("pending", clock.stored(clock.now() + pause))
    return Mark("failed" if sent.status in ("temporary", "permanent") else sent.status, None)


def pending_of(context: Context, operations: Iterable[int]) -> list[int]:
    """Return the rows that operations left to be sent at once; a digest waits for the scheduler."""
    sql = (
        "SELECT id FROM outbox WHERE operation_id IN (SELECT value FROM json_each(:operations))"
        f" AND kind <> 'digest' AND {_DUE} ORDER BY id"
    )
    now, me = clock.now_text(), context.settings.user
    asked = {"operations": dumps(list(operations)), "now": now, "me": me, "digests": False}
    with closing(open_reader(context.store, context.settings.timezone)) as con:
        return [row["id"] for row in fetch(con, sql, asked)]
