"""``report rhythm``: on which weekdays and at which hours tickets are opened, or interactions take place.

Of tickets it also tells how long those opened at an hour waited for their answer. Hours are local ones.
"""

import sqlite3
from collections import Counter, defaultdict

from crmcli.domain.buckets import label
from crmcli.queries.buckets import bucket_sql
from crmcli.queries.columns import Shown
from crmcli.reports.figures import figure
from crmcli.reports.frame import Frame
from crmcli.reports.groups import Group, Groups, greatest
from crmcli.reports.presenting import head, named, value_of
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Chart, Options, ReportResult, Sheet
from crmcli.reports.sets import INTERACTIONS, TICKETS_OPENED, RecordSet

KEYS = ("ticket_first_response_hours_median",)
SETS = {"ticket": TICKETS_OPENED, "interaction": INTERACTIONS}
_WEEKDAYS = tuple(map(str, range(1, 8)))
_HOURS = tuple(f"{hour:02}" for hour in range(24))
_ALL = {"weekday": _WEEKDAYS, "hour": _HOURS}
_ANSWERS = (Shown("count", "Opened", "int"), Shown("answered", "Answered", "int"), Shown("median", "Median", "hours"))
Row = dict[str, object]


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return how many records there are at each weekday and hour; programs get weekdays, or groups."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    entity = options.entity or "ticket"
    frame = Frame(con, options._replace(by=None))
    frame.settle(entity)
    records = SETS[entity]
    counts = _counts(frame, records)
    rows = _rows(counts)
    sheets = [_shown(records, rows, counts)]
    document = {**head(options.period, options), "entity": entity, "weekdays": rows}
    if entity == "ticket":
        for unit in _ALL:
            answers = _answers(frame, unit)
            document[f"answers_by_{unit}"] = answers
            columns = (Shown(unit, unit.capitalize(), "text"), *_ANSWERS)
            told = [{**row, unit: label(str(row[unit]), unit)} for row in answers if row["count"]]
            chart = Chart("bars", unit, ("median",))
            sheets.append(Sheet(f"First response by {unit}", columns, told, "rows", None, unit, ("median",), chart))
    main = _sheet(records, rows, _HOURS)
    if options.by is not None:
        main = _groups(con, options, records)
        document["groups"] = main.rows
        sheets.append(main._replace(rows=[{**row, "group": named(row["group"], options.by)} for row in main.rows]))
    return ReportResult("Rhythm", options.period, options.currency, tuple(sheets), main, document, sum(counts.values()))


def _counts(frame: Frame, records: RecordSet) -> Counter[tuple[str, str]]:
    """Count by weekday and hour, by which the frame groups from then on."""
    frame.group_by(records.entity, Groups(" || ".join(_slot(frame, records))))
    return Counter({_told(slot): count for slot, count in frame.counts(records, frame.period).items()})


def _told(slot: object) -> tuple[str, str]:
    """Return the weekday and the hour of a group."""
    return str(slot)[0], str(slot)[1:]


def _slot(frame: Frame, records: RecordSet) -> list[str]:
    """Return the expressions for the weekday and the hour of a record."""
    first, last = frame.read(records, f"MIN({records.event})", f"MAX({records.event})").fetchone()
    if first is None:
        return ["NULL"] * len(_ALL)
    return [bucket_sql(records.event, unit, frame.zone, first, last) for unit in _ALL]


def _rows(counts: Counter[tuple[str, str]]) -> list[Row]:
    return [{"weekday": day, **{hour: counts[day, hour] for hour in _HOURS}} for day in _WEEKDAYS]


def _shown(records: RecordSet, rows: list[Row], counts: Counter[tuple[str, str]]) -> Sheet:
    """Return the map for people, from the first hour that has anything to the last."""
    busy = sorted(hour for _, hour in counts) or ["09", "17"]
    hours = tuple(hour for hour in _HOURS if busy[0] <= hour <= busy[-1])
    return _sheet(records, [{**row, "weekday": label(str(row["weekday"]), "weekday")} for row in rows], hours)


def _sheet(records: RecordSet, rows: list[Row], hours: tuple[str, ...]) -> Sheet:
    columns = (Shown("weekday", "Weekday", "text"), *(Shown(hour, hour, "int") for hour in hours))
    title = f"{records.noun.capitalize()} by weekday and hour"
    return Sheet(title, columns, rows, "weekdays", chart=Chart("heat", "weekday", hours))


def _groups(con: sqlite3.Connection, options: Options, records: RecordSet) -> Sheet:
    """Return how many records there are at each weekday by group, those of the most records first with ``top``."""
    frame = Frame(con, options)
    frame.settle(records.entity)
    weekday, _ = _slot(frame, records)
    found: defaultdict[object, Counter[str]] = defaultdict(Counter)
    for value, day, count in frame.read(
        records, frame.group_sql(records.entity), weekday, "COUNT(*)", tail=" GROUP BY 1, 2"
    ):
        found[value][day] = count
    groups = greatest(frame.groups(records.entity, set(found)), lambda one: found[one.value].total(), options.top)
    rows = [
        {**group.cells, **{day: found[group.value][day] for day in _WEEKDAYS}, "count": found[group.value].total()}
        for group in groups
    ]
    by = frame.by_column(records.entity)
    days = (Shown(day, label(day, "weekday"), "int") for day in _WEEKDAYS)
    columns = (by, *days, Shown("count", "Together", "int"))
    title, chart = f"{records.noun.capitalize()} by {by.label.lower()} and weekday", Chart("heat", "group", _WEEKDAYS)
    return Sheet(title, columns, rows, "groups", None, "group", ("count",), chart)


def _answers(frame: Frame, unit: str) -> list[Row]:
    """Return for each weekday or hour of opening how many tickets there were, and how long their answers took."""
    slots: dict[str, list[object]] = {name: [] for name in _ALL[unit]}
    for slot in frame.counts(TICKETS_OPENED, frame.period):
        slots[dict(zip(_ALL, _told(slot), strict=True))[unit]].append(slot)
    return [_answered(frame, unit, name, Group(tuple(values))) for name, values in slots.items()]


def _answered(frame: Frame, unit: str, name: str, group: Group) -> Row:
    """Return how many tickets were opened then, how many of them were answered, and the median of their waits."""
    found = figure(frame, KPIS[KEYS[0]], group)
    count = frame.count(TICKETS_OPENED, frame.period, group)
    return {unit: name, "count": count, "answered": found.records, "median": value_of(found, frame.options.currency)}
