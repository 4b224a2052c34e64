"""Words of a person turned into typed values of fields: what ``--set KEY=VALUE``, options and edited files mean.

References are names of records and need a store, so they are not read here. The forms of files made by other programs
belong to ``importing``; what a whole record must satisfy belongs to the services.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.domain.schema import Field, did_you_mean

if TYPE_CHECKING:
    from crmcli.domain.dates import Moment
    from crmcli.domain.money import Amount

_TRUTHS = dict.fromkeys(("yes", "y", "true", "on", "1", "si", "sì"), True)
_TRUTHS |= dict.fromkeys(("no", "n", "false", "off", "0"), False)
_MOST_DIGITS = 18  # of a whole number a store holds


class Reading(NamedTuple):
    """What the meaning of a word depends on: an aware instant, an IANA zone, ``en`` or ``it``."""

    now: datetime
    zone: str
    locale: str


def read_value(field: Field, text: str, reading: Reading) -> Any:
    """Return the typed value that a text means for a field; blank text is None, or no values at all.

    Money is a ``domain.money.Amount`` whose ``guessed`` says that the text fits both number conventions, a percentage a
    Decimal of 0 to 100, a decimal or rate its exact text, an instant a ``domain.dates.Moment``, a date ISO text, a
    multi-valued field a list of texts. ValueError has the reason, for an enum with the nearest names; one of a
    reference or of a list of rows says that it is not read here.
    """
    reader = _READERS.get(field.type)
    if reader is None:
        raise ValueError("cannot be given as text")
    if not text.strip():
        return [] if field.multi else None
    return reader(field, text, reading)


def _text(_field: Field, text: str, _reading: Reading) -> str:
    return text


def _whole(_field: Field, text: str, _reading: Reading) -> int:
    bare = text.strip().replace("_", "")
    if not bare.lstrip("+-").isdecimal() or len(bare) > _MOST_DIGITS:
        raise ValueError(f"{text!r} is not a whole number")
    return int(bare)


def _amount(_field: Field, text: str, reading: Reading) -> "Amount":
    from crmcli.domain.money import parse_amount

    return parse_amount(text, reading.locale)._replace(guessed=parse_amount(text).guessed)


def _percent(_field: Field, text: str, _reading: Reading) -> Decimal:
    return _number(text.strip().removesuffix("%"), text)


def _decimal(_field: Field, text: str, _reading: Reading) -> str:
    return format(_number(text, text), "f")


def _number(bare: str, text: str) -> Decimal:
    try:
        number = Decimal(bare.strip().replace(",", "."))
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a number") from None
    if not number.is_finite() or number.adjusted() > _MOST_DIGITS:
        raise ValueError(f"{text!r} is out of range")
    return number


def _truth(_field: Field, text: str, _reading: Reading) -> bool:
    word = text.strip().casefold()
    if word not in _TRUTHS:
        raise ValueError(f"{text!r} is neither yes nor no")
    return _TRUTHS[word]


def _day(field: Field, text: str, reading: Reading) -> str:
    return _moment(field, text, reading).wall[:10]


def _moment(_field: Field, text: str, reading: Reading) -> "Moment":
    from crmcli.domain.dates import parse_moment

    return parse_moment(text, reading.now, reading.zone, reading.locale)


def _choice(field: Field, text: str, _reading: Reading) -> str:
    if not field.enum:  # of a custom field, whose options the store knows
        return text.strip()
    from crmcli.domain.enums import choose, values

    found = choose(field.enum, text)
    if found is None:
        known = list(values(field.enum))
        raise ValueError(f"{text!r} is not one of its values; {did_you_mean(text, known) or ', '.join(known)}")
    return found


def _many(_field: Field, text: str, _reading: Reading) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _json(field: Field, text: str, reading: Reading) -> Any:
    """Read JSON, or a plain list of words: ``proposal, offer``."""
    if text.lstrip()[0] not in '[{"':
        return _many(field, text, reading)
    from json import JSONDecodeError, loads

    try:
        return loads(text)
    except JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error}") from None


_READERS: dict[str, Callable[[Field, str, Reading], Any]] = {
    "text": _text,
    "int": _whole,
    "money": _amount,
    "percent": _percent,
    "decimal": _decimal,
    "rate": _decimal,
    "bool": _truth,
    "date": _day,
    "instant": _moment,
    "enum": _choice,
    "json": _json,
    "emails": _many,
    "phones": _many,
    "socials": _many,
    "tags": _many,
}
