"""What reports on records of one kind share: totals, figures by group, and the records themselves."""

import sqlite3
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.queries.columns import Shown
from crmcli.queries.records import ListQuery, list_records
from crmcli.reports.figures import figure
from crmcli.reports.frame import Frame
from crmcli.reports.grouped import Part, for_people, for_programs, grouped, values_of
from crmcli.reports.groups import WHOLE
from crmcli.reports.presenting import currency_sheets, entry, figure_sheets, head, unconverted, warnings
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Options, ReportResult, Sheet
from crmcli.reports.sets import RecordSet


class Listed(NamedTuple):
    """A report: the records it lists, with which columns and in which order, its figures, and its usual groupings.

    The figures may be about records of other kinds too, as long as these can be grouped and chosen by the same fields.
    """

    title: str
    records: RecordSet
    columns: tuple[str, ...]
    parts: tuple[Part, ...]
    groupings: tuple[tuple[str, str], ...] = ()  # (key in the document, field)
    sort: str = "-closed_at"
    noun: str = ""  # what the records are called, where not by their kind

    @property
    def plural(self) -> str:
        """What the records are called: the key of their list in the document."""
        return self.noun or ENTITIES[self.records.entity].plural

    @property
    def entities(self) -> tuple[str, ...]:
        """The kinds of record that the list and the figures are about."""
        kinds = (self.records.entity, *(KPIS[part.kpi].entity for part in self.parts))
        return tuple(dict.fromkeys(kinds))

    @property
    def keys(self) -> tuple[str, ...]:
        """The figures that the report shows."""
        return tuple(part.kpi for part in self.parts)


def report(con: sqlite3.Connection, options: Options, listed: Listed) -> ReportResult:
    """Return totals, groups and records; programs get the groups where ``by`` asks for them, else the records."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    asked = {"groups": options.by} if options.by else dict(listed.groupings)
    frames = {key: Frame(con, options._replace(by=field)) for key, field in asked.items()}
    frame = next(iter(frames.values()), None) or Frame(con, options)
    for each in {frame, *frames.values()}:
        for entity in listed.entities:
            each.settle(entity)
    totals = [figure(frame, KPIS[key], WHOLE) for key in listed.keys]
    tables = {key: _grouped(each, listed) for key, each in frames.items()}
    shown = [for_people(table, asked[key]) for key, table in tables.items()]
    records = {} if options.by else {listed.plural: _records(frame, listed)}
    whole = options._replace(by=None)
    return ReportResult(
        listed.title,
        options.period,
        options.currency,
        (figure_sheets(totals, whole, "Total")[0], *currency_sheets(totals, whole), *shown, *records.values()),
        for_programs(tables["groups"]) if options.by else records[listed.plural],
        {
            **head(options.period, options),
            "totals": [entry(total, whole) for total in totals],
            "unconverted": unconverted(totals),
            **{key: for_programs(sheet).rows for key, sheet in (tables | records).items()},
        },
        max(total.records for total in totals),
        warnings=warnings(totals),
    )


def _grouped(frame: Frame, listed: Listed) -> Sheet:
    name = (frame.options.by or "").replace("_", " ")
    groups = frame.groups(listed.records.entity, values_of(frame, listed.parts))
    by = Shown("group", name.capitalize(), "text")
    return grouped(frame, f"By {name}", listed.parts, groups, by, bar=listed.parts[0].key)


def _records(frame: Frame, listed: Listed) -> Sheet:
    """Return the records, the latest first unless the report has another order."""
    kind, where = frame.selection(listed.records, frame.period)
    page = list_records(
        frame.con, kind, ListQuery(where, sort=listed.sort, columns=listed.columns, limit=frame.options.rows)
    )
    rows = list(page.rows)
    return Sheet(
        listed.plural.capitalize(), page.columns, rows, listed.plural, page.total if frame.options.rows else len(rows)
    )
