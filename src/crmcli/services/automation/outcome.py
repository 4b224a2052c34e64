"""What became of an action of a rule, and what it wants to be done outside."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Outgoing(NamedTuple):
    """What is to be put into the outbox: plain data without secrets, and when it may be sent at the earliest.

    ``part`` tells apart what one action sends to several, ``blocked`` is why it may not be sent.
    """

    kind: str
    payload: Mapping[str, Any]
    not_before: str | None = None
    max_attempts: int = 1
    part: str = ""
    blocked: str = ""


class Outcome(NamedTuple):
    """What became of an action, and in words for people.

    ``done``, ``queued`` (to be sent after the commit), ``unchanged``, ``skipped``, ``failed`` (and passed over), or
    ``blocked`` (may not be sent).
    """

    status: str
    text: str
    outgoing: tuple[Outgoing, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether it had an effect."""
        return self.status in ("done", "queued")
