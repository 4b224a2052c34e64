"""Whether a stored value is one that a custom field can have, by its type, its form and its options.

Definitions change and files are restored, so what is stored is asked, too; how words become values is said by
``inputs``.
"""

from collections.abc import Callable
from typing import Any

from crmcli.domain.forms import conform
from crmcli.domain.schema import Field


def misfit(field: Field, value: Any) -> str | None:
    """Return what is wrong with a stored value of a custom field, None when nothing is.

    Values are in stored form: whole numbers of minor units, 0 or 1, decimals as text, ids of records.
    """
    if field.options:
        return _outside(field, value)
    if not _KINDS.get(field.type, _is_text)(value):
        return f"{value!r} is no {_NAMES.get(field.type, field.type)}"
    if field.form:
        try:
            conform(field.form, value, "")  # a normal form belongs to no country
        except ValueError as error:
            return str(error)
    return None


def _outside(field: Field, value: Any) -> str | None:
    chosen = value if field.type == "json" else [value]
    if not isinstance(chosen, list):
        return f"{value!r} is no list of values"
    wrong = [item for item in chosen if item not in field.options]
    return f"{', '.join(map(str, wrong))!r} is not one of {', '.join(field.options)}" if wrong else None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_whole(value: Any) -> bool:
    return type(value) is int


def _is_decimal(value: Any) -> bool:
    from decimal import Decimal, InvalidOperation

    try:
        return isinstance(value, str) and Decimal(value).is_finite()
    except InvalidOperation:
        return False


def _is_truth(value: Any) -> bool:
    return value in (0, 1)


def _is_day(value: Any) -> bool:
    from datetime import date

    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_instant(value: Any) -> bool:
    from datetime import datetime

    try:
        return isinstance(value, str) and f"{datetime.fromisoformat(value):%Y-%m-%dT%H:%M:%SZ}" == value
    except ValueError:
        return False


_KINDS: dict[str, Callable[[Any], bool]] = {
    "int": _is_whole,
    "money": _is_whole,
    "ref": _is_whole,
    "decimal": _is_decimal,
    "bool": _is_truth,
    "date": _is_day,
    "instant": _is_instant,
    "json": lambda value: isinstance(value, list | dict),
}
_NAMES = {"int": "whole number", "money": "amount", "ref": "record", "bool": "yes or no", "date": "day",
          "instant": "time", "decimal": "number", "json": "list or object"}  # fmt: skip
