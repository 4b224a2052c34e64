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
from crmcli.tui.board.reading import read_views
from crmcli.tui.desk import Desk
from crmcli.tui.reports.reading import summaries

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
        self._offers = await asyncio.to_thread(_offers, app, app.desk)

    async def search(self, query: str) -> Hits:
        """Yield those whose names match, as plain text."""
        matcher = self.matcher(query)
        for one in self._offers:
            if (score := matcher.match(one.name)) > 0:
                yield Hit(score, Content(one.name), one.show, one.name, escape(one.told))


def _offers(app: "CrmApp", desk: Desk) -> tuple[Offer, ...]:
    found = [
        Offer(safe(f"Report {name}"), safe(told), partial(app.show_report, name))
        for name, told in summaries(desk).items()
    ]
    try:
        for kind in KINDS:
            plural = ENTITIES[kind].plural.capitalize()
            found += [
                Offer(safe(f"{plural}: {view.name}"), safe(view.condition), partial(app.show_view, kind, view))
                for view in read_views(desk, kind)
            ]
    except CrmError:  # a store that cannot be read now tells so on its screen
        pass
    return tuple(found)
