"""Stored values as people and programs get to see them: the one place where the read side leaves the stored form.

How a presented value is drawn on a screen belongs to ``output``.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import repeat
from typing import Any

from crmcli.domain.schema import Field


def present(field: Field, stored: Any, currency: str | None) -> object:
    """Return a stored value in its presented form; None stays None.

    Money becomes a Decimal in major units of ``currency``, two decimals when there is none; a percentage a Decimal from
    0 to 100; a decimal or rate a Decimal; truth a bool; JSON text what it holds. Everything else stays as it is stored.
    """
    if stored is None:
        return None
    reader = _READERS.get(field.type)
    return stored if reader is None else reader(stored, currency)


def present_column(
    field: Field, stored: Sequence[Any], currencies: Iterable[str | None] = repeat(None)
) -> Sequence[Any]:
    """Return the stored values of a column in their presented form, money by the currency of each; see ``present``."""
    if is_plain(field):
        return stored
    if field.type == "money":
        return _amounts(stored, currencies)
    if field.type == "json":
        return [present(field, one, None) for one in stored]
    told = {one: present(field, one, None) for one in set(stored)}  # many are alike
    return [told[one] for one in stored]


def is_plain(field: Field) -> bool:
    """Say whether the presented form of a field's values is the stored one."""
    return field.type not in _READERS


def _money(stored: Any, currency: str | None) -> object:
    amount: object = stored * _unit(currency)
    return amount


def _amounts(stored: Sequence[Any], currencies: Iterable[str | None]) -> list[object]:
    return [
        None if minor is None else minor * _unit(currency) for minor, currency in zip(stored, currencies, strict=False)
    ]


@cache
def _unit(currency: str | None) -> Any:
    """Return the minor unit of a currency, a Decimal: two decimals where there is none."""
    from crmcli.domain.money import EXPONENTS, from_minor

    return from_minor(1, currency if currency in EXPONENTS else "EUR")


def _percent(stored: Any, _: str | None) -> object:
    from crmcli.domain.money import bp_to_percent

    return bp_to_percent(stored)


def _decimal(stored: Any, _: str | None) -> object:
    from decimal import Decimal

    return Decimal(str(stored))


def _truth(stored: Any, _: str | None) -> object:
    return bool(stored)


def _json(stored: Any, _: str | None) -> object:
    if not isinstance(stored, str):
        return stored  # part of a larger JSON text that was read as a whole
    from decimal import Decimal
    from json import loads

    return loads(stored, parse_float=Decimal)


_READERS: dict[str, Callable[[Any, str | None], object]] = {
    "money": _money,
    "percent": _percent,
    "decimal": _decimal,
    "rate": _decimal,
    "bool": _truth,
    "json": _json,
}
