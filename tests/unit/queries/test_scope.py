import pytest

from crmcli.catalogue import ENTITIES
from crmcli.conditions.condition import compile
from crmcli.errors import ConditionError, NotFoundError
from crmcli.queries.fields import custom_fields, entity_with_custom
from crmcli.queries.records import ListQuery, list_records
from crmcli.queries.scope import make_scope, user_id
from crmcli.queries.values import OwnReader, stored_values
from tests.unit.queries.conftest import ZONE, World

CONDITIONS = [
    "stage = proposal and amount >= 10k",
    "owner = me",
    "owner ~ ann",
    "organization.country = IT",
    "organization ~ acme",
    "organization.emails has info@example.com",
    "organization.phones has '02 1234567'",
    "tags has [vip, it]",
    "budget > 100 EUR",
    "custom.colours has red",
    "created = 2026-03-18",
    "tags is not empty",
    "contact is empty",
    "contact.tags is empty",
    "probability = 65%",
    "organization.annual_revenue > 1k",
]


@pytest.fixture
def sales(world: World) -> World:
    stages = world.pipeline()
    world.add("user", handle="anna")
    world.add("organization", name="Acme", billing_country="IT", annual_revenue_minor=150_000,
              emails=["info@example.com"], phones=["+39021234567"])  # fmt: skip
    world.add("custom_field", entity="deal", key="budget", label="Budget", type="money")
    world.add("custom_field", entity="deal", key="colours", label="Colours", type="multi_enum", options='["red"]')
    both = {"pipeline_id": stages["sales"]}
    world.add("deal", name="Full", stage_id=stages["quote_sent"], amount_minor=2_000_000, organization_id=1,
              owner_id=1, probability_bp=6500, tags=["VIP", "it"],
              custom='{"budget": 20000, "colours": ["red"]}', **both)  # fmt: skip
    world.add("deal", name="Bare", stage_id=stages["potential"], **both)
    return world


@pytest.mark.parametrize("text", CONDITIONS)
def test_conditions_select_the_same_records_in_sql_and_in_memory(sales: World, text: str) -> None:
    scope = make_scope(sales.con, ZONE, "en", 1, "IT")
    condition = compile(text, ENTITIES["deal"], scope)
    page = list_records(sales.con, ENTITIES["deal"], ListQuery(condition.clause()))
    selected = [row["id"] for row in page.rows]
    matched = [
        deal for deal in (1, 2) if condition.match(stored_values(sales.con, ENTITIES["deal"], deal, condition.paths))
    ]
    assert selected == matched
    assert 1 in selected


def test_an_unknown_record_in_a_condition_is_an_error(sales: World) -> None:
    with pytest.raises((ConditionError, NotFoundError)):
        compile("organization = nowhere", ENTITIES["deal"], make_scope(sales.con, ZONE, "en", None, "IT"))


def test_stored_values_stay_as_they_are_stored(sales: World) -> None:
    paths = ("amount", "currency", "owner", "owner.title", "tags", "organization.currency", "contact.emails", "custom")
    values = stored_values(sales.con, ENTITIES["deal"], 1, paths)
    assert values == {
        "amount": 2_000_000, "currency": "EUR", "owner": 1, "owner.title": "anna", "tags": ["VIP", "it"],
        "organization.currency": "EUR", "contact.emails": [], "custom": '{"budget": 20000, "colours": ["red"]}',
    }  # fmt: skip
    with pytest.raises(NotFoundError):
        stored_values(sales.con, ENTITIES["deal"], 99, paths)


def test_custom_fields_join_the_fields_of_their_entity(sales: World) -> None:
    sales.add("custom_field", entity="deal", key="partner", label="Partner", type="ref", options='["contact"]')
    sales.add("custom_field", entity="deal", key="old", label="Old", deleted_at="2026-01-01T00:00:00Z")
    found = custom_fields(sales.con)["deal"]
    assert {key: field.type for key, field in found.items()} == {"budget": "money", "colours": "json", "partner": "ref"}
    assert found["partner"].ref == "contact"
    deal = entity_with_custom(sales.con, "deal")
    assert deal.field("budget").label == "Budget"
    assert deal.field("amount") == ENTITIES["deal"].field("amount")


def test_users_are_found_by_handle(sales: World) -> None:
    assert user_id(sales.con, "Anna") == 1
    assert user_id(sales.con, "bob") is None


def test_what_stands_in_records_alone_is_read_of_many_at_once_as_of_one(sales: World) -> None:
    deal, paths = ENTITIES["deal"], {"amount", "stage", "outcome", "tags", "organization.name", "days_in_stage"}
    reader = OwnReader(sales.con, deal, paths)
    assert {"amount", "outcome", "tags"} <= reader.paths <= paths - {"organization.name", "days_in_stage"}
    assert reader.read([1, 2, 99]) == {one: stored_values(sales.con, deal, one, reader.paths) for one in (1, 2)}
