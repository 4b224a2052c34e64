"""The first reading of a file: what must be decided over whole columns before any row is written.

Date order and number convention of each column, the pipelines of a deals file, how many rows there are, and a sample of
each column. Streams: memory does not grow with the rows.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from crmcli.domain.text import fold_key
from crmcli.errors import UsageError
from crmcli.formats.tabular import Table
from crmcli.importing.building import Building, Put, Reading
from crmcli.importing.cells import DATED, NUMBERS, WHOLE, putter
from crmcli.importing.dates import DateOrder, parse_order
from crmcli.importing.finish import deal_outcome, stage_of
from crmcli.importing.mapping import Bound, Column, FileMapping
from crmcli.importing.numbers import ENGLISH, ITALIAN, NumberConvention
from crmcli.importing.options import Options
from crmcli.importing.pipelines import Funnel, PipelineDraft, StageKinds, Standing

_STANDING = frozenset({"stage", "pipeline", "outcome", "won", "closed", "probability"})


class Decisions(NamedTuple):
    """What was decided. Dates and numbers by position of the column, samples by header."""

    day_first: Mapping[int, bool | None]
    conventions: Mapping[int, str | None]
    pipelines: tuple[PipelineDraft, ...]
    samples: Mapping[str, str]
    rows: int


def decide(table: Table, mapping: FileMapping, options: Options) -> Decisions:
    """Read a table to its end and return what its columns decide.

    Raises UsageError naming the column and the option to say it with, when a column could be read two ways.
    """
    _check_formats(options)
    columns = mapping.columns()
    orders = _orders(columns, options)
    conventions = _conventions(columns, options)
    watchers: list[tuple[int, Callable[[str], None]]] = [
        *((position, order.see) for position, order in orders.items()),
        *((position, convention.see) for position, convention in conventions.items()),
    ]
    standings = _Standings(mapping, options)
    unsampled = {column.position: column.header for column in columns}
    samples: dict[str, str] = {}
    rows = 0
    for row in table.rows:
        rows += 1
        if row.error:
            continue
        cells = row.cells
        for position, see in watchers:
            if cells[position]:
                see(cells[position])
        if standings.wanted:
            standings.see(cells)
        if unsampled:
            _sample(cells, unsampled, samples)
    return Decisions(
        _decided_orders(columns, orders, options),
        _decided_conventions(columns, conventions, options, ENGLISH if mapping.kind.own else None),
        standings.pipelines(),
        samples,
        rows,
    )


def _sample(cells: list[str], unsampled: dict[int, str], samples: dict[str, str]) -> None:
    """Move columns that have a value in this row from the unsampled (header by position) to the samples."""
    for position in [position for position in unsampled if cells[position].strip()]:
        samples[unsampled.pop(position)] = cells[position].strip()


def reading(column: Column, bound: Bound, decisions: Decisions, mapping: FileMapping, options: Options) -> Reading:
    """Return how a column is read after the decisions."""
    stage_map = options.stage_map if column.target.key in ("stage", "status") else {}
    owner_map = options.owner_map if column.target.entity == "user" else {}
    return Reading(
        column,
        options.zone,
        decisions.day_first.get(column.position),
        decisions.conventions.get(column.position),
        bound.shape.values.get(column.target.name, {}),
        _folded(stage_map),
        _folded(owner_map),
        mapping.kind.id_pattern,
        mapping.kind.separator,
        mapping.kind.modules,
        mapping.kind.own,
        mapping.kind.own or any(one.target.kind == "labels" for one in bound.columns),
    )


def _folded(words: Mapping[str, str]) -> dict[str, str]:
    return {fold_key(written): meant for written, meant in words.items()}


def stage_kinds(mapping: FileMapping, options: Options) -> StageKinds:
    """Return what tells the kind of a stage in this file."""
    return StageKinds(options.stage_kinds, mapping.kind.stages)


def _check_formats(options: Options) -> None:
    if options.number_format not in (None, ENGLISH, ITALIAN):
        raise UsageError(f"no number format {options.number_format!r}", hint="use en (1,234.50) or it (1.234,50)")
    if options.date_format:
        parse_order(options.date_format)


def _orders(columns: list[Column], options: Options) -> dict[int, DateOrder]:
    return {
        column.position: DateOrder()
        for column in columns
        if column.target.kind in DATED and not _date_format(column, options)
    }


def _conventions(columns: list[Column], options: Options) -> dict[int, NumberConvention]:
    return {
        column.position: NumberConvention()
        for column in columns
        if column.target.kind in NUMBERS and not _number_format(column, options)
    }


def _decided_orders(columns: list[Column], orders: Mapping[int, DateOrder], options: Options) -> dict[int, bool | None]:
    return {
        column.position: parse_order(asked) if asked else orders[column.position].decide(column.header)
        for column in columns
        if column.target.kind in DATED
        for asked in [_date_format(column, options)]
    }


def _decided_conventions(
    columns: list[Column], found: Mapping[int, NumberConvention], options: Options, usual: str | None
) -> dict[int, str | None]:
    return {
        column.position: _number_format(column, options)
        or found[column.position].decide(column.header, whole=column.target.kind in WHOLE, usual=usual)
        for column in columns
        if column.target.kind in NUMBERS
    }


def _date_format(column: Column, options: Options) -> str | None:
    return options.date_format or options.answers.get(column.header)


def _number_format(column: Column, options: Options) -> str | None:
    return options.number_format or options.answers.get(column.header)


class _Standings:
    """Reads the few columns that say where a deal stands, and gathers them into pipelines."""

    def __init__(self, mapping: FileMapping, options: Options) -> None:
        self._kinds = stage_kinds(mapping, options)
        self._funnel = Funnel(self._kinds, mapping.kind.stages)
        self._pipeline = options.pipeline or mapping.kind.pipeline
        self._puts = list(self._columns(mapping, options))
        self._told = any(key == "pipeline" for _, key, _ in self._puts)
        self.wanted = any(key == "stage" for _, key, _ in self._puts)

    def _columns(self, mapping: FileMapping, options: Options) -> Iterator[tuple[int, str, Put]]:
        undecided = Decisions({}, {}, (), {}, 0)
        for bound in mapping.bound.values():
            if bound.shape.entity == "deal":
                for column in bound.columns:
                    if column.target.key in _STANDING:
                        read = reading(column, bound, undecided, mapping, options)
                        yield column.position, column.target.key, putter(read)

    def see(self, cells: list[str]) -> None:
        building = Building()
        for position, _, put in self._puts:
            if cell := cells[position].strip():
                try:
                    put(cell, building)
                except ValueError:
                    return  # a row that will be rejected founds no stage
        stage = stage_of(building)
        if stage and not building.decisions.get("deleted"):
            pipeline = next((key.value for keys in building.keys.get("pipeline", ()) for key in keys), self._pipeline)
            by_itself = not building.decisions.keys().isdisjoint(("won", "closed"))
            outcome = deal_outcome(building, stage, self._kinds) if by_itself else ""
            self._funnel.see(Standing(pipeline, stage, outcome, building.values.get("probability")))

    def pipelines(self) -> tuple[PipelineDraft, ...]:
        return self._funnel.pipelines(self._told)
