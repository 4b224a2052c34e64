"""What newly needs attention: each kind of thing when it is due, told once, with what was said last."""

from dataclasses import replace
from typing import Any

import pytest

from crmcli.clock import now
from crmcli.config.remind_settings import RemindSettings
from crmcli.config.settings import parse
from crmcli.domain.dates import Moment, parse_moment
from crmcli.services import deals, events, tasks, tickets
from tests.services.reminded import Reminded, named
from tests.services.test_sla import GOLDEN
from tests.services.world import Store


def moment(wall: str) -> Moment:
    return parse_moment(wall, now(), "Europe/Rome")


@pytest.fixture
def reminded(store: Store) -> Reminded:
    return Reminded(store)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what sets the clock to a local time."""
    return lambda wall: monkeypatch.setenv("CRMCLI_NOW", moment(wall).utc)


def event(store: Store, start: str, **values: Any) -> int:
    return events.add(store.context(), {"title": "Demo", "start_at": moment(start), **values}).saved[0].id


def log(store: Store, note: str, when: str, *to: tuple[str, int]) -> None:
    links = [{"entity": entity, "record_id": record_id} for entity, record_id in to]
    store.add("interaction", kind="call", subject=note, occurred_at=moment(when).utc, links=links)


def test_nothing_is_told_of_an_empty_store(reminded: Reminded) -> None:
    assert reminded.tell() == []


def test_a_task_is_told_when_due_and_again_when_late(reminded: Reminded, later: Any) -> None:
    task = reminded.store.add("task", subject="Call", due_at=moment("2026-03-19T15:00"))
    assert reminded.tell() == []
    later("2026-03-19T08:00")
    assert named(reminded.tell()) == [("today", "task", "T1")]
    assert reminded.tell() == []
    later("2026-03-19T15:01")
    assert named(reminded.tell()) == [("overdue", "task", "T1")]
    later("2026-04-19T15:01")
    assert reminded.tell() == []
    tasks.snooze(reminded.store.context(), [task], "+1d")
    later("2026-04-30T08:00")
    assert named(reminded.tell()) == [("overdue", "task", "T1")], "a new date is a new occasion"


def test_what_is_late_is_told_once_for_all_that_was_missed(reminded: Reminded, later: Any) -> None:
    reminded.store.add("task", subject="Call", due_at=moment("2026-03-19"), reminders=["-P1D", "1h"])
    later("2026-03-25T08:00")
    (thing,) = reminded.tell()
    assert list(thing.occasions) == [
        "2026-03-19 due", "2026-03-19 late", "2026-03-19 -P1D", "2026-03-19 1h"
    ]  # fmt: skip
    assert reminded.tell() == []


def test_tasks_that_are_done_hidden_or_have_no_day_are_left_alone(reminded: Reminded, later: Any) -> None:
    add = reminded.store.add
    add("task", subject="Some day")
    add("task", subject="Hidden", due_at=moment("2026-03-20"), start_on="2026-03-20", reminders=["-P2D"])
    tasks.done(reminded.store.context(), [add("task", subject="Done", due_at=moment("2026-03-18"))])
    assert reminded.tell() == []
    later("2026-03-20T08:00")
    assert named(reminded.tell()) == [("today", "task", "T2")]


def test_an_event_is_told_on_its_day_and_before_it_begins(reminded: Reminded, later: Any) -> None:
    event(reminded.store, "2026-03-19T15:00")
    event(reminded.store, "2026-03-20", reminders=["-P1D", "rubbish"])
    later("2026-03-19T08:00")
    assert named(reminded.tell()) == [("today", "event", "E1"), ("ahead", "event", "E2")]
    later("2026-03-19T14:45")
    assert named(reminded.tell()) == [("today", "event", "E1")]
    later("2026-03-19T16:30")
    assert reminded.tell() == [], "what was told before is not told when it is over"


def test_an_event_that_nobody_was_told_of_is_told_when_it_is_over(reminded: Reminded, later: Any) -> None:
    reminded.store.add("task", subject="Call", due_at=moment("2026-03-18"))
    reminded.tell()
    later("2026-03-19T20:00")
    event(reminded.store, "2026-03-19T15:00")  # written down afterwards
    event(reminded.store, "2026-03-21T15:00")
    held = event(reminded.store, "2026-03-21T17:00")
    reminded.store.edit("event", held, status="held")
    later("2026-03-25T08:00")
    assert named(reminded.tell()) == [("overdue", "task", "T1"), ("missed", "event", "E2")]
    assert Reminded(reminded.store, "anna@example.com").new()[1:] == [], "who was never told anything begins today"


def test_next_steps_and_people_are_told_on_their_day(reminded: Reminded, later: Any) -> None:
    add = reminded.store.add
    luca = add("contact", full_name="Luca", next_contact_on="2026-03-18")
    add("contact", full_name="Mara", next_contact_on="2026-03-18", do_not_call=1, do_not_email=1)
    deal = add("deal", name="Order", contact=luca, next_step="Call", next_step_due="2026-03-17")
    lead = add("lead", full_name="Carla", next_step="Write", next_step_due="2026-03-19")
    assert named(reminded.tell()) == [("overdue", "next_step", "D1"), ("today", "follow_up", "C1")]
    later("2026-03-19T08:00")
    assert named(reminded.tell()) == [("today", "next_step", "L1")]
    deals.lose(reminded.store.context(), [deal], reason="price")
    reminded.store.edit("lead", lead, status="unqualified", lost_reason="price")
    assert named(reminded.new(again=True)) == [("overdue", "follow_up", "C1")]


def test_a_deal_stands_still_since_its_stage_or_the_last_interaction(reminded: Reminded, later: Any) -> None:
    store = reminded.store
    store.edit("pipeline", 1, rotting_days=10)
    acme = store.add("organization", name="Acme")
    store.add("deal", name="Still", organization=acme)
    talked = store.add("deal", name="Talked about", organization=acme)
    later("2026-03-25T10:00")
    log(store, "Going on", "2026-03-25T10:00", ("deal", talked))
    later("2026-03-28T23:59")
    assert reminded.tell() == []
    later("2026-03-29T00:00")
    (still,) = reminded.tell()
    assert (*named([still]), still.due, still.detail) == (
        ("idle", "idle", "D1"), "2026-03-18", "nothing for 11 days, limit 10"
    )  # fmt: skip
    later("2026-04-05T00:00")
    assert named(reminded.tell()) == [("idle", "idle", "D2")]
    log(store, "Again", "2026-04-05T00:00", ("deal", 1))
    later("2026-04-16T00:00")
    assert named(reminded.tell()) == [("idle", "idle", "D1")], "a new silence is a new occasion"


def test_a_ticket_is_told_when_at_risk_and_when_late(store: Store, later: Any, reminded: Reminded) -> None:
    found = parse(GOLDEN, "config.toml")
    settings = store.settings._replace(calendar=found["calendar"], service_levels=found["sla"])
    reminded.store = replace(store, settings=settings)
    later("2026-03-13T16:00")
    tickets.open_ticket(reminded.store.context(), {"subject": "Help"})
    later("2026-03-16T10:11")  # of four business hours 48 minutes are left
    assert reminded.tell() == []
    later("2026-03-16T10:12")
    (risk,) = reminded.tell()
    assert (*named([risk]), risk.detail) == (("today", "ticket", "K1"), "response at risk")
    later("2026-03-16T11:01")
    (late,) = reminded.tell()
    assert (*named([late]), late.detail, late.due) == (("overdue", "ticket", "K1"), "response late", "2026-03-16T11:00")
    assert reminded.tell() == []


def test_kinds_and_hours_are_chosen(reminded: Reminded, later: Any) -> None:
    reminded.settings = RemindSettings(("event",), (), "08:00")
    reminded.store.add("task", subject="Call", due_at=moment("2026-03-19"))
    event(reminded.store, "2026-03-19T15:00")
    event(reminded.store, "2026-03-19T07:00")
    later("2026-03-19T07:00")
    assert named(reminded.tell()) == [("today", "event", "E2")], "before it begins in any case"
    later("2026-03-19T07:59")
    assert reminded.tell() == []
    later("2026-03-19T08:00")
    assert named(reminded.tell()) == [("today", "event", "E1")]


def test_each_audience_is_told(reminded: Reminded) -> None:
    reminded.store.add("task", subject="Call", due_at=moment("2026-03-18"))
    reminded.tell()
    assert named(Reminded(reminded.store, "anna@example.com").tell()) == [("today", "task", "T1")]
    assert reminded.tell() == []


def test_it_can_be_told_again_and_since(reminded: Reminded, later: Any) -> None:
    reminded.store.add("task", subject="Old", due_at=moment("2026-03-01"))
    reminded.store.add("task", subject="New", due_at=moment("2026-03-18"))
    reminded.tell()
    assert named(reminded.new(again=True)) == [("overdue", "task", "T1"), ("today", "task", "T2")]
    assert named(reminded.new(since=moment("2026-03-17").utc)) == [("today", "task", "T2")]


def test_of_one_user(reminded: Reminded) -> None:
    other = reminded.store.add("user", handle="bruno")
    for assignee in (reminded.store.user(), other):
        reminded.store.add("task", subject="Call", due_at=moment("2026-03-18"), assignee=assignee)
        reminded.store.add("contact", full_name="Luca", next_contact_on="2026-03-18", owner=assignee)
        event(reminded.store, "2026-03-18T18:00", organiser=assignee)
    assert [ref for *_, ref in named(reminded.new(user=other))] == ["C2", "T2", "E2"]


def test_a_row_tells_what_was_said_last(reminded: Reminded) -> None:
    store = reminded.store
    organization = store.add("organization", name="Acme")
    contact = store.add("contact", full_name="Luca Bianchi", organization=organization, phones=["+39 02 1234567"])
    deal = store.add("deal", name="Order", organization=organization, contact=contact)
    log(store, "Wants oak", "2026-03-10T10:00", ("contact", contact))
    log(store, "Asked again", "2026-03-12T10:00", ("contact", contact))
    links = [{"entity": "deal", "record_id": deal}]
    store.add("interaction", kind="note", subject="To oneself", occurred_at=moment("2026-03-17").utc, links=links)
    store.add("task", subject="Call", priority="high", due_at=moment("2026-03-18T15:00"), links=links)
    event(store, "2026-03-18T18:00", location="Milan")
    call, demo = reminded.rows()
    assert call | {"uid": ""} == {
        "urgency": "today", "kind": "task", "ref": "T1", "uid": "", "title": "Call", "about": "D1 Order",
        "detail": "high", "day": "2026-03-18", "time": "15:00", "until": None,
        "last_contact_at": "2026-03-12T09:00:00Z", "last_contact_kind": "call", "last_contact_ref": "A2",
        "last_contact": "Asked again",
    }  # fmt: skip
    assert (demo["detail"], demo["until"], demo["last_contact_at"]) == ("Milan", "19:00", None)


def test_undo_of_a_write_repeats_nothing(reminded: Reminded) -> None:
    task = reminded.store.add("task", subject="Call", due_at=moment("2026-03-18"))
    reminded.tell()
    result = reminded.store.edit("task", task, subject="Call Luca")
    reminded.store.undo(result)
    assert reminded.tell() == []
    assert reminded.store.rows("SELECT COUNT(*) AS n FROM operation WHERE kind = 'remind'")[0]["n"] == 0
