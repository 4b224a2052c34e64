"""What came of one attempt to deliver something outside: the one answer that every sender gives."""

from typing import NamedTuple


class Sent(NamedTuple):
    """``done``; ``temporary``, which may work later; ``permanent``, which never will; ``blocked``, which may not be.

    ``reason`` is for people and holds no secret.
    """

    status: str
    reason: str = ""


DONE = Sent("done")
