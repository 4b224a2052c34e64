"""``report completeness``: how many of the fields that count are filled, field by field and group by group, and where
they are not.

The period picks records by their creation. Which fields count is said in the settings.
"""

import sqlite3
from collections import Counter, defaultdict
from fractions import Fraction
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.config.key_fields import DEFAULTS
from crmcli.domain.columns import Keyed
from crmcli.domain.rows import Rows, joined
from crmcli.domain.schema import Entity, Field
from crmcli.errors import UsageError
from crmcli.queries.columns import Shown
from crmcli.queries.fields import custom_fields
from crmcli.queries.labels import labels, own_ref_sql
from crmcli.reports.frame import Frame
from crmcli.reports.groups import greatest
from crmcli.reports.presenting import head, named, rounded
from crmcli.reports.result import Options, ReportResult, Sheet
from crmcli.reports.sets import RecordSet
from crmcli.store.reader import fetch_columns

KEYS: tuple[str, ...] = ()
Row = dict[str, object]
_BY = "owner"
_WHOLE = (Shown("entity", "Records", "text"), Shown("records", "Number", "int"), Shown("complete", "Complete", "int"),
          Shown("share", "Key fields filled", "ratio"))  # fmt: skip
_FIELDS = (Shown("label", "Field", "text"), Shown("missing", "Missing", "int"), Shown("records", "Records", "int"),
           Shown("share", "Filled", "ratio"))  # fmt: skip
_COMPARED = ("records", "share")
_GAPS = (Shown("ref", "Ref", "text"), Shown("name", "Name", "text"), Shown("owner", "Owner", "text"),
         Shown("missing", "Missing", "tags"))  # fmt: skip


