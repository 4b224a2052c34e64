import pytest

from tests.cli.workspace import Workspace


@pytest.fixture
def busy(workspace: Workspace) -> Workspace:
    def make() -> None:
        workspace.ok("org", "add", "Acme")
        workspace.ok("deal", "add", "Support", "--org", "O1", "--amount", "12k", "--expected-close", "2026-03-20")
        workspace.ok("task", "add", "Call", "--due", "today")
        workspace.ok("event", "add", "Demo", "--start", "today 15:00")
        workspace.ok("ticket", "open", "Help")
        workspace.ok("lead", "add", "Anna Rossi")

    return workspace.once(make)


def test_the_screen_shows_what_there_is(busy: Workspace) -> None:
    code, screen = busy.at_terminal("status", "--no-pager")
    assert code == 0
    assert screen.startswith("Wednesday 18 March 2026  anna\n")
    for words in ("Due today and overdue", "T1", "E1", "Open deals", "€12,000.00", "D1", "L1", "K1"):
        assert words in screen


def test_the_object_has_every_part(busy: Workspace) -> None:
    parts = busy.json("status")
    assert list(parts) == ["tasks", "events", "open_deals", "closing", "new_leads", "open_tickets"]
    assert [len(rows) for rows in parts.values()] == [1, 1, 1, 1, 1, 1]


def test_open_deals_are_rounded_once_as_in_the_report(busy: Workspace) -> None:
    for _ in range(3):
        busy.ok("deal", "add", "Sample", "--org", "O1", "--amount", "0.01", "--probability", "33.33")
    (row,) = busy.json("status")["open_deals"]
    found = {entry["key"]: entry["value"] for entry in busy.json("report", "pipeline")["totals"]}
    assert (row["amount"], row["weighted_amount"]) == (12_000.03, 1200.01)
    assert (found["pipeline_amount"], found["weighted_amount"]) == (12_000.03, 1200.01)


def test_lines_name_their_part(busy: Workspace) -> None:
    lines = [line.split("\t")[:2] for line in busy.ok("status").splitlines()]
    assert lines[0] == ["tasks", "T1"]
    assert ["open_tickets", "K1"] in lines


@pytest.mark.parametrize("zone", ["UTC", "Europe/Rome", "America/New_York", "Pacific/Auckland"])
def test_a_date_sets_the_clock_to_that_day_wherever_one_is(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("CRMCLI_TIMEZONE", zone)
    assert workspace.ok("status", "-o", "table", "--as-of", "2026-07-01").startswith("Wednesday 01 July 2026")
    monkeypatch.setenv("CRMCLI_NOW", "2026-07-01T23:30")
    assert workspace.ok("status", "-o", "table").startswith("Wednesday 01 July 2026")


def test_an_empty_day(workspace: Workspace) -> None:
    assert workspace.ok("status") == ""
    assert "nothing is due" in workspace.at_terminal("status", "--no-pager")[1]


def test_other_formats_are_refused(workspace: Workspace) -> None:
    assert "the formats are table, json, tsv" in workspace.refused(2, "status", "-o", "csv")
