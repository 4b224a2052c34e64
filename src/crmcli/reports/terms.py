"""The sides of a figure."""

from typing import NamedTuple

from crmcli.reports.measures import Measure
from crmcli.reports.sets import RecordSet


class Term(NamedTuple):
    """One side of a figure: a set of records, counted, or added up by a measure."""

    records: RecordSet
    measure: Measure | None = None

    def reads(self, table: str) -> bool:
        """Say whether a further table is read for it."""
        columns = self.measure.columns if self.measure else ()
        told = (self.records.condition, self.records.event, *columns)
        return table in self.records.reads or any(table in sql for sql in told)
