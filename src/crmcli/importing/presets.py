"""Presets: what the columns of a vendor's export mean, as TOML data, and whose export a header is.

The package brings ``presets/*.toml``; files of the user's configuration folder come on top and win by name. A preset
knows headers and targets by name only; what a target is belongs in ``targets``. The language of the files:

``title``; for external ids ``system`` (their name), ``id_pattern`` (a regular expression: its group, or what it
matches, is the id) and ``user_prefix`` (of handles for owners known by id only). ``separator``: between several values
of a cell; a field that holds one takes the first. ``[modules]``: entity to the vendor's words for it, for ``about``.

``own`` marks files of this program, whose values stand as they are: numbers with a decimal point, words not explained.

``[[kinds]]``, one for each kind of file: ``name``; ``entity``; ``signatures``, lists of headers any one of which,
whole, marks the file; ``without``, headers it never has; ``header``, the whole header of a saved preset, which wins
over signatures; ``by_noun`` of a kind that only counts where its entity is asked for; ``stages`` and ``pipeline`` of
deals. In signatures and ``without`` a ``*`` at one end stands for anything, and the rest is compared as written but for
case.

``[kinds.columns]``: target to headers, best first. A ``#`` is any number, and columns with the same number belong
together; ``Name#2`` is the second column called Name. ``[kinds.values.TARGET]``: value as written to enum key, yes or
no, or tag; ``*`` is any other value, and the empty text leaves it out. ``[kinds.constants]``: values of every row.
``[kinds.custom]``: custom fields the file brings, key to label, or to ``{ label, type }``.

``route`` with ``[[kinds.routes]]``: the header whose value says what a row is, and for each (``when``; ``*`` is any
other) its own entity, columns, values and constants. ``parts``: other kinds of the preset that the same rows hold too;
``needs``: targets of which such a row fills at least one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from crmcli.domain.schema import did_you_mean
from crmcli.domain.text import fold_header, fold_key
from crmcli.errors import ConfigError, UsageError

ORDER = ("organization", "contact", "lead", "deal", "task", "event", "interaction", "ticket")  # what files hold
GENERIC = "generic"
LINE = "_line"  # where a row stands: a column that every file has for whoever asks
OWN_COLUMNS = (LINE, "_error")  # of a rejects file, which can be imported as it is
CUSTOM_TYPES = ("text", "int", "decimal", "bool", "date")  # of custom fields that a file may bring
_BUILT_IN = Path(__file__).with_name("presets")
_SUFFIX = ".toml"
_NUMBER = re.compile(r"\b[0-9]+\b")
_ANY_NUMBER = re.compile(r"#(?![0-9])")
_WORDS = frozenset(
    {"title", "system", "id_pattern", "user_prefix", "separator", "modules", "field_names", "own", "kinds"}
)
_ROUTE_WORDS = frozenset({"when", "entity", "columns", "values", "constants"})
_KIND_WORDS = frozenset({"name", "signatures", "without", "header", "route", "routes", "stages", "pipeline", "custom"})
_KIND_WORDS |= _ROUTE_WORDS | {"parts", "needs", "by_noun"}


class Header(NamedTuple):
    """The columns of a file as signatures see them: the names folded, and as written but for case."""

    folded: frozenset[str]
    written: tuple[str, ...]

    def holds(self, name: str) -> bool:
        """Say whether there is a column of a name (folded), or of a name that begins or ends so."""
        if name.startswith("*"):
            return any(header.endswith(name[1:]) for header in self.written)
        if name.endswith("*"):
            return any(header.startswith(name[:-1]) for header in self.written)
        return name in self.folded


class Shape(NamedTuple):
    """What the rows of one entity look like in a file.

    ``columns``: target to the headers (folded) that may hold it, best first. ``values``: target to value as written
    (``fold_key``) to enum key. ``constants``: fields that every row gets when no column says otherwise.
    """

    entity: str
    columns: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, str]]
    constants: Mapping[str, str]


class Custom(NamedTuple):
    """A custom field that a file brings."""

    label: str
    type: str


class Kind(NamedTuple):
    """One kind of file of a preset: what the module's text describes, headers folded.

    ``shapes``: by the folded value of the ``route`` column, or under "" for files whose rows are all alike. ``system``
    is empty when only the caller can name it. ``field_names``: a header may also be the name of a field.
    """

    preset: str
    name: str
    entity: str
    system: str
    signatures: tuple[frozenset[str], ...]
    without: frozenset[str]
    header: frozenset[str]
    route: tuple[str, ...]
    shapes: Mapping[str, Shape]
    stages: str  # ready-made pipeline (domain.stages.PRESETS) whose labels the file uses
    pipeline: str  # name of the pipeline when the file does not say
    custom: Mapping[str, Custom]  # by key
    parts: tuple[str, ...]
    needs: frozenset[str]
    id_pattern: str
    user_prefix: str
    separator: str
    modules: Mapping[str, str]  # entity by what the vendor calls it (``fold_key``)
    field_names: bool
    own: bool
    by_noun: bool

    @property
    def title(self) -> str:
        """Return how people call it: ``hubspot deals``."""
        return f"{self.preset} {self.name}"

    @property
    def entities(self) -> frozenset[str]:
        """Return every entity its rows may become."""
        return frozenset(shape.entity for shape in self.shapes.values())

    @property
    def reads_lines(self) -> bool:
        """Say whether something is made of the line a row stands on."""
        return any(LINE in headers for shape in self.shapes.values() for headers in shape.columns.values())

    def fits(self, header: Header) -> bool:
        """Say whether a header bears one of its signatures."""
        return not any(map(header.holds, self.without)) and any(
            all(map(header.holds, signature)) for signature in self.signatures
        )


Choose = Callable[[str, Sequence[Kind]], Kind | None]  # who is asked about a file, by its name, that fits several kinds


class Preset(NamedTuple):
    """A vendor's exports: the file kinds by name."""

    name: str
    title: str
    kinds: Mapping[str, Kind]


