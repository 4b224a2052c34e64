"""What the customers of a music shop bought, against figures that were computed independently.

An invoice is a deal won on its date, with the genres of its lines as tags.
"""

import json
from collections import defaultdict
from decimal import Decimal

import pytest

from crmcli.domain.countries import country_code
from tests.cli.samples import cells, expected, groups, rows_of, take, totals, value
from tests.cli.workspace import Workspace
from tests.published import needs_published

SNAPSHOT = "2025-12-23T12:00:00Z"
_BUYER = ("CustomerId", "FirstName", "LastName", "Country", "SupportRepId")

pytestmark = needs_published


@pytest.fixture
def shop(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The customers of a music shop with their invoices, on the day after the last one."""
    folder = "chinook-purchases"
    customers = rows_of(folder, "customers.csv")
    genre = {row["TrackId"]: row["Genre"] for row in rows_of(folder, "products.csv")}
    genres = defaultdict(set)
    for line in rows_of(folder, "invoice_lines.csv"):
        genres[line["InvoiceId"]].add(genre[line["TrackId"]])
    take(
        workspace, "contact", "shop.csv",
        [{key: row[key] for key in _BUYER} for row in customers],
        ("CustomerId=external_id", "FirstName=first_name", "LastName=last_name", "Country=country",
         "SupportRepId=job_title"),
    )  # fmt: skip
    take(
        workspace, "deal", "shop.csv",
        [
            {"Id": f"I{row['InvoiceId']}", "Name": f"Invoice {row['InvoiceId']}", "Customer": row["CustomerId"],
             "Date": row["InvoiceDate"], "Total": row["Total"], "Won": "yes",
             "Genres": "; ".join(sorted(genres[row["InvoiceId"]]))}
            for row in rows_of(folder, "invoices.csv")
        ],
        ("Id=external_id", "Name=name", "Customer=contact.external_id", "Date=closing_date", "Total=amount", "Won=won",
         "Genres=tags"),
    )  # fmt: skip
    monkeypatch.setenv("CRMCLI_NOW", SNAPSHOT)
    return workspace


def test_sales_of_a_shop(shop: Workspace) -> None:
    """Purchases, buyers, sales, average, frequency, value of a customer; by month and by who serves the customer."""
    known = expected("chinook-purchases")
    found = {key: entry["value"] for key, entry in totals(shop, "sales", "--period", "all").items()}
    assert found["purchases"] == known["transactions"] == 412
    assert found["buyers"] == known["customers"] == 59
    assert found["sales"] == known["revenue"]
    assert found["frequency"] == known["purchase_frequency"]
    assert found["average_purchase"] == round(known["average_order_value"], 2)
    assert found["value_per_buyer"] == round(known["customer_value"], 2)
    assert value(shop, "repeat_rate", "repeat-rate") == known["repeat_rate"]
    for month, amount in list(known["revenue_by_month"].items())[::9]:
        assert value(shop, "sales", "sales", "--period", month) == amount
    assert cells(shop, "deal", "closed:month", "amount") == known["revenue_by_month"]
    rows = groups(shop, "sales", "--period", "all", "--by", "job_title")
    assert {row["group"]: row["sales"] for row in rows} == known["revenue_by_support_rep"]
    rows = groups(shop, "sales", "--period", "all", "--by", "country")
    named = {country_code(name): amount for name, amount in known["revenue_by_country"].items()}
    assert {row["group"]: row["sales"] for row in rows} == named


def test_retention_of_a_shop(shop: Workspace) -> None:
    known = expected("chinook-purchases")["retention_month_to_month"]
    assert len(known) == 59
    for step, figures in known.items():
        (entry, *_) = totals(shop, "retention", "--period", step[:7], "--base", "active").values()
        assert (entry["denominator"], entry["numerator"]) == (figures["active"], figures["retained"])
        assert entry["value"] == figures["rate"]
    years = totals(shop, "retention", "--period", "2021", "--base", "active")["retention_active"]
    assert (years["numerator"], years["denominator"], years["value"]) == (33, 46, Decimal("0.717391"))
    whole = totals(shop, "retention", "--period", "2021")["retention"]
    assert (whole["numerator"], whole["denominator"], whole["value"]) == (33, 59, Decimal("0.559322"))


def test_trial_and_penetration_of_a_shop(shop: Workspace) -> None:
    known = expected("chinook-purchases")
    assert [value(shop, "trial_customers", "trial", "--period", year) for year in ("2021", "2022")] == [46, 13]
    found = totals(shop, "penetration", "--period", "2023")["penetration"]
    assert (found["numerator"], found["denominator"], found["value"]) == (47, 59, Decimal("0.79661"))
    items = json.loads(
        shop.ok("report", "penetration", "--cumulative", "--item", "tags", "-o", "json"), parse_float=Decimal
    )["items"]
    assert {row["item"]: row["penetration"] for row in items} == known["genre_penetration"]


def test_scores_of_a_shop(shop: Workspace) -> None:
    """Recency, frequency and value of each customer; scores and segments as the definitions say, reckoned again."""
    known = expected("chinook-purchases")
    document = json.loads(shop.ok("report", "rfm", "-o", "json"), parse_float=Decimal)
    customers = document["customers"]
    days = sorted(row["recency"] for row in customers)
    assert (len(days), days[0], days[29], days[-1]) == (59, 1, known["recency_days"]["median"], 572)
    assert document["recency_days"] == {key: known["recency_days"][key] for key in ("mean", "median")}
    values = sorted((row["value"] for row in customers), reverse=True)
    assert (values[0], values[29], sum(values)) == (
        known["monetary"]["max"],
        known["monetary"]["median"],
        known["revenue"],
    )
    assert round(sum(values[: 59 // 5]) / sum(values), 6) == known["top20pct_revenue_share"]
    counted = {str(number): sum(row["purchases"] == number for row in customers) for number in (6, 7)}
    assert counted == known["frequency_distribution"]
    for key, measure in (("r", "recency"), ("f", "frequency"), ("m", "value")):
        sign = -1 if key == "r" else 1
        for row in customers:
            better = sum(sign * other[measure] > sign * row[measure] for other in customers)
            assert row[key] == 5 - better * 5 // 59
    assert sum(row["customers"] for row in document["segments"]) == 59
    assert all(row["r"] >= 4 and row["f"] >= 4 and row["m"] >= 4 for row in customers if row["segment"] == "champions")
    assert shop.json("report", "at-risk")["customers"] == sorted(
        (row for row in shop.json("report", "rfm")["customers"] if row["segment"] == "at_risk"),
        key=lambda row: (-row["value"], int(row["ref"][1:])),
    )


def test_cohorts_of_a_shop(shop: Workspace) -> None:
    known = expected("chinook-purchases")
    rows = shop.json("report", "cohort")["cohorts"]
    sizes = {row["cohort"]: row["active"] for row in rows if row["month"] == 0}
    assert sizes == known["new_customers_by_month"]
    active: dict[str, dict[str, int]] = {cohort: {} for cohort in sizes}
    for row in rows:
        if row["active"]:
            active[row["cohort"]][str(row["month"])] = row["active"]
    assert active == known["cohort_active"]
    assert {row["month"] for row in rows if row["incomplete"] and row["cohort"] == "2021-01"} == {59}
