"""The clocks of a stored ticket, read at an instant: what is used of its service level, what is left, and until when.

Which seconds were consumed is stored with the ticket; here they only meet the budgets of the settings.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from crmcli.clock import stored
from crmcli.config.service_levels import Level, budgets_of
from crmcli.domain.calendar import BusinessCalendar
from crmcli.domain.enums import kind
from crmcli.domain.sla import Clock, Reading, at_risk_at, overall, read

STORED = (  # columns of a ticket that its clocks are read from, alias r
    "r.id, r.status, r.priority, r.sla, r.clock_at, r.response_used_s, r.resolution_used_s, r.first_response_at,"
    " r.reopened_count"
)
RUNNING = "r.clock_at IS NOT NULL AND r.status NOT IN ('resolved', 'closed')"


class ServiceClocks(NamedTuple):
    """The two clocks of a ticket as they show at an instant."""

    response: Reading
    resolution: Reading

    @property
    def state(self) -> str:
        """The one state of the ticket: ``none paused on_track at_risk breached met met_late``."""
        return overall(self.response, self.resolution)


def read_clocks(
    ticket: Mapping[str, Any], at: datetime, calendar: BusinessCalendar | None, levels: Sequence[Level]
) -> ServiceClocks | None:
    """Return the clocks of a stored ticket (columns by name); None when it is not measured.

    While the ticket is paused neither clock has a due time.
    """
    if calendar is None or ticket["clock_at"] is None:
        return None
    budgets = budgets_of(levels, ticket["sla"], ticket["priority"])
    share = budgets.at_risk_share_bp
    response = read(response_clock(ticket), budgets.response_s, at, calendar, share)
    resolution = read(resolution_clock(ticket), budgets.resolution_s, at, calendar, share)
    if kind("ticket_status", ticket["status"]) == "paused":
        response = response._replace(due=None)
    return ServiceClocks(response, resolution)


class Milestone(NamedTuple):
    """The stored instant at which a clock comes to be ``at_risk`` or ``breached``.

    ``name`` is the same for as long as the clock has the same budget and was not started anew.
    """

    state: str
    at: str
    name: str


def milestones(ticket: Mapping[str, Any], calendar: BusinessCalendar, levels: Sequence[Level]) -> Iterator[Milestone]:
    """Yield what lies ahead of the clocks of a stored ticket that run, or lies behind them since they last started."""
    if kind("ticket_status", ticket["status"]) == "paused":
        return
    budgets = budgets_of(levels, ticket["sla"], ticket["priority"])
    clocks = (
        ("response", response_clock(ticket), budgets.response_s, 0),
        ("resolution", resolution_clock(ticket), budgets.resolution_s, ticket["reopened_count"] or 0),
    )
    for name, clock, budget_s, turn in clocks:
        if budget_s is None or clock.since is None or clock.stopped:
            continue
        name = f"{name} {budget_s} {turn}"
        risk = at_risk_at(clock, budget_s, budgets.at_risk_share_bp, calendar)
        if risk is not None:
            yield Milestone("at_risk", stored(risk), f"{name} at_risk")
        late = calendar.add(clock.since, max(0, budget_s - clock.used_s)) + timedelta(seconds=1)
        yield Milestone("breached", stored(late), f"{name} breached")


def response_clock(ticket: Mapping[str, Any]) -> Clock:
    """Return the clock of the first response: it runs while the ticket waits for anybody, the customer included."""
    is_stopped = ticket["first_response_at"] is not None or kind("ticket_status", ticket["status"]) == "done"
    return _clock(ticket, ticket["response_used_s"], is_stopped)


def resolution_clock(ticket: Mapping[str, Any]) -> Clock:
    """Return the clock of the resolution: it runs while the ticket waits for us."""
    status_kind = kind("ticket_status", ticket["status"])
    if status_kind == "paused":
        return Clock(ticket["resolution_used_s"])
    return _clock(ticket, ticket["resolution_used_s"], status_kind == "done")


def _clock(ticket: Mapping[str, Any], used_s: int, is_stopped: bool) -> Clock:
    return Clock(used_s, None if is_stopped else datetime.fromisoformat(ticket["clock_at"]), is_stopped)
