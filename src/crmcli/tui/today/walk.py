"""A walk through deals, one at a time: where one is, what was done with each, and how it goes on another day.

It knows nothing of the store or the screen.
"""

import json
from collections.abc import Collection
from typing import NamedTuple

_GOES_ON = ("moved", "snoozed", "won", "lost")  # what is done with a deal for this time
SKIPPED = "skipped"


class Step(NamedTuple):
    """Something that was done with a deal, and the ref of what that wrote."""

    deal: int
    what: str
    ref: str = ""


class Walk:
    """Deals (ids) in their order; at ``place`` one is now, those before were seen."""

    def __init__(self, ids: Collection[int], place: int = 0, steps: Collection[Step] = ()) -> None:
        self.ids = list(ids)
        self.place = place
        self.steps = list(steps)
        self._undone: list[Step] = []

    @property
    def deal(self) -> int | None:
        """The deal that one is at, None at the end."""
        return self.ids[self.place] if self.place < len(self.ids) else None

    def note(self, deal: int, what: str, ref: str) -> None:
        """Take note of something done with a deal, and go on if nothing remains to be done with it."""
        self._undone, place = [], self.place
        self._add(Step(deal, what, ref))
        self.place = max(place, self.place)  # one may have gone on meanwhile

    def skip(self) -> None:
        """Go on to the next deal."""
        deal = self.deal
        if deal is not None:
            if not any(step.deal == deal for step in self.steps):
                self.steps.append(Step(deal, SKIPPED))
            self.place += 1

    def back(self) -> None:
        """Go to the deal before."""
        self.place = max(0, self.place - 1)

    def take_back(self, refs: Collection[str]) -> None:
        """Forget the last step, and go to its deal, if that is what a change of some records (refs) took back."""
        last = next((step for step in reversed(self.steps) if step.what != SKIPPED), None)
        if last and last.ref in refs:
            self.steps.remove(last)
            self._undone.append(last)
            self.place = self._place(last.deal)

    def do_again(self, refs: Collection[str]) -> None:
        """Take note again of the step forgotten last, if that is what a change of some records (refs) did again."""
        if self._undone and self._undone[-1].ref in refs:
            self._add(self._undone.pop())

    def drop(self, deal: int) -> None:
        """Leave out a deal that is there no more."""
        if deal in self.ids:
            self.ids.remove(deal)
        self.steps = [step for step in self.steps if step.deal != deal]

    def go_on(self, stale: Collection[int]) -> None:
        """Leave out what is stale no more of the deals to come, and add those that became so."""
        seen = self.ids[: self.place]
        kept = [deal for deal in self.ids[self.place :] if deal in stale]
        self.ids = [*seen, *kept, *(deal for deal in stale if deal not in {*seen, *kept})]

    def count(self, *what: str) -> int:
        """Return how often something was done."""
        return sum(step.what in what for step in self.steps)

    def text(self) -> str:
        """Return what is kept of it, nothing of one that is at its end."""
        return json.dumps([self.ids, self.place, self.steps]) if self.deal is not None else ""

    def _add(self, step: Step) -> None:
        self.steps = [one for one in self.steps if one != Step(step.deal, SKIPPED)] + [step]
        self.place = self._place(step.deal) + (step.what in _GOES_ON and step.deal in self.ids)

    def _place(self, deal: int) -> int:
        """Return where a deal is in the walk; of one that was left out, where one is now."""
        return self.ids.index(deal) if deal in self.ids else self.place


def walk_of(text: str) -> Walk | None:
    """Return the walk that a text keeps; None for one that is strange, or at its end."""
    try:
        ids, place, steps = json.loads(text)
        walk = Walk([*map(int, ids)], int(place), [Step(int(deal), str(what), str(ref)) for deal, what, ref in steps])
    except (ValueError, TypeError):
        return None
    return walk if 0 <= walk.place < len(walk.ids) else None
