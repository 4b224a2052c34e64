"""The golden cases of service levels, through the services: Monday to Friday 9-13 and 14-18 in Rome, 4 h and 16 h."""

import dataclasses
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli import clock
from crmcli.config.settings import parse
from crmcli.domain.enums import kind
from crmcli.errors import ConfigError, RefusedError
from crmcli.queries.service_clocks import ServiceClocks, read_clocks
from crmcli.services import tickets
from tests.services.world import SETTINGS, Store

HOUR = 3600
GOLDEN = """
[calendar]
zone = "Europe/Rome"
monday = ["09:00-13:00", "14:00-18:00"]
tuesday = ["09:00-13:00", "14:00-18:00"]
wednesday = ["09:00-13:00", "14:00-18:00"]
thursday = ["09:00-13:00", "14:00-18:00"]
friday = ["09:00-13:00", "14:00-18:00"]

[[sla]]
name = "standard"
first_response = "4h"
resolution = "16h"
urgent = { first_response = "1h", resolution = "4h" }

[[sla]]
name = "outage"
categories = ["Outage"]
resolution = "2h"

[[sla]]
name = "vip"
tags = ["VIP"]

[[sla]]
name = "acme"
organizations = ["acme.example"]
"""


def march(day: int, time: str) -> str:
    """Return an instant of March 2026 in Rome, before the clock changes."""
    return f"2026-03-{day:02}T{time}:00+01:00"


def due(day: int, time: str) -> str:
    hour, minute = time.split(":")
    return f"2026-03-{day:02}T{int(hour) - 1:02}:{minute}:00Z"


