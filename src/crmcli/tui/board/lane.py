"""One lane of a board: a widget that draws lines, of which only those in sight are ever made.

It holds the cards that were read, asks for more as it is scrolled, and knows where its cursor is. What keys do to a
card is the business of the screen.
"""

from typing import ClassVar

from rich.cells import cell_len
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
from crmcli.tui.board.bands import HEIGHT, Layout, plain
from crmcli.tui.board.cards import Card

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

    class Scrolled(Message):
        """Other lines came into sight."""

        def __init__(self, lane: "LaneView") -> None:
            super().__init__()
            self.lane = lane

    class Opened(Message):
        """A card was clicked twice."""

    def __init__(self, lane: Lane) -> None:
        super().__init__(id=f"lane-{lane.key}")
        self.lane = lane
        self.cards: dict[int, Card] = {}
        self.selected: set[int] = set()
        self.layout_of_cards = plain(0)
        self._asked: set[int] = set()
        self._is_led = False

    @property
    def card(self) -> Card | None:
        """The card that the cursor is on."""
        return self.cards.get(self.cursor)

    def show(self, lane: Lane, cards: dict[int, Card], layout: Layout) -> None:
        """Show a lane as it was just read; the cursor stays with its card, on its place when that is gone."""
        found = next((place for place, card in cards.items() if self.card and card.id == self.card.id), self.cursor)
        before = self.line
        self.lane, self.cards, self.layout_of_cards, self._asked = lane, cards, layout, set()
        self.selected &= {card.id for card in cards.values()}
        self.virtual_size = Size(0, layout.lines)
        self.cursor = max(0, min(found, lane.records - 1))
        if self.line != before:
            self.watch_cursor()
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
        line = self.line
        above = line - 1 if self.layout_of_cards.at(line - 1).heading else line
        self.scroll_to_region(Region(0, above, 1, line - above + HEIGHT), animate=False)
        self.refresh()

    @property
    def line(self) -> int:
        """The first line of the card that the cursor is on."""
        return self.layout_of_cards.line_of(self.cursor)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell it, unless it was another lane that led this one there."""
        super().watch_scroll_y(old_value, new_value)
        if not self._is_led:
            self.post_message(self.Scrolled(self))

    def scroll_with(self, lane: "LaneView") -> None:
        """Show the same lines as another lane."""
        self._is_led = True
        self.scroll_to(y=lane.scroll_y, animate=False, immediate=True)
        self._is_led = False

    def render_line(self, y: int) -> Strip:
        """Draw one line of what is in sight."""
        width = self.scrollable_content_region.width
        if self.has_class("-collapsed"):
            return self._strip(str(self.lane.records) if y == 0 else "", width, Style(dim=True))
        place, part, heading = self.layout_of_cards.at(y + self.scroll_offset.y)
        if heading:
            told = f"── {heading} " if self.has_class("-first") else ""
            return self._strip(told + "─" * (width - cell_len(told)), width, Style(bold=bool(told), dim=not told))
        if place is None:
            return Strip.blank(width, self.rich_style)
        card = self.cards.get(place)
        if card is None:
            self._ask(place)
            return self._strip("…" if part == 0 else "", width, Style(dim=True))
        if part == HEIGHT - 1:
            return Strip.blank(width, self.rich_style)
        return self._card_line(card, part, width, is_current=place == self.cursor and self.has_focus)

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

    def place_at(self, y: int) -> int | None:
        """Return the place that a line of the widget shows, None beside cards; the first line is its border."""
        return self.layout_of_cards.at(y - 1 + self.scroll_offset.y).place

    def on_click(self, event: Click) -> None:
        """Put the cursor on the card that was clicked; open one that was clicked twice."""
        place = self.place_at(event.y)
        if place is not None:
            self.cursor = place
            if event.chain > 1:
                self.post_message(self.Opened())
