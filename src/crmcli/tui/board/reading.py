"""What a board reads of the store: its lanes, and of each the cards in sight. Blocks; called in threads."""

import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

from crmcli import clock
from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause
from crmcli.domain.zones import local_date
from crmcli.errors import RefusedError
from crmcli.queries.board import KINDS, Board, Lane, read_bands, read_cards, read_lanes
from crmcli.queries.config_keys import default_pipeline
from crmcli.queries.records import ListQuery, list_records
from crmcli.tui.board.bands import Band, Layout, layout_of, plain
from crmcli.tui.board.cards import Card, Look, card_of, heading_of
from crmcli.tui.board.lane import PAGE
from crmcli.tui.desk import Desk

_NAMES = {"ticket": "Tickets", "lead": "Leads"}


class Sight(NamedTuple):
    """A board as it was read. ``total`` counts its records without the condition; ``cards`` are by lane and place.

    ``bands`` are those that its cards stand in, where they are grouped.
    """

    board: Board
    name: str
    lanes: list[Lane]
    cards: Mapping[int | str, Mapping[int, Card]]
    total: int
    bands: list[Band]

    def layout(self, lane: Lane) -> Layout:
        """Return where the cards of a lane stand."""
        return layout_of(self.bands, lane.key) if self.bands else plain(lane.records)


class Wanted(NamedTuple):
    """What is to be seen of a board: a condition, the name of the view it is from, one of the groups of its kind.

    Of deals the key of a pipeline too, empty for the usual one.
    """

    condition: str = ""
    view: str = ""
    group: str = ""
    pipeline: str = ""


class View(NamedTuple):
    """A view that was saved: its name and condition."""

    name: str
    condition: str


def read_board(desk: Desk, entity: str, wanted: Wanted, depths: Mapping[int | str, int]) -> Sight:
    """Return a board and the first cards of each lane, as many as were in sight; ConditionError for a wrong condition.

    ``depths`` are the places of the last cards that are shown now, by lane.
    """

    def work(con: sqlite3.Connection) -> Sight:
        pipeline, name = _pipeline(con, desk, wanted.pipeline) if entity == "deal" else (None, _NAMES[entity])
        board = Board(KINDS[entity], pipeline, desk.condition(con, wanted.condition, entity), wanted.group)
        lanes = read_lanes(con, board)
        look = _look(desk)
        cards = {
            lane.key: _cards(con, board, lane.key, 0, max(PAGE, depths.get(lane.key, 0) + 1), look) for lane in lanes
        }
        everything = lanes if board.where is None else read_lanes(con, board._replace(where=None))
        return Sight(board, name, lanes, cards, sum(lane.records for lane in everything), _bands(con, board))

    return desk.read(work)


def read_views(desk: Desk, entity: str) -> list[View]:
    """Return the saved views of a kind of record, pinned ones first."""
    where = Clause("r.entity = :entity", {"entity": entity})
    query = ListQuery(where, sort="-pinned,name", columns=("name", "condition"))
    rows = desk.read(lambda con: list(list_records(con, ENTITIES["view"], query).rows))
    return [View(str(row["name"]), str(row["condition"] or "")) for row in rows]


def read_pipelines(desk: Desk) -> list[tuple[str, str]]:
    """Return the keys and names of the pipelines."""
    query = ListQuery(None, sort="-is_default,name", columns=("key", "name"))
    rows = desk.read(lambda con: list(list_records(con, ENTITIES["pipeline"], query).rows))
    return [(str(row["key"]), str(row["name"])) for row in rows]


def read_page(desk: Desk, sight: Sight, lane: int | str, offset: int, count: int) -> dict[int, Card]:
    """Return further cards of a lane by their place."""
    look = _look(desk)
    return desk.read(lambda con: _cards(con, sight.board, lane, offset, count, look))


def _cards(
    con: sqlite3.Connection, board: Board, lane: int | str, offset: int, count: int, look: Look
) -> dict[int, Card]:
    rows = read_cards(con, board, lane, offset, count)
    return {place: card_of(board.kind.entity, row, look) for place, row in enumerate(rows, start=offset)}


def _bands(con: sqlite3.Connection, board: Board) -> list[Band]:
    if not board.group:
        return []
    field = ENTITIES[board.kind.entity].fields[board.group.removeprefix("-")]
    return [Band(heading_of(field, row), counts) for row, counts in read_bands(con, board)]


def _look(desk: Desk) -> Look:
    settings = desk.settings
    return Look(settings.locale, settings.timezone, local_date(clock.now_text(), settings.timezone))


def _pipeline(con: sqlite3.Connection, desk: Desk, key: str) -> tuple[int, str]:
    found = default_pipeline(con, key or desk.settings.pipeline)
    if found is None:
        raise RefusedError("there is no pipeline", hint="crm pipeline add")
    return found, str(con.execute("SELECT name FROM pipeline WHERE id = ?", [found]).fetchone()[0])
