"""``crm history``: who changed what, when and why, of the whole store or of one record."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.catalogue import ENTITIES
from crmcli.cli import completing
from crmcli.cli.finding import find
from crmcli.cli.listing import output_options
from crmcli.cli.options import FormatWithoutRefs, Limit
from crmcli.cli.session import current
from crmcli.errors import NotFoundError

if TYPE_CHECKING:
    from crmcli.queries.history import FieldChange

app = typer.Typer(add_completion=False)

_OPERATION = (("id", "No", "int"), ("at", "When", "instant"), ("who", "Who", "text"), ("command", "Command", "text"),
              ("records", "Records", "int"), ("reason", "Why", "text"), ("undone", "Taken back", "bool"))  # fmt: skip
_CHANGE = (("at", "When", "instant"), ("who", "Who", "text"), ("action", "What", "text"), ("label", "Field", "text"),
           ("old", "Before", "text"), ("new", "After", "text"), ("cause", "Cause", "text"),
           ("command", "Command", "text"), ("reason", "Why", "text"))  # fmt: skip


@app.command()
def history(
    ref: Annotated[
        str | None,
        typer.Argument(
            metavar="[REF]", help="A record; without it, every command.", autocompletion=completing.refs(None)
        ),
    ] = None,
    limit: Limit = None,
    output: FormatWithoutRefs = None,
) -> None:
    """Who changed what, when and why.

    Without a record the commands, the newest first; with one every change of its fields.

    Examples:
        crm history
        crm history D5
        crm history D5 -o json
    """
    from crmcli.queries.history import operations

    session = current()
    if limit is None and session.streams.is_terminal and output in (None, "table"):
        limit = session.settings.rows
    if ref is None:
        write_operations(operations(session.reader(), limit), output)
    else:
        _write_changes(_changes(ref)[:limit], output)


def write_operations(rows: Iterable[Mapping[str, Any]], output: str | None) -> None:
    """Write operations of the journal, keys as in ``queries.history.operations``."""
    _write(_OPERATION, rows, "commands", output)


def _changes(text: str) -> "list[FieldChange]":
    """Return the changes of a record, of one that is gone for good too."""
    from crmcli.queries.history import history_of

    con = current().reader()
    try:
        found = find(None, text, deleted=True)
        return history_of(con, ENTITIES[found.entity], found.id)
    except NotFoundError:
        letter, number = text[:1].upper(), text[1:]
        kind = next((entity for entity in ENTITIES.values() if entity.letter == letter != ""), None)
        told = history_of(con, kind, int(number)) if kind and re.fullmatch(r"\d{1,18}", number) else []
        if not told:
            raise
        return told


def _write_changes(changes: "Iterable[FieldChange]", output: str | None) -> None:
    from crmcli.output.tables import choose_format

    rows = (change._asdict() for change in changes)
    form = choose_format(output, current().streams)
    if form not in ("json", "jsonl"):
        rows = (row | {key: _shown(row, key, form) for key in ("old", "new")} for row in rows)
    _write(_CHANGE, rows, "changes", output)


def _shown(row: Mapping[str, Any], key: str, form: str) -> object:
    """Return a value for people, each row having a type of its own; texts as they are, off tables all but lists."""
    from crmcli.output.cells import people

    if row["type"] == "text" or (form != "table" and not isinstance(row[key], list)):
        return row[key]
    session = current()
    return people(row[key], row["type"], currency=row["currency"], locale=session.locale, zone=session.zone)


def _write(
    columns: tuple[tuple[str, str, str], ...], rows: Iterable[Mapping[str, Any]], noun: str, output: str | None
) -> None:
    from crmcli.output.tables import Column, Table, write_table

    table = Table(tuple(Column(*column) for column in columns), rows, noun=noun)
    write_table(table, current().streams, output, output_options())
