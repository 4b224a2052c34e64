"""What the screen of a record reads: its card, and a page for each kind of thing that belongs to it. Blocks."""

import sqlite3
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.output.cells import people
from crmcli.queries.card_parts import Part
from crmcli.queries.cards import Sheet, sheet
from crmcli.queries.columns import Shown
from crmcli.queries.history import FieldChange, history_of
from crmcli.tui.desk import Desk, Record

_TIMELINE = 500  # entries
_CHANGES = (
    Shown("at", "When", "instant"),
    Shown("who", "Who", "text"),
    Shown("label", "Field", "text"),
    Shown("old", "Before", "text"),
    Shown("new", "After", "text"),
    Shown("command", "Command", "text"),
)


class Dossier(NamedTuple):
    """A record with all its pages, in the order of the tabs."""

    sheet: Sheet
    parts: tuple[Part, ...]


def read_dossier(desk: Desk, record: Record) -> Dossier:
    """Return everything about a record; NotFoundError when there is none."""

    def work(con: sqlite3.Connection) -> Dossier:
        kind = ENTITIES[record.entity]
        found = sheet(con, kind, record.id, timeline=_TIMELINE)
        changes = [_shown(desk, change) for change in history_of(con, kind, record.id)]
        history = Part("History", "changes", _CHANGES, changes, len(changes), "history")
        return Dossier(found, tuple(part for part in (*found.sections, history) if part.rows))

    return desk.read(work)


def _shown(desk: Desk, change: FieldChange) -> dict[str, object]:
    settings = desk.settings

    def text(value: object) -> str:
        return people(value, change.type, currency=change.currency, locale=settings.locale, zone=settings.timezone)

    return {
        "at": change.at, "who": change.who, "label": change.label or change.action, "old": text(change.old),
        "new": text(change.new), "command": change.command,
    }  # fmt: skip
