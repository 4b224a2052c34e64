"""The sheet of days: a month or a week with a cursor on one of its days. What lies on them is read by the screen."""

from datetime import date, timedelta
from typing import ClassVar

from textual.binding import BindingType
from textual.events import Click, Resize
from textual.geometry import Offset
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from crmcli.domain.durations import shift
from crmcli.output.months import Month
from crmcli.tui.actions import bindings
from crmcli.tui.pages import month_page

_WEEK = 7


class Sheet(Static, can_focus=True):
    """Draws a month or a week. ``day`` (ISO) is where the cursor is; ``Moved`` tells that it went elsewhere."""

    DEFAULT_CSS = """
    Sheet { height: auto; max-height: 70%; overflow-y: auto; border-bottom: solid $panel; }
    Sheet:focus { border-bottom: solid $accent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("sheet")]
    day = reactive("2000-01-01", init=False)

    class Moved(Message):
        """The cursor is on another day."""

    def __init__(self, day: str) -> None:
        super().__init__()
        self.set_reactive(Sheet.day, day)
        self._month: Month | None = None

    def show(self, month: Month) -> None:
        """Draw the days of a span with what lies on them."""
        self._month = month
        self.update(month_page(month._replace(cursor=self.day), self.size.width))

    def on_resize(self, _: Resize) -> None:
        """Draw as wide as there is room."""
        if self._month:
            self.show(self._month)

    def watch_day(self) -> None:
        """Draw the cursor where it is, and tell the screen."""
        if self._month:
            self.show(self._month)
        self.post_message(self.Moved())

    def action_go(self, days: int) -> None:
        """Move the cursor by so many days."""
        self.day = moved(self.day, days)

    def action_go_months(self, months: int) -> None:
        """Move the cursor by so many months, to the last day where a month is too short."""
        self.day = shift(self.day, f"{months:+}m", "UTC")

    def on_click(self, event: Click) -> None:
        """Put the cursor on the day that was clicked."""
        if found := self.day_under(event.offset):
            self.day = found

    def day_under(self, point: Offset) -> str | None:
        """Return the day at a point of this widget."""
        return day_at(self._month, point.x, point.y, self.size.width) if self._month else None


def moved(day: str, days: int) -> str:
    """Return the day so many days later; the first and the last day of the calendar are as far as one gets."""
    try:
        return (date.fromisoformat(day) + timedelta(days)).isoformat()
    except OverflowError:
        return day


def day_at(month: Month, x: int, y: int, width: int) -> str | None:
    """Return the day of a sheet that stands at a place, None for places beside days."""
    lines = month_page(month, width).plain.split("\n")
    weeks = [number for number, line in enumerate(lines) if line and not line.strip("─")]
    week = sum(1 for number in weeks if number < y) - 1
    rule = len(lines[weeks[0]]) if weeks else 0
    if week < 0 or not rule or x >= rule:
        return None
    first = date.fromisoformat(month.first)
    day = first - timedelta(first.weekday()) + timedelta(_WEEK * week + x * _WEEK // rule)
    return day.isoformat() if month.first <= day.isoformat() <= month.last else None
