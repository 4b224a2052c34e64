"""What the store knows of the items of a server: the text both sides last agreed on, and how far changes are known.

It is no business record: no undo takes it back, and it is no part of what is exported.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from crmcli.config.calendars import Synced
from crmcli.store.reader import fetch

_PUT = (
    "INSERT INTO sync_item (collection, href, etag, entity, uid, title, body, ours) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (entity, uid) DO UPDATE SET collection = excluded.collection, href = excluded.href,"
    " etag = excluded.etag, title = excluded.title, body = excluded.body, ours = excluded.ours"
)
_FORGET = "DELETE FROM sync_item WHERE collection = ? AND href = ?"
_COLLECTION = (
    "INSERT INTO sync_collection (name, url, token, at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (name) DO UPDATE SET url = excluded.url, token = excluded.token, at = excluded.at"
)

Statement = tuple[str, list[tuple[object, ...]]]


class Known(NamedTuple):
    """An item as it was when both sides agreed: ``body`` there, ``ours`` here, by component."""

    href: str
    etag: str
    entity: str
    uid: str
    title: str
    body: str
    ours: Mapping[str, str]

    @property
    def key(self) -> tuple[str, str]:
        """Entity and UID, which name it here."""
        return self.entity, self.uid


def token_of(con: sqlite3.Connection, account: Synced) -> str:
    """Return the mark from which on changes of a collection are asked for; empty for all there is."""
    sql = "SELECT token FROM sync_collection WHERE name = ? AND url = ?"
    row = con.execute(sql, (account.name, account.url)).fetchone()
    return (row[0] or "") if row else ""


def known_items(con: sqlite3.Connection, account: Synced) -> dict[str, Known]:
    """Return the items of a collection by address; none when the account has got another address since."""
    other = con.execute(
        "SELECT 1 FROM sync_collection WHERE name = ? AND url <> ?", (account.name, account.url)
    ).fetchone()
    if other:
        return {}
    sql = "SELECT href, etag, entity, uid, title, body, ours FROM sync_item WHERE collection = ? ORDER BY id"
    rows = fetch(con, sql, (account.name,))
    return {row["href"]: Known(**{**row, "ours": json.loads(row["ours"] or "{}")}) for row in rows}


def is_elsewhere(con: sqlite3.Connection, account: Synced, entity: str, uid: str) -> bool:
    """Say whether another account keeps a record in step."""
    sql = "SELECT 1 FROM sync_item WHERE entity = ? AND uid = ? AND collection <> ?"
    return con.execute(sql, (entity, uid, account.name)).fetchone() is not None


def put(account: Synced, items: Iterable[Known]) -> Statement:
    """Return the statement that keeps items, with its values."""
    return _PUT, [(account.name, *item[:6], json.dumps(dict(item.ours), sort_keys=True)) for item in items]


def forget(account: Synced, hrefs: Iterable[str]) -> Statement:
    """Return the statement that forgets items, with its values."""
    return _FORGET, [(account.name, href) for href in hrefs]


def forget_moved(account: Synced) -> list[Statement]:
    """Return the statements that forget everything of an account whose address is another one than it was."""
    moved = "SELECT name FROM sync_collection WHERE name = ? AND url <> ?"
    return [(f"DELETE FROM sync_item WHERE collection IN ({moved})", [(account.name, account.url)])]


def reached(account: Synced, token: str, now: str) -> Statement:
    """Return the statement that keeps how far the changes of a collection are known."""
    return _COLLECTION, [(account.name, account.url, token or None, now)]
