"""Presets: what the columns of a vendor's export mean, as TOML data, and whose export a header is.

The package brings ``presets/*.toml``; files of the user's configuration folder come on top and win by name. A preset
knows headers and targets by name only; what a target is belongs in ``targets``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from crmcli.domain.schema import did_you_mean
from crmcli.domain.text import fold_header, fold_key
from crmcli.errors import ConfigError, UsageError

GENERIC = "generic"
_BUILT_IN = Path(__file__).with_name("presets")
_SUFFIX = ".toml"


class Shape(NamedTuple):
    """What the rows of one entity look like in a file.

    ``columns``: target to the headers (folded) that may hold it, best first. ``values``: target to value as written
    (``fold_key``) to enum key. ``constants``: fields that every row gets when no column says otherwise.
    """

    entity: str
    columns: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, str]]
    constants: Mapping[str, str]


class Kind(NamedTuple):
    """One kind of file of a preset.

    ``signatures``: sets of folded headers, any one of which, whole, marks the file; ``without``: headers it never has.
    ``shapes``: by the folded value of the ``route`` column, or under "" for files whose rows are all alike.
    """

    preset: str
    name: str
    entity: str
    system: str  # of external ids; empty when only the caller can name it
    signatures: tuple[frozenset[str], ...]
    without: frozenset[str]
    route: tuple[str, ...]
    shapes: Mapping[str, Shape]
    stages: str  # ready-made pipeline (domain.stages.PRESETS) whose labels the file uses
    pipeline: str  # name of the pipeline when the file does not say
    custom: Mapping[str, str]  # custom fields the file brings: key to label
    id_length: int  # characters of an external id that tell records apart; 0 for all
    user_prefix: str  # of handles for owners known by id only
    field_names: bool  # a header may also be the name of a field

    @property
    def title(self) -> str:
        """Return how people call it: ``hubspot deals``."""
        return f"{self.preset} {self.name}"

    @property
    def entities(self) -> frozenset[str]:
        """Return every entity its rows may become."""
        return frozenset(shape.entity for shape in self.shapes.values())

    def fits(self, headers: frozenset[str]) -> bool:
        """Say whether folded headers bear one of its signatures."""
        return not self.without & headers and any(signature <= headers for signature in self.signatures)


class Preset(NamedTuple):
    """A vendor's exports: the file kinds by name."""

    name: str
    title: str
    kinds: Mapping[str, Kind]


def load_presets(config: Path | None = None) -> dict[str, Preset]:
    """Return the built-in presets and those in ``presets/`` of a configuration folder, which win by name.

    Raises ConfigError naming the file and what is wrong with it.
    """
    folders = [_BUILT_IN, *([config / "presets"] if config else [])]
    paths = [path for folder in folders if folder.is_dir() for path in sorted(folder.glob(f"*{_SUFFIX}"))]
    return {path.stem: _load(path) for path in paths}


def find_preset(presets: Mapping[str, Preset], name: str) -> Preset:
    """Return the preset called so, or raise a UsageError that names the nearest ones."""
    if name not in presets:
        raise UsageError(
            f"there is no import preset {name!r}",
            hint=did_you_mean(name, list(presets)) or f"presets: {', '.join(sorted(presets))}",
        )
    return presets[name]


def recognise(
    header: Sequence[str], presets: Iterable[Preset], entity: str | None = None, *, label: str = "the file"
) -> Kind | None:
    """Return the only file kind whose signature the header bears, None when there is none.

    ``entity`` leaves only the kinds with rows of it; ``label`` names the file in errors. Raises UsageError naming the
    candidates when several fit: the user must say which.
    """
    headers = frozenset(map(fold_header, header))
    found = [
        kind
        for preset in presets
        for kind in preset.kinds.values()
        if (entity is None or entity in kind.entities) and kind.fits(headers)
    ]
    if len(found) > 1:
        raise UsageError(
            f"{label} fits several kinds of export: {', '.join(kind.title for kind in found)}",
            hint="name one with --preset, or import each file with its noun",
            code="import.ambiguous",
        )
    return found[0] if found else None


def choose_kind(header: Sequence[str], presets: Mapping[str, Preset], entity: str, preset: str | None = None) -> Kind:
    """Return how a file is read for an entity: by the preset named, the one recognised, or the generic one.

    Raises UsageError when the named preset is unknown or has no file of that entity.
    """
    if preset is None:
        return recognise(header, presets.values(), entity) or _only(presets[GENERIC], entity)
    named = find_preset(presets, preset)
    return recognise(header, [named], entity) or _only(named, entity)


def _only(preset: Preset, entity: str) -> Kind:
    kinds = [kind for kind in preset.kinds.values() if entity in kind.entities]
    exact = [kind for kind in kinds if kind.entity == entity]
    if not kinds or len(exact or kinds) > 1:
        raise UsageError(
            f"the preset {preset.name} has no file of {entity} records that fits this header",
            hint=f"it knows {', '.join(preset.kinds)}",
        )
    return (exact or kinds)[0]


def _load(path: Path) -> Preset:
    import tomllib

    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        kinds = [_kind(path.stem, found, described) for described in found.get("kinds", [])]
        return Preset(path.stem, found.get("title", path.stem), {kind.name: kind for kind in kinds})
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"{path}: not an import preset ({type(error).__name__}: {error})", hint="see the built-in presets"
        ) from None


def _kind(preset: str, found: Mapping[str, Any], described: Mapping[str, Any]) -> Kind:
    shapes = dict(_shapes(described))
    return Kind(
        preset=preset,
        name=described["name"],
        entity=described["entity"],
        system=found.get("system", ""),
        signatures=tuple(frozenset(_folded(headers)) for headers in described.get("signatures", [])),
        without=frozenset(_folded(described.get("without", []))),
        route=_folded(described.get("route", [])),
        shapes=shapes,
        stages=described.get("stages", ""),
        pipeline=described.get("pipeline", ""),
        custom=dict(described.get("custom", {})),
        id_length=int(found.get("id_length", 0)),
        user_prefix=found.get("user_prefix", ""),
        field_names=bool(found.get("field_names", False)),
    )


def _shapes(described: Mapping[str, Any]) -> Iterator[tuple[str, Shape]]:
    if "routes" not in described:
        yield "", _shape(described, described)
    for route in described.get("routes", []):
        shape = _shape(described, route)
        for value in route["when"]:
            yield fold_key(value), shape


def _shape(common: Mapping[str, Any], own: Mapping[str, Any]) -> Shape:
    columns = {**common.get("columns", {}), **own.get("columns", {})}
    values = {**common.get("values", {}), **own.get("values", {})}
    return Shape(
        own["entity"],
        {target: _folded(headers) for target, headers in columns.items()},
        {target: {fold_key(word): key for word, key in words.items()} for target, words in values.items()},
        dict(own.get("constants", {})),
    )


def _folded(headers: Iterable[str]) -> tuple[str, ...]:
    if isinstance(headers, str):
        raise TypeError(f"{headers!r} should be a list of headers")
    return tuple(dict.fromkeys(map(fold_header, headers)))
