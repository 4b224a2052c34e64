"""``crm pivot``: records of any noun as a grid of rows and columns, with totals, shares, and the records of a cell.

SQL groups the records; the few groups it finds are put in their places here. The records are those of ``list``: every
total is that of the list with the same condition.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli import clock
from crmcli.conditions.expression import Clause
from crmcli.conditions.scope import Fields
from crmcli.domain.plurals import counted
from crmcli.domain.schema import Entity
from crmcli.domain.zones import local_date
from crmcli.errors import UsageError
from crmcli.queries.fields import entity_with_custom
from crmcli.reports.measures import Surroundings
from crmcli.reports.pivot_axes import TOTAL, Axis, Member, members, pick, read_axis
from crmcli.reports.pivot_measures import Cell, Measure, cell_of, columns, read_measure
from crmcli.reports.result import Options

if TYPE_CHECKING:
    from fractions import Fraction

MOST_COLUMNS = 100
MOST_ROWS = 10_000
Place = tuple[Any, ...]  # the stored values of the row fields, and of the column field where there is one


class Question(NamedTuple):
    """What a pivot is asked: the records, the fields of its rows, that of its columns, and its measure."""

    kind: Entity
    rows: tuple[Axis, ...]
    cols: Axis | None
    measure: Measure
    where: Clause

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The sides in the order of the stored values of a place."""
        return (*self.rows, *([self.cols] if self.cols else []))


class Grid(NamedTuple):
    """The cells of a pivot: rows as members of each row field, columns, and the cells and totals by their places.

    ``beyond`` counts the rows that the greatest ones leave out; ``others`` are the cells of these together.
    """

    question: Question
    rows: list[tuple[Member, ...]]
    columns: list[Member]
    cells: Mapping[Place, Cell]
    beyond: int = 0
    others: Mapping[Place, Cell] = {}

    def cell(self, row: Sequence[Any], column: Sequence[Any] = ()) -> Cell | None:
        """Return a cell by stored values; without those of the row, or of the column, that of the total."""
        return self.cells.get((tuple(row), tuple(column)))


def read_question(con: sqlite3.Connection, options: Options) -> Question:
    """Understand what is asked; UsageError for fields and measures that mean nothing."""
    kind = entity_with_custom(con, options.entity or "")
    fields = Fields(None, options.scope.custom)
    rows = tuple(read_axis(name, kind, fields) for name in options.own["rows"])
    cols = read_axis(options.own["cols"], kind, fields) if options.own.get("cols") else None
    if not rows:
        raise UsageError("a pivot needs rows", hint="--rows owner")
    names = [axis.name for axis in (*rows, *([cols] if cols else []))]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(f"{twice} stands twice in the pivot", hint="name each field once")
    measure = read_measure(options.own.get("measure") or "count", kind, fields)
    where = Clause("TRUE", {})
    if options.where is not None:
        from crmcli.conditions.condition import compile as compile_condition

        where = compile_condition(options.where, kind, options.scope).clause()
    if options.until is not None:
        kind, where = _as_it_was(con, kind, where, options.until)
    return Question(kind, rows, cols, measure, where)


def read_grid(con: sqlite3.Connection, options: Options, question: Question) -> Grid:
    """Return the cells of a pivot with their totals; UsageError when it would be too wide or too long to read."""
    world = Surroundings(options.currency, options.scope.zone, None, options.until)
    today = {"base": options.currency, "today": local_date(clock.now_text(), options.scope.zone)}
    cells: dict[Place, Cell] = {}
    split, how = len(question.rows), question.measure.how
    found: set[Place] = set()
    for place, cell in _read(con, question, world, today):
        row, column = place[:split], place[split:]
        found.add(place)
        for key in {(row, column), (row, ()), ((), column), ((), ())}:
            cells.setdefault(key, Cell()).add(cell, how)
    across = {place[split] for place in found} if question.cols else set()
    down = {place[:split] for place in found}
    _refuse_sizes(question, len(down), len(across))
    shown = members(con, question.cols, across) if question.cols else []
    return Grid(question, _rows(con, question, down), shown, cells)


def greatest(grid: Grid, top: int | None) -> Grid:
    """Return a pivot with only the rows of the greatest totals, and the others together in one."""
    from crmcli.reports.pivot_measures import exact

    if top is None or len(grid.rows) <= top:
        return grid
    measure = grid.question.measure

    def size(row: tuple[Member, ...]) -> "tuple[bool, int | Fraction]":
        number = exact(measure, grid.cell([member.value for member in row]))
        return number is not None, number or 0

    ordered = sorted(grid.rows, key=size, reverse=True)
    others: dict[Place, Cell] = {}
    for row in ordered[top:]:
        place = tuple(member.value for member in row)
        for column in ((), *((member.value,) for member in grid.columns if grid.question.cols)):
            if cell := grid.cell(place, column):
                others.setdefault(column, Cell()).add(cell, measure.how)
    return grid._replace(rows=ordered[:top], beyond=len(ordered) - top, others=others)


