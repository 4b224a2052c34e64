"""Reports whose usual groups are none of the fields of a record: the stages that deals passed, bands of points."""

import sqlite3
from typing import NamedTuple

from crmcli.queries.columns import Shown
from crmcli.reports.figures import figure
from crmcli.reports.grouped import Part, for_people, grouped, values_of
from crmcli.reports.groups import WHOLE, Groups
from crmcli.reports.listed import settled
from crmcli.reports.presenting import entry, figure_sheets, for_programs, head
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Options, ReportResult


class Regrouped(NamedTuple):
    """A report: its figures by groups of its own, ``by`` heading them. ``bar`` is the part that is drawn."""

    title: str
    entity: str
    by: Shown
    parts: tuple[Part, ...]
    bar: str

    @property
    def keys(self) -> tuple[str, ...]:
        """The figures that the report shows."""
        return tuple(part.kpi for part in self.parts)


def report(con: sqlite3.Connection, options: Options, asked: Regrouped, groups: Groups) -> ReportResult:
    """Return the figures by these groups, or by the field that ``--by`` names, and those of the whole."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    whole = options._replace(by=None)
    mine = settled(con, options, asked.keys)
    by = asked.by
    if options.by is None:
        mine.group_by(asked.entity, groups)
    else:
        by = mine.by_column(asked.entity)
    totals = [figure(mine, KPIS[key], WHOLE) for key in asked.keys]
    found = mine.groups(asked.entity, values_of(mine, asked.parts))
    table = grouped(mine, f"By {by.label.lower()}", asked.parts, found, by, bar=asked.bar)
    programs = for_programs(table)
    return ReportResult(
        asked.title,
        options.period,
        options.currency,
        (for_people(table, by.key), figure_sheets(totals, whole, "Total")[0]),
        programs,
        {**head(options.period, options), "totals": [entry(total, whole) for total in totals],
         ("groups" if options.by else f"{by.key}s"): programs.rows},
        max(total.records for total in totals),
    )  # fmt: skip
