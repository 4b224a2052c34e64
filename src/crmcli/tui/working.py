"""What screens of tasks and events have in common: getting them done and putting them off."""

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from crmcli.output.safe import safe
from crmcli.tui import tasks as acts
from crmcli.tui.actions import bindings
from crmcli.tui.dialogs import Asked, FormDialog
from crmcli.tui.screen import DeskScreen


class WorkScreen(DeskScreen):
    """A screen on which work is done."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("work")]

    def action_done(self) -> None:
        """Complete the task, or say that the event took place."""
        if chosen := self.chosen():
            self.write(lambda: acts.done(self.desk, chosen[0]), f"done: {chosen[0].ref}")

    def action_snooze(self, until: str = "+1d", error: str = "") -> None:
        """Ask until when the task is put off; Enter alone means tomorrow."""
        if not (chosen := self.chosen()):
            return
        record = chosen[0]

        def put_off(filled: Mapping[str, str] | None) -> None:
            if filled is not None:
                when = filled["until"]
                again = partial(self.action_snooze, when)
                act = partial(acts.snooze, self.desk, record, when)
                self.submit(act, lambda error: again(safe(str(error))), record.entity)

        asked = [Asked("until", "Until when, or by how much", until)]
        self.app.push_screen(FormDialog(f"Put off {record.ref}", asked, error, saves_on_enter=True), put_off)
