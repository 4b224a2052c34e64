"""Which files an ``import auto`` reads, as what, and in which order: what others link to comes first."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from crmcli.domain.text import fold_header
from crmcli.errors import UsageError
from crmcli.formats.recognition import SUFFIXES
from crmcli.importing.presets import ORDER, Choose, Kind, Preset, nobody, recognise
from crmcli.importing.sources import Source, read_header

_HINT = "import a file with its noun, such as: crm import contact FILE --map COLUMN=FIELD"


class Planned(NamedTuple):
    """A file and what it is."""

    path: Path
    kind: Kind

    @property
    def preset(self) -> str:
        """Return the name of the preset that reads it."""
        return self.kind.preset

    @property
    def entity(self) -> str:
        """Return what its rows become, mostly."""
        return self.kind.entity


class Plan(NamedTuple):
    """The files to import, in order, and those found in folders that nobody's signature fits."""

    files: tuple[Planned, ...]
    unrecognised: tuple[Path, ...]


def plan_files(
    paths: Iterable[Path],
    presets: Mapping[str, Preset],
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    choose: Choose = nobody,
) -> Plan:
    """Return what the files are, folders standing for the files in them whose names end as importable ones do.

    A file that is named must be recognised; one that only lies in a named folder may be left out. ``choose`` is asked
    about one that fits several kinds. Raises UsageError naming the file that is not recognised or not decided, and when
    nothing is left to import.
    """
    files, unrecognised = [], []
    for path, named in _expand(paths):
        header = read_header(Source(path, str(path), encoding, delimiter))
        kind = recognise(header, presets.values(), label=str(path), choose=choose)
        if kind is not None:
            files += [Planned(path, one) for one in kinds_of(kind, header, presets[kind.preset])]
        elif named:
            raise UsageError(
                f"{path} is not recognised as the export of a program known here",
                hint=_HINT,
                code="import.unrecognised",
            )
        else:
            unrecognised.append(path)
    if not files:
        left = ", ".join(path.name for path in unrecognised) or "there is no file to read"
        raise UsageError(f"nothing to import: {left}", hint=_HINT, code="import.unrecognised")
    files.sort(key=lambda planned: ORDER.index(planned.entity))
    return Plan(tuple(files), tuple(unrecognised))


def kinds_of(kind: Kind, header: Sequence[str], preset: Preset) -> list[Kind]:
    """Return as what a file is read: its kind, and those of its parts the header has columns for, in order."""
    folded = frozenset(fold_header(name) for name in header)
    parts = [part for part in map(preset.kinds.__getitem__, kind.parts) if _has(part, folded)]
    return sorted([kind, *parts], key=lambda one: ORDER.index(one.entity))


def _has(part: Kind, header: frozenset[str]) -> bool:
    shapes = part.shapes.values()
    needed = {name for shape in shapes for target in part.needs for name in shape.columns.get(target, ())}
    return not needed.isdisjoint(header)


def _expand(paths: Iterable[Path]) -> Iterable[tuple[Path, bool]]:
    """Yield each file once, and whether it was named itself."""
    seen = set()
    for path in paths:
        found = sorted(path.iterdir()) if path.is_dir() else [path]
        for one in found:
            wanted = one is path or (one.suffix.lower() in SUFFIXES and one.is_file())
            if wanted and one.resolve() not in seen:
                seen.add(one.resolve())
                yield one, one is path
