"""Keeps spreadsheets from running data as formulas: a quote mark before what would be one, taken off again on reading.

A cell whose first character starts a formula gets a leading ``'`` (OWASP, CSV injection; ASVS 1.2.10), also where
blanks stand before it, which some programs drop. Text that begins with quote marks and then such a character gets one
more, so that reading what was written always gives the same text.
"""

from collections.abc import Callable, Sequence

from crmcli.domain.schema import NUMBERS

GUARD = "'"
STARTERS = frozenset("=+-@\t\r\n\0＝＋－＠")
_UNSEEN = GUARD + "".join(map(chr, range(0x21))) + "\x7f\x85\xa0\u2028\u2029\u202f\u3000\u200b\u200e\u200f\u2060\ufeff"
_SUSPECT = STARTERS | frozenset(_UNSEEN)  # with which whatever is a formula begins
_UNGUARDED = NUMBERS | {"bool", "date", "instant"}
_PHONE_CHARACTERS = frozenset("+0123456789 ,;()-./x")


def neutralise(text: str) -> str:
    """Return the cell text so that no spreadsheet takes it for a formula."""
    return GUARD + text if _is_formula(text) else text


def restore(text: str) -> str:
    """Return the cell text without the guard ``neutralise`` puts before it."""
    return text[1:] if text.startswith(GUARD) and _is_formula(text) else text


def guard_for(kind: str, key: str = "") -> Callable[[str], str] | None:
    """Return what makes the cells of a column harmless, by the type and the key of its field.

    None for types that only hold numbers, dates and the like. The primary ``phone`` is text that holds what one of
    ``phones`` does. E-mails are no exception: ``=1@example.com`` is a valid address.
    """
    if kind in _UNGUARDED:
        return None
    holds_phones = kind == "phones" or key.rpartition(".")[2] == "phone"
    return _neutralise_phone if holds_phones else neutralise


def guarded(texts: Sequence[str], guard: Callable[[str], str] | None) -> Sequence[str]:
    """Return the cells of a column made harmless by its guard; nearly always none begins as a formula would."""
    if guard is None or _SUSPECT.isdisjoint([text[:1] for text in texts]):
        return texts
    return [*map(guard, texts)]


def _is_formula(text: str) -> bool:
    return text.lstrip(GUARD)[:1] in STARTERS or text.lstrip(_UNSEEN)[:1] in STARTERS


def _neutralise_phone(text: str) -> str:
    """Leave real numbers alone, so that ``+39 02 1234567`` stays a number people can copy."""
    return text if _PHONE_CHARACTERS.issuperset(text) else neutralise(text)
