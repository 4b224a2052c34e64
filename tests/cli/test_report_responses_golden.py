"""Who left a telephone company and who answered a bank, against figures that were computed independently.

A contract is a deal won before the month in question, with the services it has as tags; what came of the calls of the
bank stands in fields of its own.
"""

import json
from collections.abc import Mapping
from decimal import Decimal

import pytest

from tests.cli.samples import cells, expected, groups, rows_of, take, totals
from tests.cli.workspace import Workspace
from tests.published import needs_published

_LOST = "lifecycle_phase = dissolution"
_CALLED = {
    "y": "text", "channel": "text", "calls": "int", "pdays": "int", "job": "text", "month": "text", "marital": "text",
    "education": "text", "poutcome": "text", "talk": "int", "often": "text",
}  # fmt: skip
_PROVIDED = {"contract": "text", "payment": "text", "tenure": "int", "charged": "decimal"}
_SERVICES = (
    "PhoneService", "OnlineSecurity", "OnlineBackup", "DeviceProtection", "TechSupport", "StreamingTV",
    "StreamingMovies",
)  # fmt: skip

pytestmark = needs_published


@pytest.fixture
def provider(workspace: Workspace) -> Workspace:
    """The customers of a telephone company: a contract each, and those who left in the phase of dissolution."""
    rows = rows_of("telco-churn", "Telco-Customer-Churn.csv")
    for key, kind in _PROVIDED.items():
        workspace.ok("field", "add", "contact", key, "--type", kind)
    take(
        workspace, "contact", "telco.csv",
        [
            {"Id": row["customerID"], "Name": row["customerID"], "Contract": row["Contract"],
             "Payment": row["PaymentMethod"], "Tenure": row["tenure"], "Charged": row["TotalCharges"],
             "Phase": "dissolution" if row["Churn"] == "Yes" else "commitment"}
            for row in rows
        ],
        ("Id=external_id", "Name=last_name", "Contract=custom.contract", "Payment=custom.payment",
         "Tenure=custom.tenure", "Charged=custom.charged", "Phase=lifecycle_phase"),
    )  # fmt: skip
    take(
        workspace, "deal", "telco.csv",
        [
            {"Id": f"D{row['customerID']}", "Name": "Contract", "Customer": row["customerID"],
             "Since": _months_back(int(row["tenure"])), "Monthly": row["MonthlyCharges"], "Won": "yes",
             "Services": "; ".join(_services(row))}
            for row in rows
        ],
        ("Id=external_id", "Name=name", "Customer=contact.external_id", "Since=closing_date",
         "Monthly=recurring_amount.month", "Won=won", "Services=tags"),
    )  # fmt: skip
    return workspace


def _services(row: Mapping[str, str]) -> list[str]:
    return [name for name in _SERVICES if row[name] == "Yes"] + ["Internet"] * (row["InternetService"] != "No")


def _months_back(months: int) -> str:
    """Return the first day of the month so many months before the one in which the workspace lives, and one more."""
    number = 2026 * 12 + 2 - 1 - months
    return f"{number // 12}-{number % 12 + 1:02d}-01"


def test_churn_of_a_provider(provider: Workspace) -> None:
    """Lost in the month: by customers as the condition says, by recurring value as the phase does, by contract."""
    known = expected("telco-churn")
    asked = ("churn", "--period", "this-month", "--lost", _LOST)
    found = totals(provider, *asked)["churn"]
    assert (found["numerator"], found["denominator"]) == (known["churned"], known["customers"]) == (1869, 7043)
    assert found["value"] == known["churn_rate"]
    assert 1 - found["value"] == known["retention_rate"]
    for by in ("contract", "payment"):
        assert {row["group"]: row["churn"] for row in groups(provider, *asked, "--by", by)} == known[f"churn_by_{by}"]
    revenue = totals(provider, "churn", "--revenue", "--period", "this-month")
    lost = revenue["churn_revenue"]
    assert (lost["numerator"], lost["denominator"]) == (known["mrr_lost"], known["mrr_total"])
    assert (lost["value"], revenue["nrr"]["value"]) == (Decimal("0.305034"), Decimal("0.694966"))


def test_what_the_customers_of_a_provider_have_and_pay(provider: Workspace) -> None:
    known = expected("telco-churn")
    text = provider.ok("report", "penetration", "--cumulative", "--item", "tags", "-o", "json")
    items = json.loads(text, parse_float=Decimal)["items"]
    assert {row["item"]: row["penetration"] for row in items} == known["product_penetration"]
    assert cells(provider, "deal", "outcome", "recurring_amount") == {"won": known["mrr_total"]}
    assert cells(provider, "deal", "outcome", "mean recurring_amount") == {"won": round(known["arpu"], 2)}
    assert sum(cells(provider, "contact", "contract", "charged").values()) == known["total_charges_sum"]
    assert len(provider.json("contact", "list", "--where", "charged is empty")) == known["blank_total_charges"]
    pivot = json.loads(provider.ok("pivot", "contact", "--rows", "contract", "--measure", "mean tenure", "-o", "json"))
    assert round(pivot["total"], 6) == float(known["tenure_months_mean"])


@pytest.fixture
def bank(workspace: Workspace) -> Workspace:
    """The people whom a bank called in a campaign, what came of it in fields of the bank's own."""
    for key, kind in _CALLED.items():
        workspace.ok("field", "add", "contact", key, "--type", kind)
    take(
        workspace, "contact", "bank.csv",
        [
            {"Id": str(number), "Name": f"Person {number}", "y": row["y"], "channel": row["contact"],
             "calls": row["campaign"], "pdays": row["pdays"], "talk": row["duration"],
             "often": str(min(6, int(row["campaign"]))),
             **{key: row[key] for key in ("job", "month", "marital", "education", "poutcome")}}
            for number, row in enumerate(rows_of("bank-campaign", "bank-sample.csv", ";"), start=1)
        ],
        ("Id=external_id", "Name=last_name", *(f"{key}=custom.{key}" for key in _CALLED)),
    )  # fmt: skip
    return workspace


def test_redemption_of_a_campaign(bank: Workspace) -> None:
    """Who responded of all and of those contacted before, by what is known of them, and the contacts that it took."""
    known = expected("bank-campaign")
    asked = ("redemption", "contact", "--responded", "y = yes", "--contacts", "calls")
    found = totals(bank, *asked)
    assert (found["redemption"]["numerator"], found["redemption"]["denominator"]) == (555, 4522)
    assert found["redemption"]["value"] == known["redemption"]
    assert found["contacts_made"]["value"] == known["calls_total"] == 12_208
    assert found["contacts_per_response"]["value"] == known["calls_per_subscription"]
    before = totals(bank, *asked, "--target", "pdays > -1")["redemption"]
    assert (before["count"], before["value"]) == (847, known["redemption_previously_contacted"])
    assert sum(cells(bank, "contact", "y", "talk").values()) == known["talk_seconds_total"]
    for name in ("month", "job", "contact", "poutcome", "marital", "education"):
        rows = groups(bank, *asked, "--by", "channel" if name == "contact" else name)
        told = {row["group"]: {"contacted": row["reached"], "subscribed": row["responses"], "rate": row["redemption"]}
                for row in rows}  # fmt: skip
        assert told == known[f"redemption_by_{name}"]
    often = {row["group"]: row["redemption"] for row in groups(bank, *asked, "--by", "often")}
    assert often == known["redemption_by_contacts"]
