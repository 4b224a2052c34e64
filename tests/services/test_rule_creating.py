"""What rules create: tasks, events, notes, tickets, and any other record."""

from decimal import Decimal

import pytest

from crmcli.errors import ConfigError, RefusedError
from crmcli.services import deals
from tests.services.ruled import Ruled, deal, rule


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
