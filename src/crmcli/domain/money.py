"""Amounts of money: minor units of ISO 4217 in the store, exact decimals for people, never floats.

What a typed amount means in the two number conventions is decided here too. Exchange rates and sums over records do
not belong here.
"""

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

from crmcli.domain.counts import LARGEST

_CODES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE "
    "CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG "
    "HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
    "MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE "
    "SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW "
    "ZWG",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENTS = {code: digits for digits, codes in _CODES.items() for code in codes.split()}  # ISO 4217
_SYMBOLS = {"€": "EUR", "$": "USD", "US$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₺": "TRY"}
_SYMBOLS |= {"₴": "UAH", "₽": "RUB", "₪": "ILS", "₫": "VND", "zł": "PLN", "EURO": "EUR"}
_SHARED = {  # signs that other currencies bear, too
    "$": "ARS AUD BBD BMD BND BSD BZD CAD CLP COP CUP DOP FJD GYD HKD JMD KYD LRD MXN NAD NZD SBD SGD SRD TTD TWD UYU "
    "XCD",
    "£": "EGP FKP GIP LBP SDG SHP SSP SYP",
    "¥": "CNY",
}
_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}
_MULTIPLIERS = {"k": 3, "mila": 3, "m": 6, "mln": 6, "b": 9, "bn": 9, "mrd": 9}
ONE_CURRENCY = "a record has one currency"
_COMMA_LANGUAGES = frozenset({"it", "de", "es", "fr", "nl", "pt"})
_MOST_DIGITS = 18  # of an exponent or before the decimal point: more is a mistake, and cheap to refuse
_WIDE = Context(prec=60)

_SHAPE = r"([^0-9.,()]*)([0-9., ']*[0-9](?:[eE][+-]?[0-9]{1,9})?)([^0-9.,()]*)"
_SCIENTIFIC = r"([0-9]+(?:\.[0-9]+)?)[eE]([+-]?[0-9]+)"
_GROUPED = r"[1-9][0-9]{0,2}(?:([., '])[0-9]{3})(?:\1[0-9]{3})*"
_PLAIN = r"[0-9]+"


Currencies = tuple[str, ...]  # codes of ISO 4217


class Amount(NamedTuple):
    """A typed amount in major units. ``guessed`` says that the text fits both number conventions.

    ``others``: currencies that bear the sign of its own, which it may be in when something else says so.
    """

    value: Decimal
    currency: str | None
    guessed: bool
    others: Currencies = ()

    @property
    def currencies(self) -> Currencies:
        """Return the currencies it may be in, its own first; none when it names none."""
        return (self.currency, *self.others) if self.currency else ()


def exponent(currency: str) -> int:
    """Return how many decimals a currency has in ISO 4217; ValueError when the code is unknown."""
    if currency not in EXPONENTS:
        raise ValueError(f"unknown currency {currency!r}; use an ISO 4217 code such as EUR")
    return EXPONENTS[currency]


def parse_amount(text: str, locale: str | None = None) -> Amount:
    """Return the amount in a text such as ``1.234,56``, ``$12,400.00``, ``12k`` or ``8.48E10``; else ValueError.

    ``1.234`` and ``1,234`` fit both conventions: the locale decides, and without one the English reading is taken and
    marked as guessed. A decimal comma on its own is refused in English, where it looks like a slip.
    """
    cleaned = re.sub(r"\s+", " ", text.replace("’", "'").replace("−", "-").replace("_", "")).strip()
    match = re.fullmatch(_SHAPE, cleaned) if len(cleaned) <= 60 else None
    if not match:
        raise ValueError(f"{text[:60]!r} is not a number")
    before, number, after = match.groups()
    negative, first = _prefix(before, text)
    power, second = _suffix(after, text)
    currencies = in_both(first, second)
    if not currencies and (first or second):
        raise ValueError(f"{text!r} names two currencies")
    value, guessed = _number(number, locale, text)
    value = value.scaleb(power, _WIDE)
    if value and value.adjusted() >= _MOST_DIGITS:
        raise ValueError(f"{text!r} is too large")
    currency, *others = currencies or (None,)
    return Amount(-value if negative else value, currency, guessed, tuple(others))


def in_both(one: Currencies, other: Currencies) -> Currencies:
    """Return the currencies that two texts may mean together; a text that names none means any."""
    return tuple(code for code in one if code in other) if one and other else one or other


def to_minor(value: Decimal, currency: str) -> int:
    """Return an amount in minor units; ValueError when it has more decimals than its currency or is too large."""
    digits = exponent(currency)
    if not value.is_finite() or value.adjusted() > _MOST_DIGITS:
        raise ValueError("the amount is too large")
    rounded = half_up(value, digits)
    if rounded != value:
        raise ValueError(f"{currency} has {digits} decimals, not those of {value}")
    minor = int(rounded.scaleb(digits, _WIDE))
    if abs(minor) > LARGEST:
        raise ValueError("the amount is too large")
    return minor


