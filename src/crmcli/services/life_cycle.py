"""Phases of relationships given to customers as they were proposed. What is proposed is reckoned by the reports."""

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.services.results import Context, Result, Wanted
from crmcli.services.writer import Writer, write
from crmcli.store.reader import open_reader

CAUSE = "lifecycle"  # of the changes: by this a phase that was proposed is told from one that a person chose
_PHASE = "lifecycle_phase"


class Move(NamedTuple):
    """A customer that goes from one phase (None for none) to another."""

    id: int
    was: str | None
    phase: str


def move(context: Context, moves: Mapping[str, Sequence[Move]]) -> Result:
    """Give customers, by entity, their new phases in one undoable step; who was changed in the meantime stays."""

    def work(writer: Writer) -> None:
        with writer.caused_by(CAUSE):
            for entity, those in moves.items():
                standing = _standing(writer, entity, [one.id for one in those])
                wanted = [
                    Wanted({_PHASE: one.phase}, one.id, intent="derive")
                    for one in those
                    if one.id in standing and standing[one.id] == one.was
                ]
                if wanted:
                    writer.save_many(entity, wanted)

    return write(context, work)


def move_daily(context: Context) -> Result | None:
    """Give everybody the phase that is proposed, where the settings want it; None where they do not."""
    wanted = context.settings.lifecycle
    if context.phases is None or wanted is None or not wanted.daily:
        return None
    with closing(open_reader(context.store, context.settings.timezone)) as con:
        moves = context.phases(con)
    return move(context, moves)


def _standing(writer: Writer, entity: str, ids: Sequence[int]) -> dict[int, str | None]:
    rows = writer.all(
        f"SELECT id, {_PHASE} FROM {ENTITIES[entity].table} WHERE deleted_at IS NULL"
        " AND id IN (SELECT value FROM json_each(?))",
        json.dumps(list(ids)),
    )
    return {row["id"]: row[_PHASE] for row in rows}
