"""Whom of a pool a record goes to: the next in turn, the least busy, or one by lot."""

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from crmcli.domain.closed_lists import ENUMS
from crmcli.domain.schema import Entity
from crmcli.rules.deeds import Pool

if TYPE_CHECKING:
    from crmcli.services.automation.actor import Actor

_OVER = frozenset({"won", "lost", "done", "dropped"})  # kinds of a status
_TURN = (
    "INSERT INTO pool_turn (pool, user_id) VALUES (?, ?) ON CONFLICT (pool) DO UPDATE SET user_id = excluded.user_id"
)


def choose(actor: "Actor", pool: Pool, key: str) -> int:
    """Return the user that a pool gives the record to; ``key`` is the field that will hold them."""
    return _STRATEGIES[pool.strategy](actor, pool, key)


def _next_in_turn(actor: "Actor", pool: Pool, _: str) -> int:
    """Return who comes after the last one, and remember them: rules that name the same pool share its turns."""
    found = actor.writer.one("SELECT user_id FROM pool_turn WHERE pool = ?", pool.name)
    last = found["user_id"] if found else None
    place = pool.members.index(last) + 1 if last in pool.members else 0
    user = pool.members[place % len(pool.members)]
    actor.writer.unit.execute(_TURN, [(pool.name, user)])
    return user


def _least_busy(actor: "Actor", pool: Pool, key: str) -> int:
    """Return who has the fewest open records of this kind, of several the first in the pool."""
    kind = actor.kind
    sql = (
        f"SELECT r.{key}_id AS user, COUNT(*) AS n FROM {kind.table} r WHERE r.deleted_at IS NULL AND {_open(kind)}"
        f" AND r.id <> ? AND r.{key}_id IN (SELECT value FROM json_each(?)) GROUP BY r.{key}_id"
    )
    counts = {row["user"]: row["n"] for row in actor.writer.all(sql, actor.change.id, json.dumps(pool.members))}
    return min(pool.members, key=lambda user: counts.get(user, 0))


def _open(kind: Entity) -> str:
    """Return the SQL condition of records that are not over; those without a status never are."""
    if kind.name == "deal":
        return "r.outcome = 'open'"
    if "status" not in kind.fields:
        return "1"
    over = (choice.key for choice in ENUMS[kind.fields["status"].enum] if choice.kind in _OVER)
    return f"r.status NOT IN ({', '.join(repr(key) for key in over)})"


def _by_lot(actor: "Actor", pool: Pool, _: str) -> int:
    """Return one by a lot that the uid of the record casts, so that it falls the same however often it is cast."""
    lot = hashlib.sha256(actor.image()["uid"].encode()).digest()
    return pool.members[int.from_bytes(lot[:8]) % len(pool.members)]


_STRATEGIES: dict[str, Callable[["Actor", Pool, str], int]] = {
    "round_robin": _next_in_turn,
    "least_busy": _least_busy,
    "random": _by_lot,
}
