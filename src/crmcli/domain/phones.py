"""Phone numbers in their one normal form, E.164, with the extension kept apart.

Formatting for people and the choice of the default country belong to the callers.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from crmcli.domain.text import fold

_CLEAN = re.compile(r"\+[1-9][0-9]{7,14}")  # E.164: country code and number, at most 15 digits


class Phone(NamedTuple):
    """A number in E.164 (``+39021234567``), None when the text is not a phone number, and its extension."""

    e164: str | None
    extension: str | None


UNREADABLE = Phone(None, None)


def normalise(text: str, country: str | None) -> Phone:
    """Return the phone number in a text; ``country`` (ISO 3166 alpha-2) is where numbers without ``+`` belong.

    Never raises. The zero that Italian numbers keep after ``+39`` is kept.
    """
    trimmed = text.strip()
    return Phone(trimmed, None) if _CLEAN.fullmatch(trimmed) else _normalised(trimmed, country)


def are_normal(texts: Iterable[str]) -> bool:
    """Say whether all texts are numbers in E.164."""
    return all(map(_CLEAN.fullmatch, texts))


@lru_cache(maxsize=8192)  # a bulk load asks for a number at each of its steps
def _normalised(trimmed: str, country: str | None) -> Phone:
    if not any(char.isdigit() for char in trimmed):
        return UNREADABLE
    found = _parsed(trimmed, country)
    if found is UNREADABLE and trimmed.startswith("00"):  # the usual international prefix, even where it is not dialled
        return _parsed(f"+{trimmed[2:]}", country)
    return found


def comparable(text: str, country: str | None) -> tuple[str, str | None]:
    """Return by what a phone of a record is compared, and its extension: E.164, else the folded text.

    People also note where to ask for a number; ValueError when there is neither letter nor digit.
    """
    found = normalise(text, country)
    if found.e164 is None and not any(letter.isalnum() for letter in text):
        raise ValueError(f"{text!r} is not a phone number")
    return found.e164 or fold(text), found.extension


def _parsed(text: str, country: str | None) -> Phone:
    from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_possible_number, parse

    try:
        number = parse(text, country.upper() if country else None)
    except NumberParseException:
        return UNREADABLE
    if not is_possible_number(number):
        return UNREADABLE
    return Phone(format_number(number, PhoneNumberFormat.E164), number.extension or None)
