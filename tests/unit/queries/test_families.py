"""The customer on one screen: what belongs to an organization through its people, counted as it is listed."""

from random import Random
from typing import Any

import pytest

from crmcli.catalogue import ENTITIES
from crmcli.queries.card_parts import Part
from crmcli.queries.cards import sheet
from crmcli.queries.records import get_record
from tests.unit.queries.conftest import NOW, World


def parts(world: World, entity: str, record_id: int) -> dict[str, Part]:
    return {part.key: part for part in sheet(world.con, ENTITIES[entity], record_id, timeline=500).sections}


def refs(part: Part | None) -> list[str]:
    return sorted(str(row["ref"]) for row in part.rows) if part else []


def place(organization: int, **more: int) -> dict[str, Any]:
    return {"organization_id": organization, "is_primary": 1, "is_active": 1, "role": None, **more}


@pytest.fixture
def company(world: World) -> World:
    """Acme with Anna and with Bruno, who has gone to Beta; all that is going on is with one of them."""
    world.pipeline()
    world.add("organization", name="Acme")
    world.add("organization", name="Beta")
    world.add("contact", last_name="Anna", organizations=[place(1), place(2, is_primary=0)])
    world.add("contact", last_name="Bruno", organizations=[place(1, is_primary=0, is_active=0), place(2)])
    world.add("deal", name="Of Anna", contact_id=1, pipeline_id=1, stage_id=1)
    world.add("deal", name="Of Bruno", contact_id=2, pipeline_id=1, stage_id=1)
    world.add("deal", name="Anna for Beta", contact_id=1, organization_id=2, pipeline_id=1, stage_id=1)
    world.add("ticket", subject="Help", number="1", contact_id=1)
    for entity, record_id in (("contact", 1), ("contact", 2), ("deal", 1), ("ticket", 1)):
        world.link("task", world.add("task", subject="Call"), entity, record_id)
        world.link("interaction", world.add("interaction", kind="call", user_id=None), entity, record_id)
        world.link("event", world.add("event", title="Visit", start_at="2026-03-19T13:00:00Z", start_wall="x",
                                      end_at="2026-03-19T14:00:00Z", end_wall="x"), entity, record_id)  # fmt: skip
    world.link("task", 1, "organization", 1, main=False)
    return world


def test_an_organization_shows_the_work_with_its_people_once_and_says_with_whom(company: World) -> None:
    acme = parts(company, "organization", 1)
    assert refs(acme["open_deals"]) == ["D1"], "not that of Bruno, nor that of Anna for another company"
    assert [row["contact"] for row in acme["open_deals"].rows] == ["Anna"]
    assert [(row["ref"], row["contact"]) for row in acme["open_tickets"].rows] == [("K1", "Anna")]
    assert [(row["ref"], row["main"]) for row in acme["open_tasks"].rows] == [
        ("T1", "C1 Anna"), ("T3", "D1 Of Anna"), ("T4", "K1 Help")
    ]  # fmt: skip
    assert refs(acme["coming_events"]) == ["E1", "E3", "E4"]
    assert refs(acme["last_interactions"]) == ["A1", "A2", "A3", "A4"], "what Bruno said before he left is the past"


def test_a_deal_without_a_company_is_the_business_of_the_main_employer(company: World) -> None:
    assert refs(parts(company, "organization", 2)["open_deals"]) == ["D2", "D3"]


def test_a_person_shows_the_work_on_their_deals_and_tickets(company: World) -> None:
    anna = parts(company, "contact", 1)
    assert refs(anna["open_tasks"]) == ["T1", "T3", "T4"]
    assert refs(anna["open_deals"]) == ["D1", "D3"]


@pytest.mark.parametrize("entity", ["organization", "contact", "lead", "deal", "ticket"])
@pytest.mark.parametrize("seed", range(4))
def test_counts_are_those_of_what_is_listed(world: World, entity: str, seed: int) -> None:
    scatter(world, Random(seed))
    for record_id in range(1, 5):
        record = get_record(world.con, ENTITIES[entity], record_id) or {}
        listed = parts(world, entity, record_id)
        for key in {"open_deals", "open_tickets", "open_tasks"} & record.keys():
            assert record[key] == len(refs(listed.get(key))), (key, record_id)
        last = record.get("last_activity_at", record.get("last_contacted_at"))
        if entity != "ticket":
            assert last == max((str(row["occurred_at"]) for row in listed["last_interactions"].rows), default=None)
        past = {row["ref"] for row in listed["timeline"].rows}
        assert set(refs(listed["last_interactions"])) <= past


def scatter(world: World, random: Random) -> None:
    """Add people, deals, tickets and activities that belong to each other anyhow."""
    stage = world.pipeline()["potential"]

    def some() -> int | None:
        return random.randint(0, 4) or None

    for _ in range(4):
        world.add("organization", name="Company")
    for number in range(4):
        employers = random.sample(range(1, 5), random.randint(0, 2))
        places = [place(one, is_primary=int(not n), is_active=int(not n or random.random() < 0.5))
                  for n, one in enumerate(employers)]  # fmt: skip
        world.add("contact", last_name=f"Person {number}", organizations=places)
    for _ in range(6):
        world.add("deal", name="Deal", pipeline_id=1, stage_id=stage, organization_id=some(), contact_id=some(),
                  **random.choice([{}, {"outcome": "won", "closed_at": NOW, "probability_bp": 10_000}]))  # fmt: skip
        world.add("ticket", subject="Ticket", number=str(random.random()), organization_id=some(), contact_id=some(),
                  **random.choice([{}, {"status": "closed", "resolved_at": NOW, "closed_at": NOW}]))  # fmt: skip
        world.add("lead", last_name="Lead", status="converted", converted_at=NOW, converted_deal_id=1,
                  converted_organization_id=some(), converted_contact_id=some())  # fmt: skip
    for _ in range(8):
        task = world.add("task", subject="Task", **random.choice([{}, {"status": "done", "completed_at": NOW}]))
        call = world.add("interaction", kind="call", occurred_at=NOW.replace("11", f"{random.randint(10, 23)}"))
        for activity, record_id in (("task", task), ("interaction", call)):
            for entity in random.sample(["lead", "organization", "contact", "deal", "ticket"], 2):
                world.link(activity, record_id, entity, random.randint(1, 4))
