"""Samples: the measured values of the records of a group, for means, medians and what nine in ten do not exceed.

Which records they are measured of, and by which SQL, belongs to ``frame``.
"""

import sqlite3
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from operator import mul
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from crmcli.reports.measures import Exact


_NEAR = 16  # numbers that have the same bits above so many lie near each other


class Ordered(Sequence["Exact"]):
    """Numbers as one list in order, of which only those are sorted that lie near a place that is asked for."""

    def __init__(self, near: "Mapping[int, list[Exact]]") -> None:
        self._near = [near[high] for high in sorted(near)]
        self._ends = [*accumulate(map(len, self._near))]

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, place: int) -> "Exact": ...
    @overload
    def __getitem__(self, place: slice) -> "list[Exact]": ...
    def __getitem__(self, place: int | slice) -> "Exact | list[Exact]":
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        at = range(len(self))[place]
        which = bisect_right(self._ends, at)
        self._near[which].sort()
        return self._near[which][at - self._ends[which]]


class Sample:
    """The measured values of a group, and how often (and over which amount) each reason left a record out.

    Fractions, which only foreign currencies make, are kept apart: they are slow to add. ``own`` are the values in their
    own currency, where not all are in the base one, and ``excluded`` is (reason, currency) -> (records, minor units).
    ``among`` are samples whose values belong to this one too.
    Several figures ask for the sum and the order of many values, which are found once, when all of them are there.
    """

    def __init__(self, whole: "list[int] | None" = None, among: "Sequence[Sample]" = ()) -> None:
        self.whole: list[int] = [] if whole is None else whole
        self.parts: list[Fraction] = []
        self.excluded: dict[tuple[str, str], tuple[int, int]] = {}
        self.own: dict[str, Sample] = {}
        self.among = among

    @property
    def size(self) -> int:
        """How many records have a value."""
        return len(self.whole) + len(self.parts) + sum(sample.size for sample in self.among)

    @cached_property
    def total(self) -> "Exact":
        """The sum of the values."""
        return sum(self.whole) + summed(self.parts) + sum(sample.total for sample in self.among)

    @property
    def squares(self) -> "Exact":
        """The sum of the squares of the values."""
        whole: int = sum(map(mul, self.whole, self.whole))
        return whole + summed(self.parts, 2) + sum(sample.squares for sample in self.among)

    @cached_property
    def ordered(self) -> "Sequence[Exact]":
        """The values, the smallest first."""
        return Ordered(self.near)

    @cached_property
    def near(self) -> "Mapping[int, list[Exact]]":
        """The values, those together that lie near each other."""
        found: defaultdict[int, list[Exact]] = defaultdict(list)
        for number in self.whole:
            found[number >> _NEAR].append(number)
        for part in self.parts:
            found[part.numerator // part.denominator >> _NEAR].append(part)
        for sample in self.among:
            for high, numbers in sample.near.items():
                found[high].extend(numbers)
        return found

    def add(self, number: "Exact", count: int) -> None:
        """Count records that have a value."""
        if isinstance(number, int):
            self.whole.extend([number] * count)
        else:
            self.parts.extend([number] * count)

    def leave_out(self, reason: tuple[str, str], count: int, minor: int) -> None:
        """Count records that have no value."""
        before = self.excluded.get(reason, (0, 0))
        self.excluded[reason] = (before[0] + count, before[1] + minor)


def summed(parts: "list[Fraction]", power: int = 1) -> "Exact":
    """Return the sum of a power of fractions, of which many have one denominator."""
    over: defaultdict[int, int] = defaultdict(int)
    for part in parts:
        over[part.denominator] += part.numerator**power
    if not over:
        return 0
    from fractions import Fraction

    return sum(Fraction(above, below**power) for below, above in over.items())


def plain(rows: "Iterable[tuple[object, int]]") -> dict[object, Sample]:
    """Return samples of numbers as they are read."""
    found: defaultdict[object, list[int]] = defaultdict(list)
    for group, number in rows:
        found[group].append(number)
    return {group: Sample(numbers) for group, numbers in found.items()}


def alike(rows: sqlite3.Cursor) -> dict[object, Sample]:
    """Return samples of numbers of which the store has counted how often each is met."""
    found: defaultdict[object, list[int]] = defaultdict(list)
    for group, number, count in rows:
        found[group].extend([number] * count)
    return {group: Sample(numbers) for group, numbers in found.items()}


def merged(samples: list[Sample]) -> Sample:
    """Return several samples as one."""
    if len(samples) == 1:
        return samples[0]
    whole = Sample(among=samples)
    own: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        for currency, values in sample.own.items():
            own[currency].append(values)
        for reason, (count, minor) in sample.excluded.items():
            whole.leave_out(reason, count, minor)
    whole.own = {currency: merged(values) for currency, values in own.items()}
    return whole
