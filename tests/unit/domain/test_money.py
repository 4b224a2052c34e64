from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.money import (
    EXPONENTS,
    bp_to_percent,
    exponent,
    format_amount,
    from_minor,
    half_up,
    parse_amount,
    percent_to_bp,
    to_minor,
)

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])
MINOR = st.integers(-(2**63) + 1, 2**63 - 1)


@pytest.mark.parametrize(
    ("code", "digits"), [("EUR", 2), ("JPY", 0), ("CLP", 0), ("ISK", 0), ("KWD", 3), ("TND", 3), ("UYW", 4)]
)
def test_exponents_of_iso_4217(code: str, digits: int) -> None:
    assert exponent(code) == digits


def test_an_unknown_currency_is_refused() -> None:
    assert all(len(code) == 3 for code in EXPONENTS)
    with pytest.raises(ValueError, match="ISO 4217"):
        exponent("XYZ")


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("12k", "12000", None),
        ("1.5M", "1500000", None),
        ("10_000", "10000", None),
        ("1.234,56", "1234.56", None),
        ("1,234.56", "1234.56", None),
        ("1.234.567", "1234567", None),
        ("1,234,567", "1234567", None),
        ("€ 1.234,56", "1234.56", "EUR"),
        ("1.234,56 €", "1234.56", "EUR"),
        ("1.234,56 euro", "1234.56", "EUR"),
        ("$12,400.00", "12400.00", "USD"),
        ("$50k", "50000", "USD"),
        ("$50 CAD", "50", "CAD"),
        ("12k €", "12000", "EUR"),
        ("US$ 5", "5", "USD"),
        ("12,400 USD", "12400", "USD"),
        ("usd 12,400.5", "12400.5", "USD"),
        ("1 234 567", "1234567", None),
        ("1\u00a0234\u00a0567.8", "1234567.8", None),
        ("1\u202f234.50", "1234.50", None),
        ("1'234.50 CHF", "1234.50", "CHF"),
        ("-5", "-5", None),
        ("-€5.20", "-5.20", "EUR"),
        ("€ −5.20", "-5.20", "EUR"),
        (".5", "0.5", None),
        ("0.125", "0.125", None),
        ("1234.567", "1234.567", None),
        ("8.48E10", "84800000000", None),
        ("2 mila", "2000", None),
    ],
)
def test_amounts_with_one_reading(text: str, value: str, currency: str | None) -> None:
    for locale in (None, "en"):
        if locale or "," not in text.removesuffix(" USD"):
            assert parse_amount(text, locale)[:3] == (Decimal(value), currency, False)


@pytest.mark.parametrize("text", ["1 234,56", "1.234,56", "1,234.56", "1\u00a0234,56"])
@pytest.mark.parametrize("locale", [None, "it", "en"])
def test_two_kinds_of_separators_have_one_reading_everywhere(text: str, locale: str | None) -> None:
    assert parse_amount(text, locale) == (Decimal("1234.56"), None, False, ())


@pytest.mark.parametrize(
    ("text", "locale", "value", "guessed"),
    [
        ("1.234", "it", "1234", False),
        ("1.234", "en", "1.234", False),
        ("1.234", None, "1.234", True),
        ("1,234", "it", "1.234", False),
        ("1,234", "en", "1234", False),
        ("1,234", None, "1234", True),
        ("12,50", "it", "12.50", False),
        ("12,50", None, "12.50", False),
        ("12.50", "it", "12.50", False),
        ("0,125", "it", "0.125", False),
    ],
)
def test_one_separator_is_decided_by_the_locale(text: str, locale: str | None, value: str, guessed: bool) -> None:
    assert parse_amount(text, locale) == (Decimal(value), None, guessed, ())


REFUSED = """
abc|NaN|Inf|-Infinity|1e19|1E999999999|1e-99|12,50|12,5,0|1,23,456|1.23.45|1,2345.6|1.234,567,8|--5|5-|(5)|5 %|1.|
12 apples|EUR 5 USD|٣|1/2|999999999999999999999|0x10|5 k k
"""


@pytest.mark.parametrize("text", ["", "  ", *REFUSED.replace("\n", "|").strip("|").split("|")])
def test_amounts_refused_in_english(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_amount(text, "en")


@given(st.text(max_size=80), st.sampled_from([None, "en", "it"]))
def test_any_text_is_an_amount_or_a_value_error(text: str, locale: str | None) -> None:
    try:
        assert parse_amount(text, locale).value.is_finite()
    except ValueError as error:
        assert "\n" not in str(error) or "\n" in text


@given(MINOR, CURRENCIES)
def test_minor_units_make_the_round_trip(minor: int, currency: str) -> None:
    assert to_minor(from_minor(minor, currency), currency) == minor


@given(st.integers(-(10**14), 10**14), CURRENCIES, st.sampled_from(["en", "it"]))
def test_what_people_read_reads_back(minor: int, currency: str, locale: str) -> None:
    value = from_minor(minor, currency)
    assert parse_amount(format_amount(value, currency, locale), locale)[:2] == (value, currency)


def test_from_minor_keeps_the_decimals_of_the_currency() -> None:
    assert str(from_minor(1200, "EUR")) == "12.00"
    assert str(from_minor(0, "KWD")) == "0.000"
    assert str(from_minor(-5, "JPY")) == "-5"


@pytest.mark.parametrize(
    ("value", "currency"),
    [
        ("0.001", "EUR"),
        ("0.5", "JPY"),
        ("1E-999999", "EUR"),
        ("1E+30", "EUR"),
        ("92233720368547758.08", "EUR"),
        ("NaN", "EUR"),
    ],
)
def test_to_minor_refuses_what_it_cannot_hold(value: str, currency: str) -> None:
    with pytest.raises(ValueError, match=r"decimals|too large"):
        to_minor(Decimal(value), currency)


def test_to_minor_allows_needless_zeros() -> None:
    assert to_minor(Decimal("12.5000"), "EUR") == 1250
    assert to_minor(Decimal("5.00"), "JPY") == 5


def test_half_up_rounds_away_from_zero() -> None:
    assert [str(half_up(Decimal(text), 1)) for text in ("0.25", "-0.25", "0.349")] == ["0.3", "-0.3", "0.3"]


@given(st.integers(0, 10_000))
def test_percentages_make_the_round_trip(points: int) -> None:
    assert percent_to_bp(bp_to_percent(points)) == points


def test_percentages() -> None:
    assert [str(bp_to_percent(points)) for points in (4000, 1250, 3333, 0, 10_000)] == [
        "40",
        "12.5",
        "33.33",
        "0",
        "100",
    ]
    with pytest.raises(ValueError, match="two decimals"):
        percent_to_bp(Decimal("33.333"))


@pytest.mark.parametrize(
    ("value", "currency", "locale", "text"),
    [
        ("1234.56", "EUR", "it", "1.234,56 €"),
        ("1234.56", "EUR", "en", "€1,234.56"),
        ("-1234.5", "USD", "en", "-$1,234.50"),
        ("1234.5", "JPY", "en", "¥1,235"),
        ("1234.5", "CHF", "en", "CHF 1,234.50"),
        ("1234.5", "CHF", "it", "1.234,50 CHF"),
    ],
)
def test_format_amount(value: str, currency: str, locale: str, text: str) -> None:
    assert format_amount(Decimal(value), currency, locale) == text
