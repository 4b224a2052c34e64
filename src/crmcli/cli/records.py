"""The verbs that every kind of record has: ``add list show edit rm restore``, their options made from the catalogue.

A command module names its kind of record and gives examples; verbs of its own it defines itself.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from inspect import Parameter
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

import typer

from crmcli.catalogue import ENTITIES
from crmcli.cli import completing, options
from crmcli.cli.registry import ROOT
from crmcli.cli.signatures import Asked, Command, Function, asked_parameters, parameter
from crmcli.domain.schema import Entity
from crmcli.errors import UsageError

VERBS = ("add", "list", "show", "edit", "rm", "restore")


class Noun(NamedTuple):
    """A kind of record on the command line. ``title`` is the field that ``add`` takes as its argument."""

    entity: str
    examples: Mapping[str, str]
    title: str = "name"

    @property
    def kind(self) -> Entity:
        """The entity in the catalogue."""
        return ENTITIES[self.entity]


def register(app: typer.Typer, noun: Noun, verbs: Iterable[str] = VERBS) -> None:
    """Add the generic verbs to a command module; the summary of each is that of the registry."""
    for verb in verbs:
        run, parameters = _VERBS[verb]
        register_verb(app, noun, verb, _bound(run, noun), partial(parameters, noun))


def register_verb(
    app: typer.Typer, noun: Noun, verb: str, run: Function, parameters: Callable[[], list[Parameter]]
) -> None:
    """Add one verb to a command module, with the summary of the registry and the examples of the noun."""
    group = ROOT.find(noun.kind.noun)
    entry = group.find(verb) if group else None
    help_text = f"{entry.summary if entry else ''}\n\nExamples:\n{_indented(noun.examples[verb])}"
    app.command(verb, help=help_text)(Command(verb, help_text, run, parameters))


def refs_argument(entity: str, *, required: bool = True) -> Any:
    """Return the argument that takes refs of a kind; ``-`` reads them from standard input."""
    return typer.Argument(
        metavar="REF..." if required else "[REF...]",
        help="Refs, numbers or exact keys; - reads refs from standard input.",
        show_default=False,
        autocompletion=completing.refs(entity),
    )


def ref_argument(entity: str | None) -> Any:
    """Return the argument that takes the ref of one record."""
    return typer.Argument(metavar="REF", help="Ref, number, uid or exact key.", autocompletion=completing.refs(entity))


def list_parameters(entity: str) -> list[Parameter]:
    """Return the parameters of a list, named like the fields of ``cli.listing.Listing``."""
    fields = completing.columns(entity)
    return [
        parameter("where", _completed(options.Where, completing.conditions(entity))),
        parameter("view", _completed(options.View, completing.refs("view"))),
        parameter("sort", _completed(options.Sort, fields)),
        parameter("columns", _completed(options.Columns, fields)),
        parameter("limit", options.Limit),
        parameter("offset", options.Offset, 0),
        parameter("output", options.OutputFormat),
        parameter("exit_code", options.ExitCode, False),
    ]


def _completed(annotation: Any, complete: completing.Completer) -> Any:
    """Return the annotation of an option with what completes its value."""
    from copy import copy

    kind, option = annotation.__args__[0] if hasattr(annotation, "__args__") else str, annotation.__metadata__[0]
    option = copy(option)
    option.autocompletion = complete
    return Annotated[kind, option]


def _bound(run: Any, noun: Noun) -> Function:
    return lambda **given: run(noun, **given)


def _indented(lines: str) -> str:
    return "\n".join(f"    {line.strip()}" for line in lines.strip().splitlines())


def add_parameters(noun: Noun) -> list[Parameter]:
    """Return the parameters of a verb that creates a record: title, a field's option each, those of every writer."""
    from crmcli.cli.field_options import field_parameters

    field = noun.kind.fields[noun.title]
    metavar = "NAME" if noun.title in ("name", "full_name") else noun.title.upper()
    argument = typer.Argument(metavar=metavar if field.required else f"[{metavar}]", help=f"{field.label}.")
    title = Annotated[str if field.required else str | None, argument]  # type: ignore[valid-type]  # made at run time
    return [
        parameter("title", title, ... if field.required else None),
        *field_parameters(noun.kind, noun.title),
        parameter("assignments", _completed(options.Set, completing.assignments(noun.entity))),
        parameter("create", options.Create, False),
        parameter("allow_duplicate", options.AllowDuplicate, False),
        *asked_parameters(),
    ]


