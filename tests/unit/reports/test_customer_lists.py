"""What is said of customers one by one and in groups: scores, cohorts, and what is bought together."""

from decimal import Decimal
from typing import Any

import pytest

from crmcli.config.customers import CustomerRules
from crmcli.errors import UsageError
from crmcli.reports.comparing import compared
from tests.unit.reports.shop import Shop

SCORES = [  # name, days, purchases, value; what the fixed bounds make of it
    ("Champion", ("2026-03-10", "2026-03-01", "2026-02-20", "2026-02-01"), 6000, "544", "champions"),
    ("Leaver", ("2025-09-01", "2025-08-01", "2025-07-01"), 100, "231", "at_risk"),
    ("Loyal", ("2026-03-10", "2026-03-01", "2026-02-20", "2026-02-01"), 10, "541", "loyal"),
    ("Newcomer", ("2026-03-10",), 10, "511", "new"),
    ("Lost", ("2020-01-01",), 10, "111", "lost"),
    ("Other", ("2026-01-10",), 10, "411", "others"),
]


def test_few_customers_are_scored_by_fixed_bounds(shop: Shop) -> None:
    """Fewer than 25: bounds of the settings. At risk stands before loyal: the best who stopped are not loyal."""
    for name, dates, euro, _, _ in SCORES:
        customer = shop.customer(name)
        for day in dates:
            shop.buy(customer, day, euro)
    rows = {row["name"]: row for row in shop.rows("rfm", "customers")}
    assert {name: (rows[name]["rfm"], rows[name]["segment"]) for name, *_ in SCORES} == {
        name: (scores, segment) for name, _, _, scores, segment in SCORES
    }
    assert [row["name"] for row in shop.rows("best-customers", "customers", top=1)] == ["Champion"]
    assert [row["name"] for row in shop.rows("at-risk", "customers")] == ["Leaver"]
    frequent = CustomerRules(frequency=(2, 3, 4, 5), recency=(400, 500, 600, 700))
    assert {row["name"]: row["rfm"] for row in shop.rows("rfm", "customers", customers=frequent)}["Leaver"] == "531"


def test_a_customer_without_any_known_amount_has_no_value(shop: Shop) -> None:
    """Null, never a false zero; what is known counts beside what is not."""
    abroad, half = shop.customer("Abroad", industry="boats"), shop.customer("Half", industry="cars")
    shop.buy(abroad, "2026-03-01", 100, currency="USD")
    shop.buy(half, "2026-03-01", 100, currency="USD")
    shop.buy(half, "2026-03-01", 30)
    for report in ("best-customers", "rfm"):
        rows = shop.rows(report, "customers", own={"margin": "50"})
        assert {row["name"]: (row["value"], row["margin"]) for row in rows} == {
            "Abroad": (None, None),
            "Half": (30, 15),
        }
    groups = {row["group"]: row["value"] for row in shop.rows("best-customers", "groups", by="industry")}
    assert groups == {"boats": None, "cars": 30}
    segments = {row["segment"]: row["value"] for row in shop.rows("rfm", "segments")}
    assert segments == {"new": None, "others": 30} | dict.fromkeys(("champions", "at_risk", "loyal", "lost"), 0)


def test_equal_customers_get_the_better_quintile(shop: Shop) -> None:
    """Of 25, the five best have 5; where six share the place, all six do, and none is put down by its number."""
    for number in range(25):
        shop.buy(shop.customer(f"Customer {number:02d}"), "2026-01-01", 100 if number < 6 else number)
    rows = shop.rows("rfm", "customers")
    assert [row["m"] for row in rows if row["value"] == 100] == [5] * 6
    assert {row["m"] for row in rows if row["value"] < 100} == {4, 3, 2, 1}
    assert {row["r"] for row in rows} == {row["f"] for row in rows} == {5}
    assert shop.rows("rfm", "customers") == rows


