"""``crm import preset``: what there is to read files by, and what each column becomes."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.catalogue import ENTITIES
from crmcli.cli.options import OutputFormat
from crmcli.cli.session import current

if TYPE_CHECKING:
    from crmcli.importing.presets import Preset

app = typer.Typer(add_completion=False)

_PRESET = (("name", "Name", "text"), ("title", "Of", "text"), ("files", "Files", "tags"))
_COLUMN = (("file", "File", "text"), ("record", "Record", "text"), ("field", "Becomes", "text"),
           ("columns", "Columns", "tags"))  # fmt: skip


def _names(incomplete: str) -> list[str]:
    return [name for name in _presets() if name.startswith(incomplete)]


@app.command("list")
def list_(output: OutputFormat = None) -> None:
    """List presets.

    Examples:
        crm import preset list
    """
    rows = ({"name": preset.name, "title": preset.title, "files": list(preset.kinds)} for preset in _presets().values())
    _write(_PRESET, rows, "presets", output)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A preset.", autocompletion=_names)],
    output: OutputFormat = None,
) -> None:
    """Show the mapping of a preset.

    Headers are compared without case, accents and punctuation.

    Examples:
        crm import preset show hubspot
    """
    from crmcli.importing.presets import find_preset

    _write(_COLUMN, _columns(find_preset(_presets(), name)), "columns", output)


def _columns(preset: "Preset") -> Iterator[dict[str, object]]:
    for kind in preset.kinds.values():
        for shape in dict.fromkeys(id(shape) for shape in kind.shapes.values()):
            found = next(one for one in kind.shapes.values() if id(one) == shape)
            for target, headers in found.columns.items():
                noun = ENTITIES[found.entity].noun
                yield {"file": kind.name, "record": noun, "field": target, "columns": list(headers)}


def _presets() -> "dict[str, Preset]":
    from crmcli.importing.presets import load_presets

    return load_presets(current().paths.config)


def _write(
    columns: tuple[tuple[str, str, str], ...], rows: "Iterator[Mapping[str, object]]", noun: str, output: str | None
) -> None:
    from crmcli.cli.listing import output_options
    from crmcli.output.tables import Column, Table, write_table

    table = Table(tuple(Column(*column) for column in columns), rows, noun=noun)
    write_table(table, current().streams, output, output_options())
