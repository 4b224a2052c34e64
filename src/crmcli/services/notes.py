"""Notes that other use cases write on the way: why a deal moved, what a conversion left aside."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def add_note(writer: "Writer", text: str, links: Sequence[tuple[str, int]], subject: str | None = None) -> int:
    """Store a note on records, given as (entity, id) with the main one first, and return its id."""
    rows = [
        {"entity": entity, "record_id": record_id, "is_main": int(number == 0), "role": None}
        for number, (entity, record_id) in enumerate(links)
    ]
    return writer.create("interaction", {"kind": "note", "subject": subject, "body": text, "links": rows}).id
