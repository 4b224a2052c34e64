"""What came of one attempt to deliver something outside: the one answer that every sender gives."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias


class Sent(NamedTuple):
    """``done``; ``temporary``, which may work later; ``permanent``, which never will; ``blocked``, which may not be.

    ``reason`` is for people and holds no secret. With ``not_before``, a stored instant, a temporary one only waits for
    that, and has not failed.
    """

    status: str
    reason: str = ""
    not_before: str | None = None


DONE = Sent("done")
Sender: TypeAlias = Callable[[Mapping[str, Any], str, float], Sent]  # of values, key and moment by which to be back
