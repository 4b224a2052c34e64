"""Snapshots of the forecast: one a day, by hand or by the clock, and how true they turn out."""

from decimal import Decimal
from typing import Any

import pytest

from tests.cli.workspace import Workspace

MARCH, APRIL, MAY = ("2026-03-18T12:00:00+01:00", "2026-04-01T12:00:00+02:00", "2026-05-02T12:00:00+02:00")


def at(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, moment: str) -> Workspace:
    """Go on working at another moment."""
    monkeypatch.setenv("CRMCLI_NOW", moment)
    return workspace


def accuracy(workspace: Workspace, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = workspace.json("report", "forecast-accuracy", "--period", "2026-04", *arguments)
    return found


@pytest.fixture
def kept(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A store whose forecast of April was 600 on 1 April, of which 400 were won at last."""

    def make() -> None:
        workspace.ok("org", "add", "Acme")
        for name, amount, day in (("A", "800", "2026-04-20"), ("B", "400", "2026-04-25"), ("C", "999", "2026-06-01")):
            workspace.ok(
                "deal",
                "add",
                name,
                "--org",
                "O1",
                "--amount",
                amount,
                "--expected-close",
                day,
                "--probability",
                "50",
                "--owner",
                "anna",
            )
        at(workspace, monkeypatch, APRIL).ok("report", "snapshot")
        at(workspace, monkeypatch, "2026-04-25T12:00:00+02:00").ok("deal", "win", "D2")
        at(workspace, monkeypatch, "2026-04-26T12:00:00+02:00").ok("deal", "lose", "D1", "--reason", "price")

    workspace.once(make)
    return at(workspace, monkeypatch, MAY)


def test_a_day_is_kept_once(workspace: Workspace) -> None:
    assert "there is no deal" in workspace.crm("report", "snapshot").err
    workspace.ok("org", "add", "Acme")
    workspace.ok("deal", "add", "A", "--org", "O1", "--amount", "800")
    before = workspace.state()
    assert "would be kept" in workspace.crm("report", "snapshot", "--dry-run").err
    assert workspace.state() == before
    assert "is kept" in workspace.crm("report", "snapshot").err
    before = workspace.state()
    assert "kept already" in workspace.crm("report", "snapshot").err
    assert workspace.state() == before


def test_the_clock_keeps_each_day_once_where_it_is_set(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok("deal", "add", "A", "--org", "O1", "--amount", "800")
    workspace.ok("tick")
    assert snapshots(workspace) == []
    workspace.ok("config", "set", "snapshots", "true")
    for moment in (MARCH, "2026-03-18T23:00:00+01:00", "2026-03-19T00:30:00+01:00"):
        at(workspace, monkeypatch, moment).ok("tick")
    at(workspace, monkeypatch, "2026-03-20T00:30:00+01:00")
    assert "the forecast of the day is kept" in workspace.crm("tick", "--dry-run").err
    assert "the forecast of the day to be kept" in workspace.ok("cron", "check")
    assert snapshots(workspace) == ["2026-03-18", "2026-03-19"]


def test_no_forecast_of_the_past_is_made_up_from_what_came_later(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(workspace, monkeypatch, APRIL).ok("org", "add", "Acme")
    workspace.ok("deal", "add", "A", "--org", "O1", "--amount", "800")
    workspace.ok("config", "set", "snapshots", "true")
    ran = at(workspace, monkeypatch, MARCH).crm("report", "snapshot")
    assert (ran.code, snapshots(workspace)) == (4, [])
    assert "not known any more" in ran.err
    workspace.ok("tick")
    assert snapshots(workspace) == []


def snapshots(workspace: Workspace) -> list[str]:
    """Return the days of which there are snapshots."""
    lines = [line for line in workspace.state() if line.startswith('INSERT INTO "forecast_snapshot"')]
    return sorted({line.split("'")[1] for line in lines})


def test_accuracy_and_bias_of_a_forecast(kept: Workspace) -> None:
    found = accuracy(kept)
    totals = {entry["key"]: entry for entry in found["totals"]}
    assert found["day"] == "2026-04-01"
    assert totals["forecast_accuracy"]["value"] == 0.5  # 1 - |400 - 600| / 400
    assert totals["forecast_bias"]["value"] == 0.5
    assert found["forecasts"] == [
        {"day": "2026-04-01", "forecast": 600, "won": 400, "accuracy": 0.5, "bias": 0.5, "reason": None,
         "currency": "EUR"},
    ]  # fmt: skip


def test_an_accuracy_below_nothing_is_nothing_for_people(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok(
        "deal", "add", "A", "--org", "O1", "--amount", "1000", "--expected-close", "2026-04-20", "--probability", "50"
    )
    at(workspace, monkeypatch, APRIL).ok("report", "snapshot")
    at(workspace, monkeypatch, "2026-04-25T12:00:00+02:00").ok("deal", "edit", "D1", "--amount", "100")
    workspace.ok("deal", "win", "D1")
    at(workspace, monkeypatch, MAY)
    (_, told, bias) = accuracy(workspace)["totals"]
    assert (told["value"], bias["value"]) == (-3, 4)
    shown = workspace.ok("report", "forecast-accuracy", "--period", "2026-04", "-o", "table")
    assert "-300" not in shown
    assert "0.0%" in shown
    assert "+400.0%" in shown


def test_a_period_that_goes_on_or_has_no_forecast_tells_why(kept: Workspace) -> None:
    def reason(period: str) -> str:
        totals = kept.json("report", "forecast-accuracy", "--period", period)["totals"]
        found: str = totals[1]["reason"]
        return found

    assert reason("2026-05") == "the period is not over"
    assert reason("2026-03") == "no snapshot of a forecast"
    assert reason("2026-04-01..2026-04-15") == "the period is not made of whole months"
    assert "do not know the field stage" in kept.refused(2, "report", "forecast-accuracy", "--by", "stage")
    assert "--day takes a date" in kept.refused(2, "report", "forecast-accuracy", "--day", "soon")


def test_nothing_won_has_no_accuracy(kept: Workspace) -> None:
    kept.ok("deal", "reopen", "D2")
    assert accuracy(kept)["totals"][1]["reason"] == "nothing was won"


def test_a_negative_bias_is_a_number_in_csv(kept: Workspace) -> None:
    kept.ok("deal", "reopen", "D1")
    kept.ok("deal", "edit", "D1", "--amount", "1000")
    kept.ok("deal", "win", "D1", "--at", "2026-04-28")
    shown = kept.ok("report", "forecast-accuracy", "--period", "2026-04", "-o", "csv")
    assert shown.splitlines()[1].endswith(",-0.571429"), "(600 - 1400) / 1400, without a guard against formulas"


def test_by_owner_and_explained(kept: Workspace) -> None:
    assert [(row["group"], row["forecast"], row["won"]) for row in accuracy(kept, "--by", "owner")["groups"]] == [
        ("anna", 600, 400)
    ]
    found = kept.json("report", "forecast-accuracy", "--period", "2026-04", "--explain", "forecast_bias")
    forecast = sum(Decimal(row["numerator"] or 0) for row in found["rows"])
    won = sum(Decimal(row["denominator"] or 0) for row in found["rows"])
    assert (forecast - won) / won == Decimal("0.5")
    assert found["figures"][0]["formula"] == (
        "forecast_bias = (forecast - won_amount) / won_amount = 200.00 / 400.00 = 0.5"
    )


def test_a_condition_takes_of_a_forecast_what_it_takes_of_the_deals(kept: Workspace) -> None:
    def told(condition: str) -> tuple[Any, Any]:
        (row,) = accuracy(kept, "--where", condition)["forecasts"]
        return row["forecast"], row["won"]

    assert told("owner = anna and currency = EUR") == (600, 400)
    assert told("not owner = anna or pipeline ~ renewals") == (0, 0)
    refused = kept.refused(2, "report", "forecast-accuracy", "--where", "owner = anna and amount > 5")
    assert "do not know the field amount" in refused


def test_a_later_change_does_not_touch_what_was_kept(kept: Workspace) -> None:
    before = accuracy(kept)["forecasts"]
    kept.ok("deal", "edit", "D3", "--expected-close", "2026-04-02")
    kept.ok("rate", "add", "USD", "--rate", "0.5")
    assert accuracy(kept)["forecasts"] == before


def test_programs_get_the_accuracy_as_it_is(kept: Workspace) -> None:
    (head, row) = kept.ok("report", "forecast-accuracy", "--period", "2026-04", "-o", "csv").splitlines()
    assert head == "day,forecast,won,accuracy,bias"
    assert row == "2026-04-01,600.00,400.00,0.5,0.5"
