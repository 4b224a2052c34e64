"""``report completeness``: how many of the fields that count are filled, field by field and group by group, and where
they are not.

The period picks records by their creation. Which fields count is said in the settings.
"""

import sqlite3
from fractions import Fraction
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.config.key_fields import DEFAULTS
from crmcli.domain.schema import Entity, Field
from crmcli.errors import UsageError
from crmcli.queries.columns import Shown
from crmcli.queries.fields import custom_fields
from crmcli.queries.records import ListQuery, list_records
from crmcli.reports.frame import Frame
from crmcli.reports.presenting import head, named, rounded
from crmcli.reports.result import Options, ReportResult, Sheet
from crmcli.reports.sets import RecordSet

KEYS: tuple[str, ...] = ()
Row = dict[str, object]
_BY = "owner"
_WHOLE = (Shown("entity", "Records", "text"), Shown("records", "Number", "int"), Shown("complete", "Complete", "int"),
          Shown("share", "Key fields filled", "ratio"))  # fmt: skip
_FIELDS = (Shown("label", "Field", "text"), Shown("missing", "Missing", "int"), Shown("records", "Records", "int"),
           Shown("share", "Filled", "ratio"))  # fmt: skip
_GAPS = (Shown("ref", "Ref", "text"), Shown("name", "Name", "text"), Shown("owner", "Owner", "text"),
         Shown("missing", "Missing", "tags"))  # fmt: skip


class _Part(NamedTuple):
    """What is told of one kind of record."""

    kind: Entity
    whole: Row
    fields: list[Row]
    groups: list[Row]
    gaps: list[Row]
    incomplete: int


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the completeness of one kind of record, or of all that have key fields."""
    options = options._replace(by=options.by or _BY)
    entities = (options.entity,) if options.entity else tuple(DEFAULTS)
    parts = [_Counting(con, options, entity).part() for entity in entities]
    gaps = [row for part in parts for row in part.gaps]
    sheets = [Sheet("Completeness", _WHOLE, [part.whole for part in parts], "records")]
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
    def __init__(self, con: sqlite3.Connection, options: Options, entity: str) -> None:
        if entity not in DEFAULTS:
            nouns = ", ".join(ENTITIES[name].noun for name in DEFAULTS)
            raise UsageError(f"{ENTITIES[entity].plural} have no key fields", hint=f"one of {nouns}")
        self._options = options
        self._lists: dict[tuple[str, ...], list[str]] = {}
        self._frame = Frame(con, options)
        self._frame.settle(entity)
        self._kind = kind = ENTITIES[entity]
        self._fields = {
            name: _field(con, kind, name) for name in (options.key_fields or {}).get(entity, DEFAULTS[entity])
        }
        self._all = RecordSet(entity, kind.plural, event="r.created_at")
        self._without = {
            name: self._all._replace(noun=f"{kind.plural} without {name}", condition=f"{field.sql} IS NULL")
            for name, field in self._fields.items()
        }
        anything = " OR ".join(records.condition for records in self._without.values())
        self._incomplete = self._all._replace(noun=f"incomplete {kind.plural}", condition=f"({anything})")

    def part(self) -> _Part:
        """Count everything."""
        frame, period = self._frame, self._options.period
        records = frame.counts(self._all, period)
        incomplete = frame.counts(self._incomplete, period)
        missing = {name: frame.counts(found, period) for name, found in self._without.items()}
        groups = [
            self._row(
                {"group": group.label, **({"group_ref": group.ref} if group.ref else {})},
                records[group.value],
                incomplete.get(group.value, 0),
                sum(counts.get(group.value, 0) for counts in missing.values()),
            )
            for group in frame.groups(self._kind.name, set(records))
        ]
        total, gaps = sum(records.values()), sum(incomplete.values())
        lacking = {name: sum(counts.values()) for name, counts in missing.items()}
        return _Part(
            self._kind,
            self._row({"entity": self._kind.plural}, total, gaps, sum(lacking.values())),
            [self._field_row(name, total, count) for name, count in lacking.items()],
            groups,
            self._gaps(),
            gaps,
        )

    def _row(self, named: Row, records: int, incomplete: int, missing: int) -> Row:
        fields = records * len(self._fields)
        return {**named, "records": records, "complete": records - incomplete, "share": self._share(missing, fields)}

    def _field_row(self, name: str, records: int, missing: int) -> Row:
        label = self._fields[name].label
        return {
            "field": name,
            "label": label,
            "missing": missing,
            "records": records,
            "share": self._share(missing, records),
        }

    def _share(self, missing: int, of: int) -> object:
        return rounded(Fraction(of - missing, of), "ratio", self._options.currency) if of else None

    def _gaps(self) -> list[Row]:
        """Return the records that lack something, as many as are asked for."""
        kind, where = self._frame.selection(self._incomplete, self._options.period)
        columns = ("name", "owner", *self._fields)
        page = list_records(self._frame.con, kind, ListQuery(where, columns=columns, limit=self._options.rows))
        return [
            {"ref": row["ref"], "name": row["name"], "owner": row["owner"], "missing": self._lacking(row)}
            for row in page.rows
        ]

    def _lacking(self, row: Row) -> list[str]:
        """Return the names of the fields that a record lacks: one list for all that lack the same."""
        lacking = tuple([name for name in self._fields if row.get(name) is None])
        return self._lists.setdefault(lacking, [*lacking])


def _field(con: sqlite3.Connection, kind: Entity, name: str) -> Field:
    if name.startswith("custom."):
        known = custom_fields(con).get(kind.name, {})
        key = name.removeprefix("custom.")
        if key not in known:
            raise UsageError(f"{kind.noun} has no custom field {key!r}", hint="crm config edit: [completeness]")
        return known[key]
    return kind.field(name)


def _sheets(part: _Part, options: Options) -> list[Sheet]:
    plural, by = part.kind.plural, (options.by or "").replace("_", " ")
    labels = {str(row["field"]): row["label"] for row in part.fields}
    groups = [{**row, "group": named(row["group"], options.by)} for row in part.groups]
    gaps = [{**row, "missing": [labels[name] for name in row["missing"]]} for row in part.gaps]  # type: ignore[attr-defined]  # a list of names
    return [
        Sheet(f"{plural.capitalize()} by field", _FIELDS, part.fields, "fields"),
        Sheet(
            f"{plural.capitalize()} by {by}", (Shown("group", by.capitalize(), "text"), *_WHOLE[1:]), groups, "groups"
        ),
        Sheet(f"Incomplete {plural}", _GAPS, gaps, plural, part.incomplete),
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
