"""What deals add up to, by currency: amounts, and amounts weighted by probability, exact and rounded once."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

_PART = 10**6  # amounts are added in two parts: their plain sum could be larger than an integer of the store


def parts_of(column: str) -> tuple[str, str]:
    """Return the SQL of both parts of the sum of a column; ``whole`` makes one number of them."""
    return f"COALESCE(SUM({column} / {_PART}), 0)", f"COALESCE(SUM({column} % {_PART}), 0)"


def whole(high: int, low: int) -> int:
    """Return the sum whose two parts the store added up."""
    return high * _PART + low


ADDED = ", ".join(("r.currency, r.probability_bp, COUNT(*)", *parts_of("r.amount_minor")))
# is selected of deals, alias r, grouped by currency and probability


class Sum(NamedTuple):
    """What deals of one currency (ISO 4217) add up to in major units; ``weighted`` by probability."""

    currency: str
    deals: int
    amount: Decimal
    weighted: Decimal


def add_up(rows: Iterable[Sequence[Any]]) -> list[Sum]:
    """Return the sums of rows of ``ADDED``, the most used currency first."""
    from crmcli.domain.money import exponent, from_minor, half_up

    sums: dict[str, list[int]] = {}
    for currency, points, count, high, low in rows:
        found = sums.setdefault(currency, [0, 0, 0])
        amount = whole(high, low)
        for place, number in enumerate((count, amount, amount * points)):
            found[place] += number
    return [
        Sum(currency, count, from_minor(amount, currency),
            half_up(from_minor(weighted, currency).scaleb(-4), exponent(currency)))
        for currency, (count, amount, weighted) in sorted(sums.items(), key=lambda item: (-item[1][0], item[0]))
    ]  # fmt: skip
