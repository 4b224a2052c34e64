"""``crm import preset``: what there is to read files by, what each column becomes, and mappings worth keeping."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.catalogue import ENTITIES
from crmcli.cli.import_reading import presets
from crmcli.cli.options import FormatWithoutRefs
from crmcli.cli.session import current
from crmcli.errors import ConflictError, UsageError

if TYPE_CHECKING:
    from crmcli.importing.presets import Preset

app = typer.Typer(add_completion=False)

_PRESET = (("name", "Name", "text"), ("title", "Of", "text"), ("files", "Files", "tags"))
_COLUMN = (("file", "File", "text"), ("record", "Record", "text"), ("field", "Becomes", "text"),
           ("columns", "Columns", "tags"))  # fmt: skip


def _names(incomplete: str) -> list[str]:
    return [name for name in presets() if name.startswith(incomplete)]


@app.command("list")
def list_(output: FormatWithoutRefs = None) -> None:
    """List presets.

    Examples:
        crm import preset list
    """
    rows = ({"name": preset.name, "title": preset.title, "files": list(preset.kinds)} for preset in presets().values())
    _write(_PRESET, rows, "presets", output)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A preset.", autocompletion=_names)],
    output: FormatWithoutRefs = None,
) -> None:
    """Show the mapping of a preset.

    Headers are compared without case, accents and punctuation.

    Examples:
        crm import preset show hubspot
    """
    from crmcli.importing.presets import find_preset

    _write(_COLUMN, _columns(find_preset(presets(), name)), "columns", output)


@app.command()
def save(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it: letters, digits, - and _.")],
    noun: Annotated[str, typer.Argument(metavar="NOUN", help="What the rows are, such as contact.")],
    file: Annotated[str, typer.Argument(metavar="FILE", help="A file with this header; - is standard input.")],
    map_: Annotated[
        list[str] | None, typer.Option("--map", metavar="COLUMN=FIELD", help="What a column becomes; can be repeated.")
    ] = None,
    preset: Annotated[str | None, typer.Option(metavar="NAME", help="Read the other columns so.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of one you saved before.")] = False,
) -> None:
    """Save how a file is read, for every file with the same header.

    The mapping that the header gets, with what --map says, becomes a preset of its own. Files with exactly these
    columns, in any order, are then read by it, whatever other preset they may fit.

    Examples:
        crm import preset save erp contact kunden.csv --map "Kunde=full_name" --map "Mail=emails"
    """
    from crmcli.cli.finding import find_noun
    from crmcli.cli.import_reading import ask_kind, options_of
    from crmcli.config.paths import ensure
    from crmcli.formats.files import write_text
    from crmcli.importing.mapping import map_columns
    from crmcli.importing.presets import GENERIC, choose_kind, load_presets
    from crmcli.importing.saved import preset_text
    from crmcli.importing.sources import open_source, read_header

    if not name.replace("-", "").replace("_", "").isalnum() or name in load_presets():
        raise UsageError(f"{name!r} cannot name a preset", hint="letters and digits, and no built-in one")
    path = current().paths.config / "presets" / f"{name}.toml"
    if path.exists() and not replace:
        raise ConflictError(f"there is a preset {name!r} already", hint="--replace puts this one in its place")
    with open_source(file) as source:
        header = read_header(source)
        kind = choose_kind(header, presets(), find_noun(noun).name, preset, label=source.label, choose=ask_kind)
        text = preset_text(name, map_columns(header, kind, options_of(maps=map_)))
    ensure(path.parent)
    write_text(path, text)
    based = "" if kind.preset == GENERIC else f", on the base of {kind.preset}"
    current().streams.note(f"Saved the preset {name}{based}: {path}")


def _columns(preset: "Preset") -> Iterator[dict[str, object]]:
    for kind in preset.kinds.values():
        for shape in dict.fromkeys(id(shape) for shape in kind.shapes.values()):
            found = next(one for one in kind.shapes.values() if id(one) == shape)
            for target, headers in found.columns.items():
                noun = ENTITIES[found.entity].noun
                yield {"file": kind.name, "record": noun, "field": target, "columns": list(headers)}


def _write(
    columns: tuple[tuple[str, str, str], ...], rows: "Iterator[Mapping[str, object]]", noun: str, output: str | None
) -> None:
    from crmcli.cli.listing import output_options
    from crmcli.output.tables import Column, Table, write_table

    table = Table(tuple(Column(*column) for column in columns), rows, noun=noun)
    write_table(table, current().streams, output, output_options())
