"""The board at work: keys that move, add, change, close and take back; every one is a step that a command could make.

Writing runs in a thread; what comes of it, rules included, is told in a corner, and the board is read again.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import work
from textual.binding import BindingType

from crmcli.catalogue import ENTITIES
from crmcli.domain.plurals import counted
from crmcli.errors import CrmError
from crmcli.output.safe import safe
from crmcli.tui.actions import bindings
from crmcli.tui.board import work as acts
from crmcli.tui.board.frame import BoardFrame, Failed
from crmcli.tui.desk import Written
from crmcli.tui.dialogs import Asked, Choice, ChooseDialog, FormDialog


class BoardScreen(BoardFrame):
    """A board of one kind of record: deals by stage, tickets or leads by status."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("board")]

    @work(thread=True, group="write")
    def _write(self, act: Callable[[], Written], told: str = "") -> None:
        """Do something that writes, tell what came of it, and read the board again."""
        try:
            done = act()
        except CrmError as error:
            self.post_message(Failed(error))
            self.app.call_from_thread(self.action_reload)  # what is shown may be why it was refused
        else:
            self.app.call_from_thread(self._wrote, [told, *done.told] if told else done.told, done.first(self.entity))

    def _wrote(self, lines: list[str], follow: int | None = None) -> None:
        for column in self.columns:
            column.view.selected = set()
        if lines:
            self.notify("\n".join(map(safe, lines)), markup=False)
        self.action_reload(follow)

    def action_move_card(self, step: int) -> None:
        """Move the chosen cards to the next lane."""
        place = self._current + step
        if 0 <= place < len(self.columns) and (ids := self._chosen()):
            self._move(ids, place)

    def _move(self, ids: list[int], place: int) -> None:
        lane = self.columns[place].view.lane
        kind = ENTITIES[self.entity]
        told = f"{counted(len(ids), kind.label.lower(), kind.plural)} to {lane.label}"
        self._write(lambda: acts.move(self.desk, self.entity, ids, lane.key), told)

    def action_choose_lane(self) -> None:
        """Ask which lane the chosen cards go to."""
        if ids := self._chosen():
            choices = [Choice(str(place), column.view.lane.label) for place, column in enumerate(self.columns)]
            title = f"Move {', '.join(ENTITIES[self.entity].ref(one) for one in ids[:5])} to"
            self.app.push_screen(ChooseDialog(title, choices), lambda key: self._move(ids, int(key)) if key else None)

    def action_win(self) -> None:
        """Close the deal as won."""
        if self.entity == "deal" and (ids := self._chosen()):
            self._write(lambda: acts.win(self.desk, ids), "won")

    def action_lose(self) -> None:
        """Ask for the reason and close the deal as lost."""
        from crmcli.domain.enums import label, values

        if self.entity != "deal" or not (ids := self._chosen()):
            return
        choices = [Choice(one, label("lost_reason", one)) for one in values("lost_reason")]

        def lose(reason: str | None) -> None:
            if reason == "other":
                asked = [Asked("note", "Why")]
                self.app.push_screen(FormDialog("Lost for another reason", asked), explain)
            elif reason:
                self._write(lambda: acts.lose(self.desk, ids, reason, None), "lost")

        def explain(texts: Mapping[str, str] | None) -> None:
            if texts:
                self._write(lambda: acts.lose(self.desk, ids, "other", texts["note"]), "lost")

        self.app.push_screen(ChooseDialog("Why was it lost?", choices), lose)

    def action_undo(self) -> None:
        """Take back the last step, whoever made it where."""
        self._write(lambda: acts.take_back(self.desk, again=False))

    def action_redo(self) -> None:
        """Do again what was taken back last."""
        self._write(lambda: acts.take_back(self.desk, again=True))

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
            self._submit(
                lambda: acts.add(self.desk, self.entity, given, lane, pipeline),
                lambda reason: self._ask_new(filled, lane, reason),
            )

        self._open_form(f"New {ENTITIES[self.entity].label.lower()}", texts, error, create)

    @work(thread=True)
    def action_edit(self) -> None:
        """Open the short form of the card."""
        if not self.view or not self.view.card:
            return
        record_id = self.view.card.id
        try:
            draft = acts.draft_of(self.desk, self.entity, record_id)
        except CrmError as error:
            self.post_message(Failed(error))
        else:
            self.app.call_from_thread(self._ask_edit, draft, draft.texts)

    def _ask_edit(self, draft: acts.Draft, texts: Mapping[str, str], error: str = "") -> None:
        def save(filled: Mapping[str, str] | None) -> None:
            given = {key: text for key, text in (filled or {}).items() if text != draft.texts[key]}
            if filled is not None and given:
                self._submit(
                    lambda: acts.edit(self.desk, self.entity, [draft.id], given, draft.version),
                    lambda reason: self._ask_edit(draft, filled, reason),
                )

        self._open_form(ENTITIES[self.entity].ref(draft.id), texts, error, save)

    def _open_form(
        self, title: str, texts: Mapping[str, str], error: str, then: Callable[[Mapping[str, str] | None], None]
    ) -> None:
        lines = [Asked(key, label, texts.get(key, "")) for key, label in acts.FORMS[self.entity].items()]
        self.app.push_screen(FormDialog(title, lines, error), then)

    @work(thread=True, group="write")
    def _submit(self, act: Callable[[], Written], again: Callable[[str], None]) -> None:
        """Save a form; when it is refused, open it again with its texts and the reason."""
        try:
            done = act()
        except CrmError as error:
            self.app.call_from_thread(again, safe(str(error)))
        else:
            self.app.call_from_thread(self._wrote, done.told, done.first(self.entity))
