"""Rules that were switched off, by hand or because they ran too often; what their files say is another matter.

The row of ``EVERY`` switches off every rule, those to come included.
"""

import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

EVERY = "*"
ENABLED, DISABLED, TRIPPED = "enabled", "disabled", "tripped"


class State(NamedTuple):
    """What a rule is since when: ``enabled`` again, ``disabled`` or ``tripped``, and why."""

    state: str
    at: str
    reason: str | None


def load_states(con: sqlite3.Connection) -> dict[str, State]:
    """Return the states of rules by id, without those that nobody ever switched."""
    return {row[0]: State(*row[1:]) for row in con.execute("SELECT rule_id, state, at, reason FROM rule_state")}


def state_of(states: Mapping[str, State], rule_id: str) -> State | None:
    """Return the state that keeps a rule from acting, None when there is none."""
    found = (states.get(name) for name in (EVERY, rule_id))
    return next((state for state in found if state and state.state != ENABLED), None)
