"""What is measured of a ticket: how long it waited for an answer and a solution, and whether that was in time."""

from typing import TYPE_CHECKING

from crmcli.reports.measures import NO_RESPONSE, Excluded, Measure, Surroundings, business_seconds, plainly
from crmcli.reports.ticket_sets import PUBLIC_BY_AGENT

if TYPE_CHECKING:
    from crmcli.domain.sla import Budgets

AT_ONCE = Excluded("opened with its answer")
NO_LEVEL = Excluded("no service level")
NO_TARGET = Excluded("its service level sets no target")

_COMMENT = f"FROM ticket_comment c WHERE c.ticket_id = r.id AND {PUBLIC_BY_AGENT} AND c.occurred_at"
_IS_BY_AGENT = (
    f"CASE WHEN r.first_response_at <= r.opened_at THEN EXISTS (SELECT 1 {_COMMENT} <= r.opened_at) ELSE FALSE END"
)
_OPENED = "CASE WHEN r.first_response_at IS NOT NULL THEN r.opened_at END"  # alike where there was no answer
_ANSWERED = (
    f"CASE WHEN {_IS_BY_AGENT} THEN (SELECT MIN(c.occurred_at) {_COMMENT} > r.opened_at) ELSE r.first_response_at END"
)
_PAUSES = (
    "(SELECT json_group_array(json_array(w.entered_at, w.left_at)) FROM state_log w WHERE w.entity = 'ticket'"
    " AND w.record_id = r.id AND w.field = 'status' AND w.to_kind = 'paused')"
)
_NO_PAUSES = (None, "[]")


def _seconds(end: str) -> str:
    """Return the SQL of the seconds since a ticket was opened."""
    return f"unixepoch({end}) - unixepoch(r.opened_at)"


def _plainly(end: str) -> str:
    """Return the condition under which these are business seconds of a ticket that did not end as it was opened."""
    return f"{end} > r.opened_at AND {plainly(f'({_seconds(end)})', 'r.opened_at')}"


def _response(world: Surroundings, _: int | None, start: str, end: str | None, by_agent: int) -> int | Excluded:
    """Return the business seconds until the first answer; of a ticket that an agent opened, until a later one."""
    if end is None or (world.until is not None and end >= world.until):
        return AT_ONCE if by_agent else NO_RESPONSE
    return business_seconds(world, start, end)


def _resolution(
    world: Surroundings, used: int, is_known: int, start: str, end: str, pauses: str | None
) -> int | Excluded:
    """Return the business seconds that a resolution consumed; where no clock was running, those between the dates."""
    return used if is_known and pauses in _NO_PAUSES else _waited_out(world, start, end, pauses)


def _waited_out(world: Surroundings, start: str, end: str, pauses: str | None) -> int | Excluded:
    """Return the business seconds between two instants without those in which the ticket waited for others."""
    whole = business_seconds(world, start, end)
    if isinstance(whole, Excluded) or pauses in _NO_PAUSES:
        return whole
    from json import loads

    for entered, left in loads(pauses or "[]"):
        first, last = max(entered, start), min(left or end, end)
        waited = business_seconds(world, first, last) if first < last else 0
        whole -= waited if isinstance(waited, int) else 0
    return max(whole, 0)


def _in_time(budget: int | None, level: str | None, used: int, *, is_done: bool) -> int | Excluded:
    if budget is None:
        return NO_LEVEL if level is None else NO_TARGET
    return int(is_done and used <= budget)


def _budgets(world: Surroundings, level: str | None, priority: str) -> "Budgets":
    from crmcli.config.service_levels import budgets_of

    return budgets_of(world.levels, level, priority)


def _resolved_in_time(world: Surroundings, level: str | None, priority: str, used: int, is_done: int) -> int | Excluded:
    """Return 1 for a ticket resolved within the budget of its service level; one still open is overdue here."""
    budget = _budgets(world, level, priority).resolution_s
    return _in_time(budget, level, used, is_done=bool(is_done))


def _answered_in_time(world: Surroundings, level: str | None, priority: str, used: int, is_done: int) -> int | Excluded:
    """Return 1 for a ticket whose response clock stopped within its budget."""
    return _in_time(_budgets(world, level, priority).response_s, level, used, is_done=bool(is_done))


def _has_score(_world: Surroundings, score: int | None) -> int:
    return int(score is not None)


TICKET_RESPONSE = Measure(
    "h",
    (_seconds("r.first_response_at"), _OPENED, _ANSWERED, _IS_BY_AGENT),
    _response,
    3600,
    usual=f"{_plainly('r.first_response_at')} AND r.first_response_at < COALESCE(:until, '~')",
    noun="business hours to the first answer",
)


def _resolved(end: str, is_measured: str, noun: str) -> Measure:
    """Return the measure of a resolution at ``end``, of which the clock of the ticket says how long it took."""
    columns = (
        f"CASE WHEN {is_measured} THEN r.resolution_used_s ELSE {_seconds(end)} END",
        f"{is_measured} OR {_plainly(end)}",
        *("r.opened_at", end, f"CASE WHEN NOT ({is_measured}) THEN {_PAUSES} END"),
    )
    return Measure("h", columns, _resolution, 3600, noun=noun)


TICKET_RESOLUTION = _resolved("r.resolved_at", "r.clock_at IS NOT NULL", "business hours to the resolution")
TICKET_FIRST_RESOLUTION = _resolved(  # of a ticket that was never reopened it is the only one
    "r.first_resolved_at",
    "(r.clock_at IS NOT NULL AND r.reopened_count = 0)",
    "business hours to the first resolution",
)
RESOLVED_IN_TIME = Measure(
    "ratio",
    ("r.sla", "r.priority", "r.resolution_used_s", "r.resolved_at IS NOT NULL"),
    _resolved_in_time,
    is_few=True,
    noun="targets kept",
)
ANSWERED_IN_TIME = Measure(
    "ratio",
    ("r.sla", "r.priority", "r.response_used_s", "COALESCE(r.first_response_at, r.resolved_at) IS NOT NULL"),
    _answered_in_time,
    is_few=True,
    noun="targets kept",
)
HAS_SCORE = Measure("ratio", ("r.csat_score",), _has_score, is_few=True, noun="scores")
