"""What a person has consented to: the state of each purpose and channel spoken of, and the ledger behind it."""

import sqlite3
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.consents import ANY, state_sql
from crmcli.queries.card_parts import Listed, Part, read_part
from crmcli.queries.columns import Shown
from crmcli.queries.references import title_of
from crmcli.store.reader import fetch

_SPOKEN_OF = (
    "SELECT DISTINCT purpose, channel FROM consent WHERE subject_id = ? AND purpose IS NOT NULL AND deleted_at IS NULL"
    " ORDER BY purpose, channel = 'any' DESC, channel"
)
_STATE_COLUMNS = tuple(Shown(key, key.capitalize(), "text") for key in ("purpose", "channel", "state"))
_LEDGER = Listed(
    "ledger", "Ledger", "consent", "r.subject_id = :owner", "occurred_at",
    ("occurred_at", "purpose", "channel", "action", "basis", "origin", "notice_version", "text_shown", "created_by"),
    limit=-1,
)  # fmt: skip


class Consents(NamedTuple):
    """What is known of a person's consents; ``subject`` is None when there was never any word of it."""

    ref: str
    title: str
    subtitle: str
    subject: int | None
    parts: tuple[Part, ...]

    def document(self) -> dict[str, object]:
        """Return everything as one JSON object."""
        return {"ref": self.ref, "name": self.title, **{part.key: part.rows for part in self.parts}}


def ledger(con: sqlite3.Connection, entity: str, record_id: int) -> Consents:
    """Return the consents of the person that a lead or contact is about."""
    kind = ENTITIES[entity]
    (subject,) = con.execute(f"SELECT subject_id FROM {kind.table} WHERE id = ?", (record_id,)).fetchone()
    rows = [] if subject is None else _states(con, subject)
    states = Part("Consents", "consents", _STATE_COLUMNS, rows, len(rows), "states")
    events = read_part(con, _LEDGER, {"owner": subject or 0})
    subtitle = f"{kind.label.lower()} {kind.ref(record_id)}" + ("" if rows else " · never asked")
    return Consents(kind.ref(record_id), title_of(con, entity, record_id), subtitle, subject, (states, events))


def _states(con: sqlite3.Connection, subject: int) -> list[dict[str, object]]:
    """Return the state of every purpose as a whole and by each channel that was named, in that order."""
    found: list[dict[str, object]] = []
    for row in fetch(con, _SPOKEN_OF, (subject,)):
        whole = {"purpose": row["purpose"], "channel": ANY}
        if whole not in [{"purpose": one["purpose"], "channel": one["channel"]} for one in found]:
            found.append(whole | {"state": _state(con, subject, row["purpose"])})
        if row["channel"] != ANY:
            state = _state(con, subject, row["purpose"], row["channel"])
            found.append({"purpose": row["purpose"], "channel": row["channel"], "state": state})
    return found


def _state(con: sqlite3.Connection, subject: int, purpose: str, channel: str = "") -> str:
    state: str = con.execute(f"SELECT {state_sql(':subject', purpose, channel)}", {"subject": subject}).fetchone()[0]
    return state
