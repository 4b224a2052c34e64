"""The ledger of consents inside an open write: events are added for persons, and told to rules where they count.

What the ledger says in the end is told by ``domain.consents``.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.domain.consents import RAISED
from crmcli.services.subjects import Record

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_DECIDING = (  # of its channel, counting what is said of all channels, nothing later says anything else
    "SELECT c.subject_id, c.action, NOT EXISTS (SELECT 1 FROM consent o WHERE o.subject_id = c.subject_id"
    " AND o.purpose = c.purpose AND o.channel IN (c.channel, 'any') AND o.action <> 'notice_read' AND o.id <> c.id"
    " AND (o.occurred_at > c.occurred_at OR (o.occurred_at = c.occurred_at AND o.action <> 'grant')"
    " AND c.action = 'grant')) AS decides FROM consent c WHERE c.id = ?"
)
_SAID = (
    "SELECT action, occurred_at FROM consent WHERE subject_id = ? AND purpose = ? AND channel = ?"
    " AND action <> 'notice_read' ORDER BY occurred_at DESC, action = 'grant', id DESC"
)
_ABOUT = (
    "SELECT entity, id FROM (SELECT 0 AS turn, 'contact' AS entity, id FROM contact"
    " WHERE subject_id = ?1 AND deleted_at IS NULL UNION ALL SELECT 1, 'lead', id FROM lead"
    " WHERE subject_id = ?1 AND deleted_at IS NULL) ORDER BY turn, id LIMIT 1"
)


class Happened(NamedTuple):
    """What an event of the ledger means for others: the record it is about, and what it is called there."""

    record: Record
    event: str


def add_events(writer: "Writer", records: Sequence[Record], events: Sequence[Mapping[str, Any]]) -> None:
    """Record events for the persons of leads and contacts, several records of one person counting once."""
    subjects = dict.fromkeys(writer.subjects.of(one) for one in records)
    for subject in subjects:
        for values in events:
            writer.create("consent", {**values, "subject": subject})


def add_unknown(writer: "Writer", record: Record, events: Sequence[Mapping[str, Any]]) -> bool:
    """Record those events for the person of a record that the ledger does not hold yet; return whether there were any.

    An event without a time is known when one of the same purpose, channel and action is the last word on them.
    """
    subject = writer.subjects.of(record)
    fresh = [event for event in events if not _is_known(writer, subject, event)]
    for event in fresh:
        writer.create("consent", {**event, "subject": subject})
    return bool(fresh)


def _is_known(writer: "Writer", subject: int, event: Mapping[str, Any]) -> bool:
    at = event["occurred_at"]
    found = writer.all(_SAID, subject, event["purpose"], event["channel"])
    if at is None:
        return bool(found) and found[0]["action"] == event["action"]
    return any((row["action"], row["occurred_at"]) == (event["action"], at) for row in found)


def happened(writer: "Writer", consent_id: int) -> Happened | None:
    """Return what an event just recorded means for rules; None when it decides nothing, or nobody is there.

    A grant that an earlier record of a later withdrawal beats decides nothing. A contact comes before leads.
    """
    found = writer.one(_DECIDING, consent_id)
    if not found or not found["decides"] or found["action"] not in RAISED:
        return None
    about = writer.one(_ABOUT, found["subject_id"])
    return Happened((about["entity"], about["id"]), RAISED[found["action"]]) if about else None
