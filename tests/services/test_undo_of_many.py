"""The undo of a write that made many records: they go by column, and those that changed since are looked at."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from crmcli.catalogue import ENTITIES
from crmcli.errors import ConflictError
from crmcli.queries.history import redo_stack
from crmcli.services import images
from crmcli.services.referrers import find_referrer
from crmcli.services.results import Result, Wanted
from crmcli.services.undo import take_back, take_back_all
from crmcli.services.writer import Writer, write
from crmcli.store.reader import open_reader
from tests.services.world import NOW_STORED, Store

MANY = 1100  # more than a batch, and so many that the search index is written anew where fewer stay


def person(number: int) -> dict[str, Any]:
    """Return what a person is made of: some have several e-mails or tags, some have none."""
    tags: list[str] = [["vip", "news"], ["vip"], []][number % 3]
    return {
        "last_name": f"Going{number}",
        "job_title": ["CEO", None][number % 2],
        "emails": [f"{name}{number}@example.com" for name in "abc"[: number % 4]],
        "phones": [f"+3902{1000000 + number}"],
        "tags": tags,
        "lifecycle_stage": "lead",
    }


def make(store: Store, count: int = MANY, first: int = 0) -> Result:
    """Make people in one step."""
    wanted = list(map(Wanted, map(person, range(first, first + count))))
    return write(store.context(), lambda writer: writer.save_many("contact", wanted))


def found(store: Store, word: str) -> list[int]:
    """Return the rows of the search index that hold a word, which must be sound."""
    with closing(sqlite3.connect(store.path)) as con:
        con.execute("INSERT INTO search_index (search_index) VALUES ('integrity-check')")
    return [row["rowid"] for row in store.rows("SELECT rowid FROM search_index WHERE search_index MATCH ?", word)]


@pytest.mark.parametrize("others", [3, 1400], ids=["more-go-than-stay", "more-stay-than-go"])
def test_what_goes_is_found_no_more_and_what_stays_is(store: Store, others: int) -> None:
    staying = [Wanted({"last_name": f"Staying{number}", "city": "Oslo"}) for number in range(others)]
    write(store.context(), lambda writer: writer.save_many("contact", staying))
    gone = store.add("contact", last_name="Hidden", city="Oslo")
    write(store.context(), lambda writer: writer.delete("contact", gone))
    store.add("task", subject="Call Oslo")
    before, shown = store.export(), found(store, "oslo")
    made = make(store)
    after, all_shown = store.export(), found(store, "going7 OR oslo")
    undone = store.undo(made)
    assert (len(shown), len(all_shown)) == (others + 1, others + 2)
    assert (store.export(), found(store, "oslo"), found(store, "going7")) == (before, shown, [])
    assert undone.operation_id is not None
    take_back(store.context(kind="redo"), undone.operation_id)
    assert (store.export(), found(store, "going7 OR oslo")) == (after, all_shown)


def test_one_of_many_that_was_changed_since_is_told_and_nothing_goes(store: Store) -> None:
    made = make(store)
    store.edit("contact", 700, job_title="CFO")
    with closing(sqlite3.connect(store.path)) as con:
        con.execute("UPDATE contact SET city = 'Roma' WHERE id = 20")  # behind the journal's back
        con.commit()
    before = store.export()
    with pytest.raises(ConflictError, match="C700 Job title is now 'CFO', not ") as told:
        store.undo(made)
    assert len(told.value.details["conflicts"]) == 1, "the others are looked at later"
    assert store.export() == before
    assert made.operation_id is not None
    forced = take_back(store.context(kind="undo"), made.operation_id, force=True)
    assert (store.count("contact"), forced.counts) == (0, {"remove": MANY + 2})
    assert forced.operation_id is not None
    take_back(store.context(kind="redo"), forced.operation_id)
    assert store.export() == before, "with what was changed since"


def test_a_step_of_several_operations_is_one_for_redo_and_tells_how_far_it_is(store: Store) -> None:
    before = store.export()
    first, second = make(store), make(store, 10, MANY)
    after, told = store.export(), list[int]()
    ids = [one.operation_id or 0 for one in (second, first)]
    undone = take_back_all(store.context(kind="undo"), ids, progress=told.append)
    assert (store.export(), undone.counts) == (before, {"remove": MANY + 10 + 2})
    assert told == [10, 1010, MANY + 10 + 2]
    with closing(open_reader(store.path)) as con:
        (step,) = redo_stack(con)
    of = [store.rows("SELECT undo_of_id FROM operation WHERE id = ?", one)[0]["undo_of_id"] for one in step["ids"]]
    assert (step["records"], of) == (MANY + 12, ids[::-1])
    take_back_all(store.context(kind="redo"), step["ids"])
    assert store.export() == after


def test_one_of_many_that_is_gone_is_told(store: Store) -> None:
    made = make(store)
    with closing(sqlite3.connect(store.path)) as con:
        con.execute("DELETE FROM contact WHERE id = 5")
        con.commit()
    with pytest.raises(ConflictError, match="C5 it is gone"):
        store.undo(made)


def test_a_change_that_was_taken_back_since_is_none(store: Store) -> None:
    before = store.export()
    made = make(store)
    store.undo(store.edit("contact", 700, job_title="CFO", tags=["vip"]))
    store.undo(made)
    assert store.export() == before


def test_the_history_keeps_what_went_and_the_log_of_states_when(store: Store) -> None:
    undone = store.undo(make(store))
    rows = store.rows(
        "SELECT record_id, before FROM change WHERE operation_id = ? AND entity = 'contact' ORDER BY seq",
        undone.operation_id,
    )
    texts = store.rows(
        "SELECT after FROM change WHERE entity = 'contact' AND action = 'create' ORDER BY record_id DESC"
    )
    assert [row["record_id"] for row in rows] == list(range(MANY, 0, -1)), "the last one first"
    assert [row["before"] for row in rows] == [row["after"] for row in texts]
    states = store.rows("SELECT DISTINCT to_value, left_at FROM state_log WHERE entity = 'contact'")
    assert states == [{"to_value": "lead", "left_at": NOW_STORED}]


def test_a_record_that_belongs_to_one_of_many_is_told(store: Store) -> None:
    made = make(store)
    store.add("task", subject="Call", links=[{"entity": "contact", "record_id": 900}])
    with pytest.raises(ConflictError, match="contact C900 cannot go: T1 Call belongs to it"):
        store.undo(made)
    with closing(open_reader(store.path)) as con:
        assert find_referrer(con, "contact", range(1, MANY + 1)) == (900, "task", 1)
        assert find_referrer(con, "contact", range(1, 900)) is None
        assert find_referrer(con, "contact", [1, 899, 900]) == (900, "task", 1)


@pytest.mark.parametrize("ids", [[1, 2, 3, 4], [9, 8, 7], [2, 9, 4], [12, 3, 99, 5], [99]], ids=str)
def test_records_by_column_are_the_records_one_by_one(store: Store, ids: list[int]) -> None:
    def work(writer: Writer) -> None:
        writer.save_many("contact", list(map(Wanted, map(person, range(12)))))
        con, kind = writer.unit.raw, ENTITIES["contact"]
        each = images.load(con, kind, ids)
        columns = images.load_columns(con, kind, ids)
        assert images.full_images(columns) == [images.full(each[one]) for one in ids if one in each]

    write(store.context(), work)


def test_every_kind_of_record_is_read_by_column(store: Store) -> None:
    store.add("organization", name="Acme")
    store.add("view", entity="contact", name="hot", condition="rating = hot")
    with closing(open_reader(store.path)) as con:
        for kind in ENTITIES.values():
            each = images.load(con, kind, [1, 2])
            columns = images.load_columns(con, kind, [1, 2])
            assert images.full_images(columns) == list(map(images.full, each.values()))
