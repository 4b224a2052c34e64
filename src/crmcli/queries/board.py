"""Boards: records in lanes, deals by stage, tickets and leads by status, with what each lane holds and adds up to.

Only as many records of a lane are read as are looked at; what a lane adds up to is computed by the store.
"""

import sqlite3
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause
from crmcli.domain.enums import label, values
from crmcli.queries.amounts import ADDED, Sum, add_up
from crmcli.queries.records import ListQuery, list_records, order_of


class Kind(NamedTuple):
    """What stands on a board. ``column`` tells the lane of a record, ``base`` (SQL over ``r``) what stands there.

    ``groups`` are the columns by which the cards of every lane can be put together, with ``-`` the other way round.
    """

    entity: str
    column: str
    base: str
    columns: tuple[str, ...]
    sort: str
    groups: tuple[str, ...]
    has_amounts: bool = False


KINDS = {
    "deal": Kind(
        "deal", "stage_id", "r.outcome = 'open' AND r.pipeline_id = :pipeline",
        ("name", "organization", "contact", "amount", "currency", "probability", "days_in_stage", "stage.rotting_days",
         "pipeline.rotting_days", "next_step", "next_step_due", "expected_close", "owner", "version"),
        "expected_close", ("owner",), has_amounts=True,
    ),
    "ticket": Kind(
        "ticket", "status", "r.status <> 'closed'",
        ("subject", "contact", "organization", "priority", "assignee", "opened_at", "resolution_due", "version"),
        "-priority,opened_at", ("assignee", "-priority"),
    ),
    "lead": Kind(
        "lead", "status", "r.status IN ('new', 'contacting', 'contacted', 'nurturing', 'qualified')",
        ("name", "company_name", "rating", "score", "source", "next_step", "next_step_due", "owner", "created_at",
         "version"),
        "-created_at", ("owner", "rating"),
    ),
}  # fmt: skip

_USUAL = {
    "ticket": ("new", "open", "waiting_customer", "on_hold", "resolved"),
    "lead": ("new", "contacting", "contacted", "nurturing", "qualified"),
}


class Lane(NamedTuple):
    """A lane: ``key`` is the id of a stage or a status, ``sums`` have the most used currency first."""

    key: int | str
    label: str
    records: int
    sums: tuple[Sum, ...] = ()


class Board(NamedTuple):
    """Which board is looked at: its kind, a pipeline (id) for deals, a condition that narrows it, one of its groups."""

    kind: Kind
    pipeline: int | None = None
    where: Clause | None = None
    group: str = ""


def read_lanes(con: sqlite3.Connection, board: Board) -> list[Lane]:
    """Return the lanes of a board in their order, empty ones too."""
    counts = _counts(con, board)
    return [Lane(key, label, *counts.get(key, (0, ()))) for key, label in _labels(con, board)]


def read_cards(
    con: sqlite3.Connection, board: Board, lane: int | str, offset: int, limit: int
) -> list[dict[str, object]]:
    """Return some records of a lane: presented values by the columns of the kind, with ref, id and version."""
    base = _condition(board)
    where = Clause(f"{base.sql} AND r.{board.kind.column} = :lane", {**base.parameters, "lane": lane})
    sort = ",".join(filter(None, (board.group, board.kind.sort)))
    query = ListQuery(where, sort=sort, columns=board.kind.columns, limit=limit, offset=offset)
    return list(list_records(con, ENTITIES[board.kind.entity], query).rows)


def read_bands(con: sqlite3.Connection, board: Board) -> list[tuple[dict[str, object], dict[int | str, int]]]:
    """Return the groups of a board in their order: of each a record, and how many there are in each lane."""
    condition, column, entity = _condition(board), board.kind.column, ENTITIES[board.kind.entity]
    name = board.group.removeprefix("-")
    sql = (
        f"SELECT {order_of(con, entity, name)} AS kin, r.{column}, COUNT(*), MIN(r.id) FROM {entity.table} r"
        f" WHERE r.deleted_at IS NULL AND {condition.sql} GROUP BY 1, 2"
        f" ORDER BY 1 {'DESC' if board.group.startswith('-') else 'ASC'} NULLS LAST"
    )
    groups: dict[object, dict[int | str, tuple[int, int]]] = {}
    for kin, lane, count, sample in con.execute(sql, condition.parameters):
        groups.setdefault(kin, {})[lane] = count, sample
    bands = []
    for lanes in groups.values():
        _, sample = next(iter(lanes.values()))
        query = ListQuery(Clause("r.id = :sample", {"sample": sample}), columns=(name,))
        row = next(iter(list_records(con, entity, query).rows))
        bands.append((row, {lane: count for lane, (count, _) in lanes.items()}))
    return bands


def _condition(board: Board) -> Clause:
    parameters: dict[str, Any] = {"pipeline": board.pipeline} if board.pipeline is not None else {}
    if board.where is None:
        return Clause(board.kind.base, parameters)
    return Clause(f"{board.kind.base} AND ({board.where.sql})", {**parameters, **board.where.parameters})


def _labels(con: sqlite3.Connection, board: Board) -> list[tuple[int | str, str]]:
    if board.kind.column == "stage_id":
        sql = (
            "SELECT id, name FROM stage WHERE pipeline_id = ? AND kind = 'open' AND deleted_at IS NULL"
            " ORDER BY position, id"
        )
        return [(row[0], row[1]) for row in con.execute(sql, [board.pipeline])]
    name = ENTITIES[board.kind.entity].fields["status"].enum
    usual = _USUAL[board.kind.entity]
    return [(one, label(name, one)) for one in values(name) if one in usual]


def _counts(con: sqlite3.Connection, board: Board) -> dict[int | str, tuple[int, tuple[Sum, ...]]]:
    condition, column = _condition(board), board.kind.column
    table = ENTITIES[board.kind.entity].table
    where = f"r.deleted_at IS NULL AND {condition.sql}"
    if not board.kind.has_amounts:
        sql = f"SELECT r.{column}, COUNT(*) FROM {table} r WHERE {where} GROUP BY 1"
        return {lane: (count, ()) for lane, count in con.execute(sql, condition.parameters)}
    lanes: dict[int | str, list[tuple[Any, ...]]] = {}
    for lane, *sums in con.execute(
        f"SELECT r.{column}, {ADDED} FROM {table} r WHERE {where} GROUP BY 1, 2, 3", condition.parameters
    ):
        lanes.setdefault(lane, []).append(tuple(sums))
    added = {lane: tuple(add_up(rows)) for lane, rows in lanes.items()}
    return {lane: (sum(one.deals for one in sums), sums) for lane, sums in added.items()}
