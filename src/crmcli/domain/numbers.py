"""Numbers as people type them: the one reading of whole numbers, percentages, decimals and rates.

An amount with its currency is the business of ``money``, how many there shall be that of ``counts``, a literal of a
condition that of ``conditions``.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmcli.domain.money import Amount

_LONGEST = 40  # characters of a wrong number that are told back


def parse_number(kind: str, text: str, locale: str | None) -> "Amount":
    """Return the number in a text; ValueError with the reason when there is none.

    ``kind``: money, percent (0 to 100, with or without its sign), decimal, rate or int, whose value has no fraction.
    Only money may name a currency. Between the two conventions decides what ``money.parse_amount`` says of the locale.
    """
    from crmcli.domain.money import parse_amount, percent_to_bp

    if kind == "money":
        return parse_amount(text, locale)
    if not any(map(str.isdecimal, text)):
        raise ValueError(f"{text[:_LONGEST]!r} is not a {'whole ' if kind == 'int' else ''}number")
    bare = text.strip().removesuffix("%") if kind == "percent" else text
    number = parse_amount(bare, locale)
    if number.currency:
        raise ValueError(f"{text!r} names a currency, and this is no amount of money")
    if kind == "int" and number.value != number.value.to_integral_value():
        raise ValueError(f"{text!r} is not a whole number")
    if kind == "percent":
        if not 0 <= number.value <= 100:
            raise ValueError(f"{text!r} is not between 0 and 100 %")
        percent_to_bp(number.value)  # has two decimals at most
    return number


def fits_both(text: str) -> bool:
    """Whether a number such as ``1.234`` means one thing in English and another in Italian."""
    from crmcli.domain.money import parse_amount

    return parse_amount(text).guessed


def both_readings(text: str) -> tuple[str, str]:
    """Return the numbers that a text which ``fits_both`` may mean, each written so that it can be read one way only.

    First the one in which its mark parts thousands, then the one in which that begins the decimals.
    """
    from crmcli.domain.money import parse_amount

    values = (parse_amount(text, locale).value.normalize() for locale in ("en", "it"))
    decimals, whole = (f"{value:f}" for value in sorted(values, key=abs))
    return whole, f"{decimals}0" if fits_both(decimals) else decimals


def is_plain(text: str) -> bool:
    """Whether a number is written as it is kept, such as ``1234.5``: nobody needs to be told how it was read."""
    whole, _, decimals = text.strip().partition(".")
    return whole.isdecimal() and (not decimals or decimals.isdecimal())
