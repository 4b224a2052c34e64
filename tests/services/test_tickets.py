from typing import Any

import pytest

from crmcli.errors import NotFoundError, RefusedError
from crmcli.services import tickets
from crmcli.services.linked import New
from tests.services.world import NOW_STORED, Store


@pytest.fixture
def ticket(store: Store) -> int:
    return tickets.open_ticket(store.context(), {"subject": "Cannot log in"}).saved[0].id


def status(store: Store, ticket: int) -> str:
    found: str = store.row("ticket", ticket)["status"]
    return found


def passed(store: Store, ticket: int) -> list[str]:
    return [row["to_value"] for row in store.states("ticket", ticket, "status")]


def comments(store: Store) -> list[tuple[Any, ...]]:
    rows = store.rows("SELECT * FROM ticket_comment ORDER BY id")
    return [(row["body"], row["visibility"], row["author_id"], row["contact_id"]) for row in rows]


def test_a_new_ticket(store: Store, ticket: int) -> None:
    row = store.row("ticket", ticket)
    assert (row["number"], row["status"], row["opened_at"], row["channel"]) == (
        "2026-00001",
        "new",
        NOW_STORED,
        "manual",
    )
    assert row["first_response_at"] is None


def test_a_new_customer_comes_with_the_ticket(store: Store) -> None:
    values = {"subject": "Cannot log in", "contact": New("contact", {"name": "Anna Rossi"})}
    result = tickets.open_ticket(store.context(), values)
    (ticket,) = (saved.id for saved in result.saved if saved.entity == "ticket")
    assert store.shown("ticket", ticket)["contact"] == "Anna Rossi"
    store.undo(result)
    assert (store.count("ticket"), store.count("contact")) == (0, 0)


def test_the_ticket_of_a_person_belongs_to_their_main_employer_unless_told_otherwise(store: Store) -> None:
    places = [{"organization_id": store.add("organization", name=name), "is_primary": primary, "is_active": 1}
              for name, primary in (("Beta", 0), ("Acme", 1))]  # fmt: skip
    anna, alone = store.add("contact", name="Anna", organizations=places), store.add("contact", name="Bruno")
    given: dict[str, dict[str, Any]] = {
        "Acme": {"contact": anna},
        "Beta": {"contact": anna, "organization": 1},
        "nobody's": {"contact": anna, "organization": None},
        "Bruno's": {"contact": alone},
    }
    found = [store.shown("ticket", store.add("ticket", subject="Help", **values)) for values in given.values()]
    assert [ticket["organization"] for ticket in found] == ["Acme", "Beta", None, None]
    result = store.edit("ticket", 4, contact=anna)
    assert store.shown("ticket", 4)["organization"] == "Acme"
    store.undo(result)
    store.edit("ticket", 4, subject="Help me")
    assert store.shown("ticket", 4)["organization"] is None


def test_numbers_are_never_given_twice(store: Store, ticket: int) -> None:
    second = tickets.open_ticket(store.context(), {"subject": "Second"})
    assert store.row("ticket", second.saved[0].id)["number"] == "2026-00002"
    store.undo(second)
    third = tickets.open_ticket(store.context(), {"subject": "Third"})
    assert store.row("ticket", third.saved[0].id)["number"] == "2026-00003"
    with pytest.raises(RefusedError, match="has the number 2026-00003 already"):
        store.add("ticket", {"subject": "Fourth", "number": "2026-00003"}, intent="import")
    ours = store.add("ticket", {"subject": "Fifth", "number": "CASE-9"}, intent="import")
    assert store.row("ticket", ours)["number"] == "CASE-9"
    assert store.row("ticket", store.add("ticket", subject="Sixth"))["number"] == "2026-00004"


@pytest.mark.parametrize(
    ("start", "to", "fits"),
    [
        ("new", "open", True),
        ("new", "on_hold", False),
        ("new", "closed", False),
        ("open", "new", False),
        ("open", "waiting_customer", True),
        ("waiting_customer", "on_hold", False),
        ("waiting_customer", "resolved", True),
        ("on_hold", "open", True),
        ("on_hold", "closed", False),
        ("resolved", "open", True),
        ("resolved", "closed", True),
        ("resolved", "on_hold", False),
        ("closed", "open", False),
        ("closed", "resolved", False),
    ],
)
def test_the_ways_between_states(store: Store, start: str, to: str, fits: bool) -> None:
    ticket = store.add("ticket", {"subject": "S", "status": start, "resolution_code": "fixed"}, intent="import")
    if fits:
        store.edit("ticket", ticket, status=to)
        assert status(store, ticket) == to
    else:
        with pytest.raises(RefusedError, match=f"a ticket that is {start} becomes|a closed ticket stays closed"):
            store.edit("ticket", ticket, status=to)


