"""The frame in which all figures of a report stand: one period, one condition, one grouping, one state of knowledge.

It reads the named sets of records, each at most once. What is computed from them belongs to ``figures``.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli import clock
from crmcli.conditions.expression import Clause, value
from crmcli.conditions.scope import Fields
from crmcli.domain.columns import Keyed
from crmcli.domain.periods import ALL, Period, utc_edges
from crmcli.domain.plurals import counted
from crmcli.domain.schema import Entity
from crmcli.domain.zones import local_date
from crmcli.queries.buckets import with_days
from crmcli.queries.columns import Shown, find_operand
from crmcli.reports.fields import in_figures, ref_in_figures
from crmcli.reports.groups import TIMES, Group, Groups, Times, by_column, refuse_ungrouped
from crmcli.reports.measures import Excluded, Measure, Surroundings
from crmcli.reports.past import Past
from crmcli.reports.result import Options
from crmcli.reports.samples import Sample, alike, merged, plain
from crmcli.reports.sets import ASKED, Origin, RecordSet
from crmcli.reports.sums import Sum, Total, add_up, sum_columns, sum_of
from crmcli.reports.terms import Term
from crmcli.store.reader import fetch_columns

if TYPE_CHECKING:
    from crmcli.reports.measures import Exact

_FIELD = r"\{(\w+)\}"
_ROWS = r"\{rows:(\w+)\}"
_COLUMN = r"\br\.(\w+)"


class Row(NamedTuple):
    """One record of a term: ref, title, group, and its number or the reason why it has none."""

    ref: str
    title: str
    group: object
    value: "Exact | Excluded"


class Frame:
    """Reads record sets for a report. UsageError when ``by`` or ``where`` means nothing for any entity it is about."""

    def __init__(self, con: sqlite3.Connection, options: Options) -> None:
        self.con = con
        self.options = options
        self.period = options.period
        self.zone = options.scope.zone
        asked = {key: options.own.get(key) or usual for key, usual in ASKED.items()}
        self.world = Surroundings(options.currency, self.zone, options.calendar, options.until, options.levels, asked)
        self.today = local_date(clock.now_text(), self.zone)
        self.past = Past(con)
        self.kept: dict[str, Any] = {}  # what the modules of figures of their own have read already
        self.fields = Fields(None, options.scope.custom)
        self._where: dict[str, Clause] = {}
        self._groups: dict[str, Groups] = {}
        self._counts: dict[tuple[RecordSet, Period], dict[object, int]] = {}
        self._samples: dict[tuple[Term, Period], dict[object, Sample]] = {}
        self._wholes: dict[tuple[Term, Period], Sample] = {}
        self._found: dict[object, dict[str, Any]] = {}
        self._sums: dict[tuple[Term, Period], list[Sum]] = {}
        self._mixed: dict[str, bool] = {}
        self._last: tuple[object, list[Any]] | None = None

    def settle(self, entity: str) -> None:
        """Understand the condition and the grouping for an entity; UsageError when they mean nothing there."""
        kind = in_figures(entity)
        where = self.condition(kind)
        if where is not None:
            self._where[entity] = where
        self._groups[entity] = self.grouping(kind)

    def condition(self, kind: Entity) -> Clause | None:
        """Return what records of an entity must meet besides being in a set."""
        alone = "r.currency = :base" if self.options.is_alone else ""
        if self.options.where is None:
            return Clause(alone, {}) if alone else None
        from crmcli.conditions.condition import compile as compile_condition

        where = compile_condition(self.options.where, kind, self.options.scope).clause()
        return where._replace(sql=f"({where.sql}) AND {alone}") if alone else where

    def grouping(self, kind: Entity) -> Groups:
        """Return by what the records of an entity are grouped."""
        if self.options.by is None:
            return Groups()
        if kind.name == "deal" and self.options.by in TIMES:
            return Times(self.options.by)
        operand = find_operand(self.options.by, kind, self.fields)
        refuse_ungrouped(operand, kind)
        return Groups(value(operand.hops, operand.field.sql), operand.field)

    def group_sql(self, entity: str) -> str:
        """Return the expression over the row of an entity, alias ``r``, for the stored value of its group."""
        return self._groups[entity].sql

    def by_column(self, entity: str) -> Shown:
        """Return the column that names the groups of an entity."""
        return by_column(self.options.by or "", self._groups[entity].field)

    def group_by(self, entity: str, groups: Groups) -> None:
        """Group the records of an entity otherwise than ``by`` asks for; nothing of them may have been read yet."""
        self._groups[entity] = groups

    def whole(self) -> "Frame":
        """Return a frame with the same condition that no period limits, settled for the same entities."""
        found = Frame(self.con, self.options._replace(period=ALL))
        found._where, found._groups = self._where, self._groups
        return found

    def trailing(self, days: int) -> Period:
        """Return the last days of the period, up to today where it goes on; all of it when it has no limits."""
        if self.period == ALL:
            return ALL
        from datetime import date, timedelta

        tomorrow = (date.fromisoformat(self.today) + timedelta(days=1)).isoformat()
        end = min(self.period.end or tomorrow, tomorrow)
        start = (date.fromisoformat(end) - timedelta(days=days)).isoformat()
        return Period(start, end, f"{counted(days, 'day')} before {end}")

    def groups(self, entity: str, values: set[object]) -> list[Group]:
        """Return these groups with their labels, in their order."""
        return self._groups[entity].labelled(self.con, values)

    def count(self, records: RecordSet, period: Period, group: Group) -> int:
        """Return how many records of a set a group has."""
        return self.count_each(records, period, [group])[0]

    def count_each(self, records: RecordSet, period: Period, groups: Iterable[Group]) -> list[int]:
        """Return how many records of a set each group has."""
        counts = self.counts(records, period)
        wanted = (counts if group.values is None else group.values for group in groups)
        return [sum([counts.get(value, 0) for value in values]) for values in wanted]

    def sample(self, term: Term, period: Period, group: Group) -> Sample:
        """Return the measured values of a group."""
        key = (term, period)
        if key not in self._samples:
            self._samples[key] = self._measured(term, period)
        samples = self._samples[key]
        if group.values is not None:
            return merged([samples[value] for value in group.values if value in samples])
        if key not in self._wholes:
            self._wholes[key] = merged(list(samples.values()))
        return self._wholes[key]

    def add_up(self, term: Term, period: Period, group: Group) -> Total:
        """Return what the measured values of a group add up to."""
        if term.measure is None or not term.measure.is_linear:
            sample = self.sample(term, period, group)
            own = {currency: (values.size, values.total) for currency, values in sample.own.items()}
            return Total(sample.total, sample.size, sample.excluded, own)
        key = (term, period)
        if key not in self._sums:
            columns, tail = sum_columns(_columns(term))
            group_sql = self._groups[term.records.entity].sql
            self._sums[key] = [sum_of(*row) for row in self._read(term.records, period, (group_sql, *columns), tail)]
        sums = self._sums[key]
        chosen = sums if group.values is None else [one for one in sums if one.group in group.values]
        return add_up(self.world, term.measure, chosen)

    def is_mixed(self, entity: str) -> bool:
        """Return whether there are records of an entity in another currency than the base one."""
        if entity not in self._mixed:
            kind = in_figures(entity)
            sql = f"SELECT EXISTS (SELECT 1 FROM {kind.table} WHERE deleted_at IS NULL AND currency <> ?)"
            has = "currency" in kind.fields and self.con.execute(sql, (self.options.currency,)).fetchone()[0]
            self._mixed[entity] = bool(has)
        return self._mixed[entity]

    def counts(self, records: RecordSet, period: Period) -> dict[object, int]:
        """Return how many records of a set there are for each stored value of the grouping."""
        key = (records, period)
        if key in self._counts:
            return self._counts[key]
        measured = next((term for term, of in self._samples if term.records == records and of == period), None)
        if measured is not None and measured.measure is not None and measured.measure.is_plain:
            return {group: sample.size for group, sample in self._samples[measured, period].items()}
        group = self._groups[records.entity].sql
        self._counts[key] = dict(self._read(records, period, (group, "COUNT(*)"), " GROUP BY 1"))
        return self._counts[key]

    def rows(self, term: Term, period: Period) -> Iterator[Row]:
        """Return the records of a term, in the order of their numbers."""
        return map(Row._make, zip(*self.columns(term, period), strict=True))

    def columns(self, term: Term, period: Period) -> list[Sequence[Any]]:
        """Return refs, titles, groups and values of the records of a term, in the order of their numbers."""
        kind = in_figures(term.records.entity)
        heads = (ref_in_figures(kind), term.records.title or kind.title, self._groups[kind.name].sql)
        found = self._read(term.records, period, (*heads, *_columns(term)), " ORDER BY r.id")
        refs, titles, groups, *measured = fetch_columns(found)
        if term.measure is None:
            return [refs, titles, groups, [1] * len(refs)]
        compute, world = term.measure.value, self.world
        if len(measured) == 1:
            values = {one: compute(world, one) for one in set(measured[0])}
            return [refs, titles, groups, Keyed(measured[0], values)]
        cells = list(zip(*measured, strict=True))
        return [refs, titles, groups, Keyed(cells, {one: compute(world, *one) for one in set(cells)})]

    def selection(self, records: RecordSet, period: Period) -> tuple[Entity, Clause]:
        """Return the entity and the condition that list the records of a set."""
        kind = self._entity(records, period)
        where = self._where.get(kind.name)
        parts = [
            _expanded(self._with_rows(records.condition), kind),
            *_within(records, period),
            *([where.sql] if where else []),
        ]
        condition = " AND ".join(f"({part})" for part in parts)
        return kind, Clause(condition, {**(where.parameters if where else {}), **self._parameters(records, period)})

    def read(self, records: RecordSet, *columns: str, tail: str = "") -> sqlite3.Cursor:
        """Return what SQL expressions over the records of a set in the period yield; ``tail`` may group or order."""
        return self._read(records, self.period, columns, tail)

    def _measured(self, term: Term, period: Period) -> dict[object, Sample]:
        measure = term.measure
        if measure is None:
            raise ValueError("a term without a measure is counted, not sampled")
        compute, world = measure.value, self.world
        is_mixed = measure.unit == "money" and self.is_mixed(term.records.entity)
        found = self._usual(term, measure, period) if measure.is_plain or measure.usual else {}
        if measure.is_plain:
            return found
        if is_mixed:
            for group, usual in found.items():
                found[group] = Sample(among=[usual])
                found[group].own[world.currency] = Sample(among=[usual])
        for (group, *cells), count in self._unusual(term, measure, period):
            if group not in found:
                found[group] = Sample()
            sample = found[group]
            number = compute(world, *cells)
            if isinstance(number, Excluded):
                sample.leave_out((number.reason, number.currency), count, number.minor * count)
            else:
                sample.add(number, count)
            if is_mixed and not isinstance(mine := self._in_own(measure, number, cells), Excluded):
                sample.own.setdefault(cells[1], Sample()).add(mine, count)
        return found

    def _usual(self, term: Term, measure: Measure, period: Period) -> dict[object, Sample]:
        """Return samples of the records whose value is a column of theirs."""
        records, (number, *_) = term.records.narrowed(measure.usual), _columns(term)
        group = self._groups[records.entity].sql
        if measure.is_few:
            return alike(self._read(records, period, (group, number, "COUNT(*)"), " GROUP BY 1, 2"))
        return plain(self._pairs(records, period, group, number))

    def _unusual(self, term: Term, measure: Measure, period: Period) -> Iterable[tuple[Any, int]]:
        """Return the group and the cells of the other records, and how many are alike in these.

        The last answer is kept, since two measures may look at the same.
        """
        records, columns = term.records, (self._groups[term.records.entity].sql, *_columns(term))
        if measure.is_few and not measure.usual:
            by = ", ".join(str(place + 1) for place in range(len(columns)))
            each = self._read(records, period, (*columns, "COUNT(*)"), f" GROUP BY {by}")
            return ((cells, count) for *cells, count in each)
        if measure.usual:
            records = records.narrowed(f"({measure.usual}) IS NOT TRUE")
        asked = (records, period, columns)
        if self._last is None or self._last[0] != asked:
            self._last = (asked, self._read(*asked).fetchall())
        return Counter(self._last[1]).items() if measure.usual else zip(self._last[1], repeat(1))

    def _in_own(self, measure: Measure, number: "Exact | Excluded", cells: list[Any]) -> "Exact | Excluded":
        """Return the value of a record in its own currency, which in the base one is the ``number`` known."""
        currency = cells[1]
        if currency == self.world.currency:
            return number
        return measure.value(self.world._replace(currency=currency), *cells)

    def _pairs(self, records: RecordSet, period: Period, group: str, number: str) -> Iterable[tuple[object, int]]:
        """Read the group and a number of each record: numbers and words come quicker as two texts than row by row.

        An aggregate reads what is joined without need, so the records are a query of their own, which LIMIT keeps.
        """
        if not self._groups[records.entity].are_keys:
            return self._read(records, period, (group, number))
        from json import loads

        each = self._query(records, period, (f"{group} AS grp", f"{number} AS number"), " LIMIT -1")
        sql = f"SELECT json_group_array(grp), json_group_array(number) FROM ({each.sql})"
        groups, numbers = map(loads, self.con.execute(sql, each.parameters).fetchone())
        return zip(groups, numbers, strict=True)

    def _read(self, records: RecordSet, period: Period, columns: tuple[str, ...], tail: str = "") -> sqlite3.Cursor:
        return self.con.execute(*self._query(records, period, columns, tail))

    def _query(self, records: RecordSet, period: Period, columns: tuple[str, ...], tail: str = "") -> Clause:
        kind, clause = self.selection(records, period)
        sql = f"SELECT {', '.join(columns)} FROM {kind.table} r WHERE r.deleted_at IS NULL AND {clause.sql}{tail}"
        return clause._replace(sql=with_days(sql, self.zone))

    def _entity(self, records: RecordSet, period: Period) -> Entity:
        kind = in_figures(records.entity)
        until = self._until(records, period)
        if until is not None:
            kind = kind._replace(table=self.past.table(kind, until))
        if records.source is None:
            return kind
        origin, asked = Origin(records.source.__name__, kind.table), self._parameters(records, period)
        if records.is_narrow:
            where = self._where.get(kind.name) or Clause("TRUE", {})
            columns = frozenset(re.findall(_COLUMN, f"{where.sql} {self._groups[kind.name].sql}"))
            origin, asked = origin._replace(where=where.sql, columns=columns), {**where.parameters, **asked}
        key, sources = (origin, *asked.values()), self.past.sources
        if key not in sources:
            sources[key] = records.source(self.con, origin._replace(name=f"{origin.name}_{len(sources)}"), asked)
        read = {name: kind.fields[name]._replace(sql=f"r.{name}") for name in records.fields}
        return kind._replace(table=sources[key], fields={**kind.fields, **read})

    def _with_rows(self, sql: str) -> str:
        """Return a condition with what stands for the tables that it names."""
        return re.sub(_ROWS, lambda found: self._entity(RecordSet(found[1], ""), self.period).table, sql)

    def _until(self, records: RecordSet, period: Period) -> str | None:
        """Return the instant before which things are known of a set; None when it is now."""
        end = utc_edges(period, self.zone)[1] if records.at_end else None
        if end is not None and end <= (self.options.until or clock.now_text()):
            return end
        return self.options.until

    def _finds(self, records: RecordSet) -> dict[str, Any]:
        """Return what a set needs to have read before, once for all sets that need the same."""
        if records.found is None:
            return {}
        if records.found not in self._found:
            self._found[records.found] = records.found(self.con)
        return self._found[records.found]

    def _parameters(self, records: RecordSet, period: Period) -> dict[str, Any]:
        start, end = utc_edges(period, self.zone)
        return {
            **self._finds(records),
            "from_utc": start,
            "to_utc": end,
            "from_day": period.start,
            "to_day": period.end,
            "until": self._until(records, period),
            "today": self.today,
            "base": self.options.currency,
            "every_hour": self.world.calendar is None,
            **self.world.asked,
        }


def _columns(term: Term) -> list[str]:
    """Return the SQL of what a term is measured by."""
    kind = in_figures(term.records.entity)
    return [_expanded(column, kind) for column in term.measure.columns] if term.measure else []


def _expanded(sql: str, kind: Entity) -> str:
    """Return a piece of SQL with the expressions of the fields it names."""
    return re.sub(_FIELD, lambda found: f"({kind.fields[found[1]].sql})", sql)


def _within(records: RecordSet, period: Period) -> list[str]:
    """Return the conditions by which the period picks the records of a set."""
    edges = ("from_day", "to_day") if records.by_day else ("from_utc", "to_utc")
    conditions = []
    if records.event and period.start:
        conditions.append(f"{records.event} >= :{edges[0]}")
    if records.event and period.end:
        conditions.append(f"{records.event} < :{edges[1]}")
    return conditions
