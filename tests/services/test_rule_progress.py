"""How rules take records further: a stage, a status, a conversion, each with the checks of the command."""

from decimal import Decimal

import pytest

from crmcli.errors import ConfigError, RefusedError
from crmcli.services import leads, unconversion
from crmcli.services.conversion import ConvertOptions
from tests.services.ruled import Ruled, deal, rule

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
    later = ruled.store.edit("deal", 1, description="well")
    with pytest.raises(RefusedError, match="in the course of another change") as caught:
        unconversion.unconvert(ruled.context(), lead)
    assert caught.value.hint == "crm undo 2 takes that change back with everything that followed"
    ruled.store.undo(later)
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


def test_a_conversion_taken_back_is_an_event_of_the_lead_alone(ruled: Ruled) -> None:
    tells = [
        rule(name, f'["{event}"]', '{ action = "tag", add = ["seen"] }')
        for name, event in (("back", "lead.unconverted"), ("deal", "deal.saved"), ("contact", "contact.saved"))
    ]
    lead = ruled.add("lead", full_name="Anna Rossi", company_name="Acme")
    leads.convert(ruled.context(), lead, ConvertOptions())
    ruled.given(*tells)
    result = unconversion.unconvert(ruled.context(), lead)
    assert [ruled.runs(name) != [] for name in ("back", "deal", "contact")] == [True, False, False]
    assert ruled.store.shown("lead", lead)["tags"] == ["seen"]
    ruled.store.undo(result)
    shown = ruled.store.shown("lead", lead)
    assert (shown["status"], shown["tags"]) == ("converted", [])
