"""Builders shared by the tests of the importing layer: a text becomes a file, a file becomes drafts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crmcli.importing.options import Options
from crmcli.importing.presets import Preset, choose_kind, load_presets
from crmcli.importing.rows import Draft, Prepared, Rejected, Skipped, prepare, read_rows
from crmcli.importing.sources import Source, read_header

PRESETS = load_presets()
ROME = Options(zone="Europe/Rome")

Outcome = Draft | Rejected | Skipped
Preparer = Callable[..., Prepared]


@pytest.fixture
def presets() -> dict[str, Preset]:
    return PRESETS


@pytest.fixture
def prepared(tmp_path: Path) -> Preparer:
    """Return a function that writes a text and prepares it for an entity."""

    def build(text: str | bytes, entity: str, options: Options = ROME, preset: str | None = None) -> Prepared:
        path = tmp_path / "table.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return prepare_path(path, entity, options, preset)

    return build


def prepare_path(path: Path, entity: str, options: Options = ROME, preset: str | None = None) -> Prepared:
    """Prepare a file for an entity, as the import of a noun does."""
    source = Source(path, path.name)
    return prepare(source, choose_kind(read_header(source), PRESETS, entity, preset), options)


def drafts(prepared: Prepared) -> list[Draft]:
    """Return every row as a draft; a row that is none fails the test with its reason."""
    found = list(read_rows(prepared))
    assert [row for row in found if not isinstance(row, Draft)] == []
    return [row for row in found if isinstance(row, Draft)]


def rejected(prepared: Prepared) -> list[str]:
    """Return the reasons of the rows that were set aside."""
    return [row.reason for row in read_rows(prepared) if isinstance(row, Rejected)]
