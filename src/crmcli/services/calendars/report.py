"""What a synchronisation did, item by item, as plain data for the front ends to tell."""

from dataclasses import dataclass, field
from typing import NamedTuple

HERE, THERE = ("new here", "changed here", "removed here"), ("new there", "changed there", "removed there")
CONFLICT, FAILED = "conflict", "not taken"


class Told(NamedTuple):
    """What became of an item. ``ref`` is empty where it has no record."""

    account: str
    action: str
    ref: str
    title: str
    detail: str = ""


@dataclass
class Report:
    """Everything that was done, or with a dry run would be. ``is_running``: another process is at it."""

    told: list[Told] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    is_running: bool = False

    def count(self, *actions: str) -> int:
        """Return how many items came to one of these ends."""
        return sum(one.action in actions for one in self.told)
