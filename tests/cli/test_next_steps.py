"""``report next-steps``: what counts as a next step, and which deals and leads have none in time."""

import pytest

from tests.cli.workspace import Workspace


@pytest.fixture
def deals(workspace: Workspace) -> Workspace:  # today is Wednesday, 18 March 2026, 12:00 in Rome
    def make() -> None:
        workspace.ok("org", "add", "Acme")
        for number in range(1, 10):
            workspace.ok("deal", "add", f"Deal {number}", "--org", "O1", "--amount", f"{number}k")
        step = "next_step=Send it"
        workspace.ok("deal", "edit", "D1", "--set", step, "--set", "next_step_due=2026-03-17")
        workspace.ok("deal", "edit", "D2", "--set", step, "--set", "next_step_due=2026-03-18")
        workspace.ok("deal", "edit", "D3", "--set", step)
        workspace.ok("task", "add", "Late", "--for", "D4", "--due", "2026-03-10")
        workspace.ok("task", "add", "In time", "--for", "D5", "--due", "2026-03-20")
        workspace.ok("event", "add", "Demo", "--with", "D6", "--start", "2026-03-25 10:00")
        workspace.ok("event", "add", "Past", "--with", "D7", "--start", "2026-03-02 10:00")
        workspace.ok("deal", "lose", "D8", "--reason", "price")
        workspace.ok("lead", "add", "Anna Rossi")
        workspace.ok("lead", "add", "Bruno Neri", "--set", step)

    return workspace.once(make)


def test_open_deals_without_a_step_come_before_those_whose_step_has_passed(deals: Workspace) -> None:
    assert deals.ok("report", "next-steps", "-o", "ids").splitlines() == ["D7", "D9", "D4", "D1"]
    found = deals.json("report", "next-steps")
    assert {key: found["deals"][key] for key in ("none", "past", "ahead")} == {"none": 2, "past": 2, "ahead": 4}
    told = [(row["ref"], row["step"], row["step_on"]) for row in found["deals"]["records"]]
    assert told == [
        ("D7", "none", None),
        ("D9", "none", None),
        ("D4", "past", "2026-03-10"),
        ("D1", "past", "2026-03-17"),
    ]
    assert [row["ref"] for row in found["leads"]["records"]] == ["L1"]


def test_leads_groups_conditions_and_codes(deals: Workspace) -> None:
    assert deals.ok("report", "next-steps", "lead", "-o", "ids") == "L1"
    found = deals.json("report", "next-steps", "deal", "--by", "owner", "--where", "amount >= 5k")
    assert found["deals"]["groups"] == [{"group": None, "none": 2, "past": 0, "ahead": 2}]
    assert deals.crm("report", "next-steps", "deal", "--where", "amount > 50k", "--exit-code").code == 1
    deals.refused(2, "report", "next-steps", "ticket")


def test_what_is_done_or_called_off_is_no_step(deals: Workspace) -> None:
    deals.ok("task", "done", "T2")
    deals.ok("event", "edit", "E1", "--set", "status=cancelled")
    assert deals.ok("report", "next-steps", "-o", "ids").splitlines() == ["D5", "D6", "D7", "D9", "D4", "D1"]


def test_the_screen_tells_the_counts(deals: Workspace) -> None:
    code, screen = deals.at_terminal("report", "next-steps", "--no-pager", columns=80)
    assert code == 0
    assert [line.split() for line in screen.splitlines() if line.startswith("  deals ")] == [["deals", "2", "2", "4"]]
    assert max(map(len, screen.splitlines())) <= 80


def test_the_greatest_groups(deals: Workspace) -> None:
    deals.ok("deal", "edit", "D1", "D2", "--set", "source=event")
    found = deals.json("report", "next-steps", "deal", "--by", "source", "--top", "1")
    assert [(row["group"], row["none"]) for row in found["deals"]["groups"]] == [(None, 2)]
