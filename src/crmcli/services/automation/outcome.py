"""What became of an action of a rule."""

from typing import NamedTuple


class Outcome(NamedTuple):
    """What became of an action: ``done``, ``unchanged`` or ``skipped``, and in words for people."""

    status: str
    text: str

    @property
    def is_done(self) -> bool:
        """Whether it had an effect."""
        return self.status == "done"
