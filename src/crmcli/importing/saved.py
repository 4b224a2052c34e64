"""A mapping made for one file, written as a preset that reads every file with the same header."""

from collections.abc import Iterable, Mapping
from typing import Any

from crmcli.domain.text import fold_header
from crmcli.importing.mapping import Bound, FileMapping
from crmcli.importing.presets import OWN_COLUMNS


def preset_text(name: str, mapping: FileMapping) -> str:
    """Return the TOML of a preset with one kind, marked by the whole header, that maps columns as the file's were."""
    import tomlkit

    kind = mapping.kind
    found: dict[str, Any] = {"title": name, "system": kind.system or name}
    found |= {key: getattr(kind, key) for key in ("id_pattern", "user_prefix", "separator")}
    found["modules"] = _inverted(kind.modules)
    own: dict[str, Any] = {
        "name": kind.name,
        "entity": kind.entity,
        "header": [_plain(header) for header in mapping.header if header not in OWN_COLUMNS],
        "needs": sorted(kind.needs),
        "stages": kind.stages,
        "pipeline": kind.pipeline,
        "custom": {key: field._asdict() for key, field in kind.custom.items()},
    }
    if mapping.route is None:
        (bound,) = mapping.bound.values()
        own |= _shape(bound)
    else:
        own["route"] = [_plain(mapping.header[mapping.route])]
        own["routes"] = list(_routes(mapping.bound))
    return tomlkit.dumps(_filled(found) | {"kinds": [_filled(own)]})


def _routes(bound: Mapping[str, Bound]) -> Iterable[dict[str, Any]]:
    """Yield each shape with the values of the route column that lead to it."""
    found: dict[int, tuple[Bound, list[str]]] = {}
    for value, one in bound.items():
        found.setdefault(id(one), (one, []))[1].append(value or "*")
    for one, values in found.values():
        yield {"when": values, "entity": one.shape.entity} | _shape(one)


def _shape(bound: Bound) -> dict[str, Any]:
    columns: dict[str, list[str]] = {}
    for column in bound.columns:
        columns.setdefault(column.target.name, []).append(_plain(column.header))
    return _filled(
        {
            "columns": columns,
            "values": {
                target: {word or "*": key for word, key in words.items()}
                for target, words in bound.shape.values.items()
                if target in columns
            },
            "constants": dict(bound.shape.constants),
        }
    )


def _plain(header: str) -> str:
    """Return a header as it may stand in a preset, where a ``#`` would mean a number."""
    return fold_header(header) if "#" in header else header.strip()


def _inverted(modules: Mapping[str, str]) -> dict[str, list[str]]:
    words: dict[str, list[str]] = {}
    for word, entity in modules.items():
        words.setdefault(entity, []).append(word or "*")
    return words


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}