class _Part(NamedTuple):
    """What is told of one kind of record: in ``labelled`` the gaps for people, who call fields by their labels."""

    kind: Entity
    whole: Row
    fields: list[Row]
    by: Shown
    groups: list[Row]
    gaps: Rows
    labelled: Rows
    incomplete: int


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the completeness of one kind of record, or of all that have key fields."""
    options = options._replace(by=options.by or _BY)
    entities = (options.entity,) if options.entity else tuple(DEFAULTS)
    parts = [_Counting(con, options, entity).part() for entity in entities]
    gaps = joined((part.gaps for part in parts), (column.key for column in _GAPS))
    whole = [part.whole for part in parts]
    sheets = [Sheet("Completeness", _WHOLE, whole, "records", identity="entity", measures=_COMPARED)]
    for part in parts:
        sheets += _sheets(part, options)
    return ReportResult(
        "Completeness",
        options.period,
        options.currency,
        tuple(sheets),
        Sheet("Gaps", _GAPS, gaps, "records with gaps", sum(part.incomplete for part in parts)),
        {**head(options.period, options), "by": options.by, "entities": [_document(part) for part in parts]},
        sum(part.incomplete for part in parts),
    )


class _Counting:
    """Counts one kind of record by what it lacks: its key fields are the bits of a number, set where one is missing."""

    def __init__(self, con: sqlite3.Connection, options: Options, entity: str) -> None:
        if entity not in DEFAULTS:
            nouns = ", ".join(ENTITIES[name].noun for name in DEFAULTS)
            raise UsageError(f"{ENTITIES[entity].plural} have no key fields", hint=f"one of {nouns}")
        self._options = options
        self._frame = Frame(con, options)
        self._frame.settle(entity)
        self._kind = kind = ENTITIES[entity]
        self._fields = {
            name: _field(con, kind, name) for name in (options.key_fields or {}).get(entity, DEFAULTS[entity])
        }
        self._all = RecordSet(entity, kind.plural, event="r.created_at")
        missing = [f"{field.sql} IS NULL" for field in self._fields.values()]
        self._incomplete = self._all._replace(noun=f"incomplete {kind.plural}", condition=f"({' OR '.join(missing)})")
        self._lacking = " | ".join(f"(({condition}) << {bit})" for bit, condition in enumerate(missing))

    def part(self) -> _Part:
        """Count everything."""
        counted = self._counted()
        groups = self._frame.groups(self._kind.name, set(counted))
        shown = greatest(groups, lambda group: counted[group.value].total(), self._options.top)
        total: Counter[int] = sum(counted.values(), Counter())
        return _Part(
            self._kind,
            self._row({"entity": self._kind.plural}, total),
            [self._field_row(name, bit, total) for bit, name in enumerate(self._fields)],
            self._frame.by_column(self._kind.name),
            [self._row(group.cells, counted[group.value]) for group in shown],
            *self._gaps(),
            total.total() - total[0],
        )

    def _counted(self) -> dict[object, Counter[int]]:
        """Return for each group how many of its records lack which fields."""
        columns = (self._frame.group_sql(self._kind.name), self._lacking, "COUNT(*)")
        counted: defaultdict[object, Counter[int]] = defaultdict(Counter)
        for group, lacking, count in self._frame.read(self._all, *columns, tail=" GROUP BY 1, 2"):
            counted[group][lacking] = count
        return counted

    def _row(self, named: Row, counted: Counter[int]) -> Row:
        records = counted.total()
        missing = sum(lacking.bit_count() * count for lacking, count in counted.items())
        share = self._share(missing, records * len(self._fields))
        return {**named, "records": records, "complete": counted[0], "share": share}

    def _field_row(self, name: str, bit: int, counted: Counter[int]) -> Row:
        label, records = self._fields[name].label, counted.total()
        missing = sum(count for lacking, count in counted.items() if lacking >> bit & 1)
        share = self._share(missing, records)
        return {"field": name, "label": label, "missing": missing, "records": records, "share": share}

    def _share(self, missing: int, of: int) -> object:
        return rounded(Fraction(of - missing, of), "ratio", self._options.currency) if of else None

    def _gaps(self) -> tuple[Rows, Rows]:
        """Return the records that lack something, as many as are asked for, with keys of fields and with labels."""
        fields = self._kind.fields
        columns = (own_ref_sql(self._kind), fields["name"].sql, fields["owner"].sql, self._lacking)
        found = self._frame.read(self._incomplete, *columns, tail=" ORDER BY r.id")
        refs, names, owners, lacking = fetch_columns(found, self._options.rows)
        users = set(owners)
        known = labels(self._frame.con, ENTITIES[fields["owner"].ref], users - {None})
        handles = {user: known[user].name if user in known else None for user in users}
        keys = {one: self._named(one, list(self._fields)) for one in set(lacking)}
        told = {one: self._named(one, [field.label for field in self._fields.values()]) for one in keys}
        gaps = Rows({"ref": refs, "name": names, "owner": Keyed(owners, handles), "missing": Keyed(lacking, keys)})
        return gaps, gaps.having(missing=Keyed(lacking, told))

    def _named(self, lacking: int, names: list[str]) -> list[str]:
        return [name for bit, name in enumerate(names) if lacking >> bit & 1]


def _field(con: sqlite3.Connection, kind: Entity, name: str) -> Field:
    if name.startswith("custom."):
        known = custom_fields(con).get(kind.name, {})
        key = name.removeprefix("custom.")
        if key not in known:
            raise UsageError(f"{kind.noun} has no custom field {key!r}", hint="crm config edit: [completeness]")
        return known[key]
    return kind.field(name)


def _sheets(part: _Part, options: Options) -> list[Sheet]:
    plural, by = part.kind.plural, part.by.label.lower()
    groups = [{**row, "group": named(row["group"], options.by)} for row in part.groups]
    fields = Sheet(f"{plural.capitalize()} by field", _FIELDS, part.fields, "fields")
    shown = (part.by, *_WHOLE[1:])
    return [
        fields._replace(identity="field", measures=("missing", "share")),
        Sheet(f"{plural.capitalize()} by {by}", shown, groups, "groups", identity="group", measures=_COMPARED),
        Sheet(f"Incomplete {plural}", _GAPS, part.labelled, plural, part.incomplete),
    ]


def _document(part: _Part) -> Row:
    return {
        **part.whole,
        "entity": part.kind.name,
        "reason": None if part.whole["records"] else f"no {part.kind.plural}",
        "fields": part.fields,
        "groups": part.groups,
        "gaps": part.gaps,
    }
