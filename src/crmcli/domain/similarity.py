"""How alike names are, from 0 to 100, and which of many are alike, without comparing each with each.

Names come folded (``domain.names``). What a likeness is worth, and which names are compared at all, is decided by the
callers.
"""

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from crmcli.domain.names import company_key, full_name, person_key

ALIKE = 85  # below it two names are not the same one written twice
_WINDOW = 6  # neighbours in the order of names that a name is compared with
_ROUGHLY = 72  # below it two whole names need no closer look
_INITIAL = 90  # "A. Rossi" for "Anna Rossi"
_PART = 90  # "Anna Maria" for "Anna"


class Name(NamedTuple):
    """A name of record ``id`` for comparison: its words in alphabetical order, and the two halves of a person's.

    A company has no ``first``; ``turned`` is what it is sorted by the second time.
    """

    id: int
    words: str
    turned: str
    first: str
    last: str


def person(record_id: int, first: str | None, last: str | None) -> Name:
    """Return the name of a person."""
    key_first, key_last = person_key(first or ""), person_key(last or "")
    words = " ".join(sorted(full_name(key_first, key_last).split()))
    return Name(record_id, words, f"{key_last} {key_first}", key_first, key_last)


def company(record_id: int, name: str | None) -> Name:
    """Return the name of a company, its legal form left out."""
    key = company_key(name or "")
    return Name(record_id, " ".join(sorted(key.split())), key[::-1], "", key)


def likeness(one: Name, other: Name) -> int:
    """Return how alike two names are; 0 when one is empty.

    Of people the less alike half counts, so that brothers differ; initials and one of two first names fit.
    """
    from rapidfuzz.fuzz import ratio

    if not one.words or not other.words:
        return 0
    if one.words == other.words:
        return 100
    return _closely(one, other, ratio)


def alike(names: Sequence[Name], least: int = ALIKE) -> Iterator[tuple[Name, Name, int]]:
    """Yield pairs of names that are alike, each once, with their likeness.

    Names are put into two orders and compared with their neighbours only, so the work grows with their number and not
    with its square. A few are all compared.
    """
    from rapidfuzz.fuzz import ratio

    filled = [name for name in names if name.words]
    orders = ("words", "turned") if len(filled) > _WINDOW + 1 else ("words",)
    seen: set[tuple[int, int]] = set()
    for order in orders:
        ranked = sorted(filled, key=attrgetter(order))
        for place, one in enumerate(ranked, start=1):
            words = one.words
            for other in ranked[place : place + _WINDOW]:
                if words != other.words and not ratio(words, other.words, score_cutoff=_ROUGHLY):
                    continue
                pair = (one.id, other.id) if one.id < other.id else (other.id, one.id)
                if pair in seen or one.id == other.id:
                    continue
                found = 100 if words == other.words else _closely(one, other, ratio)
                if found >= least:
                    seen.add(pair)
                    yield one, other, found


def _closely(one: Name, other: Name, ratio: Callable[..., float]) -> int:
    if not one.first and not other.first:
        return round(ratio(one.last.replace(" ", ""), other.last.replace(" ", "")))
    straight = min(_half(one.first, other.first, ratio), _half(one.last, other.last, ratio))
    crossed = min(_half(one.first, other.last, ratio), _half(one.last, other.first, ratio))
    return max(straight, crossed)


def _half(one: str, other: str, ratio: Callable[..., float]) -> int:
    if not one or not other:
        return 0
    found = round(ratio(one, other))
    short, long = sorted((one.rstrip("."), other.rstrip(".")), key=len)
    if len(short) == 1 and long.startswith(short):
        return max(found, _INITIAL)
    few, many = sorted((set(one.split()), set(other.split())), key=len)
    return max(found, _PART) if few < many and len(max(few, key=len)) > 1 else found
