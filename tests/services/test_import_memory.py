"""What an import keeps in mind while it reads a file."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from crmcli.services.imports.memory import Ids, Met
from tests.services.files import Desk, figures
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
