"""Reports that lay the same figures out: as totals, by one field or several, and with the records behind them.

A report says which figures, which usual groupings and which records; ``--by`` puts one grouping in place of them all.
"""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from crmcli.queries.columns import Shown
from crmcli.queries.records import ListQuery, list_records
from crmcli.reports.figures import Figure, entities, figure
from crmcli.reports.frame import Frame
from crmcli.reports.grouped import Part, for_people, for_programs, grouped, values_of
from crmcli.reports.groups import WHOLE
from crmcli.reports.presenting import currency_sheets, entry, figure_sheets, head, unconverted, warnings
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Chart, Options, ReportResult, Sheet
from crmcli.reports.sets import RecordSet


class Grouping(NamedTuple):
    """A usual grouping: its key in the document, the field, and its parts where they are not all of the report's."""

    key: str
    field: str
    parts: tuple[Part, ...] = ()


class Listing(NamedTuple):
    """The records that a report lists: their columns, and by what they are sorted."""

    records: RecordSet
    columns: tuple[str, ...]
    sort: str


class Breakdown(NamedTuple):
    """What a report lays out. The first part of each grouping is drawn; ``totals`` are further figures of the whole.

    ``chart`` says how the totals are drawn, where that tells something.
    """

    title: str
    parts: tuple[Part, ...]
    groupings: tuple[Grouping, ...] = ()
    listing: Listing | None = None
    totals: tuple[str, ...] = ()
    chart: Chart | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The figures that the report shows."""
        parts = (*self.parts, *(part for grouping in self.groupings for part in grouping.parts))
        return tuple(dict.fromkeys((*(part.kpi for part in parts), *self.totals)))


def report(con: sqlite3.Connection, options: Options, asked: Breakdown) -> ReportResult:
    """Return totals, groups and records; programs get the groups where there are some, else the records."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    groupings = (Grouping("groups", options.by),) if options.by else asked.groupings
    whole = options._replace(by=None)
    frame = settled(con, whole, asked.keys)
    totals = [figure(frame, KPIS[key], WHOLE) for key in _told(asked)]
    tables = {one.key: _grouped(con, options, one, asked, frame) for one in groupings}
    people = [for_people(tables[one.key], one.field) for one in groupings]
    listed = {} if asked.listing is None or options.by else {asked.listing.records.entity + "s": records(frame, asked)}
    sheets = (total_sheet(totals, whole, asked.chart), *currency_sheets(totals, whole), *people, *listed.values())
    main = listed or {key: for_programs(sheet) for key, sheet in tables.items()}
    return ReportResult(
        asked.title,
        options.period,
        options.currency,
        sheets,
        next(iter(main.values())) if main else figure_sheets(totals, whole, "Total")[1],
        {
            **head(options.period, options),
            "totals": [entry(total, whole) for total in totals],
            "unconverted": unconverted(totals),
            **{key: for_programs(sheet).rows for key, sheet in (tables | listed).items()},
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


def total_sheet(totals: list[Figure], options: Options, chart: Chart | None = None) -> Sheet:
    """Return the figures of the whole as people read them."""
    return figure_sheets(totals, options, "Total")[0]._replace(chart=chart)


def records(frame: Frame, asked: Breakdown) -> Sheet:
    """Return the records that a report lists."""
    listing = asked.listing
    if listing is None:
        raise ValueError(f"the report {asked.title} lists no records")
    kind, where = frame.selection(listing.records, frame.period)
    query = ListQuery(where, sort=listing.sort, columns=listing.columns, limit=frame.options.rows)
    page = list_records(frame.con, kind, query)
    rows = list(page.rows)
    noun = kind.plural
    return Sheet(noun.capitalize(), page.columns, rows, noun, page.total if frame.options.rows else len(rows))


def _told(asked: Breakdown) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(part.kpi for part in asked.parts), *asked.totals)))


def _grouped(con: sqlite3.Connection, options: Options, one: Grouping, asked: Breakdown, frame: Frame) -> Sheet:
    parts = one.parts or asked.parts
    mine = settled(con, options._replace(by=one.field), (part.kpi for part in parts), frame)
    name = one.field.replace("_", " ")
    groups = mine.groups(KPIS[parts[0].kpi].entity, values_of(mine, parts))
    return grouped(mine, f"By {name}", parts, groups, Shown("group", name.capitalize(), "text"), bar=parts[0].key)
