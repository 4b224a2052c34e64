"""Whom the records of rules go to: by turns, to the least busy, by lot, or to somebody who is named."""

from typing import Any

import pytest

from crmcli.errors import ConfigError, RefusedError
from tests.services.ruled import Ruled, rule


def lead_owners(ruled: Ruled) -> list[int | None]:
    return [row["owner_id"] for row in ruled.store.rows("SELECT owner_id FROM lead ORDER BY id")]


def test_a_pool_takes_turns(ruled: Ruled, team: list[int]) -> None:
    do = '{ action = "assign", pool = "team:sales", strategy = "round_robin", only_if_empty = true }'
    ruled.given(rule("share", '["lead.created"]', do))
    first = ruled.do(lambda writer: writer.create("lead", {"full_name": "Lead 0"}))
    for number in range(1, 4):
        ruled.add("lead", full_name=f"Lead {number}")
    ruled.add("lead", full_name="Mine", owner=ruled.store.user())
    ruled.add("lead", full_name="Lead 5")
    carl, dora = team
    assert lead_owners(ruled) == [carl, dora, carl, dora, ruled.store.user(), carl]
    assert first.effects == ("rule share on L1: assigned to carl",)


def test_a_turn_that_is_not_kept_is_not_taken(ruled: Ruled, team: list[int]) -> None:
    ruled.given(
        rule("share", '["lead.created"]', '{ action = "assign", pool = ["dora", "carl"], strategy = "round_robin" }'),
        rule("not-x", '["lead.created"]', '{ action = "refuse", message = "no" }', when='"company_name = X"'),
    )
    carl, dora = team
    ruled.do(lambda writer: writer.create("lead", {"full_name": "Trial"}), dry_run=True)
    with pytest.raises(RefusedError):
        ruled.add("lead", company_name="X")
    for number in range(3):
        ruled.add("lead", full_name=f"Lead {number}")
    assert lead_owners(ruled) == [dora, carl, dora]


def test_who_left_the_pool_is_passed_over(ruled: Ruled, team: list[int]) -> None:
    do = '{ action = "assign", pool = "team:sales", strategy = "round_robin" }'
    ruled.given(rule("share", '["lead.created"]', do))
    ruled.add("lead", full_name="One")
    ruled.store.edit("user", team[0], is_active=False)
    ruled.add("lead", full_name="Two")
    ruled.add("lead", full_name="Three")
    assert lead_owners(ruled) == [team[0], team[1], team[1]]


def test_the_least_busy_takes_a_ticket(ruled: Ruled, team: list[int]) -> None:
    carl, dora = team
    for assignee, status in ((carl, "open"), (dora, "open"), (dora, "new"), (carl, "resolved"), (carl, "resolved")):
        resolved = {"resolution_code": "fixed"} if status == "resolved" else {}
        ruled.store.add("ticket", subject="Old", assignee=assignee, status=status, **resolved)
    do = '{ action = "assign", pool = "team:sales", strategy = "least_busy" }'
    ruled.given(rule("route", '["ticket.created"]', do))
    tickets = [ruled.add("ticket", subject="New", assignee=dora) for _ in range(3)]
    assert [ruled.store.row("ticket", ticket)["assignee_id"] for ticket in tickets] == [carl, carl, dora]


@pytest.mark.parametrize("entity", ["lead", "organization", "contact", "deal", "task", "event"])
def test_the_least_busy_takes_anything(ruled: Ruled, team: list[int], entity: str) -> None:
    ruled.given(
        rule(
            "route",
            f'["{ {"organization": "org"}.get(entity, entity) }.created"]',
            '{ action = "assign", pool = ["dora", "carl"], strategy = "least_busy" }',
        )
    )
    organization = ruled.store.add("organization", name="Acme")
    values: dict[str, dict[str, Any]] = {
        "deal": {"name": "D", "organization": organization},
        "task": {"subject": "T"},
        "event": {"title": "E", "start_at": "2026-03-20T10:00:00Z"},
        "lead": {"full_name": "L"},
        "contact": {"full_name": "C"},
        "organization": {"name": "O"},
    }
    made = [ruled.add(entity, **values[entity]) for _ in range(3)]
    key = "assignee_id" if entity == "task" else "owner_id"
    carl, dora = team
    assert [ruled.store.row(entity, number)[key] for number in made] == [dora, carl, dora]


def test_a_lot_falls_by_the_record(ruled: Ruled, team: list[int]) -> None:
    do = '{ action = "assign", pool = "team:sales", strategy = "random" }'
    ruled.given(rule("lot", '["lead.saved"]', do))
    for number in range(20):
        ruled.add("lead", full_name=f"Lead {number}")
    drawn = lead_owners(ruled)
    assert set(drawn) == set(team)
    for lead in range(1, 21):
        ruled.store.edit("lead", lead, owner=None)
        ruled.edit("lead", lead, score=3)
    assert lead_owners(ruled) == drawn


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ('pool = "team:slaes", strategy = "random"', "no user 'team:slaes'.*did you mean team:sales"),
        ('pool = ["carl", "nobody"], strategy = "random"', "no user 'nobody'"),
        ('pool = "team:sales"', "strategy: is missing"),
        ('pool = "team:sales", strategy = "fair"', "'fair' is not one of its values"),
        ('to = "carl", strategy = "random"', "strategy: is for a pool"),
        ('to = "team:sales"', "fits 2 records"),
        ('to = "carl", pool = "team:sales", strategy = "random"', "needs either to or pool"),
        ("only_if_empty = true", "needs either to or pool"),
    ],
)
def test_who_cannot_be_found_is_a_mistake(ruled: Ruled, team: list[int], keys: str, told: str) -> None:
    ruled.given(rule("share", '["lead.created"]', f'{{ action = "assign", {keys} }}'))
    with pytest.raises(ConfigError, match=told):
        ruled.add("lead", full_name="Anna Rossi")


def test_a_named_user_is_assigned(ruled: Ruled, team: list[int]) -> None:
    ruled.given(
        rule("give", '["lead.created"]', '{ action = "assign", to = "dora" }'),
        rule("follow", '["deal.created"]', '{ action = "assign", to = "{{ record.organization.owner }}" }'),
    )
    ruled.add("lead", full_name="Anna Rossi")
    assert lead_owners(ruled) == [team[1]]
    organization = ruled.store.add("organization", name="Acme", owner=team[0])
    number = ruled.add("deal", name="Site", organization=organization)
    assert ruled.store.row("deal", number)["owner_id"] == team[0]
