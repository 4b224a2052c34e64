"""The clocks of a ticket: first response and resolution, measured in business seconds against a budget.

What a clock has consumed is the stored truth; every due time is derived as the instant at which the consumption
reaches the budget if the clock keeps running. Seconds are compared, never rounded hours. Which agreement a ticket
has, and when its status changes, is decided elsewhere.
"""

from datetime import datetime
from typing import NamedTuple

from crmcli.domain.calendar import BusinessCalendar

AT_RISK_SHARE_BP = 2000  # the last fifth of a budget


class Budgets(NamedTuple):
    """Business seconds that an agreement grants; None is without limit."""

    response_s: int | None = None
    resolution_s: int | None = None
    at_risk_share_bp: int = AT_RISK_SHARE_BP


class Clock(NamedTuple):
    """What is stored of a clock: the seconds consumed up to ``since``, where it last started to run.

    ``since`` is None while it does not run; ``stopped`` says that it stands for good, and is not only paused.
    """

    used_s: int = 0
    since: datetime | None = None
    stopped: bool = False


class Reading(NamedTuple):
    """A clock read at an instant: state of the closed list, seconds used and left (negative when over), due time."""

    state: str
    used_s: int
    left_s: int | None = None
    due: datetime | None = None


def start(clock: Clock, at: datetime) -> Clock:
    """Return the clock running from an instant on, with what it had consumed before: opening, resuming, reopening."""
    return clock if clock.since else Clock(clock.used_s, at)


def pause(clock: Clock, at: datetime, calendar: BusinessCalendar) -> Clock:
    """Return the clock halted at an instant, to go on later."""
    return clock if clock.stopped else Clock(used(clock, at, calendar))


def stop(clock: Clock, at: datetime, calendar: BusinessCalendar) -> Clock:
    """Return the clock stopped at an instant: its goal is reached. A stopped clock stays as it was."""
    return clock if clock.stopped else Clock(used(clock, at, calendar), stopped=True)


def used(clock: Clock, at: datetime, calendar: BusinessCalendar) -> int:
    """Return the business seconds a clock has consumed at an instant."""
    return clock.used_s + (calendar.seconds_between(clock.since, at) if clock.since else 0)


def read(
    clock: Clock,
    budget_s: int | None,
    at: datetime,
    calendar: BusinessCalendar,
    at_risk_share_bp: int = AT_RISK_SHARE_BP,
) -> Reading:
    """Return what a clock shows at an instant: ``none paused on_track at_risk breached met met_late``.

    A paused or stopped clock has no due time. A budget that was spent before the clock last started is due at once.
    """
    consumed = used(clock, at, calendar)
    if budget_s is None:
        return Reading("none", consumed)
    left = budget_s - consumed
    if clock.stopped:
        return Reading("met" if left >= 0 else "met_late", consumed, left)
    if clock.since is None:
        return Reading("paused", consumed, left)
    due = calendar.add(clock.since, max(0, budget_s - clock.used_s))
    if left < 0:
        return Reading("breached", consumed, left, due)
    is_close = left * 10_000 <= budget_s * at_risk_share_bp
    return Reading("at_risk" if is_close else "on_track", consumed, left, due)


def at_risk_at(clock: Clock, budget_s: int, share_bp: int, calendar: BusinessCalendar) -> datetime | None:
    """Return the instant at which a running clock comes to be at risk; None where it does not run."""
    if clock.since is None or clock.stopped:
        return None
    safe_s = -(-budget_s * (10_000 - share_bp) // 10_000)
    return calendar.add(clock.since, max(0, safe_s - clock.used_s))


def overall(response: Reading, resolution: Reading) -> str:
    """Return the one state a ticket shows: that of its resolution, worsened by a late or threatened response."""
    states = {response.state, resolution.state} - {"none"}
    if not states:
        return "none"
    if resolution.state == "paused":
        return "paused"
    if states <= {"met", "met_late"}:
        return "met_late" if "met_late" in states else "met"
    if states & {"breached", "met_late"}:
        return "breached"
    return "at_risk" if "at_risk" in states else "on_track"


def is_response(visibility: str, by_agent: bool, is_automatic: bool) -> bool:
    """Say whether a comment stops the response clock: public, by an agent, and not sent by a machine."""
    return visibility == "public" and by_agent and not is_automatic