def test_a_pause_is_reached_through_open(store: Store, ticket: int) -> None:
    tickets.set_status(store.context(), [ticket], "on_hold")
    tickets.set_status(store.context(), [ticket], "waiting_customer")
    assert passed(store, ticket) == ["new", "open", "on_hold", "open", "waiting_customer"]
    result = tickets.set_status(store.context(), [ticket], "waiting_customer")
    assert (result.warnings, result.counts) == ((f"K{ticket} is waiting customer already",), {"unchanged": 1})


def test_resolving_needs_a_code(store: Store, ticket: int) -> None:
    with pytest.raises(RefusedError, match="resolution_code: is needed to resolve: fixed, answered"):
        tickets.close(store.context(), [ticket])
    with pytest.raises(RefusedError, match="did you mean fixed"):
        tickets.resolve(store.context(), [ticket], "fixd")
    with pytest.raises(RefusedError, match="of which ticket it is a duplicate"):
        tickets.resolve(store.context(), [ticket], "duplicate")
    with pytest.raises(RefusedError, match="duplicate_of: cannot be K1 itself"):
        tickets.resolve(store.context(), [ticket], "duplicate", duplicate_of=ticket)
    assert status(store, ticket) == "new"


def test_an_unknown_state_is_told(store: Store) -> None:
    with pytest.raises(RefusedError, match="ticket refused: status: '42' is not one of new, open") as caught:
        store.add("ticket", {"subject": "S", "status": "42"})
    assert len(caught.value.problems) == 1


def test_resolving_and_closing(store: Store, ticket: int) -> None:
    other = store.add("ticket", subject="Other")
    tickets.resolve(store.context(), [ticket], "duplicate", "The same fault", duplicate_of=other)
    row = store.row("ticket", ticket)
    assert (row["resolved_at"], row["closed_at"], row["resolution"]) == (NOW_STORED, None, "The same fault")
    again = tickets.resolve(store.context(), [ticket, other], "fixed")
    assert again.warnings == (f"K{ticket} is resolved already",)
    assert again.counts == {"unchanged": 1, "update": 1}
    tickets.close(store.context(), [ticket])
    assert store.row("ticket", ticket)["closed_at"] == NOW_STORED
    assert store.row("ticket", ticket)["resolution_code"] == "duplicate"


def test_closing_resolves_first(store: Store, ticket: int) -> None:
    result = tickets.close(store.context(), [ticket], "fixed", "Password reset")
    assert passed(store, ticket) == ["new", "resolved", "closed"]
    row = store.row("ticket", ticket)
    assert row["resolved_at"] == row["first_resolved_at"] == row["closed_at"] == NOW_STORED
    assert tickets.close(store.context(), [ticket]).warnings == (f"K{ticket} is closed already",)
    store.undo(result)
    assert status(store, ticket) == "new"


def test_times_that_cannot_be(store: Store, ticket: int) -> None:
    with pytest.raises(RefusedError, match="is before opened_at"):
        tickets.resolve(store.context(), [ticket], "fixed", at="2026-03-18T10:00:00Z")
    with pytest.raises(RefusedError, match="is in the future"):
        tickets.resolve(store.context(), [ticket], "fixed", at="2026-03-18T12:00:00Z")
    with pytest.raises(RefusedError, match="only a ticket that is closed"):
        store.add("ticket", {"subject": "S", "status": "open", "closed_at": NOW_STORED}, intent="import")
    with pytest.raises(RefusedError, match="csat_score: goes from 1 to 5"):
        store.edit("ticket", ticket, csat_score=6)


