"""By which rules customers are judged: what the table ``[customers]`` of the settings file says, and defaults.

Imported only by who asks for them, or when the file has the table. How the figures are made stands in the reports.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from crmcli.domain.schema import did_you_mean
from crmcli.errors import ConfigError

OWN = "own"
_LEVELS = 4  # bounds between the scores 1 to 5


class CustomerRules(NamedTuple):
    """When a customer is lost, what a purchase leaves, and how few customers are scored.

    ``churn_after`` is days without a purchase, or ``own``: twice the customer's own interval. ``margin`` is the percent
    of a purchase that is left, None where nobody said. ``recency`` (days, most for 5, 4, 3 and 2), ``frequency`` (acts)
    and ``value`` (base currency; both least for 2, 3, 4 and 5) are the bounds of scores for fewer than 25 customers.
    """

    churn_after: int | str = 365
    max_years: int = 5
    margin: int | None = None
    recency: tuple[int, ...] = (30, 90, 180, 365)
    frequency: tuple[int, ...] = (2, 3, 4, 6)
    value: tuple[int, ...] = (1000, 5000, 20_000, 50_000)


DEFAULTS = CustomerRules()
_KEYS = ("purchase_source", *CustomerRules._fields)


def read_customers(table: Any) -> CustomerRules:
    """Return the rules that the table gives; ConfigError says what is wrong."""
    if not isinstance(table, dict):
        raise ConfigError("[customers] must be a table")
    for key in table:
        if key not in _KEYS:
            raise ConfigError(f"[customers] has no {key!r}", hint=did_you_mean(key, [*_KEYS]) or ", ".join(_KEYS))
    if table.get("purchase_source", "deal") != "deal":
        raise ConfigError("[customers] purchase_source: purchases are deals that were won", hint='write "deal"')
    given = {key: table[key] for key in table if key != "purchase_source"}
    return CustomerRules(**{key: _READ[key](key, value) for key, value in given.items()})


def read_churn_after(text: str) -> int | str:
    """Return the days that ``365d`` or ``2y`` means, or ``own``; ValueError for anything else."""
    from crmcli.domain.cadences import length_days, parse_cadence

    if text.strip().casefold() == OWN:
        return OWN
    cadence = parse_cadence(text)
    if cadence == "never":
        raise ValueError("a customer without purchases is lost some day; use 365d or own")
    return round(length_days(cadence))


def read_percent(text: str) -> int:
    """Return a whole percent, ``30`` or ``30%``; ValueError outside 0 to 100."""
    digits = text.strip().removesuffix("%").strip()
    if not (digits.isascii() and digits.isdecimal() and int(digits) <= 100):
        raise ValueError(f"{text!r} is no percent from 0 to 100; use 30")
    return int(digits)


def _churn_after(key: str, value: Any) -> int | str:
    try:
        return read_churn_after(value if isinstance(value, str) else f"{value}d")
    except ValueError as error:
        raise ConfigError(f"[customers] {key}: {error}") from None


def _whole(key: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= 100:
        raise ConfigError(f"[customers] {key} must be a number from 1 to 100")
    return value


def _bounds(key: str, value: Any) -> tuple[int, ...]:
    is_whole = isinstance(value, list) and all(isinstance(one, int) and not isinstance(one, bool) for one in value)
    if not is_whole or len(value) != _LEVELS or any(one >= other for one, other in pairwise(value)):
        raise ConfigError(f"[customers] {key} must be four rising whole numbers")
    return tuple(value)


_READ: Mapping[str, Any] = {
    "churn_after": _churn_after,
    "max_years": _whole,
    "margin": _whole,
    "recency": _bounds,
    "frequency": _bounds,
    "value": _bounds,
}
