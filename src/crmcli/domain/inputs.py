"""Words of a person turned into typed values of fields: what ``--set KEY=VALUE``, options and edited files mean.

References are names of records and need a store, so they are not read here. The forms of files made by other programs
belong to ``importing``; what a whole record must satisfy belongs to the services.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.domain.forms import choose_option, conform, form_of
from crmcli.domain.naming import check_tag
from crmcli.domain.numbers import fits_both, parse_number
from crmcli.domain.schema import Field, did_you_mean

if TYPE_CHECKING:
    from decimal import Decimal

    from crmcli.domain.dates import Moment
    from crmcli.domain.money import Amount

_TRUTHS = dict.fromkeys(("yes", "y", "true", "on", "1", "si", "sì"), True)
_TRUTHS |= dict.fromkeys(("no", "n", "false", "off", "0"), False)
_WITH_FRACTIONS = frozenset({"money", "decimal", "rate"})  # of a percentage or a whole number one reading fits


class Reading(NamedTuple):
    """What the meaning of a word depends on: an aware instant, an IANA zone, ``en`` or ``it``, and a country.

    The country (ISO 3166 alpha-2) is where phone numbers without a prefix belong.
    """

    now: datetime
    zone: str
    locale: str
    country: str = ""


def read_value(field: Field, text: str, reading: Reading) -> Any:
    """Return the typed value that a text means for a field; blank text is None, or no values at all.

    Money is a ``domain.money.Amount``, a percentage a Decimal of 0 to 100, a decimal or rate its exact text, an instant
    a ``domain.dates.Moment``, a date ISO text, a multi-valued field a list of texts, text itself or its normal form.
    ValueError has the reason, for a choice with the nearest names; one of a reference or of a list of rows says that it
    is not read here.
    """
    reader = _READERS.get(field.type)
    if reader is None:
        raise ValueError("cannot be given as text")
    if not text.strip():
        return [] if field.multi else None
    return reader(field, text, reading)


def is_unclear(field: Field, text: str) -> bool:
    """Whether the text of a number that was read, such as ``1.234``, means another one in the other convention."""
    return field.type in _WITH_FRACTIONS and bool(text.strip()) and fits_both(text)


def _text(field: Field, text: str, reading: Reading) -> str:
    form = form_of(field)
    if form == "rrule":
        return _recurrence(text, reading)
    return conform(form, text, reading.country) if form else text


def _recurrence(text: str, reading: Reading) -> str:
    """Read a rule, or its words: ``2 weeks``, ``last friday of the month until 31 dec``."""
    from crmcli.domain.dates import parse_moment
    from crmcli.domain.every import parse_every

    return parse_every(text, lambda end: parse_moment(end, reading.now, reading.zone, reading.locale).wall)


def _whole(_field: Field, text: str, reading: Reading) -> int:
    return int(parse_number("int", text, reading.locale).value)


def _amount(_field: Field, text: str, reading: Reading) -> "Amount":
    return parse_number("money", text, reading.locale)


def _percent(_field: Field, text: str, reading: Reading) -> "Decimal":
    return parse_number("percent", text, reading.locale).value


def _decimal(field: Field, text: str, reading: Reading) -> str:
    return format(parse_number(field.type, text, reading.locale).value, "f")


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
    if not field.enum:
        return choose_option(field.options, text.strip()) if field.options else text.strip()
    from crmcli.domain.enums import choose, values

    found = choose(field.enum, text)
    if found is None:
        known = list(values(field.enum))
        raise ValueError(f"{text!r} is not one of its values; {did_you_mean(text, known) or ', '.join(known)}")
    return found


def _many(field: Field, text: str, reading: Reading) -> list[str]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for part in parts if field.type in _CHECKED else ():
        _CHECKED[field.type](part, reading.country)
    return parts


def _email(text: str, country: str) -> None:
    conform("email", text, country)


def _phone(text: str, country: str) -> None:
    from crmcli.domain.phones import comparable

    comparable(text, country)


def _tag(text: str, _country: str) -> None:
    check_tag(text)


_CHECKED: dict[str, Callable[[str, str], None]] = {  # kept as they are typed
    "emails": _email,
    "phones": _phone,
    "tags": _tag,
}


def _json(field: Field, text: str, reading: Reading) -> Any:
    """Read a list or object of JSON, or a plain list of words: ``proposal, offer``; of a choice, its options."""
    value = _loaded(text) if text.lstrip()[0] in '[{"' else _many(field, text, reading)
    if isinstance(value, str):
        value = [value]  # one word, quoted for what stands in it
    if not field.options:
        return value
    if not isinstance(value, list):
        raise ValueError(f"{text!r} is no list of {', '.join(field.options)}")
    return [choose_option(field.options, str(item)) for item in value]


def _loaded(text: str) -> Any:
    from json import JSONDecodeError, loads

    try:
        return loads(text)
    except JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error}") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None


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
