"""Counts and articles in words, as messages and headings tell them; how amounts are written belongs to ``money``."""

from collections.abc import Sequence


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a number of things: ``1 row``, ``1,312 rows``; ``plural`` where an ``s`` does not make it."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def with_article(noun: str) -> str:
    """Return a noun with its article: ``a deal``, ``an organization``."""
    return f"{'an' if noun[:1].lower() in 'aeio' else 'a'} {noun}"  # a user, a union: our words in u begin with a y


def listed(names: Sequence[str], most: int = 12) -> str:
    """Return names as a list, a long one cut: ``a, b, c and 9,988 more``."""
    told = ", ".join(names[:most])
    return told if len(names) <= most else f"{told} and {len(names) - most:,} more"