def test_what_an_import_may_give(store: Store) -> None:
    opened, resolved = "2025-01-10T09:00:00Z", "2025-01-12T09:00:00Z"
    closed = store.add("ticket", {"subject": "A", "opened_at": opened, "closed_at": resolved}, intent="import")
    row = store.row("ticket", closed)
    assert (row["status"], row["resolved_at"], row["closed_at"]) == ("closed", resolved, resolved)
    again = {"subject": "B", "status": "open", "opened_at": opened, "resolved_at": resolved}
    row = store.row("ticket", store.add("ticket", again, intent="import"))
    assert (row["resolved_at"], row["first_resolved_at"]) == (None, resolved)
    store.edit("ticket", closed, subject="A, edited")  # no code is asked of one that came without


def test_reopening(store: Store, ticket: int) -> None:
    tickets.resolve(store.context(), [ticket], "fixed", "Restarted")
    tickets.reopen(store.context(), ticket, "Fails again")
    row = store.row("ticket", ticket)
    assert (row["status"], row["reopened_count"], row["last_reopened_at"]) == ("open", 1, NOW_STORED)
    assert (row["resolution"], row["resolution_code"]) == (None, None)
    assert comments(store) == [("Fails again", "internal", store.user(), None)]
    assert tickets.reopen(store.context(), ticket).warnings == (f"K{ticket} is open already",)
    tickets.close(store.context(), [ticket], "fixed")
    with pytest.raises(RefusedError, match="a reply opens a follow-up"):
        tickets.reopen(store.context(), ticket)


@pytest.mark.parametrize("state", ["waiting_customer", "on_hold"])
def test_a_customer_ends_a_pause_and_a_machine_does_not(store: Store, ticket: int, state: str) -> None:
    tickets.set_status(store.context(), [ticket], state)
    tickets.reply(store.context(), ticket, "I am on holiday", by_contact=True, automatic=True)
    assert status(store, ticket) == state
    tickets.reply(store.context(), ticket, "Here is the log", by_contact=True)
    assert status(store, ticket) == "open"
    assert store.row("ticket", ticket)["reopened_count"] == 0


def test_who_wrote_a_comment(store: Store) -> None:
    contact, colleague = store.add("contact", last_name="Rossi"), store.add("contact", last_name="Bianchi")
    opened = tickets.open_ticket(store.context(), {"subject": "S", "contact": contact}, "Rang up")
    ticket = opened.saved[0].id
    tickets.reply(store.context(), ticket, "More", by_contact=True)
    tickets.reply(store.context(), ticket, "And more", by_contact=True, contact_id=colleague)
    tickets.reply(store.context(), ticket, "Thanks")
    anna = store.user()
    assert comments(store) == [
        ("Rang up", "internal", anna, None),
        ("More", "public", None, contact),
        ("And more", "public", None, colleague),
        ("Thanks", "public", anna, None),
    ]
    with pytest.raises(RefusedError, match="either by a user or by a contact"):
        store.add("ticket_comment", ticket=ticket, body="x", author=anna, contact=contact)
    with pytest.raises(RefusedError, match="there is no ticket K99"):
        store.add("ticket_comment", ticket=99, body="x")


def test_an_automatic_reply_stays_on_the_closed_ticket(store: Store, ticket: int) -> None:
    tickets.close(store.context(), [ticket], "fixed")
    tickets.reply(store.context(), ticket, "Out of office", by_contact=True, automatic=True)
    assert store.count("ticket") == 1
    assert status(store, ticket) == "closed"


def test_assigning(store: Store, ticket: int) -> None:
    bruno = store.add("user", handle="bruno")
    tickets.assign(store.context(), [ticket], bruno)
    assert store.row("ticket", ticket)["assignee_id"] == bruno
    tickets.assign(store.context(), [ticket], None)
    assert store.row("ticket", ticket)["assignee_id"] is None
    with pytest.raises(NotFoundError):
        tickets.assign(store.context(), [99], bruno)


def test_undo_restores_everything(store: Store, ticket: int) -> None:
    tickets.resolve(store.context(), [ticket], "fixed")
    before = store.export()
    reply = tickets.reply(store.context(), ticket, "Not solved", by_contact=True)
    closing = tickets.close(store.context(), [ticket], "answered")
    follow_up = tickets.reply(store.context(), ticket, "Still not", by_contact=True)
    for result in (follow_up, closing, reply):
        store.undo(result)
    assert store.export() == before


def test_a_dry_run_changes_nothing(store: Store, ticket: int) -> None:
    before = store.export()
    result = tickets.close(store.context(dry_run=True), [ticket], "fixed")
    assert (result.records[0]["status"], store.export()) == ("closed", before)
