"""Whom a message goes to, and whether they may be written to: asked when a rule acts, and again when it is sent.

A ban that is told in one record holds for its address, whoever else has it. People outside are sent nothing without
their consent to its purpose, and what one of those at an address has withdrawn, all of them have: only what is a
service needs no consent, until they object. How many messages may go out stands in ``limits``.
"""

import sqlite3
from typing import NamedTuple

from crmcli.domain.consents import GRANTED, WITHDRAWN, state_sql
from crmcli.domain.emails import UndeliverableError, deliverable
from crmcli.domain.phones import normalise
from crmcli.rules.action_keys import MARKETING, SERVICE
from crmcli.store.reader import fetch, fetch_one

NO_ADDRESS, UNDELIVERABLE, BOUNCED, NO_CONSENT = "no_address", "undeliverable", "bounced", "no_consent"
_BANS = {"email": "do_not_email", "phone": "do_not_call"}  # of leads and contacts, by what they are reached at
_OWN = "SELECT handle, email FROM app_user WHERE fold(handle) = fold(?) AND deleted_at IS NULL"
_USER = "SELECT 1 FROM app_user WHERE fold(email) = fold(?) AND is_active = 1 AND deleted_at IS NULL"
_HAVING = (
    "contact_point p JOIN {table} r ON r.id = p.record_id AND p.entity = '{table}'"
    " WHERE p.kind = :kind AND p.value_norm = :address AND r.deleted_at IS NULL"
)
_PERSON = " UNION ALL ".join(
    f"SELECT 1 FROM {_HAVING.format(table=table)}" for table in ("lead", "contact", "organization")
)
_BAN = " UNION ALL ".join(
    f"SELECT 1 FROM {_HAVING.format(table=table)} AND r.{{ban}} = 1" for table in ("lead", "contact")
)
_SUBJECTS = " UNION ".join(
    f"SELECT r.subject_id FROM {_HAVING.format(table=table)} AND r.subject_id IS NOT NULL"
    for table in ("lead", "contact")
)
_CHANNELS = {"email": "email", "phone": "sms"}  # of consent, by what they are reached at
_DEAD = "('hard_bounce', 'invalid')"
_BOUNCE = (
    f"SELECT 1 FROM {_HAVING.format(table='contact')} AND p.is_primary = 1 AND p.kind = 'email'"
    f" AND r.email_status IN {_DEAD}"
    f" UNION ALL SELECT 1 FROM contact_point WHERE kind = :kind AND value_norm = :address AND status IN {_DEAD}"
)


class Recipient(NamedTuple):
    """Who gets a message, and for what purpose; users need none.

    ``to`` is an e-mail address or a phone number (E.164) in normal form, empty when there is none.
    """

    to: str
    purpose: str

    @property
    def kind(self) -> str:
        """What they are reached at: ``email`` or ``phone``."""
        return "email" if "@" in self.to else "phone"


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
    found = Recipient(address, outside)
    is_user = not _holds(con, _PERSON, found) and fetch_one(con, _USER, (address,)) is not None
    return found._replace(purpose="") if is_user else found


def find_phone(to: str, country: str, purpose: str = "") -> Recipient:
    """Return whom a phone number means; numbers without ``+`` belong to the country. ValueError when it is none."""
    outside = purpose or MARKETING
    if not to.strip():
        return Recipient("", outside)
    number = normalise(to, country).e164
    if number is None:
        raise UndeliverableError(f"{to!r} is not a phone number")
    return Recipient(number, outside)


def objection(con: sqlite3.Connection, recipient: Recipient) -> str:
    """Return why somebody may not be written to, empty when they may: a stable word."""
    if not recipient.to:
        return NO_ADDRESS
    if not recipient.purpose:
        return ""
    ban = _BANS[recipient.kind]
    if _holds(con, _BAN.format(ban=ban), recipient):
        return ban
    if _holds(con, _BOUNCE, recipient):
        return BOUNCED
    return _lack_of_consent(con, recipient)


def _lack_of_consent(con: sqlite3.Connection, recipient: Recipient) -> str:
    """Return that there is no consent, empty when somebody at the address has given theirs and nobody withdrawn it."""
    channel = _CHANNELS[recipient.kind]
    state = state_sql("s.subject_id", recipient.purpose, channel)
    asked = {"address": recipient.to, "kind": recipient.kind}
    states = {row["state"] for row in fetch(con, f"SELECT {state} AS state FROM ({_SUBJECTS}) s", asked)}
    allowed = recipient.purpose == SERVICE or GRANTED in states
    return "" if allowed and WITHDRAWN not in states else NO_CONSENT


def _holds(con: sqlite3.Connection, sql: str, recipient: Recipient) -> bool:
    asked = {"address": recipient.to, "kind": recipient.kind}
    return fetch_one(con, f"SELECT 1 AS found WHERE EXISTS ({sql})", asked) is not None
