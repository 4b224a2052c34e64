"""When something can have happened: not in the future."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crmcli.clock import stored
from crmcli.domain.zones import wall_shown
from crmcli.services.drafts import Draft

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_TOLERANCE = timedelta(minutes=5)  # clocks of two machines differ


def check_past(draft: Draft, writer: "Writer", *columns: str) -> None:
    """Refuse an instant of something that happened when it lies ahead by more than five minutes."""
    for column in columns:
        value = draft.record[column]
        is_ahead = bool(value) and value > writer.now and draft.changed(column)
        if is_ahead and value > stored(datetime.fromisoformat(writer.now) + _TOLERANCE):
            draft.refuse(column, f"{wall_shown(value, writer.zone)} is in the future")
