"""How many key fields are filled, by field and by owner, and which records lack some."""

from decimal import Decimal
from typing import Any

import pytest

from crmcli.errors import UsageError
from tests.unit.queries.conftest import World
from tests.unit.reports.conftest import Reporting


@pytest.fixture
def people(reporting: Reporting) -> World:
    world = reporting.world
    anna = world.add("user", handle="anna")
    world.add("custom_field", entity="contact", key="segment", label="Segment", type="text")
    first = world.add("contact", first_name="Full", job_title="CEO", owner_id=anna, custom='{"segment":"a"}')
    second = world.add("contact", first_name="Half", job_title="CTO", owner_id=anna)
    world.add("contact", first_name="Empty", created_at="2020-01-01T00:00:00Z")
    world.add("contact", first_name="Gone", deleted_at="2026-01-01T00:00:00Z")
    for contact in (first, second):
        world.con.execute(
            "INSERT INTO contact_point (entity, record_id, kind, value, value_norm, is_primary, position)"
            " VALUES ('contact', ?, 'email', 'a@example.com', 'a@example.com', 1, 0)",
            (contact,),
        )
    return world


def told(reporting: Reporting, **asked: Any) -> Any:
    keys = {"contact": ("email", "job_title", "custom.segment")}
    document: Any = reporting.run("completeness", **{"entity": "contact", "key_fields": keys, **asked}).document
    (part,) = document["entities"]
    return part


def test_the_whole_the_fields_and_the_owners(reporting: Reporting, people: World) -> None:
    part = told(reporting)
    assert (part["records"], part["complete"], part["share"]) == (3, 1, Decimal("0.555556"))
    assert [(row["field"], row["missing"], row["share"]) for row in part["fields"]] == [
        ("email", 1, Decimal("0.666667")),
        ("job_title", 1, Decimal("0.666667")),
        ("custom.segment", 2, Decimal("0.333333")),
    ]
    assert [(row["group"], row["records"], row["complete"]) for row in part["groups"]] == [("anna", 2, 1), (None, 1, 0)]


def test_the_records_that_lack_something(reporting: Reporting, people: World) -> None:
    assert [(row["ref"], row["missing"]) for row in told(reporting)["gaps"]] == [
        ("C2", ["custom.segment"]),
        ("C3", ["email", "job_title", "custom.segment"]),
    ]


def test_groups_conditions_and_periods(reporting: Reporting, people: World) -> None:
    assert [row["group"] for row in told(reporting, by="job_title")["groups"]] == ["CEO", "CTO", None]
    assert [row["group"] for row in told(reporting, top=1)["groups"]] == ["anna"]
    assert told(reporting, where="job_title = CTO")["records"] == 1
    assert told(reporting, period="2020")["records"] == 1


def test_nothing_to_count_is_no_zero(reporting: Reporting) -> None:
    part = told(reporting, entity="lead", key_fields=None)
    assert (part["share"], part["reason"], part["gaps"]) == (None, "no leads", [])


def test_what_has_no_key_fields_is_refused(reporting: Reporting, people: World) -> None:
    with pytest.raises(UsageError, match="tasks have no key fields"):
        told(reporting, entity="task")
    with pytest.raises(UsageError, match="no custom field 'nope'"):
        told(reporting, key_fields={"contact": ("custom.nope",)})
