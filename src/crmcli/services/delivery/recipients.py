"""Whom a message goes to, and whether they may be written to: asked when a rule acts, and again when it is sent.

A ban that is told in one record holds for its address, whoever else has it. Without a consent nobody outside is sent
marketing; and as this store keeps no consents yet, nobody is. How many messages may go out stands in ``limits``.
"""

import sqlite3
from typing import NamedTuple

from crmcli.domain.emails import deliverable
from crmcli.store.reader import fetch_one

MARKETING, SERVICE = "marketing", "service"
PURPOSES = (MARKETING, "newsletter", SERVICE)
NO_ADDRESS, BANNED, BOUNCED, NO_CONSENT = "no_address", "do_not_email", "bounced", "no_consent"
_OWN = "SELECT handle, email FROM app_user WHERE fold(handle) = fold(?) AND deleted_at IS NULL"
_USER = "SELECT 1 FROM app_user WHERE fold(email) = fold(?) AND is_active = 1 AND deleted_at IS NULL"
_HAVING = (
    "contact_point p JOIN {table} r ON r.id = p.record_id AND p.entity = '{table}'"
    " WHERE p.kind = 'email' AND p.value_norm = :address AND r.deleted_at IS NULL"
)
_PERSON = " UNION ALL ".join(
    f"SELECT 1 FROM {_HAVING.format(table=table)}" for table in ("lead", "contact", "organization")
)
_BAN = " UNION ALL ".join(
    f"SELECT 1 FROM {_HAVING.format(table=table)} AND r.do_not_email = 1" for table in ("lead", "contact")
)
_DEAD = "('hard_bounce', 'invalid')"
_BOUNCE = (
    f"SELECT 1 FROM {_HAVING.format(table='contact')} AND p.is_primary = 1 AND r.email_status IN {_DEAD}"
    f" UNION ALL SELECT 1 FROM contact_point WHERE kind = 'email' AND value_norm = :address AND status IN {_DEAD}"
)


class Recipient(NamedTuple):
    """Who gets a message: a normal address, empty when there is none, and for what purpose; users need none."""

    address: str
    purpose: str


def find_recipient(con: sqlite3.Connection, to: str, purpose: str = "") -> Recipient:
    """Return whom a text means, the handle of a user or one address; ValueError when it is neither.

    People outside are written to for marketing unless another purpose is named.
    """
    outside = purpose or MARKETING
    if not to.strip():
        return Recipient("", outside)
    if "@" not in to:
        user = fetch_one(con, _OWN, (to.strip(),))
        if user is None:
            raise ValueError(f"{to!r} is neither an e-mail address nor a user")
        return Recipient(deliverable(user["email"]) if user["email"] else "", "")
    address = deliverable(to)
    is_user = not _holds(con, _PERSON, address) and fetch_one(con, _USER, (address,)) is not None
    return Recipient(address, "" if is_user else outside)


def objection(con: sqlite3.Connection, recipient: Recipient) -> str:
    """Return why somebody may not be written to, empty when they may: a stable word."""
    address = recipient.address
    if not address:
        return NO_ADDRESS
    if not recipient.purpose:
        return ""
    if _holds(con, _BAN, address):
        return BANNED
    if _holds(con, _BOUNCE, address):
        return BOUNCED
    return "" if recipient.purpose == SERVICE else NO_CONSENT


def _holds(con: sqlite3.Connection, sql: str, address: str) -> bool:
    return fetch_one(con, f"SELECT 1 AS found WHERE EXISTS ({sql})", {"address": address}) is not None
