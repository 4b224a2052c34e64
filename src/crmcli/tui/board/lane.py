"""One lane of a board: a widget that draws lines, of which only those in sight are ever made.

It holds the cards that were read, asks for more as it is scrolled, and knows where its cursor is. What keys do to a
card is the business of the screen.
"""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from crmcli.output.cells import cut, pad
from crmcli.queries.board import Lane
from crmcli.tui.actions import bindings
from crmcli.tui.board.cards import Card

HEIGHT = 4  # lines of a card, the blank one below it included
PAGE = 100  # cards read at once
_MARKS = {"late": "!", "soon": "·", "": " "}
_COLORS = {"late": "red", "soon": "yellow"}


class LaneView(ScrollView, can_focus=True):
    """A lane with its cursor. ``selected`` are ids of cards that an action is to be done to together."""

    DEFAULT_CSS = """
    LaneView { width: 1fr; min-width: 20; height: 1fr; border-top: solid $panel; scrollbar-size-vertical: 1; }
    LaneView:focus { border-top: solid $accent; }
    LaneView.-collapsed { width: 6; min-width: 6; }
    LaneView.-target { border-top: heavy $success; background: $boost; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("lane")]
    ALLOW_SELECT = False  # what the mouse draws here is a card
    cursor = reactive(0)

    class MoreWanted(Message):
        """Cards beyond those read come into sight."""

        def __init__(self, lane: "LaneView", offset: int) -> None:
            super().__init__()
            self.lane = lane
            self.offset = offset

    class Opened(Message):
        """A card was clicked twice."""

    def __init__(self, lane: Lane) -> None:
        super().__init__(id=f"lane-{lane.key}")
        self.lane = lane
        self.cards: dict[int, Card] = {}
        self.selected: set[int] = set()
        self._asked: set[int] = set()

    @property
    def card(self) -> Card | None:
        """The card that the cursor is on."""
        return self.cards.get(self.cursor)

    def show(self, lane: Lane, cards: dict[int, Card]) -> None:
        """Show a lane as it was just read; the cursor stays with its card, on its place when that is gone."""
        found = next((place for place, card in cards.items() if self.card and card.id == self.card.id), self.cursor)
        self.lane, self.cards, self._asked = lane, cards, set()
        self.selected &= {card.id for card in cards.values()}
        self.virtual_size = Size(0, lane.records * HEIGHT)
        self.cursor = max(0, min(found, lane.records - 1))
        self.refresh()

    def add_cards(self, cards: dict[int, Card]) -> None:
        """Take in cards that were asked for."""
        self.cards |= cards
        self.refresh()

    def find(self, record_id: int) -> int | None:
        """Return the place of a record among the cards read."""
        return next((place for place, card in self.cards.items() if card.id == record_id), None)

    def action_go(self, places: int) -> None:
        """Move the cursor down by so many cards, up where negative."""
        self.cursor = max(0, min(self.cursor + places, self.lane.records - 1))

    def toggle(self) -> None:
        """Select the card, or no longer."""
        if self.card:
            self.selected ^= {self.card.id}
            self.refresh()

    def watch_cursor(self) -> None:
        """Keep the cursor in sight."""
        self.scroll_to_region(Region(0, self.cursor * HEIGHT, 1, HEIGHT), animate=False)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of what is in sight."""
        width = self.scrollable_content_region.width
        if self.has_class("-collapsed"):
            return self._strip(str(self.lane.records) if y == 0 else "", width, Style(dim=True))
        place, part = divmod(y + self.scroll_offset.y, HEIGHT)
        if place >= self.lane.records:
            return Strip.blank(width, self.rich_style)
        card = self.cards.get(place)
        if card is None:
            self._ask(place)
            return self._strip("…" if part == 0 else "", width, Style(dim=True))
        if card.group:  # the blank line stands above the card, and has the heading of what begins there
            part = (part - 1) % HEIGHT
        if part == HEIGHT - 1:
            return self._strip(self._heading(place), width, Style(bold=True, italic=True))
        return self._card_line(card, part, width, is_current=place == self.cursor and self.has_focus)

    def _heading(self, place: int) -> str:
        """Return the heading over a card: that of its group, when the card above is of another."""
        above = self.cards.get(place - 1)
        group = self.cards[place].group
        return f"— {group}" if group and (above is None or above.group != group) else ""

    def _card_line(self, card: Card, part: int, width: int, *, is_current: bool) -> Strip:
        sign = "*" if card.id in self.selected else _MARKS[card.mark]
        text = f"{sign} {card.title}" if part == 0 else f"  {card.lines[part - 1]}"
        style = Style(
            bold=part == 0, dim=part == 2 and not is_current, color=_COLORS.get(card.mark) if part != 1 else None
        )
        return self._strip(text, width, style + Style(reverse=True) if is_current else style)

    def _strip(self, text: str, width: int, style: Style) -> Strip:
        return Strip([Segment(pad(cut(text, width), width), self.rich_style + style)], width)

    def _ask(self, place: int) -> None:
        """Ask once for the page of cards that a place is on."""
        offset = place // PAGE * PAGE
        if offset not in self._asked:
            self._asked.add(offset)
            self.post_message(self.MoreWanted(self, offset))

    def place_at(self, y: int) -> int:
        """Return the place that a line of the widget shows; the first line is its border."""
        return (y - 1 + self.scroll_offset.y) // HEIGHT

    def on_click(self, event: Click) -> None:
        """Put the cursor on the card that was clicked; open one that was clicked twice."""
        place = self.place_at(event.y)
        if 0 <= place < self.lane.records:
            self.cursor = place
            if event.chain > 1:
                self.post_message(self.Opened())
