"""Which files an ``import auto`` reads, as what, and in which order: what others link to comes first."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from crmcli.errors import UsageError
from crmcli.importing.presets import Kind, Preset, recognise
from crmcli.importing.sources import Source, read_header

_ORDER = ("organization", "contact", "lead", "deal", "task", "event", "interaction", "ticket")
_HINT = "import a file with its noun, such as: crm import contact FILE --map COLUMN=FIELD"
_SUFFIXES = frozenset({".csv", ".tsv"})


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
    paths: Iterable[Path], presets: Mapping[str, Preset], *, encoding: str | None = None, delimiter: str | None = None
) -> Plan:
    """Return what the files are, folders standing for the ``.csv`` and ``.tsv`` files in them.

    A file that is named must be recognised; one that only lies in a named folder may be left out. Raises UsageError
    naming the file that is not recognised or fits several kinds, and when nothing is left to import.
    """
    files, unrecognised = [], []
    for path, named in _expand(paths):
        header = read_header(Source(path, str(path), encoding, delimiter))
        kind = recognise(header, presets.values(), label=str(path))
        if kind is not None:
            files.append(Planned(path, kind))
        elif named:
            raise UsageError(
                f"{path} is not recognised as the export of a program known here",
                hint=_HINT,
                code="import.unrecognised",
            )
        else:
            unrecognised.append(path)
    if not files:
        left = ", ".join(path.name for path in unrecognised) or "there is no CSV file"
        raise UsageError(f"nothing to import: {left}", hint=_HINT, code="import.unrecognised")
    files.sort(key=lambda planned: _ORDER.index(planned.entity))
    return Plan(tuple(files), tuple(unrecognised))


def _expand(paths: Iterable[Path]) -> Iterable[tuple[Path, bool]]:
    """Yield each file once, and whether it was named itself."""
    seen = set()
    for path in paths:
        found = sorted(path.iterdir()) if path.is_dir() else [path]
        for one in found:
            wanted = one is path or (one.suffix.lower() in _SUFFIXES and one.is_file())
            if wanted and one.resolve() not in seen:
                seen.add(one.resolve())
                yield one, one is path