def _add(noun: Noun, *, title: str | None, assignments: list[str] | None, create: bool, **given: Any) -> None:
    from crmcli.cli.answers import answer, context
    from crmcli.cli.field_options import given_values
    from crmcli.cli.inputs import Inputs
    from crmcli.cli.slips import ask_about_slips
    from crmcli.services import records

    asked, allow_duplicate = take_asked(given), given.pop("allow_duplicate")
    inputs = Inputs(noun.entity, create=create, pipeline=_default_pipeline() if noun.entity == "deal" else None)
    values = inputs.values({noun.title: title, **given_values(given)}, assignments)
    ask_about_slips(noun.entity, values, asked)
    answer(records.add(context(asked, allow_duplicate=allow_duplicate), noun.entity, values), asked, noun.entity)


def _list_parameters(noun: Noun) -> list[Parameter]:
    return list_parameters(noun.entity)


def _list(noun: Noun, **given: Any) -> None:
    from crmcli.cli.listing import Listing, list_command

    list_command(noun.entity, Listing(**given))


def _show_parameters(noun: Noun) -> list[Parameter]:
    return [parameter("ref", Annotated[str, ref_argument(noun.entity)], ...), parameter("output", options.OutputFormat)]


def _show(noun: Noun, *, ref: str, output: str | None) -> None:
    from crmcli.cli.show import show_record

    show_record(noun.entity, ref, output)


def edit_parameters_of(noun: Noun) -> list[Parameter]:
    """Return the parameters of the verb that changes records."""
    from crmcli.cli.field_options import edit_parameters

    return [
        parameter("refs", Annotated[list[str] | None, refs_argument(noun.entity, required=False)]),
        parameter("where", _completed(options.Where, completing.conditions(noun.entity))),
        *edit_parameters(noun.kind, noun.title),
        parameter("assignments", _completed(options.Set, completing.assignments(noun.entity))),
        parameter("unset", _completed(options.Unset, completing.columns(noun.entity))),
        parameter("create", options.Create, False),
        *asked_parameters(),
    ]


def edit_records(
    noun: Noun,
    *,
    typed: Mapping[str, Any] = MappingProxyType({}),
    refs: list[str] | None,
    where: str | None,
    assignments: list[str] | None,
    unset: list[str] | None,
    create: bool,
    **given: Any,
) -> None:
    """Change the records that are named or meet the condition; ``typed`` are values that a module read itself."""
    from crmcli.cli.answers import answer, confirm, context, counted
    from crmcli.cli.field_options import given_values
    from crmcli.cli.inputs import Inputs
    from crmcli.cli.session import current
    from crmcli.cli.slips import ask_about_slips
    from crmcli.services import records

    asked = take_asked(given)
    fields = given_values(given)
    ids = _chosen(noun, refs, where, asked)
    if not (fields or typed or assignments or unset):
        if where is None and len(ids) == 1 and current().is_interactive:
            from crmcli.cli.editing import edit_in_editor

            edit_in_editor(noun.entity, ids[0], asked)
            return
        raise UsageError("there is nothing to change", hint=f"crm {noun.kind.noun} edit REF --set KEY=VALUE")
    pipeline = _common("pipeline_id", noun.kind, ids) if noun.entity == "deal" else None
    inputs = Inputs(noun.entity, create=create, pipeline=pipeline, currency=currency_of(noun.kind, ids))
    values = {**inputs.values(fields, assignments, unset), **typed}
    if not ids:
        return
    ask_about_slips(noun.entity, values, asked)
    if where is not None:
        confirm(f"Change {counted(noun.entity, len(ids))}?", noun.entity, ids, asked)
    result = records.edit(context(asked, plain=_keys(noun, refs)), noun.entity, ids, values)
    answer(result, asked, noun.entity, ids=ids)


