"""Closing deals, on whatever screen they are chosen: won, or lost for a reason that is asked."""

from collections.abc import Mapping

from crmcli.tui.board import work as acts
from crmcli.tui.desk import Record
from crmcli.tui.dialogs import Asked, Choice, ChooseDialog, FormDialog
from crmcli.tui.screen import DeskScreen


class ClosingScreen(DeskScreen):
    """A screen on which deals are closed."""

    def action_win(self) -> None:
        """Close the deals as won."""
        if deals := self._deals():
            self.write(lambda: acts.win(self.desk, deals), "won", "deal", "won")

    def action_lose(self) -> None:
        """Ask for the reason and close the deals as lost."""
        from crmcli.domain.enums import label, values

        if not (deals := self._deals()):
            return
        choices = [Choice(one, label("lost_reason", one)) for one in values("lost_reason")]

        def lose(reason: str | None, note: str | None = None) -> None:
            if reason == "other" and note is None:
                asked = [Asked("note", "Why")]
                self.app.push_screen(FormDialog("Lost for another reason", asked), explain)
            elif reason:
                self.write(lambda: acts.lose(self.desk, deals, reason, note), "lost", "deal", "lost")

        def explain(texts: Mapping[str, str] | None) -> None:
            if texts:
                lose("other", texts["note"])

        self.app.push_screen(ChooseDialog("Why was it lost?", choices), lose)

    def _deals(self) -> list[Record]:
        return [record for record in self.chosen() if record.entity == "deal"]
