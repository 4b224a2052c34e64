import itertools
from decimal import Decimal
from typing import Any

import pytest

from crmcli.catalogue import ENTITIES
from crmcli.errors import NotFoundError
from crmcli.queries.cards import Sheet, sheet
from crmcli.queries.status import glance
from crmcli.queries.tasks import due_tasks
from tests.unit.queries.conftest import NOW, ZONE, World


def card(world: World, entity: str, record_id: int, timeline: int = 20) -> Sheet:
    return sheet(world.con, ENTITIES[entity], record_id, timeline=timeline)


@pytest.fixture
def customer(world: World) -> World:
    """Acme with Anna, an open and a won deal, a ticket, and things that happened with each of them."""
    stages = world.pipeline()
    world.add("user", handle="me")
    world.add("organization", name="Acme", billing_city="Milano", created_at="2026-01-01T08:00:00Z")
    world.add("contact", first_name="Anna", last_name="Rossi", job_title="CEO", created_at="2026-01-02T08:00:00Z",
              emails=["anna@example.com"],
              organizations=[{"organization_id": 1, "is_primary": 1, "is_active": 1, "role": None}])  # fmt: skip
    common = {"organization_id": 1, "contact_id": 1, "pipeline_id": stages["sales"]}
    world.add("deal", name="Open", stage_id=stages["quote_sent"], amount_minor=1_000_000, probability_bp=6500,
              expected_close="2026-03-20", created_at="2026-01-03T08:00:00Z", **common)  # fmt: skip
    world.add("deal", name="Done", stage_id=stages["won"], outcome="won", closed_at=NOW, probability_bp=10000,
              created_at="2026-01-04T08:00:00Z", **common)  # fmt: skip
    world.add("ticket", subject="Help", number="2026-1", organization_id=1, opened_at="2026-01-05T08:00:00Z")
    call = world.add("interaction", kind="call", subject="Spoke", occurred_at="2026-02-01T08:00:00Z", user_id=1)
    for entity, record_id in (("contact", 1), ("organization", 1), ("deal", 1)):
        world.link("interaction", call, entity, record_id, main=entity == "contact")
    task = world.add("task", subject="Call back", due_at="2026-03-17T23:00:00Z", due_wall="2026-03-18", due_is_date=1)
    world.link("task", task, "deal", 1)
    done = world.add("task", subject="Sent", status="done", completed_at="2026-02-02T08:00:00Z")
    world.link("task", done, "organization", 1)
    event = world.add("event", title="Visit", start_at="2026-03-18T13:00:00Z", start_wall="2026-03-18T14:00",
                      end_at="2026-03-18T14:00:00Z", end_wall="2026-03-18T15:00")  # fmt: skip
    world.link("event", event, "contact", 1)
    operation = world.operation()
    moves = ((None, "potential", "2026-01-03T08:00:00Z"), ("potential", "quote_sent", "2026-02-03T08:00:00Z"))
    for old, new, at in moves:
        came_from = str(stages[old]) if old else None
        world.insert("state_log", entity="deal", record_id=1, field="stage", from_value=came_from,
                     to_value=str(stages[new]), entered_at=at, actor_id=1, cause="user",
                     operation_id=operation)  # fmt: skip
    world.add("lead", last_name="Rossi", status="converted", converted_at="2026-01-06T08:00:00Z",
              converted_organization_id=1, converted_contact_id=1, created_at="2025-12-01T08:00:00Z")  # fmt: skip
    return world


