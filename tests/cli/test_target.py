"""Targets and exchange rates: kept, changed, taken back, carried along, and used."""

from pathlib import Path

import pytest

from tests.cli.workspace import Workspace
from tests.command import crm

TARGET = ("target", "add", "won_amount", "--period", "2026-Q1", "--value", "250k")


def test_add_list_show_edit_and_remove(workspace: Workspace) -> None:
    assert workspace.ok(*TARGET) == "won_amount/2026-Q1"
    workspace.ok("target", "add", "deals_won", "--period", "this-month", "--value", "12", "--owner", "anna")
    workspace.ok("target", "add", "won_amount", "--period", "2026", "--value", "1m", "--team", "Sales")
    assert workspace.ok("target", "list", "-o", "ids", "--sort", "id").splitlines() == [
        "won_amount/2026-Q1",
        "deals_won/2026-03/anna",
        "won_amount/2026/team:Sales",
    ]
    target = workspace.json("target", "edit", "won_amount/2026-Q1", "--value", "300000.5")
    assert (target["value"], target["currency"]) == (300000.5, "EUR")
    assert workspace.json("target", "show", "deals_won/2026-03/anna")["currency"] is None
    workspace.ok("target", "rm", "won_amount/2026-Q1", "--yes")
    workspace.ok("undo", "--yes")
    assert workspace.ok("target", "list", "--where", "value > 290k", "-o", "ids").split() == [
        "won_amount/2026-Q1",
        "won_amount/2026/team:Sales",
    ]
    assert workspace.ok("check") == ""


def test_a_team_is_written_as_users_carry_it(workspace: Workspace) -> None:
    add = ("target", "add", "deals_won", "--period", "2026", "--value", "12", "--team", "sales")
    assert "no user is of the team sales" in workspace.crm(*add, "--dry-run").err
    workspace.ok("user", "edit", "anna", "--team", "Sales")
    assert workspace.ok(*add) == "deals_won/2026/team:Sales"
    assert "already" in workspace.refused(5, *add)
    assert workspace.ok("check") == ""


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("won_amount", "--period", "2026-Q1", "--value", "1"), 5, "there is a target won_amount/2026-Q1 already"),
        (("won_amount", "--period", "all", "--value", "1"), 4, "has no end"),
        (("won_amount", "--period", "someday", "--value", "1"), 4, "is not a period"),
        (("won_amount", "--period", "2026", "--value", "0"), 4, "more than 0"),
        (("won_amount", "--period", "2026", "--value", "1.0055"), 4, "EUR has 2 decimals"),
        (("deals_won", "--period", "2026", "--value", "1.5"), 4, "is a whole number"),
        (("deals_won", "--period", "2026"), 4, "value: is required"),
        (("win_rate", "--period", "2026", "--value", "1"), 2, "is not one of its values"),
        (("deals_won", "--period", "2026", "--value", "1", "--owner", "anna", "--team", "x"), 4, "not of both"),
    ],
)
def test_what_is_no_target_is_refused(workspace: Workspace, arguments: tuple[str, ...], code: int, said: str) -> None:
    workspace.ok(*TARGET)
    assert said in workspace.refused(code, "target", "add", *arguments)


def test_rates_are_kept_by_day_and_convert_open_and_closed_deals(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme")
    for name in ("Early", "Late", "Open"):
        workspace.ok("deal", "add", name, "--org", "O1", "--amount", "100", "--currency", "USD")
    assert workspace.ok("rate", "add", "usd", "--rate", "0.5", "--on", "2026-03-01") == "USD/2026-03-01"
    workspace.ok("rate", "add", "USD", "--rate", "0.8")
    workspace.ok("deal", "win", "D1", "--on", "2026-03-17")
    workspace.ok("deal", "win", "D2")
    won = workspace.json("report", "won")["totals"]
    assert next(entry["value"] for entry in won if entry["key"] == "won_amount") == 130
    workspace.ok("rate", "edit", "USD/2026-03-18", "--rate", "0.9")
    assert workspace.json("report", "kpi", "--explain", "won_amount")["figures"][0]["value"] == 130, "frozen"
    found = workspace.json("report", "pipeline")
    assert found["rates"] == {"USD": {"rate": 0.9, "on": "2026-03-18"}}
    assert next(entry["value"] for entry in found["totals"] if entry["key"] == "pipeline_amount") == 90


def test_a_deal_closed_without_a_rate_takes_that_of_its_day_when_it_is_known(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok("deal", "add", "Foreign", "--org", "O1", "--amount", "100", "--currency", "USD")
    done = workspace.crm("deal", "win", "D1", "--on", "2026-03-10")
    assert "no exchange rate from USD to EUR is known" in done.err
    assert workspace.json("report", "kpi", "--explain", "won_amount")["figures"][0]["value"] is None
    workspace.ok("rate", "add", "USD", "--rate", "0.7", "--on", "2026-03-10")
    workspace.ok("rate", "add", "USD", "--rate", "0.9", "--on", "2026-03-11")
    assert workspace.json("report", "kpi", "--explain", "won_amount")["figures"][0]["value"] == 70


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("EUR", "--rate", "1"), "is the base currency"),
        (("USD", "--rate", "0"), "more than 0"),
        (("USD",), "rate: is required"),
    ],
)
def test_what_is_no_rate_is_refused(workspace: Workspace, arguments: tuple[str, ...], said: str) -> None:
    assert said in workspace.refused(4, "rate", "add", *arguments)


def test_targets_and_rates_go_along_with_everything(workspace: Workspace, tmp_path: Path) -> None:
    workspace.ok(*TARGET)
    workspace.ok("rate", "add", "USD", "--rate", "0.8")
    everything = workspace.ok("export", "all")
    file = tmp_path / "everything.json"
    file.write_text(everything)
    other = tmp_path / "other"
    for arguments in (("init", "-q"), ("import", "all", str(file))):
        done = crm(other, *arguments, env={"CRMCLI_USER": "anna", "CRMCLI_HOME": str(other)})
        assert done.returncode == 0, done.stderr
    done = crm(other, "export", "all", env={"CRMCLI_USER": "anna", "CRMCLI_HOME": str(other)})
    assert done.stdout.rstrip("\n") == everything
