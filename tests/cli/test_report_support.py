"""The counts of a real list of support requests, imported as a user does, against those computed independently.

The sample lies beside the checkout and is not part of it; without it these tests are skipped.
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.cli.workspace import Workspace
from tests.published import PUBLISHED, needs_published

FOLDER = PUBLISHED / "support-requests"
COLUMNS = {
    "CUSTOMER_EMAIL": "contact.email", "CUSTOMER_NAME": "contact.name", "REQUEST": "description",
    "SERVICE_TYPE": "category", "CONTACT_PREFERENCE": "custom.preference",
}  # fmt: skip

pytestmark = needs_published


@pytest.fixture
def expected() -> dict[str, Any]:
    """The independently computed figures, by name."""
    figures = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))["figures"]
    return {name: figure["value"] for name, figure in figures.items()}


def take(workspace: Workspace, columns: Mapping[str, str]) -> str:
    """Import the requests and return what was said about it."""
    workspace.ok("field", "add", "ticket", "preference")
    maps = [word for column, field in columns.items() for word in ("--map", f"{column}={field}")]
    done = workspace.crm("import", "ticket", str(FOLDER / "support_tickets.csv"), "--create", *maps)
    assert done.code == 0, done.err
    return done.err


def counts(workspace: Workspace, by: str) -> dict[str, int]:
    rows = workspace.json("report", "tickets", "--period", "all", "--by", by)["groups"]
    return {row["group"]: row["opened"] for row in rows}


def test_the_rows_by_service_and_preference(workspace: Workspace, expected: dict[str, Any]) -> None:
    take(workspace, {**COLUMNS, "TICKET_ID": "ignore"})
    figures = {entry["key"]: entry["value"] for entry in workspace.json("report", "tickets")["totals"]}
    assert figures == {"tickets_opened": expected["rows"], "tickets_closed": 0, "tickets_open": expected["rows"]}
    assert counts(workspace, "category") == expected["by_service"]
    assert counts(workspace, "custom.preference") == expected["by_contact_preference"]
    assert len(workspace.json("contact", "list")) == expected["distinct_emails"]


def test_an_id_that_comes_twice_is_one_ticket_and_is_told(workspace: Workspace, expected: dict[str, Any]) -> None:
    said = take(workspace, {**COLUMNS, "TICKET_ID": "external_id"})
    repeated = expected["rows"] - expected["distinct_ids"]
    assert f"{repeated} × rows repeat a record with other values: the later row counts" in said
    assert sum(counts(workspace, "category").values()) == expected["distinct_ids"]
    assert counts(workspace, "category") == {"Business Internet": 35, "Cellular": 112, "Home Internet": 1}
    assert counts(workspace, "custom.preference") == {"Email": 59, "Text Message": 89}