def test_an_organization_shows_its_people_its_open_work_and_what_happened(customer: World) -> None:
    acme = card(customer, "organization", 1)
    assert (acme.title, acme.subtitle) == ("Acme", "organization O1 · prospect · Milano")
    parts = {part.key: part for part in acme.sections}
    assert [row["name"] for row in parts["people"].rows] == ["Anna Rossi"]
    assert [row["ref"] for row in parts["open_deals"].rows] == ["D1"]
    assert parts["open_deals"].rows[0]["amount"] == Decimal("10000.00")
    assert [row["ref"] for row in parts["open_tickets"].rows] == ["K1"]
    assert [row["ref"] for row in parts["last_interactions"].rows] == ["A1"]
    told = [(row["at"], row["kind"], row["ref"], row["change"]) for row in parts["timeline"].rows]
    assert told == [
        ("2026-02-03T08:00:00Z", "stage", "D1", "Potential → Quote sent"),
        ("2026-02-02T08:00:00Z", "task", "T2", None),
        ("2026-02-01T08:00:00Z", "call", "A1", None),
        ("2026-01-06T08:00:00Z", "converted", "L1", None),
        ("2026-01-05T08:00:00Z", "created", "K1", None),
        ("2026-01-04T08:00:00Z", "created", "D2", None),
        ("2026-01-03T08:00:00Z", "created", "D1", None),
        ("2026-01-02T08:00:00Z", "created", "C1", None),
        ("2026-01-01T08:00:00Z", "created", "O1", None),
        ("2025-12-01T08:00:00Z", "created", "L1", None),
    ]
    assert parts["timeline"].rows[2]["user"] == "me"
    few = card(customer, "organization", 1, timeline=2).sections[-1]
    assert (len(few.rows), few.total) == (2, 10)


def test_what_happened_within_one_second_comes_newest_first_too(customer: World) -> None:
    operation, steps = customer.operation(), ("quote_sent", "potential", "quote_sent", "won")
    stages = dict(customer.con.execute("SELECT key, CAST(id AS TEXT) FROM stage").fetchall())
    for old, new in itertools.pairwise(steps):
        customer.insert("state_log", entity="deal", record_id=1, field="stage", from_value=stages[old],
                        to_value=stages[new], entered_at=NOW, cause="user", operation_id=operation)  # fmt: skip
    for _ in range(2):
        customer.link("interaction", customer.add("interaction", occurred_at=NOW), "deal", 1)
    parts = {part.key: part for part in card(customer, "deal", 1).sections}
    told = [row["change"] or row["ref"] for row in parts["timeline"].rows][:5]
    assert told == ["Quote sent → Won", "Potential → Quote sent", "Quote sent → Potential", "A3", "A2"]
    assert [row["ref"] for row in parts["last_interactions"].rows] == ["A3", "A2", "A1"]


def test_a_person_and_a_deal_show_what_belongs_to_them(customer: World) -> None:
    anna = {part.key: part for part in card(customer, "contact", 1).sections}
    assert [row["ref"] for row in anna["employers"].rows] == ["O1"]
    assert [row["ref"] for row in anna["open_deals"].rows] == ["D1"]
    assert [row["ref"] for row in anna["coming_events"].rows] == ["E1"]
    deal = {part.key: part for part in card(customer, "deal", 1).sections}
    assert [row["ref"] for row in deal["people"].rows] == ["C1"]
    assert [row["ref"] for row in deal["open_tasks"].rows] == ["T1"]


