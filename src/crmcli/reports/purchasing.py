"""What the reports on purchases share: their figures as totals and by group, of the customers of a target.

Which figures a report shows, and what else, stands in its own module.
"""

import sqlite3
from typing import NamedTuple

from crmcli.reports.acts import ACTS
from crmcli.reports.customers import BY_DEAL, CustomerFrame, target_fact
from crmcli.reports.figures import figure, group_values
from crmcli.reports.grouped import Part, for_people, grouped
from crmcli.reports.groups import WHOLE
from crmcli.reports.presenting import currency_sheets, entry, figure_sheets, for_programs, head, unconverted, warnings
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Options, ReportResult, Sheet


class Shape(NamedTuple):
    """A report on purchases: its title and its figures, the one that is drawn first.

    ``by_deal`` groups by a field of the deal where customers have it too.
    """

    title: str
    parts: tuple[Part, ...]
    by_deal: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The figures that the report shows."""
        return tuple(part.kpi for part in self.parts)


class Told(NamedTuple):
    """What a report says beside its figures: facts above them, more sheets by key of the document, and notes."""

    facts: tuple[tuple[str, str], ...] = ()
    sheets: tuple[tuple[str, Sheet], ...] = ()
    notes: tuple[str, ...] = ()


def explained(con: sqlite3.Connection, options: Options, shape: Shape) -> ReportResult:
    """Return the figure that is asked for, taken apart with the groups of the report."""
    from crmcli.reports.explain import explain

    return explain(con, options._replace(own={**options.own, BY_DEAL: True}) if shape.by_deal else options)


def report(frame: CustomerFrame, shape: Shape, told: Told) -> ReportResult:
    """Return totals and groups; programs get the groups where ``by`` asks for them, else the totals."""
    options = frame.options
    whole = options._replace(by=None)
    totals = [figure(frame, KPIS[key], WHOLE) for key in shape.keys]
    people, machine = figure_sheets(totals, whole, "Total")
    groups = _grouped(frame, shape) if options.by else None
    listed = [for_people(groups, options.by)] if groups else []
    shown = [people, *currency_sheets(totals, whole), *listed, *(sheet for _, sheet in told.sheets)]
    document = {
        **head(options.period, options),
        "target": frame.target,
        "totals": [entry(total, whole) for total in totals],
        "unconverted": unconverted(totals),
        **({"groups": for_programs(groups).rows} if groups else {}),
        **{key: for_programs(sheet).rows for key, sheet in told.sheets},
    }
    main = for_programs(groups) if groups else for_programs(told.sheets[0][1]) if told.sheets else machine
    return ReportResult(
        shape.title,
        options.period,
        options.currency,
        tuple(shown),
        main,
        document,
        max(total.records for total in totals),
        (target_fact(frame), *told.facts),
        told.notes,
        warnings(totals),
    )


def is_unfinished(frame: CustomerFrame, end: str | None) -> bool:
    """Say whether a period that ends with this day, excluded, is not over yet."""
    return end is None or end > frame.today


def _grouped(frame: CustomerFrame, shape: Shape) -> Sheet:
    by = frame.by_column(ACTS.entity)
    values = {value for key in shape.keys for value in group_values(frame, KPIS[key])}
    groups = frame.groups(ACTS.entity, values)
    return grouped(frame, f"By {by.label.lower()}", shape.parts, groups, by, bar=shape.parts[0].key)
