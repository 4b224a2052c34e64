"""What the one write path leaves behind is what the read side understands: history, undo stack, checks, exports."""

from contextlib import closing
from decimal import Decimal

from crmcli.catalogue import ENTITIES
from crmcli.queries.checks import broken_invariants
from crmcli.queries.exports import export_all
from crmcli.queries.history import history_of, redo_stack, undo_stack
from crmcli.queries.references import find_reference
from crmcli.queries.search import find
from crmcli.services.undo import take_back
from crmcli.store.reader import open_reader
from tests.services.world import Store


def test_a_written_store_is_sound_and_tells_its_history(store: Store) -> None:
    acme = store.add("organization", name="Acme Srl", annual_revenue=Decimal(1000), emails=["info@example.com"])
    store.edit("organization", acme, annual_revenue=Decimal("1500.50"), tags=["vip"])
    with closing(open_reader(store.path, "Europe/Rome")) as con:
        assert list(broken_invariants(con)) == []
        told = {change.key: (change.old, change.new) for change in history_of(con, ENTITIES["organization"], acme)[:2]}
        assert told == {"annual_revenue": (Decimal("1000.00"), Decimal("1500.50")), "tags": ([], ["vip"])}
        assert find_reference(con, None, "INFO@example.com").id == acme
        assert [hit.id for hit in find(con, "acm")] == [acme]


def test_undo_and_redo_move_operations_between_the_stacks_and_restore_the_export(store: Store) -> None:
    acme = store.add("organization", name="Acme")
    with closing(open_reader(store.path, "Europe/Rome")) as con:
        before = list(export_all(con))
    result = store.edit("organization", acme, name="Acme Due", tags=["vip"])
    store.undo(result)
    with closing(open_reader(store.path, "Europe/Rome")) as con:
        assert list(export_all(con)) == before
        assert result.operation_id not in [row["id"] for row in undo_stack(con)]
        (undone, *_) = redo_stack(con)
        assert list(broken_invariants(con)) == []
    take_back(store.context(kind="redo"), undone["id"])
    with closing(open_reader(store.path, "Europe/Rome")) as con:
        assert undo_stack(con, 1)[0]["id"] == result.operation_id
        assert redo_stack(con) == []
        assert list(broken_invariants(con)) == []


def test_a_creation_that_was_taken_back_leaves_a_sound_store(store: Store) -> None:
    store.add("organization", name="Other")
    created = store.add("organization", name="Acme", emails=["info@example.com"])
    with closing(open_reader(store.path, "Europe/Rome")) as con:
        operation = undo_stack(con, 1)[0]["id"]
    take_back(store.context(kind="undo"), operation)
    with closing(open_reader(store.path, "Europe/Rome")) as con:
        assert list(broken_invariants(con)) == []
        assert history_of(con, ENTITIES["organization"], created)[0].action == "remove"
