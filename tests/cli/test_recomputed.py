"""Figures recomputed from ``crm export all`` with plain Python, on stores drawn at random: both agree to the cent.

What is recomputed reads nothing but the exported document: its records, the frozen rates of closed deals and the kept
rates for open ones. Days are those of the zone of the store.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.services.results import Wanted
from crmcli.services.writer import Writer, write
from tests.cli.workspace import Workspace
from tests.services.world import Store

TODAY, START, END = "2026-03-18", "2026-01-01", "2026-04-01"  # noon in Rome; the quarter that is reported
ROME = ZoneInfo("Europe/Rome")
Record = Mapping[str, Any]
Figures = dict[str, Fraction | int | None]

_DAYS = st.dates(date(2025, 11, 1), date(2026, 3, 17)).map(str)
_AHEAD = st.none() | st.dates(date(2026, 2, 1), date(2026, 5, 31)).map(str)
_DEALS = st.lists(
    st.fixed_dictionaries(
        {
            "outcome": st.sampled_from(["open", "open", "won", "lost"]),
            "amount": st.none() | st.decimals(0, 10**6, places=2, allow_nan=False),
            "currency": st.sampled_from(["EUR", "EUR", "USD", "JPY"]),
            "probability": st.integers(0, 99),
            "category": st.none() | st.sampled_from(["pipeline", "best_case", "commit", "omitted"]),
            "created": _DAYS,
            "closed": _DAYS,
            "expected": _AHEAD,
        }
    ),
    min_size=4,
    max_size=14,
)
_LEADS = st.lists(
    st.fixed_dictionaries({"fate": st.sampled_from(["open", "converted", "lost"]), "day": _DAYS}),
    min_size=1,
    max_size=8,
)
_RATES = st.dictionaries(
    st.tuples(st.sampled_from(["USD", "JPY"]), _DAYS), st.sampled_from(["0.9", "1.234567", "0.0061"]), max_size=4
)


def fill(store: Store, deals: Sequence[Record], leads: Sequence[Record], rates: Mapping[tuple[str, str], str]) -> None:
    """Write the records through the one write path, as an import does."""
    organization = store.add("organization", name="Acme")
    for (currency, day), rate in rates.items():
        store.add("currency_rate", currency=currency, on_date=day, rate=rate)
    stages = {key: store.stage(key) for key in ("potential", "won", "lost")}
    wanted = [Wanted(deal_of(deal, organization, stages), intent="import") for deal in deals]
    found = [Wanted(lead_of(lead), intent="import") for lead in leads]
    for entity, records in (("deal", wanted), ("lead", found)):
        write(store.context(kind="import"), partial(Writer.save_many, entity=entity, wanted=records))


def deal_of(deal: Record, organization: int, stages: Mapping[str, int]) -> dict[str, Any]:
    amount = deal["amount"]
    if amount is not None and deal["currency"] == "JPY":
        amount = amount.to_integral_value()
    values = {
        "name": "Deal", "organization": organization, "currency": deal["currency"], "amount": amount,
        "created_at": f"{deal['created']}T10:00:00Z", "expected_close": deal["expected"],
    }  # fmt: skip
    if deal["outcome"] == "open":
        known = {"probability": Decimal(deal["probability"]), "forecast_category": deal["category"]}
        return values | known | {"stage": stages["potential"]}
    closing = {
        "stage": stages[deal["outcome"]],
        "closed_at": f"{deal['closed']}T23:30:00Z",
    }  # tomorrow in Rome
    return values | closing | ({"lost_reason": "price"} if deal["outcome"] == "lost" else {})


def lead_of(lead: Record) -> dict[str, Any]:
    values = {"last_name": "Rossi", "created_at": f"{lead['day']}T10:00:00Z"}
    if lead["fate"] == "lost":
        return values | {"status": "junk", "lost_reason": "price"}
    return values | {"status": "new"}


def local_day(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(ROME).date().isoformat()


def within(day: str | None) -> bool:
    return day is not None and START <= day < END


class Exported:
    """The document of ``crm export all``, and what follows from it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.deals = [deal for deal in document["deal"] if deal["deleted_at"] is None]
        self.leads = [lead for lead in document["lead"] if lead["deleted_at"] is None]
        self.rates = sorted((rate["on_date"], rate["currency"], rate["rate"]) for rate in document["currency_rate"])

    def worth(self, deal: Record, weight: Fraction = Fraction(1)) -> Fraction | None:
        """Return the amount in euro; None where there is none, or no rate."""
        if deal["amount_minor"] is None:
            return None
        own = Fraction(deal["amount_minor"], 1 if deal["currency"] == "JPY" else 100) * weight
        if deal["currency"] == "EUR":
            return own
        is_open = deal["outcome"] == "open"
        day = TODAY if is_open else local_day(deal["closed_at"])
        known = [rate for on, currency, rate in self.rates if currency == deal["currency"] and on <= day]
        frozen = None if is_open else deal["exchange_rate"]
        rate = frozen or (known[-1] if known else None)
        return own * Fraction(rate) if rate else None

    def total(self, deals: Sequence[Record], weighted: bool = False) -> Fraction | None:
        """Return the sum; None where there are amounts, and no rate for any."""
        found = [
            self.worth(deal, Fraction(deal["probability_bp"], 10_000) if weighted else Fraction(1)) for deal in deals
        ]
        known = [value for value in found if value is not None]
        return sum(known, Fraction(0)) if known or all(deal["amount_minor"] is None for deal in deals) else None

    def figures(self) -> Figures:
        """Return the figures of the quarter."""
        won, lost = (
            [deal for deal in self.deals if deal["outcome"] == kind and within(local_day(deal["closed_at"]))]
            for kind in ("won", "lost")
        )
        opened = [deal for deal in self.deals if deal["outcome"] == "open"]
        expected = [deal for deal in opened if within(deal["expected_close"])]
        ahead = [deal for deal in expected if deal["expected_close"] >= TODAY]
        commit = [deal for deal in ahead if deal["forecast_category"] == "commit"]
        amounts = [value for deal in won if (value := self.worth(deal)) is not None]
        lost_amounts = [value for deal in lost if (value := self.worth(deal)) is not None]
        days = [span for deal in won if (span := (_date(deal["closed_at"]) - _date(deal["created_at"])).days) >= 0]
        closed_leads = [
            lead for lead in self.leads if within_instant(lead["converted_at"]) or within_instant(lead["lost_at"])
        ]
        converted = [lead for lead in closed_leads if lead["status"] == "converted"]
        found: Figures = {
            "deals_won": len(won),
            "deals_lost": len(lost),
            "won_amount": self.total(won),
            "lost_amount": self.total(lost),
            "pipeline_amount": self.total(expected),
            "weighted_amount": self.total(expected, weighted=True),
            "win_rate": _ratio(len(won), len(won) + len(lost)),
            "win_rate_amount": _ratio(sum(amounts), sum(amounts) + sum(lost_amounts)),
            "average_deal": _ratio(sum(amounts), len(amounts)),
            "median_deal": Fraction(median(amounts)) if amounts else None,
            "cycle_days_mean": _ratio(sum(days), len(days)),
            "cycle_days_median": Fraction(median([Fraction(day) for day in days])) if days else None,
            "lead_conversion_rate": _ratio(len(converted), len(closed_leads)),
            "forecast": self._together((ahead, True), (won, False)),
            "forecast_commit": self._together((commit, False), (won, False)),
        }
        return found | {"sales_velocity": self._velocity(opened)}

    def _together(self, *parts: tuple[Sequence[Record], bool]) -> Fraction | None:
        """Add up several sets as one; None only where nothing in any of them has a rate."""
        deals = [deal for found, _ in parts for deal in found]
        if self.total(deals) is None:
            return None
        return sum((self.total(found, weighted) or Fraction(0) for found, weighted in parts), Fraction(0))

    def _velocity(self, opened: Sequence[Record]) -> Fraction | None:
        """Return open deals x win rate x average / mean cycle, the closed ones being those of the last 90 days."""
        closed = [
            deal
            for deal in self.deals
            if deal["outcome"] != "open" and "2025-12-19" <= local_day(deal["closed_at"]) <= TODAY
        ]
        won = [deal for deal in closed if deal["outcome"] == "won"]
        amounts = [value for deal in won if (value := self.worth(deal)) is not None]
        days = [span for deal in won if (span := (_date(deal["closed_at"]) - _date(deal["created_at"])).days) >= 0]
        if not amounts or not days or not sum(days):
            return None
        average, cycle = sum(amounts, Fraction(0)) / len(amounts), Fraction(sum(days), len(days))
        return len(opened) * Fraction(len(won), len(closed)) * average / cycle


