"""Stored values as people and programs get to see them: the one place where the read side leaves the stored form.

How a presented value is drawn on a screen belongs to ``output``.
"""

from collections.abc import Callable
from functools import cache
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


def is_plain(field: Field) -> bool:
    """Say whether the presented form of a field's values is the stored one."""
    return field.type not in _READERS


def _money(stored: Any, currency: str | None) -> object:
    money = _lazy_money()
    return money.from_minor(stored, currency if currency in money.EXPONENTS else "EUR")


@cache
def _lazy_money() -> Any:
    """Return the module of amounts, which only lists that show some pay for, and once."""
    from crmcli.domain import money

    return money


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
