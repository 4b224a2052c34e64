"""Which configuration record a text names: a pipeline, stage, tag, custom field, view or user.

There are few of them, so all are read and compared in memory, by key first, then by name, then by other words.
"""

import sqlite3
from collections.abc import Callable
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.domain.naming import TEAM
from crmcli.domain.schema import Entity, did_you_mean, near_or_all
from crmcli.domain.text import fold, fold_key

_FEW = 8  # names, which a hint tells all
_WORDS = {  # expressions over alias r, the most exact first
    "pipeline": ("r.key", "r.name"),
    "stage": ("(SELECT p.key FROM pipeline p WHERE p.id = r.pipeline_id) || '/' || r.key", "r.key", "r.name"),
    "tag": ("r.name",),
    "custom_field": ("r.entity || '.' || r.key", "r.key", "r.label"),
    "view": ("r.key", "r.name"),
    "user": ("r.handle", "r.email", "r.name"),
    "target": (ENTITIES["target"].title,),
    "currency_rate": (ENTITIES["currency_rate"].title,),
    "ticket_comment": (),
    "subject": (),
    "consent": (),
}
_LOOSE = frozenset({"pipeline", "stage", "view"})  # named by labels too: "Closed/Won" is closed_won

_IN_TEAM = " r.team IS NOT NULL AND r.is_active = 1 AND r.deleted_at IS NULL"


def find_ids(con: sqlite3.Connection, entity: Entity, text: str, me: int | None) -> list[int]:
    """Return the ids of the live records that a text names by the most exact kind of word, else by number."""
    if entity.name == "user" and text.casefold() == "me":
        return [] if me is None else [me]
    if entity.name == "user" and text.casefold().startswith(TEAM):
        return _team(con, text[len(TEAM) :])
    same: Callable[[str], str] = fold_key if entity.name in _LOOSE else fold
    wanted = same(text)
    rows = _rows(con, entity)
    for place in range(len(_WORDS[entity.name])):
        if found := [row[0] for row in rows if row[place + 1] and same(row[place + 1]) == wanted]:
            return found
    if entity.name == "stage" and (found := _by_alias(con, wanted)):
        return found
    return [int(text)] if text.isdecimal() and len(text) <= 18 else []


def default_pipeline(con: sqlite3.Connection, preferred: str) -> int | None:
    """Return the pipeline of deals that name none: the preferred one, else the one marked so; None without any."""
    sql = "SELECT id FROM pipeline WHERE deleted_at IS NULL ORDER BY key = ? DESC, is_default DESC LIMIT 1"
    row = con.execute(sql, (preferred,)).fetchone()
    return row[0] if row else None


def near(con: sqlite3.Connection, entity: Entity, text: str) -> str | None:
    """Return a hint with the nearest names, or with all of them when they are few."""
    if entity.name == "user" and text.casefold() == "me":
        return "say who you are: crm config set user HANDLE, and crm user add HANDLE"
    if entity.name == "user" and text.casefold().startswith(TEAM):
        names = [TEAM + row[0] for row in con.execute("SELECT DISTINCT team FROM app_user r WHERE" + _IN_TEAM)]
    else:
        names = [str(row[1]) for row in _rows(con, entity) if len(row) > 1]
    return near_or_all(text, names) if len(names) <= _FEW else did_you_mean(text, names)


def _rows(con: sqlite3.Connection, entity: Entity) -> list[tuple[Any, ...]]:
    columns = ", ".join(("r.id", *_WORDS[entity.name]))
    sql = f"SELECT {columns} FROM {entity.table} r WHERE r.deleted_at IS NULL ORDER BY r.id"
    return con.execute(sql).fetchall()


def _team(con: sqlite3.Connection, name: str) -> list[int]:
    """Return the active users of a team."""
    sql = "SELECT r.id FROM app_user r WHERE fold(r.team) = fold(?) AND" + _IN_TEAM + " ORDER BY r.id"
    return [row[0] for row in con.execute(sql, (name.strip(),))]


def _by_alias(con: sqlite3.Connection, wanted: str) -> list[int]:
    """Return the stages that answer to another word, such as ``proposal`` for ``quote_sent``."""
    rows = con.execute(
        "SELECT DISTINCT r.id, a.value FROM stage r, json_each(COALESCE(r.aliases, '[]')) a"
        " WHERE r.deleted_at IS NULL ORDER BY r.id"
    )
    return list(dict.fromkeys(stage_id for stage_id, alias in rows if fold_key(str(alias)) == wanted))
