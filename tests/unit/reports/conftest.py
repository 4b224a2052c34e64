"""A store in memory with deals of every outcome, and a short way to run a report over it."""

from typing import Any

import pytest

from crmcli import clock
from crmcli.domain.periods import parse_period
from crmcli.queries.scope import make_scope
from crmcli.reports.index import run_report
from crmcli.reports.result import Options, ReportResult
from tests.unit.queries.conftest import ZONE, World, template, world

__all__ = ["Reporting", "reporting", "template", "world"]


class Reporting:
    """A world of deals, with reports over it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stages = world.pipeline()
        self.organization = world.add("organization", name="Acme")

    def deal(self, outcome: str = "open", /, **values: Any) -> int:
        """Add a deal; ``amount_minor`` and dates as stored."""
        stage = {"open": "potential"}.get(outcome, outcome)
        closing: dict[str, Any] = {}
        if outcome != "open":
            closing = {"closed_at": clock.now_text(), "probability_bp": 10_000 if outcome == "won" else 0}
        if outcome == "lost":
            closing |= {"lost_reason": "price", "last_open_stage_id": self.stages["quote_sent"]}
        given = {"name": "Deal", "organization_id": self.organization, "pipeline_id": self.stages["sales"]}
        return self.world.add(
            "deal", **{**given, "stage_id": self.stages[stage], "outcome": outcome, **closing, **values}
        )

    def run(self, name: str = "kpi", period: str = "all", **asked: Any) -> ReportResult:
        """Run a report; further options as in ``Options``."""
        scope = make_scope(self.world.con, ZONE, "en", None, "IT")
        options = Options(parse_period(period, clock.now(), ZONE), "EUR", scope)._replace(**asked)
        return run_report(name, self.world.con, options)

    def entries(self, key: str, period: str = "all", **asked: Any) -> list[dict[str, Any]]:
        """Return the entries of one key figure, one for each group."""
        kpis: Any = self.run("kpi", period, **asked).document["kpis"]
        return [entry for entry in kpis if entry["key"] == key]

    def value(self, key: str, period: str = "all", **asked: Any) -> Any:
        """Return the value of a key figure without groups."""
        (entry,) = self.entries(key, period, **asked)
        return entry["value"]


@pytest.fixture
def reporting(world: World) -> Reporting:
    """A world of deals without any deal yet."""
    return Reporting(world)
