"""What the definition of a key figure says, and short ways to write one."""

from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.reports.sets import RecordSet
from crmcli.reports.terms import Term

CUSTOMERS = "Customers"  # the area whose figures are about a target of customers
TRAILING_DAYS = 90  # of closed deals behind the sales velocity


class Tally(NamedTuple):
    """What is made of the purchases of each customer, and added up over customers.

    ``above`` and ``below`` are SQL over all purchases of one customer (alias ``a``, with ``a.at``); their nouns say
    what they are. Without ``below`` every member of the target stands there once, and of a count nothing does.
    ``limits`` are the edges, start and end, that the period must have. Figures that only tell their nouns so have no
    SQL.
    """

    above: str
    above_noun: str
    below: str | None = None
    below_noun: str = "customers of the target"
    limits: tuple[str, ...] = ()


class Kpi(NamedTuple):
    """One key figure.

    ``how`` says what is made of ``term``: ``count`` its records, ``sum``, ``mean``, ``median`` or ``p90`` (what nine in
    ten do not exceed) its values, the ``ratio`` of it to all of ``among``, the ``total`` of all of these, or the
    ``velocity`` of ``parts``; any other word is the module of ``reports`` that makes the figure in a way of its own.
    ``unit`` is one of n, x (so many to one), money, ratio, d, h, money/d. ``missing`` says when there is no value:
    nothing to divide by, or no rate for any amount.
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
    tally: Tally | None = None
    reads: tuple[str, ...] = ()  # tables besides those of its records

    @property
    def entity(self) -> str:
        """The entity whose records the figure is about."""
        return self.term.records.entity

    @property
    def terms(self) -> tuple[Term, ...]:
        """What the figure is made of: the terms below the line, and what stands only above it."""
        above = (self.term,) if self.how == "ratio" or not self.among else ()
        return tuple(dict.fromkeys((*self.among, *above)))

    @property
    def numerator(self) -> str:
        """What stands above the line, or is the figure where there is none."""
        if self.tally:
            return self.tally.above_noun
        if self.parts:
            return " x ".join(self.parts[:-1])
        if self.how == "total":
            return " + ".join(map(_sum_of, self.among))
        return _sum_of(self.term, _MADE.get(self.how, "sum of {}"))

    @property
    def denominator(self) -> str:
        """What stands below the line; empty where there is none."""
        if self.tally:
            return "" if self.unit == "n" else self.tally.below_noun
        if self.parts:
            return self.parts[-1]
        if self.how == "mean":
            return f"{self.term.records.noun} that have such a value"
        return " + ".join(term.records.noun for term in self.among) if self.how == "ratio" else ""

    @property
    def filters(self) -> str:
        """Which records count, and by what a period picks them."""
        return "; ".join(dict.fromkeys(term.records.filters for term in self.terms))

    @property
    def edge(self) -> str:
        """What becomes of the figure without records, and of records that it leaves out."""
        if self.how == "count":
            return "0 without records"
        return f"n/a: {self.missing}; records without a value are left out and counted"

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that the figure is read from."""
        found = [ENTITIES[term.records.entity].table for term in self.terms]
        found += ["currency_rate" for term in self.terms if term.measure and term.measure.unit == "money"]
        if any(term.reads("state_log") for term in self.terms):
            found.append("state_log")
        return tuple(dict.fromkeys((*found, *self.reads)))

    @property
    def source(self) -> str:
        """Where the figure is defined."""
        return f"docs/reference/kpis.md, {self.area}"

    def defined(self) -> dict[str, object]:
        """Return the whole definition, for documents and pages."""
        return {name: getattr(self, name) for name in DEFINED} | {"tables": list(self.tables)}


_MADE = {"median": "middle of {}", "p90": "what nine in ten of {} do not exceed"}


def _sum_of(term: Term, made: str = "sum of {}") -> str:
    return made.format(f"the {term.measure.noun} of {term.records.noun}") if term.measure else term.records.noun


DEFINED = (
    "key",
    "label",
    "unit",
    "definition",
    "numerator",
    "denominator",
    "filters",
    "edge",
    "tables",
    "source",
    "area",
)


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