def rm_parameters_of(noun: Noun) -> list[Parameter]:
    """Return the parameters of the verb that deletes records."""
    cascade = Annotated[bool, typer.Option("--cascade", help="Remove its open deals, too.")]
    return [
        parameter("refs", Annotated[list[str] | None, refs_argument(noun.entity, required=False)]),
        parameter("where", _completed(options.Where, completing.conditions(noun.entity))),
        *([parameter("cascade", cascade, False)] if noun.entity == "organization" else []),
        *asked_parameters(),
    ]


def remove_records(noun: Noun, *, refs: list[str] | None, where: str | None, **given: Any) -> None:
    """Delete the records that are named or meet the condition."""
    from crmcli.cli.answers import answer, confirm, context, counted
    from crmcli.services import records

    asked, cascade = take_asked(given), given.pop("cascade", False)
    ids = _chosen(noun, refs, where, asked)
    if ids:
        confirm(f"Remove {counted(noun.entity, len(ids))}?", noun.entity, ids, asked)
        where_to = context(asked, plain=_keys(noun, refs))
        result = records.remove(where_to, noun.entity, ids, cascade=cascade)
        answer(result, asked, noun.entity, ids=ids)


def _restore_parameters(noun: Noun) -> list[Parameter]:
    return [parameter("refs", Annotated[list[str], refs_argument(noun.entity)], ...), *asked_parameters()]


def _restore(noun: Noun, *, refs: list[str], **given: Any) -> None:
    """Bring removed records back; those that are there stay as they are."""
    from crmcli.cli.answers import answer, context
    from crmcli.cli.finding import find_ids
    from crmcli.services import records

    asked = take_asked(given)
    ids = find_ids(noun.entity, refs, deleted=True)
    answer(records.restore(context(asked), noun.entity, ids), asked, noun.entity, ids=ids)


def _chosen(noun: Noun, refs: list[str] | None, where: str | None, asked: Asked) -> list[int]:
    """Return the ids of the records that are named or that meet the condition; told when none does."""
    from crmcli.cli.finding import find_ids
    from crmcli.cli.listing import matching_ids
    from crmcli.cli.session import current

    if refs and where is not None:
        raise UsageError("give either refs or a condition, not both", hint=f'crm {noun.kind.noun} list --where "..."')
    if not refs and where is None:
        raise UsageError("name the records, or give a condition by --where", hint=f"crm {noun.kind.noun} list")
    if where is None:
        return find_ids(noun.entity, refs or (), deleted=asked.idempotency_key is not None)
    ids = matching_ids(noun.entity, where)
    if not ids:
        current().streams.note(f"no {noun.kind.plural} meet the condition")
    return ids


def _keys(noun: Noun, refs: list[str] | None) -> list[str]:
    """Return the names of configuration records that were given, which say nothing of people."""
    return [] if noun.kind.letter else refs or []


def take_asked(given: dict[str, Any]) -> Asked:
    """Take the options of every writer out of what a command was given."""
    return Asked(**{name: given.pop(name) for name in Asked._fields})


def _default_pipeline() -> int | None:
    from crmcli.cli.session import current
    from crmcli.queries.config_keys import default_pipeline

    return default_pipeline(current().reader(), current().settings.pipeline)


def currency_of(kind: Entity, ids: list[int]) -> str:
    """Return the currency that records have in common, empty when they have none or several."""
    return _common("currency", kind, ids) or "" if "currency" in kind.fields else ""


def _common(column: str, kind: Entity, ids: list[int]) -> Any:
    """Return the value of a column that all of some records have, None where they differ."""
    from json import dumps

    from crmcli.cli.session import current

    sql = f"SELECT DISTINCT {column} FROM {kind.table} WHERE id IN (SELECT value FROM json_each(?))"
    rows = current().reader().execute(sql, (dumps(ids),)).fetchall()
    return rows[0][0] if len(rows) == 1 else None


_VERBS: dict[str, Any] = {
    "add": (_add, add_parameters),
    "list": (_list, _list_parameters),
    "show": (_show, _show_parameters),
    "edit": (edit_records, edit_parameters_of),
    "rm": (remove_records, rm_parameters_of),
    "restore": (_restore, _restore_parameters),
}
