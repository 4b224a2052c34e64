"""``crm export``: records to files that other programs read, and everything there is as one document."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.catalogue import ENTITIES
from crmcli.cli.answers import counted
from crmcli.cli.options import Where
from crmcli.cli.session import current
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.domain.schema import Entity
    from crmcli.output.streams import Streams

app = typer.Typer(add_completion=False)

FORMATS = ("csv", "jsonl", "json", "tsv", "md")


def _formats(incomplete: str) -> list[str]:
    return [name for name in FORMATS if name.startswith(incomplete)]


Format = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FORMAT",
        help=f"{', '.join(FORMATS)}. Default: by the name of the file, else csv.",
        autocompletion=_formats,
    ),
]
To = Annotated[Path | None, typer.Option(metavar="FILE", help="Write there, whole or not at all, for your eyes only.")]
Raw = Annotated[bool, typer.Option("--raw", help="CSV exactly as stored, without the guard against formulas.")]


def _add_noun(noun: str, entity: "Entity") -> None:
    def export(where: Where = None, to: To = None, raw: Raw = False, output: Format = None) -> None:
        _export(entity, where, to, _format(output, to), raw)

    export.__doc__ = f"""Export {entity.plural}.

    Every column there is, custom fields included.

    Examples:
        crm export {noun} > {noun}.csv
        crm export {noun} --where "created >= som" --to {noun}.jsonl
    """
    app.command(noun)(export)


for _entity in ENTITIES.values():
    if _entity.letter:
        _add_noun(_entity.noun, _entity)


@app.command("all")
def all_(
    to: To = None,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FORMAT", help="json, the only one.")] = "json",
) -> None:
    """Export everything.

    One JSON document in stored form: records with their ids, deleted ones too, each kind by number. Equal stores give
    equal bytes. The history and the counters of versions stay out.

    Examples:
        crm export all > everything.json
        crm export all --to everything.json
    """
    if output != "json":
        raise UsageError(f"everything is exported as json, not {output!r}")
    with _target(to) as streams:
        _write_document(streams.write)


def _write_document(write: Callable[[str], object]) -> None:
    from itertools import groupby

    from crmcli.output.json import dump_rows
    from crmcli.queries.exports import ORDER, export_all

    groups = groupby(export_all(current().reader()), key=lambda pair: pair[0])
    found = next(groups, None)
    for number, name in enumerate(ORDER):
        write(f'{"," if number else "{"}\n"{name}": ')
        records = (record for _, record in found[1]) if found and found[0] == name else iter(())
        dump_rows(records, write)
        if found and found[0] == name:
            found = next(groups, None)
    write("}\n")


def _export(entity: "Entity", where: str | None, to: Path | None, format_name: str, raw: bool) -> None:
    from crmcli.cli.listing import compile_clause, output_options
    from crmcli.output.tables import Column, Table, write_table
    from crmcli.queries.records import ListQuery, list_records

    session = current()
    clause = compile_clause(entity.name, where) if where else None
    page = list_records(session.reader(), entity, ListQuery(clause, columns=_columns(entity, format_name)))
    columns = tuple(Column(*shown) for shown in page.columns)
    table = Table(columns, page.rows, noun=entity.plural)
    with _target(to) as streams:
        count = write_table(table, streams, format_name, output_options()._replace(raw=raw))
    if to is not None:
        session.streams.note(f"{counted(entity.name, count)} written to {to}")


def _columns(entity: "Entity", format_name: str) -> tuple[str, ...]:
    """Return all columns; where cells are plain text each custom field has one of its own."""
    from crmcli.queries.fields import custom_fields
    from crmcli.queries.records import default_columns

    columns = default_columns(entity, machine=True)
    if format_name in ("json", "jsonl"):
        return columns
    customs = custom_fields(current().reader()).get(entity.name, {})
    return (*(name for name in columns if name != "custom"), *(f"custom.{key}" for key in customs))


def _format(asked: str | None, to: Path | None) -> str:
    """Return the format asked for, else that of the file's name, else CSV."""
    if asked is None:
        suffix = to.suffix.removeprefix(".").lower() if to else ""
        return suffix if suffix in FORMATS else "csv"
    if asked not in FORMATS:
        from crmcli.domain.schema import did_you_mean

        near = did_you_mean(asked, list(FORMATS))
        raise UsageError(f"no format {asked!r} to export to", hint=near or f"one of {', '.join(FORMATS)}")
    return asked


@contextmanager
def _target(to: Path | None) -> "Iterator[Streams]":
    """Give the streams to write to: standard output, or a file that appears when it is complete."""
    from crmcli.formats.files import replacing
    from crmcli.output.streams import Streams

    session = current()
    if to is None:
        yield session.streams
        return
    with replacing(to) as file:
        yield Streams(file, session.streams.err, quiet=True, color="never", environ=session.environ)
