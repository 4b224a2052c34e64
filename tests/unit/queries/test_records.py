from decimal import Decimal

import pytest

from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause
from crmcli.errors import UsageError
from crmcli.queries.labels import Labels, labels
from crmcli.queries.records import ListQuery, count_records, default_columns, get_record, list_records
from tests.unit.queries.conftest import World


def listed(world: World, entity: str, column: str, **query: object) -> list[object]:
    asked = ListQuery(columns=(column,), **query)  # type: ignore[arg-type]  # fields of the query by name
    return [row[column] for row in list_records(world.con, ENTITIES[entity], asked).rows]


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_field_of_every_entity_can_be_read_sorted_and_counted(world: World, entity: str) -> None:
    kind = ENTITIES[entity]
    for field in kind.fields.values():
        query = ListQuery(columns=(field.key,), sort="" if field.multi else f"-{field.key}")
        page = list_records(world.con, kind, query)
        assert list(page.rows) == []
        assert [column.key for column in page.columns] == [field.key]
    assert list_records(world.con, kind, ListQuery(columns=default_columns(kind, machine=True))).total == 0


def test_a_deal_is_presented_with_references_money_and_lists(world: World) -> None:
    stages = world.pipeline()
    anna = world.add("user", handle="anna", name="Anna Bianchi")
    acme = world.add("organization", name="Acme Srl")
    buyer = world.add("contact", first_name="Ugo", last_name="Verdi", emails=["ugo@example.com"])
    deal = world.add("deal", name="Offer", organization_id=acme, pipeline_id=stages["sales"], owner_id=anna,
                     stage_id=stages["quote_sent"], amount_minor=1234567, probability_bp=3333, tags=["vip", "it"],
                     custom='{"margin": 1250, "note": "x", "rep": 1}',
                     contacts=[{"contact_id": buyer, "role": "sponsor"}])  # fmt: skip
    world.add("custom_field", entity="deal", key="margin", label="Margin", type="money")
    world.add("custom_field", entity="deal", key="rep", label="Rep", type="ref", options='["contact"]')
    record = get_record(world.con, ENTITIES["deal"], deal)
    assert record is not None
    assert list(record)[:3] == ["ref", "id", "uid"]
    expected = {"ref": "D1", "organization": "Acme Srl", "organization_ref": "O1", "owner": "anna", "owner_ref": "anna",
                "stage": "Quote sent", "stage_ref": "quote_sent", "pipeline": "Sales", "pipeline_ref": "sales",
                "amount": Decimal("12345.67"), "currency": "EUR", "probability": Decimal("33.33"),
                "tags": ["vip", "it"], "contact": None,
                "custom": {"margin": Decimal("12.50"), "note": "x", "rep": "C1"},
                "contacts": [{"contact": "Ugo Verdi", "contact_ref": "C1", "role": "sponsor"}],
                "weighted_amount": Decimal("4114.81")}  # fmt: skip
    assert {key: record[key] for key in expected} == expected


def test_a_date_only_due_is_shown_as_a_date_and_links_as_objects(world: World) -> None:
    lead = world.add("lead", last_name="Rossi")
    task = world.add("task", subject="Call", due_at="2026-03-18T23:00:00Z", due_is_date=1, due_wall="2026-03-19",
                     links=[{"entity": "lead", "record_id": lead, "is_main": 1, "role": None}])  # fmt: skip
    record = get_record(world.con, ENTITIES["task"], task, ("due_at", "links", "lead", "is_overdue"))
    assert record is not None
    assert record["due_at"] == "2026-03-19"
    assert record["links"] == [{"ref": "L1", "name": "Rossi", "entity": "lead", "is_main": True, "role": None}]
    assert (record["lead"], record["lead_ref"], record["is_overdue"]) == ("Rossi", "L1", False)


@pytest.mark.parametrize(
    ("minor", "points", "weighted"), [(3, 5000, 2), (-3, 5000, -2), (1, 4999, 0), (9 * 10**18, 9900, 891 * 10**16)]
)
def test_a_weighted_amount_is_exact_and_rounded_half_up(world: World, minor: int, points: int, weighted: int) -> None:
    stages = world.pipeline()
    world.add("deal", name="Offer", pipeline_id=stages["sales"], stage_id=stages["quote_sent"], amount_minor=minor,
              probability_bp=points)  # fmt: skip
    assert listed(world, "deal", "weighted_amount") == [Decimal(weighted).scaleb(-2)]


