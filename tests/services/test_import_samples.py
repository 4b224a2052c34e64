"""The public sample files go into a store with the counts that are known of them, and a second time change nothing."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from tests.published import PUBLISHED, needs_published
from tests.services.files import Desk, figures
from tests.services.world import Store

pytestmark = needs_published


class Sample(NamedTuple):
    """A file, what its rows are, and the figures of its import: created, unchanged, rejected."""

    file: str
    entity: str
    counts: tuple[int, int, int]
    maps: Mapping[str, str] = MappingProxyType({})
    stages: Mapping[str, str] = MappingProxyType({})


def known(folder: str, figure: str) -> Any:
    """Return a figure of the ``expected.json`` that lies beside a sample."""
    path = PUBLISHED / folder / "expected.json"
    return json.loads(path.read_text(encoding="utf-8"))["figures"][figure]["value"]


SAMPLES = [
    Sample("messy-contacts/accounts_messy.csv", "organization", (18, 2, 0)),
    Sample("messy-contacts/contacts_messy.csv", "contact", (36, 3, 1)),
    Sample("messy-contacts/hubspot_contacts.csv", "contact", (20, 0, 0)),
    Sample("linkedin-connections/Connections.csv", "contact", (10, 0, 0)),
    Sample(
        "datablist-leads/leads-100.csv", "lead", (100, 0, 0), {"Deal Stage": "status", "Account Id": "external_id"},
        dict.fromkeys(("Closed Won", "Negotiation", "Proposal Sent"), "qualified") | {"Closed Lost": "unqualified"},
    ),
    Sample("chinook-purchases/customers.csv", "contact", (59, 0, 0), {"CustomerId": "external_id"}),
    Sample("chinook-purchases/employees.csv", "contact", (8, 0, 0), {"EmployeeId": "external_id"}),
]  # fmt: skip


def taken(desk: Desk, sample: Sample) -> tuple[int, int, int, int]:
    path: Path = PUBLISHED / sample.file
    options = {"maps": sample.maps, "stage_map": sample.stages}
    return figures(desk.take(sample.entity, path, options=options, terms={"create": True}))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.file)
def test_a_sample_goes_in_once(store: Store, tmp_path: Path, sample: Sample) -> None:
    desk, (created, unchanged, rejected) = Desk(store, tmp_path), sample.counts
    assert taken(desk, sample) == (created, 0, unchanged, rejected)
    assert store.count(sample.entity) == created
    before = store.export()
    assert taken(desk, sample) == (0, 0, created + unchanged, rejected)
    assert store.export() == before


@pytest.mark.parametrize(
    ("folder", "figure", "rows"),
    [
        ("messy-contacts", "accounts_rows", sum(SAMPLES[0].counts)),
        ("messy-contacts", "accounts_distinct_domains", SAMPLES[0].counts[0]),
        ("messy-contacts", "contacts_rows", sum(SAMPLES[1].counts)),
        ("messy-contacts", "contacts_distinct_emails", SAMPLES[1].counts[0]),
        ("messy-contacts", "hubspot_rows", sum(SAMPLES[2].counts)),
        ("datablist-leads", "rows", sum(SAMPLES[4].counts)),
        ("datablist-leads", "distinct_accounts", SAMPLES[4].counts[0]),
        ("chinook-purchases", "customers", SAMPLES[5].counts[0]),
    ],
)
def test_the_counts_are_those_of_the_sample(folder: str, figure: str, rows: int) -> None:
    assert known(folder, figure) == rows


def test_the_customers_of_telco_churn(store: Store, tmp_path: Path) -> None:
    """The largest sample; a figure of each customer is kept in a field of the user's own, blanks as nothing."""
    desk = Desk(store, tmp_path)
    store.add("custom_field", entity="contact", key="charges", label="Charges", type="decimal")
    maps = {"customerID": "external_id", "gender": "last_name", "TotalCharges": "custom.charges", "Churn": "tags"}
    sample = Sample("telco-churn/Telco-Customer-Churn.csv", "contact", (7043, 0, 0), maps)
    assert taken(desk, sample) == (known("telco-churn", "customers"), 0, 0, 0)
    charges = "SUM(json_extract(custom, '$.charges')) AS total, SUM(json_extract(custom, '$.charges') IS NULL) AS blank"
    (row,) = store.rows(f"SELECT {charges} FROM contact")
    assert row["blank"] == known("telco-churn", "blank_total_charges")
    assert round(row["total"], 2) == known("telco-churn", "total_charges_sum")
    churned = "SELECT COUNT(*) AS n FROM tagging x JOIN tag t ON t.id = x.tag_id WHERE t.name = 'Yes'"
    assert store.rows(churned)[0]["n"] == known("telco-churn", "churned")
    assert taken(desk, sample) == (0, 0, 7043, 0)
