"""What the palette finds beside the actions: every report, and every saved view of a board."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, cast

from textual.command import Hit, Hits, Provider
from textual.content import Content
from textual.markup import escape

from crmcli.catalogue import ENTITIES
from crmcli.errors import CrmError
from crmcli.output.safe import safe
from crmcli.queries.board import KINDS
from crmcli.tui.board.reading import View, read_views
from crmcli.tui.board.screen import BoardScreen
from crmcli.tui.reports.reading import summaries
from crmcli.tui.reports.screen import ReportsScreen

if TYPE_CHECKING:
    from crmcli.tui.app import CrmApp


class Offer(NamedTuple):
    """Something to look at: how it is called, what is told of it, and what shows it."""

    name: str
    told: str
    show: Callable[[], Awaitable[None]]


class Looks(Provider):
    """Finds reports and saved views by their names; they are read in a thread when the palette opens."""

    _offers: tuple[Offer, ...] = ()

    async def startup(self) -> None:
        """Read what there is."""
        app = cast("CrmApp", self.app)
        self._offers = await asyncio.to_thread(_offers, app)

    async def search(self, query: str) -> Hits:
        """Yield those whose names match, as plain text."""
        matcher = self.matcher(query)
        for one in self._offers:
            if (score := matcher.match(one.name)) > 0:
                yield Hit(score, Content(one.name), one.show, one.name, escape(one.told))


def _offers(app: "CrmApp") -> tuple[Offer, ...]:
    found = [
        Offer(safe(f"Report {name}"), safe(told), partial(_show_report, app, name))
        for name, told in summaries(app.desk).items()
    ]
    try:
        for kind in KINDS:
            plural = ENTITIES[kind].plural.capitalize()
            found += [
                Offer(safe(f"{plural}: {view.name}"), safe(view.condition), partial(_show_view, app, kind, view))
                for view in read_views(app.desk, kind)
            ]
    except CrmError:  # a store that cannot be read now tells so on its screen
        pass
    return tuple(found)


async def _show_report(app: "CrmApp", name: str) -> None:
    screen = await app.show_bare("reports")
    if isinstance(screen, ReportsScreen):
        screen.show_report(name)


async def _show_view(app: "CrmApp", entity: str, view: View) -> None:
    screen = await app.show_bare(entity)
    if isinstance(screen, BoardScreen):
        screen.narrow(view)
