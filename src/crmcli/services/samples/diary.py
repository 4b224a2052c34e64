"""A diary of what is to happen when: steps are planned in any order and then done in the order of time."""

from collections.abc import Callable
from datetime import date, timedelta

from crmcli.domain.zones import local_date, to_utc
from crmcli.services.writer import Writer

_FIRST_MINUTE = 8 * 60 + 30  # of a working day
_PAUSE_MINUTES = 9
_WEEKEND = 5  # and later: Saturday, Sunday


class Diary:
    """Steps on the working days before today, which are done through one writer."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self._today = date.fromisoformat(local_date(writer.now, writer.zone))
        self._steps: list[tuple[str, int, Callable[[], object]]] = []

    def on(self, days_ago: float, act: Callable[[], object]) -> None:
        """Plan a step on a working day before today; steps of one day are done in the order they were planned."""
        day = self._today - timedelta(days=max(int(days_ago), 1))
        day -= timedelta(days=max(day.weekday() - _WEEKEND + 1, 0))
        self._steps.append((day.isoformat(), len(self._steps), act))

    def play(self) -> None:
        """Do the planned steps, the oldest first, some minutes after each other."""
        today, minutes = "", 0
        for day, _, act in sorted(self._steps, key=lambda step: step[:2]):
            minutes = minutes + _PAUSE_MINUTES if day == today else 0
            today = day
            hour, minute = divmod(_FIRST_MINUTE + minutes, 60)
            with self.writer.at(to_utc(f"{day}T{hour:02}:{minute:02}", self.writer.zone)):
                act()

    def day(self, days_ago: int) -> str:
        """Return the local date so many days ago."""
        return (self._today - timedelta(days=days_ago)).isoformat()
