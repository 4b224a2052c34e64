"""How many there can be, and the one reading of how many a person asks for. Counts in words are in ``plurals``."""

LARGEST = 2**63 - 1  # what an INTEGER column holds
_LONGEST = 40  # characters of a wrong count that are told back


def parse_count(text: str, least: int = 0) -> int:
    """Return a whole number of things, from ``least`` to the most that a store can count; else ValueError."""
    bare = text.strip()
    shown = bare if len(bare) <= _LONGEST else f"{bare[:_LONGEST]}…"
    if not bare.isdecimal():
        raise ValueError(f"{shown!r} is not a whole number of {least} or more")
    number = int(bare) if len(bare) <= _LONGEST else LARGEST + 1
    check_count(number, least, shown)
    return number


def check_count(number: int, least: int, shown: str = "") -> None:
    """Raise ValueError for a number of things that is less than asked for, or more than a store can count."""
    if number < least:
        raise ValueError(f"{shown or number} is less than {least}")
    if number > LARGEST:
        raise ValueError(f"{shown or number} is too large")
