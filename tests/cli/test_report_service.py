"""The reports on service as a user meets them: business hours and service levels of the settings, charts, options."""

import pytest

from tests.cli.test_follow import configure
from tests.cli.workspace import Workspace

HOURS = 'zone = "Europe/Rome"\n' + "".join(
    f'{day} = ["09:00-13:00", "14:00-18:00"]\n' for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
)
LEVEL = '[[sla]]\nname = "standard"\nfirst_response = "4h"\nresolution = "16h"\n'


@pytest.fixture
def desk(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Opened on a Friday at 16:00, waiting from 17:00 to Monday 10:00, answered then at 11:20, resolved at 12:20."""
    configure(workspace, f"\n[calendar]\n{HOURS}\n{LEVEL}")
    for at, words in (
        ("13T16:00", ("open", "Doors stick", "--category", "Repairs")),
        ("13T16:01", ("reply", "K1", "We got it", "--automatic")),
        ("13T16:02", ("edit", "K1", "--set", "status=open")),
        ("13T17:00", ("edit", "K1", "--set", "status=waiting_customer")),
        ("16T10:00", ("edit", "K1", "--set", "status=open")),
        ("16T11:20", ("reply", "K1", "We come today")),
        ("16T12:20", ("resolve", "K1", "--code", "fixed")),
    ):
        monkeypatch.setenv("CRMCLI_NOW", f"2026-03-{at}:00+01:00")
        workspace.ok("ticket", *words)
    monkeypatch.setenv("CRMCLI_NOW", "2026-03-18T12:00:00+01:00")
    return workspace


def totals(workspace: Workspace, *words: str) -> dict[str, object]:
    return {entry["key"]: entry["value"] for entry in workspace.json("report", *words, "--period", "2026-03")["totals"]}


def test_times_are_business_times_without_waiting(desk: Workspace) -> None:
    assert totals(desk, "first-response")["ticket_first_response_hours_median"] == 4.333333
    assert totals(desk, "resolution")["ticket_resolution_hours_mean"] == 3.333333
    assert totals(desk, "resolution", "--first")["ticket_first_resolution_hours_mean"] == 3.333333


def test_a_target_missed_by_minutes_is_missed(desk: Workspace) -> None:
    found = totals(desk, "sla")
    assert (found["sla"], found["sla_first_response"]) == (1, 0)
    (level,) = desk.json("report", "sla", "--by", "sla", "--period", "2026-03")["groups"]
    assert (level["group"], level["closed"]) == ("standard", 1)


def test_the_backlog_by_day_and_the_rhythm_on_screen(desk: Workspace) -> None:
    rows = desk.ok("report", "backlog", "--period", "this-month", "--every", "week", "-o", "csv").splitlines()
    assert rows[-2:] == ["2026-W11,1,0,0,1,1", "2026-W12,0,0,1,-1,0"]
    assert "--every takes day, week, month" in desk.refused(2, "report", "backlog", "--every", "year")
    screen = desk.ok("report", "rhythm", "-o", "table")
    assert "Tickets opened by weekday and hour" in screen
    assert "no rhythm" in desk.refused(2, "report", "rhythm", "deal")
    assert "not searched" in desk.refused(2, "report", "duplicates", "deal")


def test_the_rhythm_where_the_clock_changes_by_half_an_hour(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lord Howe is ahead by 10:30 in July and by 11 hours today."""
    monkeypatch.setenv("CRMCLI_TIMEZONE", "Australia/Lord_Howe")
    monkeypatch.setenv("CRMCLI_NOW", "2025-07-01T02:40:00Z")
    workspace.ok("ticket", "open", "Doors stick")
    monkeypatch.setenv("CRMCLI_NOW", "2026-03-18T12:00:00Z")
    rows = workspace.json("report", "rhythm", "--period", "all")["weekdays"]
    assert [row["weekday"] for row in rows if row["13"]] == ["2"]
    assert not any(row["12"] for row in rows)


def test_charts_of_every_report_can_be_a_page(desk: Workspace) -> None:
    for name in ("rhythm", "backlog", "tickets", "adoption", "lifecycle", "ambassadors"):
        page = desk.home / f"{name}.html"
        desk.ok("report", name, "--html", str(page), "-q")
        assert page.read_text(encoding="utf-8").startswith("<!doctype html>"), name
