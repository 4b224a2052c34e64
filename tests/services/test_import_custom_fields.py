"""Custom fields that a file brings: made where that is wanted, else left out, and filled once they are there."""

from pathlib import Path

import pytest

from tests.services.files import Desk
from tests.services.world import Store

ROW = {"Record ID": "1", "First Name": "Anna", "Last Name": "Rossi", "Email": "anna@example.com",
       "Lifecycle Stage": "lead", "Lead Status": "Connected"}  # fmt: skip


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return Desk(store, tmp_path)


def test_custom_fields_of_a_preset_are_made_or_left_out(desk: Desk) -> None:
    receipt = desk.take("contact", [ROW])
    assert any("lead_status" in warning for warning in receipt.warnings)
    desk.take("contact", [ROW | {"Record ID": "2", "Email": ""}], terms={"create": True})
    assert desk.store.shown("contact", 2)["custom"] == {"lead_status": "Connected"}


@pytest.mark.parametrize("ids", [["1", "2"], ["", ""]], ids=["with ids", "known by their rows alone"])
def test_what_was_left_out_for_want_of_fields_comes_once_they_are_here(desk: Desk, ids: list[str]) -> None:
    rows = [
        {"Contact ID": number, "First Name": name, "Lifecycle Stage": "lead", "Lead Status": "New"}
        for number, name in zip(ids, ("Anna", "Bruno"), strict=True)
    ]
    told = []
    for terms in ({}, {}, {"create": True}, {"create": True}, {}):
        receipt = desk.take("contact", rows, terms=terms)
        told.append((receipt.created, receipt.updated, receipt.unchanged))
    assert told == [(2, 0, 0), (0, 0, 2), (0, 2, 0), (0, 0, 2), (0, 0, 2)]
    assert [desk.store.shown("contact", number)["custom"] for number in (1, 2)] == [{"lead_status": "New"}] * 2