def within_instant(instant: str | None) -> bool:
    return instant is not None and within(local_day(instant))


def _date(instant: str) -> date:
    return date.fromisoformat(local_day(instant))


def _ratio(above: Fraction | int, below: Fraction | int) -> Fraction | None:
    return Fraction(above) / below if below else None


def printed(value: Fraction | int | None, unit: str) -> Decimal | None:
    """Return a number as it is printed: rounded once, half up."""
    if value is None:
        return None
    exact = Fraction(value)
    with localcontext() as context:
        context.prec = 60
        places = {"n": 0, "money": 2, "money/d": 2}.get(unit, 6)
        return (Decimal(exact.numerator) / exact.denominator).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@settings(max_examples=30)
@given(deals=_DEALS, leads=_LEADS, rates=_RATES)
def test_figures_agree_with_plain_python_over_the_export(
    workspace: Workspace, fresh_home: Path, deals: list[Record], leads: list[Record], rates: dict[tuple[str, str], str]
) -> None:
    path = workspace.home / "data" / "crm.db"
    shutil.copy(fresh_home / "data" / "crm.db", path)
    store = Store(path)
    fill(store, deals, leads, rates)
    for place, lead in enumerate(leads, 1):
        if lead["fate"] == "converted":
            workspace.ok("lead", "convert", f"L{place}", "--deal", "none", "--org", "none")
    expected = Exported(json.loads(workspace.ok("export", "all"))).figures()
    found: dict[str, Any] = {}
    for arguments, part in ((("kpi",), "kpis"), (("forecast",), "totals")):
        text = workspace.ok("report", *arguments, "--period", "2026-Q1", "-o", "json")
        found |= {entry["key"]: entry for entry in json.loads(text, parse_float=Decimal)[part]}
    for key, value in expected.items():
        told = found[key]["value"]
        assert told == printed(value, found[key]["unit"]), (key, found[key])
        assert (told is None) == bool(found[key]["reason"]), key
    assert len(expected) >= 10


@pytest.mark.parametrize("key", ["won_amount", "forecast", "win_rate"])
def test_an_empty_store_agrees_too(workspace: Workspace, key: str) -> None:
    expected = Exported(json.loads(workspace.ok("export", "all"))).figures()
    (figure,) = workspace.json("report", "kpi", "--period", "2026-Q1", "--explain", key)["figures"]
    assert figure["value"] == expected[key]
