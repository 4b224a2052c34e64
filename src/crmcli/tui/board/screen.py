"""The board at work: keys that take cards to other lanes, add, win and lose; every one is a step of a command."""

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from textual.binding import BindingType
from textual.dom import DOMNode
from textual.events import MouseDown, MouseEvent, MouseMove, MouseUp

from crmcli.catalogue import ENTITIES
from crmcli.domain.plurals import counted
from crmcli.output.safe import safe
from crmcli.tui.actions import bindings
from crmcli.tui.board import work as acts
from crmcli.tui.board.closing import ClosingScreen
from crmcli.tui.board.narrowing import NarrowedBoard
from crmcli.tui.desk import Desk, Record
from crmcli.tui.dialogs import Choice, ChooseDialog


class Grab(NamedTuple):
    """What the mouse holds: records, how they are called, and the lane they are from."""

    records: list[Record]
    name: str
    lane: int | str


class BoardScreen(NarrowedBoard, ClosingScreen):  # in this order: Textual takes styles along the first base alone
    """A board of one kind of record: deals by stage, tickets or leads by status."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("board")]
    _grab: Grab | None = None

    def __init__(self, desk: Desk, entity: str, kept: Mapping[str, str]) -> None:
        super().__init__(desk, entity, kept)
        self._bound: dict[Record, int] = {}  # for which lane cards are on their way

    def targets(self) -> dict[str, DOMNode]:
        """Add those of this screen."""
        return {**super().targets(), "board": self, **({"lane": self.view} if self.view else {})}

    def on_mouse_down(self, event: MouseDown) -> None:
        """Take hold of a card, and of the others that are selected with it."""
        place = self.lane_at(event.screen_offset)
        self._grab = None
        if event.button == 1 and place is not None:
            view = self.columns[place].view
            row = event.screen_offset.y - view.region.y
            found = view.place_at(row) if row > 0 else None
            card = None if found is None else view.cards.get(found)
            if card:
                records = self.chosen() if card.id in view.selected else [Record(self.entity, card.id)]
                name = card.title if len(records) == 1 else f"{len(records)} {ENTITIES[self.entity].plural}"
                self._grab = Grab(records, name, view.lane.key)

    def on_mouse_move(self, event: MouseMove) -> None:
        """Show to which lane that would go which the mouse holds."""
        if self._grab:
            self._show_target(self._target(event))

    def on_mouse_up(self, event: MouseUp) -> None:
        """Move what the mouse holds to the lane where it is let go."""
        if self._grab:
            records, target = self._grab.records, self._target(event)
            self._show_target(None)
            self._grab = None
            if target is not None:
                self._move(records, target)

    def action_let_go(self) -> None:
        """Leave what the mouse holds where it was; else leave the line of the filter."""
        if self._grab:
            self._grab = None
            self._show_target(None)
        else:
            self.close_filter()

    def _target(self, event: MouseEvent) -> int | None:
        """Return the place of the other lane that the mouse is over."""
        place = self.lane_at(event.screen_offset)
        if place is None or self._grab is None or self.columns[place].view.lane.key == self._grab.lane:
            return None
        return place

    def _show_target(self, target: int | None) -> None:
        for place, column in enumerate(self.columns):
            column.view.set_class(place == target, "-target")
        if self._grab and target is not None:
            self.tell(f"{self._grab.name} → {self.columns[target].view.lane.label}")
        else:
            self.tell()

    def action_move_card(self, step: int) -> None:
        """Move the chosen cards to the next lane; while they are on their way, to the one next to where they go."""
        if not self.app.is_writing:
            self._bound.clear()
        if chosen := self.chosen():
            place = self._bound.get(chosen[0], self._current) + step
            if 0 <= place < len(self.columns):
                self._move(chosen, place)

    def _move(self, chosen: list[Record], place: int) -> None:
        lane = self.columns[place].view.lane
        self._bound |= dict.fromkeys(chosen, place)
        kind = ENTITIES[self.entity]
        told = f"{counted(len(chosen), kind.label.lower(), kind.plural)} to {lane.label}"
        self.write(lambda: acts.move(self.desk, chosen, lane.key), told, self.entity)

    def action_choose_lane(self) -> None:
        """Ask which lane the chosen cards go to."""
        if chosen := self.chosen():
            choices = [Choice(str(place), column.view.lane.label) for place, column in enumerate(self.columns)]
            title = f"Move {', '.join(record.ref for record in chosen[:5])} to"
            self.app.push_screen(
                ChooseDialog(title, choices), lambda key: self._move(chosen, int(key)) if key else None
            )

    def action_add(self) -> None:
        """Ask for the main fields of a new record of the lane."""
        if self.view:
            self._ask_new({}, self.view.lane.key)

    def _ask_new(self, texts: Mapping[str, str], lane: int | str, error: str = "") -> None:
        def create(filled: Mapping[str, str] | None) -> None:
            if filled is None or self._sight is None:
                return
            given = {key: text for key, text in filled.items() if text.strip()}
            pipeline = self._sight.board.pipeline
            self.submit(
                lambda: acts.add(self.desk, self.entity, given, lane, pipeline),
                lambda error: self._ask_new(filled, lane, safe(str(error))),
                self.entity,
            )

        self.open_form(f"New {ENTITIES[self.entity].label.lower()}", self.entity, texts, create, error)
