"""When a reminder is due: days keep the hour, hours and minutes are exact, also where the clock changes."""

import pytest

from crmcli.domain.triggers import due_before, reach_s


@pytest.mark.parametrize(
    ("wall", "trigger", "due"),
    [
        ("2026-03-20T09:00", "15min", "2026-03-20T07:45:00Z"),
        ("2026-03-20T09:00", "15m", "2026-03-20T07:45:00Z"),
        ("2026-03-20T09:00", "-PT15M", "2026-03-20T07:45:00Z"),
        ("2026-03-20T09:00", "PT0S", "2026-03-20T08:00:00Z"),
        ("2026-03-20T09:00", "PT5M", "2026-03-20T08:05:00Z"),
        ("2026-03-20", "-P1DT2H", "2026-03-18T21:00:00Z"),
        ("2026-03-20T09:00", "20260319T120000Z", "2026-03-19T12:00:00Z"),
        ("2026-03-29T09:00", "1d", "2026-03-28T08:00:00Z"),  # the same hour on the day before the clock changed
        ("2026-03-29T09:00", "-P1D", "2026-03-28T08:00:00Z"),
        ("2026-03-29T09:00", "30h", "2026-03-28T01:00:00Z"),  # exact
        ("2026-03-29T02:30", "0s", "2026-03-29T01:30:00Z"),  # an hour that does not exist moves forward
        ("2026-10-25T02:30", "0s", "2026-10-25T00:30:00Z"),  # the first of two
        ("2026-04-12T09:00", "-P2W", "2026-03-29T07:00:00Z"),
    ],
)
def test_a_reminder_is_due_before(wall: str, trigger: str, due: str) -> None:
    assert due_before(wall, trigger, "Europe/Rome") == due


@pytest.mark.parametrize("trigger", ["", "soon", "P", "PT", "-P1M", "15 years"])
def test_what_is_no_trigger_is_refused(trigger: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        reach_s(trigger)


@pytest.mark.parametrize(("trigger", "least"), [("15min", 900), ("1d", 86400), ("-PT90M", 5400), ("PT5M", 0)])
def test_the_reach_is_enough(trigger: str, least: int) -> None:
    assert least <= reach_s(trigger) <= least + 86400
