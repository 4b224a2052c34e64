"""Who works with the store, what nobody touches, and what seems to be there twice."""

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.queries.conftest import World
from tests.unit.reports.conftest import Reporting


@pytest.fixture
def users(reporting: Reporting) -> World:
    """Anna wrote twice in March, Bea long ago, Carl only by rules and imports; Dora has left."""
    world = reporting.world
    anna, bea, carl = (world.add("user", handle=handle, team=team) for handle, team in
                       (("anna", "north"), ("bea", "north"), ("carl", None)))  # fmt: skip
    dora = world.add("user", handle="dora", is_active=0)
    for user, at, kind in (
        (anna, "2026-03-02T10:00:00Z", "write"), (anna, "2026-03-02T11:00:00Z", "undo"),
        (bea, "2025-03-02T10:00:00Z", "write"), (carl, "2026-03-02T10:00:00Z", "import"),
        (carl, "2026-03-02T10:00:00Z", "rule"), (dora, "2026-03-02T10:00:00Z", "write"),
    ):  # fmt: skip
        world.operation(kind, actor_id=user, at=at)
    world.operation("write", actor_id=carl, at="2026-03-02T10:00:00Z", actor_kind="rule-bot")
    return world


def test_adoption_is_the_share_of_active_users_who_write(reporting: Reporting, users: World) -> None:
    assert len(users.con.execute("SELECT * FROM app_user").fetchall()) == 4
    result = reporting.run("adoption", "2026-03")
    totals: Any = result.document["totals"]
    assert (totals[0]["value"], totals[0]["count"], totals[0]["numerator"]) == (Decimal("0.333333"), 3, 1)
    rows: Any = result.main.rows
    assert [(row["user"], row["writes"], row["days"]) for row in rows] == [
        ("anna", 2, 1),
        ("bea", 0, 0),
        ("carl", 0, 0),
    ]
    groups: Any = reporting.run("adoption", "2026-03", by="team").document["groups"]
    assert [(row["group"], row["share_writing"]) for row in groups] == [("north", Decimal("0.5")), (None, 0)]


def test_open_deals_nobody_touched_for_a_month(reporting: Reporting) -> None:
    reporting.deal(updated_at="2026-02-01T10:00:00Z")
    reporting.deal(updated_at="2026-03-01T10:00:00Z")
    reporting.deal("won", updated_at="2025-03-01T10:00:00Z")
    totals: Any = reporting.run("adoption").document["totals"]
    assert (totals[0]["value"], totals[0]["reason"]) == (None, "no active users")
    assert totals[1]["value"] == Decimal("0.5")


def test_duplicates_are_groups_that_strong_keys_hold_together(reporting: Reporting) -> None:
    world = reporting.world
    for first, emails in (
        ("Ada", ["a@example.com"]), ("Ida", ["a@example.com", "b@example.com"]), ("Eva", ["b@example.com"]),
        ("Ada", ["c@example.com"]), ("Zoe", []), ("Zoe", []),
    ):  # fmt: skip
        world.add("contact", first_name=first, last_name="Rossi", emails=emails)
    result = reporting.run("duplicates", entity="contact")
    totals: Any = result.document["totals"]
    assert [entry["value"] for entry in totals] == [3, 1]
    (group,) = result.main.rows
    assert (group["ref"], group["records"], group["others"]) == ("C1", 3, ["C2 Ida Rossi", "C3 Eva Rossi"])
    explained: Any = reporting.run("duplicates", explain="duplicate_contacts").document["rows"]
    assert [row["ref"] for row in explained] == ["C1", "C2", "C3"]
    assert [entry["value"] for entry in reporting.run("duplicates").document["totals"]] == [0, 0, 0, 0, 3, 1]  # type: ignore[attr-defined]
