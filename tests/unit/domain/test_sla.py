"""The golden cases of a ticket's clocks: Monday to Friday 9-13 and 14-18 in Rome, 4 h to answer, 16 h to resolve."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from crmcli.domain.calendar import BusinessCalendar
from crmcli.domain.sla import Budgets, Clock, Reading, is_response, overall, pause, read, start, stop, used

CALENDAR = BusinessCalendar(dict.fromkeys(range(5), (("09:00", "13:00"), ("14:00", "18:00"))), "Europe/Rome")
HOUR = 3600
BUDGETS = Budgets(response_s=4 * HOUR, resolution_s=16 * HOUR)


def march(day: int, time: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{day:02}T{time}").replace(tzinfo=ZoneInfo("Europe/Rome"))


OPENED = Clock(since=march(13, "16:00"))


def resolution(clock: Clock, at: datetime) -> Reading:
    return read(clock, BUDGETS.resolution_s, at, CALENDAR)


def response(clock: Clock, at: datetime) -> Reading:
    return read(clock, BUDGETS.response_s, at, CALENDAR)


def test_due_times_of_a_new_ticket() -> None:
    assert response(OPENED, march(13, "16:00")).due == march(16, "11:00")
    assert resolution(OPENED, march(13, "16:00")).due == march(17, "16:00")


def test_a_pause_moves_the_due_time_by_business_time() -> None:
    paused = pause(OPENED, march(13, "17:00"), CALENDAR)
    assert resolution(paused, march(14, "12:00")) == Reading("paused", HOUR, 15 * HOUR, None)
    assert resolution(start(paused, march(16, "10:00")), march(16, "10:00")).due == march(17, "18:00")


def test_two_pauses_add_up() -> None:
    clock = OPENED
    for off, on in ((march(13, "16:30"), march(13, "17:30")), (march(16, "09:00"), march(16, "10:00"))):
        clock = start(pause(clock, off, CALENDAR), on)
    assert resolution(clock, march(16, "10:00")).due == march(17, "18:00")


def test_a_late_response_is_measured_in_seconds() -> None:
    running = response(OPENED, march(16, "11:20"))
    assert (running.state, running.left_s) == ("breached", -1200)
    stopped = response(stop(OPENED, march(16, "11:20"), CALENDAR), march(20, "09:00"))
    assert stopped == Reading("met_late", 4 * HOUR + 1200, -1200, None)


def test_only_public_answers_of_people_count() -> None:
    assert is_response("public", by_agent=True, is_automatic=False)
    assert not is_response("internal", by_agent=True, is_automatic=False)
    assert not is_response("public", by_agent=True, is_automatic=True)
    assert not is_response("public", by_agent=False, is_automatic=False)


def test_a_reopened_ticket_goes_on_where_it_stopped() -> None:
    resolved = stop(OPENED, march(17, "10:00"), CALENDAR)
    answered = stop(OPENED, march(16, "10:00"), CALENDAR)
    assert resolved.used_s == 11 * HOUR
    reopened = start(resolved, march(24, "10:00"))
    reading = resolution(reopened, march(24, "10:00"))
    assert (reading.left_s, reading.due) == (5 * HOUR, march(24, "16:00"))
    assert response(answered, march(24, "10:00")).state == "met"


def test_a_ticket_of_the_weekend_starts_on_monday() -> None:
    assert used(Clock(since=march(14, "10:00")), march(16, "09:30"), CALENDAR) == 1800


def test_a_new_priority_keeps_what_was_consumed() -> None:
    urgent = read(OPENED, 2 * HOUR, march(16, "09:30"), CALENDAR)
    assert (urgent.state, urgent.used_s, urgent.due) == ("breached", 2 * HOUR + 1800, march(13, "18:00"))


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (march(16, "10:11"), "on_track"),
        (march(16, "10:12"), "at_risk"),
        (march(16, "11:00"), "at_risk"),
        (datetime.fromisoformat("2026-03-16T11:00:01+01:00"), "breached"),
    ],
)
def test_states_of_a_running_clock(at: datetime, state: str) -> None:
    assert response(OPENED, at).state == state


def test_without_an_agreement_time_is_still_counted() -> None:
    assert read(OPENED, None, march(16, "10:00"), CALENDAR) == Reading("none", 3 * HOUR)


def test_an_exhausted_budget_is_due_when_the_clock_starts_again() -> None:
    spent = Clock(used_s=17 * HOUR, since=march(24, "10:00"))
    assert resolution(spent, march(24, "10:00"))[::3] == ("breached", march(24, "10:00"))


def test_starting_pausing_and_stopping_twice_changes_nothing() -> None:
    paused = pause(OPENED, march(13, "17:00"), CALENDAR)
    assert start(OPENED, march(16, "10:00")) == OPENED
    assert pause(paused, march(16, "10:00"), CALENDAR) == paused
    stopped = stop(OPENED, march(13, "17:00"), CALENDAR)
    assert stop(stopped, march(16, "10:00"), CALENDAR) == pause(stopped, march(16, "10:00"), CALENDAR) == stopped


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        ("none", "none", "none"),
        ("met", "on_track", "on_track"),
        ("at_risk", "on_track", "at_risk"),
        ("met_late", "on_track", "breached"),
        ("breached", "on_track", "breached"),
        ("on_track", "paused", "paused"),
        ("met", "met", "met"),
        ("met_late", "met", "met_late"),
        ("none", "met_late", "met_late"),
    ],
)
def test_the_one_state_of_a_ticket(first: str, second: str, state: str) -> None:
    assert overall(Reading(first, 0), Reading(second, 0)) == state
