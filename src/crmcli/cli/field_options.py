"""The options of ``add`` and ``edit``, made from the catalogue: one for each field that is an option, typed and helped.

A field without an option of its own is reached by ``--set KEY=VALUE``. What the texts mean is up to ``cli.inputs``.
"""

from collections.abc import Iterator, Mapping
from inspect import Parameter
from typing import Annotated, Any

import typer

from crmcli.cli import completing
from crmcli.cli.signatures import parameter
from crmcli.domain.schema import Entity, Field

_NAMES = {
    "emails": ("--email",),
    "phones": ("--phone",),
    "tags": ("--tag",),
    "organization": ("--org", "--organization"),
    "links": ("--for", "--with"),
    "attendees": ("--attendee",),
}
_ONE_OF_MANY = {"email": "emails", "phone": "phones"}  # the primary one of a list that has an option
_METAVARS = {
    "links": "REF",
    "rows": "REF",
    "int": "N",
    "money": "AMOUNT",
    "percent": "PERCENT",
    "date": "WHEN",
    "instant": "WHEN",
    "ref": "REF",
}
_HINTS = {"money": ", such as 12k or 1234.50", "percent": ", 0 to 100"}
_MOST_CHOICES = 8  # values that help lists
_SIGNS = {"add": "+", "rm": "-"}


def option_fields(entity: Entity, title: str) -> list[Field]:
    """Return the fields that have an option; the title field is the argument of ``add`` and ``--name`` of ``edit``."""
    return [
        field
        for key, field in entity.fields.items()
        if field.option and key not in (title, "full_name") and _ONE_OF_MANY.get(key) not in entity.fields
    ]


def field_parameters(entity: Entity, title: str) -> list[Parameter]:
    """Return a parameter for each field with an option, named like the field."""
    return [
        parameter(field.key, _annotation(entity, field, option_names(field))) for field in option_fields(entity, title)
    ]


def edit_parameters(entity: Entity, title: str) -> list[Parameter]:
    """Return the parameters of ``add`` and, more, one for the title, and ``add_`` and ``rm_`` for lists of values."""
    name = "--name" if title == "full_name" else f"--{title}"
    changed = [parameter(title, _annotation(entity, entity.fields[title], (name,)))]
    for field in option_fields(entity, title):
        if field.multi:
            word = option_names(field)[0].removeprefix("--")
            changed += [
                parameter(f"{verb}_{field.key}", _annotation(entity, field, (f"--{verb}-{word}",), f"{what} "))
                for verb, what in (("add", "Add to"), ("rm", "Take from"))
            ]
    return [*field_parameters(entity, title), *changed]


def option_names(field: Field) -> tuple[str, ...]:
    """Return the names of a field's option, the shortest first."""
    keys = (*field.aliases, field.key)
    return _NAMES.get(field.key) or tuple(f"--{key.replace('_', '-')}" for key in keys)


def given_values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given for fields, by the keys that ``Inputs.values`` takes: ``add_tags`` becomes ``+tags``."""
    return {_input_key(name): value for name, value in given.items() if value is not None}


def _input_key(name: str) -> str:
    verb, _, key = name.partition("_")
    return _SIGNS[verb] + key if verb in _SIGNS else name


def _annotation(entity: Entity, field: Field, names: tuple[str, ...], prefix: str = "") -> Any:
    label = (
        field.label[:1].lower() + field.label[1:] if prefix and not field.label.split()[0].isupper() else field.label
    )
    option = typer.Option(
        *names,
        metavar=_METAVARS.get(field.type, "TEXT" if field.type == "text" else "VALUE"),
        help=f"{prefix}{label}{''.join(_hints(field))}.",
        autocompletion=completing.field_values(field),
    )
    return Annotated[list[str] | None if field.multi else str | None, option]


def _hints(field: Field) -> Iterator[str]:
    yield _HINTS.get(field.type, "")
    if field.multi:
        yield "; can be repeated"
    if field.enum:
        from crmcli.domain.enums import values

        known = values(field.enum)
        yield ": " + ", ".join(known[:_MOST_CHOICES]) + (" and more" if len(known) > _MOST_CHOICES else "")
