"""Undo and redo: exact, refused over later changes, and forced when asked."""

import pytest

from crmcli.errors import ConflictError
from crmcli.services.results import Result, Wanted
from crmcli.services.undo import take_back
from crmcli.services.writer import write
from tests.services.world import Store


def redo(store: Store, undone: Result) -> Result:
    assert undone.operation_id is not None
    return take_back(store.context(kind="redo"), undone.operation_id)


def test_a_creation_goes_and_comes_back_with_its_number(store: Store) -> None:
    before = store.export()
    made = write(
        store.context(),
        lambda writer: writer.create(
            "contact", {"full_name": "Anna Rossi", "emails": ["a@example.com"], "tags": ["vip"]}
        ),
    )
    after = store.export()
    undone = store.undo(made)
    assert store.export() == before
    redo(store, undone)
    assert store.export() == after


def test_an_edit_goes_back_value_for_value(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    number = store.add("contact", full_name="Anna Rossi", emails=["a@example.com"], tags=["x", "y"])
    before = store.export()
    monkeypatch.setenv("CRMCLI_NOW", "2026-03-19T12:00:00Z")
    edited = store.edit("contact", number, job_title="CTO", emails=["b@example.com"], tags=["y", "z"])
    store.undo(edited)
    assert store.export() == before
    assert store.row("contact", number)["version"] == 3, "a reader of version 2 must notice"


def test_a_deletion_is_taken_back(store: Store) -> None:
    number = store.add("contact", full_name="Anna Rossi")
    before = store.export()
    gone = write(store.context(), lambda writer: writer.delete("contact", number))
    assert store.count("contact") == 0
    store.undo(gone)
    assert store.export() == before


def test_a_later_change_of_the_same_field_is_a_conflict(store: Store) -> None:
    number = store.add("organization", name="Acme", industry="Tools")
    edited = store.edit("organization", number, industry="Toys")
    store.edit("organization", number, industry="Trains")
    with pytest.raises(ConflictError, match="Industry is now 'Trains', not 'Toys'"):
        store.undo(edited)
    assert store.row("organization", number)["industry"] == "Trains"
    assert edited.operation_id is not None
    take_back(store.context(kind="undo"), edited.operation_id, force=True)
    assert store.row("organization", number)["industry"] == "Tools"


def test_a_later_change_of_another_field_stays(store: Store) -> None:
    number = store.add("organization", name="Acme", industry="Tools")
    edited = store.edit("organization", number, industry="Toys")
    store.edit("organization", number, website="https://acme.example")
    store.undo(edited)
    shown = store.shown("organization", number)
    assert (shown["industry"], shown["website"]) == ("Tools", "https://acme.example")


def test_a_record_that_others_belong_to_does_not_go(store: Store) -> None:
    made = write(store.context(), lambda writer: writer.create("organization", {"name": "Acme"}))
    store.add("contact", full_name="Anna Rossi", organization=1)
    with pytest.raises(ConflictError, match="O1 cannot go: C1 Anna Rossi belongs to it"):
        store.undo(made)
    assert store.count("organization") == 1


def test_what_has_no_number_is_called_by_its_name_where_it_cannot_go(store: Store) -> None:
    made = write(store.context(), lambda writer: writer.create("contact", {"full_name": "Anna", "tags": ["x", "vip"]}))
    store.add("contact", full_name="Bo", tags=["vip"])
    with pytest.raises(ConflictError, match="tag vip cannot go: C2 Bo belongs to it"):
        store.undo(made)
    store.edit("tag", 1, name="y")
    with pytest.raises(ConflictError, match="tag y Name is now 'y', not 'x'"):
        store.undo(made)


def test_many_records_of_one_step_go_together(store: Store) -> None:
    before = store.export()
    made = write(
        store.context(),
        lambda writer: [
            writer.save_many(
                "contact", [Wanted({"last_name": f"P{n}", "phones": [f"+3902{1000000 + n}"]}) for n in range(2500)]
            ),
            writer.update("contact", 7, {"job_title": "CEO"}),
            writer.update("contact", 7, {"job_title": "CTO"}),
        ],
    )
    assert store.count("contact") == 2500
    undone = store.undo(made)
    assert (store.export(), undone.counts["remove"]) == (before, 2500)


def test_undo_appends_to_the_state_log(store: Store) -> None:
    number = store.add("contact", first_name="Anna", lifecycle_stage="lead")
    edited = store.edit("contact", number, lifecycle_stage="customer")
    store.undo(edited)
    states = store.states("contact", number, "lifecycle_stage")
    assert [(row["to_value"], row["cause"], row["left_at"] is None) for row in states] == [
        ("lead", "user", False), ("customer", "user", False), ("lead", "undo", True),
    ]  # fmt: skip


def test_search_follows(store: Store) -> None:
    def found() -> int:
        return len(store.rows("SELECT rowid FROM search_index WHERE search_index MATCH '\"zyx\"'"))

    made = write(store.context(), lambda writer: writer.create("contact", {"last_name": "Zyx"}))
    assert found() == 1
    store.edit("contact", 1, job_title="CTO")
    assert found() == 1
    with pytest.raises(ConflictError):
        store.undo(made)
    write(store.context(), lambda writer: writer.delete("contact", 1))
    assert found() == 0
