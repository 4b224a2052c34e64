"""What is seen of a board: a filter that is typed, the saved views, and the groups that its cards are put into."""

from textual import work
from textual.widgets import Input

from crmcli.errors import CrmError, RefusedError
from crmcli.queries.board import KINDS
from crmcli.tui.board.frame import BoardFrame
from crmcli.tui.board.reading import View, read_pipelines, read_views
from crmcli.tui.desk import Record
from crmcli.tui.dialogs import Choice, ChooseDialog

_EVERYTHING = View("", "")


class NarrowedBoard(BoardFrame):
    """A board of which a part is seen, in groups."""

    _wrong = ""  # the last condition that had no meaning

    def action_filter(self) -> None:
        """Open the line of the filter."""
        line = self.query_one("#filter", Input)
        line.disabled = False
        line.add_class("-open")
        self.set_focus(line)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say while typing what is wrong with a condition, or narrow the board."""
        if event.input.id == "filter":
            text = event.value.strip()
            self.narrow(View(self.wanted.view if text == self.wanted.condition else "", text))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go back to the cards, unless the condition is wrong."""
        if event.input.id == "filter" and not self._is_wrong(event.input):
            self.close_filter()

    def close_filter(self) -> None:
        """Go back to the cards from the line of the filter, which goes on to narrow the board.

        Of a condition that has no meaning nothing stays. What is not seen takes no keys.
        """
        line = self.query_one("#filter", Input)
        if self._is_wrong(line):
            with line.prevent(Input.Changed):
                line.value = self.wanted.condition
            self.tell()
        line.remove_class("-open")
        line.disabled = True
        self.set_focus(self.view)

    def _is_wrong(self, line: Input) -> bool:
        return bool(self._wrong) and line.value.strip() == self._wrong

    @work(thread=True, exclusive=True, group="filter")
    def narrow(self, view: View) -> None:
        """Narrow the board to a condition that has a meaning; tell what is wrong with another."""
        try:
            self.desk.read(lambda con: self.desk.condition(con, view.condition, self.entity))
        except CrmError as error:
            self.later(self._tell_wrong, view.condition, str(error), "red")
        else:
            self.later(self._show_view, view)

    def _tell_wrong(self, condition: str, why: str, style: str) -> None:
        self._wrong = condition
        self.tell(why, style)

    def _show_view(self, view: View) -> None:
        self._wrong = ""
        self.tell()
        self.look_at(self.wanted._replace(condition=view.condition, view=view.name))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say which actions there are: those of cards not while the line of the filter takes the letters."""
        is_typed = action in ("move_card", "filter") and self.query_one("#filter", Input).has_focus
        return not is_typed and super().check_action(action, parameters)

    async def action_views(self) -> None:
        """Ask which of the saved views is to be seen, or everything."""
        await self.find_out(lambda: read_views(self.desk, self.entity), self._ask_view)

    def _ask_view(self, saved: list[View]) -> None:
        views = [_EVERYTHING, *saved]
        choices = [Choice(str(place), _told(view)) for place, view in enumerate(views)]

        def show(key: str | None) -> None:
            if key is not None:
                self.narrow(views[int(key)])

        self.app.push_screen(ChooseDialog("Show", choices), show)

    async def action_pipeline(self) -> None:
        """Ask of which pipeline the deals are to be seen."""
        if self.entity == "deal":
            await self.find_out(lambda: read_pipelines(self.desk), self._ask_pipeline)
        else:
            self.refuse(RefusedError("only deals are in pipelines"))

    def _ask_pipeline(self, found: list[tuple[str, str]]) -> None:
        def show(key: str | None) -> None:
            if key is not None:
                self.look_at(self.wanted._replace(pipeline=found[int(key)][0]))

        choices = [Choice(str(place), name) for place, (_, name) in enumerate(found)]
        self.app.push_screen(ChooseDialog("Pipeline", choices), show)

    def action_group(self) -> None:
        """Go on to the next way of grouping the cards of each lane, after the last to none."""
        ways = ("", *KINDS[self.entity].groups)
        group = ways[(ways.index(self.wanted.group) + 1) % len(ways)]
        card = self.view.card if self.view else None
        self.look_at(self.wanted._replace(group=group), Record(self.entity, card.id) if card else None)


def _told(view: View) -> str:
    return f"{view.name}  {view.condition}".rstrip() or "Everything"
