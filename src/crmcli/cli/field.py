"""``crm field``: the fields of records, ours and those you define."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.catalogue import ENTITIES
from crmcli.cli import completing
from crmcli.cli.options import OutputFormat
from crmcli.cli.records import Noun, register
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, writes

if TYPE_CHECKING:
    from crmcli.domain.schema import Field

app = typer.Typer(add_completion=False)
FIELD = Noun("custom_field", {"rm": "crm field rm lead.budget"}, title="label")
register(app, FIELD, ("rm",))

On = Annotated[str, typer.Argument(metavar="NOUN", help="Kind of record.", autocompletion=completing.nouns)]
AnyNoun = Annotated[
    str | None, typer.Argument(metavar="[NOUN]", help="Kind of record.", autocompletion=completing.nouns)
]
Key = Annotated[str, typer.Argument(metavar="KEY", help="Name in conditions, options and files, in snake_case.")]
Name = Annotated[
    str, typer.Argument(metavar="FIELD", help="Such as lead.budget.", autocompletion=completing.refs("custom_field"))
]
Type = Annotated[
    str | None,
    typer.Option("--type", metavar="TYPE", help="What it holds.", autocompletion=completing.enum("field_type")),
]
Label = Annotated[str | None, typer.Option(metavar="TEXT", help="Heading for people.")]
Required = Annotated[bool | None, typer.Option("--required/--optional", help="Whether new records must have it.")]
Options = Annotated[
    list[str] | None, typer.Option("--option", metavar="VALUE", help="A value of a choice; can be repeated.")
]
RenameOption = Annotated[
    list[str] | None,
    typer.Option("--rename-option", metavar="OLD=NEW", help="Another name for an option; can be repeated."),
]
Personal = Annotated[
    bool | None, typer.Option("--personal/--not-personal", help="Whether it says something about a person.")
]
Help = Annotated[str | None, typer.Option("--about", metavar="TEXT", help="What it is for.")]
Custom = Annotated[bool, typer.Option("--custom", help="Only those you defined.")]

_COLUMNS = (("noun", "Noun"), ("key", "Key"), ("label", "Label"), ("type", "Type"), ("values", "Values"),
            ("aliases", "Also"), ("custom", "Custom"))  # fmt: skip
_DEFINED = {"instant": "datetime"}  # types that a definition calls otherwise


@app.command()
@writes
def add(
    on: On,
    key: Key,
    asked: Asked,
    kind: Type = "text",
    label: Label = None,
    required: Required = None,
    option: Options = None,
    personal: Personal = None,
    about: Help = None,
) -> None:
    """Add a custom field.

    Examples:
        crm field add lead budget --type money
        crm field add deal region --type enum --option north --option south --required
    """
    from crmcli.cli.answers import answer, context
    from crmcli.cli.finding import find_noun
    from crmcli.services import records

    values = _values(kind, label, required, option, personal, about)
    values |= {"entity": find_noun(on).name, "key": key}
    answer(records.add(context(asked, plain=[on, key]), "custom_field", values), asked, "custom_field")


@app.command("list")
def list_(noun: AnyNoun = None, custom: Custom = False, output: OutputFormat = None) -> None:
    """List fields, custom ones included.

    Examples:
        crm field list lead
        crm field list --custom -o json
    """
    from crmcli.cli.finding import find_noun
    from crmcli.cli.listing import output_options
    from crmcli.output.tables import Column, Table, write_table

    names = [find_noun(noun).name] if noun else [entity.name for entity in ENTITIES.values() if entity.letter]
    rows = [row for name in names for row in _rows(name) if row["custom"] or not custom]
    columns = tuple(Column(key, label, "bool" if key == "custom" else "text") for key, label in _COLUMNS)
    write_table(Table(columns, rows, noun="fields"), current().streams, output, output_options())


@app.command()
@writes
def edit(
    field: Name,
    asked: Asked,
    label: Label = None,
    required: Required = None,
    option: Options = None,
    rename_option: RenameOption = None,
    personal: Personal = None,
    about: Help = None,
) -> None:
    """Change a custom field.

    Its key and type stay, as there are values of that type. --option names all options anew; one that records hold
    cannot be left out, but be renamed, and the records go with it.

    Examples:
        crm field edit lead.budget --label "Budget of the year"
        crm field edit deal.region --rename-option north=nord
    """
    from crmcli.cli.answers import answer, context
    from crmcli.cli.finding import find_id
    from crmcli.cli.inputs import split_pairs
    from crmcli.errors import UsageError
    from crmcli.services.fields import edit_field

    values = _values(None, label, required, option, personal, about)
    renamed = split_pairs(rename_option, "--rename-option", "OLD=NEW")
    if not values and not renamed:
        raise UsageError("there is nothing to change", hint=f"crm field edit {field} --label TEXT")
    record_id = find_id("custom_field", field)
    answer(edit_field(context(asked, plain=[field]), record_id, values, renamed), asked, "custom_field")


def _values(
    kind: str | None,
    label: str | None,
    required: bool | None,
    options: list[str] | None,
    personal: bool | None,
    about: str | None,
) -> dict[str, Any]:
    """Return what was given, by field key."""
    from crmcli.cli.inputs import Inputs

    values = {"label": label, "required": required, "options": options or None, "is_personal": personal, "help": about}
    if kind is not None:
        values["type"] = Inputs("custom_field").value("type", kind)
    return {key: value for key, value in values.items() if value is not None}


def _rows(name: str) -> Iterator[dict[str, object]]:
    """Yield the fields of an entity for people and programs."""
    from crmcli.queries.fields import custom_fields

    for key, field in ENTITIES[name].fields.items():
        yield _row(name, key, field, _choices(field), custom=False)
    for key, field in custom_fields(current().reader()).get(name, {}).items():
        yield _row(name, f"custom.{key}", field, _choices(field), custom=True)


def _row(name: str, key: str, field: "Field", values: list[str], *, custom: bool) -> dict[str, object]:
    return {
        "noun": ENTITIES[name].noun,
        "key": key,
        "label": field.label,
        "type": _defined_type(field) if custom else field.type,
        "values": values,
        "aliases": list(field.aliases),
        "custom": custom,
    }


def _choices(field: "Field") -> list[str]:
    if field.enum:
        from crmcli.domain.enums import values

        return list(values(field.enum))
    return [ENTITIES[field.ref].noun] if field.ref else list(field.options)


def _defined_type(field: "Field") -> str:
    """Return the type that ``--type`` gave a custom field."""
    if field.options and field.type == "json":
        return "multi_enum"
    return field.form or _DEFINED.get(field.type, field.type)
