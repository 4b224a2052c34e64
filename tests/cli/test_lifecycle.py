"""Phases of customers: proposed, given, kept where a person chose them, explained, and reported on."""

import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest

from tests.cli.test_follow import configure
from tests.cli.workspace import ENVIRONMENT, Workspace
from tests.command import crm


def buy(workspace: Workspace, customer: str, *purchases: tuple[str, int]) -> None:
    """Let a customer buy on days for amounts."""
    option = "--org" if customer.startswith("O") else "--contact"
    for day, amount in purchases:
        deal = workspace.ok("deal", "add", "Order", option, customer, "--amount", str(amount), "--stage", "won")
        with closing(sqlite3.connect(workspace.home / "data" / "crm.db")) as con, con:
            con.execute("UPDATE deal SET created_at = ?1, closed_at = ?1 WHERE id = ?2", (f"{day}T11:00:00Z", deal[1:]))


@pytest.fixture
def customers(workspace: Workspace) -> Workspace:  # today is Wednesday, 18 March 2026, 12:00 in Rome
    def make() -> None:
        for name in ("Silent", "Talked", "Tried", "Rising", "Faithful", "Gone"):
            workspace.ok("org", "add", name)
        workspace.ok("org", "add", "Paper mill", "--type", "supplier")
        workspace.ok("contact", "add", "Ada Rossi", "--org", "O1")
        workspace.ok("contact", "add", "Bea Neri")
        workspace.ok("log", "email", "Our offer", "--direction", "out", "--with", "O2")
        workspace.ok("log", "email", "Our offer", "--direction", "out", "--with", "C1")
        workspace.ok("log", "email", "Tell me more", "--direction", "in", "--with", "O2")
        buy(workspace, "O3", ("2026-03-01", 100))
        buy(workspace, "O4", ("2026-01-10", 100), ("2026-03-01", 300))
        buy(workspace, "O5", ("2025-12-01", 100), ("2026-01-01", 100), ("2026-02-01", 100), ("2026-03-01", 100))
        buy(workspace, "O6", ("2025-10-01", 100), ("2025-11-01", 100), ("2025-12-01", 100))

    return workspace.once(make)


PHASES = {
    "O1": "awareness", "O2": "exploration", "O3": "exploration", "O4": "expansion", "O5": "commitment",
    "O6": "dissolution", "C2": "awareness",
}  # fmt: skip


def proposed(workspace: Workspace, *words: str) -> dict[str, str]:
    return {row["ref"]: row["proposed"] for row in workspace.json("lifecycle", "propose", *words)}


def phase(workspace: Workspace, ref: str) -> str | None:
    found: str | None = workspace.json("show", ref)["lifecycle_phase"]
    return found


def test_each_behaviour_has_its_phase(customers: Workspace) -> None:
    """A supplier that never bought, and a contact whose organization is the customer, are in no phase."""
    before = customers.state()
    assert proposed(customers) == PHASES
    assert customers.state() == before
    assert proposed(customers, "O2", "c2") == {"O2": "exploration", "C2": "awareness"}
    assert proposed(customers, "--where", "name ~ i") == {"O1": "awareness", "O3": "exploration", "O4": "expansion",
                                                          "O5": "commitment", "C2": "awareness"}  # fmt: skip
    buy(customers, "C1", ("2026-03-01", 50))
    assert proposed(customers, "C1") == {"C1": "exploration"}, "who bought alone is a customer"


def test_a_call_that_was_answered_goes_both_ways(customers: Workspace) -> None:
    customers.ok("log", "call", "Rang", "--direction", "out", "--outcome", "no_answer", "--with", "O1")
    assert proposed(customers, "O1") == {"O1": "awareness"}
    customers.ok("log", "call", "Spoke", "--direction", "out", "--outcome", "connected", "--with", "C1")
    assert proposed(customers, "O1") == {"O1": "exploration"}


def test_applying_is_one_step_that_can_be_taken_back(customers: Workspace) -> None:
    assert "exploration" in customers.ok("lifecycle", "apply", "--dry-run")
    assert phase(customers, "O4") is None
    customers.ok("lifecycle", "apply")
    assert {ref: phase(customers, ref) for ref in PHASES} == PHASES
    assert proposed(customers) == {}
    assert customers.crm("lifecycle", "propose", "--exit-code").code == 1
    customers.ok("undo", "--yes")
    assert phase(customers, "O4") is None
    customers.ok("lifecycle", "apply", "O4")
    assert (phase(customers, "O4"), phase(customers, "O5")) == ("expansion", None)


def test_what_a_person_chose_stays_until_it_is_emptied(customers: Workspace) -> None:
    customers.ok("lifecycle", "apply")
    told = customers.refused(4, "org", "edit", "O3", "--set", "lifecycle_phase=commitment")
    assert "needs --reason" in told
    customers.ok("org", "edit", "O3", "--set", "lifecycle_phase=commitment", "--reason", "Signed for years")
    assert proposed(customers) == {}
    (kept,) = customers.json("lifecycle", "propose", "O3", "--all")
    assert (kept["phase"], kept["proposed"], kept["held"], kept["reason"]) == (
        "commitment", "exploration", True, "Signed for years",
    )  # fmt: skip
    customers.ok("lifecycle", "apply", "O3")
    assert phase(customers, "O3") == "commitment"
    customers.ok("undo", "--yes")  # there is no step of apply to take back: it is that of the person
    assert (phase(customers, "O3"), proposed(customers)) == ("exploration", {})
    customers.ok("redo", "--yes")
    assert customers.json("lifecycle", "show", "O3")["held"], "done again it is the person's choice still"
    customers.ok("org", "edit", "O3", "--unset", "lifecycle_phase")
    customers.ok("lifecycle", "apply")
    assert phase(customers, "O3") == "exploration"


