"""What an import keeps in mind while it reads a file."""

from pathlib import Path
from typing import Any
from weakref import ref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.services.imports import batches, kept_rows
from crmcli.services.imports.job import FilePart
from crmcli.services.imports.memory import Ids, Met
from crmcli.services.writer import Writer
from crmcli.store.manner import Manner
from crmcli.store.search import MANY
from crmcli.store.unit_of_work import UnitOfWork
from tests.services.files import Desk, figures, refusing
from tests.services.world import Store


@given(st.sets(st.integers(1, 2000)), st.integers(1, 2000))
def test_ids_are_known_once_taken_in(taken: set[int], other: int) -> None:
    ids = Ids()
    for record_id in taken:
        ids.add(record_id)
    assert all(record_id in ids for record_id in taken)
    assert (other in ids) == (other in taken)


@given(st.lists(st.sampled_from([f"{n:032x}"[::-1] for n in range(40)]), max_size=60))
def test_what_was_met_is_known_again(hashes: list[str]) -> None:
    met = Met()
    again = [row_hash for row_hash in hashes if met.again([row_hash])]
    repeated = [row_hash for place, row_hash in enumerate(hashes) if row_hash in hashes[:place]]
    assert set(again) >= set(repeated)
    assert len(again) == len(repeated)  # since these do not share a bit


def test_a_row_that_changes_again_what_this_file_changed_is_counted(store: Store, tmp_path: Path) -> None:
    desk = Desk(store, tmp_path)
    desk.take("contact", [{"Id": str(n), "LastName": "Rossi", "AccountId": ""} for n in range(1, 4)])
    again = [{"Id": "1", "LastName": name, "AccountId": ""} for name in ("Neri", "Verdi")]
    receipt = desk.take("contact", [*again, {"Id": "2", "LastName": "Bianchi", "AccountId": ""}])
    assert figures(receipt) == (0, 3, 0, 0)
    assert receipt.warnings == {"rows repeat a record with other values: the later row counts": 1}


@pytest.mark.parametrize("most", [300, 50_000])
def test_rows_far_apart_that_say_the_same_count_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(kept_rows, "MOST", most)
    desk = Desk(store, tmp_path)
    rows = [{"Name": f"Rossi {number}", "City": "Milano"} for number in range(1100)]
    first = desk.take("contact", rows + rows[:5])
    assert figures(first) == (1100, 0, 5, 0)
    kept = store.rows("SELECT job_id, row_no, record_id, action FROM import_row ORDER BY row_no")
    assert [tuple(row.values()) for row in kept] == [(first.job, n + 1, n, "created") for n in range(1, 1101)]
    again = desk.take(
        "contact", [{"Name": "Ada Neri", "City": "Roma"}, *rows[::-1], {"Name": "Ada Neri", "City": "Roma"}]
    )
    assert figures(again) == (1, 0, 1101, 0)
    assert again.earlier_job == first.job


@pytest.mark.parametrize("most", [300, 50_000])
def test_rows_are_known_again_where_a_rule_refuses_one_beside_them(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(kept_rows, "MOST", most)
    rules = refusing(tmp_path / "rules", "contact.created", "last_name = Neri")
    rows = [{"Name": f"Rossi {number}", "City": "Milano"} for number in range(1100)]
    file = [*rows, *rows[:20], {"Name": "Ada Neri", "City": "Roma"}, *rows[20:40]]
    desk = Desk(store, tmp_path)
    assert figures(desk.take("contact", file, rules=rules, with_rules=True)) == (1100, 0, 40, 1)
    assert len(store.rows("SELECT record_id FROM import_row")) == store.count("contact") == 1100
    assert figures(desk.take("contact", file, rules=rules, with_rules=True)) == (0, 0, 1140, 1)


def test_an_import_in_batches_keeps_nothing_of_the_batches_that_are_in(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: list[ref[Writer]] = []

    class Part(FilePart):
        def __init__(self, writer: Writer, *rest: Any) -> None:
            super().__init__(writer, *rest)
            assert not any(earlier() for earlier in met)
            met.append(ref(writer))

    monkeypatch.setattr(batches, "FilePart", Part)
    rows = [{"Name": f"Rossi {number}", "City": "Milano"} for number in range(45)]
    receipt = Desk(store, tmp_path).take("contact", rows, terms={"batch": 10})
    assert figures(receipt) == (45, 0, 0, 0)
    assert len(met) == 5


def test_rows_are_known_again_from_batch_to_batch_and_from_other_imports(store: Store, tmp_path: Path) -> None:
    desk = Desk(store, tmp_path)
    rows = [{"Name": f"Rossi {number}", "City": "Milano"} for number in range(45)]
    assert figures(desk.take("contact", [*rows[:25], rows[2]], terms={"batch": 10})) == (25, 0, 1, 0)
    assert figures(desk.take("contact", [*rows, *rows[::-1]], terms={"batch": 10})) == (20, 0, 70, 0)
    assert figures(desk.take("contact", rows, terms={"batch": 10})) == (0, 0, 45, 0)


def test_a_bulk_load_that_is_taken_back_in_part_leaves_the_search_index_as_it_was(store: Store) -> None:
    def entries(first: int) -> dict[str, list[object]]:
        return {"id": list(range(first, first + MANY)), "last_name": [f"Rossi {number}" for number in range(MANY)]}

    with UnitOfWork(store.path, Manner("UTC"), "crm test") as unit:
        with unit.part(trial=True):
            unit.index("contact", entries(1))
        unit.index("contact", entries(1))
        with unit.part(trial=True):
            unit.index("contact", entries(1000))
        unit.commit()
    assert store.rows("SELECT v FROM search_index_config WHERE k = 'automerge'") == [{"v": 4}]
    assert len(store.rows("SELECT rowid FROM search_index WHERE search_index MATCH 'rossi'")) == MANY


def test_a_single_record_leaves_the_settings_of_the_search_index_alone(store: Store) -> None:
    store.add("contact", last_name="Rossi")
    assert store.rows("SELECT k FROM search_index_config") == [{"k": "version"}]