def test_get_reads_deleted_and_merged_records_and_knows_when_there_is_none(world: World) -> None:
    world.add("contact", last_name="A")
    gone = world.add("contact", last_name="B", deleted_at="2026-01-01T00:00:00Z", merged_into_id=1)
    record = get_record(world.con, ENTITIES["contact"], gone)
    assert record is not None
    assert record["merged_into_id"] == 1
    assert get_record(world.con, ENTITIES["contact"], 99) is None
    assert listed(world, "contact", "last_name") == ["A"]
    assert listed(world, "contact", "last_name", deleted=True) == ["A", "B"]


def test_order_is_folded_with_missing_last_both_ways_and_ties_by_id(world: World) -> None:
    for name in ("zeta", None, "Èlite", "alfa", "Alfa"):
        world.add("contact", first_name=name, last_name="X")
    assert listed(world, "contact", "first_name", sort="first_name") == ["alfa", "Alfa", "Èlite", "zeta", None]
    assert listed(world, "contact", "first_name", sort="-first_name") == ["zeta", "Èlite", "alfa", "Alfa", None]


@pytest.mark.parametrize(
    ("sort", "order"),
    [("created_at", "4123"), ("-created_at", "3214"), ("-priority,-created", "4321"), ("-priority,created", "4123"),
     ("-priority", "4123")],
)  # fmt: skip
def test_records_of_one_second_follow_the_direction_of_the_time(world: World, sort: str, order: str) -> None:
    for number in range(1, 5):
        late = {"priority": "high", "created_at": "2026-03-18T10:59:59Z"} if number == 4 else {}
        world.add("task", subject=str(number), **late)
    assert listed(world, "task", "subject", sort=sort) == list(order)


def test_enums_and_stages_are_sorted_in_their_own_order(world: World) -> None:
    for priority in ("urgent", "low", "high", "normal"):
        world.add("task", subject="T", priority=priority)
    assert listed(world, "task", "priority", sort="priority") == ["low", "normal", "high", "urgent"]
    stages = world.pipeline()
    for stage in ("quote_sent", "potential"):
        world.add("deal", name="D", pipeline_id=stages["sales"], stage_id=stages[stage])
    assert listed(world, "deal", "stage", sort="stage") == ["Potential", "Quote sent"]


def test_hops_and_custom_fields_are_columns(world: World) -> None:
    world.add("custom_field", entity="contact", key="budget", label="Budget", type="money")
    acme = world.add("organization", name="Acme", billing_country="IT", annual_revenue_minor=5, currency="JPY",
                     tags=["vip"])  # fmt: skip
    world.add("contact", last_name="Rossi", custom='{"budget": 1050}',
              organizations=[{"organization_id": acme, "is_primary": 1, "is_active": 1, "role": "CEO"}])  # fmt: skip
    world.add("contact", last_name="Alone")
    columns = ("organization.country", "organization.annual_revenue", "organization.tags", "budget", "organizations",
               "organization.owner")  # fmt: skip
    page = list_records(world.con, ENTITIES["contact"], ListQuery(columns=columns))
    first, second = page.rows
    assert [column.label for column in page.columns[:2]] == ["Organization Country", "Organization Annual revenue"]
    assert first["organization.country"] == "IT"
    assert (first["organization.annual_revenue"], first["organization.currency"]) == (Decimal(5), "JPY")
    assert first["organization.tags"] == ["vip"]
    assert first["custom.budget"] == Decimal("10.50")
    assert first["organizations"] == [
        {"organization": "Acme", "organization_ref": "O1", "role": "CEO", "is_primary": True, "is_active": True}
    ]
    assert second["organization.tags"] == []
    assert second["custom.budget"] is None
    assert second["organization.owner_ref"] is None


