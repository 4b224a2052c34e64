"""Every figure of random purchases equals the same figure computed plainly in Python from what was drawn."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.domain.zones import to_utc
from crmcli.reports.registry import KPIS
from crmcli.reports.scoring import SEGMENTS
from tests.unit.queries.conftest import ZONE
from tests.unit.reports.conftest import Reporting
from tests.unit.reports.test_agreement import printed

_TODAY = date(2026, 3, 18)
_FROM, _TO, _NEXT = date(2025, 1, 1), date(2025, 7, 1), date(2026, 1, 1)
_PERIOD = "2025-01-01..2025-06-30"
_KINDS = ("organization", "contact")
_MOMENTS = ("T00:00", "T12:00", "T23:59")


class Bought(NamedTuple):
    """A purchase as it was drawn: customer (None for nobody), local day, minor units, source."""

    customer: int | None
    day: date
    moment: str
    minor: int | None
    source: str | None


_PURCHASES = st.lists(
    st.builds(
        Bought,
        customer=st.none() | st.integers(0, 7),
        day=st.dates(min_value=date(2023, 11, 1), max_value=_TODAY - timedelta(days=1)),
        moment=st.sampled_from(_MOMENTS),
        minor=st.none() | st.integers(-500, 10**6) | st.just(2**61),
        source=st.sampled_from([None, "website", "referral"]),
    ),
    max_size=30,
)
_AGREEMENT = settings(max_examples=40)


def store(reporting: Reporting, purchases: list[Bought]) -> None:
    """Store purchases: even customers are organizations, of two countries, odd ones contacts."""
    con = reporting.world.con
    for table in ("deal", "contact", "organization"):
        con.execute(f"DELETE FROM {table}")
    ids: dict[int, dict[str, Any]] = {}
    for customer in range(8):
        if customer % 2:
            ids[customer] = {
                "contact_id": reporting.world.add("contact", last_name=f"C{customer}", country=_land(customer))
            }
        else:
            found = reporting.world.add("organization", name=f"C{customer}", billing_country=_land(customer))
            ids[customer] = {"organization_id": found, "contact_id": None}
    for each in purchases:
        at = to_utc(f"{each.day}{each.moment}", ZONE)
        who: dict[str, Any] = {"organization_id": None} | (ids[each.customer] if each.customer is not None else {})
        reporting.deal("won", amount_minor=each.minor, closed_at=at, created_at=at, source=each.source, **who)


def _land(customer: int) -> str:
    return "IT" if customer < 3 else "FR"


def by_customer(purchases: list[Bought]) -> dict[int, list[Bought]]:
    found: dict[int, list[Bought]] = defaultdict(list)
    for each in sorted(purchases, key=lambda each: (each.day, each.moment)):
        if each.customer is not None:
            found[each.customer].append(each)
    return found


def within(each: Bought, start: date, end: date) -> bool:
    return start <= each.day < end


def expected_figures(purchases: list[Bought]) -> dict[str, Fraction | int | None]:
    """Compute the figures of the first half of 2025."""
    customers = by_customer(purchases)
    inside = [each for each in purchases if within(each, _FROM, _TO)]
    counts = {c: sum(within(each, _FROM, _TO) for each in those) for c, those in customers.items()}
    buyers = {c for c, count in counts.items() if count}
    again = {c for c in buyers if any(within(each, _TO, _NEXT) for each in customers[c])}
    new = {c for c, those in customers.items() if within(those[0], _FROM, _TO)}
    before = {c for c, those in customers.items() if those[0].day < _FROM}
    year = timedelta(days=365)
    active = {c for c, those in customers.items() if any(within(each, _FROM - year, _FROM) for each in those)}
    lost = {c for c in active if not any(within(each, _TO - year, _TO) for each in customers[c])}
    values = [Fraction(each.minor, 100) for each in inside if each.minor is not None]
    worth = [amount for amount in values if amount > 0]
    mine = [Fraction(e.minor, 100) for e in inside if e.minor is not None and e.customer is not None]
    return {
        "purchases": len(inside),
        "buyers": len(buyers),
        "sales": sum(values),
        "average_purchase": _over(sum(worth), len(worth)),
        "value_per_buyer": _over(sum(mine), len(buyers)),
        "frequency": _over(sum(counts.values()), len(buyers)),
        "repeat_rate": _over(sum(count >= 2 for count in counts.values()), len(buyers)),
        "trial": _over(len(new), len(customers)),
        "trial_customers": len(new),
        "customers_before": len(before),
        "penetration": _over(len(buyers), len(customers)),
        "retention": _over(len(again), len(customers)),
        "retention_active": _over(len(again), len(buyers)),
        "churn": _over(len(lost), len(active)),
        "customers_active": len(active),
    }


def _over(above: Fraction | int, below: int) -> Fraction | None:
    return Fraction(above) / below if below else None


def totals(reporting: Reporting, period: str = _PERIOD, **asked: Any) -> dict[str, Any]:
    """Return the values of the totals of all reports on purchases."""
    found: dict[str, Any] = {}
    for name in ("sales", "repeat-rate", "trial", "penetration", "retention", "churn"):
        document: Any = reporting.run(name, period, **asked).document
        found |= {entry["key"]: entry["value"] for entry in document["totals"]}
    document = reporting.run(
        "retention", period, **{**asked, "own": {**asked.get("own", {}), "base": "active"}}
    ).document
    return found | {entry["key"]: entry["value"] for entry in document["totals"]}


@_AGREEMENT
@given(purchases=_PURCHASES)
def test_figures_equal_a_plain_computation(reporting: Reporting, purchases: list[Bought]) -> None:
    store(reporting, purchases)
    found = totals(reporting)
    for key, exact in expected_figures(purchases).items():
        assert found[key] == printed(key, exact), key


@_AGREEMENT
@given(purchases=_PURCHASES)
def test_a_target_and_a_condition_leave_the_rest(reporting: Reporting, purchases: list[Bought]) -> None:
    """The target is a world of its own, but everybody in it counts; the condition only narrows what was bought."""
    store(reporting, purchases)
    mine = [each for each in purchases if each.customer is not None and _land(each.customer) == "IT"]
    found, exact = totals(reporting, own={"target": "country = IT"}), expected_figures(mine)
    members = 3  # whether they bought or not: customers 0 to 2, a contact too
    for key in ("purchases", "buyers", "sales", "frequency", "repeat_rate", "churn", "trial_customers"):
        assert found[key] == printed(key, exact[key]), key
    assert found["penetration"] == printed("penetration", Fraction(int(exact["buyers"] or 0), members))
    bought = expected_figures([each for each in purchases if each.source == "website"])
    narrowed = totals(reporting, where="source = website")
    for key in ("purchases", "buyers", "sales", "frequency", "retention_active", "churn", "trial_customers"):
        assert narrowed[key] == printed(key, bought[key]), key


@_AGREEMENT
@given(
    purchases=_PURCHASES, key=st.sampled_from([key for key, kpi in KPIS.items() if kpi.how in ("tallies", "quotients")])
)
def test_explained_rows_add_up_again(reporting: Reporting, purchases: list[Bought], key: str) -> None:
    store(reporting, purchases)
    for by in (None, "country", "source"):
        document: Any = reporting.run("kpi", _PERIOD, explain=key, by=by).document
        for figure in document["figures"]:
            rows = [
                row for row in document["rows"] if row["excluded"] is None and row.get("group") == figure.get("group")
            ]
            if figure["numerator"] is not None:
                assert sum(row["numerator"] for row in rows) == figure["numerator"]
            if figure["denominator"] is not None:
                assert sum(row["denominator"] or 0 for row in rows) == figure["denominator"]


def worth(row: dict[str, Any]) -> tuple[bool, Any]:
    """Return what customers are ordered by for their value; an unknown one is the least."""
    return row["value"] is not None, row["value"] or 0


@_AGREEMENT
@given(purchases=_PURCHASES, copies=st.sampled_from([1, 4]))
def test_scores_are_those_of_the_definition(reporting: Reporting, purchases: list[Bought], copies: int) -> None:
    """Few customers by fixed bounds; many, here those drawn several times over, by quintile."""
    store(reporting, purchases)
    drawn = by_customer(purchases)
    for copy in range(1, copies):
        for customer, those in drawn.items():
            found = reporting.world.add("organization", name=f"C{customer} again {copy}")
            for each in those:
                at = to_utc(f"{each.day}{each.moment}", ZONE)
                reporting.deal("won", amount_minor=each.minor, closed_at=at, created_at=at, organization_id=found)
    expected = {
        f"C{customer}": (
            (_TODAY - those[-1].day).days,
            sum(each.day > _TODAY - timedelta(days=365) for each in those),
            sum(each.minor or 0 for each in those) if any(each.minor is not None for each in those) else None,
        )
        for customer, those in drawn.items()
    }
    document: Any = reporting.run("rfm").document
    rows = {row["name"]: row for row in document["customers"]}
    told = {
        name: (row["recency"], row["frequency"], None if row["value"] is None else int(row["value"] * 100))
        for name, row in rows.items()
        if name in expected
    }
    assert told == expected
    size = len(rows)
    for name, (recency, frequency, value) in expected.items():
        row = rows[name]
        if size < 25:
            assert row["r"] == 5 - sum(recency > bound for bound in (30, 90, 180, 365))
            assert row["f"] == 1 + sum(frequency >= bound for bound in (2, 3, 4, 6))
            assert row["m"] == 1 + sum((value or 0) >= bound * 100 for bound in (1000, 5000, 20_000, 50_000))
        else:
            everybody = list(rows.values())
            assert row["r"] == 5 - sum(other["recency"] < recency for other in everybody) * 5 // size
            assert row["f"] == 5 - sum(other["frequency"] > frequency for other in everybody) * 5 // size
            assert row["m"] == 5 - sum(worth(other) > worth(row) for other in everybody) * 5 // size
        assert row["segment"] == next(key for key, fits in SEGMENTS.items() if fits(row["r"], row["f"], row["m"]))


@_AGREEMENT
@given(purchases=_PURCHASES)
def test_cohorts_equal_a_plain_computation(reporting: Reporting, purchases: list[Bought]) -> None:
    store(reporting, purchases)
    expected: dict[tuple[str, int], set[int]] = defaultdict(set)
    for customer, those in by_customer(purchases).items():
        first = those[0].day
        for each in those:
            later = each.day.year * 12 + each.day.month - first.year * 12 - first.month
            expected[f"{first:%Y-%m}", later].add(customer)
    document: Any = reporting.run("cohort").document
    told = {(row["cohort"], row["month"]): row["active"] for row in document["cohorts"] if row["active"]}
    assert told == {key: len(customers) for key, customers in expected.items()}


@_AGREEMENT
@given(purchases=_PURCHASES)
def test_lifts_equal_a_plain_computation(reporting: Reporting, purchases: list[Bought]) -> None:
    store(reporting, purchases)
    customers = by_customer(purchases)
    owners = {
        source: {c for c, those in customers.items() if any(each.source == source for each in those)}
        for source in ("website", "referral")
    }
    both = len(owners["website"] & owners["referral"])
    document: Any = reporting.run("cross-sell", own={"item": "source", "least": 1}).document
    rows = {(row["has"], row["lacks"]): row for row in document["pairs"]}
    assert set(rows) == ({("website", "referral"), ("referral", "website")} if both else set())
    for (has, lacks), row in rows.items():
        lift = Fraction(both * len(customers), len(owners[has]) * len(owners[lacks]))
        assert (row["both"], row["candidates"]) == (both, len(owners[has]) - both)
        assert row["lift"] == round(Decimal(lift.numerator) / Decimal(lift.denominator), 6)
