"""Conversion: golden cases 1.a to 1.l, and the way back."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from crmcli.domain.money import Amount
from crmcli.errors import ConflictError, DuplicateError, RefusedError
from crmcli.services import deals
from crmcli.services.conversion import ConvertOptions
from crmcli.services.leads import convert
from crmcli.services.results import Result
from crmcli.services.unconversion import unconvert
from tests.services.world import NOW_STORED, Store


def converted(store: Store, lead: int, **options: Any) -> Result:
    return convert(store.context(), lead, ConvertOptions(**options))


def as_user(store: Store, handle: str) -> Store:
    return replace(store, settings=store.settings._replace(user=handle))


def test_everything_new(store: Store) -> None:
    owner = store.add("user", handle="bob")
    lead = store.add(
        "lead", first_name="Anna", last_name="Rossi", company_name="Acme", job_title="CTO", do_not_call=True,
        emails=["anna@acme.example"], phones=[{"value": "+39 02 1234567", "label": "work"}], website="www.acme.example",
        city="Milano", owner=owner, source="event", expected_amount=Amount(Decimal("1200.50"), "USD", False),
        tags=["vip"],
    )  # fmt: skip
    result = converted(store, lead, expected_close="2026-06-30", stage="proposal")
    contact, organization, deal = (store.shown(entity, 1) for entity in ("contact", "organization", "deal"))
    assert (contact["name"], contact["job_title"], contact["organization"]) == ("Anna Rossi", "CTO", "Acme")
    assert (contact["emails"], contact["phones"]) == (["anna@acme.example"], ["+39 02 1234567"])
    assert (contact["tags"], contact["do_not_call"], contact["city"]) == (["vip"], True, None)
    assert contact["organizations"][0]["role"] == "CTO"
    assert (organization["name"], organization["domain"], organization["city"]) == ("Acme", "acme.example", "Milano")
    assert (deal["name"], deal["amount"], deal["currency"]) == ("Acme", Decimal("1200.50"), "USD")
    assert (deal["stage"], deal["expected_close"], deal["lead_ref"]) == ("Quote sent", "2026-06-30", "L1")
    assert {record["owner"] for record in (contact, organization, deal)} == {"bob"}
    assert {record["source"] for record in (contact, organization, deal)} == {"event"}
    row = store.row("lead", lead)
    assert (row["status"], row["converted_at"], row["converted_by_id"]) == ("converted", NOW_STORED, store.user())
    assert (row["converted_contact_id"], row["converted_organization_id"], row["converted_deal_id"]) == (1, 1, 1)
    assert [store.row(entity, 1)["lifecycle_stage"] for entity in ("lead", "contact", "organization")] == [
        "opportunity"
    ] * 3
    assert store.rows("SELECT kind FROM operation WHERE id = ?", result.operation_id) == [{"kind": "convert"}]


def test_1a_known_email(store: Store) -> None:
    known = store.add("contact", first_name="Anna", emails=["Anna@Example.com"])
    lead = store.add("lead", first_name="Anna", emails=["anna@example.com "])
    converted(store, lead)
    assert store.count("contact") == 1
    assert store.row("lead", lead)["converted_contact_id"] == known


def test_1b_blanks_are_filled_and_differences_told(store: Store) -> None:
    known = store.add("contact", first_name="Anna", job_title="CTO", emails=["anna@example.com"])
    lead = store.add("lead", first_name="Anna", job_title="CEO", emails=["anna@example.com"], phones=["+39 02 1234567"])
    result = converted(store, lead)
    contact = store.shown("contact", known)
    assert (contact["phone"], contact["job_title"]) == ("+39 02 1234567", "CTO")
    assert result.warnings == ("C1 keeps Job title 'CTO'; the lead says 'CEO'",)
    note = store.shown("interaction", 1)
    assert (note["kind"], note["contact_ref"], note["body"]) == ("note", "C1", result.warnings[0])


def test_addresses_are_not_mixed(store: Store) -> None:
    store.add("contact", first_name="Anna", emails=["anna@example.com"], city="Torino")
    lead = store.add("lead", last_name="Rossi", emails=["anna@example.com"], city="Milano", street="Via Roma 1")
    converted(store, lead)
    contact = store.row("contact", 1)
    assert (contact["city"], contact["street"], contact["last_name"]) == ("Torino", None, "Rossi")


def test_1c_several_weak_organizations(store: Store) -> None:
    store.add("organization", name="Acme Srl")
    store.add("organization", name="Acme GmbH")
    lead = store.add("lead", last_name="Rossi", company_name="Acme")
    before = store.export()
    with pytest.raises(ConflictError) as error:
        converted(store, lead)
    assert error.value.exit_code == 5
    assert error.value.details["candidates"] == ["O1", "O2"]
    assert "Acme Srl" in error.value.message
    assert "Acme GmbH" in error.value.message
    assert store.export() == before
    converted(store, lead, organization="new")
    assert store.count("organization") == 3


def test_1d_free_mail_identifies_no_organization(store: Store) -> None:
    store.add("organization", name="Mailers", domain="gmail.com")
    lead = store.add("lead", last_name="Rossi", emails=["rossi@gmail.com"])
    converted(store, lead)
    assert store.row("lead", lead)["converted_organization_id"] is None


def test_1e_parts_of_names_do_not_match(store: Store) -> None:
    organization = store.add("organization", name="Acme", domain="acme.example")
    store.add("contact", first_name="Joanna", organization=organization)
    lead = store.add("lead", last_name="Ann", website="acme.example")
    converted(store, lead)
    assert store.count("contact") == 2


def test_same_name_in_the_organization_is_weak(store: Store) -> None:
    organization = store.add("organization", name="Acme", domain="acme.example")
    store.add("contact", full_name="Anna Rossi", organization=organization)
    lead = store.add("lead", full_name="ANNA  Rossi", website="acme.example")
    with pytest.raises(ConflictError, match="name and organization") as error:
        converted(store, lead)
    assert error.value.hint == "--contact C1 takes it, --contact new makes another one"
    converted(store, lead, contact=1)
    assert store.count("contact") == 1


def test_role_address_is_weak(store: Store) -> None:
    store.add("contact", first_name="Anna", emails=["info@example.com"])
    lead = store.add("lead", last_name="Rossi", emails=["info@example.com"])
    with pytest.raises(ConflictError, match="no one's own"):
        converted(store, lead)


def test_several_strong_contacts(store: Store) -> None:
    store.add("contact", first_name="Anna", emails=["anna@example.com"])
    store.add("contact", first_name="Nina", phones=["+39 02 1234567"])
    lead = store.add("lead", last_name="X", emails=["anna@example.com"], phones=["02 1234567"])
    with pytest.raises(ConflictError) as error:
        converted(store, lead)
    assert error.value.hint == "--contact C1 takes that one; the others stay"


def test_new_against_a_strong_key(store: Store) -> None:
    store.add("contact", first_name="Anna", emails=["anna@example.com"])
    lead = store.add("lead", last_name="X", emails=["anna@example.com"])
    with pytest.raises(DuplicateError):
        converted(store, lead, contact="new")
    convert(store.context(allow_duplicate=True), lead, ConvertOptions(contact="new"))
    assert store.count("contact") == 2


def test_1f_convert_twice(store: Store) -> None:
    lead = store.add("lead", last_name="Rossi", company_name="Acme")
    converted(store, lead)
    before = store.export()
    with pytest.raises(RefusedError, match="into C1, O1, D1") as error:
        converted(store, lead)
    assert error.value.exit_code == 4
    assert store.export() == before


def test_a_lost_lead_is_opened_first(store: Store) -> None:
    lead = store.add("lead", last_name="Rossi", status="junk", lost_reason="junk")
    with pytest.raises(RefusedError) as error:
        converted(store, lead)
    assert error.value.hint == "crm lead edit L1 --set status=contacted"


def test_1g_a_refused_deal_leaves_nothing(store: Store) -> None:
    store.add("custom_field", entity="deal", key="budget", type="text", required=True)
    lead = store.add("lead", last_name="Rossi", company_name="Acme")
    before = store.export()
    with pytest.raises(RefusedError, match="budget"):
        converted(store, lead)
    assert store.export() == before


def with_activities(store: Store, lead: int) -> None:
    links = [{"entity": "lead", "record_id": lead}]
    for kind in ("call", "call", "meeting"):
        store.add("interaction", kind=kind, links=links)
    store.add("task", subject="Write", links=links)


@pytest.mark.parametrize(("mode", "main"), [("move", "D1"), ("link", "L1")])
def test_1h_activities(store: Store, mode: str, main: str) -> None:
    lead = store.add("lead", last_name="Rossi", company_name="Acme")
    with_activities(store, lead)
    converted(store, lead, activities=mode)
    assert (store.count("interaction"), store.count("task")) == (3, 1)
    for entity in ("lead", "contact", "organization", "deal"):
        assert len(store.rows("SELECT * FROM activity_link WHERE entity = ? AND record_id = 1", entity)) == 4
    for entity, record_id in (("task", 1), ("interaction", 1)):
        mains = [link["ref"] for link in store.shown(entity, record_id)["links"] if link["is_main"]]
        assert mains == [main]
    assert store.row("deal", 1)["first_responded_at"] == NOW_STORED


def test_an_activity_of_another_record_stays_there(store: Store) -> None:
    lead, other = store.add("lead", last_name="Rossi"), store.add("lead", last_name="Bianchi")
    links = [{"entity": "lead", "record_id": other}, {"entity": "lead", "record_id": lead}]
    store.add("task", subject="Meet both", links=links)
    converted(store, lead)
    assert [link["ref"] for link in store.shown("task", 1)["links"] if link["is_main"]] == ["L2"]


def test_open_tasks_go_to_a_new_owner(store: Store) -> None:
    bob, lead = store.add("user", handle="bob"), store.add("lead", last_name="Rossi")
    links = [{"entity": "lead", "record_id": lead}]
    store.add("task", subject="Open", links=links)
    store.add("task", subject="Done", links=links, status="done")
    converted(store, lead, owner=bob)
    assert [store.shown("task", number)["assignee"] for number in (1, 2)] == ["bob", "anna"]
    assert store.shown("contact", 1)["owner"] == "bob"


def test_1j_empty_values_do_not_match(store: Store) -> None:
    store.add("contact", first_name="Nobody")
    lead = store.add("lead", last_name="Rossi")
    converted(store, lead)
    assert store.count("contact") == 2


def test_1k_without_a_deal(store: Store) -> None:
    lead = store.add("lead", last_name="Rossi")
    converted(store, lead, with_deal=False)
    row = store.row("lead", lead)
    assert (row["lifecycle_stage"], row["converted_deal_id"], store.count("deal")) == ("sql", None, 0)
    assert store.row("contact", 1)["lifecycle_stage"] == "sql"


def test_a_company_without_a_person(store: Store) -> None:
    lead = store.add("lead", company_name="Acme")
    converted(store, lead)
    row = store.row("lead", lead)
    assert (row["converted_contact_id"], row["converted_organization_id"], store.count("contact")) == (None, 1, 0)


@pytest.mark.parametrize(
    ("lead", "options"),
    [({"last_name": "Rossi"}, {"organization": "new"}), ({"company_name": "Acme"}, {"contact": "new"})],
)
def test_nothing_new_without_a_name(store: Store, lead: dict[str, Any], options: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        converted(store, store.add("lead", lead), **options)


def test_organization_none(store: Store) -> None:
    lead = store.add("lead", last_name="Rossi", company_name="Acme", city="Milano")
    converted(store, lead, organization="none", deal="Private order", amount=Decimal(5))
    assert store.count("organization") == 0
    assert store.row("contact", 1)["city"] == "Milano"
    assert store.shown("deal", 1)["name"] == "Private order"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "red"),
        ("int", 3),
        ("bool", True),
        ("decimal", Decimal("12.5")),
        ("date", "2026-01-02"),
        ("datetime", NOW_STORED),
        ("enum", "a"),
        ("multi_enum", ["a", "b"]),
    ],
)
def test_custom_fields_of_the_same_key_and_type(store: Store, kind: str, value: object) -> None:
    options = ["a", "b"] if "enum" in kind else None
    for entity in ("lead", "deal", "contact"):
        store.add("custom_field", entity=entity, key="extra", type=kind, options=options)
    store.add("custom_field", entity="organization", key="extra", type="url")
    lead = store.add("lead", last_name="Rossi", company_name="Acme", extra=value)
    converted(store, lead)
    assert store.shown("deal", 1)["custom"] == store.shown("contact", 1)["custom"] == {"extra": value}
    assert store.shown("organization", 1)["custom"] in ({}, {"extra": None})


def test_a_custom_amount_stays_in_its_currency(store: Store) -> None:
    for entity in ("lead", "deal", "organization"):
        store.add("custom_field", entity=entity, key="budget", type="money")
    store.add("organization", name="Acme", domain="acme.example", currency="USD")
    lead = store.add("lead", last_name="Rossi", website="acme.example", budget=Decimal("7.50"))
    converted(store, lead)
    assert store.shown("deal", 1)["custom"] == {"budget": Decimal("7.50")}
    assert store.shown("organization", 1)["custom"] in ({}, {"budget": None})


def test_dry_run_writes_nothing(store: Store) -> None:
    lead = store.add("lead", last_name="Rossi", company_name="Acme")
    before = store.export()
    result = convert(store.context(dry_run=True), lead, ConvertOptions())
    assert result.counts["create"] == 3
    assert store.export() == before


def rich_lead(store: Store) -> int:
    store.add("contact", first_name="Anna", emails=["anna@example.com"])
    lead = store.add(
        "lead", first_name="Anna", last_name="Rossi", company_name="Acme", emails=["anna@example.com"], tags=["vip"]
    )
    with_activities(store, lead)
    return lead


def test_undo_and_unconvert_restore_everything(store: Store) -> None:
    lead = rich_lead(store)
    before = store.export()
    store.undo(converted(store, lead))
    assert store.export() == before
    converted(store, lead)
    unconvert(store.context(), lead)
    assert store.export() == before
    assert store.row("lead", lead)["status"] == "new"
    converted(store, lead)
    assert store.row("lead", lead)["converted_contact_id"] == 1


def test_unconvert_over_ones_own_edits(store: Store) -> None:
    lead = rich_lead(store)
    before = store.export()
    converted(store, lead)
    store.edit("deal", 1, name="Better name")
    unconvert(store.context(), lead)
    assert store.export() == before


def test_1l_a_colleague_edited_the_deal(store: Store) -> None:
    lead = rich_lead(store)
    store.add("user", handle="bob")
    converted(store, lead)
    as_user(store, "bob").edit("deal", 1, name="Bob's")
    before = store.export()
    with pytest.raises(RefusedError, match="D1 was changed by bob") as error:
        unconvert(store.context(), lead)
    assert error.value.exit_code == 4
    assert store.export() == before


def test_unconvert_obstacles_are_all_told(store: Store) -> None:
    lead = rich_lead(store)
    converted(store, lead)
    store.add("user", handle="bob")
    as_user(store, "bob").edit("organization", 1, city="Rome")
    deals.win(store.context(), [1])
    with pytest.raises(RefusedError) as error:
        unconvert(store.context(), lead)
    told = [problem.reason for problem in error.value.problems]
    assert told == ["O1 was changed by bob at 2026-03-18T11:00:00Z", "D1 is won"]


def test_unconvert_keeps_what_changed_since_on_known_records(store: Store) -> None:
    lead = rich_lead(store)
    converted(store, lead)
    store.edit("contact", 1, last_name="Verdi", city="Rome")
    unconvert(store.context(), lead)
    contact = store.shown("contact", 1)
    assert (contact["last_name"], contact["city"], contact["organization"]) == ("Verdi", "Rome", None)
    assert (contact["tags"], contact["lifecycle_stage"]) == ([], None)


def test_a_place_of_work_keeps_its_role(store: Store) -> None:
    organization = store.add("organization", name="Acme", domain="acme.example")
    store.add("contact", first_name="Anna", emails=["anna@acme.example"], job_title="CTO", organization=organization)
    converted(store, store.add("lead", first_name="Anna", emails=["anna@acme.example"], job_title="CEO"))
    assert [row["role"] for row in store.shown("contact", 1)["organizations"]] == ["CTO"]


def test_what_belongs_to_the_new_records_keeps_them(store: Store) -> None:
    lead = store.add("lead", last_name="Rossi", company_name="Acme")
    converted(store, lead)
    store.add("task", subject="Call", links=[{"entity": "deal", "record_id": 1}])
    with pytest.raises(RefusedError, match="T1") as error:
        unconvert(store.context(), lead)
    assert error.value.exit_code == 4


def test_unconvert_needs_a_conversion(store: Store) -> None:
    lead = store.add("lead", last_name="Rossi")
    with pytest.raises(RefusedError, match="L1 is not converted"):
        unconvert(store.context(), lead)
