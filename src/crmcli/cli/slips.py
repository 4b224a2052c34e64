"""A question before a date that is likely a slip is written: planned for the past, or for years ahead.

Asked where somebody can answer; elsewhere the write warns, and goes on.
"""

from collections.abc import Mapping
from typing import Any

from crmcli.cli.answers import agree
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked

_PLANNED = {
    "task": "due_at", "event": "start_at",
    "contact": "next_contact_on", "organization": "next_contact_on", "lead": "next_contact_on",
}  # fmt: skip
_OPEN = {"task": ("todo", "doing", "waiting"), "event": ("planned",)}  # in other states a time is no plan


def ask_about_slips(entity: str, values: Mapping[str, Any], asked: Asked) -> None:
    """Ask whether a strange time, a moment or a local day, is meant; CrmError when it is not."""
    moment, status = values.get(_PLANNED.get(entity, "")), values.get("status")
    if moment is None or not current().is_interactive or (status and status not in _OPEN.get(entity, (status,))):
        return
    from crmcli.clock import now_text
    from crmcli.domain.doubts import doubt_of

    wall, at = (moment, "") if isinstance(moment, str) else (moment.wall, moment.utc)
    if doubt := doubt_of(wall, at, now_text(), current().zone):
        agree(f"{doubt}. Is that meant?", asked)
