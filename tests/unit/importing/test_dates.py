from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.dates import parse_moment
from crmcli.domain.zones import local_date
from crmcli.errors import UsageError
from crmcli.importing.dates import DateOrder, date_reader, parse_order


def order_of(*cells: str) -> bool | None:
    order = DateOrder()
    for cell in cells:
        order.see(cell)
    return order.decide("Close Date")


@pytest.mark.parametrize(
    ("cells", "day_first"),
    [
        (["2026-09-12", "12 Mar 2024"], None),
        (["03/04/2026", "13/04/2026"], True),
        (["03/04/2026", "04/13/2026"], False),
        (["5.5.2026", "7/7/26"], None),
        (["0/0/00", ""], None),
    ],
)
def test_the_whole_column_decides_the_order(cells: list[str], day_first: bool | None) -> None:
    assert order_of(*cells) is day_first


def test_a_column_that_fits_both_orders_is_refused() -> None:
    with pytest.raises(UsageError, match=r"Close Date.*03/04/2026") as caught:
        order_of("03/04/2026", "05/06/2026")
    assert "--date-format" in str(caught.value.hint)


def test_a_column_in_both_orders_is_refused() -> None:
    with pytest.raises(UsageError, match="day first and month first"):
        order_of("13/04/2026", "04/13/2026")


@pytest.mark.parametrize(
    ("text", "day_first"),
    [("DD/MM/YYYY", True), ("%m/%d/%y", False), ("d.m.yyyy HH:mm", True), ("YYYY-MM-DD", None), ("iso", None)],
)
def test_a_date_format_is_an_order(text: str, day_first: bool | None) -> None:
    assert parse_order(text) is day_first


@pytest.mark.parametrize("text", ["", "day", "YYYY/DD/MM", "MM/YYYY"])
def test_other_date_formats_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_order(text)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-09-12", "2026-09-12"),
        ("2026-09-12 14:05", "2026-09-12"),
        ("2026/9/2", "2026-09-02"),
        ("12/09/2026", "2026-09-12"),
        ("12.9.26", "2026-09-12"),
        ("12 Mar 2024", "2024-03-12"),
        ("7-Feb-22", "2022-02-07"),
        ("1-gen-70", "1970-01-01"),
        ("Sep 12, 2026", "2026-09-12"),
        ("12 settembre 2026", "2026-09-12"),
        ("2026-09-12T23:30:00Z", "2026-09-13"),
        ("0/0/00", None),
    ],
)
def test_dates_are_read(cell: str, expected: str | None) -> None:
    assert date_reader("date", True, "Europe/Rome")(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-09-12T14:05:00Z", "2026-09-12T14:05:00Z"),
        ("2006-06-15T20:47:07.000Z", "2006-06-15T20:47:07Z"),
        ("2026-09-12 14:05", "2026-09-12T12:05:00Z"),
        ("2026-09-12 14:05 +0530", "2026-09-12T08:35:00Z"),
        ("12/09/2026 2:05 PM", "2026-09-12T12:05:00Z"),
        ("2026-01-15", "2026-01-14T23:00:00Z"),
        ("2026-07-15", "2026-07-14T22:00:00Z"),
    ],
)
def test_instants_are_utc(cell: str, expected: str) -> None:
    assert date_reader("instant", True, "Europe/Rome")(cell) == expected


def test_an_appointment_without_time_stays_a_date() -> None:
    read = date_reader("zoned", None, "Europe/Rome")
    assert (read("2026-09-12"), read("2026-09-12 14:05")) == ("2026-09-12", "2026-09-12T12:05:00Z")


def test_a_birthday_may_have_no_year() -> None:
    assert date_reader("birthdate", None, "UTC")("--02-29") == "--02-29"


@pytest.mark.parametrize(
    "cell", ["31/02/2026", "2026-13-01", "12 Foo 2024", "soon", "2026-09-12 25:00", "0001-01-01", "٣/٤/2026", "x" * 99]
)
def test_what_is_no_date_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r"date|year"):
        date_reader("instant", True, "Europe/Rome")(cell)


@given(
    day=st.dates(date(1990, 1, 1), date(2060, 1, 1)),
    zone=st.sampled_from(["Europe/Rome", "America/New_York", "America/Santiago", "Europe/Dublin", "UTC"]),
)
def test_a_bare_date_is_its_local_midnight_as_a_typed_one_is(day: date, zone: str) -> None:
    typed = parse_moment(day.isoformat(), datetime(2026, 3, 18, tzinfo=UTC), zone)
    assert date_reader("instant", None, zone)(day.isoformat()) == typed.utc
    assert local_date(typed.utc, zone) == day.isoformat()
