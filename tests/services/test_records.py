"""The verbs of every record: one step each, whatever the number of records."""

import pytest

from crmcli.errors import ConflictError, RefusedError, UsageError
from crmcli.services import records
from tests.services.world import Store


def test_add_edit_remove_restore(store: Store) -> None:
    added = records.add(store.context(), "organization", {"name": "Acme", "tags": ["vip"]})
    assert added.titles == {"O1": "Acme"}
    edited = records.edit(store.context(), "organization", [1], {"city": "Rome", "+tags": ["it"]})
    assert store.shown("organization", 1)["tags"] == ["vip", "it"]
    removed = records.remove(store.context(), "organization", [1])
    assert store.count("organization") == 0
    records.restore(store.context(), "organization", [1])
    assert (store.count("organization"), store.shown("organization", 1)["city"]) == (1, "Rome")
    assert len({result.operation_id for result in (added, edited, removed)}) == 3


def test_many_are_one_step(store: Store) -> None:
    ids = [store.add("organization", name=f"Org {number}") for number in range(3)]
    before = store.export()
    result = records.edit(store.context(), "organization", [*ids, ids[0]], {"industry": "steel"})
    assert result.counts == {"update": 3}
    store.undo(result)
    assert store.export() == before


def test_a_refused_one_stops_all(store: Store) -> None:
    ids = [store.add("contact", first_name=name) for name in ("Ann", "Bob")]
    store.edit("contact", ids[0], last_name="Lee")
    with pytest.raises(RefusedError):
        records.edit(store.context(), "contact", ids, {"first_name": None})
    assert store.row("contact", ids[0])["first_name"] == "Ann"


def test_a_version_read_before_is_a_conflict(store: Store) -> None:
    number = store.add("organization", name="Acme")
    store.edit("organization", number, city="Rome")
    with pytest.raises(ConflictError):
        records.edit(store.context(), "organization", [number], {"city": "Bari"}, version=1)


def test_mass_removal_needs_to_be_meant(store: Store) -> None:
    ids = [store.add("tag", name=f"tag {number}") for number in range(3)]
    with pytest.raises(UsageError) as error:
        records.remove(store.context(most=2), "tag", ids)
    assert (error.value.hint, error.value.exit_code) == ("--max 3 allows it", 2)
    assert store.count("tag") == 3
    records.remove(store.context(most=3), "tag", ids)


def test_open_deals_go_with_their_organization_only_when_told(store: Store) -> None:
    number = store.add("organization", name="Acme")
    store.add("deal", name="X", organization=number)
    before = store.export()
    with pytest.raises(RefusedError, match="1 open deal"):
        records.remove(store.context(), "organization", [number])
    result = records.remove(store.context(), "organization", [number], cascade=True)
    assert (store.count("deal"), store.count("organization")) == (0, 0)
    store.undo(result)
    assert store.export() == before
