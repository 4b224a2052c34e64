"""Reports by keys on a real store: figures beside those of the period before, and the records behind them."""

import pytest

from crmcli.reports.index import REPORTS
from crmcli.tui.record.screen import RecordScreen
from crmcli.tui.reports.screen import DrillScreen, ReportsScreen
from crmcli.tui.rows import RowList
from tests.cli.workspace import Workspace
from tests.tui.driving import Driver, drive


@pytest.fixture
def sold(workspace: Workspace) -> Workspace:
    def make() -> None:
        workspace.ok("org", "add", "Acme")
        for name, amount, day in (("Old", "10k", "2025-12-10"), ("New", "15k", "2026-03-10")):
            ref = workspace.ok("deal", "add", name, "--org", "O1", "--amount", amount)
            workspace.ok("deal", "win", ref, "--at", day)
        workspace.ok("deal", "add", "Open", "--org", "O1", "--amount", "7k")

    return workspace.once(make)


def line(user: Driver, label: str) -> str:
    return next(one for one in user.screen_text().splitlines() if label in one)


def go_to(user: Driver, key: str) -> None:
    rows = user.app.screen.query_one(RowList)
    rows.highlighted = next(place for place, row in enumerate(rows._rows) if row.entry and row.entry.get("key") == key)


def test_figures_stand_beside_those_of_the_period_before(sold: Workspace) -> None:
    async def story(user: Driver) -> None:
        assert isinstance(user.app.screen, ReportsScreen)
        told = line(user, "Amount won")
        assert "€15,000.00" in told
        assert "€10,000.00" in told
        assert "+50.0%" in told
        await user.press("p", *["down"] * 7, "enter")
        assert "€25,000.00" in line(user, "Amount won")
        assert "+50.0%" not in user.screen_text(), "nothing compares with all of time"

    drive(sold, story, "reports")


def test_a_figure_leads_to_its_records(sold: Workspace) -> None:
    async def story(user: Driver) -> None:
        go_to(user, "won_amount")
        await user.press("enter")
        assert isinstance(user.app.screen, DrillScreen)
        assert "won_amount = sum" in user.screen_text()
        assert "New" in user.screen_text()
        assert "Old" not in user.screen_text()
        await user.press("enter")
        assert isinstance(user.app.screen, RecordScreen)
        await user.press("escape", "escape")
        assert isinstance(user.app.screen, ReportsScreen)

    drive(sold, story, "reports")


def test_every_report_has_its_tab(sold: Workspace) -> None:
    async def story(user: Driver) -> None:
        screen = user.app.screen
        assert isinstance(screen, ReportsScreen)
        await user.press("l")
        assert "Potential" in user.screen_text()
        await user.press("l")
        assert screen.name_of_report == list(REPORTS)[2]
        await user.press("h", "h", "h")
        assert screen.name_of_report == list(REPORTS)[-1]

    drive(sold, story, "reports")


def test_a_report_is_chosen_by_name_and_drawn(sold: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("r", *["down"] * list(REPORTS).index("dashboard"), "enter")
        assert "Pipeline: Sales" in user.screen_text()

    drive(sold, story, "reports")


def test_a_panel_of_the_dashboard_takes_the_options_of_its_report(sold: Workspace) -> None:
    config = sold.home / "config" / "config.toml"
    panel = '[[dashboard]]\nreport = "win-rate"\ncohort = "created"\n'
    config.write_text(f"{config.read_text(encoding='utf-8')}\n{panel}", encoding="utf-8")

    async def story(user: Driver) -> None:
        await user.press("r", *["down"] * list(REPORTS).index("dashboard"), "enter")
        assert "Win rate of the cohort" in user.screen_text()

    drive(sold, story, "reports")


def test_it_begins_with_the_report_and_period_it_was_left_with(sold: Workspace) -> None:
    async def leave(user: Driver) -> None:
        await user.press("p", *["down"] * 7, "enter", "l")

    async def come_back(user: Driver) -> None:
        assert isinstance(user.app.screen, ReportsScreen)
        assert user.app.screen.kept() == {"report": "pipeline", "period": "all"}

    drive(sold, leave, "reports")
    drive(sold, come_back, "")


def test_reports_of_ones_own_stand_last(sold: Workspace) -> None:
    folder = sold.home / "config" / "reports"
    folder.mkdir()
    (folder / "mine.sql").write_text("-- summary = 'Mine.'\nSELECT 'D' || id AS ref, name FROM deal", encoding="utf-8")
    (folder / "asking.sql").write_text("-- [parameters.name]\nSELECT :name", encoding="utf-8")
    (folder / "broken.sql").write_text("nothing", encoding="utf-8")

    async def story(user: Driver) -> None:
        await user.press("h")
        assert "Mine" in user.screen_text()
        assert "Open" in user.screen_text()
        await user.press("h")
        assert "needs --name" in user.screen_text()

    drive(sold, story, "reports")
