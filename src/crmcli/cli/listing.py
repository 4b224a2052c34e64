"""Lists of records, the same for every noun: condition, saved view, order, columns, window, format.

Command modules offer the options and call ``list_command``; which records and cells there are is up to ``queries``.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from crmcli.catalogue import ENTITIES
from crmcli.cli.finding import acting_user
from crmcli.cli.inputs import split_list
from crmcli.cli.session import current
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.conditions.expression import Clause
    from crmcli.domain.schema import Entity
    from crmcli.output.tables import Options
    from crmcli.queries.columns import Shown
    from crmcli.queries.records import ListQuery


class Listing(NamedTuple):
    """The options of a list, as given. ``base`` is a condition of the command itself, such as open tickets only."""

    where: str | None = None
    view: str | None = None
    sort: str | None = None
    columns: str | None = None
    limit: int | None = None
    offset: int = 0
    output: str | None = None
    exit_code: bool = False
    base: "Clause | None" = None


def list_command(entity: str, listing: Listing) -> None:
    """Write the records of a kind that the options ask for; exit 1 when there are none and that was asked for."""
    query = _query(entity, listing)
    if not write_query(entity, query, listing.output) and listing.exit_code:
        raise typer.Exit(1)


def write_query(entity: str, query: "ListQuery", output: str | None = None, *, kind: "Entity | None" = None) -> int:
    """Write the records of a query, on a terminal as many as the settings say, and return how many were written.

    ``kind`` is the entity where it is read otherwise than today's records, as they were at a moment.
    """
    from crmcli.output.tables import Table, choose_format, write_table
    from crmcli.queries.records import default_columns, list_records

    session, kind = current(), kind or ENTITIES[entity]
    format_name = choose_format(output, session.streams)
    if not query.columns:
        query = query._replace(columns=default_columns(kind, machine=format_name in ("json", "jsonl")))
    if query.limit is None and format_name == "table" and session.streams.is_terminal:
        query = query._replace(limit=session.settings.rows)
    page = list_records(session.reader(), kind, query)
    table = Table(_columns(page.columns), page.rows, None, query.offset, kind.plural, choosable=True)
    if query.limit is not None:
        rows = page.whole
        table = table._replace(rows=rows, total=page.total if len(rows) == query.limit else None)
    return write_table(table, session.streams, output, output_options())


def write_rows(kind: "Entity", rows: Iterable[Mapping[str, object]], output: str | None) -> int:
    """Write presented records by the default columns of their kind."""
    from crmcli.output.tables import Column, Table, write_table

    known = kind.fields
    columns = tuple(Column(key, known[key].label, known[key].type) for key in kind.columns)
    return write_table(Table(columns, rows, noun=kind.plural), current().streams, output, output_options())


def output_options() -> "Options":
    """Return how this user wants values shown."""
    from crmcli.output.tables import Options

    session = current()
    return Options(session.locale, session.zone, pager=not session.no_pager)


def matching_ids(entity: str, where: str) -> list[int]:
    """Return the ids of the live records that meet a condition, oldest first."""
    table, clause = ENTITIES[entity].table, compile_clause(entity, where)
    sql = f"SELECT r.id FROM {table} r WHERE r.deleted_at IS NULL AND {clause.sql} ORDER BY r.id"  # a table of ours
    rows = current().reader().execute(sql, dict(clause.parameters))
    return [row[0] for row in rows]


def compile_clause(entity: str, where: str, prefix: str = "c") -> "Clause":
    """Return a condition as SQL over alias ``r``; ConditionError when it means nothing."""
    from crmcli.conditions.condition import compile as compile_condition
    from crmcli.queries.fields import entity_with_custom
    from crmcli.queries.scope import make_scope

    session = current()
    con = session.reader()
    scope = make_scope(con, session.zone, session.locale, acting_user(), session.settings.country)
    return compile_condition(where, entity_with_custom(con, entity), scope).clause(prefix)


def all_of(clauses: Sequence["Clause | None"]) -> "Clause | None":
    """Return the conjunction of clauses, whose parameters must not share names; None of none."""
    from crmcli.conditions.expression import Clause

    given = [clause for clause in clauses if clause is not None]
    if not given:
        return None
    parameters = {name: value for clause in given for name, value in clause.parameters.items()}
    return Clause(" AND ".join(f"({clause.sql})" for clause in given), parameters)


def _query(entity: str, listing: Listing) -> "ListQuery":
    from crmcli.queries.records import ListQuery

    view = {} if listing.view is None else _view(entity, listing.view)
    where = None if listing.where is None else compile_clause(entity, listing.where)
    seen = compile_clause(entity, str(view["condition"]), "v") if view.get("condition") else None
    return ListQuery(
        where=all_of([listing.base, where, seen]),
        sort=listing.sort or str(view.get("sort") or ""),
        columns=split_list(listing.columns) or tuple(view.get("columns") or ()),
        limit=listing.limit,
        offset=listing.offset,
    )


def _view(entity: str, name: str) -> dict[str, Any]:
    from crmcli.cli.finding import find_id
    from crmcli.queries.records import get_record

    view: dict[str, Any] = get_record(current().reader(), ENTITIES["view"], find_id("view", name)) or {}
    if view.get("entity") != entity:
        other = ENTITIES[str(view["entity"])]
        raise UsageError(f"the view {name!r} is of {other.plural}", hint=f"crm {other.noun} list --view {name}")
    return view


def _columns(shown: Sequence["Shown"]) -> tuple[Any, ...]:
    from crmcli.output.tables import Column

    return tuple(Column(*column) for column in shown)
