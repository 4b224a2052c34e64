"""The second reading of a file: every row becomes a draft of a record, or is set aside with the reason.

``prepare`` decides what the columns are and how they are written; ``read_rows`` streams. Finding the records that links
name, and writing, belong to the services.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.text import fold_key
from crmcli.errors import RefusedError
from crmcli.formats.tabular import Row, Table
from crmcli.importing.building import Building, Put
from crmcli.importing.cells import plain_key, putter
from crmcli.importing.columns import Decisions, decide, reading, stage_kinds
from crmcli.importing.consents import Terms
from crmcli.importing.erasing import Erasable, erasable, erased
from crmcli.importing.finish import Context, Link, finish, links
from crmcli.importing.mapping import Bound, Column, FileMapping, map_columns
from crmcli.importing.options import Options
from crmcli.importing.points import PointsReader, points_reader
from crmcli.importing.presets import LINE, Kind
from crmcli.importing.sources import Source, open_table

_HASH = 32  # hexadecimal digits kept of a hash: 128 bits tell any number of rows apart
_SEPARATOR = "\x1f"  # between cells that are hashed


class Prepared(NamedTuple):
    """A file that is ready to be read: how, and what was found out about it.

    ``system`` names the external ids of its rows. ``notices`` are for the user.
    """

    source: Source
    mapping: FileMapping
    decisions: Decisions
    options: Options
    system: str
    encoding: str
    delimiter: str
    header_line: int
    notices: tuple[str, ...]


class Draft(NamedTuple):
    """A record as a row tells it.

    ``values``: by field key. Text, int, bool, enum key; Decimal for money (major units) and percent (0 to 100); dates
    ``2026-03-01``; instants in UTC, and for the times of tasks and events also a bare date or a wall time and its zone,
    ``2026-03-20T09:00[Europe/Rome]``; e-mails, phones and profiles as ``{"value", "label"}``; tags as texts; custom
    fields under ``custom``. ``links``: by reference field; the first of a name is the main one. ``external``: system
    and id there. ``master``: id of the record this one was merged into, and then nothing else counts. ``row_hash``:
    half the SHA-256 of what the row says under this mapping. ``erased``: fields that a record which changes loses.
    ``consents``: events for the ledger of the person.
    """

    line: int
    entity: str
    external: tuple[str, str] | None
    values: dict[str, Any]
    links: dict[str, tuple[Link, ...]]
    created_at: str | None
    notes: tuple[str, ...]
    master: str | None
    warnings: tuple[str, ...]
    cells: list[str]
    row_hash: str
    erased: tuple[str, ...] = ()
    consents: tuple[Mapping[str, Any], ...] = ()


class Rejected(NamedTuple):
    """A row that cannot be read: its cells as they came, and why, with the columns named."""

    line: int
    cells: list[str]
    reason: str


class Skipped(NamedTuple):
    """A row that is left out on purpose."""

    line: int
    reason: str


ReadRow = Draft | Rejected | Skipped


class ReadColumn(NamedTuple):
    """A column and what puts its cells into a row; ``plain`` is the field that takes a cell as it is, if it does.

    ``points`` reads many cells at once, if they are e-mails or phones.
    """

    column: Column
    plain: str
    put: Put
    points: PointsReader | None = None


class Plan(NamedTuple):
    """How the rows of one shape are read; the best column of a field first."""

    entity: str
    columns: tuple[ReadColumn, ...]
    constants: Mapping[str, str]
    hashed: tuple[int, ...]
    seed: bytes  # of the hash: what the columns mean
    private: bool  # private rows are wanted
    needs: tuple[int, ...]  # a row with none of these cells filled holds no such record
    erasable: Erasable


def prepare(source: Source, kind: Kind, options: Options) -> Prepared:
    """Read a file once and return how it is to be read.

    Raises UsageError when a column could be read two ways or the mapping is wrong, RefusedError for a broken file.
    """
    with open_table(source) as table:
        if not table.header:
            raise RefusedError(f"{source.label} is empty: it has not even a header", code="import.empty")
        if LINE in options.maps or kind.reads_lines:
            tell_lines(table)
        mapping = map_columns(table.header, kind, options)
        decisions = decide(table, mapping, options)
        return Prepared(
            source,
            mapping,
            decisions,
            options,
            kind.system or options.system or "file",
            table.encoding,
            table.delimiter,
            table.header_line,
            tuple(table.notices),
        )


def read_rows(prepared: Prepared, after: int = 0) -> Iterator[ReadRow]:
    """Yield what becomes of each row below line ``after``, in the order of the file."""
    return map(Reader(prepared).read, records(prepared, after))


def tell_lines(table: Table) -> None:
    """Give a table the column of lines, unless it has it, as a rejects file does."""
    if LINE in table.header:
        return
    width = len(table.header)
    table.header.append(LINE)
    table.rows = (row._replace(cells=[*row.cells[:width], str(row.line), *row.cells[width:]]) for row in table.rows)


def records(prepared: Prepared, after: int = 0) -> Iterator[Row]:
    """Yield the rows of a file below line ``after`` as they stand there."""
    with open_table(prepared.source) as table:
        if LINE in prepared.mapping.header:
            tell_lines(table)
        for row in table.rows:
            if row.line > after:
                yield row


class Reader:
    """Reads the rows of one file. ``plan`` is how they all are read, None where that depends on a cell of each."""

    def __init__(self, prepared: Prepared) -> None:
        mapping, options = prepared.mapping, prepared.options
        pipeline = options.pipeline or mapping.kind.pipeline
        consent = Terms(options.consent_basis, options.consent_date)
        self._mapping = mapping
        self._system = prepared.system
        self._plans = _plans(prepared)
        self._context = Context(
            stage_kinds(mapping, options), pipeline, options.own, options.currency, options.zone, consent
        )
        self.plan = self._plans[""] if mapping.route is None else None

    def read(self, row: Row) -> ReadRow:
        """Return what becomes of a row."""
        if row.error:
            return Rejected(row.line, row.cells, row.error)
        plan = self.plan or self._plan_of(row)
        if plan is None:
            route = self._mapping.route or 0
            told = f"{self._mapping.header[route]}: {row.cells[route]!r}"
            return Rejected(row.line, row.cells, f"{told} is none of {', '.join(sorted(self._plans))}")
        return _read(row, plan, self._system, self._context)

    def _plan_of(self, row: Row) -> Plan | None:
        return self._plans.get(fold_key(row.cells[self._mapping.route or 0])) or self._plans.get("")


def _read(row: Row, plan: Plan, system: str, context: Context) -> Draft | Rejected | Skipped:
    building = Building()
    values, cells = building.values, row.cells
    trimmed = list(map(str.strip, cells))
    problems = []
    for column, key, put, _ in plan.columns:
        if cell := trimmed[column.position]:
            if key:  # nearly half of all cells, which need no call
                values.setdefault(key, cell)
                continue
            try:
                put(cell, building)
            except ValueError as problem:
                problems.append(f"{column.header}: {problem}")
    decisions = building.decisions
    if decisions and decisions.get("deleted"):
        return Skipped(row.line, "deleted where it comes from")
    if decisions and decisions.get("private") and not plan.private:
        return Skipped(row.line, "private (--include-private takes it)")
    if plan.needs and not any(trimmed[position] for position in plan.needs):
        return Skipped(row.line, f"holds no {ENTITIES[plan.entity].label.lower()}")
    if problems:
        return Rejected(row.line, cells, "; ".join(problems))
    for key, constant in plan.constants.items():
        values.setdefault(key, constant)
    try:
        finish(plan.entity, building, context)
    except ValueError as problem:
        return Rejected(row.line, cells, str(problem))
    created_at = values.pop("created_at", None)
    return Draft(
        row.line,
        plan.entity,
        (system, building.external_id) if building.external_id else None,
        values,
        links(plan.entity, building) if building.keys or building.related or "people" in decisions else {},
        created_at,
        tuple(building.notes),
        decisions.get("master"),
        tuple(building.warnings),
        cells,
        row_hash(plan, cells),
        erased(plan.erasable, cells, values) if plan.erasable else (),
        tuple(values.pop("consents", ())),
    )


def _plans(prepared: Prepared) -> dict[str, Plan]:
    """Return how rows are read, by the folded value of the route column."""
    bound = prepared.mapping.bound
    by_bound = {id(one): _plan(one, prepared) for one in bound.values()}
    return {value: by_bound[id(one)] for value, one in bound.items()}


def _plan(bound: Bound, prepared: Prepared) -> Plan:
    readings = [
        reading(column, bound, prepared.decisions, prepared.mapping, prepared.options) for column in bound.columns
    ]
    meaning = [(one.column.position, one.column.target.name, one.day_first, one.convention) for one in readings]
    options = prepared.options
    seed = repr((bound.shape.entity, prepared.system, meaning, options.zone, sorted(options.stage_map.items())))
    further = (sorted(options.owner_map.items()), options.blank_erases)
    consent = (options.consent_basis, options.consent_date)
    seed += repr(further) if any(further) else ""
    seed += repr(consent) if any(consent) else ""
    return Plan(
        bound.shape.entity,
        tuple(ReadColumn(one.column, plain_key(one), putter(one), points_reader(one)) for one in readings),
        bound.shape.constants,
        tuple(sorted({column.position for column in bound.columns})),
        sha256(seed.encode(errors="surrogatepass")).digest(),
        options.include_private,
        tuple(column.position for column in bound.columns if column.target.name in prepared.mapping.kind.needs),
        erasable(bound) if options.blank_erases else {},
    )


def row_hash(plan: Plan, cells: Sequence[str]) -> str:
    """Return half the SHA-256 of what a row says under the mapping of its file."""
    return _hash(plan.seed, _SEPARATOR.join(map(cells.__getitem__, plan.hashed)))


def row_hashes(plan: Plan, columns: Sequence[Sequence[str]]) -> list[str]:
    """Return the ``row_hash`` of each row, given the columns of its file."""
    said = map(_SEPARATOR.join, zip(*[columns[place] for place in plan.hashed], strict=True))
    return list(map(partial(_hash, plan.seed), said))


def _hash(seed: bytes, said: str) -> str:
    return sha256(seed + said.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH]
