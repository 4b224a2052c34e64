"""``report next-steps``: open deals, and open leads, without a next step or with one whose day has passed.

A next step is the one that the record names itself, else an open task for it, else an event that is planned with it.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.rows import Rows, joined
from crmcli.queries.columns import Shown
from crmcli.queries.records import ListQuery, list_records
from crmcli.reports.frame import Frame
from crmcli.reports.groups import greatest
from crmcli.reports.presenting import head, named
from crmcli.reports.result import Options, ReportResult, Sheet
from crmcli.reports.sets import NEXT_STEPS, OPEN_WITH_STEPS, RecordSet, step_day
from crmcli.store.among import among

KEYS: tuple[str, ...] = ()
Row = dict[str, object]
_STATES = ("none", "past", "ahead")
_UNDATED = "9999-12-31"
_READ = {
    "deal": ("ref", "name", "organization", "stage", "amount", "owner", "next_step"),
    "lead": ("ref", "name", "company_name", "status", "owner", "next_step"),
}
_STEP = (Shown("step", "Next step is", "text"), Shown("step_on", "On", "date"))
_KIND = Shown("entity", "Records", "text")
_COUNTS = (Shown("none", "None", "int"), Shown("past", "In the past", "int"), Shown("ahead", "Ahead", "int"))


class _Part(NamedTuple):
    """The open records of one kind: those that lack a step in time, and how many there are by the state of it."""

    entity: str
    lacking: Sheet
    counts: dict[str, int]
    by: Shown
    groups: list[Row]

    @property
    def size(self) -> int:
        """How many lack a step in time."""
        return self.counts["none"] + self.counts["past"]


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the deals and leads that lack a next step in time; programs get the deals, or the leads if asked for."""
    parts = [_part(con, options, entity) for entity in ([options.entity] if options.entity else NEXT_STEPS)]
    sheets = [_total(parts), *(part.lacking for part in parts)]
    if options.by:
        sheets += [_groups(part, options) for part in parts]
    return ReportResult(
        "Next steps",
        options.period,
        options.currency,
        tuple(sheets),
        parts[0].lacking,
        {**head(options.period, options), **{ENTITIES[part.entity].plural: _document(part, options) for part in parts}},
        sum(part.size for part in parts),
    )


def _part(con: sqlite3.Connection, options: Options, entity: str) -> _Part:
    frame = Frame(con, options)
    frame.settle(entity)
    found = _counted(frame, entity)
    counts = {state: sum(of[state] for of in found.values()) for state in _STATES}
    groups = frame.groups(entity, set(found)) if options.by else []
    shown = greatest(groups, lambda group: found[group.value].total(), options.top)
    rows = [group.cells | {state: found[group.value][state] for state in _STATES} for group in shown]
    return _Part(entity, _lacking(frame, entity, counts), counts, frame.by_column(entity), rows)


def _counted(frame: Frame, entity: str) -> dict[object, Counter[str]]:
    """Return for each group how many of its open records there are by the state of their next step."""
    found: defaultdict[object, Counter[str]] = defaultdict(Counter)
    columns = (frame.group_sql(entity), step_day(entity), "COUNT(*)")
    for group, day, count in frame.read(OPEN_WITH_STEPS[entity], *columns, tail=" GROUP BY 1, 2"):
        state = "none" if day is None else "past" if day < frame.today else "ahead"
        found[group][state] += count
    return found


def _lacking(frame: Frame, entity: str, counts: dict[str, int]) -> Sheet:
    """Return the records without a step, then those whose step has passed, the longest ago first."""
    without, past, _ = NEXT_STEPS[entity]
    columns, rows = _read(frame, without, frame.options.rows)
    limit = None if frame.options.rows is None else frame.options.rows - len(rows)
    _, late = _read(frame, past, limit)
    days = _days(frame.con, entity, late.column("id"))
    late = late.having(step=["past"] * len(late), step_on=[days[number] for number in late.column("id")])
    told = joined([rows.having(step=["none"] * len(rows)), late.in_order_of("step_on")], late.keys)
    plural = ENTITIES[entity].plural
    title = f"Open {plural} without a next step in time"
    return Sheet(title, (*columns[:3], *_STEP, *columns[3:]), told, plural, counts["none"] + counts["past"])


def _read(frame: Frame, records: RecordSet, limit: int | None) -> tuple[tuple[Shown, ...], Rows]:
    kind, where = frame.selection(records, frame.period)
    query = ListQuery(where, sort="created_at", columns=_READ[records.entity], limit=limit)
    page = list_records(frame.con, kind, query)
    return page.columns, page.whole


def _days(con: sqlite3.Connection, entity: str, ids: Sequence[int]) -> dict[object, str | None]:
    if not ids:
        return {}
    those, parameters = among("r.id", ids)
    sql = f"SELECT r.id, NULLIF({step_day(entity)}, '{_UNDATED}') FROM {ENTITIES[entity].table} r WHERE {those}"
    return dict(con.execute(sql, parameters).fetchall())


def _groups(part: _Part, options: Options) -> Sheet:
    rows = [{**row, "group": named(row["group"], options.by)} for row in part.groups]
    title = f"{ENTITIES[part.entity].plural.capitalize()} by {part.by.label.lower()}"
    return Sheet(title, (part.by, *_COUNTS), rows, "groups", identity="group", measures=_STATES)


def _total(parts: Sequence[_Part]) -> Sheet:
    rows = [{"entity": ENTITIES[part.entity].plural, **part.counts} for part in parts]
    return Sheet("By next step", (_KIND, *_COUNTS), rows, "kinds", identity="entity", measures=_STATES)


def _document(part: _Part, options: Options) -> Row:
    told: Row = {**part.counts, "records": part.lacking.rows}
    return told | ({"groups": part.groups} if options.by else {})
