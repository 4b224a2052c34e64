import json
from decimal import Decimal
from typing import Any

import pytest

from crmcli.catalogue import ENTITIES
from crmcli.queries.exports import ORDER, export_all, export_entity
from crmcli.queries.history import history_of, operations, redo_stack, undo_stack, unfold
from tests.unit.queries.conftest import World


def change(world: World, operation: int, entity: str, record_id: int, before: Any, after: Any, action: str) -> None:
    images = (json.dumps(image, sort_keys=True) if image else None for image in (before, after))
    keys = ("before", "after")
    world.insert("change", operation_id=operation, seq=1, entity=entity, record_id=record_id, action=action,
                 cause="user", **dict(zip(keys, images, strict=True)))  # fmt: skip


def test_changes_unfold_into_fields_with_presented_values(world: World) -> None:
    stages = world.pipeline()
    anna = world.add("user", handle="anna")
    vip = world.tag("vip")
    deal = world.add("deal", name="Offer", pipeline_id=1, stage_id=stages["potential"])
    world.add("custom_field", entity="deal", key="margin", label="Margin", type="money")
    first = world.operation(actor_id=anna, command="crm deal add Offer")
    change(world, first, "deal", deal, None, {"id": 1, "uid": "x", "name": "Offer", "currency": "EUR"}, "create")
    second = world.operation(kind="import", actor_kind="import", command="crm import deal", reason="fair")
    before: dict[str, Any] = {
        "amount_minor": None,
        "stage_id": stages["potential"],
        "tags": [],
        "custom": None,
        "updated_at": "a",
    }
    after = {"amount_minor": 1050, "stage_id": stages["won"], "tags": [{"tag_id": vip}], "custom": '{"margin": 5}',
             "updated_at": "b"}  # fmt: skip
    change(world, second, "deal", deal, before, after, "update")
    third = world.operation()
    change(world, third, "deal", deal, {"updated_at": "b"}, {"updated_at": "c"}, "update")
    told = history_of(world.con, ENTITIES["deal"], deal)
    assert [(row.operation, row.key, row.old, row.new) for row in told] == [
        (third, "", None, None),
        (second, "stage", "Potential", "Won"),
        (second, "amount", None, Decimal("10.50")),
        (second, "tags", [], ["vip"]),
        (second, "custom.margin", None, Decimal("0.05")),
        (first, "name", None, "Offer"),
        (first, "currency", None, "EUR"),
    ]
    assert (told[2].who, told[2].reason, told[2].currency, told[2].label) == ("import", "fair", "EUR", "Amount")
    assert (told[-1].who, told[-1].action, told[-1].command) == ("anna", "create", "crm deal add Offer")


@pytest.mark.parametrize(
    ("rows", "undoable", "redoable"),
    [
        ([("write", None), ("import", None)], [2, 1], []),
        ([("setup", None), ("write", None)], [2], []),
        ([("write", None), ("write", None), ("undo", 2)], [1], [3]),
        ([("write", None), ("undo", 1), ("redo", 2)], [1], []),
        ([("write", None), ("undo", 1), ("redo", 2), ("undo", 1)], [], [4]),
        ([("write", None), ("undo", 1), ("redo", 2), ("undo", 3)], [], [4, 2]),
        ([("write", None), ("undo", 1), ("write", None)], [3], [2]),
        ([("merge", None), ("convert", None), ("restore", None), ("undo", 3), ("undo", 2)], [1], [5, 4]),
    ],
)
def test_what_can_be_undone_and_redone(
    world: World, rows: list[tuple[str, int | None]], undoable: list[int], redoable: list[int]
) -> None:
    for kind, of in rows:
        world.operation(kind, undo_of_id=of)
    assert [row["id"] for row in undo_stack(world.con)] == undoable
    assert [row["id"] for row in redo_stack(world.con)] == redoable
    assert [row["id"] for row in operations(world.con, 1)] == [len(rows)]


def test_exports_hold_everything_but_versions_in_one_order(world: World) -> None:
    assert sorted(ORDER) == sorted(ENTITIES)
    for number in range(501):
        world.add("contact", last_name=f"N{number}", emails=[f"n{number}@example.com"], tags=["vip"])
    world.con.execute("UPDATE contact SET deleted_at = created_at WHERE id = 2")
    contacts = list(export_entity(world.con, ENTITIES["contact"]))
    assert [record["id"] for record in contacts] == list(range(1, 502))
    assert contacts[1]["deleted_at"]
    assert contacts[500]["emails"][0]["value"] == "n500@example.com"
    assert contacts[0]["tags"] == [{"tag_id": 1}]
    assert "version" not in contacts[0]
    before = list(export_all(world.con))
    world.con.execute("UPDATE contact SET version = version + 1")
    assert list(export_all(world.con)) == before
    assert [name for name, _ in before[:2]] == ["tag", "contact"]


def test_two_images_unfold_like_a_change_of_the_journal(world: World) -> None:
    world.add("organization", name="Acme", currency="JPY")
    images: tuple[dict[str, Any], dict[str, Any]] = ({"annual_revenue_minor": 5}, {"annual_revenue_minor": None})
    (told,) = unfold(world.con, ENTITIES["organization"], 1, *images)
    assert (told.key, told.old, told.new, told.currency) == ("annual_revenue", Decimal(5), None, "JPY")
    (silent,) = unfold(world.con, ENTITIES["organization"], 1, {"version": 1}, {"version": 2})
    assert silent.key == ""
