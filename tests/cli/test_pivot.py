"""``crm pivot``: every format, hostile values, drilling down, and the exit codes."""

import csv
import io
import json
import re
from decimal import Decimal

import pytest

from crmcli.output.formats import FORMATS
from crmcli.services import deals
from tests.cli.test_report import add_deal, store
from tests.cli.workspace import Workspace
from tests.services.world import Store
from tests.unit.output.hostile import FORBIDDEN, HOSTILE

__all__ = ["store"]

PIVOT = ("pivot", "deal", "--rows", "outcome", "--cols", "source")


@pytest.fixture
def sold(store: Store) -> Store:
    """Two deals won, one of them without a source, and an open one."""
    deals.win(store.context(), [add_deal(store, "Fair", "300.00", source="website")])
    deals.win(store.context(), [add_deal(store, "Boat", "100.50")])
    add_deal(store, "Shop", "1000.00", source="referral")
    return store


@pytest.mark.usefixtures("sold")
def test_the_document_holds_the_grid_and_its_totals(workspace: Workspace) -> None:
    document = json.loads(workspace.ok(*PIVOT, "--measure", "amount", "-o", "json"), parse_float=Decimal)
    assert document == {
        "period": {"from": None, "to": None, "label": "all"}, "currency": "EUR", "noun": "deal", "where": None,
        "rows": ["outcome"], "cols": "source", "measure": "sum amount", "share": None, "unit": "money",
        "columns": [{"label": "website"}, {"label": "referral"}, {"label": None}],
        "groups": [
            {"row": [{"label": "open"}], "cells": [0, Decimal("1000.00"), 0], "total": Decimal("1000.00")},
            {"row": [{"label": "won"}], "cells": [Decimal("300.00"), 0, Decimal("100.50")],
             "total": Decimal("400.50")},
        ],
        "totals": [Decimal("300.00"), Decimal("1000.00"), Decimal("100.50")], "total": Decimal("1400.50"),
        "count": 3, "unconverted": [],
    }  # fmt: skip


@pytest.mark.usefixtures("sold")
def test_the_total_stands_in_one_place_whatever_the_columns(workspace: Workspace) -> None:
    rows = list(csv.reader(io.StringIO(workspace.ok(*PIVOT, "-o", "csv"))))
    assert rows == [
        ["outcome", "total", "website", "referral", "(none)"],
        ["open", "1", "0", "1", "0"],
        ["won", "2", "1", "0", "1"],
        ["Total", "3", "1", "1", "1"],
    ]


@pytest.mark.usefixtures("sold")
def test_a_cell_leads_to_its_records(workspace: Workspace) -> None:
    assert workspace.ok(*PIVOT, "--drill", "won,(none)", "-o", "ids") == "D2"
    assert workspace.ok(*PIVOT, "--drill", "Total,website", "-o", "ids") == "D1"
    assert workspace.ok(*PIVOT, "--drill", "Total", "-o", "ids").split() == ["D1", "D2", "D3"]
    assert "did you mean" in workspace.refused(2, *PIVOT, "--drill", "wonn,website")


@pytest.mark.usefixtures("sold")
def test_nothing_to_show_is_no_failure_unless_asked(workspace: Workspace) -> None:
    nothing = (*PIVOT, "--where", "amount > 1m")
    assert workspace.json(*nothing)["total"] == 0
    assert workspace.crm(*nothing, "--exit-code").code == 1
    assert workspace.crm(*PIVOT, "--exit-code").code == 0
    assert workspace.crm(*PIVOT, "--drill", "open,website", "--exit-code").code == 1


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "ids"])
def test_hostile_values_are_harmless_at_the_head_of_rows_and_columns(
    workspace: Workspace, store: Store, form: str
) -> None:
    for text in HOSTILE:
        if kept := text.encode("utf-8", "ignore").decode().replace("\0", "").strip():
            add_deal(store, "Deal", source_detail=kept[:5000])
    for sides in (("--rows", "source_detail"), ("--rows", "outcome", "--cols", "source_detail")):
        out = workspace.ok("pivot", "deal", *sides, "-o", form)
        assert not FORBIDDEN.search(re.sub("[\t\r]", " ", out) if form in ("tsv", "csv") else out)
        if form == "csv":
            assert not [cell for row in csv.reader(io.StringIO(out)) for cell in row if cell.startswith(("=", "@"))]


def test_reports_say_where_the_pivot_is(workspace: Workspace) -> None:
    assert "crm pivot" in workspace.refused(2, "report", "pivot", "--rows", "owner")
