"""Notes that other use cases write on the way: why a deal moved, what a conversion left aside."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmcli.services.invariants.links import Link, link_rows

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def add_note(writer: "Writer", text: str, links: Sequence[Link], subject: str | None = None) -> int:
    """Store a note on records, the main one first, inside an open write and return its id."""
    values = {"kind": "note", "subject": subject, "body": text, "links": link_rows(links)}
    return writer.create("interaction", values).id
