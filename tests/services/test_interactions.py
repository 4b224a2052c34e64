from typing import Any

import pytest

from crmcli.errors import RefusedError
from crmcli.services import interactions
from tests.services.world import NOW_STORED, Store


def logged(store: Store, kind: str = "call", *links: tuple[str, int], **values: Any) -> int:
    return interactions.log(store.context(), kind, values, links).saved[0].id


def links(store: Store, interaction: int) -> list[tuple[str, int, int]]:
    sql = "SELECT entity, record_id, is_main FROM activity_link WHERE activity_id = ? ORDER BY position"
    return [(row["entity"], row["record_id"], row["is_main"]) for row in store.rows(sql, interaction)]


@pytest.mark.parametrize(
    ("kind", "direction"), [("call", "out"), ("email", "out"), ("meeting", "out"), ("note", None), ("visit", None)]
)
def test_what_is_filled_in(store: Store, kind: str, direction: str | None) -> None:
    row = store.row("interaction", logged(store, kind, subject="Offer"))
    assert (row["direction"], row["occurred_at"], row["user_id"]) == (direction, NOW_STORED, store.user())


def test_what_is_given_stays(store: Store) -> None:
    when = "2026-03-01T09:00:00Z"
    row = store.row("interaction", logged(store, "email", direction="in", occurred_at=when, user=None))
    assert (row["direction"], row["occurred_at"], row["user_id"]) == ("in", when, None)


def test_nothing_happened_in_the_future(store: Store) -> None:
    logged(store, occurred_at="2026-03-18T11:05:00Z")
    with pytest.raises(RefusedError, match="2026-03-18 12:05:01 is in the future"):
        logged(store, occurred_at="2026-03-18T11:05:01Z")
    with pytest.raises(RefusedError, match="'telepathy' is not one of call"):
        logged(store, "telepathy")


def test_a_message_is_kept_once(store: Store) -> None:
    first = logged(store, "email", account="anna@example.com", message_id="<1@example.com>")
    with pytest.raises(RefusedError, match=f"A{first} is this message already"):
        logged(store, "email", account="anna@example.com", message_id="<1@example.com>")
    logged(store, "email", account="bruno@example.com", message_id="<1@example.com>")
    store.edit("interaction", first, subject="Hello")


def test_the_first_link_is_the_main_one_and_nothing_else_is_linked(store: Store) -> None:
    organization = store.add("organization", name="Acme")
    contact = store.add("contact", last_name="Rossi", organization=organization)
    both = logged(store, "call", ("contact", contact), ("organization", organization), ("contact", contact))
    assert links(store, both) == [("contact", contact, 1), ("organization", organization, 0)]
    assert links(store, logged(store, "call", ("contact", contact))) == [("contact", contact, 1)]
    assert links(store, logged(store, "note")) == []


def test_another_main_link(store: Store) -> None:
    one, two, three = (store.add("contact", last_name=name) for name in ("Rossi", "Bianchi", "Verdi"))
    call = logged(store, "call", ("contact", one))
    store.edit("interaction", call, {"+links": [{"entity": "contact", "record_id": two}]})
    assert links(store, call) == [("contact", one, 1), ("contact", two, 0)]
    store.edit("interaction", call, {"+links": [{"entity": "contact", "record_id": three, "is_main": 1}]})
    assert links(store, call) == [("contact", one, 0), ("contact", two, 0), ("contact", three, 1)]
    store.edit("interaction", call, {"+links": [{"entity": "contact", "record_id": two, "is_main": 1}]})
    assert links(store, call) == [("contact", one, 0), ("contact", two, 1), ("contact", three, 0)]
    store.edit("interaction", call, {"links": [{"entity": "contact", "record_id": three}]})
    assert links(store, call) == [("contact", three, 1)]


def test_only_what_is_there_is_linked(store: Store) -> None:
    with pytest.raises(RefusedError, match="links: there is no deal D7"):
        logged(store, "call", ("deal", 7))
    with pytest.raises(RefusedError, match="'task' is not one of lead, organization, contact, deal, ticket"):
        logged(store, "call", ("task", 1))
    assert store.count("interaction") == 0


def test_undo_restores_everything(store: Store) -> None:
    contact = store.add("contact", last_name="Rossi")
    call = logged(store, "call", subject="Offer")
    before = store.export()
    results = [
        store.edit("interaction", call, {"+links": [{"entity": "contact", "record_id": contact}], "+tags": ["hot"]}),
        interactions.log(store.context(), "note", {"body": "Likes it"}, [("contact", contact)]),
    ]
    for result in reversed(results):
        store.undo(result)
    assert store.export() == before
