"""The board at work: keys that take cards to other lanes, add, win and lose; every one is a step of a command."""

from collections.abc import Mapping
from typing import ClassVar

from textual.binding import BindingType

from crmcli.catalogue import ENTITIES
from crmcli.domain.plurals import counted
from crmcli.output.safe import safe
from crmcli.tui.actions import bindings
from crmcli.tui.board import work as acts
from crmcli.tui.board.closing import ClosingScreen
from crmcli.tui.board.frame import BoardFrame
from crmcli.tui.desk import Record
from crmcli.tui.dialogs import Choice, ChooseDialog


class BoardScreen(ClosingScreen, BoardFrame):
    """A board of one kind of record: deals by stage, tickets or leads by status."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("board")]

    def action_move_card(self, step: int) -> None:
        """Move the chosen cards to the next lane."""
        place = self._current + step
        if 0 <= place < len(self.columns) and (chosen := self.chosen()):
            self._move(chosen, place)

    def _move(self, chosen: list[Record], place: int) -> None:
        lane = self.columns[place].view.lane
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
