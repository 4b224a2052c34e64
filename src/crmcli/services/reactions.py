"""The rules' turn inside a write: what was saved goes to the engine, what it plans is saved through the same path."""

from typing import TYPE_CHECKING

from crmcli.services.results import Context, Saved

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


class Reactions:
    """The rules of one transaction."""

    def __init__(self, writer: "Writer", context: Context) -> None:
        self._writer = writer
        self._context = context
        self.effects: list[str] = []

    def react(self, saved: list[Saved]) -> None:
        """Run the rules on what was saved, and again on what they saved, until nothing more happens."""
