"""What there is to be reminded of: things with their occasions, and by which settings one looks for them.

Where things come from stands in ``watched_events`` and ``watched_records``, which of them were told in ``reminders``.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from crmcli import clock
from crmcli.config.remind_settings import RemindSettings
from crmcli.domain.triggers import due_before
from crmcli.domain.zones import local_date, to_utc

if TYPE_CHECKING:
    from crmcli.config.service_levels import Level
    from crmcli.config.settings import Settings
    from crmcli.domain.calendar import BusinessCalendar

URGENCIES = ("overdue", "today", "ahead", "idle", "missed")


class Thing(NamedTuple):
    """Something to be reminded of: a record, or one instance of an event.

    ``occasions`` are stored instants by name: those up to now at which one tells of it. ``due`` is a local day or a
    local time to the minute, ``until`` the local end of an event. ``urgency`` is one of ``URGENCIES``.
    """

    kind: str
    entity: str
    id: int
    due: str
    urgency: str
    occasions: dict[str, str]
    until: str | None = None
    detail: str | None = None


class Watch(NamedTuple):
    """What is looked at, in which zone, of which user (id; None for all).

    ``since`` is a stored instant: of an event that is over by now only occasions after it count, and none without it.
    """

    settings: RemindSettings
    zone: str
    user: int | None = None
    since: str | None = None
    calendar: "BusinessCalendar | None" = None
    levels: "Sequence[Level]" = ()

    @property
    def today(self) -> str:
        """The present local day."""
        return local_date(clock.now_text(), self.zone)

    def begin_of(self, day: str) -> str:
        """Return the instant from which on one tells of what belongs to a local day."""
        return to_utc(f"{day}T{self.settings.day_from}", self.zone)

    def owned(self, column: str) -> str:
        """Return what ends a condition so that only records of the user meet it."""
        return "" if self.user is None else f" AND r.{column} = {int(self.user)}"


def watch_of(settings: "Settings", user: int | None = None) -> Watch:
    """Return what is looked at by the settings."""
    chosen = settings.remind or RemindSettings()
    return Watch(chosen, settings.timezone, user, None, settings.calendar, settings.service_levels)


def due(occasions: dict[str, str]) -> dict[str, str]:
    """Return the occasions up to now."""
    now = clock.now_text()
    return {name: at for name, at in occasions.items() if at <= now}


def before(triggers: Iterable[object], wall: str, zone: str, thing_due: str) -> dict[str, str]:
    """Return an occasion for each reminder of something at a wall time; what is no trigger is passed over."""
    found = {}
    for trigger in map(str, triggers):
        try:
            found[f"{thing_due} {trigger}"] = due_before(wall, trigger, zone)
        except ValueError:  # of an imported calendar, say
            continue
    return found
