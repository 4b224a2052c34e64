"""Leads until their conversion: status, loss, and what stays fixed afterwards."""

import pytest

from crmcli.errors import RefusedError
from crmcli.services import leads, records
from crmcli.services.conversion import ConvertOptions
from crmcli.services.leads import convert
from tests.services.world import NOW_STORED, Store


def test_needs_to_be_named(store: Store) -> None:
    with pytest.raises(RefusedError, match="needs a name"):
        store.add("lead", city="Rome")


def test_qualify(store: Store) -> None:
    number = store.add("lead", last_name="Rossi")
    leads.qualify(store.context(), number)
    assert store.row("lead", number)["status"] == "qualified"
    assert leads.qualify(store.context(), number).warnings == ("L1 is qualified already",)


def test_lose_and_take_up_again(store: Store) -> None:
    number = store.add("lead", last_name="Rossi")
    leads.lose(store.context(), number, "price", "too dear")
    row = store.row("lead", number)
    assert (row["status"], row["lost_reason"], row["lost_note"]) == ("unqualified", "price", "too dear")
    assert row["lost_at"] == NOW_STORED
    with pytest.raises(RefusedError) as error:
        leads.qualify(store.context(), number)
    assert error.value.hint == "crm lead edit L1 --set status=contacted"
    store.edit("lead", number, status="contacted")
    row = store.row("lead", number)
    assert (row["lost_reason"], row["lost_note"], row["lost_at"]) == (None, None, None)


def test_junk(store: Store) -> None:
    number = store.add("lead", last_name="Spam")
    leads.lose(store.context(), number, "junk")
    assert store.row("lead", number)["status"] == "junk"


@pytest.mark.parametrize(
    ("reason", "field"), [(None, "lost_reason"), ("unknown", "lost_reason"), ("other", "lost_note")]
)
def test_losing_needs_a_reason(store: Store, reason: str | None, field: str) -> None:
    number = store.add("lead", last_name="Rossi")
    with pytest.raises(RefusedError) as error:
        leads.lose(store.context(), number, reason)
    assert error.value.problems[0].field == field


def test_imported_statuses(store: Store) -> None:
    lost = store.add("lead", {"last_name": "A", "status": "unqualified"}, intent="import")
    assert store.row("lead", lost)["lost_reason"] == "unknown"
    converted = store.add("lead", {"last_name": "B", "status": "converted"}, intent="import")
    assert store.row("lead", converted)["status"] == "qualified"


def test_converted_is_set_by_conversion_alone(store: Store) -> None:
    number = store.add("lead", last_name="Rossi")
    with pytest.raises(RefusedError, match="crm lead convert alone"):
        store.edit("lead", number, status="converted")


def test_converted_lead_is_read_only(store: Store) -> None:
    number = store.add("lead", last_name="Rossi")
    convert(store.context(), number, ConvertOptions())
    for values in ({"city": "Rome"}, {"status": "new"}, {"emails": ["a@example.com"]}):
        with pytest.raises(RefusedError, match="read-only on a converted lead"):
            store.edit("lead", number, values)
    with pytest.raises(RefusedError, match="kept for the figures"):
        records.remove(store.context(), "lead", [number])
    store.edit("lead", number, tags=["vip"])
    assert store.shown("lead", number)["tags"] == ["vip"]


def test_an_unknown_status_is_told_by_name(store: Store) -> None:
    with pytest.raises(RefusedError, match="qualified"):
        store.add("lead", last_name="Rossi", status="qualifed")
