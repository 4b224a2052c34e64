"""Which events a change raises and which fields it touches."""

from typing import Any

import pytest

from crmcli.catalogue import ENTITIES
from crmcli.rules.events import changed_fields, events_of, may_raise, parse_event, summed_up

CREATED, UPDATED = {"created", "saved"}, {"updated", "saved"}


@pytest.mark.parametrize(
    ("entity", "action", "before", "after", "expected"),
    [
        ("lead", "create", {}, {"status": "new"}, CREATED),
        ("lead", "create", {}, {"owner_id": 1, "tags": [{"tag_id": 3}]}, CREATED | {"assigned", "tagged"}),
        ("lead", "update", {"status": "new"}, {"status": "contacted"}, UPDATED | {"status_changed"}),
        ("lead", "update", {"status": "new"}, {"status": "converted"}, UPDATED | {"status_changed", "converted"}),
        ("lead", "update", {"status": "converted"}, {"status": "new"}, UPDATED | {"status_changed", "unconverted"}),
        ("lead", "update", {"owner_id": 1}, {"owner_id": 2}, UPDATED | {"assigned"}),
        ("lead", "update", {"owner_id": 1}, {"owner_id": None}, UPDATED),
        ("lead", "update", {"tags": [{"tag_id": 1}]}, {"tags": [{"tag_id": 2}]}, UPDATED | {"tagged", "untagged"}),
        ("lead", "delete", {"deleted_at": None}, {"deleted_at": "x"}, {"deleted"}),
        ("lead", "restore", {"deleted_at": "x"}, {"deleted_at": None}, {"restored"}),
        ("deal", "create", {}, {"stage_id": 1, "outcome": "open"}, CREATED),
        ("deal", "create", {}, {"stage_id": 1, "outcome": "won"}, CREATED | {"won"}),
        ("deal", "update", {"stage_id": 1}, {"stage_id": 2, "outcome": "lost"}, UPDATED | {"stage_changed", "lost"}),
        ("deal", "update", {"outcome": "lost"}, {"outcome": "open"}, UPDATED | {"reopened"}),
        ("ticket", "update", {"status": "open"}, {"status": "resolved"}, UPDATED | {"status_changed", "resolved"}),
        ("ticket", "update", {"status": "resolved"}, {"status": "closed"}, UPDATED | {"status_changed", "closed"}),
        ("ticket", "update", {"status": "closed"}, {"status": "open"}, UPDATED | {"status_changed", "reopened"}),
        ("interaction", "create", {}, {"kind": "call"}, CREATED | {"logged"}),
        ("contact", "update", {"status": "a"}, {"status": "b"}, UPDATED),
    ],
)  # fmt: skip
def test_events(entity: str, action: str, before: dict[str, Any], after: dict[str, Any], expected: set[str]) -> None:
    assert events_of(entity, action, before, after) == expected
    assert all(may_raise(action, [event]) for event in expected)


def test_a_change_of_several_steps() -> None:
    assert summed_up(["create", "update"]) == "create"
    assert summed_up(["update", "delete"]) == "delete"
    assert summed_up(["update", "update"]) == "update"


def test_fields_are_named_as_in_conditions() -> None:
    before = {"amount_minor": 1, "custom": '{"a":1,"b":2}', "version": 1, "updated_at": "x", "tags": []}
    after = {"amount_minor": 2, "custom": '{"a":1,"c":2}', "version": 2, "updated_at": "y", "stage_id": 4}
    assert changed_fields(ENTITIES["deal"], before, after) == {"amount", "custom.b", "custom.c", "stage"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("org.updated", ("organization", "updated")),
        ("organization.updated", ("organization", "updated")),
        ("log.logged", ("interaction", "logged")),
    ],
)
def test_nouns_and_names_are_known(text: str, expected: tuple[str, str]) -> None:
    assert parse_event(text) == expected
