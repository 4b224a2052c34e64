"""Samples: the measured values of the records of a group, for means, medians and what nine in ten do not exceed.

Which records they are measured of, and by which SQL, belongs to ``frame``.
"""

import sqlite3
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from operator import mul
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from crmcli.reports.measures import Exact


_FEW = 50  # lists of which it is quicker to ask for a rank than to sort them as one


class Ranks(Sequence[int]):
    """The numbers of several lists, each in its order, as one list in order: a place is found by its number.

    What lies at a place is the smallest number that more numbers than the place do not exceed.
    """

    def __init__(self, lists: list[list[int]]) -> None:
        self._lists = [each for each in lists if each]
        self._size = sum(map(len, self._lists))

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> list[int]: ...
    def __getitem__(self, place: int | slice) -> int | list[int]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(self._size))]
        rank = range(self._size)[place]
        least, most = min(each[0] for each in self._lists), max(each[-1] for each in self._lists)
        return least + bisect_left(range(least, most), rank + 1, key=self._up_to)

    def _up_to(self, number: int) -> int:
        """Return how many numbers do not exceed one."""
        return sum(bisect_right(each, number) for each in self._lists)


class Sample:
    """The measured values of a group, and how often (and over which amount) each reason left a record out.

    Fractions, which only foreign currencies make, are kept apart: they are slow to add. ``own`` are the values in their
    own currency, where not all are in the base one, and ``excluded`` is (reason, currency) -> (records, minor units).
    ``among`` are the samples that one of several is made of.
    Several figures ask for the sum and the order of many values, which are found once, when all of them are there.
    """

    def __init__(self, whole: "list[int] | None" = None) -> None:
        self.whole: list[int] = [] if whole is None else whole
        self.parts: list[Fraction] = []
        self.excluded: dict[tuple[str, str], tuple[int, int]] = {}
        self.own: dict[str, list[Exact]] = {}
        self.among: list[Sample] = []

    @property
    def size(self) -> int:
        """How many records have a value."""
        return len(self.whole) + len(self.parts)

    @cached_property
    def total(self) -> "Exact":
        """The sum of the values."""
        if self.among:
            return sum(sample.total for sample in self.among)
        return sum(self.whole) + summed(self.parts)

    @property
    def squares(self) -> "Exact":
        """The sum of the squares of the values."""
        whole: int = sum(map(mul, self.whole, self.whole))
        return whole + summed(self.parts, 2)

    @cached_property
    def ordered(self) -> "Sequence[Exact]":
        """The values, the smallest first."""
        if 0 < len(self.among) <= _FEW and not self.parts:
            return Ranks([sample.in_order for sample in self.among])
        return sorted([*self.in_order, *self.parts]) if self.parts else self.in_order

    @cached_property
    def in_order(self) -> list[int]:
        """The whole numbers, the smallest first."""
        self.whole.sort()
        return self.whole

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
    """Return several samples as one, each in its order, from which that of all of them is quickly found."""
    if len(samples) == 1:
        return samples[0]
    whole = Sample()
    whole.among = samples
    for sample in samples:
        for currency, values in sample.own.items():
            whole.own.setdefault(currency, []).extend(values)
        whole.whole.extend(sample.in_order)
        whole.parts.extend(sample.parts)
        for reason, (count, minor) in sample.excluded.items():
            whole.leave_out(reason, count, minor)
    return whole
