"""Which column of a file becomes what: the preset's headers, the user's ``--map`` over them, and what is left over."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.plurals import listed
from crmcli.domain.schema import Field, did_you_mean
from crmcli.domain.text import fold_header, slug
from crmcli.errors import UsageError
from crmcli.importing.options import Options
from crmcli.importing.presets import OWN_COLUMNS, Kind, Shape, header_key, numbered
from crmcli.importing.targets import Target, find_target, parse_target

_STRENGTH = {"external_id": 0, "domain": 1, "email": 1, "number": 1, "person": 1, "name": 2}  # of a link's keys


class Column(NamedTuple):
    """A column of the file (position from 0) and one thing its cells become.

    ``number`` is the one in its header, such as the 2 of ``E-mail 2 - Value``: columns with the same belong together.
    """

    position: int
    header: str
    target: Target
    number: str = ""


class Bound(NamedTuple):
    """A shape of rows bound to the columns of one file, best column of a target first."""

    shape: Shape
    columns: tuple[Column, ...]


class FileMapping(NamedTuple):
    """How a whole file is read.

    ``bound``: by the folded value of the route column, as ``Kind.shapes``. ``route``: position of that column, or None.
    ``ignored``: headers nothing is made of.
    """

    kind: Kind
    header: tuple[str, ...]
    bound: Mapping[str, Bound]
    route: int | None
    ignored: tuple[str, ...]

    def columns(self) -> list[Column]:
        """Return every column of every shape, each once."""
        return list(dict.fromkeys(column for bound in self.bound.values() for column in bound.columns))

    def custom(self) -> frozenset[str]:
        """Return the keys of the custom fields that something is put into."""
        return frozenset(column.target.key for column in self.columns() if column.target.label == "custom")

    def told(self) -> dict[str, str]:
        """Return the targets by header, for the receipt."""
        told: dict[str, list[str]] = {}
        for column in sorted(self.columns(), key=lambda column: column.position):
            names = told.setdefault(column.header, [])
            names += [column.target.name] if column.target.name not in names else []
        return {header: ", ".join(names) for header, names in told.items()}


def map_columns(header: Sequence[str], kind: Kind, options: Options) -> FileMapping:
    """Return how the columns of a header are read as a file kind.

    Raises UsageError for a ``--map`` that names no column or no target, when nothing in the header is known, and when
    the column that routes the rows is missing.
    """
    positions: dict[str, int] = {}
    for position, name in enumerate(header):
        positions.setdefault(header_key(name), position)
    asked = _asked(positions, options.maps)
    by_shape = {id(shape): _bind(header, positions, kind, shape, asked, options) for shape in kind.shapes.values()}
    bound = {value: by_shape[id(shape)] for value, shape in kind.shapes.items()}
    route = next((positions[name] for name in kind.route if name in positions), None)
    if kind.route and route is None:
        raise UsageError(f"{kind.title}: the header has no column {kind.route[0]!r}", code="import.no_column")
    used = {column.position for one in bound.values() for column in one.columns} | {route}
    if used == {None}:
        raise UsageError(
            f"none of the columns is known: {listed(header)}",
            hint="say what they are with --map COLUMN=FIELD",
            code="import.no_column",
        )
    ignored = (name for place, name in enumerate(header) if place not in used and name not in OWN_COLUMNS)
    return FileMapping(kind, tuple(header), bound, route, tuple(ignored))


def _asked(positions: Mapping[str, int], maps: Mapping[str, str]) -> dict[int, str]:
    """Return the target names the user gave, by position."""
    asked = {}
    for column, target in maps.items():
        folded = header_key(column)
        if folded not in positions:
            raise UsageError(f"the file has no column {column!r}", hint=did_you_mean(folded, list(positions)))
        asked[positions[folded]] = target
    return dict(sorted(asked.items()))  # in the order of the file: that of the options says nothing


def _bind(
    header: Sequence[str],
    positions: Mapping[str, int],
    kind: Kind,
    shape: Shape,
    asked: Mapping[int, str],
    options: Options,
) -> Bound:
    places = _places(positions)
    custom = {key: Field(key, field.type, field.label) for key, field in kind.custom.items()}
    custom.update(options.custom.get(shape.entity, {}))
    columns = [
        Column(position, header[position], target, numbered(header[position])[1])
        for position, name in asked.items()
        if (target := parse_target(shape.entity, name, custom)) is not None
    ]
    for name, headers in shape.columns.items():
        found = [place for one in headers for place in places.get(one, ()) if place not in asked]
        if found and (target := parse_target(shape.entity, name, custom)) is not None:
            columns += [Column(place, header[place], target, numbered(header[place])[1]) for place in found]
    if kind.field_names:
        columns += _named_fields(header, shape.entity, custom, {*asked, *(column.position for column in columns)})
    return Bound(shape, tuple(_settled(columns, options)))


def _places(positions: Mapping[str, int]) -> dict[str, list[int]]:
    """Return the positions by header, and of headers with a number by the header with a ``#`` in its place too."""
    places: dict[str, list[int]] = {name: [position] for name, position in positions.items()}
    for name, position in positions.items():
        pattern, number = numbered(name)
        if number:
            places.setdefault(pattern, []).append(position)
    return places


def _named_fields(header: Sequence[str], entity: str, custom: Mapping[str, Field], taken: set[int]) -> list[Column]:
    """Return the columns left over whose header is the key, alias or label of a field."""
    labels = {fold_header(field.label): key for key, field in (*ENTITIES[entity].fields.items(), *custom.items())}
    columns = []
    for position, name in enumerate(header):
        if position in taken or name in OWN_COLUMNS:
            continue
        names = (name, slug(name), labels.get(fold_header(name), ""))
        target = next((found for one in names if (found := find_target(entity, one, custom))), None)
        if target is not None:
            columns.append(Column(position, name, target, numbered(name)[1]))
    return columns


def _settled(columns: list[Column], options: Options) -> list[Column]:
    """Drop what other columns or options make needless, and put the stronger keys of a link first."""
    keys = {column.target.key for column in columns}
    needless = {"full_name"} if {"first_name", "last_name"} & keys else set()
    if options.pipeline:
        needless.add("pipeline")
    kept = [column for column in columns if column.target.key not in needless]
    return sorted(kept, key=lambda column: (column.target.kind != "label", _STRENGTH.get(column.target.by, 0)))
