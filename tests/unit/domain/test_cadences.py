"""Cadences: what people write, which one counts, and the day of the next contact."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.cadences import NEVER, Cadences, length_days, next_contact, parse_cadence
from crmcli.domain.zones import local_date

ROME = "Europe/Rome"
EVERY = st.builds("{}{}".format, st.integers(1, 100), st.sampled_from("dwm"))
INSTANT = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map("{:%Y-%m-%dT%H:%M:%SZ}".format)


@pytest.mark.parametrize(
    ("text", "every"),
    [
        *(("2w", "2w"), ("2 Weeks", "2w"), (" every week ", "1w"), ("ogni 3 mesi", "3m"), ("giorno", "1d")),
        *(("biweekly", "2w"), ("every quarter", "3m"), ("mensile", "1m")),
        *(("monthly", "1m"), ("quarterly", "3m"), ("yearly", "1y"), ("10y", "10y"), ("Never", NEVER), ("mai", NEVER)),
    ],
)
def test_what_people_write(text: str, every: str) -> None:
    assert parse_cadence(text) == every
    assert parse_cadence(every) == every


@pytest.mark.parametrize("text", ["", "0d", "-2w", "2h", "30min", "often", "2", "11y", "9999m", "2w 3d", "1.5w"])
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"cadence|ten years"):
        parse_cadence(text)


def test_the_shortest_that_fits_counts() -> None:
    cadences = Cadences({"vip": "2w", "slow": "1y"}, {"customer": "1m"}, {"hot": "10d", "cold": NEVER})
    assert cadences.of("customer", None, ["vip", "slow"]) == "2w"
    assert cadences.of("customer", "hot", []) == "10d"
    assert cadences.of(None, "cold", ["slow"]) == "1y"
    assert cadences.of("lead", "warm", ["other"]) is None
    assert length_days("31d") > length_days("1m") > length_days("4w")


@pytest.mark.parametrize(
    ("last", "every", "day"),
    [
        ("2026-01-31T10:00:00Z", "1m", "2026-02-28"),
        ("2026-03-17T23:30:00Z", "1d", "2026-03-19"),  # half past midnight of the 18th in Rome
        ("2024-02-29T10:00:00Z", "1y", "2025-02-28"),
        ("2026-03-28T10:00:00Z", "2d", "2026-03-30"),  # over the change of the clock
        ("9998-12-31T10:00:00Z", "10y", None),
    ],
)
def test_days_are_counted_from_the_local_day_of_the_last_contact(last: str, every: str, day: str | None) -> None:
    assert next_contact(None, None, every, last, "2020-01-01T00:00:00Z", ROME) == day


@given(every=EVERY, last=st.none() | INSTANT, since=INSTANT)
def test_the_next_contact_is_later_than_what_it_is_counted_from(every: str, last: str | None, since: str) -> None:
    day = next_contact(None, None, every, last, since, ROME)
    assert day is not None
    assert day > local_date(last or since, ROME)


@given(last=st.none() | INSTANT, chosen_at=INSTANT)
def test_a_chosen_day_counts_until_there_is_a_contact(last: str | None, chosen_at: str) -> None:
    found = next_contact("2026-05-04", chosen_at, None, last, "2020-01-01T00:00:00Z", ROME)
    assert found == (None if last and last >= chosen_at else "2026-05-04")
    assert next_contact("2026-05-04", None, None, last, "2020-01-01T00:00:00Z", ROME) == "2026-05-04"
