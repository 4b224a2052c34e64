"""When the day of a next contact was chosen: it counts until somebody is in contact after that.

The day that counts is reckoned on reading, so it holds after whatever became of the interactions.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crmcli.clock import stored
from crmcli.domain.doubts import doubt_of
from crmcli.services.drafts import Draft

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_DAY = "next_contact_on"
_MOMENT = "next_contact_set_at"


def settle_next_contact(draft: Draft, writer: "Writer") -> None:
    """Keep since when a chosen day counts; a file that tells the day that counts already chooses none."""
    record = draft.record
    if _DAY not in draft.given:
        return
    if draft.intent == "import" and draft.before and record[_DAY] == _read(draft, writer, _DAY):
        record[_DAY] = draft.before[_DAY]
        return
    record[_MOMENT] = None if record[_DAY] is None else _now(draft, writer)
    if record[_DAY] and not draft.intent and (doubt := doubt_of(record[_DAY], "", writer.now, writer.zone)):
        writer.warn(f"next contact {doubt}")


def _now(draft: Draft, writer: "Writer") -> str:
    """Return the present, but after the last contact: what was said in the same second came before."""
    last = _read(draft, writer, "last_contacted_at") if draft.before else None
    if last != writer.now:
        return writer.now
    return stored(datetime.fromisoformat(writer.now) + timedelta(seconds=1))


def _read(draft: Draft, writer: "Writer", key: str) -> str | None:
    """Return a field of the stored record as it is read."""
    kind = draft.entity
    row = writer.one(f"SELECT {kind.fields[key].sql} AS found FROM {kind.table} r WHERE r.id = ?", draft.id)
    found: str | None = row["found"] if row else None
    return found
