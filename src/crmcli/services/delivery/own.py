"""Mails of the program itself, which a person or the scheduler asked for and no rule: reminders, say.

Each stands in the outbox under a key, once. It is marked with a secret of this machine, so that a strange store cannot
have anything sent: who delivers asks whether a row is one of ours.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from crmcli.config.files import read_text
from crmcli.config.paths import Paths, ensure
from crmcli.errors import CrmError
from crmcli.formats.files import write_text
from crmcli.integrations.messages import Letter
from crmcli.services.messages.recipients import Recipient

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

MOST_ATTEMPTS = 3
_NAME = "outbox-mark"
_INSERT = (
    "INSERT INTO outbox (operation_id, rule_hash, kind, payload, key, status, attempts, max_attempts, created_at)"
    " VALUES (?, ?, 'email', ?, ?, 'pending', 0, ?, ?) ON CONFLICT (key) DO UPDATE SET"
    " operation_id = excluded.operation_id, rule_hash = excluded.rule_hash, payload = excluded.payload,"
    " status = 'pending', attempts = 0, not_before = NULL, last_error = NULL"
    " WHERE outbox.status IN ('failed', 'blocked', 'cancelled')"
)


def key_of(*parts: str) -> str:
    """Return the key of a mail, of what it is sent once for."""
    return hashlib.sha256("\0".join(parts).encode(errors="backslashreplace")).hexdigest()


def post(writer: "Writer", key: str, recipient: Recipient, letter: Letter, told: str) -> int:
    """Put a mail into the outbox and return the id of its row; one under that key that did not go out is replaced.

    ``told`` names the mail in messages to the user: ``the reminders to anna@example.com``.
    """
    if writer.context.paths is None:
        raise CrmError("there is no folder to keep the mark of the outbox in")
    values = {**recipient._asdict(), "subject": letter.subject, "text": letter.text, "html": letter.html}
    payload = json.dumps({"values": values, "told": told}, ensure_ascii=False)
    mark = _mark(_secret(writer.context.paths, create=True), key, payload)
    row = (writer.journal.begin(), mark, payload, key, MOST_ATTEMPTS, writer.now)
    writer.unit.execute(_INSERT, [row])
    found: Mapping[str, int] = writer.one("SELECT id FROM outbox WHERE key = ?", key) or {}
    return found["id"]


def is_ours(paths: Paths | None, key: str, payload: str, mark: str | None) -> bool:
    """Say whether a row of the outbox was put there by this program on this machine."""
    secret = _secret(paths) if paths else ""
    return bool(secret) and hmac.compare_digest(_mark(secret, key, payload), mark or "")


def _mark(secret: str, key: str, payload: str) -> str:
    return hmac.new(secret.encode(), f"{key}\0{payload}".encode(errors="backslashreplace"), "sha256").hexdigest()


def _secret(paths: Paths, *, create: bool = False) -> str:
    """Return the secret of this machine, empty where there is none yet."""
    place: Path = (ensure(paths.state) if create else paths.state) / _NAME
    try:
        return read_text(place).strip()
    except OSError:
        if not create:
            return ""
    write_text(place, os.urandom(32).hex() + "\n")
    return read_text(place).strip()