def from_minor(minor: int, currency: str) -> Decimal:
    """Return minor units as an amount with exactly the decimals of its currency."""
    return Decimal(minor).scaleb(-exponent(currency))


def half_up(value: Decimal, digits: int) -> Decimal:
    """Return a value rounded to a number of decimals, halves away from zero."""
    return value.quantize(Decimal((0, (1,), -digits)), ROUND_HALF_UP, _WIDE)


def percent_to_bp(value: Decimal) -> int:
    """Return a percentage (0 to 100) in basis points; ValueError when it has more than two decimals."""
    if not value.is_finite() or value.adjusted() > _MOST_DIGITS:
        raise ValueError("the percentage is out of range")
    rounded = half_up(value, 2)
    if rounded != value:
        raise ValueError("a percentage has at most two decimals")
    return int(rounded.scaleb(2, _WIDE))


def bp_to_percent(points: int) -> Decimal:
    """Return basis points as a percentage without needless decimals: 40, 12.5, 33.33."""
    return Decimal(f"{Decimal(points).scaleb(-2).normalize():f}")


def format_amount(value: Decimal, currency: str, locale: str) -> str:
    """Return an amount for people: ``€1,234.56`` in English, ``1.234,56 €`` in Italian."""
    digits = exponent(currency)
    rounded = half_up(value, digits)
    text = f"{abs(rounded):,.{digits}f}"
    minus = "-" if rounded < 0 else ""
    sign = _SIGNS.get(currency)
    if locale[:2] in _COMMA_LANGUAGES:
        return f"{minus}{localise(text, locale)} {sign or currency}"
    return f"{minus}{sign}{text}" if sign else f"{currency} {minus}{text}"


def localise(number: str, locale: str) -> str:
    """Return a number written as ``1,234.5`` with the separators of a locale, in Italian ``1.234,5``."""
    return number.translate(str.maketrans(",.", ".,")) if locale[:2] in _COMMA_LANGUAGES else number


def _prefix(before: str, text: str) -> tuple[bool, Currencies]:
    return "-" in before, _currencies(re.sub("[+-]", "", before, count=1), text)


def _suffix(after: str, text: str) -> tuple[int, Currencies]:
    words = re.findall(r"[^\W\d_]+|[^\w ]+", after.lower())
    power = _MULTIPLIERS.get(words[0], 0) if words else 0
    return power, _currencies("".join(words[1:] if power else words), text)


def _currencies(word: str, text: str) -> Currencies:
    bare = word.strip()
    if not bare:
        return ()
    code = _SYMBOLS.get(bare) or _SYMBOLS.get(bare.upper()) or bare.upper()
    if code not in EXPONENTS:
        raise ValueError(f"{bare!r} in {text!r} is neither a currency nor a multiplier")
    return code, *_SHARED.get(bare, "").split()


def _number(number: str, locale: str | None, text: str) -> tuple[Decimal, bool]:
    if match := re.fullmatch(_SCIENTIFIC, number):
        if abs(int(match[2])) > _MOST_DIGITS:
            raise ValueError(f"{text!r} has an exponent that makes no sense")
        return Decimal(number), False
    if re.fullmatch(_PLAIN, number):
        return Decimal(number), False
    if match := re.fullmatch(_GROUPED, number):
        return _one_kind(number, match[1], locale)
    mark = max(number.rfind("."), number.rfind(","))
    whole, decimals = number[:mark], number[mark + 1 :]
    group = re.fullmatch(_GROUPED, whole)
    plain = whole == "" or re.fullmatch(_PLAIN, whole)
    if mark < 0 or not re.fullmatch(_PLAIN, decimals) or not (plain or (group and group[1] != number[mark])):
        raise ValueError(f"{text!r} is not a number: its separators do not fit")
    if plain and number[mark] == "," and locale and locale[:2] not in _COMMA_LANGUAGES:
        raise ValueError(f"{text!r} has a decimal comma; write {whole or '0'}.{decimals}")
    return Decimal(f"{re.sub('[^0-9]', '', whole) or '0'}.{decimals}"), False


def _one_kind(number: str, separator: str, locale: str | None) -> tuple[Decimal, bool]:
    """Read digits in groups of three, where one dot or comma could also be the decimal mark."""
    unclear = separator in ".," and number.count(separator) == 1
    decimal_mark = "," if locale and locale[:2] in _COMMA_LANGUAGES else "."
    if unclear and separator == decimal_mark:
        return Decimal(number.replace(separator, ".")), locale is None
    return Decimal(re.sub("[^0-9]", "", number)), unclear and locale is None
