"""What the actions of rules do to records: each as the command of the same name does it, and taken back in one step."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from crmcli.errors import ConfigError, RefusedError
from crmcli.services import deals, unconversion
from tests.services.ruled import Ruled, deal, rule, sets
from tests.services.world import Store


@pytest.fixture
def team(store: Store) -> list[int]:
    """The users of the team sales, by id; one is not active, one is of another team."""
    for handle, name, active in (("carl", "sales", 1), ("dora", "sales", 1), ("emil", "sales", 0), ("fred", "care", 1)):
        store.add("user", handle=handle, team=name, is_active=active)
    return [store.user("carl"), store.user("dora")]


def lead_owners(ruled: Ruled) -> list[int | None]:
    return [row["owner_id"] for row in ruled.store.rows("SELECT owner_id FROM lead ORDER BY id")]


def test_fields_are_emptied(ruled: Ruled) -> None:
    do = '{ action = "unset", fields = ["rating", "tags", "expected_amount", "next_step_due"] }'
    ruled.given(rule("empty", '["lead.updated"]', do, watch='["score"]'))
    lead = ruled.add(
        "lead",
        full_name="Anna Rossi",
        rating="hot",
        tags=["vip"],
        expected_amount=Decimal(5),
        next_step_due="2026-04-01",
    )
    result = ruled.edit("lead", lead, score=1)
    shown = ruled.store.shown("lead", lead)
    assert (shown["rating"], shown["tags"], shown["expected_amount"], shown["next_step_due"]) == (None, [], None, None)
    assert result.effects == ("rule empty on L1: emptied rating, tags, expected_amount, next_step_due",)


def test_what_is_required_cannot_be_emptied(ruled: Ruled) -> None:
    ruled.given(rule("empty", '["deal.updated"]', '{ action = "unset", fields = ["name"] }'))
    with pytest.raises(ConfigError, match="name is required"):
        ruled.add("lead", full_name="Anna Rossi")


def test_numbers_are_counted_up_and_down(ruled: Ruled) -> None:
    ruled.store.add("custom_field", entity="lead", key="budget", label="Budget", type="money")
    ruled.given(
        rule(
            "count",
            '["lead.updated"]',
            '{ action = "increment", field = "score", by = -5 },'
            '{ action = "increment", field = "employees", by = 1.0 },'
            '{ action = "increment", field = "expected_amount", by = 0.25 },'
            '{ action = "increment", field = "budget", by = 10 }',
            watch='["rating"]',
        )
    )
    lead = ruled.add("lead", full_name="Anna Rossi", score=20, expected_amount=Decimal("9.50"))
    result = ruled.edit("lead", lead, rating="hot")
    shown = ruled.store.shown("lead", lead)
    assert (shown["score"], shown["employees"]) == (15, 1)
    assert (shown["expected_amount"], shown["custom"]["budget"]) == (Decimal("9.75"), Decimal("10.00"))
    assert result.effects[0] == "rule count on L1: set score = 15"


@pytest.mark.parametrize(
    ("field", "by", "told"),
    [
        ("score", "0.5", "must be a whole number"),
        ("score", "nan", "NaN is no number to count with"),
        ("rating", "1", "rating is no number"),
        ("open_tasks", "1", "open_tasks cannot be set"),
        ("scroe", "1", "did you mean score"),
    ],
)
def test_what_cannot_be_counted_is_a_mistake(ruled: Ruled, field: str, by: str, told: str) -> None:
    do = f'{{ action = "increment", field = "{field}", by = {by} }}'
    ruled.given(rule("count", '["lead.updated"]', do))
    with pytest.raises(ConfigError, match=told):
        ruled.add("lead", full_name="Anna Rossi")


def test_a_pool_takes_turns(ruled: Ruled, team: list[int]) -> None:
    do = '{ action = "assign", pool = "team:sales", strategy = "round_robin", only_if_empty = true }'
    ruled.given(rule("share", '["lead.created"]', do))
    first = ruled.do(lambda writer: writer.create("lead", {"full_name": "Lead 0"}))
    for number in range(1, 4):
        ruled.add("lead", full_name=f"Lead {number}")
    ruled.add("lead", full_name="Mine", owner=ruled.store.user())
    ruled.add("lead", full_name="Lead 5")
    carl, dora = team
    assert lead_owners(ruled) == [carl, dora, carl, dora, ruled.store.user(), carl]
    assert first.effects == ("rule share on L1: assigned to carl",)


def test_a_turn_that_is_not_kept_is_not_taken(ruled: Ruled, team: list[int]) -> None:
    ruled.given(
        rule("share", '["lead.created"]', '{ action = "assign", pool = ["dora", "carl"], strategy = "round_robin" }'),
        rule("not-x", '["lead.created"]', '{ action = "refuse", message = "no" }', when='"company_name = X"'),
    )
    carl, dora = team
    ruled.do(lambda writer: writer.create("lead", {"full_name": "Trial"}), dry_run=True)
    with pytest.raises(RefusedError):
        ruled.add("lead", company_name="X")
    for number in range(3):
        ruled.add("lead", full_name=f"Lead {number}")
    assert lead_owners(ruled) == [dora, carl, dora]


def test_who_left_the_pool_is_passed_over(ruled: Ruled, team: list[int]) -> None:
    do = '{ action = "assign", pool = "team:sales", strategy = "round_robin" }'
    ruled.given(rule("share", '["lead.created"]', do))
    ruled.add("lead", full_name="One")
    ruled.store.edit("user", team[0], is_active=False)
    ruled.add("lead", full_name="Two")
    ruled.add("lead", full_name="Three")
    assert lead_owners(ruled) == [team[0], team[1], team[1]]


def test_the_least_busy_takes_a_ticket(ruled: Ruled, team: list[int]) -> None:
    carl, dora = team
    for assignee, status in ((carl, "open"), (dora, "open"), (dora, "new"), (carl, "resolved"), (carl, "resolved")):
        resolved = {"resolution_code": "fixed"} if status == "resolved" else {}
        ruled.store.add("ticket", subject="Old", assignee=assignee, status=status, **resolved)
    do = '{ action = "assign", pool = "team:sales", strategy = "least_busy" }'
    ruled.given(rule("route", '["ticket.created"]', do))
    tickets = [ruled.add("ticket", subject="New", assignee=dora) for _ in range(3)]
    assert [ruled.store.row("ticket", ticket)["assignee_id"] for ticket in tickets] == [carl, carl, dora]


@pytest.mark.parametrize("entity", ["lead", "organization", "contact", "deal", "task", "event"])
def test_the_least_busy_takes_anything(ruled: Ruled, team: list[int], entity: str) -> None:
    ruled.given(
        rule(
            "route",
            f'["{ {"organization": "org"}.get(entity, entity) }.created"]',
            '{ action = "assign", pool = ["dora", "carl"], strategy = "least_busy" }',
        )
    )
    organization = ruled.store.add("organization", name="Acme")
    values: dict[str, dict[str, Any]] = {
        "deal": {"name": "D", "organization": organization},
        "task": {"subject": "T"},
        "event": {"title": "E", "start_at": "2026-03-20T10:00:00Z"},
        "lead": {"full_name": "L"},
        "contact": {"full_name": "C"},
        "organization": {"name": "O"},
    }
    made = [ruled.add(entity, **values[entity]) for _ in range(3)]
    key = "assignee_id" if entity == "task" else "owner_id"
    carl, dora = team
    assert [ruled.store.row(entity, number)[key] for number in made] == [dora, carl, dora]


def test_a_lot_falls_by_the_record(ruled: Ruled, team: list[int]) -> None:
    do = '{ action = "assign", pool = "team:sales", strategy = "random" }'
    ruled.given(rule("lot", '["lead.saved"]', do))
    for number in range(20):
        ruled.add("lead", full_name=f"Lead {number}")
    drawn = lead_owners(ruled)
    assert set(drawn) == set(team)
    for lead in range(1, 21):
        ruled.store.edit("lead", lead, owner=None)
        ruled.edit("lead", lead, score=3)
    assert lead_owners(ruled) == drawn


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ('pool = "team:slaes", strategy = "random"', "no user 'team:slaes'.*did you mean team:sales"),
        ('pool = ["carl", "nobody"], strategy = "random"', "no user 'nobody'"),
        ('pool = "team:sales"', "strategy: is missing"),
        ('pool = "team:sales", strategy = "fair"', "'fair' is not one of its values"),
        ('to = "carl", strategy = "random"', "strategy: is for a pool"),
        ('to = "team:sales"', "fits 2 records"),
        ('to = "carl", pool = "team:sales", strategy = "random"', "needs either to or pool"),
        ("only_if_empty = true", "needs either to or pool"),
    ],
)
def test_who_cannot_be_found_is_a_mistake(ruled: Ruled, team: list[int], keys: str, told: str) -> None:
    ruled.given(rule("share", '["lead.created"]', f'{{ action = "assign", {keys} }}'))
    with pytest.raises(ConfigError, match=told):
        ruled.add("lead", full_name="Anna Rossi")


def test_a_named_user_is_assigned(ruled: Ruled, team: list[int]) -> None:
    ruled.given(
        rule("give", '["lead.created"]', '{ action = "assign", to = "dora" }'),
        rule("follow", '["deal.created"]', '{ action = "assign", to = "{{ record.organization.owner }}" }'),
    )
    ruled.add("lead", full_name="Anna Rossi")
    assert lead_owners(ruled) == [team[1]]
    organization = ruled.store.add("organization", name="Acme", owner=team[0])
    number = ruled.add("deal", name="Site", organization=organization)
    assert ruled.store.row("deal", number)["owner_id"] == team[0]


MOVE_ON = rule("move-on", '["deal.tagged"]', '{ action = "move", stage = "proposal", note = "Sent" }')


def test_a_deal_is_moved_as_by_hand(ruled: Ruled) -> None:
    ruled.given(MOVE_ON)
    number = deal(ruled)
    before = ruled.store.export()
    result = ruled.edit("deal", number, **{"+tags": ["go"]})
    shown = ruled.store.shown("deal", number)
    assert (shown["stage_ref"], shown["probability"]) == ("quote_sent", 65)
    assert [row["cause"] for row in ruled.store.states("deal", number, "stage")][-1] == "rule:move-on"
    assert result.effects == ("rule move-on on D1: moved to quote_sent",)
    assert ruled.store.rows("SELECT body FROM interaction") == [{"body": "Sent"}]
    again = ruled.edit("deal", number, **{"+tags": ["again"]})
    assert again.effects == ()
    ruled.store.undo(again)
    ruled.store.undo(result)
    assert ruled.store.export() == before


def test_a_move_keeps_the_checks_of_a_move(ruled: Ruled) -> None:
    ruled.given(
        rule(
            "lose", '["deal.tagged"]', '{ action = "move", stage = "lost", reason = "price" }', when='"tags has lose"'
        ),
        rule("lose2", '["deal.tagged"]', '{ action = "move", stage = "lost" }', when='"tags has lose2"'),
        rule("open", '["deal.tagged"]', '{ action = "move", stage = "negotiation" }', when='"tags has open"'),
    )
    number = deal(ruled)
    with pytest.raises(RefusedError, match=r"rule lose2, action 1 \(move\) failed: lost_reason: is required"):
        ruled.edit("deal", number, **{"+tags": ["lose2"]})
    ruled.edit("deal", number, **{"+tags": ["lose"]})
    assert (ruled.store.row("deal", number)["outcome"], ruled.store.row("deal", number)["lost_reason"]) == (
        "lost",
        "price",
    )
    with pytest.raises(RefusedError, match="is read-only on a closed deal"):
        ruled.edit("deal", number, **{"-tags": ["lose"], "+tags": ["open"]})


@pytest.mark.parametrize(
    ("on", "keys", "told"),
    [
        ("deal.updated", 'stage = "qoute_sent"', "did you mean sales/quote_sent"),
        ("deal.updated", 'stage = "lost", reason = "prize"', "did you mean price"),
        ("deal.updated", 'stage = "lost", reason = "other"', "note: is missing .the reason other needs one"),
        ("lead.updated", 'stage = "lost"', "a lead has no stages"),
    ],
)
def test_moves_that_lead_nowhere_are_mistakes(ruled: Ruled, on: str, keys: str, told: str) -> None:
    ruled.given(rule("move", f'["{on}"]', f'{{ action = "move", {keys} }}'))
    with pytest.raises(ConfigError, match=told):
        ruled.add("lead", full_name="Anna Rossi")


def test_a_lead_changes_status_as_by_hand(ruled: Ruled) -> None:
    ruled.given(
        rule("junk", '["lead.tagged"]', '{ action = "status", to = "junk", reason = "junk" }', when='"tags has junk"'),
        rule("good", '["lead.tagged"]', '{ action = "status", to = "qualified" }', when='"tags has good"'),
        rule("again", '["lead.tagged"]', '{ action = "status", to = "contacted" }', when='"tags has again"'),
    )
    lead = ruled.add("lead", full_name="Anna Rossi")
    result = ruled.edit("lead", lead, tags=["junk"])
    assert result.effects == ("rule junk on L1: status junk",)
    assert ruled.store.row("lead", lead)["lost_reason"] == "junk"
    with pytest.raises(RefusedError, match=r"rule good, action 1 .status. failed: L1 is lost"):
        ruled.edit("lead", lead, tags=["good"])
    ruled.edit("lead", lead, tags=["again"])
    assert ruled.store.row("lead", lead)["status"] == "contacted"
    ruled.edit("lead", lead, tags=["good"])
    assert ruled.store.row("lead", lead)["status"] == "qualified"


def test_tasks_and_events_change_status(ruled: Ruled) -> None:
    ruled.given(
        rule("drop", '["task.tagged"]', '{ action = "status", to = "cancelled", reason = "No longer needed" }'),
        rule("off", '["event.tagged"]', '{ action = "status", to = "cancelled" }'),
    )
    task = ruled.add("task", subject="Call", tags=["x"])
    event = ruled.add("event", title="Visit", start_at="2026-03-20T10:00:00Z", tags=["x"])
    row = ruled.store.row("task", task)
    assert (row["status"], row["result"]) == ("cancelled", "No longer needed")
    assert ruled.store.row("event", event)["status"] == "cancelled"


def test_a_ticket_is_closed_through_resolved(ruled: Ruled) -> None:
    ruled.given(
        rule(
            "close",
            '["ticket.tagged"]',
            '{ action = "status", to = "closed", code = "answered", reason = "No answer" }',
        ),
        rule("hold", '["ticket.untagged"]', '{ action = "status", to = "on_hold" }'),
        rule("seen", '["ticket.resolved", "ticket.closed"]', '{ action = "warn", message = "{{ record.status }}" }'),
    )
    ticket = ruled.add("ticket", subject="Broken", status="waiting_customer")
    result = ruled.edit("ticket", ticket, tags=["x"])
    row = ruled.store.row("ticket", ticket)
    assert (row["status"], row["resolution"], row["resolution_code"]) == ("closed", "No answer", "answered")
    assert (row["resolved_at"], row["closed_at"]) == (row["updated_at"], row["updated_at"])
    assert result.warnings == ("closed",)
    other = ruled.store.add("ticket", subject="Slow", status="waiting_customer", tags=["y"])
    ruled.edit("ticket", other, tags=[])
    assert ruled.store.row("ticket", other)["status"] == "on_hold"
    assert [row["to_value"] for row in ruled.store.states("ticket", other, "status")] == [
        "waiting_customer",
        "open",
        "on_hold",
    ]


@pytest.mark.parametrize(
    ("on", "keys", "told"),
    [
        ("lead.updated", 'to = "converted"', "converted by the action convert"),
        ("lead.updated", 'to = "unqualified"', "reason: is missing .a lost lead needs one"),
        ("lead.updated", 'to = "unqualified", reason = "other"', "note: is missing"),
        ("lead.updated", 'to = "qualifid"', "did you mean qualified"),
        ("ticket.updated", 'to = "resolved"', "code: is missing .a resolved ticket needs one"),
        ("ticket.updated", 'to = "on_hold", reason = "x"', "a ticket that is on_hold has no resolution"),
        ("task.updated", 'to = "done", code = "fixed"', "code: cannot be said about the status of a task"),
        ("deal.updated", 'to = "won"', "a deal has no status; use move"),
        ("org.updated", 'to = "won"', "an org has no status"),
    ],
)
def test_statuses_that_could_never_be_are_mistakes(ruled: Ruled, on: str, keys: str, told: str) -> None:
    ruled.given(rule("change", f'["{on}"]', f'{{ action = "status", {keys} }}'))
    with pytest.raises(ConfigError, match=told):
        ruled.add("lead", full_name="Anna Rossi")


def test_a_delayed_task_is_begun_later_and_due_after_that(ruled: Ruled) -> None:
    ruled.given(
        rule(
            "later",
            '["lead.created"]',
            '{ action = "task", subject = "Ask again", delay = "+2bd", due = "+1bd" },'
            '{ action = "task", subject = "Some day", delay = "+1m" },'
            '{ action = "task", subject = "Then", delay = "+1w", due = "today" }',
        )
    )
    ruled.add("lead", full_name="Anna Rossi")  # on a Wednesday
    found = [(task["start_on"], task["due_wall"]) for task in ruled.tasks()]
    assert found == [("2026-03-20", "2026-03-23"), ("2026-04-18", None), ("2026-03-25", "2026-03-25")]


def test_an_event_is_made_once_while_it_is_open(ruled: Ruled, team: list[int]) -> None:
    do = (
        '{ action = "event", title = "Visit {{ record.full_name }}", start = "+1w", assign = "carl",'
        ' unless_open = "same_rule" }'
    )
    ruled.given(rule("visit", '["lead.updated"]', do), rule("other", '["lead.created"]', do.replace("Visit", "Meet")))
    lead = ruled.add("lead", full_name="Anna Rossi")
    ruled.edit("lead", lead, score=1)
    ruled.edit("lead", lead, score=2)
    rows = ruled.store.rows("SELECT id, title, start_wall, organiser_id FROM event ORDER BY id")
    assert [row["title"] for row in rows] == ["Meet Anna Rossi", "Visit Anna Rossi"]
    assert rows[1]["organiser_id"] == team[0]
    assert ruled.store.shown("event", 2)["lead_ref"] == "L1"
    ruled.store.edit("event", 2, status="held")
    ruled.edit("lead", lead, score=3)
    assert ruled.store.count("event") == 3


def test_notes_and_calls_are_logged(ruled: Ruled) -> None:
    do = (
        '{ action = "log", subject = "Handed over", body = "Won {{ record.name }} for {{ record.amount | money }}" },'
        '{ action = "log", kind = "call", subject = "Thanks" }'
    )
    ruled.given(rule("note", '["deal.won"]', do))
    number = deal(ruled, amount=Decimal(1200))
    result = deals.win(ruled.context(), [number])
    rows = ruled.store.rows("SELECT kind, subject, body, direction FROM interaction ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [
        ("note", "Handed over", "Won Site for €1,200.00", None),
        ("call", "Thanks", None, "out"),
    ]
    assert ruled.store.shown("interaction", 1)["deal_ref"] == "D1"
    assert result.effects[0] == 'rule note on D1: log A1 "Handed over"'


def test_a_ticket_belongs_to_the_customer(ruled: Ruled, team: list[int]) -> None:
    do = '{ action = "ticket", subject = "Set up {{ record.name }}", priority = "high", assign = "dora" }'
    ruled.given(rule("setup", '["deal.won"]', do), rule("ask", '["contact.tagged"]', do))
    number = deal(ruled)
    deals.win(ruled.context(), [number])
    first = ruled.store.shown("ticket", 1)
    assert (first["subject"], first["priority"], first["organization_ref"]) == ("Set up Site", "high", "O1")
    contact = ruled.add("contact", full_name="Bea Verdi", organization=1, tags=["x"])
    second = ruled.store.shown("ticket", 2)
    assert (second["contact_ref"], second["organization_ref"]) == (f"C{contact}", "O1")
    assert ruled.store.row("ticket", 2)["assignee_id"] == team[1]


def test_any_record_is_created(ruled: Ruled) -> None:
    ruled.given(
        rule(
            "renew",
            '["deal.won"]',
            '{ action = "create", entity = "deal", values = { name = "{{ record.name }} again",'
            ' organization = "{{ record.organization.ref }}", amount = "{{ record.amount }}", stage = "negotiation",'
            ' expected_close = "+1y" } },'
            '{ action = "create", entity = "log", values = { kind = "note", subject = "Renewal planned" } },'
            '{ action = "create", entity = "contact", values = { full_name = "Bea", email = "b@example.com" } }',
        )
    )
    number = deal(ruled, amount=Decimal("12345.67"), currency="USD")
    before = ruled.store.export()
    result = deals.win(ruled.context(), [number])
    made = ruled.store.shown("deal", 2)
    assert (made["name"], made["organization_ref"], made["stage_ref"]) == ("Site again", "O1", "negotiation")
    assert (made["amount"], made["currency"], made["expected_close"]) == (Decimal("12345.67"), "USD", "2027-03-18")
    assert ruled.store.shown("interaction", 1)["deal_ref"] == "D1"
    assert ruled.store.row("contact", 1)["last_name"] == "Bea"
    assert result.counts == {"update": 2}  # the deal and its organization, now a customer
    ruled.store.undo(result)
    assert ruled.store.export() == before


def test_created_records_are_guarded_against_doubles(ruled: Ruled) -> None:
    ruled.store.add("contact", full_name="Bea Verdi", emails=["bea@example.com"])
    do = '{ action = "create", entity = "contact", values = { full_name = "Bea V.", email = "bea@example.com" } }'
    ruled.given(rule("double", '["lead.created"]', do))
    with pytest.raises(RefusedError, match=r"rule double, action 1 \(create\) failed.*C1"):
        ruled.add("lead", full_name="Anna Rossi")
    assert (ruled.store.count("lead"), ruled.store.count("contact")) == (0, 1)


@pytest.mark.parametrize(
    ("on", "do", "told"),
    [
        ("lead.created", '{ action = "create", entity = "quote", values = { a = 1 } }', "no kind of record 'quote'"),
        ("lead.created", '{ action = "create", entity = "tag", values = { name = "a" } }', "no kind of record 'tag'"),
        ("lead.created", '{ action = "create", entity = "org", values = { nam = "a" } }', "did you mean name"),
        ("lead.created", '{ action = "ticket", subject = "a" }', "a ticket cannot be linked to a record of kind lead"),
        ("lead.created", '{ action = "log", kind = "note" }', "needs subject or body"),
        ("lead.created", '{ action = "log", kind = "cal", body = "a" }', "did you mean call"),
        ("task.created", '{ action = "event", title = "a", start = "today" }', "cannot be linked to a record of kind"),
        ("lead.created", '{ action = "event", title = "a", start = "soonish" }', "soonish"),
        ("lead.created", '{ action = "task", subject = "a", delay = "+2xx" }', r"do.1..delay: .*\+2xx"),
        ("deal.created", '{ action = "convert" }', "only a lead is converted, not a deal"),
        ("lead.created", '{ action = "convert", deal = "none", amount = "5" }', "amount: is of the deal"),
        ("lead.created", '{ action = "convert", org = "Nobody Ltd" }', "org: no org"),
    ],
)  # fmt: skip
def test_records_that_could_never_be_are_mistakes(ruled: Ruled, on: str, do: str, told: str) -> None:
    ruled.given(rule("make", f'["{on}"]', do))
    with pytest.raises(ConfigError, match=told):
        ruled.add("organization", name="Acme")


CONVERT = rule(
    "convert",
    '["lead.status_changed"]',
    '{ action = "convert", deal = "Order of {{ record.full_name }}", amount = "12k", stage = "negotiation" }',
    when='"status = qualified"',
)


def test_a_lead_is_converted(ruled: Ruled) -> None:
    ruled.given(CONVERT)
    lead = ruled.add("lead", full_name="Anna Rossi", company_name="Acme", emails=["anna@acme.example"])
    before = ruled.store.export()
    result = ruled.edit("lead", lead, status="qualified")
    shown = ruled.store.shown("lead", lead)
    assert (shown["status"], shown["converted_deal_ref"]) == ("converted", "D1")
    assert result.effects[-1] == "rule convert on L1: converted to C1, O1, D1"
    made = ruled.store.shown("deal", 1)
    assert (made["name"], made["amount"], made["stage_ref"]) == ("Order of Anna Rossi", Decimal(12_000), "negotiation")
    with pytest.raises(RefusedError, match="in the course of another change") as caught:
        unconversion.unconvert(ruled.context(), lead)
    assert caught.value.hint and caught.value.hint.startswith(f"crm undo {result.operation_id} ")
    ruled.store.undo(result)
    assert ruled.store.export() == before


def test_a_conversion_never_guesses(ruled: Ruled) -> None:
    ruled.store.add("organization", name="Acme")
    ruled.given(CONVERT)
    lead = ruled.add("lead", full_name="Anna Rossi", company_name="Acme")
    before = ruled.store.export()
    with pytest.raises(RefusedError, match=r"rule convert, action 1 \(convert\) failed: .* may be about O1 Acme"):
        ruled.edit("lead", lead, status="qualified")
    assert ruled.store.export() == before
    ruled.given(CONVERT.replace('action = "convert"', 'action = "convert", org = "O1", activities = "link"'))
    ruled.edit("lead", lead, status="qualified")
    assert ruled.store.shown("lead", lead)["converted_organization_ref"] == "O1"


def test_a_conversion_without_a_deal(ruled: Ruled, team: list[int]) -> None:
    do = '{ action = "convert", deal = "none", org = "none", contact = "new", owner = "dora" }'
    ruled.given(rule("convert", '["lead.tagged"]', do))
    ruled.add("lead", full_name="Anna Rossi", company_name="Acme", tags=["x"])
    assert (ruled.store.count("deal"), ruled.store.count("organization")) == (0, 0)
    assert ruled.store.row("contact", 1)["owner_id"] == team[1]


def test_an_action_may_fail_where_the_rule_says_so(ruled: Ruled) -> None:
    ruled.given(
        rule(
            "try",
            '["lead.created"]',
            '{ action = "set", on_error = "continue", values = { industry = "{{ record.company_name }}" } },'
            '{ action = "create", on_error = "continue", entity = "deal", values = { name = "X", tags = ["fresh"] } },'
            '{ action = "tag", add = ["fresh"] },'
            '{ action = "warn", on_error = "continue", message = "{{ record.website }}" }',
        ),
        rule("see", '["deal.created"]', '{ action = "refuse", message = "never reached" }'),
    )
    result = ruled.do(lambda writer: writer.create("lead", {"full_name": "Anna Rossi"}))
    assert ruled.store.shown("lead", 1)["tags"] == ["fresh"]
    assert (ruled.store.count("deal"), ruled.store.count("tag")) == (0, 1)
    assert [text.partition(":")[0] for text in result.warnings] == [
        "rule try, action 1 (set) failed",
        "rule try, action 2 (create) failed",
        "rule try, action 4 (warn) failed",
    ]
    (run,) = ruled.runs("try")
    assert run["status"] == "failed"
    assert [one["status"] for one in json.loads(run["actions"])] == ["failed", "failed", "done", "failed"]
    ruled.store.undo(result)
    assert (ruled.store.count("lead"), ruled.store.count("tag")) == (0, 0)


def test_a_failing_action_refuses_the_write_otherwise(ruled: Ruled) -> None:
    do = '{ action = "set", on_error = "fail", values = { industry = "{{ record.company_name }}" } }'
    ruled.given(rule("must", '["lead.created"]', '{ action = "tag", add = ["x"] }, ' + do))
    with pytest.raises(RefusedError, match=r"rule must, action 2 \(set\) failed: .* is empty; give it a default"):
        ruled.add("lead", full_name="Anna Rossi")
    assert (ruled.store.count("lead"), ruled.store.count("tag")) == (0, 0)


def test_a_number_that_is_copied_stays_exact_in_every_language(ruled: Ruled) -> None:
    ruled.store = replace(ruled.store, settings=ruled.store.settings._replace(locale="it"))
    ruled.given(
        rule("copy", '["lead.updated"]', sets(expected_amount='"{{ record.annual_revenue }}"'), watch='["score"]')
    )
    lead = ruled.add("lead", full_name="Anna Rossi", annual_revenue=Decimal("1234.50"))
    ruled.edit("lead", lead, score=1)
    assert ruled.store.shown("lead", lead)["expected_amount"] == Decimal("1234.50")
