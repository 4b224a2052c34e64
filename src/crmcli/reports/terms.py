"""The sides of a figure, and the values that are measured for one."""

from typing import TYPE_CHECKING, NamedTuple

from crmcli.reports.measures import Measure
from crmcli.reports.sets import RecordSet

if TYPE_CHECKING:
    from fractions import Fraction

    from crmcli.reports.measures import Exact


class Term(NamedTuple):
    """One side of a figure: a set of records, counted, or added up by a measure."""

    records: RecordSet
    measure: Measure | None = None

    def reads(self, table: str) -> bool:
        """Say whether a further table is read for it."""
        columns = self.measure.columns if self.measure else ()
        return any(table in sql for sql in (self.records.condition, self.records.event, *columns)) or (
            table == "state_log" and self.records.source is not None
        )


class Sample(NamedTuple):
    """The measured values of a group, and how often (and over which amount) each reason left a record out.

    Fractions, which only foreign currencies make, are kept apart: they are slow to add. ``own`` are the values in their
    own currency, where not all are in the base one.
    """

    whole: list[int]
    parts: "list[Fraction]"
    excluded: dict[tuple[str, str], tuple[int, int]]  # (reason, currency) -> (records, minor units)
    own: "dict[str, list[Exact]]"

    @property
    def size(self) -> int:
        """How many records have a value."""
        return len(self.whole) + len(self.parts)

    def total(self) -> "Exact":
        """Return the sum of the values."""
        return sum(self.whole) + sum(self.parts)

    def ordered(self) -> "list[Exact]":
        """Return the values, the smallest first."""
        return sorted([*self.whole, *self.parts])

    def leave_out(self, reason: tuple[str, str], count: int, minor: int) -> None:
        """Count records that have no value."""
        before = self.excluded.get(reason, (0, 0))
        self.excluded[reason] = (before[0] + count, before[1] + minor)


def merged(samples: list[Sample]) -> Sample:
    """Return several samples as one."""
    if len(samples) == 1:
        return samples[0]
    found = Sample([], [], {}, {})
    for sample in samples:
        for currency, values in sample.own.items():
            found.own.setdefault(currency, []).extend(values)
        found.whole.extend(sample.whole)
        found.parts.extend(sample.parts)
        for reason, (count, minor) in sample.excluded.items():
            found.leave_out(reason, count, minor)
    found.whole.sort()  # once, for all that asks for their order
    return found