def load_presets(config: Path | None = None) -> dict[str, Preset]:
    """Return the built-in presets and those in ``presets/`` of a configuration folder, which win by name.

    Raises ConfigError naming the file and what is wrong with it.
    """
    return {**_built_in(), **(_presets_in(config / "presets") if config else {})}


@cache
def _built_in() -> dict[str, Preset]:
    """Return those of the package, read once: its files stay as they are while it runs."""
    return _presets_in(_BUILT_IN)


def _presets_in(folder: Path) -> dict[str, Preset]:
    return {path.stem: _load(path) for path in sorted(folder.glob(f"*{_SUFFIX}"))} if folder.is_dir() else {}


def find_preset(presets: Mapping[str, Preset], name: str) -> Preset:
    """Return the preset called so, or raise a UsageError that names the nearest ones."""
    if name not in presets:
        raise UsageError(
            f"there is no import preset {name!r}",
            hint=did_you_mean(name, list(presets)) or f"presets: {', '.join(sorted(presets))}",
        )
    return presets[name]


def nobody(_label: str, _kinds: Sequence[Kind]) -> Kind | None:
    """Leave a file undecided that fits several kinds."""
    return None


def recognise(
    header: Sequence[str],
    presets: Iterable[Preset],
    entity: str | None = None,
    *,
    label: str = "the file",
    choose: Choose = nobody,
) -> Kind | None:
    """Return the only file kind whose signature the header bears, None when there is none.

    ``entity`` leaves only the kinds with rows of it; ``label`` names the file. Where several fit ``choose`` is asked,
    and where it does not say UsageError names the candidates.
    """
    seen = Header(frozenset(map(fold_header, header)), tuple(map(_lowered, header)))
    known = (kind for preset in presets for kind in preset.kinds.values())
    kinds = [kind for kind in known if (not kind.by_noun if entity is None else entity in kind.entities)]
    own = frozenset(fold_header(name) for name in header if name not in OWN_COLUMNS)
    saved = [kind for kind in kinds if kind.header and kind.header == own]
    found = saved or [kind for kind in kinds if kind.fits(seen)]
    if len(found) > 1 and (chosen := choose(label, found)) is not None:
        return chosen
    if len(found) > 1:
        raise UsageError(
            f"{label} fits several kinds of export: {', '.join(kind.title for kind in found)}",
            hint="name one with --preset, or import each file with its noun",
            code="import.ambiguous",
        )
    return found[0] if found else None


def choose_kind(
    header: Sequence[str],
    presets: Mapping[str, Preset],
    entity: str,
    preset: str | None = None,
    *,
    label: str = "the file",
    choose: Choose = nobody,
) -> Kind:
    """Return how a file is read for an entity: by the preset named, the one recognised, or the generic one.

    ``label`` and ``choose`` as in ``recognise``. Raises UsageError when the named preset is unknown or has no file of
    that entity.
    """
    asked = presets[GENERIC] if preset is None else find_preset(presets, preset)
    among = presets.values() if preset is None else [asked]
    return recognise(header, among, entity, label=label, choose=choose) or _only(asked, entity)


