"""Rules that were switched off, by hand or because they ran too often; what their files say is another matter.

The row of ``EVERY`` switches off every rule, those to come included.
"""

import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from crmcli import clock
from crmcli.services.results import Context, manner_of
from crmcli.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

EVERY = "*"
ENABLED, DISABLED, TRIPPED = "enabled", "disabled", "tripped"
_PUT = (
    "INSERT INTO rule_state (rule_id, state, at, reason) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (rule_id) DO UPDATE SET state = excluded.state, at = excluded.at, reason = excluded.reason"
)


class State(NamedTuple):
    """What a rule is since when: ``enabled`` again, ``disabled`` or ``tripped``, and why."""

    state: str
    at: str
    reason: str | None


def load_states(con: sqlite3.Connection) -> dict[str, State]:
    """Return the states of rules by id, without those that nobody ever switched."""
    return {row[0]: State(*row[1:]) for row in con.execute("SELECT rule_id, state, at, reason FROM rule_state")}


def state_of(states: dict[str, State], rule_id: str) -> State | None:
    """Return the state that keeps a rule from acting, None when there is none."""
    found = (states.get(name) for name in (EVERY, rule_id))
    return next((state for state in found if state and state.state != ENABLED), None)


def switch(context: Context, ids: Iterable[str], state: str) -> None:
    """Enable or disable rules; ``EVERY`` stands for all of them, and enabling it takes back only that."""
    with UnitOfWork(context.store, manner_of(context.settings), context.command.text) as unit:
        unit.execute(_PUT, [(rule_id, state, clock.now_text(), context.command.reason) for rule_id in ids])
        if not context.command.dry_run:
            unit.commit()


def trip(writer: "Writer", rule_id: str, reason: str) -> None:
    """Switch a rule off that ran too often, in the same commit as what it did."""
    writer.unit.execute(_PUT, [(rule_id, TRIPPED, clock.now_text(), reason)])