def drill(con: sqlite3.Connection, options: Options, question: Question, cell: str) -> Clause:
    """Return the condition of the records behind a cell, named as it is printed: ``anna,Proposal``.

    A name with a comma stands in quotes, as in CSV. ``Total``, or nothing, means the total of that side.
    """
    from csv import reader

    axes = question.axes
    named = next(reader([cell], skipinitialspace=True), [])
    if len(named) > len(axes) or not named:
        wanted = ",".join(axis.name.upper() for axis in axes)
        raise UsageError(f"a cell of this pivot is named by {wanted}", hint=f'--drill "{TOTAL}" is all of it')
    grid = read_grid(con, options, question)
    sides = [*_sides(grid), grid.columns] if question.cols else _sides(grid)
    parts, parameters = [question.where.sql], dict(question.where.parameters)
    for number, (axis, known, text) in enumerate(zip(axes, sides, named, strict=False)):
        chosen = pick(axis, known, text)
        if len(chosen) == 1 and text.strip() not in (TOTAL, ""):
            parts.append(f"{axis.sql} IS :cell{number}")
            parameters[f"cell{number}"] = chosen[0].value  # type: ignore[assignment]  # a stored value
    return Clause(" AND ".join(f"({part})" for part in parts), parameters)


def _sides(grid: Grid) -> list[list[Member]]:
    """Return the members of each row field, in their order."""
    return [list(dict.fromkeys(row[place] for row in grid.rows)) for place in range(len(grid.question.rows))]


def _read(
    con: sqlite3.Connection, question: Question, world: Surroundings, today: Mapping[str, str]
) -> Iterable[tuple[Place, Cell]]:
    kinds, sums = columns(question.measure)
    where = f"FROM {question.kind.table} r WHERE r.deleted_at IS NULL AND {question.where.sql}"
    parameters = {**question.where.parameters, **today}
    grouped = [*(_axis_sql(con, axis, world.zone, where, parameters) for axis in question.axes), *kinds]
    places = len(question.axes)
    groups = ", ".join(map(str, range(1, len(grouped) + 1)))
    for row in con.execute(f"SELECT {', '.join((*grouped, *sums))} {where} GROUP BY {groups}", parameters):
        yield row[:places], cell_of(question.measure, world, row[places:])


def _axis_sql(con: sqlite3.Connection, axis: Axis, zone: str, where: str, parameters: Mapping[str, Any]) -> str:
    """Return the SQL of the values of a side; stretches of time are worked out without asking for each record."""
    if not axis.unit:
        return axis.sql
    from crmcli.queries.buckets import bucket_sql

    first, last = con.execute(f"SELECT MIN({axis.moment}), MAX({axis.moment}) {where}", parameters).fetchone()
    return axis.sql if first is None else bucket_sql(axis.moment, axis.unit, zone, first, last)


def _rows(con: sqlite3.Connection, question: Question, found: set[Place]) -> list[tuple[Member, ...]]:
    """Return the rows in the order of their fields; of two fields together, those that have records."""
    sides = [members(con, axis, {place[at] for place in found}) for at, axis in enumerate(question.rows)]
    if len(sides) == 1:
        return [(member,) for member in sides[0]]
    known = [{member.value: (place, member) for place, member in enumerate(side)} for side in sides]
    placed = [tuple(side[value] for side, value in zip(known, place, strict=True)) for place in found]
    placed.sort(key=lambda row: [place for place, _ in row])
    return [tuple(member for _, member in row) for row in placed]


def _refuse_sizes(question: Question, rows: int, across: int) -> None:
    cols = question.cols
    if cols is not None and across > MOST_COLUMNS:
        hint = f"--rows {cols.name}, or a --where that leaves fewer"
        told = f"{counted(across, 'value')} of {cols.name} would be as many columns; {MOST_COLUMNS} are the most"
        raise UsageError(told, hint=hint, code="pivot.too_wide")
    if rows > MOST_ROWS:
        names = ",".join(axis.name for axis in question.rows)
        hint = f"crm {question.kind.noun} list, or a --where that leaves fewer"
        told = f"{rows:,} rows of {names} are too many; {MOST_ROWS:,} are the most"
        raise UsageError(told, hint=hint, code="pivot.too_long")


def _as_it_was(con: sqlite3.Connection, kind: Entity, where: Clause, until: str) -> tuple[Entity, Clause]:
    """Return records and condition as they were known before an instant."""
    from crmcli.reports.past import Past

    then = kind._replace(table=Past(con).table(kind, until))
    return then, Clause(where.sql, {**where.parameters, "until": until})
