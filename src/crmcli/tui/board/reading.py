"""What a board reads of the store: its lanes, and of each the cards in sight. Blocks; called in threads."""

import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

from crmcli import clock
from crmcli.domain.zones import local_date
from crmcli.errors import RefusedError
from crmcli.queries.board import KINDS, Board, Lane, read_cards, read_lanes
from crmcli.queries.config_keys import default_pipeline
from crmcli.tui.board.cards import Card, Look, card_of
from crmcli.tui.board.lane import PAGE
from crmcli.tui.desk import Desk

_NAMES = {"ticket": "Tickets", "lead": "Leads"}


class Sight(NamedTuple):
    """A board as it was read. ``total`` counts its records without the condition; ``cards`` are by lane and place."""

    board: Board
    name: str
    lanes: list[Lane]
    cards: Mapping[int | str, Mapping[int, Card]]
    total: int


def read_board(desk: Desk, entity: str, condition: str, depths: Mapping[int | str, int]) -> Sight:
    """Return a board and the first cards of each lane, as many as were in sight; ConditionError for a wrong condition.

    ``depths`` are the places of the last cards that are shown now, by lane.
    """

    def work(con: sqlite3.Connection) -> Sight:
        pipeline, name = _pipeline(con, desk) if entity == "deal" else (None, _NAMES[entity])
        board = Board(KINDS[entity], pipeline, desk.condition(con, condition, entity))
        lanes = read_lanes(con, board)
        look = _look(desk)
        cards = {
            lane.key: _cards(con, board, lane.key, 0, max(PAGE, depths.get(lane.key, 0) + 1), look) for lane in lanes
        }
        everything = lanes if board.where is None else read_lanes(con, board._replace(where=None))
        return Sight(board, name, lanes, cards, sum(lane.records for lane in everything))

    return desk.read(work)


def read_page(desk: Desk, sight: Sight, lane: int | str, offset: int, count: int) -> dict[int, Card]:
    """Return further cards of a lane by their place."""
    look = _look(desk)
    return desk.read(lambda con: _cards(con, sight.board, lane, offset, count, look))


def _cards(
    con: sqlite3.Connection, board: Board, lane: int | str, offset: int, count: int, look: Look
) -> dict[int, Card]:
    rows = read_cards(con, board, lane, offset, count)
    return {place: card_of(board.kind.entity, row, look) for place, row in enumerate(rows, start=offset)}


def _look(desk: Desk) -> Look:
    settings = desk.settings
    return Look(settings.locale, settings.timezone, local_date(clock.now_text(), settings.timezone))


def _pipeline(con: sqlite3.Connection, desk: Desk) -> tuple[int, str]:
    found = default_pipeline(con, desk.settings.pipeline)
    if found is None:
        raise RefusedError("there is no pipeline", hint="crm pipeline add")
    return found, str(con.execute("SELECT name FROM pipeline WHERE id = ?", [found]).fetchone()[0])
