"""Where the cards of a lane stand: one below the other, or in bands that go across all lanes of the board.

A band is as high in every lane as its longest lane needs, with a line over it, so that what belongs together stands
side by side. Lines are counted from the top of the lane, whatever is in sight of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

HEIGHT = 4  # lines of a card, the blank one below it included


class Band(NamedTuple):
    """Cards that belong together: what they have in common, and how many there are, by lane."""

    label: str
    counts: Mapping[int | str, int]

    @property
    def heading(self) -> str:
        """What the line over it says."""
        return f"{self.label}  {sum(self.counts.values()):,}"


class Stretch(NamedTuple):
    """What a lane has of a band: its cards from the place ``first`` on, which stand from ``line`` on."""

    heading: str
    first: int
    cards: int
    line: int

    def place(self, line: int) -> int:
        """Return the place of its card that is nearest to a line."""
        return self.first + max(0, min((line - self.line) // HEIGHT, self.cards - 1))


class Spot(NamedTuple):
    """What is on a line: a part of a card, or the heading of a band; neither where it is blank."""

    place: int | None = None
    part: int = 0
    heading: str = ""


class Layout(NamedTuple):
    """A lane as it is laid out, with how many lines it has."""

    stretches: Sequence[Stretch]
    lines: int

    def line_of(self, place: int) -> int:
        """Return the first line of the card at a place."""
        found = next((one for one in self.stretches if 0 <= place - one.first < one.cards), self.stretches[0])
        return found.line + (place - found.first) * HEIGHT

    def at(self, line: int) -> Spot:
        """Return what is on a line."""
        for one in reversed(self.stretches):
            if line >= one.line:
                place, part = divmod(line - one.line, HEIGHT)
                return Spot(one.first + place, part) if place < one.cards else Spot()
            if line == one.line - 1:
                return Spot(heading=one.heading)
        return Spot()

    def near(self, line: int) -> int:
        """Return the place of the card that is nearest to a line, 0 where there is none."""
        places = [one.place(line) for one in self.stretches if one.cards]
        return min(places, key=lambda place: abs(self.line_of(place) - line), default=0)


def plain(records: int) -> Layout:
    """Return the layout of a lane without bands."""
    return Layout([Stretch("", 0, records, 0)], records * HEIGHT)


def layout_of(bands: Sequence[Band], lane: int | str) -> Layout:
    """Return the layout of a lane in bands, of which there is one at least."""
    stretches = [*_stretches(bands, lane)]
    return Layout(stretches, stretches[-1].line + max(bands[-1].counts.values()) * HEIGHT)


def _stretches(bands: Sequence[Band], lane: int | str) -> Iterator[Stretch]:
    first = line = 0
    for band in bands:
        count = band.counts.get(lane, 0)
        yield Stretch(band.heading, first, count, line + 1)
        first += count
        line += 1 + max(band.counts.values()) * HEIGHT