def test_show_tells_why_and_since_when(customers: Workspace) -> None:
    customers.ok("lifecycle", "apply")
    customers.ok("org", "edit", "O6", "--set", "lifecycle_phase=commitment", "--reason", "Called: orders in May")
    found = customers.json("lifecycle", "show", "O6")
    assert found["why"] == "no purchase for 107 days, more than 2 times the own interval of 30.5 days"
    assert [(row["phase"], row["set_by"], row["reason"]) for row in found["history"]] == [
        ("commitment", "anna", "Called: orders in May"), ("dissolution", "proposal", None),
    ]  # fmt: skip
    assert "by hand: Called: orders in May" in customers.ok("lifecycle", "show", "O6", "-o", "table")
    assert "no customer" in customers.refused(2, "lifecycle", "show", "C1")
    customers.ok("task", "add", "Call")
    customers.refused(2, "lifecycle", "show", "T1")
    customers.refused(2, "lifecycle", "propose", "O1", "--where", "name ~ a")


RULE = """
schema = 1
[[rule]]
id = "win-back"
on = ["org.updated"]
when = "changed(lifecycle_phase) and lifecycle_phase = dissolution"
do = [{ action = "tag", add = ["win back"] }]
"""


def test_rules_react_and_tick_does_it_once_a_day(customers: Workspace) -> None:
    rules = customers.home / "config" / "rules"
    rules.mkdir(exist_ok=True)
    (rules / "own.toml").write_text(RULE, encoding="utf-8")

    def tick(*words: str) -> None:
        done = crm(customers.home, "tick", *words, env=ENVIRONMENT)  # a process of its own reads the rules anew
        assert done.returncode == 0, done.stderr

    tick()
    assert phase(customers, "O6") is None
    configure(customers, "[lifecycle]\ndaily = true\ncommitment_purchases = 5\n")
    tick("--dry-run")
    assert phase(customers, "O6") is None
    tick()
    found = customers.json("show", "O6")
    assert (found["lifecycle_phase"], found["tags"]) == ("dissolution", ["win back"])
    assert phase(customers, "O5") == "exploration"
    customers.ok("org", "add", "New")
    tick()
    assert phase(customers, "O8") is None, "today it was done"


def test_the_report_counts_phases_moves_and_purchases(customers: Workspace) -> None:
    customers.ok("lifecycle", "apply")
    document = customers.json("report", "lifecycle", "--period", "2026-Q1")
    rows = {row["phase"]: row for row in document["phases"]}
    assert {name: row["customers"] for name, row in rows.items()} == {
        "awareness": 2, "exploration": 2, "expansion": 1, "commitment": 1, "dissolution": 1,
    }  # fmt: skip
    bought = {name: Decimal(str(row["value"])) for name, row in rows.items()}
    assert bought == {"awareness": 0, "exploration": 100, "expansion": 400, "commitment": 300, "dissolution": 0}
    assert (rows["exploration"]["entered"], rows["exploration"]["each"]) == (2, 50)
    assert document["moves"][0] == {"before": None, "phase": "awareness", "customers": 2}
    assert [entry["value"] for entry in document["totals"]] == [7, 7]
    customers.ok("org", "edit", "O3", "--set", "lifecycle_phase=commitment", "--reason", "Signed")
    chosen = customers.json("report", "lifecycle", "--where", "name in [Tried, Rising]")
    assert [(row["phase"], row["customers"], row["value"]) for row in chosen["phases"] if row["customers"]] == [
        ("expansion", 1, 400), ("commitment", 1, 100),
    ]  # fmt: skip
    assert customers.json("report", "lifecycle", "--period", "2025")["totals"][0]["value"] == 0
    explained = customers.json("report", "lifecycle", "--explain", "lifecycle_customers")
    assert {row["ref"] for row in explained["rows"]} == set(PHASES)


def test_ambassadors_are_those_whose_referrals_bought(customers: Workspace) -> None:
    customers.ok("lead", "add", "Carla Verdi", "--set", "referred_by=C2")
    customers.ok("lead", "add", "Dora Blu", "--set", "referred_by=C2")
    customers.ok("contact", "add", "Eva Gialli", "--set", "referred_by=C1")
    customers.ok("lead", "convert", "L1", "--deal", "Order", "--amount", "500")
    lead_deal = customers.json("deal", "list", "--where", "name = Order and outcome = open")[0]["ref"]
    customers.ok("deal", "win", lead_deal)
    customers.ok("ticket", "open", "Help", "--contact", "C2")
    customers.ok("ticket", "resolve", "K1", "--code", "fixed")
    customers.ok("ticket", "edit", "K1", "--set", "csat_score=5")
    document = customers.json("report", "ambassadors")
    assert [entry["value"] for entry in document["totals"]] == [3, 1, 500, 1]
    rows = document["ambassadors"]
    assert [(row["ref"], row["referrals"], row["successful"], row["revenue"]) for row in rows] == [
        ("C2", 2, 1, 500), ("C1", 1, 0, 0),
    ]  # fmt: skip
    assert (rows[0]["rate"], rows[0]["satisfied"], rows[1]["satisfied"]) == (0.5, 1, None)
    only = customers.json("report", "ambassadors", "--where", "last_name = Rossi")
    assert [row["ref"] for row in only["ambassadors"]] == ["C1"]