At = Callable[[int, str], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Move the clock to an hour of March 2026 in Rome."""
    return lambda day, time: monkeypatch.setenv("CRMCLI_NOW", march(day, time))


@pytest.fixture
def desk(store: Store) -> Store:
    """The store with the golden calendar and service levels."""
    found = parse(GOLDEN, "config.toml")
    settings = SETTINGS._replace(calendar=found["calendar"], service_levels=found["sla"])
    return dataclasses.replace(store, settings=settings)


def opened(desk: Store, **values: Any) -> int:
    result = tickets.open_ticket(desk.context(), {"subject": "Cannot log in", **values})
    return result.saved[0].id


def clocks(desk: Store, ticket: int) -> ServiceClocks:
    found = read_clocks(desk.row("ticket", ticket), clock.now(), desk.settings.calendar, desk.settings.service_levels)
    assert found is not None
    return found


def test_4a_due_times_of_a_new_ticket(desk: Store, at: At) -> None:
    at(13, "16:00")
    row = desk.row("ticket", opened(desk))
    assert (row["first_response_due"], row["resolution_due"]) == (due(16, "11:00"), due(17, "16:00"))
    assert (row["sla"], row["opened_at"]) == ("standard", due(13, "16:00"))


def test_4b_a_pause_moves_the_due_time_by_business_time(desk: Store, at: At) -> None:
    at(13, "16:00")
    ticket = opened(desk)
    at(13, "17:00")
    tickets.set_status(desk.context(), [ticket], "waiting_customer")
    row = desk.row("ticket", ticket)
    assert (row["first_response_due"], row["resolution_due"]) == (None, None)
    assert clocks(desk, ticket).state == "paused"
    at(16, "10:00")
    tickets.set_status(desk.context(), [ticket], "open")
    row = desk.row("ticket", ticket)
    assert row["resolution_due"] == due(17, "18:00")
    assert (row["paused_business_s"], row["paused_at"], row["resolution_used_s"]) == (2 * HOUR, None, HOUR)


def test_4c_pauses_add_up(desk: Store, at: At) -> None:
    at(13, "16:00")
    ticket = opened(desk)
    for off, on in (((13, "16:30"), (13, "17:30")), ((16, "09:00"), (16, "10:00"))):
        at(*off)
        tickets.set_status(desk.context(), [ticket], "on_hold")
        at(*on)
        tickets.set_status(desk.context(), [ticket], "open")
    assert desk.row("ticket", ticket)["resolution_due"] == due(17, "18:00")
    assert desk.row("ticket", ticket)["paused_business_s"] == 2 * HOUR


def test_4d_a_late_answer_is_measured_in_seconds(desk: Store, at: At) -> None:
    at(13, "16:00")
    ticket = opened(desk)
    at(16, "11:20")
    assert clocks(desk, ticket).response[:3] == ("breached", 4 * HOUR + 1200, -1200)
    tickets.reply(desk.context(), ticket, "We are looking into it.")
    response = clocks(desk, ticket).response
    assert (response.state, response.left_s) == ("met_late", -1200)
    assert desk.row("ticket", ticket)["response_used_s"] == 4 * HOUR + 1200


def test_4e_only_a_public_comment_answers(desk: Store, at: At) -> None:
    at(13, "16:00")
    ticket = opened(desk)
    at(16, "09:05")
    tickets.note(desk.context(), ticket, "Known fault")
    assert desk.row("ticket", ticket)["first_response_at"] is None
    at(16, "10:00")
    tickets.reply(desk.context(), ticket, "We are looking into it.")
    at(16, "11:00")
    tickets.reply(desk.context(), ticket, "Solved soon.")
    row = desk.row("ticket", ticket)
    assert (row["first_response_at"], row["response_used_s"]) == (due(16, "10:00"), 3 * HOUR)
    assert (row["status"], row["first_response_due"]) == ("open", None)


def test_4f_an_automatic_answer_does_not_stop_the_clock(desk: Store, at: At) -> None:
    at(13, "16:00")
    ticket = opened(desk)
    at(13, "16:01")
    tickets.reply(desk.context(), ticket, "We got your message.", automatic=True)
    row = desk.row("ticket", ticket)
    assert (row["first_response_at"], row["status"], row["first_response_due"]) == (None, "new", due(16, "11:00"))


def test_4g_a_reopened_ticket_goes_on_where_it_was_resolved(desk: Store, at: At) -> None:
    at(9, "09:00")
    ticket = opened(desk)
    at(9, "10:00")
    tickets.reply(desk.context(), ticket, "We are looking into it.")
    at(10, "11:00")
    tickets.resolve(desk.context(), [ticket], "fixed")
    first = clocks(desk, ticket)
    assert (first.resolution.used_s, first.state) == (10 * HOUR, "met")
    at(17, "09:00")
    tickets.reopen(desk.context(), ticket)
    again = clocks(desk, ticket)
    assert (again.resolution.left_s, again.response) == (6 * HOUR, first.response)
    row = desk.row("ticket", ticket)
    assert row["resolution_due"] == due(17, "16:00")
    assert (row["first_resolved_at"], row["resolved_at"], row["resolution_code"]) == (due(10, "11:00"), None, None)
    at(17, "10:00")
    tickets.resolve(desk.context(), [ticket], "answered")
    row = desk.row("ticket", ticket)
    assert (row["first_resolved_at"], row["resolved_at"]) == (due(10, "11:00"), due(17, "10:00"))
    assert row["resolution_used_s"] == 11 * HOUR


def test_4h_time_off_does_not_count(desk: Store, at: At) -> None:
    at(14, "10:00")
    ticket = opened(desk)
    at(16, "09:30")
    tickets.reply(desk.context(), ticket, "Good morning.")
    assert desk.row("ticket", ticket)["response_used_s"] == 1800


def test_4i_a_ticket_of_three_months(desk: Store) -> None:
    ticket = opened(desk, opened_at="2025-12-18T08:00:00Z")
    reading = clocks(desk, ticket).resolution
    assert reading.state == "breached"
    assert reading.used_s == (64 * 8 + 3) * HOUR  # 64 working days and three hours of the last one


def test_4j_a_calendar_without_hours_is_refused() -> None:
    with pytest.raises(ConfigError, match="line 1: calendar: a business calendar needs working time"):
        parse('[calendar]\nzone = "Europe/Rome"\nmonday = []\n', "config.toml")


def test_4k_a_reply_on_a_closed_ticket_opens_a_follow_up(desk: Store) -> None:
    contact = desk.add("contact", last_name="Rossi")
    ticket = opened(desk, contact=contact, priority="high")
    tickets.close(desk.context(), [ticket], "fixed")
    before = desk.row("ticket", ticket)
    result = tickets.reply(desk.context(), ticket, "Still broken", by_contact=True)
    (fresh,) = (saved.id for saved in result.saved if saved.entity == "ticket")
    row = desk.row("ticket", fresh)
    assert (row["follow_up_of_id"], row["status"], row["contact_id"], row["priority"]) == (
        ticket,
        "new",
        contact,
        "high",
    )
    assert row["number"] != before["number"]
    assert desk.row("ticket", ticket) == before
    assert [row["ticket_id"] for row in desk.rows("SELECT ticket_id FROM ticket_comment")] == [fresh]
    assert result.warnings == (f"K{ticket} is closed; the reply opened the follow-up ticket K{fresh}",)


def test_4l_not_solved_says_the_customer(desk: Store) -> None:
    ticket = opened(desk)
    tickets.resolve(desk.context(), [ticket], "fixed")
    tickets.reply(desk.context(), ticket, "Not solved", by_contact=True)
    row = desk.row("ticket", ticket)
    assert (row["status"], row["reopened_count"]) == ("open", 1)
    assert row["last_reopened_at"] is not None


def test_a_priority_brings_other_budgets_and_keeps_what_is_used(desk: Store, at: At) -> None:
    at(16, "09:00")
    ticket = opened(desk)
    at(16, "11:00")
    desk.edit("ticket", ticket, priority="urgent")
    row = desk.row("ticket", ticket)
    assert (row["first_response_due"], row["resolution_due"]) == (due(16, "11:00"), due(16, "13:00"))
    assert row["resolution_used_s"] == 2 * HOUR


@pytest.mark.parametrize(
    ("organization", "values", "level"),
    [
        ({"domain": "acme.example", "tags": ["vip"]}, {"category": "outage"}, "acme"),
        ({"tags": ["Vip"]}, {"category": "outage"}, "vip"),
        ({}, {"category": " OUTAGE"}, "outage"),
        ({}, {"category": "billing"}, "standard"),
    ],
)
def test_the_level_is_chosen_at_opening(
    desk: Store, organization: dict[str, Any], values: dict[str, Any], level: str
) -> None:
    customer = desk.add("organization", name="Customer", **organization)
    assert desk.row("ticket", opened(desk, organization=customer, **values))["sla"] == level
    contact = desk.add("contact", last_name="Rossi", organization=customer)
    ticket = opened(desk, contact=contact, **values)
    assert desk.row("ticket", ticket)["sla"] == level
    desk.edit("ticket", ticket, category="something else")
    assert desk.row("ticket", ticket)["sla"] == level


def test_an_answer_told_late_counts_from_when_it_was_written(desk: Store, at: At) -> None:
    at(16, "09:00")
    ticket = opened(desk)
    at(16, "12:00")
    tickets.set_status(desk.context(), [ticket], "open")
    at(16, "15:00")
    tickets.reply(desk.context(), ticket, "As I wrote at ten", at=due(16, "10:00"))
    row = desk.row("ticket", ticket)
    assert (row["first_response_at"], row["response_used_s"]) == (due(16, "10:00"), HOUR)
    assert (row["clock_at"], row["resolution_used_s"]) == (due(16, "15:00"), 5 * HOUR)


def test_a_public_comment_at_opening_is_the_first_response(desk: Store) -> None:
    spoken = tickets.open_ticket(desk.context(), {"subject": "By phone"}, "Called us", is_public=False).saved[0].id
    assert desk.row("ticket", spoken)["first_response_at"] is None
    told = tickets.open_ticket(desk.context(), {"subject": "By phone"}, "Do this", is_public=True).saved[0].id
    row = desk.row("ticket", told)
    assert (row["first_response_at"], row["response_used_s"], row["status"]) == (row["opened_at"], 0, "open")


def test_an_imported_ticket_has_consumed_what_lies_between_its_times(desk: Store) -> None:
    times = {"opened_at": due(9, "09:00"), "first_response_at": due(9, "10:00"), "resolved_at": due(10, "11:00")}
    ticket = desk.add("ticket", {"subject": "Old", "status": "closed", **times}, intent="import")
    row = desk.row("ticket", ticket)
    assert (row["response_used_s"], row["resolution_used_s"]) == (HOUR, 10 * HOUR)
    assert (row["closed_at"], row["first_resolved_at"]) == (due(10, "11:00"), due(10, "11:00"))
    assert clocks(desk, ticket).state == "met"


def test_without_business_hours_nothing_is_measured(store: Store) -> None:
    ticket = opened(store)
    tickets.reply(store.context(), ticket, "Hello")
    tickets.set_status(store.context(), [ticket], "on_hold")
    tickets.resolve(store.context(), [ticket], "fixed")
    row = store.row("ticket", ticket)
    empty = ("sla", "clock_at", "paused_at", "first_response_due", "resolution_due")
    assert [row[key] for key in empty] == [None] * len(empty)
    assert (row["response_used_s"], row["resolution_used_s"], row["paused_business_s"]) == (0, 0, 0)


def test_hours_that_are_taken_away_end_the_measuring(desk: Store, store: Store) -> None:
    ticket = opened(desk)
    tickets.set_status(store.context(), [ticket], "open")
    row = store.row("ticket", ticket)
    assert (row["clock_at"], row["first_response_due"], row["resolution_due"]) == (None, None, None)
    assert read_clocks(row, clock.now(), desk.settings.calendar, desk.settings.service_levels) is None


STEPS: list[Callable[[Store, int], object]] = [
    lambda desk, ticket: tickets.set_status(desk.context(), [ticket], "open"),
    lambda desk, ticket: tickets.set_status(desk.context(), [ticket], "on_hold"),
    lambda desk, ticket: tickets.set_status(desk.context(), [ticket], "waiting_customer"),
    lambda desk, ticket: tickets.resolve(desk.context(), [ticket], "fixed"),
    lambda desk, ticket: tickets.reply(desk.context(), ticket, "Hello"),
    lambda desk, ticket: tickets.reply(desk.context(), ticket, "Hello", by_contact=True),
    lambda desk, ticket: desk.edit("ticket", ticket, priority="urgent"),
]


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 40 * HOUR)), max_size=8))
def test_the_clocks_agree_with_the_state_log(
    desk: Store, monkeypatch: pytest.MonkeyPatch, walk: list[tuple[Callable[[Store, int], object], int]]
) -> None:
    moment = datetime(2026, 3, 13, 15, tzinfo=UTC)
    monkeypatch.setenv("CRMCLI_NOW", moment.isoformat())
    ticket = opened(desk)
    for step, seconds in walk:
        moment += timedelta(seconds=seconds)
        monkeypatch.setenv("CRMCLI_NOW", moment.isoformat())
        with suppress(RefusedError):  # not every way is open from every state
            step(desk, ticket)
    calendar = desk.settings.calendar
    assert calendar is not None
    spent = {"open": 0, "paused": 0, "done": 0}
    for state in desk.states("ticket", ticket, "status"):
        left = datetime.fromisoformat(state["left_at"]) if state["left_at"] else moment
        between = calendar.seconds_between(datetime.fromisoformat(state["entered_at"]), left)
        spent[kind("ticket_status", state["to_value"])] += between
    row = desk.row("ticket", ticket)
    assert clocks(desk, ticket).resolution.used_s == spent["open"]
    if row["paused_at"] is None:
        assert row["paused_business_s"] == spent["paused"]
    if row["first_response_at"] is None:
        assert clocks(desk, ticket).response.used_s == spent["open"] + spent["paused"]
    assert (row["resolved_at"] is not None) == (row["status"] == "resolved")
    assert (row["resolution_due"] is None) == (kind("ticket_status", row["status"]) != "open")
