"""Numbers and counts as they are typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.counts import LARGEST, parse_count
from crmcli.domain.money import parse_amount
from crmcli.domain.numbers import both_readings, fits_both, is_plain, parse_number


@pytest.mark.parametrize("number", [0, 1, 50, LARGEST])
def test_a_count_is_a_whole_number_that_a_store_can_hold(number: int) -> None:
    assert parse_count(f" {number} ") == number


@pytest.mark.parametrize(
    ("text", "least", "reason"),
    [
        ("0", 1, "0 is less than 1"),
        (str(LARGEST + 1), 0, "is too large"),
        ("9" * 20, 0, "is too large"),
        ("9" * 10_000, 0, "… is too large"),
        ("-1", 0, "'-1' is not a whole number of 0 or more"),
        ("1.5", 1, "'1.5' is not a whole number of 1 or more"),
        ("1_0", 0, "is not a whole number"),
        ("", 0, "is not a whole number"),
    ],
)
def test_what_is_no_count_is_refused(text: str, least: int, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        parse_count(text, least)
    assert len(str(caught.value)) < 100


@given(st.integers(0, LARGEST))
def test_counts_come_back(number: int) -> None:
    assert parse_count(str(number)) == number


@given(st.integers(-(10**17), 10**17), st.sampled_from(["en", "it"]))
def test_whole_numbers_come_back_with_or_without_marks(number: int, locale: str) -> None:
    marked = f"{number:,}" if locale == "en" else f"{number:,}".replace(",", ".")
    assert parse_number("int", str(number), locale).value == number
    assert parse_number("int", marked, locale).value == number


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("1,234", ("1234", "1.2340")),
        ("1.234", ("1234", "1.2340")),
        ("€ 1.500", ("1500", "1.5")),
        ("-1.234", ("-1234", "-1.2340")),
        ("1,234k", ("1234000", "1234")),
    ],
)
def test_both_readings_are_written_so_that_they_have_one(text: str, readings: tuple[str, str]) -> None:
    assert both_readings(text) == readings
    assert not any(map(fits_both, readings))
    assert {parse_amount(reading).value for reading in readings} == {
        parse_amount(text, locale).value for locale in ("en", "it")
    }


@pytest.mark.parametrize(
    ("text", "plain"), [("12000", True), (" 1234.50 ", True), ("12k", False), ("1.234,5", False), ("12 USD", False)]
)
def test_a_number_as_it_is_kept_needs_no_telling(text: str, plain: bool) -> None:
    assert is_plain(text) is plain
