"""What a value is that a file brings back: the stored one, where both say the same, so that nothing seems changed."""

from decimal import Decimal
from typing import Any


def text_as_it_was(before: Any, now: Any) -> Any:
    """Return a stored text instead of one that says the same in a file, else what is new."""
    both = isinstance(before, str) and isinstance(now, str)
    return before if both and _outline(before) == _outline(now) else now


def decimal_as_it_was(before: Any, now: Any) -> Any:
    """Return a stored decimal, text in a custom field, instead of a number of the same value."""
    return before if isinstance(before, str) and now is not None and Decimal(before) == Decimal(now) else now


def _outline(text: str) -> str:
    """Return a text without what goes lost in files: blanks around it, and how its lines end."""
    return text.strip().replace("\r\n", "\n").replace("\r", "\n")
