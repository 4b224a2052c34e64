"""What the definition of a key figure says, and short ways to write one."""

from typing import NamedTuple

from crmcli.reports.frame import Term
from crmcli.reports.sets import RecordSet

TRAILING_DAYS = 90  # of closed deals behind the sales velocity


class Kpi(NamedTuple):
    """One key figure.

    ``how`` says what is made of ``term``: ``count`` its records, ``sum``, ``mean``, ``median`` or ``p90`` (what nine in ten do
    not exceed) its values, the ``ratio`` of it to all of ``among``, or the ``velocity`` of ``parts``. ``unit`` is one of n, money,
    ratio, d, h, money/d. ``missing`` says when there is no value: nothing to divide by, or no rate for what is added.
    """

    key: str
    label: str
    unit: str
    how: str
    term: Term
    definition: str
    area: str  # of the business, the heading in the reference
    missing: str = ""
    among: tuple[Term, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def entity(self) -> str:
        """The entity whose records the figure is about."""
        return self.term.records.entity


def count(key: str, label: str, records: RecordSet, definition: str, area: str = "Sales") -> Kpi:
    """Define how many records of a set there are."""
    return Kpi(key, label, "n", "count", Term(records), definition, area)


def measured(
    how: str, key: str, label: str, term: Term, definition: str, area: str = "Sales", missing: str = ""
) -> Kpi:  # fmt: skip
    """Define the sum, mean, median or p90 of what is measured of records."""
    unit = term.measure.unit if term.measure else "n"
    usual = "no rate for any of the amounts" if how == "sum" else f"no {term.records.noun}"
    return Kpi(key, label, unit, how, term, definition, area, missing or usual)


def ratio(key: str, label: str, term: Term, rest: Term, definition: str, area: str, missing: str) -> Kpi:
    """Define the ratio of a term to itself and the rest."""
    return Kpi(key, label, "ratio", "ratio", term, definition, area, missing, (term, rest))
