"""Every figure of random deals equals the same figure computed plainly in Python, whole and by group."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import median
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.domain.zones import to_utc
from crmcli.queries.status import glance
from crmcli.reports.registry import KPIS
from tests.unit.queries.conftest import ZONE
from tests.unit.reports.conftest import Reporting

_START, _END = "2026-01-01", "2026-04-01"
_DAYS = st.dates(min_value=date(2025, 11, 1), max_value=date(2026, 5, 1))


class Made(NamedTuple):
    """A deal as it was drawn."""

    outcome: str
    minor: int | None
    currency: str
    rate: str | None
    points: int
    created: str
    closed: str
    expected: str | None
    source: str | None


_DEALS = st.lists(
    st.builds(
        Made,
        outcome=st.sampled_from(["open", "won", "lost"]),
        minor=st.none() | st.integers(0, 10**9) | st.just(2**62),
        currency=st.sampled_from(["EUR", "EUR", "USD", "JPY"]),
        rate=st.none() | st.sampled_from(["0.9", "1.2345678"]),
        points=st.integers(0, 9999),
        created=_DAYS.map(str),
        closed=_DAYS.map(str),
        expected=st.none() | _DAYS.map(str),
        source=st.sampled_from([None, "website", "referral"]),
    ),
    max_size=12,
)


def store(reporting: Reporting, deals: Sequence[Made]) -> None:
    reporting.world.con.execute("DELETE FROM deal")
    for deal in deals:
        closing: dict[str, Any] = {}
        if deal.outcome != "open":
            closing = {"closed_at": to_utc(deal.closed + "T15:00", ZONE), "exchange_rate": deal.rate}
        else:
            closing = {"probability_bp": deal.points}
        reporting.deal(
            deal.outcome, amount_minor=deal.minor, currency=deal.currency, expected_close=deal.expected,
            source=deal.source, created_at=to_utc(deal.created, ZONE), **closing,
        )  # fmt: skip


def base(deal: Made, weight: Fraction = Fraction(1)) -> Fraction | None:
    """Return the amount in euro, exactly; None where it is missing or has no rate."""
    rate = deal.rate if deal.outcome != "open" else None
    if deal.minor is None or (deal.currency != "EUR" and rate is None):
        return None
    factor = Fraction(1) if deal.currency == "EUR" else Fraction(rate or 1)
    return Fraction(deal.minor, 1 if deal.currency == "JPY" else 100) * factor * weight


def expected_figures(deals: Sequence[Made], limited: bool) -> dict[str, Fraction | int | None]:
    def within(day: str | None) -> bool:
        return not limited or (day is not None and _START <= day < _END)

    won = [deal for deal in deals if deal.outcome == "won" and within(deal.closed)]
    lost = [deal for deal in deals if deal.outcome == "lost" and within(deal.closed)]
    pipeline = [deal for deal in deals if deal.outcome == "open" and within(deal.expected)]
    amounts = [amount for deal in won if (amount := base(deal)) is not None]
    losses = [amount for deal in lost if (amount := base(deal)) is not None]
    cycles = [days for deal in won if (days := _days(deal)) >= 0]
    weighted = [w for deal in pipeline if (w := base(deal, Fraction(deal.points, 10_000))) is not None]
    return {
        "deals_created": sum(within(deal.created) for deal in deals),
        "deals_open": sum(deal.outcome == "open" for deal in deals),
        "deals_won": len(won),
        "deals_lost": len(lost),
        "won_amount": _sum(won),
        "lost_amount": _sum(lost),
        "win_rate": Fraction(len(won), len(won + lost)) if won + lost else None,
        "win_rate_amount": Fraction(sum(amounts), total) if (total := sum(amounts + losses)) else None,
        "average_deal": Fraction(sum(amounts), len(amounts)) if amounts else None,
        "median_deal": Fraction(median(amounts)) if amounts else None,
        "cycle_days_mean": Fraction(sum(cycles), len(cycles)) if cycles else None,
        "cycle_days_median": Fraction(median(map(Fraction, cycles))) if cycles else None,
        "pipeline_amount": _sum(pipeline),
        "weighted_amount": None if _sum(pipeline) is None else sum(weighted),
    }


def _sum(deals: Sequence[Made]) -> Fraction | int | None:
    """Add up amounts, missing ones being nothing; None where there are some but none has a rate."""
    known = [amount for deal in deals if (amount := base(deal)) is not None]
    return sum(known) if known or all(deal.minor is None for deal in deals) else None


def _days(deal: Made) -> int:
    return (date.fromisoformat(deal.closed) - date.fromisoformat(deal.created)).days


def printed(key: str, exact: Fraction | int | None) -> Decimal | None:
    if exact is None:
        return None
    digits = {"n": 0, "money": 2}.get(KPIS[key].unit, 6)
    number = Decimal(Fraction(exact).numerator) / Decimal(Fraction(exact).denominator)
    return number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


@settings(max_examples=60)
@given(deals=_DEALS, limited=st.booleans())
def test_figures_equal_a_plain_computation(reporting: Reporting, deals: list[Made], limited: bool) -> None:
    store(reporting, deals)
    period = "2026-Q1" if limited else "all"
    entries: Any = reporting.run("kpi", period).document["kpis"]
    found = {entry["key"]: entry["value"] for entry in entries}
    for key, exact in expected_figures(deals, limited).items():
        assert found[key] == printed(key, exact), key


@settings(max_examples=30)
@given(deals=_DEALS)
def test_the_glance_of_today_says_the_same(reporting: Reporting, deals: list[Made]) -> None:
    store(reporting, [deal._replace(outcome="open", currency="EUR") for deal in deals])
    parts = {part.key: part for part in glance(reporting.world.con, ZONE, None)}
    for row in parts["open_deals"].rows:
        told = (row["deals"], row["amount"], row["weighted_amount"])
        assert told == tuple(map(reporting.value, ("deals_open", "pipeline_amount", "weighted_amount")))


@settings(max_examples=30)
@given(deals=_DEALS)
def test_groups_add_up_to_the_whole(reporting: Reporting, deals: list[Made]) -> None:
    store(reporting, deals)
    whole: Any = reporting.run("kpi").document["kpis"]
    groups: Any = reporting.run("kpi", by="source").document["kpis"]
    for entry in whole:
        parts = [group for group in groups if group["key"] == entry["key"]]
        if KPIS[entry["key"]].how in ("count", "sum"):
            assert sum(part["count"] for part in parts) == entry["count"]
        if KPIS[entry["key"]].how == "count":
            assert sum(part["value"] for part in parts) == entry["value"]
    for source in {deal.source for deal in deals}:
        mine = expected_figures([deal for deal in deals if deal.source == source], limited=False)
        for group in groups:
            if group["group"] == source and group["key"] in mine:
                assert group["value"] == printed(group["key"], mine[group["key"]]), group["key"]


@settings(max_examples=30)
@given(deals=_DEALS, key=st.sampled_from([key for key, kpi in KPIS.items() if kpi.entity == "deal"]))
def test_explained_rows_add_up_again(reporting: Reporting, deals: list[Made], key: str) -> None:
    store(reporting, deals)
    document: Any = reporting.run("kpi", explain=key).document
    (figure,) = document["figures"]
    rows = [row for row in document["rows"] if row["excluded"] is None and "part" not in row]
    above = [Fraction(row["numerator"]) for row in rows]
    below = [Fraction(row["denominator"]) for row in rows if row["denominator"] is not None]
    value = figure["value"]
    match KPIS[key].how:
        case "count" | "sum" if value is not None:
            assert value == printed(key, sum(above))
        case "median" if value is not None:
            assert value == printed(key, Fraction(median(above)))
        case "mean" | "ratio" if value is not None:
            assert value == printed(key, Fraction(sum(above), sum(below)))
        case "velocity" if value is not None:
            assert value == printed("won_amount", _velocity(document["rows"]))


def _velocity(rows: list[dict[str, Any]]) -> Fraction:
    """Multiply the figures of the parts that the rows name."""

    def total(part: str, side: str) -> Fraction:
        return sum((Fraction(row[side] or 0) for row in rows if row["part"] == part), Fraction(0))

    quotients = {part: total(part, "numerator") / total(part, "denominator") for part in _QUOTIENTS}
    deals = total("deals_open", "numerator")
    return deals * quotients["win_rate"] * quotients["average_deal"] / quotients["cycle_days_mean"]


_QUOTIENTS = ("win_rate", "average_deal", "cycle_days_mean")
