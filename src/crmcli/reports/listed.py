"""What reports on records of one kind share: totals, figures by group, and the records themselves."""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.queries.records import ListQuery, list_records
from crmcli.reports.figures import entities, figure
from crmcli.reports.frame import Frame
from crmcli.reports.grouped import Part, for_people, grouped, values_of
from crmcli.reports.groups import WHOLE
from crmcli.reports.presenting import currency_sheets, entry, figure_sheets, for_programs, head, unconverted, warnings
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Options, ReportResult, Sheet
from crmcli.reports.sets import RecordSet


class Grouping(NamedTuple):
    """A usual grouping: its key in the document, the field, and its parts where they are not all of the report's."""

    key: str
    field: str
    parts: tuple[Part, ...] = ()


class Listed(NamedTuple):
    """A report: the records it lists, with which columns and in which order, its figures, and its usual groupings.

    The figures may be about records of other kinds too, as long as these can be grouped and chosen by the same fields.
    A report without ``records`` tells figures only; ``totals`` are further figures of the whole.
    """

    title: str
    records: RecordSet | None
    columns: tuple[str, ...]
    parts: tuple[Part, ...]
    groupings: tuple[tuple[str, str] | Grouping, ...] = ()
    sort: str = "-closed_at"
    noun: str = ""  # what the records are called, where not by their kind
    totals: tuple[str, ...] = ()

    @property
    def plural(self) -> str:
        """What the records are called: the key of their list in the document."""
        return self.noun or (ENTITIES[self.records.entity].plural if self.records else "")

    @property
    def keys(self) -> tuple[str, ...]:
        """The figures that the report shows."""
        parts = [part for one in self.groupings for part in Grouping(*one).parts]
        return tuple(dict.fromkeys((*(part.kpi for part in (*self.parts, *parts)), *self.totals)))


def report(con: sqlite3.Connection, options: Options, listed: Listed) -> ReportResult:
    """Return totals, groups and records; programs get the groups where ``by`` asks for them, else the records."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    whole = options._replace(by=None)
    groupings = [Grouping("groups", options.by)] if options.by else [Grouping(*one) for one in listed.groupings]
    frame = settled(con, options._replace(by=groupings[0].field if groupings else None), listed.keys)
    frames = [frame, *(settled(con, options._replace(by=one.field), listed.keys, frame) for one in groupings[1:])]
    totals = [figure(frame, KPIS[key], WHOLE) for key in (*(part.kpi for part in listed.parts), *listed.totals)]
    tables = {one.key: _grouped(each, listed, one) for one, each in zip(groupings, frames, strict=False)}
    shown = [for_people(tables[one.key], one.field) for one in groupings]
    records = {listed.plural: _records(frame, listed.records, listed)} if listed.records and not options.by else {}
    main = records or {key: for_programs(table) for key, table in tables.items()}
    return ReportResult(
        listed.title,
        options.period,
        options.currency,
        (figure_sheets(totals, whole, "Total")[0], *currency_sheets(totals, whole), *shown, *records.values()),
        next(iter(main.values())) if main else figure_sheets(totals, whole, "Total")[1],
        {
            **head(options.period, options),
            "totals": [entry(total, whole) for total in totals],
            "unconverted": unconverted(totals),
            **{key: for_programs(sheet).rows for key, sheet in (tables | records).items()},
        },
        max(total.records for total in totals),
        warnings=warnings(totals),
    )


def settled(con: sqlite3.Connection, options: Options, keys: Iterable[str], frame: Frame | None = None) -> Frame:
    """Return a frame that understands condition and grouping for all that some figures are made of.

    It shares the past that another ``frame`` has worked out.
    """
    made = Frame(con, options)
    if frame is not None:
        made.past = frame.past
    for entity in dict.fromkeys(entity for key in keys for entity in entities(KPIS[key])):
        made.settle(entity)
    return made


def _grouped(frame: Frame, listed: Listed, one: Grouping) -> Sheet:
    parts = one.parts or listed.parts
    groups = frame.groups(KPIS[parts[0].kpi].entity, values_of(frame, parts))
    by = frame.by_column(KPIS[parts[0].kpi].entity)
    return grouped(frame, f"By {by.label.lower()}", parts, groups, by, bar=parts[0].key)


def _records(frame: Frame, records: RecordSet, listed: Listed) -> Sheet:
    """Return the records, the latest first unless the report has another order."""
    kind, where = frame.selection(records, frame.period)
    page = list_records(
        frame.con, kind, ListQuery(where, sort=listed.sort, columns=listed.columns, limit=frame.options.rows)
    )
    rows = page.whole
    return Sheet(
        listed.plural.capitalize(), page.columns, rows, listed.plural, page.total if frame.options.rows else len(rows)
    )
