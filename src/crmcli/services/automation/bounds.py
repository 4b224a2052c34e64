"""How often a rule may run: once for what its file says, as often as its guard lets it, and never like mad.

Asked of the runs that are stored, inside the transaction, so two writes never both find that a rule may still run.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crmcli.clock import stored
from crmcli.domain.plurals import counted
from crmcli.domain.zones import local_date, to_utc
from crmcli.rules.events import Change
from crmcli.rules.ruleset import ReadyRule
from crmcli.services.automation.runs import RunLog
from crmcli.services.automation.states import TRIPPED, State, load_states, state_of, trip

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

MOST_RUNS = 50  # of one rule in a minute, by as many commands
_BULK = ("import", "rule")  # kinds of commands that are meant to run a rule many times
_RAN = "status IN ('done', 'matched')"
_MATCH = (
    "SELECT trigger_key FROM rule_run WHERE rule_id = ? AND trigger_key >= ? || ' #' AND trigger_key < ? || ' $'"
    " ORDER BY id DESC LIMIT 1"
)
_ENDED = " ended"


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
        record = f"{change.entity} {change.id}"
        match ready.rule.once:
            case "per_record":
                return record
            case "per_day":
                return f"{record} {local_date(self._writer.now, self._writer.zone)}"
            case "per_anchor":
                return f"{record} {anchor}"
            case "per_match":
                return f"{record} #{self._match(ready, change)[0]}"
        return None

    def reason_to_wait(self, ready: ReadyRule, change: Change, key: str | None) -> str:
        """Return why a rule whose condition holds does not run now; empty when it runs."""
        self._runs.keep()
        if key and self._writer.one("SELECT 1 FROM rule_run WHERE rule_id = ? AND trigger_key = ?", ready.id, key):
            return _ONCE[ready.rule.once]
        return self._guarded(ready, change) or self._tripped(ready)

    def end_match(self, ready: ReadyRule, change: Change) -> str | None:
        """Return the key that ends the open match of a rule and a record; None when none is open."""
        number, is_open = self._match(ready, change)
        return f"{change.entity} {change.id} #{number}{_ENDED}" if is_open else None

    def _match(self, ready: ReadyRule, change: Change) -> tuple[int, bool]:
        """Return the number of the match that a record is in, or that its next one will have, and whether it is in."""
        self._runs.keep()
        record = f"{change.entity} {change.id}"
        found = self._writer.one(_MATCH, ready.id, record, record)
        if found is None:
            return 1, False
        number, ended, _ = found["trigger_key"].partition("#")[2].partition(_ENDED)
        return int(number) + bool(ended), not ended

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


def _earlier(now: str, **before: int) -> str:
    return stored(datetime.fromisoformat(now) - timedelta(**before))
