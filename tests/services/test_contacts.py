"""Where contacts work."""

import pytest

from crmcli.errors import NotFoundError
from crmcli.services import contacts
from tests.services.world import Store


def places(store: Store) -> list[tuple[str, str | None, bool, bool]]:
    rows = store.shown("contact", 1)["organizations"]
    return [(row["organization"], row["role"], row["is_primary"], row["is_active"]) for row in rows]


@pytest.fixture
def anna(store: Store) -> int:
    for name in ("Acme", "Beta"):
        store.add("organization", name=name)
    return store.add("contact", first_name="Anna")


def test_first_place_is_the_primary_one(store: Store, anna: int) -> None:
    contacts.employ(store.context(), anna, 1, "CTO")
    contacts.employ(store.context(), anna, 2, "Adviser")
    assert places(store) == [("Acme", "CTO", True, True), ("Beta", "Adviser", False, True)]
    contacts.employ(store.context(), anna, 2, primary=True)
    assert places(store) == [("Acme", "CTO", False, True), ("Beta", "Adviser", True, True)]


def test_an_ended_place_stays_as_history(store: Store, anna: int) -> None:
    contacts.employ(store.context(), anna, 1, "CTO")
    before = store.export()
    result = contacts.leave(store.context(), anna, 1)
    assert places(store) == [("Acme", "CTO", False, False)]
    assert store.shown("contact", anna)["organization"] is None
    store.undo(result)
    assert store.export() == before
    contacts.leave(store.context(), anna, 1)
    contacts.employ(store.context(), anna, 1)
    assert places(store) == [("Acme", "CTO", True, True)]


def test_only_a_place_that_is_there_can_be_left(store: Store, anna: int) -> None:
    with pytest.raises(NotFoundError):
        contacts.leave(store.context(), anna, 2)
