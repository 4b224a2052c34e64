"""``crm export``: records to files that other programs read, and everything there is as one document."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from crmcli.catalogue import ENTITIES
from crmcli.cli.answers import counted
from crmcli.cli.options import Columns, Where, format_option
from crmcli.cli.session import current
from crmcli.errors import CrmError, UsageError

if TYPE_CHECKING:
    from crmcli.conditions.expression import Clause
    from crmcli.domain.schema import Entity
    from crmcli.output.streams import Streams
    from crmcli.output.tables import Table

app = typer.Typer(add_completion=False)

_CHUNK = 1 << 20
TABLES = ("csv", "jsonl", "json", "xlsx", "tsv", "md")
OWN_FORMATS = {"contact": ("vcf",), "event": ("ics",), "task": ("ics",)}  # of address books and calendars


def unless_dash(to: Path | None) -> Path | None:
    """Return where to write; a dash is standard output."""
    return None if to == Path("-") else to


To = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write there, whole or not at all, for your eyes only.", callback=unless_dash),
]
Raw = Annotated[bool, typer.Option("--raw", help="CSV and Excel without the guard against formulas.")]


def _add_noun(noun: str, entity: "Entity") -> None:
    formats = (*TABLES, *OWN_FORMATS.get(entity.name, ()))
    option = format_option(formats, "by the name of the file, else csv", "--format")

    def export(
        where: Where = None, columns: Columns = None, to: To = None, raw: Raw = False, output: Any = None
    ) -> None:
        _export(entity, Asked(where, columns, to, raw, _format(output, to, formats)))

    export.__annotations__["output"] = Annotated[str | None, option]
    export.__doc__ = f"""Export {entity.plural}.

    Every column there is, custom fields included. What is written as CSV, Excel or JSON can be imported again: here it
    changes nothing, elsewhere it makes the same {entity.plural}.

    Examples:
        crm export {noun} > {noun}.csv
        crm export {noun} --where "created >= som" --to {noun}.{formats[-1] if len(formats) > len(TABLES) else "xlsx"}
        crm export {noun} --columns ref,uid,owner --format jsonl
    """
    app.command(noun)(export)


class Asked(NamedTuple):
    """What is to be exported, and how."""

    where: str | None
    columns: str | None
    to: Path | None
    raw: bool
    format: str


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
        raise UsageError(f"everything is exported as json, not {output!r}", hint="crm export all -o json")
    with target(to) as streams:
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


def _export(entity: "Entity", asked: Asked) -> None:
    from crmcli.cli.listing import compile_clause

    session = current()
    clause = None if asked.where is None else compile_clause(entity.name, asked.where)
    if asked.format in ("vcf", "ics") and asked.columns:
        raise UsageError(f"{asked.format} has columns of its own", hint="leave --columns out")
    if asked.format == "xlsx" and asked.to is None and session.streams.is_terminal:
        raise UsageError("a workbook is nothing for a terminal", hint=f"--to {entity.noun}.xlsx")
    write = {"vcf": _write_cards, "ics": _write_calendar, "xlsx": _write_workbook}.get(asked.format, _write_table)
    with target(asked.to) as streams:
        count = write(entity, clause, asked, streams)
    if asked.to is not None:
        session.streams.note(f"{counted(entity.name, count)} written to {asked.to}")


def _write_table(entity: "Entity", clause: "Clause | None", asked: Asked, streams: "Streams") -> int:
    from crmcli.cli.listing import output_options
    from crmcli.output.tables import write_table

    options = output_options()._replace(raw=asked.raw, verbatim=asked.to is not None)
    return write_table(_table(entity, clause, asked), streams, asked.format, options)


def _write_workbook(entity: "Entity", clause: "Clause | None", asked: Asked, streams: "Streams") -> int:
    """Write a workbook, which must be whole before its first byte can be told."""
    from tempfile import TemporaryFile, gettempdir

    from crmcli.output.sheets import write_workbook

    with TemporaryFile() as whole:
        try:
            count = write_workbook(_table(entity, clause, asked), whole, raw=asked.raw)
        except OSError as problem:
            told = f"there is no room in {gettempdir()} to make a workbook: {problem.strerror}"
            raise CrmError(told, hint="TMPDIR names another folder", code="file.not_written") from problem
        whole.seek(0)
        while chunk := whole.read(_CHUNK):
            streams.write_bytes(chunk)
    return count


def _table(entity: "Entity", clause: "Clause | None", asked: Asked) -> "Table":
    from crmcli.cli.inputs import split_list
    from crmcli.output.tables import Column, Table
    from crmcli.queries.records import ListQuery, list_records

    chosen = split_list(asked.columns)
    is_whole = not chosen and asked.format not in ("tsv", "md")
    query = ListQuery(clause, columns=chosen or _columns(entity, asked.format), portable=is_whole)
    page = list_records(current().reader(), entity, query)
    return Table(tuple(Column(*shown) for shown in page.columns), page.rows, noun=entity.plural)


def _write_cards(entity: "Entity", clause: "Clause | None", asked: Asked, streams: "Streams") -> int:
    from crmcli.formats.vcard_files import COLUMNS, write_cards

    return write_cards(_rows(entity, clause, COLUMNS), content_writer(asked.to, streams))


def _write_calendar(entity: "Entity", clause: "Clause | None", asked: Asked, streams: "Streams") -> int:
    from crmcli.services.calendars.items import write_feed

    return write_feed(current().reader(), {entity.name: clause}, content_writer(asked.to, streams))


def _rows(entity: "Entity", clause: "Clause | None", columns: tuple[str, ...]) -> "Iterator[dict[str, object]]":
    from crmcli.queries.records import ListQuery, list_records

    return list_records(current().reader(), entity, ListQuery(clause, columns=columns, portable=True)).rows


def content_writer(to: Path | None, streams: "Streams") -> Callable[[str], object]:
    """Return what writes content lines: what acts on a terminal is escaped where there may be one."""
    from crmcli.output.safe import inert

    if to is not None:
        return streams.write
    return lambda text: streams.write(inert(text).replace("\n", "\r\n"))


def _columns(entity: "Entity", format_name: str) -> tuple[str, ...]:
    """Return all columns; where cells are plain text each custom field has one of its own."""
    from crmcli.queries.fields import custom_fields
    from crmcli.queries.records import default_columns

    columns = default_columns(entity, machine=True)
    if format_name in ("json", "jsonl"):
        return columns
    customs = custom_fields(current().reader()).get(entity.name, {})
    return (*(name for name in columns if name != "custom"), *(f"custom.{key}" for key in customs))


def _format(asked: str | None, to: Path | None, formats: Sequence[str]) -> str:
    """Return the format asked for, else that of the file's name, else CSV."""
    if asked is None:
        suffix = to.suffix.removeprefix(".").lower() if to else ""
        if suffix in ("vcf", "ics", *formats):
            asked = suffix
        else:
            return "csv"
    if asked not in formats:
        from crmcli.domain.schema import did_you_mean

        near = did_you_mean(asked, list(formats))
        raise UsageError(f"no format {asked!r} to export to", hint=near or f"one of {', '.join(formats)}")
    return asked


@contextmanager
def target(to: Path | None, option: str = "--to") -> "Iterator[Streams]":
    """Give the streams to write to: standard output, or a file that appears when it is complete.

    ``option`` is the one that named the file.
    """
    from crmcli.cli.written import refuse_store
    from crmcli.formats.files import replacing
    from crmcli.output.streams import Streams

    session = current()
    if to is None:
        yield session.streams
        return
    refuse_store(to, option)
    with replacing(to) as file:
        yield Streams(file, session.streams.err, quiet=True, color="never", environ=session.environ, what=str(to))