def test_unknown_columns_and_orders_name_the_nearest(world: World) -> None:
    for query in (ListQuery(columns=("emial",)), ListQuery(sort="-emial"), ListQuery(sort="tags")):
        with pytest.raises(UsageError) as error:
            list_records(world.con, ENTITIES["lead"], query)
    assert "tags" in error.value.message
    with pytest.raises(UsageError, match="no field 'emial'") as error:
        list_records(world.con, ENTITIES["lead"], ListQuery(columns=("emial",)))
    assert "email" in (error.value.hint or "")


def test_pages_count_all_and_stream_over_chunks(world: World) -> None:
    world.con.execute("BEGIN")
    for number in range(1100):
        world.add("contact", last_name=f"N{number}", tags=["even"] if number % 2 == 0 else [])
    where = Clause("r.id > :c0", {"c0": 100})
    page = list_records(world.con, ENTITIES["contact"], ListQuery(where, columns=("tags",)))
    rows = list(page.rows)
    assert page.total == len(rows) == 1000
    assert [bool(row["tags"]) for row in rows[:2]] == [True, False]
    few = ListQuery(where, limit=3, offset=2)
    assert [row["id"] for row in list_records(world.con, ENTITIES["contact"], few).rows] == [103, 104, 105]
    assert count_records(world.con, ENTITIES["contact"], few) == 1000


def test_the_default_list_walks_the_primary_key_and_sorts_nothing(world: World) -> None:
    statements: list[str] = []
    world.con.set_trace_callback(statements.append)
    list_records(world.con, ENTITIES["contact"], ListQuery(limit=10))
    world.con.set_trace_callback(None)
    select = next(sql for sql in statements if "FROM contact r" in sql)
    plan = [row[3] for row in world.con.execute(f"EXPLAIN QUERY PLAN {select}")]
    assert plan[0] == "SCAN r"
    assert not any("TEMP B-TREE" in step for step in plan)
    tables = {entity.table for entity in ENTITIES.values()} | {"r", "x", "p", "l"}
    assert not [step for step in plan[1:] if step.startswith("SCAN") and step.split()[1] in tables], plan


def test_columns_for_programs_are_all_but_derived_figures() -> None:
    machine = default_columns(ENTITIES["organization"], machine=True)
    assert {"name", "tags", "custom", "open_deals"} <= set(machine)  # open_deals is also shown to people
    assert "last_activity_at" not in machine
    assert default_columns(ENTITIES["organization"], machine=False) == ENTITIES["organization"].columns


def test_a_reference_names_a_record_by_the_ref_that_the_record_tells_of_itself(world: World) -> None:
    ids = {
        "organization": world.add("organization", name="Acme"),
        "ticket": world.add("ticket", number="1", subject="Help"),
    }
    ids["ticket_comment"] = world.add("ticket_comment", ticket_id=ids["ticket"], body="Hello")
    ids["user"] = world.add("user", handle="anna")
    ids["tag"] = world.add("tag", name="vip")
    names = Labels(world.con)
    for entity, record_id in ids.items():
        record = get_record(world.con, ENTITIES[entity], record_id)
        names.want(entity, [record_id, None, 99])
        assert record is not None
        assert (
            names.ref(entity, record_id)
            == record["ref"]
            == labels(world.con, ENTITIES[entity], [record_id])[record_id].ref
        )
        assert [*names.refs(entity, [record_id, None, 99])] == [record["ref"], None, None]


def test_the_names_of_a_list_stay_known_when_the_list_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crmcli.queries.records._CHUNK", 1)
    monkeypatch.setattr("crmcli.queries.labels._MOST", 1)
    for number in range(1, 4):
        world.add(
            "ticket",
            number=str(number),
            subject="Help",
            organization_id=world.add("organization", name=f"Firm {number}"),
        )
    page = list_records(world.con, ENTITIES["ticket"], ListQuery(columns=("organization",)))
    blocks = [*page.rows.blocks]
    assert len(blocks) == 3
    told = [(row["ref"], row["organization"], row["organization_ref"]) for block in blocks for row in block]
    assert told == [("K1", "Firm 1", "O1"), ("K2", "Firm 2", "O2"), ("K3", "Firm 3", "O3")]
