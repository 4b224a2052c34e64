"""Custom fields, views, users and tags as the services store them, whoever asks: a command, a file or a rule."""

import json
from pathlib import Path

import pytest

from crmcli.errors import DuplicateError, NotFoundError, RefusedError, UsageError
from crmcli.services import records
from crmcli.services.fields import edit_field
from tests.services.files import Desk
from tests.services.world import Store


@pytest.mark.parametrize(
    ("kind", "given", "stored"),
    [("email", "Anna@Example.com", "anna@example.com"), ("phone", "06 12345678", "+390612345678"),
     ("url", " example.com ", "example.com")],
)  # fmt: skip
def test_text_with_a_form_is_stored_in_its_normal_form(store: Store, kind: str, given: str, stored: str) -> None:
    store.add("custom_field", entity="lead", key="extra", type=kind)
    lead = store.add("lead", last_name="Rossi", extra=given)
    assert json.loads(store.row("lead", lead)["custom"]) == {"extra": stored}
    with pytest.raises(RefusedError, match=r"extra: 'no, none' is no"):
        store.edit("lead", lead, extra="no, none")


@pytest.mark.parametrize(("entity", "key"), [("user", "timezone"), ("contact", "timezone")])
def test_a_time_zone_is_one_of_the_iana_database(store: Store, entity: str, key: str) -> None:
    record = store.add(entity, {key: "Asia/Tokyo"}, **({"handle": "bob"} if entity == "user" else {"last_name": "B"}))
    assert store.row(entity, record)[key] == "Asia/Tokyo"
    with pytest.raises(RefusedError, match="no time zone 'Mars/Phobos'"):
        store.edit(entity, record, {key: "Mars/Phobos"})


def test_a_view_is_grouped_by_a_field_of_its_records(store: Store) -> None:
    store.add("view", name="By owner", entity="deal", group_by="owner")
    with pytest.raises(UsageError) as unknown:
        store.add("view", name="By onwer", entity="deal", group_by="onwer")
    assert unknown.value.hint == "did you mean owner?"


def test_what_exists_under_a_name_is_a_conflict(store: Store) -> None:
    store.add("view", name="Hot", entity="lead")
    store.add("custom_field", entity="lead", key="extra")
    for entity, values in (
        ("view", {"key": "hot", "entity": "deal"}),
        ("custom_field", {"entity": "lead", "key": "extra"}),
        ("custom_field", {"entity": "lead", "key": "rating"}),
        ("user", {"handle": "Anna"}),
        ("pipeline", {"name": "Sales"}),
        ("stage", {"name": "Potential", "pipeline": 1, "position": 99}),
    ):
        with pytest.raises(DuplicateError, match="already") as taken:
            store.add(entity, values)
        assert (taken.value.exit_code, bool(taken.value.hint)) == (5, True)


def test_taking_off_a_tag_that_there_is_not_creates_none(store: Store) -> None:
    lead = store.add("lead", last_name="Rossi", tags=["vip"])
    store.edit("lead", lead, {"-tags": ["vpi", "vip"]})
    assert store.shown("lead", lead)["tags"] == []
    assert [row["name"] for row in store.rows("SELECT name FROM tag")] == ["vip"]


@pytest.mark.parametrize("name", ["a,b", "a\tb", "bell\a"])
def test_a_tag_can_be_typed_in_a_list(store: Store, name: str) -> None:
    with pytest.raises(RefusedError, match=r"tags: .* holds a c"):
        store.add("lead", last_name="Rossi", tags=[name])


def test_an_address_to_be_taken_away_is_there(store: Store) -> None:
    ids = [store.add("lead", last_name=name, emails=[f"{name}@example.com"]) for name in ("anna", "bruno")]
    records.edit(store.context(), "lead", ids, {"-emails": ["anna@example.com"]})
    assert [store.shown("lead", number)["emails"] for number in ids] == [[], ["bruno@example.com"]]
    with pytest.raises(NotFoundError) as absent:
        records.edit(store.context(), "lead", ids, {"-emails": ["anna@example.com"], "city": "Rome"})
    assert absent.value.hint == "there is bruno@example.com"
    assert store.shown("lead", ids[0])["city"] is None


def test_a_renamed_option_takes_its_records_along(store: Store) -> None:
    field = store.add("custom_field", entity="lead", key="size", type="enum", options=["S", "M"])
    leads = [store.add("lead", last_name="Rossi", size=size) for size in ("S", "m", "S")]
    before = store.export()
    result = edit_field(store.context(), field, {}, {"S": "small"})
    sizes = [json.loads(store.row("lead", number)["custom"])["size"] for number in leads]
    assert sizes == ["small", "M", "small"]
    store.undo(result)
    assert store.export() == before


def test_users_of_a_file_get_handles_that_can_be_typed(store: Store, tmp_path: Path) -> None:
    desk = Desk(store, tmp_path)
    rows = [{"Name": f"Person {n}", "Owner": owner} for n, owner in enumerate(["me@example.com", "12@example.com"])]
    desk.take("lead", rows, terms={"create": True})
    assert {row["handle"] for row in store.rows("SELECT handle FROM app_user")} >= {"user-me", "user-12"}
