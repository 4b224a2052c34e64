"""Small windows over a screen: choose from a list, or fill in a short form. Escape leaves them without an answer.

Their keys stand in the last line, in the place of those of the screen below, which they keep from it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from crmcli.output.safe import safe
from crmcli.tui.threads import call_on
from crmcli.tui.visible import Visible

if TYPE_CHECKING:
    from rich.console import ConsoleRenderable

_CSS = """
{0} {{ align: center middle; }}
{0} > Vertical, {0} > VerticalScroll {{
    width: 60; max-width: 90%; height: auto; max-height: 90%;
    border: round $accent; padding: 0 1; background: $surface;
}}
{0} Label {{ width: 1fr; }}
{0} OptionList {{ min-width: 12; }}
"""


class Choice(NamedTuple):
    """Something to choose: what is returned, and how it is called."""

    key: str
    label: str


class ChooseDialog(ModalScreen[str | None]):
    """Returns the key of what was chosen, None when nothing was."""

    DEFAULT_CSS = _CSS.format("ChooseDialog")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Leave"),
        Binding("j", "down", show=False),
        Binding("k", "up", show=False),
    ]

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title = title
        self._choices = choices

    def compose(self) -> ComposeResult:
        """Draw the title and the list."""
        with Vertical():
            yield Label(Text(self._title, style="bold"))
            yield OptionList(*(Option(Text(safe(choice.label)), id=choice.key) for choice in self._choices))
        yield Footer()

    def action_down(self) -> None:
        """Go to the next choice."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """Go to the choice before."""
        self.query_one(OptionList).action_cursor_up()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer with what was chosen."""
        self.dismiss(event.option.id)


class Asked(NamedTuple):
    """A line of a form: its key, label and present text."""

    key: str
    label: str
    text: str = ""


class FormDialog(ModalScreen[Mapping[str, str] | None]):
    """Returns the texts by key, None when the form was left.

    ``error`` is why an earlier answer was refused; ``check`` says of a key and its text what is wrong with it, and is
    asked in a thread while one types. With ``saves_on_enter`` Enter saves from every line.
    """

    DEFAULT_CSS = _CSS.format("FormDialog")
    AUTO_FOCUS = "Input"  # the first
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save"),
        Binding("escape", "leave", "Leave"),
    ]

    def __init__(
        self,
        title: str,
        lines: Sequence[Asked],
        error: str = "",
        check: Callable[[str, str], str] | None = None,
        *,
        saves_on_enter: bool = False,
    ) -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._error = error
        self._check = check
        self._saves_on_enter = saves_on_enter
        self._kept: Mapping[str, str] | None = None

    def compose(self) -> ComposeResult:
        """Draw a line for each thing asked."""
        enter = "save" if self._saves_on_enter else "next"
        with VerticalScroll():
            yield Label(Text(self._title, style="bold"))
            yield Label(Text(self._error, style="red"), id="problem")
            for line in self._lines:
                yield Label(Text(line.label, style="dim"))
                yield Input(
                    line.text,
                    id=f"field-{line.key}",
                    compact=True,
                    select_on_focus=self._saves_on_enter,
                    highlighter=Visible(),
                )
            yield Label(Text(f"Enter: {enter}", style="dim"))
        yield Footer()

    def on_mount(self) -> None:
        """Begin at the first line that was refused, if one was."""
        said = self._error.lower()
        wrong = next((line.key for line in self._lines if f"{line.label.lower()}: " in said), "")
        if wrong:
            self.query_one(f"#field-{wrong}", Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say while typing what would be refused."""
        key = str(event.input.id).removeprefix("field-")
        if self._check and event.value != next(line.text for line in self._lines if line.key == key):
            self._say(key, event.value)

    @work(thread=True, exclusive=True, group="check")
    def _say(self, key: str, text: str) -> None:
        problem = self._check(key, text) if self._check else ""
        call_on(self, self._show_problem, problem)

    def _show_problem(self, problem: str) -> None:
        self.query_one("#problem", Label).update(Text(safe(problem), style="red"))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next line; after the last one save."""
        inputs = list(self.query(Input))
        place = inputs.index(event.input)
        if place + 1 < len(inputs) and not self._saves_on_enter:
            inputs[place + 1].focus()
        else:
            self.action_save()

    @property
    def _texts(self) -> dict[str, str]:
        return {line.key: self.query_one(f"#field-{line.key}", Input).value for line in self._lines}

    def action_save(self) -> None:
        """Answer with the texts."""
        self.dismiss(self._texts)

    def action_leave(self) -> None:
        """Answer with nothing; what was typed is dropped only when that was said."""
        texts = self._texts
        is_bare = not self._error and texts == {line.key: line.text for line in self._lines}
        if is_bare or texts == self._kept:
            self.dismiss(None)
        else:
            self._kept = texts
            self._show_problem("Ctrl-S saves what you typed, Escape once more drops it")


class PageDialog(ModalScreen[None]):
    """Shows lines to read, such as a record whole or the keys; any of the leaving keys closes it."""

    DEFAULT_CSS = """
    PageDialog { align: center middle; }
    PageDialog > VerticalScroll { width: 90%; height: 90%; border: round $accent; padding: 0 1; background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "dismiss(None)", "Close")]

    def __init__(self, page: "ConsoleRenderable") -> None:
        super().__init__()
        self._page = page

    def compose(self) -> ComposeResult:
        """Draw the lines, which scroll."""
        with VerticalScroll(can_focus=True):
            yield Static(self._page)