def _only(preset: Preset, entity: str) -> Kind:
    kinds = [kind for kind in preset.kinds.values() if entity in kind.entities]
    exact = [kind for kind in kinds if kind.entity == entity]
    if not kinds or len(exact or kinds) > 1:
        raise UsageError(
            f"the preset {preset.name} has no file of {entity} records that fits this header",
            hint=f"it knows {', '.join(preset.kinds)}" if preset.kinds else "its file describes no [[kinds]]",
        )
    return (exact or kinds)[0]


def _load(path: Path) -> Preset:
    from crmcli.config.files import read_text
    from crmcli.domain.toml import loads

    try:
        found = loads(read_text(path))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"{path}: {error}", hint="mend the file, or remove it") from None
    try:
        _check_words(found, _WORDS)
        kinds = [_kind(path.stem, found, described) for described in found.get("kinds", [])]
        return Preset(path.stem, found.get("title", path.stem), {kind.name: kind for kind in kinds})
    except (KeyError, TypeError, AttributeError, ValueError, re.error) as error:
        raise ConfigError(
            f"{path}: not an import preset ({type(error).__name__}: {error})", hint="see the built-in presets"
        ) from None


def _check_words(found: Mapping[str, Any], words: frozenset[str]) -> None:
    """Raise ValueError for a slip of the pen: it would be passed over, and its columns with it."""
    for word in found.keys() - words:
        raise ValueError(f"no {word!r} stands here; {did_you_mean(word, sorted(words)) or ', '.join(sorted(words))}")


def _kind(preset: str, found: Mapping[str, Any], described: Mapping[str, Any]) -> Kind:
    _check_words(described, _KIND_WORDS)
    for route in described.get("routes", []):
        _check_words(route, _ROUTE_WORDS)
    shapes = dict(_shapes(described))
    for entity in (described["entity"], *(shape.entity for shape in shapes.values())):
        if entity not in ORDER:
            raise ValueError(f"no entity {entity!r}; there are {', '.join(ORDER)}")
    return Kind(
        preset=preset,
        name=described["name"],
        entity=described["entity"],
        system=found.get("system", ""),
        signatures=tuple(frozenset(_patterns(headers)) for headers in described.get("signatures", [])),
        without=frozenset(_patterns(described.get("without", []))),
        header=frozenset(_folded(described.get("header", []))),
        route=_folded(described.get("route", [])),
        shapes=shapes,
        stages=described.get("stages", ""),
        pipeline=described.get("pipeline", ""),
        custom={key: _custom(told) for key, told in described.get("custom", {}).items()},
        parts=tuple(described.get("parts", ())),
        needs=frozenset(described.get("needs", ())),
        id_pattern=re.compile(found.get("id_pattern", "")).pattern,
        user_prefix=found.get("user_prefix", ""),
        separator=found.get("separator", ""),
        modules={fold_key(word): entity for entity, words in found.get("modules", {}).items() for word in words},
        field_names=bool(found.get("field_names", False)),
        own=bool(found.get("own", False)),
        by_noun=bool(described.get("by_noun", False)),
    )


def _custom(told: str | Mapping[str, str]) -> Custom:
    if isinstance(told, str):
        return Custom(told, "text")
    _check_words(told, frozenset(Custom._fields))
    found = Custom(**{"type": "text", **told})
    if found.type not in CUSTOM_TYPES:
        raise ValueError(f"no type {found.type!r}; there are {', '.join(CUSTOM_TYPES)}")
    return found


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


def header_key(header: str) -> str:
    """Return by what a column is known: its header folded; the columns of this program stand beside any ``Line``."""
    return header if header in OWN_COLUMNS else fold_header(header)


def numbered(header: str) -> tuple[str, str]:
    """Return a header, folded, with ``#`` in the place of its first number, and that number; empty when it has none."""
    folded = fold_header(header)
    found = _NUMBER.search(folded)
    return (f"{folded[: found.start()]}#{folded[found.end() :]}", found[0]) if found else (folded, "")


def _folded(headers: Iterable[str]) -> tuple[str, ...]:
    if isinstance(headers, str):
        raise TypeError(f"{headers!r} should be a list of headers")
    return tuple(dict.fromkeys(map(_fold_pattern, headers)))


def _fold_pattern(header: str) -> str:
    """Return a header folded; a ``#`` that stands for a number stays."""
    return "#".join(f" {header_key(part)} " for part in _ANY_NUMBER.split(header)).strip()


def _patterns(headers: Iterable[str]) -> Iterator[str]:
    if isinstance(headers, str):
        raise TypeError(f"{headers!r} should be a list of headers")
    for header in headers:
        yield _lowered(header) if "*" in (header[:1], header[-1:]) else fold_header(header)


def _lowered(header: str) -> str:
    return header.replace("\ufeff", "").strip().casefold()
