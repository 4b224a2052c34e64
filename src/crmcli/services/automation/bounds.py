"""How often a rule may run: once for what its file says, as often as its guard lets it, and never like mad.

Asked of the runs that are stored, inside the transaction, so two writes never both find that a rule may still run.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crmcli.clock import stored
from crmcli.domain.plurals import counted
from crmcli.domain.zones import local_date, to_utc
from crmcli.queries.rule_states import TRIPPED, State, load_states, state_of
from crmcli.rules.events import Change
from crmcli.rules.ruleset import ReadyRule
from crmcli.services.automation.keys import Match, match_key, once_key, read_match
from crmcli.services.automation.runs import RunLog
from crmcli.services.automation.states import trip

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

MOST_RUNS = 50  # of one rule in a minute, by as many commands
_BULK = ("import", "rule")  # kinds of commands that are meant to run a rule many times
_RAN = "status IN ('done', 'matched')"
_MATCH = (
    "SELECT trigger_key FROM rule_run WHERE rule_id = ? AND trigger_key >= ? || ' #' AND trigger_key < ? || ' $'"
    " ORDER BY id DESC LIMIT 1"
)


class Bounds:
    """The bounds of the rules of one transaction."""

    def __init__(self, writer: "Writer", runs: RunLog) -> None:
        self._writer = writer
        self._runs = runs
        self._states: dict[str, State] = load_states(writer.unit.raw)

    def reason_to_rest(self, ready: ReadyRule) -> str:
        """Return why a rule may not run at all; empty when it may."""
        state = state_of(self._states, ready.id)
        if state is None:
            return ""
        return f"it is {state.state}" + (f": {state.reason}" if state.reason else "")

    def key(self, ready: ReadyRule, change: Change, anchor: str) -> str | None:
        """Return the key of a run that may happen but once; None where it may happen with every write."""
        record = record_of(change)
        if ready.rule.once != "per_match":
            return once_key(ready.rule.once, record, local_date(self._writer.now, self._writer.zone), anchor)
        match = self._match(ready, change)
        return match_key(record, match.number if match.is_open else match.number + 1)

    def reason_to_wait(self, ready: ReadyRule, change: Change, key: str | None) -> str:
        """Return why a rule whose condition holds does not run now; empty when it runs."""
        self._runs.keep()
        if key and self._writer.one("SELECT 1 FROM rule_run WHERE rule_id = ? AND trigger_key = ?", ready.id, key):
            return _ONCE[ready.rule.once]
        return self._guarded(ready, change) or self._tripped(ready)

    def end_key(self, ready: ReadyRule, change: Change) -> str | None:
        """Return the key that ends the open match of a rule and a record; None when none is open."""
        match = self._match(ready, change)
        return match_key(record_of(change), match.number, ended=True) if match.is_open else None

    def _match(self, ready: ReadyRule, change: Change) -> Match:
        self._runs.keep()
        record = record_of(change)
        found = self._writer.one(_MATCH, ready.id, record, record)
        return read_match(found["trigger_key"])[1] if found else Match()

    def _guarded(self, ready: ReadyRule, change: Change) -> str:
        guard, now = ready.rule.guard, self._writer.now
        if (most := guard.max_runs_per_record_per_day) is not None:
            midnight = to_utc(local_date(now, self._writer.zone), self._writer.zone)
            sql = f"entity = ? AND record_id = ? AND {_RAN} AND at >= ?"
            if self._count(ready, sql, change.entity, change.id, midnight) >= most:
                return f"its guard allows {counted(most, 'run')} on a record in a day"
        if (most := guard.max_runs_per_hour) is not None and self._count(
            ready, f"{_RAN} AND at > ?", _earlier(now, hours=1)
        ) >= most:
            return f"its guard allows {counted(most, 'run')} in an hour"
        return ""

    def _count(self, ready: ReadyRule, sql: str, *parameters: object) -> int:
        found = self._writer.one(
            f"SELECT COUNT(*) AS runs FROM rule_run WHERE rule_id = ? AND {sql}", ready.id, *parameters
        )
        return found["runs"] if found else 0

    def _tripped(self, ready: ReadyRule) -> str:
        """Trip a rule that many commands have run within a minute; a command on many records counts as one."""
        if self._writer.context.command.kind in _BULK:
            return ""
        since = _earlier(self._writer.now, minutes=1)
        if ready.id in self._states:  # it was enabled again
            since = max(since, self._states[ready.id].at)
        commands = self._count_commands(ready, since)
        if commands < MOST_RUNS:
            return ""
        reason = f"more than {MOST_RUNS} runs within a minute"
        self._states[ready.id] = State(TRIPPED, self._writer.now, reason)
        trip(self._writer, ready.id, reason)
        self._writer.warn(f"rule {ready.id} tripped, {reason}, and does nothing until: crm rule enable {ready.id}")
        return f"it is {TRIPPED}: {reason}"

    def _count_commands(self, ready: ReadyRule, since: str) -> int:
        found = self._writer.one(
            "SELECT COUNT(DISTINCT o.id) AS commands FROM rule_run r JOIN operation o ON o.id = r.operation_id"
            f" WHERE r.rule_id = ? AND r.at > ? AND r.{_RAN} AND o.kind NOT IN ('import', 'rule') AND o.id <> ?",
            ready.id,
            since,
            self._writer.journal.operation_id or 0,
        )
        return found["commands"] if found else 0


_ONCE = {
    "per_record": "it has run on this record, and runs once on each",
    "per_day": "it has run on this record today",
    "per_anchor": "it has run for this moment",
    "per_match": "it has run since its condition began to hold",
}


def record_of(change: Change) -> str:
    """Return what keys call the record of a change."""
    return f"{change.entity} {change.id}"


def _earlier(now: str, **before: int) -> str:
    return stored(datetime.fromisoformat(now) - timedelta(**before))
