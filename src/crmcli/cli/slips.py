"""A question before a date that is likely a slip is written: planned for the past, or for years ahead.

Asked where somebody can answer; elsewhere the write warns, and goes on.
"""

from collections.abc import Mapping
from typing import Any

from crmcli.cli.answers import agree
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked

_PLANNED = {"task": "due_at", "event": "start_at"}
_OPEN = ("todo", "doing", "waiting", "planned")


def ask_about_slips(entity: str, values: Mapping[str, Any], asked: Asked) -> None:
    """Ask whether a strange time is meant; CrmError when it is not."""
    moment = values.get(_PLANNED.get(entity, ""))
    if moment is None or not current().is_interactive or values.get("status", _OPEN[0]) not in _OPEN:
        return
    from crmcli.clock import now_text
    from crmcli.domain.doubts import doubt_of

    if doubt := doubt_of(moment.wall, moment.utc, now_text(), current().zone):
        agree(f"{doubt}. Is that meant?", asked)
