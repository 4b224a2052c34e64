"""What screens of work have in common: one list of what is to be done, and keys to get it done and to put it off."""

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from textual.binding import BindingType
from textual.dom import DOMNode

from crmcli.output.safe import safe
from crmcli.tui import tasks as acts
from crmcli.tui.actions import bindings
from crmcli.tui.desk import Record
from crmcli.tui.dialogs import Asked, FormDialog
from crmcli.tui.rows import RowList
from crmcli.tui.screen import DeskScreen


class WorkScreen(DeskScreen):
    """A screen on which work is done."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("work")]

    def chosen(self) -> list[Record]:
        """Return the record the cursor is on."""
        record = self.query_one(RowList).record
        return [record] if record else []

    def targets(self) -> dict[str, DOMNode]:
        """Add those of this screen."""
        return {**super().targets(), "work": self}

    @property
    def kind(self) -> str:
        """What the record under the cursor is there for, such as its next step; empty where nothing tells."""
        row = self.query_one(RowList).row
        return str(row.entry["kind"]) if row and row.entry else ""

    def on_option_list_option_selected(self) -> None:
        """Show the record that was chosen."""
        self.action_open_record()

    def action_done(self) -> None:
        """Complete the task, or say that the event took place; a follow-up is done by what happened."""
        if self.kind == "follow_up":
            self.action_log()
        elif chosen := self.chosen():
            record, kind = chosen[0], self.kind
            self.write(lambda: acts.done(self.desk, record, kind), f"done: {record.ref}", what="done")

    def action_snooze(self, until: str = "+1d", error: str = "") -> None:
        """Ask until when it is put off; Enter alone means tomorrow."""
        if not (chosen := self.chosen()):
            return
        record, kind = chosen[0], self.kind

        def put_off(filled: Mapping[str, str] | None) -> None:
            if filled is not None:
                when = filled["until"]
                again = partial(self.action_snooze, when)
                act = partial(acts.snooze, self.desk, record, when, kind)
                self.submit(act, lambda error: again(safe(str(error))), record.entity, "snoozed")

        asked = [Asked("until", "Until when, or by how much", until)]
        self.app.push_screen(FormDialog(f"Put off {record.ref}", asked, error, saves_on_enter=True), put_off)
