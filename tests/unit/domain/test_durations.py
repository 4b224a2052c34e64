import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.durations import parse_duration, parse_offset, shift

ROME = "Europe/Rome"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20m", 1200),
        ("20 min", 1200),
        ("1h30", 5400),
        ("1h 5", 3900),
        ("1h30m", 5400),
        ("1h 30 min", 5400),
        ("90s", 90),
        ("2h", 7200),
        ("2 ore", 7200),
        ("2 giorni, 1 ora", 176_400),
        ("1w", 604_800),
    ],
)
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "20", "m", "-20m", "1h99", "2 months", "3y", "20m foo", "1e3s", "9999999999h"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("wall", "offset", "moved"),
    [
        ("2026-03-20", "+3d", "2026-03-23"),
        ("2026-03-20", "-2w", "2026-03-06"),
        ("2026-01-31", "+1m", "2026-02-28"),
        ("2028-01-31", "+1m", "2028-02-29"),
        ("2026-03-31", "-1m", "2026-02-28"),
        ("2028-02-29", "+1y", "2029-02-28"),
        ("2026-03-20T09:00", "+1d", "2026-03-21T09:00"),
        ("2026-03-20T09:00", "+4h", "2026-03-20T13:00"),
        ("2026-03-20", "+4h", "2026-03-20T04:00"),
        ("2026-03-20T09:00", "+20min", "2026-03-20T09:20"),
        ("2026-03-20T09:00", "+1d4h", "2026-03-21T13:00"),
    ],
)
def test_shift(wall: str, offset: str, moved: str) -> None:
    assert shift(wall, offset) == moved


def test_days_keep_wall_time_and_hours_are_exact_when_the_clock_changes() -> None:
    assert shift("2026-03-28T09:00", "+1d", ROME) == "2026-03-29T09:00"
    assert shift("2026-03-28T09:00", "+24h", ROME) == "2026-03-29T10:00"


@pytest.mark.parametrize("offset", ["3d", "+", "+3", "+3x", "", "+-3d", "+99999y", "+999999w", "-999999d"])
def test_offsets_without_meaning_are_refused(offset: str) -> None:
    with pytest.raises(ValueError, match=r"offset|unit|range"):
        shift("2026-03-20", offset)


@given(st.integers(0, 5000), st.sampled_from(["d", "w", "h", "min"]))
def test_exact_offsets_can_be_taken_back(count: int, unit: str) -> None:
    there = shift("2026-03-20T09:00", f"+{count}{unit}")
    assert shift(there, f"-{count}{unit}") == "2026-03-20T09:00"


@given(st.text(max_size=30))
def test_any_text_is_an_offset_or_a_value_error(text: str) -> None:
    try:
        parse_offset(text)
    except ValueError:
        return
    assert text.strip()[0] in "+-＋－﹢﹣⁺₊"