def test_cohorts_mark_the_month_that_is_not_over(shop: Shop) -> None:
    """Today is the 18th of March: what a cohort does in it is not known to the end."""
    early, late = shop.customer("Early"), shop.customer("Late")
    for customer, day in ((early, "2026-01-10"), (late, "2026-02-10"), (early, "2026-02-11"), (late, "2026-03-01")):
        shop.buy(customer, day)
    rows = shop.rows("cohort", "cohorts")
    told = [(row["cohort"], row["month"], row["active"], row["customers"], row["incomplete"]) for row in rows]
    assert told == [
        ("2026-01", 0, 1, 1, False), ("2026-01", 1, 1, 1, False), ("2026-01", 2, 0, 1, True),
        ("2026-02", 0, 1, 1, False), ("2026-02", 1, 1, 1, True),
    ]  # fmt: skip
    together = shop.rows("cohort", "together")
    assert [(row["month"], row["active"], row["customers"]) for row in together] == [(0, 2, 2), (1, 1, 1)]
    assert {row["cohort"] for row in shop.rows("cohort", "cohorts", "2026-02")} == {"2026-02"}


def test_lift_of_what_is_bought_together(shop: Shop) -> None:
    """Of ten buyers five have both A and B, six A, five B: 0.5 / (0.6 x 0.5); what four have stays hidden."""
    bought = [("a", "b")] * 5 + [("a", "c")] + [("c",)] * 3 + [("c", "d")]
    for number, tags in enumerate(bought):
        customer = shop.customer(f"Customer {number}")
        for tag in tags:
            shop.buy(customer, "2026-01-01", tags=[tag])
    rows = shop.rows("cross-sell", "pairs")
    told = [(row["has"], row["lacks"], row["lift"], row["both"], row["candidates"]) for row in rows]
    assert told == [("a", "b", Decimal("1.666667"), 5, 1), ("b", "a", Decimal("1.666667"), 5, 0)]
    assert len(shop.rows("cross-sell", "pairs", own={"least": 1})) == 6
    own = {"has": "A", "lacks": "b"}
    assert [row["name"] for row in shop.rows("cross-sell", "customers", own=own)] == ["Customer 5"]
    with pytest.raises(UsageError, match="nobody bought 'x'"):
        shop.rows("cross-sell", "customers", own={"has": "x", "lacks": "b"})


def test_each_group_has_lifts_of_its_own(shop: Shop) -> None:
    """Of the makers of cars one of two who have A has B: 1 / (2 x 1) x 2 buyers = 1; of boats one of one: 2."""
    for industry, bought in (("cars", ("ab", "a")), ("boats", ("ab", "c")), (None, ("a", "b"))):
        for tags in bought:
            customer = shop.customer(f"{industry} {tags}", industry=industry)
            for tag in tags:
                shop.buy(customer, "2026-01-01", tags=[tag])
    rows = shop.rows("cross-sell", "pairs", by="industry", own={"least": 1})
    assert [(row["group"], row["has"], row["lift"], row["customers"]) for row in rows] == [
        ("boats", "a", 2, 1), ("boats", "b", 2, 1), ("cars", "a", 1, 2), ("cars", "b", 1, 1)
    ]  # fmt: skip
    listed = shop.rows("cross-sell", "customers", by="industry", own={"has": "a", "lacks": "b"})
    assert [(row["group"], row["name"]) for row in listed] == [("cars", "cars a"), (None, "None a")]


def test_a_purchase_that_is_still_to_come_is_in_no_cohort(shop: Shop) -> None:
    """Imported files may date a closing ahead; cohorts end with the month of today."""
    customer = shop.customer()
    for day in ("2026-03-01", "2026-04-01", "2026-12-31"):
        shop.buy(customer, day)
    rows = shop.rows("cohort", "cohorts")
    assert [(row["cohort"], row["month"], row["incomplete"]) for row in rows] == [("2026-03", 0, True)]


def test_a_pair_is_set_against_the_same_pair_of_another_year(shop: Shop) -> None:
    for day, bought in (("2025-03-01", ("ab", "a")), ("2026-01-01", ("ab", "c"))):
        for tags in bought:
            customer = shop.customer()
            for tag in tags:
                shop.buy(customer, day, tags=[tag])
    asked: Any = {"own": {"least": 1}}
    now, then = (shop.reporting.run("cross-sell", period, **asked) for period in ("2026", "2025"))
    (sheet,) = compared(now, then).sheets
    told = [(row["has"], row["lacks"], row["lift_before"], row["lift_change"]) for row in sheet.rows]
    assert told == [("a", "b", 1, 1), ("b", "a", 1, 1)]
