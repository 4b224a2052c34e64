"""Which screens there are, by the places that keys and the command line name.

What a screen needs is imported when it is first made, so that the one that is begun with is there soon; ``get_ready``
takes the time for the others afterwards.
"""

from collections.abc import Mapping
from importlib import import_module

from crmcli.queries.board import KINDS
from crmcli.tui.desk import Desk, Record
from crmcli.tui.screen import DeskScreen

PLACES = tuple(dict.fromkeys(("today", *KINDS, "calendar", "search", "reports")))  # in the order of their keys
_LATER = (
    "crmcli.tui.pages",
    "crmcli.tui.record.screen",
    "crmcli.tui.today.review",
    "crmcli.tui.calendar.screen",
    "crmcli.tui.search.screen",
    "crmcli.tui.reports.screen",
    "crmcli.tui.palette",
    "crmcli.services.deals",
    "crmcli.services.undo",
    "crmcli.services.delivery.deliver",
)


def make_screen(place: str, desk: Desk, kept: Mapping[str, str]) -> DeskScreen:
    """Return the screen of one of ``PLACES``, with what it kept."""
    if place == "today":
        from crmcli.tui.today.screen import TodayScreen

        return TodayScreen(desk, kept)
    if place == "calendar":
        from crmcli.tui.calendar.screen import CalendarScreen

        return CalendarScreen(desk, kept)
    if place == "search":
        from crmcli.tui.search.screen import SearchScreen

        return SearchScreen(desk, kept)
    if place == "reports":
        from crmcli.tui.reports.screen import ReportsScreen

        return ReportsScreen(desk, kept)
    from crmcli.tui.board.screen import BoardScreen

    return BoardScreen(desk, place, kept)


def make_record_screen(desk: Desk, record: Record) -> DeskScreen:
    """Return the screen of a record."""
    from crmcli.tui.record.screen import RecordScreen

    return RecordScreen(desk, record)


def get_ready() -> None:
    """Import what the first screen did not need, and what writes: the first key that does asks for no patience."""
    for name in _LATER:
        import_module(name)
