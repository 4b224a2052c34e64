"""Merging: golden cases 8.d, 8.e, 8.h, 8.i and 8.j, every reference, and the way back."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crmcli.catalogue import ENTITIES
from crmcli.domain.money import Amount
from crmcli.errors import ConflictError, NotFoundError, RefusedError, UsageError
from crmcli.queries.checks import broken_invariants
from crmcli.queries.references import find_reference
from crmcli.services import deals
from crmcli.services.conversion import ConvertOptions
from crmcli.services.leads import convert
from crmcli.services.merging import merge
from crmcli.services.results import Result
from crmcli.store.reader import open_reader
from tests.services.ruled import Ruled, rule
from tests.services.world import Store


def merged(store: Store, entity: str, keep: int, *lose: int, auto: bool = False, **takes: int) -> Result:
    return merge(store.context(), entity, keep, lose, takes=takes, auto=auto)


def euro(amount: str, currency: str = "EUR") -> Amount:
    return Amount(Decimal(amount), currency, False)


@pytest.fixture
def pair(store: Store) -> Store:
    """Two contacts that are one person, and everything that can point to the second."""
    store.add("organization", name="Acme")
    store.add("custom_field", entity="deal", key="guide", label="Guide", type="ref", options=["contact"])
    store.add("contact", full_name="Anna Rossi", organization=1, emails=["anna@example.com"], tags=["vip"])
    store.add(
        "contact", full_name="Anna Rossi", job_title="CTO", organization=1, emails=["a.rossi@example.org"],
        phones=["+39 02 1234567"], tags=["fair", "vip"], dates=[{"label": "name day", "day": "--07-26", "remind": 1}],
        external_refs=[{"system": "hubspot", "external_id": "77", "url": None}],
    )  # fmt: skip
    store.add("contact", full_name="Bea Verdi", reports_to=2, referred_by=2, distinct_from=[_link("contact", 2)])
    deal = store.add(
        "deal", name="Spring", contact=2, contacts=[{"contact_id": 1, "role": None}, {"contact_id": 2, "role": "user"}],
        guide=2,
    )  # fmt: skip
    store.add("task", subject="Call", links=[_link("contact", 2, 1), _link("contact", 1), _link("deal", deal)])
    store.add("interaction", kind="note", body="Met", occurred_at="2026-03-01T10:00:00Z", links=[_link("contact", 2)])
    store.add(
        "event", title="Demo", start_at="2026-03-20T10:00:00Z", links=[_link("contact", 2)],
        attendees=[_link("contact", 1) | {"response": "none"}, _link("contact", 2) | {"response": "accepted"}],
    )  # fmt: skip
    store.add("ticket", subject="Broken", contact=2)
    store.add("ticket_comment", ticket=1, body="Help", contact=2)
    store.add("lead", last_name="New", referred_by=2)
    return store


def _link(entity: str, record_id: int, main: int = 0) -> dict[str, Any]:
    return (
        {"entity": entity, "record_id": record_id, "is_main": main}
        if main
        else {"entity": entity, "record_id": record_id}
    )


def test_everything_goes_to_the_survivor(pair: Store) -> None:
    merged(pair, "contact", 1, 2)
    contact = pair.shown("contact", 1)
    assert (contact["name"], contact["job_title"], contact["phone"]) == ("Anna Rossi", "CTO", "+39 02 1234567")
    assert contact["emails"] == ["anna@example.com", "a.rossi@example.org"]
    assert contact["email"] == "anna@example.com"
    assert contact["tags"] == ["vip", "fair"]
    assert [row["organization"] for row in contact["organizations"]] == ["Acme"]
    assert [row["label"] for row in contact["dates"]] == ["name day"]
    assert [row["external_id"] for row in contact["external_refs"]] == ["77"]
    other = pair.shown("contact", 3)
    assert (other["reports_to_ref"], other["referred_by_ref"]) == ("C1", "C1")
    assert [row["ref"] for row in other["distinct_from"]] == ["C1"]
    deal = pair.shown("deal", 1)
    assert (deal["contact_ref"], deal["custom"]["guide"]) == ("C1", "C1")
    assert [(row["contact_ref"], row["role"]) for row in deal["contacts"]] == [("C1", "user")]
    assert [(row["ref"], row["is_main"]) for row in pair.shown("task", 1)["links"]] == [("C1", True), ("D1", False)]
    assert [row["ref"] for row in pair.shown("interaction", 1)["links"]] == ["C1"]
    assert [(row["ref"], row["response"]) for row in pair.shown("event", 1)["attendees"]] == [("C1", "accepted")]
    assert pair.shown("ticket", 1)["contact_ref"] == "C1"
    assert pair.row("ticket_comment", 1)["contact_id"] == 1
    assert pair.shown("lead", 1)["referred_by_ref"] == "C1"
    gone = pair.row("contact", 2)
    assert gone["merged_into_id"] == 1
    assert gone["deleted_at"]
    assert pair.rows("SELECT kind FROM operation ORDER BY id DESC LIMIT 1") == [{"kind": "merge"}]
    assert not list(pair.rows("SELECT 1 FROM change WHERE operation_id = (SELECT MAX(id) FROM operation)"
                              " AND cause <> 'merge'"))  # fmt: skip


def test_the_store_is_sound_after_a_merge(pair: Store) -> None:
    merged(pair, "contact", 1, 2)
    with open_reader(pair.path, "UTC") as con:
        assert list(broken_invariants(con)) == []


def test_rules_see_the_survivor_change_and_nobody_deleted(pair: Store, tmp_path: Path) -> None:
    ruled = Ruled(pair, tmp_path / "rules").given(
        rule("kept", '["contact.updated"]', '{ action = "tag", add = ["kept"] }'),
        rule("gone", '["contact.deleted"]', '{ action = "tag", add = ["gone"] }'),
    )
    result = merge(ruled.context(), "contact", 1, [2])
    assert [row["name"] for row in pair.rows("SELECT name FROM tag WHERE name IN ('kept', 'gone')")] == ["kept"]
    assert "kept" in pair.shown("contact", 1)["tags"]
    pair.undo(result)
    assert pair.row("contact", 2)["deleted_at"] is None


def test_8h_undo_restores_every_record_and_link(pair: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    before = pair.export()
    result = merged(pair, "contact", 1, 2)
    assert pair.export() != before
    pair.undo(result)
    assert pair.export() == before


def test_8h_of_organizations(store: Store) -> None:
    one = store.add("organization", name="Acme", description="Steel")
    other = store.add("organization", name="Acme Srl", domain="acme.example", description="From the fair")
    store.add("contact", full_name="Anna Rossi", organization=other)
    store.add("contact", full_name="Bea Verdi", organizations=[_place(one, 1), _place(other, 0)])
    store.add("organization", name="Branch", parent=other)
    deal = store.add("deal", name="Spring", organization=other)
    deals.win(store.context(), [deal])
    before = store.export()
    result = merged(store, "organization", one, other)
    kept = store.shown("organization", one)
    assert (kept["domain"], kept["description"]) == ("acme.example", "Steel\n\nFrom the fair")
    assert (kept["type"], kept["lifecycle_stage"], kept["contacts_count"]) == ("customer", "customer", 2)
    assert [row["organization_ref"] for row in store.shown("contact", 2)["organizations"]] == ["O1"]
    assert store.shown("organization", 3)["parent_ref"] == "O1"
    assert store.shown("deal", deal)["organization_ref"] == "O1"
    store.undo(result)
    assert store.export() == before


def _place(organization: int, primary: int) -> dict[str, Any]:
    return {"organization_id": organization, "role": None, "is_primary": primary, "is_active": 1}


def test_8j_references_resolve_through_every_merge(store: Store) -> None:
    for name in ("Anna", "Anna R.", "A. Rossi"):
        store.add("contact", last_name=name)
    merged(store, "contact", 1, 2)
    with open_reader(store.path, "UTC") as con:
        assert find_reference(con, "contact", "C2").id == 1
    with pytest.raises(NotFoundError):
        merged(store, "contact", 2, 3)  # the command line resolves refs before
    merged(store, "contact", 3, 1)
    with open_reader(store.path, "UTC") as con:
        assert [find_reference(con, "contact", ref).id for ref in ("C1", "C2", "C3")] == [3, 3, 3]


def test_8i_an_address_is_taken_as_a_whole(store: Store) -> None:
    store.add("contact", last_name="Rossi", city="Milano")
    store.add("contact", last_name="Rossi", street="Via Po 1", city="Torino")
    merged(store, "contact", 1, 2)
    row = store.row("contact", 1)
    assert (row["street"], row["city"]) == ("Via Po 1", "Torino")


def test_an_address_stays_where_both_say_as_much(store: Store) -> None:
    store.add("organization", name="Acme", billing_city="Milano", shipping_city="Roma")
    store.add("organization", name="Acme", billing_country="DE", shipping_city="Pisa", shipping_street="Via Po 1")
    merged(store, "organization", 1, 2)
    row = store.row("organization", 1)
    assert (row["billing_city"], row["billing_country"]) == ("Milano", None)
    assert (row["shipping_city"], row["shipping_street"]) == ("Pisa", "Via Po 1")


@pytest.mark.parametrize("key", ["city", "address"])
def test_take_decides_about_a_whole_address(store: Store, key: str) -> None:
    store.add("contact", last_name="Rossi", city="Milano")
    store.add("contact", last_name="Rossi", street="Via Po 1", city="Torino")
    merge(store.context(), "contact", 1, [2], takes={key: 1})
    row = store.row("contact", 1)
    assert (row["street"], row["city"]) == (None, "Milano")


def test_take_decides_about_fields_and_primary_points(store: Store) -> None:
    store.add("contact", last_name="Rossi", job_title="CEO", emails=["one@example.com"], source="event")
    store.add("contact", last_name="Rosso", job_title="CTO", emails=["two@example.com"], source="ads")
    result = merged(store, "contact", 1, 2, job_title=2, email=2, source=2)
    contact = store.shown("contact", 1)
    assert (contact["job_title"], contact["email"], contact["source"]) == ("CTO", "two@example.com", "ads")
    assert contact["emails"] == ["two@example.com", "one@example.com"]
    assert "C1 has Last name 'Rossi'; C2 had 'Rosso'" in result.warnings


def test_the_earliest_source_and_every_ban_count(store: Store) -> None:
    store.add("contact", last_name="Rossi")
    store.add("contact", last_name="Rossi", source="ads", do_not_call=True)
    store.add("contact", last_name="Rossi", source="event", source_detail="Fair", do_not_email=True)
    store.edit("contact", 3, created_at="2020-01-01T00:00:00Z")
    merged(store, "contact", 1, 2, 3)
    row = store.row("contact", 1)
    assert (row["source"], row["source_detail"]) == ("event", "Fair")
    assert (row["do_not_call"], row["do_not_email"]) == (1, 1)
    with pytest.raises(UsageError, match="as soon as one"):
        store.add("contact", last_name="Rossi")
        merged(store, "contact", 1, 4, do_not_call=4)


def test_descriptions_stand_one_below_the_other_once(store: Store) -> None:
    for text in ("Likes tea", "likes TEA", "Plays chess"):
        store.add("contact", last_name="Rossi", description=text)
    merged(store, "contact", 1, 2, 3)
    assert store.row("contact", 1)["description"] == "Likes tea\n\nPlays chess"


def test_auto_takes_the_fullest_then_the_oldest(store: Store) -> None:
    store.add("contact", last_name="Rossi")
    store.add("contact", last_name="Rossi", job_title="CEO")
    store.add("contact", last_name="Rossi", job_title="CTO")
    merged(store, "contact", 1, 3, 2, auto=True)
    assert [row["id"] for row in store.rows("SELECT id FROM contact WHERE deleted_at IS NULL")] == [2]
    assert store.row("contact", 2)["job_title"] == "CEO"


def test_nobody_reports_to_himself(store: Store) -> None:
    store.add("contact", last_name="Rossi")
    store.add("contact", last_name="Rossi", reports_to=1)
    store.edit("contact", 1, {"referred_by": 2})
    before = store.export()
    result = merged(store, "contact", 1, 2)
    assert store.row("contact", 1)["reports_to_id"] is None
    assert store.row("contact", 1)["referred_by_id"] is None
    store.undo(result)
    assert store.export() == before


@pytest.mark.parametrize(("entity", "above"), [("organization", "parent"), ("contact", "reports_to")])
@pytest.mark.parametrize(("keep", "lose"), [(1, 3), (3, 1)])
def test_a_merge_closes_no_circle(store: Store, entity: str, above: str, keep: int, lose: int) -> None:
    name = "name" if entity == "organization" else "last_name"
    for number in range(3):
        store.add(entity, **{name: f"Acme {number}"})
    store.edit(entity, 2, {above: 1})
    store.edit(entity, 3, {above: 2})
    before = store.export()
    result = merged(store, entity, keep, lose)
    assert store.row(entity, keep)[f"{above}_id"] is None
    assert store.row(entity, 2)[f"{above}_id"] == keep
    letter = ENTITIES[entity].letter
    assert f"{letter}2 stands below {letter}{keep} now, and no longer above it" in result.warnings
    with open_reader(store.path, "UTC") as con:
        assert list(broken_invariants(con)) == []
    store.undo(result)
    assert store.export() == before


def test_different_amounts_and_stages_of_deals_are_for_the_user_to_decide(store: Store) -> None:
    store.add("organization", name="Acme")
    store.add("deal", name="Spring", organization=1, amount=euro("100"))
    store.add("deal", name="Spring", organization=1, amount=euro("200"), stage=store.stage("negotiation"))
    with pytest.raises(ConflictError) as error:
        merged(store, "deal", 1, 2)
    assert error.value.details["fields"] == {
        "stage": {"D1": "Potential", "D2": "Negotiating"},
        "amount": {"D1": "100.00", "D2": "200.00"},
    }
    before = store.export()
    result = merged(store, "deal", 1, 2, stage=2, amount=2)
    deal = store.shown("deal", 1)
    assert (deal["stage"], deal["amount"], deal["probability"]) == ("Negotiating", Decimal("200.00"), Decimal(40))
    store.undo(result)
    assert store.export() == before


def test_amounts_in_different_currencies_are_not_mixed(store: Store) -> None:
    store.add("organization", name="Acme")
    store.add("deal", name="Spring", organization=1, amount=euro("100"), recurring_amount=euro("5"))
    store.add("deal", name="Spring", organization=1, amount=euro("100", "JPY"))
    with pytest.raises(ConflictError, match="currency"):
        merged(store, "deal", 1, 2)
    merged(store, "deal", 1, 2, amount=2)
    deal = store.shown("deal", 1)
    assert (deal["amount"], deal["currency"], deal["recurring_amount"]) == (Decimal(100), "JPY", None)


def test_the_currency_of_who_has_no_amount_says_nothing(store: Store) -> None:
    store.add("organization", name="Acme")
    store.add("organization", name="Acme", annual_revenue=euro("5000", "USD"))
    merged(store, "organization", 1, 2)
    kept = store.shown("organization", 1)
    assert (kept["annual_revenue"], kept["currency"]) == (Decimal("5000.00"), "USD")


def test_a_won_deal_may_take_an_open_one_but_two_closed_ones_stay(store: Store) -> None:
    store.add("organization", name="Acme")
    for name in ("One", "Two", "Three"):
        store.add("deal", name=name, organization=1)
    deals.win(store.context(), [1])
    deals.lose(store.context(), [3], "price", None)
    with pytest.raises(RefusedError, match="D1 and D3 are closed"):
        merged(store, "deal", 1, 3)
    with pytest.raises(ConflictError, match="stage"):
        merged(store, "deal", 2, 1)
    before = store.export()
    result = merged(store, "deal", 2, 1, outcome=1)
    row = store.row("deal", 2)
    assert (row["outcome"], row["probability_bp"]) == ("won", 10_000)
    assert row["closed_at"] == store.row("deal", 1)["closed_at"]
    store.undo(result)
    assert store.export() == before


def test_leads_merge_but_converted_ones_do_not(store: Store) -> None:
    store.add("lead", last_name="Rossi", emails=["a@example.com"])
    store.add("lead", last_name="Rossi", company_name="Acme", tags=["vip"])
    store.add("lead", last_name="Rossi", status="junk", lost_reason="timing")
    with pytest.raises(ConflictError, match="status"):
        merged(store, "lead", 1, 3)
    merged(store, "lead", 1, 2)
    assert (store.shown("lead", 1)["company_name"], store.shown("lead", 1)["tags"]) == ("Acme", ["vip"])
    convert(store.context(), 1, ConvertOptions())
    with pytest.raises(RefusedError, match="converted"):
        merged(store, "lead", 3, 1)


def test_an_undone_merge_can_be_done_again_and_a_later_one_stands_in_the_way(store: Store) -> None:
    for name in ("One", "Two", "Three"):
        store.add("contact", last_name=name)
    first = merged(store, "contact", 1, 2)
    second = merged(store, "contact", 3, 1)
    with pytest.raises(ConflictError, match="C1, which was merged into C3"):
        store.undo(first)
    store.undo(second)
    store.undo(first)
    assert store.count("contact") == 3


def test_a_dry_run_leaves_everything(pair: Store) -> None:
    before = pair.export()
    result = merge(pair.context(dry_run=True), "contact", 1, [2])
    assert result.dry_run
    assert pair.export() == before


def test_what_cannot_be_merged_is_told(store: Store) -> None:
    store.add("contact", last_name="One")
    store.add("contact", last_name="Two")
    store.add("task", subject="One")
    with pytest.raises(UsageError, match="alone"):
        merged(store, "contact", 1, 1)
    with pytest.raises(UsageError, match="not among"):
        merged(store, "contact", 1, 2, job_title=7)
    with pytest.raises(UsageError, match="no field"):
        merged(store, "contact", 1, 2, nonsense=2)
    with pytest.raises(UsageError, match="cannot be taken"):
        merged(store, "contact", 1, 2, created_at=2)
    store.add("task", subject="Two")
    with pytest.raises(UsageError, match="tasks cannot be merged"):
        merged(store, "task", 1, 2)
