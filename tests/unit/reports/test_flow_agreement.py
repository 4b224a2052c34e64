"""The figures on leads and deals of random stores equal the same figures computed plainly in Python."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.reports.conftest import Reporting

_DAYS = st.integers(1, 28).map(lambda day: f"2026-02-{day:02}T10:00:00Z") | st.just("2025-06-01T10:00:00Z")
_SOURCES = st.sampled_from([None, "website", "event"])


class Lead(NamedTuple):
    """A lead as it was drawn."""

    status: str
    created: str
    ended: str
    source: str | None
    is_hot: bool
    is_mql: bool
    waited: int | None  # seconds until the first call


class Deal(NamedTuple):
    """A deal as it was drawn; ``lead`` is the place of its lead, if there are so many."""

    outcome: str
    created: str
    closed: str
    minor: int | None
    source: str | None
    lead: int | None


_LEADS = st.lists(
    st.builds(Lead, st.sampled_from(["new", "converted", "unqualified"]), _DAYS, _DAYS, _SOURCES, st.booleans(),
              st.booleans(), st.none() | st.integers(0, 90_000)),
    max_size=8,
)  # fmt: skip
_DEALS = st.lists(
    st.builds(Deal, st.sampled_from(["open", "won", "lost"]), _DAYS, _DAYS, st.none() | st.integers(0, 10**7), _SOURCES,
              st.none() | st.integers(0, 7)),
    max_size=8,
)  # fmt: skip


def _ending(lead: Lead) -> dict[str, Any]:
    if lead.status == "converted":
        return {"converted_at": lead.ended}
    return {"lost_at": lead.ended, "lost_reason": "price"} if lead.status == "unqualified" else {}


def store(reporting: Reporting, leads: Sequence[Lead], deals: Sequence[Deal]) -> None:
    world = reporting.world
    for table in ("activity_link", "interaction", "state_log", "deal", "lead"):
        world.con.execute(f"DELETE FROM {table}")
    ids = []
    for lead in leads:
        ended = _ending(lead)
        ids.append(world.add("lead", last_name="Rossi", status=lead.status, created_at=lead.created,
                             source=lead.source, rating="hot" if lead.is_hot else None, **ended))  # fmt: skip
        if lead.waited is not None:
            at = f"{datetime.fromisoformat(lead.created) + timedelta(seconds=lead.waited):%Y-%m-%dT%H:%M:%SZ}"
            talk = world.add("interaction", occurred_at=at, direction="out", kind="call")
            world.link("interaction", talk, "lead", ids[-1])
    for deal in deals:
        closing = {} if deal.outcome == "open" else {"closed_at": deal.closed}
        lead_id = ids[deal.lead] if deal.lead is not None and deal.lead < len(ids) else None
        reporting.deal(deal.outcome, created_at=deal.created, amount_minor=deal.minor, source=deal.source,
                       lead_id=lead_id, **closing)  # fmt: skip


def within(at: str) -> bool:
    return at.startswith("2026")


def share(above: int, below: int) -> Decimal | None:
    return (Decimal(above) / below).quantize(Decimal("0.000001"), ROUND_HALF_UP) if below else None


def expected(leads: Sequence[Lead], deals: Sequence[Deal]) -> dict[str, Any]:
    created = [lead for lead in leads if within(lead.created)]
    converted = [lead for lead in leads if lead.status == "converted" and within(lead.ended)]
    lost = [lead for lead in leads if lead.status == "unqualified" and within(lead.ended)]
    made = [deal for deal in deals if within(deal.created)]
    closed = [deal for deal in deals if deal.outcome != "open" and within(deal.closed)]
    won = [deal for deal in closed if deal.outcome == "won"]
    with_deal = {deal.lead for deal in deals if deal.lead is not None and deal.lead < len(leads)}
    with_won = {deal.lead for deal in deals if deal.lead in with_deal and deal.outcome == "won"}
    mine = {place for place, lead in enumerate(leads) if within(lead.created)}
    answered = [lead.waited for lead in created if lead.waited is not None]
    silent = len(created) - len(answered)  # all wait for longer than a day
    return {
        "leads_created": len(created),
        "leads_lost": len(lost),
        "lead_conversion_rate": share(len(converted), len(converted) + len(lost)),
        "lead_conversion_created": share(sum(lead.status == "converted" for lead in created), len(created)),
        "leads_still_open": sum(lead.status == "new" for lead in created),
        "leads_hot": sum(lead.is_hot for lead in created),
        "lead_response_in_time": share(sum(waited <= 86_400 for waited in answered), len(answered) + silent),
        "deals_closed": len(closed),
        "closed_amount": Decimal(sum(deal.minor or 0 for deal in closed)) / 100,
        "created_amount": Decimal(sum(deal.minor or 0 for deal in made)) / 100,
        "win_rate": share(len(won), len(closed)),
        "win_rate_created": share(sum(deal.outcome == "won" for deal in made), len(made)),
        "cohort_open": sum(deal.outcome == "open" for deal in made),
        "funnel_deals_rate": share(len(made), len(created)),
        "funnel_won_rate": share(len(won), len(made)),
        "cohort_deals_rate": share(len(mine & with_deal), len(mine)),
        "cohort_won_rate": share(len(mine & with_won), len(mine & with_deal)),
    }


_REPORTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("leads", {}), ("lead-conversion", {}), ("lead-conversion", {"cohort": "created"}), ("hot-leads-by-industry", {}),
    ("lead-response", {}), ("offers-month", {}), ("win-rate", {}), ("win-rate", {"cohort": "created"}),
)  # fmt: skip


def found(reporting: Reporting, **asked: Any) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, own in _REPORTS:
        totals: Any = reporting.run(name, "2026-Q1", own=own, **asked).document["totals"]
        told |= {entry["key"]: entry["value"] for entry in totals}
    for own in ({}, {"cohort": True}):
        steps: Any = reporting.run("funnel", "2026-Q1", own=own, **asked).document["steps"]
        keys = ("cohort_deals_rate", "cohort_won_rate") if own else ("funnel_deals_rate", "funnel_won_rate")
        told |= {key: step["rate"] for key, step in zip(keys, steps[1:], strict=True)}
    return told


@settings(max_examples=40)
@given(leads=_LEADS, deals=_DEALS)
def test_reports_equal_a_plain_computation(reporting: Reporting, leads: list[Lead], deals: list[Deal]) -> None:
    store(reporting, leads, deals)
    told = found(reporting)
    for key, value in expected(leads, deals).items():
        assert told[key] == value, key


@settings(max_examples=25)
@given(leads=_LEADS, deals=_DEALS)
def test_a_condition_is_a_smaller_store(reporting: Reporting, leads: list[Lead], deals: list[Deal]) -> None:
    """What ``--where`` leaves is what a store of these records alone would tell, but for deals of other leads."""
    store(reporting, leads, deals)
    told = found(reporting, where="source = website")
    plain = expected(
        [lead for lead in leads if lead.source == "website"], [deal for deal in deals if deal.source == "website"]
    )
    for key in plain.keys() - {"cohort_deals_rate", "cohort_won_rate"}:
        assert told[key] == plain[key], key
