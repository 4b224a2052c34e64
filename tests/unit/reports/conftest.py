"""A store in memory with deals of every outcome, and a short way to run a report over it."""

from datetime import datetime
from typing import Any

import pytest

from crmcli import clock
from crmcli.domain.periods import parse_period
from crmcli.queries.scope import make_scope
from crmcli.reports.index import run_report
from crmcli.reports.result import Options, ReportResult
from tests.unit.queries.conftest import ZONE, World, template, world
from tests.unit.reports.shop import shop

__all__ = ["Past", "Reporting", "past", "reporting", "shop", "template", "world"]


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


class Past:
    """Deals with a history, as the writer keeps it."""

    def __init__(self, reporting: Reporting) -> None:
        self.reporting = reporting
        self.world = reporting.world

    def log(
        self, entity: str, record_id: int, at: str, value: object, kind: str | None, left: str | None = None,
        **more: Any,
    ) -> None:  # fmt: skip
        """Add an entry to the state log."""
        field = more.pop("field", "stage" if entity == "deal" else "status")
        if left is not None:
            more["seconds"] = int((datetime.fromisoformat(left) - datetime.fromisoformat(at)).total_seconds())
        self.world.insert(
            "state_log", entity=entity, record_id=record_id, field=field, to_value=str(value), to_kind=kind,
            entered_at=at, left_at=left, operation_id=self.world.operation(), **{"cause": "user", **more},
        )  # fmt: skip

    def walk(self, deal: int, *entries: tuple[str, str]) -> None:
        """Let a deal enter stages, by their key, each at a day or an instant until the next."""
        stages, kinds = self.reporting.stages, {"won": "won", "lost": "lost"}
        times = [at if "T" in at else f"{at}T10:00:00Z" for _, at in entries]
        for place, (stage, _) in enumerate(entries):
            left = times[place + 1] if place + 1 < len(entries) else None
            self.log("deal", deal, times[place], stages[stage], kinds.get(stage, "open"), left)

    def change(self, record_id: int, at: str, before: str) -> None:
        """Add a change of a deal to the journal."""
        self.world.insert("change", operation_id=self.world.operation(at=at), seq=1, entity="deal",
                          record_id=record_id, action="update", before=before, after="{}", cause="user")  # fmt: skip


@pytest.fixture
def past(reporting: Reporting) -> Past:
    return Past(reporting)