def test_fields_are_those_that_hold_something_and_zero_is_something(customer: World) -> None:
    customer.con.execute("UPDATE deal SET probability_bp = 0, custom = '{\"size\": 3}' WHERE id = 1")
    customer.add("custom_field", entity="deal", key="size", label="Size", type="int")
    facts = {fact.key: fact for fact in card(customer, "deal", 1).fields}
    assert facts["probability"].value == 0
    assert facts["custom.size"][:3] == ("Size", "custom.size", 3)
    assert {"open_tasks", "amount", "stage"} <= set(facts)
    assert not {"description", "uid", "links", "tags", "last_open_stage", "name", "currency"} & set(facts)
    anna = {fact.key: fact.value for fact in card(customer, "contact", 1).fields}
    assert anna["emails"] == ["anna@example.com"]
    assert not {"email", "full_name", "name"} & set(anna)


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_kind_of_record_has_a_card_and_a_document(customer: World, entity: str) -> None:
    if not customer.con.execute(f"SELECT 1 FROM {ENTITIES[entity].table} WHERE id = 1").fetchone():
        needed: dict[str, dict[str, Any]] = {
            "ticket_comment": {"ticket_id": 1, "body": "Hello"},
            "tag": {"name": "vip"},
            "custom_field": {"entity": "lead", "key": "k", "label": "K"},
            "view": {"key": "mine", "name": "Mine"},
            "target": {"metric": "deals_won", "period": "2026", "value": "12"},
            "currency_rate": {"currency": "USD", "rate": "0.92", "on_date": "2026-01-01"},
            "subject": {},
            "consent": {"subject_id": 1, "action": "grant", "channel": "any", "occurred_at": NOW},
        }
        if entity == "consent":
            customer.add("subject")
        customer.add(entity, **needed[entity])
    document = card(customer, entity, 1).document()
    assert document["id"] == 1
    assert all(isinstance(document[part.key], list) for part in card(customer, entity, 1).sections)
    with pytest.raises(NotFoundError):
        card(customer, entity, 99)


def test_a_ticket_shows_its_comments_and_a_merged_record_says_so(customer: World) -> None:
    customer.add("ticket_comment", ticket_id=1, body="First", author_id=1)
    comments = card(customer, "ticket", 1).sections[0]
    assert [(row["author"], row["body"]) for row in comments.rows] == [("me", "First")]
    gone = customer.add("contact", last_name="B", merged_into_id=1, deleted_at=NOW)
    assert card(customer, "contact", gone).subtitle == f"contact C{gone} · merged into C1"


def test_due_tasks_come_overdue_first_and_by_local_day(world: World) -> None:
    me = world.add("user", handle="me")
    timed = {"due_is_date": 0, "assignee_id": me}
    world.add("task", subject="later today", due_at="2026-03-18T20:00:00Z", due_wall="2026-03-18T21:00", **timed)
    world.add("task", subject="past", due_at="2026-03-18T10:00:00Z", due_wall="2026-03-18T11:00", **timed)
    world.add("task", subject="today", due_at="2026-03-17T23:00:00Z", due_wall="2026-03-18", due_is_date=1)
    world.add("task", subject="tomorrow", due_at="2026-03-18T23:30:00Z", due_wall="2026-03-19T00:30", **timed)
    world.add("task", subject="hidden", due_at="2026-03-17T10:00:00Z", start_on="2026-03-19", **timed)
    world.add("task", subject="done", due_at="2026-03-17T10:00:00Z", status="done", completed_at=NOW)
    world.add("task", subject="some day")
    rows = due_tasks(world.con, "2026-03-18", None, ZONE)
    assert [(row["subject"], row["is_overdue"]) for row in rows] == [
        ("past", True), ("today", False), ("later today", False)
    ]  # fmt: skip
    assert [row["subject"] for row in due_tasks(world.con, "2026-03-19", me, ZONE)] == [
        "past", "later today", "tomorrow"
    ]  # fmt: skip


def test_the_glance_counts_today_and_this_week(customer: World) -> None:
    customer.add("deal", name="Yen", stage_id=1, pipeline_id=1, currency="JPY", amount_minor=500, probability_bp=1000)
    parts = {part.key: part for part in glance(customer.con, ZONE, None)}
    assert [row["subject"] for row in parts["tasks"].rows] == ["Call back"]
    assert [row["title"] for row in parts["events"].rows] == ["Visit"]
    assert parts["open_deals"].rows == [
        {"currency": "EUR", "deals": 1, "amount": Decimal("10000.00"), "weighted_amount": Decimal("6500.00")},
        {"currency": "JPY", "deals": 1, "amount": Decimal(500), "weighted_amount": Decimal(50)},
    ]
    assert [row["ref"] for row in parts["closing"].rows] == ["D1"]
    assert parts["new_leads"].total == 0
    assert parts["open_tickets"].total == 1
    assert glance(customer.con, ZONE, 1)[0].total == 0
