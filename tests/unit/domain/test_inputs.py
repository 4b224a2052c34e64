"""Words of a person as typed values."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.catalogue import ENTITIES
from crmcli.domain.inputs import Reading, is_unclear, read_value
from crmcli.domain.money import Amount
from crmcli.domain.schema import Field

READING = Reading(datetime.fromisoformat("2026-03-18T12:00:00+01:00"), "Europe/Rome", "en")
ITALIAN = READING._replace(locale="it")
TYPES = ("text", "int", "money", "percent", "decimal", "rate", "bool", "date", "instant", "json", "tags", "emails")


def read(kind: str, text: str, reading: Reading = READING, **more: Any) -> Any:
    return read_value(Field("key", kind, "Key", **more), text, reading)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", " Anna ", " Anna "),
        ("int", "40", 40),
        ("int", "-3", -3),
        ("int", "10_000", 10_000),
        ("int", "10k", 10_000),
        ("int", "1,234", 1234),
        ("money", "12k", Amount(Decimal(12000), None, False)),
        ("money", "1,234.50 USD", Amount(Decimal("1234.50"), "USD", False)),
        ("money", "1,234", Amount(Decimal(1234), None, False)),
        ("money", "1.234", Amount(Decimal("1.234"), None, False)),
        ("percent", "40", Decimal(40)),
        ("percent", "12.5 %", Decimal("12.5")),
        ("decimal", "1.50", "1.50"),
        ("decimal", "1e3", "1000"),
        ("bool", "Yes", True),
        ("bool", "sì", True),
        ("bool", "false", False),
        ("date", "2026-03-20", "2026-03-20"),
        ("date", "tomorrow 9am", "2026-03-19"),
        ("json", '["a", 1]', ["a", 1]),
        ("json", '{"a": null}', {"a": None}),
        ("json", "proposal, offer", ["proposal", "offer"]),
        ("tags", "vip, it,", ["vip", "it"]),
        ("emails", "a@example.com,b@example.com", ["a@example.com", "b@example.com"]),
    ],
)
def test_values(kind: str, text: str, value: Any) -> None:
    assert read(kind, text) == value


def test_an_instant_keeps_its_wall_time() -> None:
    moment = read("instant", "tomorrow 9am")
    assert (moment.wall, moment.utc, moment.is_date) == ("2026-03-19T09:00", "2026-03-19T08:00:00Z", False)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("money", "1.234", Amount(Decimal(1234), None, False)),
        ("money", "12,34", Amount(Decimal("12.34"), None, False)),
        ("int", "1.234", 1234),
        ("percent", "12,5 %", Decimal("12.5")),
        ("decimal", "12,50", "12.50"),
        ("rate", "1.085,5", "1085.5"),
        ("date", "3/4", "2026-04-03"),
    ],
)
def test_the_locale_decides(kind: str, text: str, value: Any) -> None:
    assert read(kind, text, ITALIAN) == value


@pytest.mark.parametrize("kind", ["money", "percent", "decimal", "rate"])
def test_a_decimal_comma_is_refused_in_english_whatever_the_number(kind: str) -> None:
    with pytest.raises(ValueError, match=r"'12,5' has a decimal comma; write 12\.5"):
        read(kind, "12,5")


@pytest.mark.parametrize(
    ("kind", "text", "unclear"),
    [("money", "1.234", True), ("decimal", "1,234", True), ("rate", "1.085", True), ("decimal", "1.0850", False),
     ("money", "1234", False), ("int", "1,234", False), ("percent", "1.234", False), ("text", "1.234", False),
     ("decimal", "", False)],
)  # fmt: skip
def test_a_number_that_fits_both_conventions_is_known_as_such(kind: str, text: str, unclear: bool) -> None:
    assert is_unclear(Field("key", kind, "Key"), text) == unclear


def test_enums_are_named_by_key_label_and_italian_word() -> None:
    rating = ENTITIES["lead"].fields["rating"]
    assert read_value(rating, "HOT", READING) == "hot"
    assert read_value(rating, "caldo", READING) == "hot"
    assert read("enum", "north ") == "north", "the options of a custom field are known to the store"


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("int", "4.5", "is not a whole number"),
        ("int", "9" * 30, "is too large"),
        ("int", "12,5", "has a decimal comma"),
        ("int", "5 EUR", "names a currency"),
        ("money", "lots", "'lots'"),
        ("percent", "half", "is not a number"),
        ("percent", "NaN", "is not a number"),
        ("percent", "140", "is not between 0 and 100 %"),
        ("percent", "12.345", "has at most two decimals"),
        ("decimal", "1e99", "an exponent that makes no sense"),
        ("bool", "maybe", "neither yes nor no"),
        ("date", "someday", "someday"),
        ("date", "3/4", "two ways"),
        ("instant", "2026-02-30", "no such date"),
        ("json", "[1", "is not JSON"),
        ("json", "[" * 100_000, "is nested too deeply"),
        ("ref", "O3", "cannot be given as text"),
        ("rows", "x", "cannot be given as text"),
    ],
)
def test_refusals_have_a_reason(kind: str, text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read(kind, text)


def test_a_wrong_enum_names_the_nearest_value() -> None:
    with pytest.raises(ValueError, match="did you mean hot"):
        read_value(ENTITIES["lead"].fields["rating"], "hott", READING)


@pytest.mark.parametrize("kind", TYPES)
def test_blank_is_nothing(kind: str) -> None:
    assert read(kind, "  ") in (None, [])


@given(st.sampled_from(TYPES), st.text(max_size=40))
def test_any_text_is_read_or_refused(kind: str, text: str) -> None:
    try:
        read(kind, text)
    except ValueError as error:
        assert str(error)
