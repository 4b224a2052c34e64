"""What real customers bought, against figures that were computed independently.

The samples lie beside the checkout and are not part of it; without them these tests are skipped. Each is imported as a
user does, from files that hold the columns of the sample as the nouns of the program need them: an invoice is a deal
won on its date, with the genres of its lines as tags; a contract is a deal won before the month in question.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.workspace import Workspace

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "data"
SNAPSHOT = "2025-12-23T12:00:00Z"
_BUYER = ("CustomerId", "FirstName", "LastName", "Country", "SupportRepId")
_LOST = "lifecycle_phase = dissolution"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no sample data in {SAMPLES}")


def expected(folder: str) -> dict[str, Any]:
    """Return the independently computed figures of a sample, by name."""
    text = (SAMPLES / folder / "expected.json").read_text(encoding="utf-8")
    return {name: found["value"] for name, found in json.loads(text, parse_float=Decimal)["figures"].items()}


def rows_of(folder: str, name: str) -> list[dict[str, str]]:
    """Return the rows of a file of a sample."""
    with (SAMPLES / folder / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def take(workspace: Workspace, noun: str, name: str, rows: Sequence[Mapping[str, str]], maps: Iterable[str]) -> None:
    """Import rows; files of one name in folders of their own know each other's ids."""
    path = workspace.home / noun / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    workspace.ok("import", noun, str(path), "--create", *(part for one in maps for part in ("--map", one)))


def totals(workspace: Workspace, *arguments: str) -> dict[str, dict[str, Any]]:
    """Return the totals of a report by key."""
    document = json.loads(workspace.ok("report", *arguments, "-o", "json"), parse_float=Decimal)
    return {entry["key"]: entry for entry in document["totals"]}


def value(workspace: Workspace, key: str, *arguments: str) -> Any:
    """Return the value of a figure of a report."""
    return totals(workspace, *arguments)[key]["value"]


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
    rows = shop.json("report", "sales", "--period", "all", "--by", "job_title")["groups"]
    assert {row["group"]: Decimal(str(row["sales"])) for row in rows} == known["revenue_by_support_rep"]


def test_retention_of_a_shop(shop: Workspace) -> None:
    known = expected("chinook-purchases")["retention_month_to_month"]
    for step, figures in list(known.items())[::11]:
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
    assert max(row["value"] for row in customers) == known["monetary"]["max"]
    assert sum(row["value"] for row in customers) == known["revenue"]
    assert sorted({row["purchases"] for row in customers}) == [6, 7]
    for key, measure in (("r", "recency"), ("f", "frequency"), ("m", "value")):
        sign = -1 if key == "r" else 1
        for row in customers:
            better = sum(sign * other[measure] > sign * row[measure] for other in customers)
            assert row[key] == 5 - better * 5 // 59
    counted = {row["segment"]: row["customers"] for row in document["segments"]}
    assert sum(counted.values()) == 59
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


@pytest.fixture
def provider(workspace: Workspace) -> Workspace:
    """The customers of a telephone company: a contract each, and those who left in the phase of dissolution."""
    rows = rows_of("telco-churn", "Telco-Customer-Churn.csv")
    workspace.ok("field", "add", "contact", "contract")
    take(
        workspace, "contact", "telco.csv",
        [
            {"Id": row["customerID"], "Name": row["customerID"], "Contract": row["Contract"],
             "Phase": "dissolution" if row["Churn"] == "Yes" else "commitment"}
            for row in rows
        ],
        ("Id=external_id", "Name=last_name", "Contract=custom.contract", "Phase=lifecycle_phase"),
    )  # fmt: skip
    take(
        workspace, "deal", "telco.csv",
        [
            {"Id": f"D{row['customerID']}", "Name": "Contract", "Customer": row["customerID"],
             "Since": _months_back(int(row["tenure"])), "Monthly": row["MonthlyCharges"], "Won": "yes"}
            for row in rows
        ],
        ("Id=external_id", "Name=name", "Customer=contact.external_id", "Since=closing_date",
         "Monthly=recurring_amount.month", "Won=won"),
    )  # fmt: skip
    return workspace


def _months_back(months: int) -> str:
    """Return the first day of the month so many months before the one in which the workspace lives, and one more."""
    number = 2026 * 12 + 2 - 1 - months
    return f"{number // 12}-{number % 12 + 1:02d}-01"


def test_churn_of_a_provider(provider: Workspace) -> None:
    """Lost in the month: by customers as the condition says, by recurring value as the phase does, by contract."""
    known = expected("telco-churn")
    by_contract = ("--period", "this-month", "--lost", _LOST, "--by", "contract")
    found = totals(provider, "churn", *by_contract)["churn"]
    assert (found["numerator"], found["denominator"]) == (known["churned"], known["customers"]) == (1869, 7043)
    assert found["value"] == known["churn_rate"]
    rows = json.loads(provider.ok("report", "churn", *by_contract, "-o", "json"), parse_float=Decimal)["groups"]
    assert {row["group"]: row["churn"] for row in rows} == known["churn_by_contract"]
    revenue = totals(provider, "churn", "--revenue", "--period", "this-month")
    lost = revenue["churn_revenue"]
    assert (lost["numerator"], lost["denominator"]) == (known["mrr_lost"], known["mrr_total"])
    assert (lost["value"], revenue["nrr"]["value"]) == (Decimal("0.305034"), Decimal("0.694966"))


@pytest.fixture
def bank(workspace: Workspace) -> Workspace:
    """The people whom a bank called in a campaign, what came of it in fields of the bank's own."""
    workspace.ok("import", "contact", str(SAMPLES / "bank-campaign" / "bank-sample.csv"), "--create")
    return workspace


def test_redemption_of_a_campaign(bank: Workspace) -> None:
    """Who responded of all and of those contacted before, by channel and by job, and the contacts that each took."""
    known = expected("bank-campaign")
    asked = ("redemption", "contact", "--responded", "subscribed = yes", "--contacts", "calls")
    found = totals(bank, *asked)
    assert (found["redemption"]["numerator"], found["redemption"]["denominator"]) == (555, 4522)
    assert found["redemption"]["value"] == known["redemption"]
    assert found["contacts_made"]["value"] == known["calls_total"] == 12_208
    assert found["contacts_per_response"]["value"] == known["calls_per_subscription"]
    before = totals(bank, *asked, "--target", "days_since > -1")["redemption"]
    assert (before["count"], before["value"]) == (847, known["redemption_previously_contacted"])
    for field, name in (("channel", "contact"), ("job", "job")):
        rows = json.loads(bank.ok("report", *asked, "--by", field, "-o", "json"), parse_float=Decimal)["groups"]
        told = {row["group"]: {"contacted": row["reached"], "subscribed": row["responses"], "rate": row["redemption"]}
                for row in rows}  # fmt: skip
        assert told == known[f"redemption_by_{name}"]
