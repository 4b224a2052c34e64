"""Counts in words, as messages and headings tell them; how amounts are written belongs to ``money``."""


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a number of things: ``1 row``, ``1,312 rows``; ``plural`` where an ``s`` does not make it."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
